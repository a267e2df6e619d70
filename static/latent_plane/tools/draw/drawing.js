// A drawing: strokes, or the pixels of a picture that was fitted; as a text for the URL, and as the
// image that a model gets.

/** @import { Pair, Shape } from "../../context.js" */
/** @typedef {Shape & {values: Float32Array}} FittedPicture values from 0 to 1 */
/** @typedef {{strokes: Pair[][], pixels?: undefined}} Strokes places from 0 to 1 on the pad */
/** @typedef {Strokes | {pixels: FittedPicture, strokes?: undefined}} Drawing */

import { createRandom } from "../../nn/random.js";
import { rasterize } from "./panel.js";
import { clamp } from "../../canvas/camera.js";

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

/** A drawing's image, fitted to `shape`; null for nothing or another shape.
 * @type {(drawing: Drawing | null, shape: Shape & {pixels: number}, digits: boolean)
 *   => Float32Array | null} */
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

/** x as a model of binary pixels sees it: each pixel 1 with its grey value as probability, as in
 * training; with the same random numbers each time, so that nothing flickers while one draws.
 * @type {(x: Float32Array) => Float32Array} */
export function binarized(x) {
  const random = createRandom(SEED);
  return x.map((value) => Number(random.uniform() < value));
}

/** @typedef {{values: Float32Array, width: number, height: number}} Grey one number a pixel */
/** @typedef {{width: number, height: number}} Size */

const BOX = 20 / 28; // of the frame, around a digit (LeCun et al. 1998)
// The centre of mass goes to the pixel 14 of 0 … 27, to the nearest whole pixel: so it is in all of
// MNIST's test images (between 13.5 and 14.5), though the middle of the frame is 13.5.
const MIDDLE = 0.5;
const FAINT = 0.1; // of the blackest ink and less is what a JPEG leaves around it
const FAINTEST = 2 / 255; // differences that count at all
const NOISE = 3; // times the spread of the background is still background

/** The smallest box that holds every value above 0; null if none is.
 * @type {(grey: Grey) => ({left: number, top: number} & Size) | null} */
export function boxOf({ values, width, height }) {
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (!(values[i] > 0)) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  }
  return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** The centre of mass [x, y], where a pixel's centre has whole coordinates.
 * @type {(grey: Grey) => [number, number]} */
export function centreOfMass({ values, width, height }) {
  let [mass, x, y] = [0, 0, 0];
  for (let i = 0; i < width * height; i++) {
    mass += values[i];
    x += values[i] * (i % width);
    y += values[i] * Math.floor(i / width);
  }
  return [x / mass, y / mass];
}

/** Each new pixel is the average of the area that it covers: pixel (0, 0) begins at (left, top) of
 * the picture, and is 1/scale of its pixels wide. Beyond the picture's edge there is 0.
 * @type {(grey: Grey, start: {left: number, top: number}, scale: number, size: Size) => Grey} */
export function resample({ values, width, height }, { left, top }, scale, size) {
  const across = shares(left, scale, width, size.width);
  const down = shares(top, scale, height, size.height);
  const out = new Float32Array(size.width * size.height);
  for (let y = 0, o = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++, o++) {
      let sum = 0;
      for (const [row, tall] of down[y]) {
        let part = 0;
        for (const [column, wide] of across[x]) part += wide * values[row * width + column];
        sum += tall * part;
      }
      out[o] = sum;
    }
  }
  return { values: out, ...size };
}

/** Along one axis: for each new pixel the old ones under it, and each one's share of it.
 * @type {(start: number, scale: number, size: number, count: number) => [number, number][][]} */
function shares(start, scale, size, count) {
  return Array.from({ length: count }, (_, k) => {
    const [from, to] = [start + k / scale, start + (k + 1) / scale];
    /** @type {[number, number][]} */ const found = [];
    for (let i = Math.max(0, Math.floor(from + 1e-9)); i < Math.min(size, to - 1e-9); i++) {
      found.push([i, (Math.min(to, i + 1) - Math.max(from, i)) * scale]);
    }
    return found;
  });
}

/**
 * Ink (0 … 1, nothing is 0) fitted into a frame of height × width, in steps of 1/255 as the images'
 * bytes are; null where there is no ink. Digits: the box around the ink scaled until its longer
 * side has 20 of 28 pixels, then moved by whole pixels until the centre of mass is in the middle.
 * Others: scaled to the frame and put into its middle, as Fashion-MNIST was made.
 * @type {(ink: Grey, frame: Size, digits: boolean) => Float32Array | null}
 */
export function fitInk(ink, { height, width }, digits) {
  const box = boxOf(ink);
  if (!box) return null;
  const side = Math.min(height, width) * (digits ? BOX : 1);
  const scale = side / Math.max(box.width, box.height);
  const size = {
    width: Math.ceil(box.width * scale - 1e-6), height: Math.ceil(box.height * scale - 1e-6),
  };
  const small = resample(ink, box, scale, size);
  const mass = centreOfMass(small);
  /** @type {(axis: number, room: number, taken: number) => number} */
  const offset = (axis, room, taken) => (digits
    ? clamp(Math.floor(room * MIDDLE) - Math.floor(mass[axis] + 0.5), 0, room - taken)
    : Math.floor((room - taken) / 2));
  const [left, top] = [offset(0, width, size.width), offset(1, height, size.height)];
  const out = new Float32Array(height * width);
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      out[(top + y) * width + left + x] = inBytes(small.values[y * size.width + x]);
    }
  }
  return out;
}

/**
 * The ink on a grey picture: what differs from its background, which is the median of its outermost
 * pixels, as a share of the most that differs. A bright background makes dark ink, a dark one
 * bright ink. All 0 where the picture is of one colour. `lossy`: what is faint may be an artefact.
 * @type {(grey: Grey, lossy?: boolean) => Grey}
 */
export function inkOf({ values, width, height }, lossy = false) {
  const frame = frameOf(values, width, height);
  const ground = frame[frame.length >> 1];
  const spread = frame.map((value) => Math.abs(value - ground)).sort();
  const sign = ground > 0.5 ? -1 : 1;
  const ink = values.map((value) => sign * (value - ground));
  const most = ink.reduce((a, b) => Math.max(a, b), 0);
  const noise = NOISE * spread[Math.floor(0.75 * spread.length)];
  const floor = Math.max(noise, lossy ? FAINT * most : 0, FAINTEST);
  return { values: ink.map((value) => (value > floor ? value / most : 0)), width, height };
}

/** The outermost pixels' values, rising.
 * @type {(values: Float32Array, width: number, height: number) => Float32Array} */
function frameOf(values, width, height) {
  return values.filter((_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return x === 0 || y === 0 || x === width - 1 || y === height - 1;
  }).sort();
}

/** A picture's planes (red, green, blue), each scaled to cover the frame; what juts out is cut off.
 * @type {(planes: Grey[], frame: Size) => Float32Array} */
export function fitColours(planes, { height, width }) {
  const [first] = planes;
  const scale = Math.max(width / first.width, height / first.height);
  const start = {
    left: (first.width - width / scale) / 2, top: (first.height - height / scale) / 2,
  };
  const out = new Float32Array(planes.length * height * width);
  planes.forEach((plane, c) => {
    const fitted = resample(plane, start, scale, { width, height });
    out.set(fitted.values.map(inBytes), c * height * width);
  });
  return out;
}

/** @type {(value: number) => number} */
function inBytes(value) { return Math.round(255 * Math.min(value, 1)) / 255; }
