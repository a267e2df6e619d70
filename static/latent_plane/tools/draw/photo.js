// An image file made ready for a model: given to the page, checked by its first bytes, decoded by
// the browser, and fitted as the model's data are.

/** @import { Shape } from "../../context.js" */
/** @import { FittedPicture, Grey } from "./drawing.js" */
/**
 * How a format begins, perhaps also has [position, text], and where its size is written.
 * @typedef {object} Format
 * @property {string} begins
 * @property {[number, string]} [also]
 * @property {(view: DataView) => [number, number] | null} size [width, height]
 */

import { contextOf, element } from "../../../shared/dom.js";
import { fitColours, fitInk, inkOf } from "./drawing.js";

export const MOST_BYTES = 20 * 2 ** 20;
export const MOST_PIXELS = 50e6;
const HEAD = 256 * 1024; // bytes that are looked at
const LOSSY = ["JPEG", "WebP"];
const LONGEST = 1024; // pixels of a side that are looked at
const CHOOSE = "choose a PNG, JPEG, GIF, WebP or BMP file.";

/** @type {Record<string, Format>} */ const FORMATS = {
  PNG: { begins: "\x89PNG\r\n\x1a\n", size: (view) => [view.getUint32(16), view.getUint32(20)] },
  GIF: { begins: "GIF8", size: (view) => [view.getUint16(6, true), view.getUint16(8, true)] },
  BMP: { begins: "BM", size: bmpSize },
  JPEG: { begins: "\xff\xd8\xff", size: jpegSize },
  WebP: { begins: "RIFF", also: [8, "WEBP"], size: webpSize },
};

/** Calls `take(file)` for files that are dropped anywhere on the page or pasted into it.
 * @param {(file: File) => void} take @param {AbortSignal} signal */
export function listenForFiles(take, signal) {
  const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
  // Anywhere: a file that misses its target would replace the page.
  document.addEventListener("dragover", (event) => {
    if (hasFiles(event)) event.preventDefault();
  }, { signal });
  document.addEventListener("drop", (event) => {
    if (!hasFiles(event) || event.defaultPrevented) return;
    event.preventDefault();
    const [dropped] = event.dataTransfer?.files ?? [];
    if (dropped) take(dropped);
  }, { signal });
  document.addEventListener("paste", (event) => {
    const [pasted] = event.clipboardData?.files ?? [];
    if (!pasted) return;
    event.preventDefault();
    take(pasted);
  }, { signal });
}

/** The picture of a file, fitted to `shape`; `digits` as MNIST's. Throws an Error with one sentence
 * for the user where there is none.
 * @type {(file: File, shape: Shape, digits: boolean) => Promise<FittedPicture>} */
export async function readPhoto(file, shape, digits) {
  const head = await file.slice(0, HEAD).arrayBuffer();
  const refusal = refusalOf(head, file.size, file.name);
  if (refusal) throw new Error(refusal);
  const planes = await decode(file);
  const { height, width, channels } = shape;
  if (channels === 3) return { height, width, channels, values: fitColours(planes, shape) };
  const lossy = LOSSY.includes(formatOf(head) ?? "");
  const values = fitInk(inkOf(greyOf(planes), lossy), shape, digits);
  if (!values) throw new Error(`“${file.name}” is a single colour; there is nothing to encode.`);
  return { height, width, channels, values };
}

/** Why a file isn't read, in one sentence, or null: `head` holds its first bytes, `bytes` is its
 * size.
 * @type {(head: ArrayBuffer, bytes: number, name: string) => string | null} */
export function refusalOf(head, bytes, name) {
  const called = name ? `“${shorten(name)}”` : "The file";
  if (!bytes) return `${called} is empty: ${CHOOSE}`;
  if (bytes > MOST_BYTES) {
    return `${called} has ${(bytes / 2 ** 20).toFixed(0)} MB: an image may have up to `
      + `${MOST_BYTES / 2 ** 20} MB.`;
  }
  const format = formatOf(head);
  if (!format) return `${called} isn't an image that can be read here: ${CHOOSE}`;
  const size = sizeOf(head, format);
  return size && size[0] * size[1] > MOST_PIXELS ? tooLarge(called, size) : null;
}

