// A square grid over the plane that refines as one zooms in: cells are made a slice of each frame
// at a time, coarse ones first, and kept while the window moves.

import { visible } from "./camera.js";
import { fillSlice } from "./lattice.js";

const OFFSET = 2 ** 20; // cells on either side of the origin
const MOST = 60_000; // cells that are kept

/**
 * `pixels`: a cell of the finest level that is drawn is from this size to twice it.
 * `coarser`: how many levels above it are made first. `make(x, y, size)` gives a cell's content.
 */
export class Pyramid {
  #cells = new Map();
  #queue = [];
  #generation = 0;
  #aimed = "";

  constructor({ pixels, coarser, make }) {
    Object.assign(this, { pixels, coarser, make });
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

  /** Queues what the window lacks. */
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

  get done() { return !this.#queue.length; }

  /** The level whose cells, of size 2^level, are as large as wanted. */
  levelOf(camera) { return Math.ceil(Math.log2(this.pixels / camera.scale)); }

  /** The range of cells that the window shows. */
  window(camera, level) {
    const { left, right, bottom, top } = visible(camera);
    const size = 2 ** level;
    const [low, high] = [(v) => Math.floor(v / size), (v) => Math.ceil(v / size) - 1];
    return { i0: low(left), i1: high(right), j0: low(bottom), j1: high(top) };
  }

  /** The content of a cell or, where it isn't there yet, of the coarser one around it. */
  at(level, i, j) {
    for (let up = 0; up <= this.coarser; up++) {
      const found = this.#cells.get(keyOf(level + up, i >> up, j >> up));
      if (found) return found.content;
    }
    return undefined;
  }

  /** The content of just this cell. */
  only(level, i, j) { return this.#cells.get(keyOf(level, i, j))?.content; }

  #enqueue(camera, level) {
    const { i0, i1, j0, j1 } = this.window(camera, level);
    const wanted = [];
    for (let j = j0; j <= j1; j++) {
      for (let i = i0; i <= i1; i++) {
        if (this.#cells.get(keyOf(level, i, j))?.generation !== this.#generation) wanted.push({ level, i, j });
      }
    }
    const [x, y] = [(i0 + i1) / 2, (j0 + j1) / 2];
    const distance = ({ i, j }) => Math.hypot(i - x, j - y);
    this.#queue.push(...wanted.sort((a, b) => distance(a) - distance(b)));
  }
}

function keyOf(level, i, j) {
  return ((level + 40) * 2 * OFFSET + i + OFFSET) * 2 * OFFSET + j + OFFSET;
}
