// The test images as points at their posterior means, with the names of their classes.

/**
 * @import { Layer, LayerRow, PlaneContext } from "../context.js"
 */

import { paintNames } from "../canvas/painter.js";
import { Splatter } from "../cloud/splat.js";

const MOST_OPAQUE = 0.75;
const MOST_MOVING = 200_000; // points that are drawn while the window moves
const REST_MS = 150;
const BEHIND = 0.5; // how much of their opacity is left under ellipses

/** @type {(plane: PlaneContext) => Layer} */
function create(plane) {
  const splatter = new Splatter();
  let seen = "";
  let rest = 0;

  /** Dots grow as one zooms in and they move apart. */
  function dots() {
    const { camera, cloud, closeness } = plane;
    const gap = Math.sqrt((camera.width * camera.height) / Math.max(cloud.x.length, 1));
    const closer = Math.min(Math.max(closeness, 1) ** 0.3, 2.5);
    const behind = plane.isShown("posteriors") ? BEHIND : 1;
    return {
      radius: Math.min(1.2 + gap * 0.12, 3.5) * closer,
      alpha: Math.min(0.4 + 0.02 * gap * closer, MOST_OPAQUE) * behind,
    };
  }

  /** All of them at rest; while the window moves, a part of very many. */
  function countNow() {
    const { camera: { x, y, scale }, cloud } = plane;
    const before = seen;
    seen = [x, y, scale].join();
    if (seen === before || cloud.x.length <= MOST_MOVING) return cloud.x.length;
    clearTimeout(rest);
    rest = setTimeout(() => {
      rest = 0;
      plane.redraw("still");
    }, REST_MS);
    return MOST_MOVING;
  }

  return {
    paint(context) {
      const { camera, cloud, paint } = plane;
      splatter.paint(context, camera, cloud, paint, dots(), devicePixelRatio, countNow());
    },
    busy: () => rest > 0,
    paintOver(context) {
      if (plane.paint.range) return;
      paintNames(context, plane.camera, plane.cloud.names, plane.nameOf, plane.theme);
    },
  };
}

/** @type {LayerRow} */
export const POINTS = {
  name: "points", title: "Test images", hint: "At their posterior means", depth: 5, create,
};
