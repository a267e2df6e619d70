// Decoded images as files: an animated GIF, and a strip as PNG.

/** @import { Numbers, Shape } from "../../context.js" */

import { GIFEncoder, applyPalette, quantize } from "../../../vendor/gifenc/gifenc.esm.js";
import { contextOf } from "../../canvas/dom.js";
import { toImageData } from "../../canvas/picture.js";

const GIF = { side: 224, delay: 180, hold: 900 };
const PNG = { side: 112 };
const KEPT_MS = 10_000; // a file, until the browser has it
const COLOURS = 256;
const GREYS = Array.from({ length: COLOURS }, (_, value) => [value, value, value]);

/**
 * How many times larger an image is drawn, so that its longer side has about `wanted` pixels.
 * @type {(size: {height: number, width: number}, wanted: number) => number}
 */
export function enlargement({ height, width }, wanted) {
  return Math.max(1, Math.round(wanted / Math.max(height, width)));
}

/**
 * The bytes of a GIF that plays `images` (channels, height, width; 0 to 1) for ever, `delay` ms
 * each and the last one longer; every pixel a square of `scale`. Grey values are kept exactly;
 * colours are the 256 nearest ones of each frame.
 * @param {Numbers[]} images @param {Shape} shape
 * @param {{scale: number, delay: number, hold: number}} options
 */
export function gifOf(images, { channels, height, width }, { scale, delay, hold }) {
  const gif = GIFEncoder();
  images.forEach((values, k) => {
    const blank = { data: new Uint8ClampedArray(4 * height * width), height, width };
    const rgba = toImageData(values, channels, blank).data;
    const palette = channels === 3 ? quantize(rgba, COLOURS) : GREYS;
    const indices = channels === 3
      ? applyPalette(rgba, palette) : Uint8Array.from(rgba.filter((_, i) => i % 4 === 0));
    gif.writeFrame(enlarged(indices, width, height, scale), width * scale, height * scale, {
      palette: k && palette === GREYS ? null : palette, // written once, if it is the same
      delay: k === images.length - 1 ? hold : delay,
      repeat: 0,
    });
  });
  gif.finish();
  return gif.bytes();
}

/** @type {(indices: Uint8Array, width: number, height: number, scale: number) => Uint8Array} */
function enlarged(indices, width, height, scale) {
  const large = new Uint8Array(indices.length * scale * scale);
  for (let y = 0, to = 0; y < height * scale; y++) {
    const row = Math.floor(y / scale) * width;
    for (let x = 0; x < width * scale; x++, to++) large[to] = indices[row + Math.floor(x / scale)];
  }
  return large;
}

/**
 * A PNG of the images side by side.
 * @type {(images: Numbers[], shape: Shape, scale: number) => Promise<Blob>}
 */
export function stripOf(images, { channels, height, width }, scale) {
  const small = document.createElement("canvas");
  [small.width, small.height] = [images.length * width, height];
  const context = contextOf(small);
  const data = context.createImageData(width, height);
  images.forEach((values, k) => {
    context.putImageData(toImageData(values, channels, data), k * width, 0);
  });
  const large = document.createElement("canvas");
  [large.width, large.height] = [small.width * scale, height * scale];
  const over = contextOf(large);
  over.imageSmoothingEnabled = false;
  over.drawImage(small, 0, 0, large.width, large.height);
  return new Promise((resolve, reject) => {
    large.toBlob((blob) => (blob ? resolve(blob)
      : reject(new Error("The strip is too large for a PNG: choose fewer images."))), "image/png");
  });
}

/**
 * Hands the user the images as a file.
 * @type {(images: Numbers[], shape: Shape, format: "gif" | "png", name: string) => Promise<void>}
 */
export async function saveFilm(images, shape, format, name) {
  const blob = format === "png" ? await stripOf(images, shape, enlargement(shape, PNG.side))
    : new Blob([gifOf(images, shape, { ...GIF, scale: enlargement(shape, GIF.side) })],
      { type: "image/gif" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${name}.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}
