// What two linked planes have in common, on each: the image under the cursor, and the picked one.

/** @import { Cloud } from "../cloud/cloud.js" */
/** @import { LatentPlane } from "../plane.js" */

import { toPixel } from "../canvas/camera.js";
import { element, find } from "../canvas/dom.js";
import { link, placeOf } from "./link.js";
import { paintImage } from "../canvas/marks.js";
import { number } from "../canvas/ticks.js";

/** The linked image and the picked one, with their places; null on a plane alone.
 * @param {LatentPlane} plane */
export function linkedOn(plane) {
  if (!link.holds(plane)) return null;
  const { index } = link;
  const picked = pickedIndex(plane);
  return {
    index, place: placeOf(plane.cloud, index), leads: !link.isFollowing(plane),
    picked, pickedPlace: placeOf(plane.cloud, picked),
  };
}

/** Rings around both; the plane that the pointer is on names the image.
 * @param {CanvasRenderingContext2D} context @param {LatentPlane} plane */
export function paintLinked(context, plane) {
  const linked = linkedOn(plane);
  if (!linked) return;
  const { index, place, leads, picked, pickedPlace } = linked;
  const { camera, theme } = plane;
  if (!camera) return;
  // The tool draws the picked image by itself.
  if (pickedPlace && picked !== index && plane.toolbox.activeName !== "image") {
    const pixel = toPixel(camera, ...pickedPlace);
    paintImage(context, camera, pixel, nameOf(picked), { ...theme, primary: theme.text });
  }
  if (!place) return;
  paintImage(context, camera, toPixel(camera, ...place), leads ? nameOf(index) : "", theme);
}

/** Under each plane, what the image under the cursor costs with its model.
 * @param {LatentPlane} plane */
export function showCost(plane) {
  const { cloud, nameOf: classOf } = plane;
  const line = find(plane.root, ".cost");
  const index = link.holds(plane) ? link.index : null;
  line.hidden = index === null || index >= cloud.label.length;
  if (index === null || line.hidden) return;
  const label = cloud.label[index];
  const [distortion, rate, sum] = costOf(cloud, index).map((value) => element("b", {}, value));
  line.replaceChildren(`${titleOf(index, label, classOf)}: distortion`, distortion,
    "+ rate", rate, "=", sum, "nats");
}

/** Distortion and rate of a test image, and their sum, as texts; the rate of a point is infinite.
 * @type {(cloud: Pick<Cloud, "values" | "spread">, index: number) => string[]} */
export function costOf({ values, spread }, index) {
  const [distortion, rate] = [values.distortion[index], spread ? values.rate[index] : Infinity];
  return [distortion, rate, distortion + rate].map((value) => (
    Number.isFinite(value) ? number(value, 1) : "∞"));
}

/** @type {(index: number | null) => string} */
function nameOf(index) { return `test image ${index}`; }

/** @type {(index: number, label: number, classOf: (label: number) => string) => string} */
function titleOf(index, label, classOf) {
  return `Test image ${index}${label < 0 ? "" : ` (${classOf(label)})`}`;
}

/** The test image that the tool has picked, if both have it. @param {LatentPlane} plane */
function pickedIndex({ state }) {
  const index = state.get("image");
  return index !== null && index < link.size ? index : null;
}