/** @type {(called: string, size: [number, number]) => string} */
function tooLarge(called, [width, height]) {
  return `${called} has ${width.toLocaleString("en")} × ${height.toLocaleString("en")} pixels: `
    + `an image may have up to ${MOST_PIXELS / 1e6} million.`;
}

/** "PNG", …; null for anything else. @type {(head: ArrayBuffer) => string | null} */
export function formatOf(head) {
  const bytes = new Uint8Array(head);
  /** @type {(at: number, text: string) => boolean} */
  const has = (at, text) => [...text].every((letter, k) => bytes[at + k] === letter.charCodeAt(0));
  const found = Object.entries(FORMATS).find(([, { begins, also }]) => (
    has(0, begins) && (!also || has(...also))));
  return found?.[0] ?? null;
}

/** [width, height]; null where the first bytes don't say.
 * @type {(head: ArrayBuffer, format: string) => [number, number] | null} */
export function sizeOf(head, format) {
  try {
    return FORMATS[format].size(new DataView(head));
  } catch (error) {
    if (error instanceof RangeError) return null; // the file ends before
    throw error;
  }
}

/** The oldest kind, with a header of 12 bytes, has shorter numbers. @type {Format["size"]} */
function bmpSize(view) {
  if (view.getUint32(14, true) === 12) return [view.getUint16(18, true), view.getUint16(20, true)];
  return [Math.abs(view.getInt32(18, true)), Math.abs(view.getInt32(22, true))];
}

/** Segments follow each other until the one that starts a frame. @type {Format["size"]} */
function jpegSize(view) {
  for (let at = 2; ;) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    const starts = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (starts) return [view.getUint16(at + 7), view.getUint16(at + 5)];
    if (marker === 0xff) at += 1; // filling
    else at += 2 + view.getUint16(at + 2);
  }
}

/** @type {Format["size"]} */
function webpSize(view) {
  /** @type {(at: number) => number} */
  const three = (at) => 1 + view.getUint16(at, true) + (view.getUint8(at + 2) << 16);
  switch (view.getUint32(12)) {
    case 0x56503858: return [three(24), three(27)]; // VP8X
    case 0x56503820: return [view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff];
    case 0x5650384c: { // VP8L
      const bits = view.getUint32(21, true);
      return [1 + (bits & 0x3fff), 1 + ((bits >>> 14) & 0x3fff)];
    }
    default: return null;
  }
}

/** @type {(name: string) => string} */
function shorten(name) { return name.length > 40 ? `${name.slice(0, 37)}…` : name; }

/** @type {(file: File) => Promise<Grey[]>} */
async function decode(file) {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error(`“${file.name}” can't be opened: it is damaged or not what its name says.`);
  });
  try {
    const { width, height } = bitmap;
    if (width * height > MOST_PIXELS) throw new Error(tooLarge(`“${file.name}”`, [width, height]));
    return planesOf(bitmap);
  } finally {
    bitmap.close();
  }
}

/** Red, green and blue from 0 to 1, transparent parts on white.
 * @type {(b: ImageBitmap) => Grey[]} */
function planesOf(bitmap) {
  const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height]
    .map((size) => Math.max(1, Math.round(size * scale)));
  const context = contextOf(element("canvas", { width, height }), { willReadFrequently: true });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const pixels = { length: width * height };
  return [0, 1, 2].map((c) => (
    { values: Float32Array.from(pixels, (_, i) => data[4 * i + c] / 255), width, height }));
}

/** Luminance (Rec. 601, as image libraries have it). @type {(planes: Grey[]) => Grey} */
function greyOf([red, green, blue]) {
  const values = red.values.map((value, i) => (
    0.299 * value + 0.587 * green.values[i] + 0.114 * blue.values[i]));
  return { ...red, values };
}
