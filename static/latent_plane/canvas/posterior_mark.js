// One posterior on the plane: its mean, and its ellipses at 1σ and 2σ.

import { toPixel } from "./camera.js";
import { addEllipse, ellipseOf } from "../layers/posteriors.js";

/** xx, xy and yy of the symmetric root S in the dimensions shown: z = μ + S ε there. */
export function rootOf(posterior, [first, second = null]) {
  if (second === null) return [posterior.root(first, first), 0, 0];
  return [posterior.root(first, first), posterior.root(first, second), posterior.root(second, second)];
}

/** The ellipse of q(z|x) in the dimensions shown, in the plane's units; none wide in one dimension. */
export function shadowOf(posterior, dims) {
  return ellipseOf(...rootOf(posterior, dims));
}

/** `place`: the mean in the dimensions shown. */
export function paintEllipses(context, { camera, theme }, place, { a, b, angle }) {
  const at = toPixel(camera, ...place);
  context.strokeStyle = theme.text;
  for (const ring of [1, 2]) {
    const path = new Path2D();
    addEllipse(path, at, ring * a * camera.scale, ring * b * camera.scale, angle);
    context.lineWidth = 3 - ring;
    context.stroke(path);
  }
}

export function paintDot(context, at, radius, colour) {
  context.fillStyle = colour;
  context.beginPath();
  context.arc(...at, radius, 0, 2 * Math.PI);
  context.fill();
}

/** What can be dragged, or the place of what is shown. */
export function paintHandle(context, theme, at) {
  paintDot(context, at, 7, theme.background);
  paintDot(context, at, 5, theme.primary);
}
