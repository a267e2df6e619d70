// An image file made ready for a model: decoded by the browser, and fitted as its data are.

import { element } from "../../canvas/dom.js";
import { fitColours, fitInk, inkOf } from "./fit.js";
import { HEAD, MOST_PIXELS, formatOf, refusalOf } from "./image_file.js";

const LOSSY = ["JPEG", "WebP"];
const LONGEST = 1024; // pixels of a side that are looked at

/**
 * The picture {height, width, channels, values} of a file, fitted to `shape`; `digits` as MNIST's.
 * Throws an Error with one sentence for the user where there is none.
 */
export async function readPhoto(file, shape, digits) {
  const head = await file.slice(0, HEAD).arrayBuffer();
  const refusal = refusalOf(head, file.size, file.name);
  if (refusal) throw new Error(refusal);
  const planes = await decode(file);
  const { height, width, channels } = shape;
  if (channels === 3) return { height, width, channels, values: fitColours(planes, shape) };
  const values = fitInk(inkOf(greyOf(planes), LOSSY.includes(formatOf(head))), shape, digits);
  if (!values) throw new Error(`“${file.name}” is of one colour: there is nothing on it to encode.`);
  return { height, width, channels, values };
}

async function decode(file) {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error(`“${file.name}” can't be opened: the file is damaged, or isn't what its name says.`);
  });
  try {
    if (bitmap.width * bitmap.height > MOST_PIXELS) {
      throw new Error(`“${file.name}” has ${bitmap.width} × ${bitmap.height} pixels: an image may have up to ${MOST_PIXELS / 1e6} million.`);
    }
    return planesOf(bitmap);
  } finally {
    bitmap.close();
  }
}

/** Red, green and blue from 0 to 1, of what is transparent as on white paper. */
function planesOf(bitmap) {
  const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((size) => Math.max(1, Math.round(size * scale)));
  const context = element("canvas", { width, height }).getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  return [0, 1, 2].map((c) => (
    { values: Float32Array.from({ length: width * height }, (_, i) => data[4 * i + c] / 255), width, height }));
}

/** Luminance (Rec. 601, as image libraries have it). */
function greyOf([red, green, blue]) {
  const values = red.values.map((r, i) => 0.299 * r + 0.587 * green.values[i] + 0.114 * blue.values[i]);
  return { ...red, values };
}
