// The selected test images of a plane: named by a text in the URL, drawn, and told to Python; which
// images such a text names, and what they have in common.

/** @import { FigureName } from "../../cloud/cloud.js" */
/** @import { Here, Term } from "./terms.js" */
/** @import { LatentPlane } from "../../plane.js" */
/** Points on some axes at some β.
 * @typedef {{x: Float32Array, y: Float32Array, values: Record<FigureName, Float32Array>}} Points */
/**
 * What terms are about; `points(term)` are those on the term's axes at its β, null while unknown.
 * @typedef {{size: number, label: ArrayLike<number>, points: (term: Term) => Points | null}} Source
 */

import { countLabels } from "../../cloud/cloud.js";
import { insideOf } from "../../geometry.js";
import { link } from "../../link.js";
import { axesOf, base64Of, completed, parseTerms, setTerm, tagsFor } from "./terms.js";

const MOSTLY = 0.5; // of a group, from which on its name says so

/** Indices of the images that `terms` name, or null while their points aren't known.
 * @type {(terms: Term[], source: Source) => number[] | null} */
export function subsetOf(terms, source) {
  const all = Array.from({ length: source.size }, (_, i) => i);
  let chosen = terms.length && terms[0].operation !== "add" ? all : [];
  for (const term of terms) {
    const found = foundBy(term, term.operation === "within" ? chosen : all, source);
    if (!found) return null;
    chosen = join(chosen, found, term.operation, source.size);
  }
  return chosen;
}

/** A term's images among `candidates`: by rank the first ones first, else in the order given.
 * @type {(term: Term, candidates: number[], source: Source) => number[] | null} */
function foundBy(term, candidates, source) {
  const { label, size } = source;
  switch (term.kind) {
    case "label": {
      const wanted = new Set(term.labels);
      return candidates.filter((i) => wanted.has(label[i]));
    }
    case "index": {
      const { ranges } = term;
      requireImages(Math.max(...ranges.map(([, last]) => last)), size);
      return candidates.filter((i) => ranges.some(([first, last]) => i >= first && i <= last));
    }
    case "set": {
      const { bytes } = term;
      requireImages(8 * bytes.length + 23 - Math.clz32(bytes[bytes.length - 1] ?? 0), size);
      return candidates.filter((i) => (bytes[i >> 3] >> (i & 7)) & 1);
    }
    default: return foundAmong(term, candidates, source.points(term));
  }
}

/** @type {(term: Exclude<Term, {kind: "label" | "index" | "set"}>, candidates: number[],
 *   points: Points | null) => number[] | null} */
function foundAmong(term, candidates, points) {
  if (!points) return null;
  const { x, y, values } = points;
  switch (term.kind) {
    case "near": {
      const { place: [px, py] } = term;
      const closeness = Float64Array.from(x, (value, i) => -((value - px) ** 2 + (y[i] - py) ** 2));
      return highest(candidates, closeness, term.count);
    }
    case "box": {
      const { left, bottom, right, top } = term;
      return candidates.filter((i) => (
        x[i] >= left && x[i] <= right && y[i] >= bottom && y[i] <= top));
    }
    case "lasso": {
      const isInside = insideOf(term.corners);
      return candidates.filter((i) => isInside(x[i], y[i]));
    }
    default: return highest(candidates, values[term.kind], term.count);
  }
}

/** @type {(last: number, size: number) => void} */
function requireImages(last, size) {
  if (last < size) return;
  throw new Error(`Test image ${last} isn't on the plane: its images are 0 to ${size - 1}.`);
}

/** One byte an image: whether it is among these.
 * @type {(indices: ArrayLike<number>, size: number) => Uint8Array} */
export function maskOf(indices, size) {
  const mask = new Uint8Array(size);
  for (let k = 0; k < indices.length; k++) mask[indices[k]] = 1;
  return mask;
}

/** The mask's bits, eight images a byte, lowest first; as base64.
 * @type {(m: Uint8Array) => string} */
export function packed(mask) {
  const bytes = new Uint8Array(Math.ceil(mask.length / 8));
  mask.forEach((set, i) => { bytes[i >> 3] |= set << (i & 7); });
  return base64Of(bytes);
}

/** @type {(chosen: number[], found: number[], operation: Term["operation"], size: number)
 *   => number[]} */
function join(chosen, found, operation, size) {
  if (operation === "within") return found;
  if (operation === "add") {
    const before = maskOf(chosen, size);
    return chosen.concat(found.filter((i) => !before[i]));
  }
  const gone = maskOf(found, size);
  return chosen.filter((i) => !gone[i]);
}

/** The candidates with the highest finite values, the highest first; of equal ones the first.
 * @type {(candidates: number[], values: ArrayLike<number>, count: number) => number[]} */
function highest(candidates, values, count) {
  return candidates.filter((i) => Number.isFinite(values[i]))
    .sort((a, b) => values[b] - values[a] || a - b).slice(0, count);
}

/** Mean over these; NaN of none. @type {(indices: number[], values: Float32Array) => number} */
export function meanOver(indices, values) {
  let sum = 0;
  for (const i of indices) sum += values[i];
  return sum / indices.length;
}

/** The labels of a group's images that have one, the most frequent first.
 * @type {(indices: ArrayLike<number>, labels: ArrayLike<number>)
 *   => {label: number, count: number, share: number}[]} */
export function sharesOf(indices, labels) {
  const counts = countLabels(indices, labels);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  return counts.map(([label, count]) => ({ label, count, share: count / total }));
}

/** "12 %"; what is there is never "0 %". @type {(share: number) => string} */
export function percent(share) {
  return share < 0.005 ? "< 1 %" : `${Math.round(100 * share)} %`;
}

/** "3", "3 and 8", "120 images, mostly 3": short enough for an arrow.
 * @type {(terms: Term[], indices: ArrayLike<number>, labels: ArrayLike<number>,
 *   nameOf: (label: number) => string) => string} */
export function nameOfGroup(terms, indices, labels, nameOf) {
  const [only, more] = terms;
  const isLabels = !more && only?.kind === "label" && only.operation === "add";
  if (isLabels && only.labels.length < 3) {
    return only.labels.map((label) => (label < 0 ? "no label" : nameOf(label))).join(" and ");
  }
  const [first] = sharesOf(indices, labels);
  const many = `${indices.length.toLocaleString("en")} image${indices.length === 1 ? "" : "s"}`;
  if (!first || first.share <= MOSTLY) return many;
  return `${many}, ${first.share === 1 ? "all" : "mostly"} ${nameOf(first.label)}`;
}

/** @typedef {{model: string, text: string, bits: string}} Selected what Python is told */

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
