// A square grid over the plane that refines as one zooms in: cells are made a slice of each frame
// at a time, coarse ones first, and kept while the window moves.

/** @import { Camera } from "./camera.js" */
/** @typedef {{level: number, i: number, j: number}} PyramidCell level: its side is 2^level */

import { toPixel, visible } from "./camera.js";
import { contextOf } from "../../shared/dom.js";
import { fillSlice } from "./lattice.js";

const OFFSET = 2 ** 20; // cells on either side of the origin
const MOST = 60_000; // cells that are kept

/** @template Content */
export class Pyramid {
  /** @type {Map<number, {content: Content, generation: number}>} */ #cells = new Map();
  /** @type {PyramidCell[]} */ #queue = [];
  #generation = 0;
  #aimed = "";

  /** `make` gives a cell's content; one of the finest level is from `pixels` to twice that size,
   * and `coarser` levels above it are made first.
   * @param {{pixels: number, coarser: number,
   *   make: (x: number, y: number, size: number) => Content}} options */
  constructor({ pixels, coarser, make }) {
    this.pixels = pixels;
    this.coarser = coarser;
    this.make = make;
  }

  /** What was made is out of date; it is shown until it is replaced. */
  expire() {
    this.#generation += 1;
    this.#aimed = "";
  }

  /** Forgets everything. */
  clear() {
    this.#cells.clear();
    this.expire();
  }

  /** Queues what the window lacks. @param {Camera} camera */
  aim(camera) {
    const level = this.levelOf(camera);
    const aimed = `${level} ${this.#generation} ${Object.values(this.window(camera, level))}`;
    if (aimed === this.#aimed) return;
    this.#aimed = aimed;
    if (this.#cells.size > MOST) this.#cells.clear();
    this.#queue = [];
    for (let up = this.coarser; up >= 0; up--) this.#enqueue(camera, level + up);
  }

  /** Makes cells for one slice of time; returns whether any were made. */
  work() {
    if (!this.#queue.length) return false;
    fillSlice(this.#queue, ({ level, i, j }) => {
      const size = 2 ** level;
      const content = this.make((i + 0.5) * size, (j + 0.5) * size, size);
      this.#cells.set(keyOf(level, i, j), { content, generation: this.#generation });
    });
    return true;
  }

  /** The level whose cells, of size 2^level, are as large as wanted. @param {Camera} camera */
  levelOf(camera) { return Math.ceil(Math.log2(this.pixels / camera.scale)); }

  /** The range of cells that the window shows. @param {Camera} camera @param {number} level */
  window(camera, level) {
    const { left, right, bottom, top } = visible(camera);
    const size = 2 ** level;
    return {
      i0: Math.floor(left / size), i1: Math.ceil(right / size) - 1,
      j0: Math.floor(bottom / size), j1: Math.ceil(top / size) - 1,
    };
  }

  /** The content of a cell or, where it isn't there yet, of the coarser one around it.
   * @param {number} level @param {number} i @param {number} j */
  at(level, i, j) {
    for (let up = 0; up <= this.coarser; up++) {
      const found = this.#cells.get(keyOf(level + up, i >> up, j >> up));
      if (found) return found.content;
    }
    return undefined;
  }

  /** The content of just this cell. @param {number} level @param {number} i @param {number} j */
  only(level, i, j) { return this.#cells.get(keyOf(level, i, j))?.content; }

  /** @param {Camera} camera @param {number} level */
  #enqueue(camera, level) {
    const { i0, i1, j0, j1 } = this.window(camera, level);
    const wanted = [];
    for (let j = j0; j <= j1; j++) {
      for (let i = i0; i <= i1; i++) {
        const made = this.#cells.get(keyOf(level, i, j));
        if (made?.generation !== this.#generation) wanted.push({ level, i, j });
      }
    }
    const [x, y] = [(i0 + i1) / 2, (j0 + j1) / 2];
    /** @param {PyramidCell} cell */
    const distance = ({ i, j }) => Math.hypot(i - x, j - y);
    this.#queue.push(...wanted.sort((a, b) => distance(a) - distance(b)));
  }
}

/** @type {(level: number, i: number, j: number) => number} */
function keyOf(level, i, j) {
  return ((level + 40) * 2 * OFFSET + i + OFFSET) * 2 * OFFSET + j + OFFSET;
}

/** A scalar over the plane as a smooth picture. */
export class Field {
  #canvas = document.createElement("canvas");
  #context = contextOf(this.#canvas);

  /** @param {number} pixels the side of a cell on the screen, at least
   * @param {(x: number, y: number) => number} valueAt */
  constructor(pixels, valueAt) {
    this.pyramid = new Pyramid({ pixels, coarser: 2, make: valueAt });
  }

  /** @param {CanvasRenderingContext2D} context @param {Camera} camera
   * @param {(value: number) => number[]} colourOf [r, g, b, a], each from 0 to 255 */
  paint(context, camera, colourOf) {
    const level = this.pyramid.levelOf(camera);
    const size = 2 ** level;
    const { i0, i1, j0, j1 } = this.pyramid.window(camera, level);
    const [columns, rows] = [i1 - i0 + 1, j1 - j0 + 1];
    if (this.#canvas.width !== columns) this.#canvas.width = columns;
    if (this.#canvas.height !== rows) this.#canvas.height = rows;
    const image = this.#context.createImageData(columns, rows);
    for (let row = 0, at = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, at += 4) {
        const value = this.pyramid.at(level, i0 + column, j1 - row);
        if (value !== undefined) image.data.set(colourOf(value), at);
      }
    }
    this.#context.putImageData(image, 0, 0);
    const [left, top] = toPixel(camera, i0 * size, (j1 + 1) * size);
    const side = size * camera.scale;
    context.imageSmoothingEnabled = true;
    context.drawImage(this.#canvas, left, top, columns * side, rows * side);
  }

  /** The finite values of the cells that the window shows, as far as they are made.
   * @param {Camera} camera */
  values(camera) {
    const level = this.pyramid.levelOf(camera);
    const { i0, i1, j0, j1 } = this.pyramid.window(camera, level);
    const found = [];
    for (let j = j0; j <= j1; j++) {
      for (let i = i0; i <= i1; i++) {
        const value = this.pyramid.at(level, i, j);
        if (value !== undefined && Number.isFinite(value)) found.push(value);
      }
    }
    return found;
  }
}
