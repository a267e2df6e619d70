// Two groups of test images and the direction between them, as the URL names them: "A|B|t".

import { shownCodes } from "../../cloud/codes.js";
import { directionBetween } from "./direction.js";
import { nameOfGroup } from "../find/subset.js";
import { LONGEST } from "../find/selection.js";
import { completed, parseTerms } from "../find/terms.js";

const NAMES = ["A", "B"];

export class Groups {
  texts = ["", ""];
  t = 0;
  /** {indices, name} of each group, null where it isn't chosen. */
  found = [null, null];
  /** See `directionBetween`; null until both groups are known. */
  direction = null;
  problem = "";
  waiting = false;
  #known = "";

  constructor(plane) {
    this.plane = plane;
  }

  get isChosen() { return this.texts.every(Boolean); }
  get indices() { return this.found.flatMap((each) => each?.indices ?? []); }

  /** Chooses a group; returns "", or why it can't be had, and then all stays as it was. */
  set(k, text) {
    const texts = this.texts.with(k, text);
    if (texts.join("|").length > LONGEST) {
      return "Both groups together are too long for the address: choose labels, a simpler lasso or fewer images.";
    }
    this.texts = texts;
    this.keep();
    return "";
  }

  swap() {
    this.texts = this.texts.toReversed();
    this.t = -this.t;
    this.keep();
  }

  keep(options) {
    const t = Number(this.t.toFixed(2));
    this.plane.act({ groups: { texts: this.texts, t } }, options);
  }

  /** Groups and direction as the URL and the dial have them now; whether anything is another. */
  refresh() {
    const { plane } = this;
    const key = JSON.stringify([plane.state.get("groups"), plane.view.model, plane.dial.beta]);
    if (key === this.#known) return false;
    [this.found, this.direction, this.problem, this.waiting] = [[null, null], null, "", false];
    try {
      const { texts, t } = plane.state.get("groups");
      this.texts = texts.map((each) => completed(each, plane.selection.here));
      this.t = t;
      this.found = this.texts.map((text, k) => (text ? this.#group(text, k) : null));
      this.waiting ||= this.isChosen && !this.#codes();
      if (this.isChosen && !this.waiting) this.direction = this.#between();
    } catch (error) {
      this.problem = error.message;
    }
    if (!this.waiting) this.#known = key;
    return true;
  }

  #group(text, k) {
    const { selection, cloud, nameOf } = this.plane;
    const indices = selection.indicesOf(text);
    if (!indices) {
      this.waiting = true;
      return null;
    }
    if (!indices.length) throw new Error(`Group ${NAMES[k]} has no images: choose another one.`);
    return { indices, name: nameOfGroup(parseTerms(text), indices, cloud.label, nameOf) };
  }

  #between() {
    const codes = this.#codes();
    const [from, to] = this.found.map(({ indices }) => codes.meanOf(indices, this.plane.dial.beta ?? 1));
    return directionBetween(from, to);
  }

  /** The means in all dimensions: those on the plane, if these are all. */
  #codes() {
    const { plane } = this;
    const { latentDim } = plane.decoder;
    if (latentDim > 2) return plane.codes;
    return shownCodes(plane.embedding.pointsAt(plane.dial.beta), latentDim);
  }
}
