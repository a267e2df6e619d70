// The film along a path: its images side by side, the slider under them, where it stands, and the
// images as files (an animated GIF, a strip as PNG).

/** @import { Numbers, Shape } from "../../context.js" */

import { GIFEncoder, applyPalette, quantize } from "../../../vendor/gifenc/gifenc.esm.js";
import {
  contextOf, download, element, listenToSteps, prefersReducedMotion,
} from "../../../shared/dom.js";
import { toImageData } from "../../canvas/picture.js";
import { clamp } from "../../canvas/camera.js";

const PLAY_MS = 180; // an image
const STEP_MS = 700; // an image, with reduced motion
const LONGEST_MS = 100; // that counts from one frame of the screen to the next
const GIF = { side: 224, delay: 180, hold: 900 };
const PNG = { side: 112 };
const KEPT_MS = 10_000; // a file, until the browser has it
const COLOURS = 256;
const GREYS = Array.from({ length: COLOURS }, (_, value) => [value, value, value]);

export class FilmStrip {
  canvas = element("canvas", { width: 1, height: 1, role: "img", "data-testid": "film-strip" });
  #slider = element("input", {
    type: "range", min: 0, max: 1, step: "any", "aria-label": "Place along the path",
  });
  root = element("div", { class: "film" },
    element("div", { class: "film-frames" }, this.canvas, element("i", { class: "film-mark" })),
    this.#slider);
  count = 0;
  /** How many images aren't up to date. */
  left = 0;
  /** @type {Float32Array[]} the images, unquantised */ images = [];
  #next = 0;
  #context = contextOf(this.canvas);
  /** @type {ImageData | null} */ #image = null;

  /** @param {(share: number) => void} scrub the user moves along, from 0 to 1 */
  constructor(scrub) {
    const [canvas, slider] = [this.canvas, this.#slider];
    slider.addEventListener("input", () => scrub(slider.valueAsNumber));
    listenToSteps(slider, 4, (by) => scrub(this.#stepped(slider.valueAsNumber, by)));
    const point = (/** @type {PointerEvent} */ event) => {
      const box = canvas.getBoundingClientRect();
      const at = ((event.clientX - box.left) / box.width) * this.count - 0.5;
      scrub(clamp(at / (this.count - 1), 0, 1));
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "mouse" && event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      point(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (canvas.hasPointerCapture(event.pointerId)) point(event);
    });
  }

  /** There are `frames` images of this shape, none of them up to date; the old ones stay till then.
   * @param {number} frames @param {Shape} shape */
  expire(frames, { width, height }) {
    if (this.count !== frames || this.#image?.width !== width || this.#image.height !== height) {
      [this.canvas.width, this.canvas.height] = [frames * width, height];
      this.#image = this.#context.createImageData(width, height);
      this.root.style.setProperty("--frames", String(frames));
      [this.count, this.#next, this.images] = [frames, 0, []];
    }
    this.left = this.count;
  }

  /** Makes images for some milliseconds, in turn: while the path moves, all follow, not only the
   * first.
   * @param {number} ms @param {(share: number) => Float32Array} imageAt @param {Shape} shape */
  advance(ms, imageAt, { channels, width }) {
    const end = performance.now() + ms;
    while (this.#image && this.left && performance.now() < end) {
      const values = imageAt(this.#next / (this.count - 1));
      this.images[this.#next] = Float32Array.from(values);
      const data = toImageData(values, channels, this.#image);
      this.#context.putImageData(data, this.#next * width, 0);
      this.#next = (this.#next + 1) % this.count;
      this.left -= 1;
    }
  }

  /** Marks where the film is, and says it. @param {number} share @param {string} text */
  show(share, text) {
    this.#slider.value = String(share);
    this.#slider.ariaValueText = text;
    this.root.style.setProperty("--frame", String(Math.round(share * (this.count - 1))));
  }

  /** To the next image, wherever between two it stands. @param {number} share @param {number} by */
  #stepped(share, by) {
    const at = share * (this.count - 1);
    const to = by > 0 ? Math.floor(at + 1e-6) + by : Math.ceil(at - 1e-6) + by;
    return clamp(to / (this.count - 1), 0, 1);
  }
}

/** Where a film stands, and how it goes on. */
export class Player {
  /** From 0 to 1. */
  share = 0;
  /** @type {number | null} */ #since = null;

  get playing() { return this.#since !== null; }

  /** @param {number} now */
  start(now) {
    if (this.share >= 1) this.share = 0;
    this.#since = now;
  }

  stop() { this.#since = null; }

  /** Smoothly, or from image to image with reduced motion; returns whether it has moved.
   * @param {number} now @param {number} images */
  advance(now, images, stepwise = prefersReducedMotion()) {
    if (this.#since === null || (stepwise && now - this.#since < STEP_MS)) return false;
    const passed = stepwise ? 1 : Math.min(now - this.#since, LONGEST_MS) / PLAY_MS;
    this.#since = now;
    const at = this.share * (images - 1) + passed;
    this.share = Math.min((stepwise ? Math.floor(at + 1e-6) : at) / (images - 1), 1);
    if (this.share >= 1) this.stop();
    return true;
  }
}

/** How many times larger an image is drawn, so that its longer side has about `wanted` pixels.
 * @type {(size: {height: number, width: number}, wanted: number) => number} */
export function enlargement({ height, width }, wanted) {
  return Math.max(1, Math.round(wanted / Math.max(height, width)));
}

/** The bytes of a GIF that plays `images` (channels, height, width; 0 to 1) for ever, `delay` ms
 * each and the last one longer; every pixel a square of `scale`. Grey values are kept exactly;
 * colours are the 256 nearest ones of each frame.
 * @param {Numbers[]} images @param {Shape} shape
 * @param {{scale: number, delay: number, hold: number}} options */
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

/** A PNG of the images side by side.
 * @type {(images: Numbers[], shape: Shape, scale: number) => Promise<Blob>} */
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
  const address = URL.createObjectURL(blob);
  download(address, `${name}.${format}`);
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
