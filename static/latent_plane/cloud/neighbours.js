// The nearest points on the plane, found through a uniform grid of cells.

const POINTS_PER_CELL = 4;

/** An index over points; `nearest(x, y, k)` gives the indices of the k nearest, nearest first. */
export function createIndex(xs, ys) {
  const kept = [];
  let left = Infinity;
  let right = -Infinity;
  let bottom = Infinity;
  let top = -Infinity;
  for (let i = 0; i < xs.length; i++) {
    if (!Number.isFinite(xs[i]) || !Number.isFinite(ys[i])) continue;
    kept.push(i);
    left = Math.min(left, xs[i]);
    right = Math.max(right, xs[i]);
    bottom = Math.min(bottom, ys[i]);
    top = Math.max(top, ys[i]);
  }
  const side = Math.max(1, Math.ceil(Math.sqrt(kept.length / POINTS_PER_CELL)));
  const size = Math.max(right - left, top - bottom, 1e-9) / side;
  const cell = (value, low) => Math.min(Math.max(Math.floor((value - low) / size), 0), side - 1);
  const starts = new Uint32Array(side * side + 1);
  const cellOf = (i) => cell(ys[i], bottom) * side + cell(xs[i], left);
  for (const i of kept) starts[cellOf(i) + 1]++;
  for (let c = 0; c < side * side; c++) starts[c + 1] += starts[c];
  const next = starts.slice();
  const order = new Uint32Array(kept.length);
  for (const i of kept) order[next[cellOf(i)]++] = i;

  function nearest(x, y, k) {
    const wanted = Math.min(k, kept.length);
    const found = [];
    const column = cell(x, left);
    const row = cell(y, bottom);
    // A query outside the grid starts from its projection p onto it: the grid is convex, so any
    // point q in it is at least √(|query − p|² + |p − q|²) away.
    const px = Math.min(Math.max(x, left), left + side * size);
    const py = Math.min(Math.max(y, bottom), bottom + side * size);
    for (let ring = 0; ring < side; ring++) {
      visitRing(column, row, ring, side, (c) => {
        for (let at = starts[c]; at < starts[c + 1]; at++) {
          const i = order[at];
          insert(found, { i, d: (xs[i] - x) ** 2 + (ys[i] - y) ** 2 }, wanted);
        }
      });
      const reach = Math.min(
        px - (left + (column - ring) * size),
        left + (column + ring + 1) * size - px,
        py - (bottom + (row - ring) * size),
        bottom + (row + ring + 1) * size - py,
      );
      const gap = (px - x) ** 2 + (py - y) ** 2;
      if (found.length === wanted && found[wanted - 1]?.d <= gap + Math.max(reach, 0) ** 2) break;
    }
    return found.map((entry) => entry.i);
  }

  return { nearest };
}

function visitRing(column, row, ring, side, visit) {
  for (let r = row - ring; r <= row + ring; r++) {
    if (r < 0 || r >= side) continue;
    const edge = Math.abs(r - row) === ring;
    for (let c = column - ring; c <= column + ring; c += edge || ring === 0 ? 1 : 2 * ring) {
      if (c >= 0 && c < side) visit(r * side + c);
    }
  }
}

function insert(found, entry, limit) {
  if (found.length === limit && !(entry.d < found[limit - 1]?.d)) return;
  let at = found.length;
  while (at > 0 && found[at - 1].d > entry.d) at--;
  found.splice(at, 0, entry);
  if (found.length > limit) found.pop();
}

/** How many of the points `indices` carry each label, most frequent first: [[label, count], …]. */
export function countLabels(indices, labels) {
  const counts = new Map();
  for (const i of indices) {
    if (labels[i] >= 0) counts.set(labels[i], (counts.get(labels[i]) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
}
