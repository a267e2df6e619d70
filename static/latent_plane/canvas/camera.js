// The window through which a plane is seen: pure functions on frozen cameras.
// A camera is {x, y, scale, width, height}: the plane's point in the middle of the window,
// pixels per unit (equal on both axes), and the window's size in CSS pixels. y grows upwards.

const PADDING = 0.06;
const NEAREST = 400;
const FARTHEST = 0.2;

/** The camera that shows all of `bounds` {left, right, bottom, top} with a margin. */
export function fit(bounds, width, height, padding = PADDING) {
  const spanX = Math.max(bounds.right - bounds.left, 1e-9);
  const spanY = Math.max(bounds.top - bounds.bottom, 1e-9);
  const scale = Math.min(width / spanX, height / spanY) * (1 - 2 * padding);
  return Object.freeze({
    x: (bounds.left + bounds.right) / 2,
    y: (bounds.bottom + bounds.top) / 2,
    scale: Math.max(scale, 1e-9),
    width,
    height,
  });
}

export function toPixel(camera, x, y) {
  return [
    camera.width / 2 + (x - camera.x) * camera.scale,
    camera.height / 2 - (y - camera.y) * camera.scale,
  ];
}

export function toPlane(camera, px, py) {
  return [
    camera.x + (px - camera.width / 2) / camera.scale,
    camera.y - (py - camera.height / 2) / camera.scale,
  ];
}

/** What was under a pixel moves along by (dx, dy) pixels. */
export function pan(camera, dx, dy) {
  return Object.freeze({
    ...camera,
    x: camera.x - dx / camera.scale,
    y: camera.y + dy / camera.scale,
  });
}

/** Scales by `factor`; the point under pixel (px, py) stays there. `home` limits how far. */
export function zoom(camera, factor, px, py, home = null) {
  let scale = camera.scale * factor;
  if (home) scale = clamp(scale, home.scale * FARTHEST, home.scale * NEAREST);
  const [x, y] = toPlane(camera, px, py);
  return Object.freeze({
    ...camera,
    scale,
    x: x - (px - camera.width / 2) / scale,
    y: y + (py - camera.height / 2) / scale,
  });
}

/** The same view in a window of another size: the middle stays, the shorter side shows as much. */
export function resize(camera, width, height) {
  const grown = Math.min(width, height) / Math.min(camera.width, camera.height);
  return Object.freeze({ ...camera, width, height, scale: camera.scale * grown });
}

/** Pans no further than needed to bring (x, y) at least `margin` pixels inside the window. */
export function reveal(camera, x, y, margin = 12) {
  const [px, py] = toPixel(camera, x, y);
  const dx = clamp(px, margin, camera.width - margin) - px;
  const dy = clamp(py, margin, camera.height - margin) - py;
  return dx || dy ? pan(camera, dx, dy) : camera;
}

/** What the window shows, in the plane's units. */
export function visible(camera) {
  const [left, top] = toPlane(camera, 0, 0);
  const [right, bottom] = toPlane(camera, camera.width, camera.height);
  return { left, right, bottom, top };
}

/** The smallest box around all finite points and `inside`, a box that must be in it. */
export function boundsOf(xs, ys, inside) {
  let { left, right, bottom, top } = inside;
  for (let i = 0; i < xs.length; i++) {
    if (!Number.isFinite(xs[i]) || !Number.isFinite(ys[i])) continue;
    if (xs[i] < left) left = xs[i];
    if (xs[i] > right) right = xs[i];
    if (ys[i] < bottom) bottom = ys[i];
    if (ys[i] > top) top = ys[i];
  }
  return { left, right, bottom, top };
}

export function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}
