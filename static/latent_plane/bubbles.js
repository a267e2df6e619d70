// Posteriors q(z|x) of some of the points as ellipses at one standard deviation, never exaggerated.

import { clamp, toPixel, visible } from "./camera.js";

const MOST = 400;
const LAYERS = 4;

/** Indices of at most `most` points: of each class every n-th one, as many of one as of another. */
export function chooseEvenly({ members }, most = MOST) {
  const each = Math.floor(most / Math.max(members.size, 1));
  const chosen = [];
  for (const points of members.values()) {
    const count = Math.min(each, points.length);
    for (let k = 0; k < count; k++) chosen.push(points[Math.floor((k * points.length) / count)]);
  }
  return chosen;
}

/** The ellipse S·(unit circle) of a symmetric S = [[xx, xy], [xy, yy]]: half axes, angle of the first. */
export function ellipseOf(xx, xy, yy) {
  const middle = (xx + yy) / 2;
  const half = (xx - yy) / 2;
  const reach = Math.hypot(half, xy);
  return { a: middle + reach, b: Math.abs(middle - reach), angle: 0.5 * Math.atan2(xy, half) };
}

/** Ellipses of the points `chosen`, in the plane's units. */
export function bubblesOf({ x, y, spread }, chosen) {
  return chosen.map((i) => (
    { i, x: x[i], y: y[i], ...ellipseOf(spread.xx[i], spread.xy?.[i] ?? 0, spread.yy[i]) }));
}

/** The layer of ellipses: whether it is wanted, and of which points. */
export class Bubbles {
  wanted = false;
  #groups = null;
  #chosen = [];

  /** The ellipses to draw, or null. */
  of(cloud) {
    return this.wanted && cloud.spread ? bubblesOf(cloud, this.#choose(cloud)) : null;
  }

  counts(cloud) {
    return { drawn: this.#choose(cloud).length, of: cloud.label.length };
  }

  /** The button that switches them, where there can be any. */
  mark(button, possible) {
    button.hidden = !possible;
    button.ariaPressed = String(possible && this.wanted);
  }

  #choose({ groups }) {
    if (groups !== this.#groups) this.#chosen = chooseEvenly(groups);
    this.#groups = groups;
    return this.#chosen;
  }
}

/** Ellipses in their points' colours, in a few layers so that no class lies on top of all others. */
export function paintBubbles(context, camera, bubbles, { buckets, colours }) {
  const { left, right, bottom, top } = visible(camera);
  const paths = new Map();
  let reach = 0;
  for (const [rank, { i, x, y, a, b, angle }] of bubbles.entries()) {
    if (x + a < left || x - a > right || y + a < bottom || y - a > top) continue;
    const key = (rank % LAYERS) * colours.length + buckets[i];
    if (!paths.has(key)) paths.set(key, new Path2D());
    const path = paths.get(key);
    const [px, py] = toPixel(camera, x, y);
    path.moveTo(px + a * camera.scale * Math.cos(angle), py - a * camera.scale * Math.sin(angle));
    path.ellipse(px, py, a * camera.scale, b * camera.scale, -angle, 0, 2 * Math.PI);
    reach += (a * camera.scale) / bubbles.length;
  }
  // The larger they are the more they overlap.
  const [filled, stroked] = [clamp(1.2 / reach, 0.025, 0.12), clamp(9 / reach, 0.3, 0.8)];
  context.lineWidth = 1.2;
  for (const key of [...paths.keys()].sort((p, q) => p - q)) {
    const colour = colours[key % colours.length];
    context.fillStyle = colour;
    context.strokeStyle = colour;
    context.globalAlpha = filled;
    context.fill(paths.get(key));
    context.globalAlpha = stroked;
    context.stroke(paths.get(key));
  }
  context.globalAlpha = 1;
}

/** One standard deviation of the prior, dashed: what a posterior without information looks like. */
export function paintPrior(context, camera, theme) {
  const [px, py] = toPixel(camera, 0, 0);
  context.beginPath();
  context.arc(px, py, camera.scale, 0, 2 * Math.PI);
  context.setLineDash([6, 5]);
  context.lineWidth = 1.8;
  context.strokeStyle = theme.text;
  context.globalAlpha = 0.75;
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}
