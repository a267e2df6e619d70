// The decoded lattice (Kingma & Welling 2014, fig. 4): where its cells lie, and the mosaic of their
// images, which fills up a slice of each frame at a time.
// Its plane is measured in image pixels: cell (i, j) covers [i·w, (i+1)·w] × [j·h, (j+1)·h].

/** @import { Decoder, Lattice, Numbers, Pair, View } from "../context.js" */
/** @import { Size } from "./camera.js" */
/** @typedef {{i: number, j: number}} Cell */

import { clamp } from "./camera.js";
import { contextOf } from "../../shared/dom.js";
import { latentAt } from "../geometry.js";
import { toImageData } from "./picture.js";

const SLICE_MS = 8;

/** The index of the cell that holds (x, y) of the lattice's plane, or null outside.
 * @type {(lattice: Lattice, tile: Size, x: number, y: number) => Cell | null} */
export function cellAt(lattice, tile, x, y) {
  const i = Math.floor(x / tile.width);
  const j = Math.floor(y / tile.height);
  const inside = i >= 0 && j >= 0 && i < lattice.x.length && j < lattice.y.length;
  return inside ? { i, j } : null;
}

/** The cell whose z is nearest to the given one. @type {(lattice: Lattice, z: Numbers) => Cell} */
export function nearestCell(lattice, [zx, zy]) {
  return { i: nearestIndex(lattice.x, zx), j: nearestIndex(lattice.y, zy) };
}

/** The z of the cell that lies (columns, rows) from the one nearest to z, within the lattice.
 * @type {(lattice: Lattice, z: Numbers, columns: number, rows: number) => Pair} */
export function stepCell(lattice, z, columns, rows) {
  const { i, j } = nearestCell(lattice, z);
  return [
    lattice.x[clamp(i + columns, 0, lattice.x.length - 1)],
    lattice.y[clamp(j + rows, 0, lattice.y.length - 1)],
  ];
}

/** Where z lies on the lattice's plane, between the centres of cells; null beyond its edge.
 * @type {(lattice: Lattice, tile: Size, z: Numbers) => Pair | null} */
export function placeOf(lattice, tile, [zx, zy]) {
  const u = fractionalIndex(lattice.x, zx);
  const v = fractionalIndex(lattice.y, zy);
  return u === null || v === null ? null : [(u + 0.5) * tile.width, (v + 0.5) * tile.height];
}

/** Cells from the middle outwards, so that the picture opens like a flower.
 * @type {(columns: number, rows: number) => Cell[]} */
export function fillOrder(columns, rows) {
  const cells = [];
  for (let j = 0; j < rows; j++) for (let i = 0; i < columns; i++) cells.push({ i, j });
  /** @param {Cell} cell */
  const distance = ({ i, j }) => Math.hypot(i - (columns - 1) / 2, j - (rows - 1) / 2);
  return cells.sort((a, b) => distance(a) - distance(b));
}

/** All cells so that those of every beginning of the order lie evenly over the lattice.
 * @type {(columns: number, rows: number) => Cell[]} */
export function scatterOrder(columns, rows) {
  // A lattice of irrational steps (the plastic number's): near cells get ranks far apart.
  /** @param {Cell} cell */
  const rank = ({ i, j }) => (i * 0.7548776662466927 + j * 0.5698402909980532) % 1;
  return fillOrder(columns, rows).sort((a, b) => rank(a) - rank(b));
}

/** The same order begun at `first`, or at its own beginning.
 * @type {(order: Cell[], first: Cell | undefined) => Cell[]} */
export function rotated(order, first) {
  const at = first ? order.findIndex(({ i, j }) => i === first.i && j === first.j) : 0;
  return [...order.slice(at), ...order.slice(0, at)];
}

/** Calls `fill` on queued items until the queue is empty or the slice of time is used up.
 * @template Item @param {Item[]} queue @param {(item: Item) => void} fill */
export function fillSlice(queue, fill, now = () => performance.now()) {
  const end = now() + SLICE_MS;
  while (queue.length && now() < end) fill(/** @type {Item} */ (queue.shift()));
  return queue.length > 0;
}

/** @type {(values: number[], wanted: number) => number} */
function nearestIndex(values, wanted) {
  let best = 0;
  for (let k = 1; k < values.length; k++) {
    if (Math.abs(values[k] - wanted) < Math.abs(values[best] - wanted)) best = k;
  }
  return best;
}

/** @type {(values: number[], wanted: number) => number | null} */
function fractionalIndex(values, wanted) {
  for (let k = 0; k < values.length; k++) {
    if (values[k] === wanted) return k;
    if (k && (values[k] - wanted) * (values[k - 1] - wanted) < 0) {
      return k - 1 + (wanted - values[k - 1]) / (values[k] - values[k - 1]);
    }
  }
  return null;
}

/** The decoded lattice as one offscreen image. */
export class Mosaic {
  canvas = document.createElement("canvas");
  #context = contextOf(this.canvas);
  #wanted = "";
  /** @type {Decoder | null} */ #decoder = null;
  #version = NaN;
  /** @type {Cell[]} */ #queue = [];
  /** @type {Cell[]} */ #scattered = [];
  #fill = (/** @type {Cell} */ _) => {};

  /** Starts anew unless the last call had the same lattice, place in z and decoder. A decoder that
   * has only moved to another β keeps its tiles until each is replaced, evenly over the picture.
   * @param {Decoder} decoder @param {View} view */
  aim(decoder, view) {
    const wanted = JSON.stringify([view.lattice, view.dims, view.held]);
    const known = this.#wanted === wanted && this.#decoder === decoder;
    if (known && this.#version === decoder.version) return;
    this.#version = decoder.version;
    if (known) this.#queue = rotated(this.#scattered, this.#queue[0]);
    else {
      [this.#wanted, this.#decoder] = [wanted, decoder];
      this.#begin(decoder, view);
    }
  }

  /** Decodes for one slice of time; false when nothing was left to do. */
  work() {
    if (!this.#queue.length) return false;
    fillSlice(this.#queue, this.#fill);
    return true;
  }

  /** @param {Decoder} decoder @param {View} view */
  #begin(decoder, view) {
    const { width, height, channels } = decoder;
    const { x, y } = view.lattice;
    const [columns, rows] = [x.length, y.length];
    const { canvas } = this;
    if (canvas.width !== columns * width || canvas.height !== rows * height) {
      [canvas.width, canvas.height] = [columns * width, rows * height];
    }
    const tile = this.#context.createImageData(width, height);
    this.#queue = fillOrder(columns, rows);
    this.#scattered = scatterOrder(columns, rows);
    this.#fill = ({ i, j }) => {
      const image = decoder.decode(latentAt(view, [x[i], y[j]], decoder.latentDim));
      this.#context.putImageData(toImageData(image, channels, tile), i * width,
        (rows - 1 - j) * height);
    };
  }
}
