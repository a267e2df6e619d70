// The selected test images of a plane: named by a text in the URL, drawn, and told to Python.

/** @import { Pair } from "../../context.js" */
/** @import { LatentPlane } from "../../plane.js" */
/** @import { Points } from "./subset.js" */
/** @import { Here, Term } from "./terms.js" */
/** @typedef {{model: string, text: string, bits: string}} Selected what Python is told */

import { link } from "../../link.js";
import { maskOf, packed, subsetOf } from "./subset.js";
import { axesOf, completed, parseTerms, setTerm, tagsFor } from "./terms.js";

export const LONGEST = 1900; // characters in the URL

const MOST_KNOWN = 24;

export class Selection {
  /** @type {number[] | null} ranked where the text ranks them; null where nothing is selected */
  indices = null;
  /** @type {Term[]} what the URL's text says, term by term */ terms = [];
  /** Why the URL's text names nothing, as a sentence. */
  problem = "";
  /** @type {Uint8Array | null} */ #mask = null;
  /** @type {Uint8Array | null} what is drawn in colour for a while instead */ #lit = null;
  #shown = "";
  /** @type {Selected | null} */ report = null;
  #title = "";
  /** @type {Map<string, number[]>} */ #known = new Map();

  /** @param {LatentPlane} plane */
  constructor(plane) {
    this.plane = plane;
  }

  get text() { return this.plane.state.get("select"); }

  /** What is drawn in colour: one byte a point, or null for all. Two planes share the left one's.
   * @returns {Uint8Array | null} */
  get mask() {
    const { selection } = link.keeperOf(this.plane);
    const mask = selection instanceof Selection ? selection.#lit ?? selection.#mask : null;
    const { length } = this.plane.cloud.label;
    if (!mask || mask.length === length) return mask;
    return Uint8Array.from({ length }, (_, i) => mask[i] ?? 0);
  }

  /** The axes and β that a place or a figure means now, as a tag of a term. */
  get tags() { return tagsFor(this.here); }

  /** What a figure means now: it has no axes. */
  get betaTag() { return tagsFor({ beta: this.here.beta }); }

  /** Selects what a text names, null for nothing; throws a sentence where it names none.
   * @param {string | null} text */
  choose(text) {
    const found = text ? this.indicesOf(text) : [];
    this.#lit = null;
    if (found) this.#report(text, found);
    this.plane.act({ select: text || null });
  }

  /** Draws these in colour and the others grey, until it is called with null.
   * @param {number[] | null} indices */
  light(indices) {
    if (!indices && !this.#lit) return;
    this.#lit = indices && maskOf(indices, this.plane.cloud.label.length);
    this.#colour();
  }

  /** As the URL and the points are now; called before each frame that either may change. */
  refresh() {
    const { plane } = this;
    if (link.keeperOf(plane) !== plane) return;
    const key = JSON.stringify([plane.view.model, this.text, plane.cloud.label.length]);
    if (key === this.#shown) return;
    [this.problem, this.terms] = ["", []];
    let { text } = this;
    /** @type {number[] | null} */ let found = null;
    try {
      text = text && completed(text, this.here);
      this.terms = parseTerms(text ?? "");
      found = text ? this.indicesOf(text) : [];
      if (!found) return; // the codes are on their way
    } catch (error) {
      // On other axes of the same model the same images stay selected, now by themselves.
      const same = error instanceof OtherAxes && this.report?.text === text
        && this.#title === plane.view.title;
      const named = same ? setTerm(this.indices ?? []) : "";
      if (same && named.length <= LONGEST) {
        [text, found, this.terms] = [named, this.indices, parseTerms(named)];
      } else this.problem = /** @type {Error} */ (error).message;
    }
    this.#title = plane.view.title;
    this.indices = text ? found : null;
    this.#mask = this.indices && maskOf(this.indices, plane.cloud.label.length);
    this.#colour();
    this.#report(text, this.indices);
    plane.act({ select: text }, { replace: true });
    this.#shown = JSON.stringify([plane.view.model, text, plane.cloud.label.length]);
  }

  /** The images that a text names, or null while the codes it needs are on their way.
   * @param {string} text @returns {number[] | null} */
  indicesOf(text) {
    const key = `${this.plane.view.model} ${text}`;
    const known = this.#known.get(key);
    if (known) return known;
    const found = this.look(text);
    if (found) this.#known.set(key, found);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_KNOWN) this.#known.delete(oldest);
    return found;
  }

  /** The same for a text that is looked at once. @param {string} text */
  look(text) { return this.#found(text, (term) => this.#pointsOn(term)); }

  /** A term of places as they are shown: on UMAP's map these mean nothing later, its images do.
   * @param {string} term */
  settled(term) {
    const { view, cloud } = this.plane;
    return view.axis === "UMAP" ? setTerm(this.#found(term, () => cloud) ?? []) : term;
  }

  /** @param {string} text @param {(term: Term) => Points | null} points */
  #found(text, points) {
    const { label } = this.plane.cloud;
    return subsetOf(parseTerms(text), { size: label.length, label, points });
  }

  /** On a term's axes at its β; null while the codes are on their way. @param {Term} term */
  #pointsOn({ dims, axis, beta }) {
    const { view, dial, decoder, embedding, codes } = this.plane;
    const points = embedding.pointsAt(beta ?? dial.beta);
    if (!dims || (axis === view.axis && String(dims) === String(view.dims))) return points;
    const { latentDim } = decoder;
    const beyond = latentDim <= view.dims.length || dims.some((d) => d >= latentDim);
    if (axis !== this.here.axis || beyond) {
      throw new OtherAxes(axesOf(dims, axis ?? "z"), beyond);
    }
    if (!codes) return null;
    const [x, y] = codes.across(dims, beta ?? dial.beta ?? 1);
    return { ...points, x, y };
  }

  /** Axes where there are others to choose, β where it turns. @returns {Here} */
  get here() {
    const { view: { dims, axis }, decoder, dial } = this.plane;
    const axes = decoder.latentDim > 2 ? dims : null;
    return { dims: axes, axis: axis === "PC" ? "PC" : "z", beta: dial.beta };
  }

  #colour() {
    for (const plane of [this.plane, link.borrowerOf(this.plane)]) {
      if (!plane?.view) continue;
      plane.colour();
      plane.redraw("still", "marks");
    }
  }

  /** @param {string | null} text @param {number[] | null} indices */
  #report(text, indices) {
    const { view, cloud } = this.plane;
    this.report = text && indices ? {
      model: view.model, text, bits: packed(maskOf(indices, cloud.label.length)),
    } : null;
    this.plane.tellLater();
  }
}

class OtherAxes extends Error {
  /** @param {string} axes @param {boolean} beyond */
  constructor(axes, beyond) {
    super(`The images were selected on the axes ${axes}` + (beyond
      ? ", which this model doesn't have: select others."
      : ": choose these axes to see which they are."));
  }
}
