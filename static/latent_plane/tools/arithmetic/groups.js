// Two groups of test images and the straight way from one's mean code to the other's, in all
// dimensions; "A|B|t" in the URL.

/** @import { Numbers, Pair, PlaneContext } from "../../context.js" */
/** @import { Codes } from "../../cloud/sweep.js" */
/** @typedef {{texts: readonly string[], t: number}} GroupTexts of A and B; t: of the direction */
/** @typedef {{indices: number[], name: string}} Group */
/**
 * From the mean of group A to that of B.
 * @typedef {{from: Float64Array, to: Float64Array, delta: Float64Array, length: number}} Direction
 */

import { shownCodes } from "../../cloud/sweep.js";
import { LONGEST, nameOfGroup } from "../find/selection.js";
import { completed, parseTerms } from "../find/terms.js";

export const FARTHEST_STEP = 2; // times the direction
const NAMES = ["A", "B"];

/** @type {(from: Float64Array, to: Float64Array) => Direction} */
export function directionBetween(from, to) {
  const delta = to.map((value, d) => value - from[d]);
  return { from, to, delta, length: Math.hypot(...delta) };
}

/** z + t·delta. @type {(z: Numbers, delta: Numbers, t: number) => Float32Array} */
export function along(z, delta, t) {
  return Float32Array.from(z, (value, d) => value + t * delta[d]);
}

/** Which share of the squared length lies in these dimensions.
 * @type {(direction: {delta: Numbers, length: number}, dims: number[]) => number} */
export function shareIn({ delta, length }, dims) {
  return length ? dims.reduce((sum, d) => sum + delta[d] ** 2, 0) / length ** 2 : 0;
}

/** The t at which base + t·step comes nearest to a place of the plane; null where it doesn't move.
 * @type {(place: Pair, base: Pair, step: Pair) => number | null} */
export function nearestStep([x, y], base, step) {
  const squared = step[0] ** 2 + step[1] ** 2;
  return squared < 1e-12 ? null : ((x - base[0]) * step[0] + (y - base[1]) * step[1]) / squared;
}

/** As the state and the dial have them. */
export class Groups {
  /** @type {readonly string[]} what A and B select */ texts = ["", ""];
  t = 0;
  /** @type {(Group | null)[]} null where one isn't chosen, or its codes are on their way */
  found = [null, null];
  /** @type {Direction | null} null until both groups are known */ direction = null;
  problem = "";
  waiting = false;
  #plane;
  #known = "";

  /** @param {PlaneContext} plane */
  constructor(plane) {
    this.#plane = plane;
  }

  get isChosen() { return this.texts.every(Boolean); }
  get indices() { return this.found.flatMap((each) => each?.indices ?? []); }

  /** Chooses a group; returns "", or why it can't be had, and then all stays as it was.
   * @param {number} k @param {string} text */
  choose(k, text) {
    const texts = this.texts.with(k, text);
    if (texts.join("|").length > LONGEST) {
      return "Both groups together are too long for the URL: choose labels, a simpler lasso or "
        + "fewer images.";
    }
    this.texts = texts;
    this.commit();
    return "";
  }

  swap() {
    this.texts = this.texts.toReversed();
    this.t = -this.t;
    this.commit();
  }

  /** @param {{replace: boolean}} options */
  commit(options = { replace: false }) {
    this.#plane.act({ groups: { texts: this.texts, t: Number(this.t.toFixed(2)) } }, options);
  }

  /** As the state and the dial are now; whether anything is another. */
  refresh() {
    const { view, beta, selection, get } = this.#plane;
    const { texts, t } = get("groups");
    const key = JSON.stringify([texts, t, view.model, beta]);
    if (key === this.#known) return false;
    [this.found, this.direction, this.problem, this.waiting] = [[null, null], null, "", false];
    try {
      this.texts = texts.map((each) => completed(each, selection.here));
      this.t = t;
      const [a, b] = this.found = this.texts.map((text, k) => (text ? this.#group(text, k) : null));
      const codes = this.isChosen ? this.#codes() : null;
      this.waiting ||= this.isChosen && !codes;
      if (a && b && codes) {
        const [from, to] = [a, b].map(({ indices }) => codes.meanOf(indices, beta ?? 1));
        this.direction = directionBetween(from, to);
      }
    } catch (error) {
      this.problem = /** @type {Error} */ (error).message;
    }
    if (!this.waiting) this.#known = key;
    return true;
  }

  /** @param {string} text @param {number} k @returns {Group | null} */
  #group(text, k) {
    const { selection, cloud, nameOf } = this.#plane;
    const indices = selection.indicesOf(text);
    if (!indices) {
      this.waiting = true;
      return null;
    }
    if (!indices.length) throw new Error(`Group ${NAMES[k]} has no images: choose another one.`);
    return { indices, name: nameOfGroup(parseTerms(text), indices, cloud.label, nameOf) };
  }

  /** The means in all dimensions: those on the plane, if these are all. @returns {Codes | null} */
  #codes() {
    const { decoder: { latentDim }, codes, pointsAt, beta } = this.#plane;
    return latentDim > 2 ? codes : shownCodes(pointsAt(beta), latentDim);
  }
}
