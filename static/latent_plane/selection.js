// The selected test images of a plane: named by a text in the URL, drawn, and told to Python.

import { link } from "./link.js";
import { maskOf, packed, subsetOf } from "./subset.js";
import { completed, parseTerms, tagsFor } from "./terms.js";

const MOST_KNOWN = 24;

export class Selection {
  /** Indices, ranked where the text ranks them; null where nothing is selected. */
  indices = null;
  /** What the URL's text says, term by term. */
  terms = [];
  /** Why the URL's text names nothing, as a sentence. */
  problem = "";
  #mask = null;
  #lit = null;
  #shown = "";
  #told = "null";
  #tell = () => {};
  #known = new Map();

  constructor(plane) {
    this.plane = plane;
  }

  /** `tell({model, text, bits})`: Python is to have the indices as they are here. */
  tell(tell) { this.#tell = tell; }

  get text() { return this.plane.kept.get("select"); }

  /** What is drawn in colour: one byte a point, or null for all. Two planes share the left one's. */
  get mask() {
    const { selection } = link.keeperOf(this.plane);
    const mask = selection.#lit ?? selection.#mask;
    const { length } = this.plane.cloud.label;
    return !mask || mask.length === length ? mask : Uint8Array.from({ length }, (_, i) => mask[i] ?? 0);
  }

  /** The axes and β that a place or a figure means now, as a tag of a term. */
  get tags() { return tagsFor(this.here); }

  /** What a figure means now: it has no axes. */
  get betaTag() { return tagsFor({ beta: this.here.beta }); }

  /** Selects what a text names, null for nothing; throws a sentence where it names none. */
  choose(text) {
    const found = text ? this.indicesOf(text) : [];
    this.#lit = null;
    if (found) this.#report(text, found);
    this.plane.kept.set("select", text || null);
    this.plane.redraw("tools", "still", "marks");
  }

  /** Draws these in colour and the others grey, until it is called with null. */
  light(indices) {
    if (!indices && !this.#lit) return;
    this.#lit = indices && maskOf(indices, this.plane.cloud.label.length);
    this.#colour();
  }

  /** As the URL and the points are now; called before each frame in which either may have changed. */
  refresh() {
    const { plane } = this;
    if (link.keeperOf(plane) !== plane) return;
    const key = JSON.stringify([plane.view.model, this.text, plane.cloud.label.length]);
    if (key === this.#shown) return;
    [this.problem, this.terms] = ["", []];
    let [text, found] = [this.text, null];
    try {
      text = text && completed(text, this.here);
      this.terms = parseTerms(text ?? "");
      found = text ? this.indicesOf(text) : [];
      if (!found) return; // the codes are on their way
    } catch (error) {
      this.problem = error.message;
    }
    this.indices = text ? found : null;
    plane.canvases.still.selected = this.indices;
    this.#mask = this.indices && maskOf(this.indices, plane.cloud.label.length);
    this.#colour();
    this.#report(text, this.indices);
    plane.kept.set("select", text);
    this.#shown = JSON.stringify([plane.view.model, text, plane.cloud.label.length]);
  }

  /** The images that a text names, or null while the codes it needs are on their way. */
  indicesOf(text) {
    const key = `${this.plane.view.model} ${text}`;
    if (this.#known.has(key)) return this.#known.get(key);
    const found = this.look(text);
    if (found) this.#known.set(key, found);
    if (this.#known.size > MOST_KNOWN) this.#known.delete(this.#known.keys().next().value);
    return found;
  }

  /** The same for a text that is looked at once. */
  look(text) {
    const { label } = this.plane.cloud;
    return subsetOf(parseTerms(text), {
      size: label.length, label, points: (dims, beta) => this.#pointsOn(dims, beta),
    });
  }

  #pointsOn(dims, beta) {
    const { plane } = this;
    const points = plane.embedding.pointsAt(beta ?? plane.dial.beta);
    if (!dims || String(dims) === String(plane.view.dims)) return points;
    const codes = plane.letters.codes(plane.view.model);
    if (!codes) return null;
    if (dims.some((d) => d >= plane.decoder.latentDim)) {
      throw new Error(`The selection was made on z${Math.max(...dims) + 1}, but this model has `
        + `${plane.decoder.latentDim} dimensions.`);
    }
    const [x, y] = codes.across(dims, beta ?? plane.dial.beta);
    return { ...points, x, y: y ?? new Float32Array(x.length) };
  }

  /** Axes where there are others to choose, β where it turns: see `completed`. */
  get here() {
    const { view: { dims }, decoder, dial } = this.plane;
    return { dims: decoder.latentDim > 2 ? dims : null, beta: dial.beta };
  }

  #colour() {
    for (const plane of [this.plane, link.isWhole && this.plane === link.left ? link.right : null]) {
      if (!plane?.view) continue;
      plane.colour();
      plane.redraw("still", "marks");
    }
  }

  /**
   * Always before the URL is told: a run of Python's that writes the URL and is cut short by the
   * next message forgets what it wrote.
   */
  #report(text, indices) {
    const told = text && indices ? {
      model: this.plane.view.model, text, bits: packed(maskOf(indices, this.plane.cloud.label.length)),
    } : null;
    const key = JSON.stringify(told);
    if (key === this.#told) return;
    this.#told = key;
    this.#tell(told);
  }
}
