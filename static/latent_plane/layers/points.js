// The test images as points at their posterior means, with the names of their classes.

import { paintNames, paintPoints } from "../painter.js";

const MOST_OPAQUE = 0.75;
const BEHIND = 0.5; // how much of that is left under ellipses

export function createPoints(plane) {
  /** Dots grow as one zooms in and they stand apart. */
  function dots() {
    const { camera, cloud, viewport: { closeness } } = plane;
    const gap = Math.sqrt((camera.width * camera.height) / Math.max(cloud.x.length, 1));
    const closer = Math.min(Math.max(closeness, 1) ** 0.3, 2.5);
    return {
      radius: Math.min(1.2 + gap * 0.12, 3.5) * closer,
      alpha: Math.min(0.4 + 0.02 * gap * closer, MOST_OPAQUE),
    };
  }

  function paint(context) {
    const { radius, alpha } = dots();
    const behind = plane.layers.isShown("posteriors") ? BEHIND : 1;
    paintPoints(context, plane.camera, plane.cloud, plane.paint, { radius, alpha: alpha * behind });
    context.canvas.cloud = plane.cloud;
  }

  return { name: "points", title: "Test images", hint: "At their posterior means", paint };
}

/** Over everything else. */
export function createNames(plane) {
  return {
    paint(context) {
      if (plane.paint.range || !plane.layers.isShown("points")) return;
      paintNames(context, plane.camera, plane.cloud.names, plane.nameOf, plane.theme);
    },
  };
}
