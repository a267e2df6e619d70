// A line drawn on the plane by dragging, told with few points.

import { MOST_POINTS, tidyPlace } from "./path.js";
import { arcLengths, distance, simplified } from "../../geometry.js";
import { between } from "./polyline.js";

const SHORTEST = 8; // pixels; less was a click
const APART = 30; // pixels from one move to the next: another finger
const ROUGH = 0.7; // pixels that the line may be off

export class Stroke {
  constructor(pixel, z) {
    this.points = [z];
    this.pixel = pixel;
  }

  move(pixel, z) {
    this.points.push(z);
    this.pixel = pixel;
  }

  /** Whether it ends elsewhere than it was: a second finger came, to pan and zoom. */
  isBroken(pixel) { return distance(this.pixel, pixel) > APART; }

  /** At least three points, so that they aren't taken for two ends; null for a click, or too far out. */
  finish({ scale }) {
    if (arcLengths(this.points).at(-1) * scale < SHORTEST) return null;
    const points = simplified(this.points, ROUGH / scale, MOST_POINTS);
    if (points.length < 3) points.splice(1, 0, between(points[0], points[1], 0.5));
    const tidied = points.map(tidyPlace);
    return tidied.includes(null) ? null : tidied;
  }
}
