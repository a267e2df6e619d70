// Images (channels, height, width; 0 to 1) on small canvases, and the test images among them.

/** @import { Shape } from "../context.js" */
/**
 * The test images, a byte a value.
 * @typedef {object} ImageParts
 * @property {number} count
 * @property {number} size bytes of one
 * @property {(i: number) => Uint8Array} of the values of image i, from 0 to 255
 * @typedef {Shape & ImageParts} Images
 */
/** What an ImageData is, RGBA.
 * @typedef {{data: Uint8ClampedArray<ArrayBuffer>, height: number, width: number}} Pixels */

import { contextOf, element } from "../../shared/dom.js";

/** Unpacks the gzipped bytes of all images, one after another.
 * @param {Uint8Array<ArrayBuffer>} packed @param {Shape} shape @returns {Promise<Images>} */
export async function unpackImages(packed, { channels, height, width }) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const size = channels * height * width;
  return {
    channels, height, width, size,
    count: Math.floor(bytes.length / size),
    of: (i) => bytes.subarray(i * size, (i + 1) * size),
  };
}

/** Image i as numbers from 0 to 1. @type {(images: Images, i: number) => Float32Array} */
export function unitImage(images, i) {
  return Float32Array.from(images.of(i), (value) => value / 255);
}

/** Writes `values` into the RGBA bytes of an ImageData of the same height and width.
 * @template {Pixels} Image
 * @param {ArrayLike<number>} values @param {number} channels @param {Image} image */
export function toImageData(values, channels, image) {
  const { data, width, height } = image;
  const plane = width * height;
  for (let i = 0, at = 0; i < plane; i++, at += 4) {
    // Uint8ClampedArray rounds and clips to 0 … 255 by itself.
    data[at] = values[i] * 255;
    data[at + 1] = values[channels === 3 ? i + plane : i] * 255;
    data[at + 2] = values[channels === 3 ? i + 2 * plane : i] * 255;
    data[at + 3] = 255;
  }
  return image;
}

/** @type {WeakMap<HTMLCanvasElement, Picture>} */ const pictures = new WeakMap();

/** What a picture's canvas shows, unquantised. @type {(canvas: HTMLCanvasElement) => number[]} */
export function valuesOn(canvas) {
  return Array.from(pictures.get(canvas)?.values ?? []);
}

/** A canvas that shows one image at a time. */
export class Picture {
  values = new Float32Array(0);
  #context;
  /** @type {ImageData | null} */ #image = null;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.#context = contextOf(canvas);
    pictures.set(canvas, this);
  }

  /** @param {Float32Array} values @param {Shape} shape @param {number} white drawn white */
  show(values, { channels, height, width }, white = 1) {
    let image = this.#image;
    if (image?.width !== width || image.height !== height) {
      [this.canvas.width, this.canvas.height] = [width, height];
      this.#image = image = this.#context.createImageData(width, height);
    }
    if (this.values.length !== values.length) this.values = new Float32Array(values.length);
    this.values.set(values);
    const drawn = white === 1 ? values : values.map((value) => value / white);
    this.#context.putImageData(toImageData(drawn, channels, image), 0, 0);
  }
}

/** A small picture with its name under it; `hint` is said on hovering. */
export class Figure extends Picture {
  /** @param {string} title @param {string} hint */
  constructor(title, hint = "") {
    super(element("canvas", { width: 28, height: 28, role: "img", "aria-label": title }));
    const caption = element("figcaption", {}, title);
    this.root = element("figure", { title: hint }, this.canvas, caption);
  }
}

/** Why test image `index` can't be picked, in one sentence; "" where it can.
 * @type {(index: number, size: number) => string} */
export function refusalOf(index, size) {
  return Number.isInteger(index) && index >= 0 && index < size ? ""
    : `Test image ${Number.isNaN(index) ? "?" : index} isn't on the plane: choose one from 0 to `
      + `${size - 1}.`;
}

/** The first of some test images as pictures, each a button.
 * @param {number} most
 * @param {{look: (i: number) => void, take: (i: number) => void}} actions `look` when one is
 *   hovered or focused, `take` when it is chosen */
export function createThumbnails(most, { look, take }) {
  const root = element("div", {
    class: "thumbnails", role: "group", "aria-label": "The first selected images",
  });
  let shown = "";

  /** `titleOf(i)` describes one.
   * @type {(indices: number[], images: Images | null, titleOf: (i: number) => string) => void} */
  function show(indices, images, titleOf) {
    const first = images ? indices.slice(0, most).filter((i) => i < images.count) : [];
    const key = `${first} ${images?.size}`;
    root.hidden = !first.length;
    if (images && key !== shown) root.replaceChildren(...first.map((i) => button(images, i)));
    shown = key;
    for (const [k, i] of first.entries()) {
      const each = /** @type {HTMLElement} */ (root.children[k]);
      each.title = titleOf(i);
      each.ariaLabel = `Test image ${titleOf(i)}`;
    }
  }

  /** @param {Images} images @param {number} i */
  function button(images, i) {
    const picture = new Picture(element("canvas", {}));
    picture.show(unitImage(images, i), images);
    const made = element("button", { type: "button", "data-index": i }, picture.canvas);
    for (const type of ["pointerenter", "focus"]) {
      made.addEventListener(type, () => look(i));
    }
    made.addEventListener("click", () => take(i));
    return made;
  }

  return { root, show };
}
