// A drawing: strokes, or the pixels of a picture that was fitted; as a text for the URL, and as the
// image that a model gets.

/** @import { Pair, Shape } from "../../context.js" */
/** @typedef {Shape & {values: Float32Array}} FittedPicture values from 0 to 1 */
/** @typedef {{strokes: Pair[][], pixels?: undefined}} Strokes places from 0 to 1 on the pad */
/** @typedef {Strokes | {pixels: FittedPicture, strokes?: undefined}} Drawing */

import { createRandom } from "../../nn/random.js";
import { fitInk } from "./fit.js";
import { rasterize } from "./sketchpad.js";

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const STEPS = DIGITS.length ** 2 - 1; // along the pad's side
const LONGEST = 1990; // characters in the URL
const SEED = 1;

/** Null where the text is too long for the URL. @type {(drawing: Drawing) => string | null} */
export function writeDrawing({ strokes, pixels }) {
  const text = strokes ? `s${strokes.map(writeStroke).join(".")}` : writePixels(pixels);
  return text.length <= LONGEST ? text : null;
}

/** What `writeDrawing` wrote; null for anything else. @type {(text: string) => Drawing | null} */
export function readDrawing(text) {
  if (text.startsWith("s")) return readStrokes(text.slice(1));
  return text.startsWith("p") ? readPixels(text.slice(1)) : null;
}

/** @type {(points: Pair[]) => string} */
function writeStroke(points) {
  return points.flat().map((value) => {
    const step = Math.round(value * STEPS);
    return DIGITS[step >> 6] + DIGITS[step & 63];
  }).join("");
}

/** @type {(text: string) => Strokes | null} */
function readStrokes(text) {
  const parts = text.split(".");
  const whole = /^[\w.-]+$/.test(text) && parts.every((part) => part && part.length % 4 === 0);
  if (!whole) return null;
  /** @type {(part: string) => Pair[]} */
  const pointsOf = (part) => Array.from({ length: part.length / 4 }, (_, k) => (
    [numberAt(part, 4 * k), numberAt(part, 4 * k + 2)]));
  return { strokes: parts.map(pointsOf) };
}

/** Of the two letters there. @type {(text: string, at: number) => number} */
function numberAt(text, at) {
  return (DIGITS.indexOf(text[at]) * DIGITS.length + DIGITS.indexOf(text[at + 1])) / STEPS;
}

/** Bytes as two hexadecimal digits each; a run of n zeros as "z" and n in base 36, "." after it.
 * @type {(picture: FittedPicture) => string} */
function writePixels({ height, width, channels, values }) {
  const bytes = Array.from(values, (value) => Math.round(255 * value));
  const body = [];
  for (let i = 0; i < bytes.length;) {
    let end = i;
    while (end < bytes.length && bytes[end] === 0) end++;
    if (end - i > 1) body.push(`z${(end - i).toString(36)}.`);
    else body.push(bytes[end = i].toString(16).padStart(2, "0"));
    i = Math.max(end, i + 1);
  }
  return `p${channels}x${height}x${width}.${body.join("")}`;
}

/** @type {(text: string) => Drawing | null} */
function readPixels(text) {
  const runs = "((?:z[0-9a-z]{1,4}\\.|[0-9a-f]{2})*)";
  const found = new RegExp(`^([13])x(\\d{1,3})x(\\d{1,3})\\.${runs}$`).exec(text);
  if (!found) return null;
  const [channels, height, width] = found.slice(1, 4).map(Number);
  const values = new Float32Array(channels * height * width);
  let at = 0;
  for (const [part] of found[4].matchAll(/z[0-9a-z]+\.|../g)) {
    if (part[0] === "z") at += parseInt(part.slice(1), 36);
    else values[at++] = parseInt(part, 16) / 255;
  }
  return at === values.length ? { pixels: { height, width, channels, values } } : null;
}

/** Whether a model's data are digits, so that drawings are fitted as MNIST's are.
 * @type {(view: {class_names?: string[] | null}, shape: {channels: number}) => boolean} */
export function knowsDigits({ class_names: names }, { channels }) {
  return channels === 1 && names?.join("") === "0123456789";
}

/**
 * A drawing's image, fitted to `shape`; null for nothing or another shape.
 * @type {(drawing: Drawing | null, shape: Shape & {pixels: number}, digits: boolean)
 *   => Float32Array | null}
 */
export function pictureOf(drawing, shape, digits) {
  const { strokes, pixels } = drawing ?? {};
  if (strokes) {
    const fitted = fitInk(rasterize(strokes), shape, digits);
    const length = shape.pixels;
    return fitted && Float32Array.from({ length }, (_, i) => fitted[i % fitted.length]);
  }
  const same = pixels && pixels.height === shape.height && pixels.width === shape.width
    && pixels.channels === shape.channels;
  return same ? pixels.values : null;
}

/**
 * x as a model of binary pixels sees it: each pixel 1 with its grey value as probability, as in
 * training; with the same random numbers each time, so that nothing flickers while one draws.
 * @type {(x: Float32Array) => Float32Array}
 */
export function binarized(x) {
  const random = createRandom(SEED);
  return x.map((value) => Number(random.uniform() < value));
}
