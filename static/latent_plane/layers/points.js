// The test images as points at their posterior means, with the names of their classes.

import { paintNames } from "../canvas/painter.js";
import { Splatter } from "../cloud/splat.js";

const MOST_OPAQUE = 0.75;
const MOST_MOVING = 200_000; // points that are drawn while the window moves
const REST_MS = 150;
const BEHIND = 0.5; // how much of that is left under ellipses

export function createPoints(plane) {
  const splatter = new Splatter();
  let seen = "";
  let rest = 0;

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

  /** All of them at rest; while the window moves, a part of very many. */
  function howMany() {
    const { camera: { x, y, scale }, cloud } = plane;
    const before = seen;
    seen = [x, y, scale].join();
    if (seen === before || cloud.x.length <= MOST_MOVING) return cloud.x.length;
    clearTimeout(rest);
    rest = setTimeout(() => plane.redraw("still"), REST_MS);
    return MOST_MOVING;
  }

  function paint(context) {
    const { radius, alpha } = dots();
    const behind = plane.layers.isShown("posteriors") ? BEHIND : 1;
    const dot = { radius, alpha: alpha * behind };
    splatter.paint(context, plane.camera, plane.cloud, plane.paint, dot, devicePixelRatio, howMany());
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
