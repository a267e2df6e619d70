// Polygons drawn by hand: what lies inside, and the same outline with fewer corners.

/** Whether (x, y) lies inside by the even–odd rule; `corners` are [[x, y], …], closed by itself. */
export function isInside(corners, x, y) {
  let inside = false;
  for (let i = 0, j = corners.length - 1; i < corners.length; j = i++) {
    const [ax, ay] = corners[i];
    const [bx, by] = corners[j];
    if ((ay > y) !== (by > y) && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
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
