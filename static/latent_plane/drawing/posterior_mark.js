// One posterior on the plane: its mean, and its ellipses at 1σ and 2σ.

import { toPixel } from "./camera.js";
import { addEllipse, ellipseOf } from "../layers/posteriors.js";

/** The ellipse of q(z|x) in the dimensions shown, in the plane's units; none wide in one dimension. */
export function shadowOf(posterior, [first, second = null]) {
  if (second === null) return { a: posterior.root(first, first), b: 0, angle: 0 };
  return ellipseOf(posterior.root(first, first), posterior.root(first, second), posterior.root(second, second));
}

/** `place`: the mean in the dimensions shown. */
export function paintPosterior(context, { camera, theme }, place, { a, b, angle }) {
  const at = toPixel(camera, ...place);
  context.strokeStyle = theme.text;
  for (const ring of [1, 2]) {
    const path = new Path2D();
    addEllipse(path, at, ring * a * camera.scale, ring * b * camera.scale, angle);
    context.lineWidth = 3 - ring;
    context.stroke(path);
  }
  for (const [radius, colour] of [[7, theme.background], [5, theme.primary]]) {
    context.fillStyle = colour;
    context.beginPath();
    context.arc(...at, radius, 0, 2 * Math.PI);
    context.fill();
  }
}
