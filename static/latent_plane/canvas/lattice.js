// The decoded lattice (Kingma & Welling 2014, fig. 4): where its cells lie and how they fill.
// Its plane is measured in image pixels: cell (i, j) covers [i·w, (i+1)·w] × [j·h, (j+1)·h].

import { clamp } from "./camera.js";

const SLICE_MS = 8;

/** The index of the cell that holds (x, y) of the lattice's plane, or null outside. */
export function cellAt(lattice, tile, x, y) {
  const i = Math.floor(x / tile.width);
  const j = Math.floor(y / tile.height);
  const inside = i >= 0 && j >= 0 && i < lattice.x.length && j < lattice.y.length;
  return inside ? { i, j } : null;
}

/** The cell whose z is nearest to the given one. */
export function nearestCell(lattice, [zx, zy]) {
  return { i: nearestIndex(lattice.x, zx), j: nearestIndex(lattice.y, zy) };
}

/** The z of the cell that lies (columns, rows) from the one nearest to z, within the lattice. */
export function stepCell(lattice, z, columns, rows) {
  const { i, j } = nearestCell(lattice, z);
  return [
    lattice.x[clamp(i + columns, 0, lattice.x.length - 1)],
    lattice.y[clamp(j + rows, 0, lattice.y.length - 1)],
  ];
}

/** Where z lies on the lattice's plane, between the centres of cells; null beyond its edge. */
export function placeOf(lattice, tile, [zx, zy]) {
  const u = fractionalIndex(lattice.x, zx);
  const v = fractionalIndex(lattice.y, zy);
  return u === null || v === null ? null : [(u + 0.5) * tile.width, (v + 0.5) * tile.height];
}

/** Cells from the middle outwards, so that the picture opens like a flower. */
export function fillOrder(columns, rows) {
  const cells = [];
  for (let j = 0; j < rows; j++) for (let i = 0; i < columns; i++) cells.push({ i, j });
  const distance = ({ i, j }) => Math.hypot(i - (columns - 1) / 2, j - (rows - 1) / 2);
  return cells.sort((a, b) => distance(a) - distance(b));
}

/** All cells so that those of every beginning of the order lie evenly over the lattice. */
export function scatterOrder(columns, rows) {
  // A lattice of irrational steps (the plastic number's): near cells get ranks far apart.
  const rank = ({ i, j }) => (i * 0.7548776662466927 + j * 0.5698402909980532) % 1;
  return fillOrder(columns, rows).sort((a, b) => rank(a) - rank(b));
}

/** The same order begun at `first`, or at its own beginning. */
export function rotated(order, first) {
  const at = first ? order.findIndex(({ i, j }) => i === first.i && j === first.j) : 0;
  return [...order.slice(at), ...order.slice(0, at)];
}

/** Calls `fill` on queued cells until the queue is empty or the slice of time is used up. */
export function fillSlice(queue, fill, now = () => performance.now()) {
  const end = now() + SLICE_MS;
  while (queue.length && now() < end) fill(queue.shift());
  return queue.length > 0;
}

function nearestIndex(values, wanted) {
  let best = 0;
  for (let k = 1; k < values.length; k++) {
    if (Math.abs(values[k] - wanted) < Math.abs(values[best] - wanted)) best = k;
  }
  return best;
}

function fractionalIndex(values, wanted) {
  for (let k = 0; k < values.length; k++) {
    if (values[k] === wanted) return k;
    if (k && (values[k] - wanted) * (values[k - 1] - wanted) < 0) {
      return k - 1 + (wanted - values[k - 1]) / (values[k] - values[k - 1]);
    }
  }
  return null;
}
