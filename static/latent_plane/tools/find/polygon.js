// Polygons drawn by hand: what lies inside, and the same outline with fewer corners.

/**
 * A function of x and y: whether they lie inside by the even–odd rule. `corners` are [[x, y], …],
 * closed by itself. It is asked for every point while one draws, hence the plain arrays.
 */
export function insideOf(corners) {
  const size = corners.length;
  const xs = Float64Array.from(corners, ([x]) => x);
  const ys = Float64Array.from(corners, ([, y]) => y);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [bottom, top] = [Math.min(...ys), Math.max(...ys)];
  return (x, y) => {
    if (!(x >= left && x <= right && y >= bottom && y <= top)) return false;
    let inside = false;
    for (let i = 0, j = size - 1; i < size; j = i++) {
      if ((ys[i] > y) !== (ys[j] > y) && x < ((xs[j] - xs[i]) * (y - ys[i])) / (ys[j] - ys[i]) + xs[i]) inside = !inside;
    }
    return inside;
  };
}

/** Corners of which none left out is farther than `tolerance` from the line that passes it (Douglas & Peucker 1973). */
export function simplify(corners, tolerance) {
  if (corners.length < 3) return corners;
  const kept = new Set([0, corners.length - 1]);
  const open = [[0, corners.length - 1]];
  while (open.length) {
    const [first, last] = open.pop();
    let far = tolerance;
    let at = -1;
    for (let k = first + 1; k < last; k++) {
      const d = distance(corners[k], corners[first], corners[last]);
      if (d > far) [far, at] = [d, k];
    }
    if (at < 0) continue;
    kept.add(at);
    open.push([first, at], [at, last]);
  }
  return corners.filter((_, k) => kept.has(k));
}

/** From a place to the stretch between two others. */
function distance([x, y], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const along = ((x - ax) * dx + (y - ay) * dy) / Math.max(dx * dx + dy * dy, 1e-30);
  const share = Math.min(Math.max(along, 0), 1);
  return Math.hypot(ax + share * dx - x, ay + share * dy - y);
}
