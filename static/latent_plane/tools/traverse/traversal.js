// Walks along single latent dimensions: in which order, how far, and from where.

/** @import { Decoder } from "../../context.js" */
/** @typedef {"cursor" | "image" | "drawn" | "origin"} BaseName where a traversal starts */
/** @typedef {{base: BaseName, moved: Map<number, number>}} Traversal `moved`: value by dimension */
/**
 * What is known of a dimension; without a rate (β = 0) its codes' range orders it.
 * @typedef {object} Axis
 * @property {number} dimension
 * @property {number | null} rate nats
 * @property {number} low
 * @property {number} high
 * @property {boolean} closed inactive
 */

import { clamp } from "../../canvas/camera.js";
import { contextOf, element, listenToSteps, write } from "../../../shared/dom.js";
import { toImageData } from "../../canvas/picture.js";
import { number } from "../../../shared/ticks.js";

/** @type {BaseName[]} */
export const BASES = ["cursor", "image", "drawn", "origin"];
const REACH = 3; // of the prior's standard deviations
const NUM = 9; // images along one
const FARTHEST = 1e4; // that the URL may ask for

/** The dimensions by their rate, the highest first; equal ones as they come.
 * @type {(rates: number[]) => number[]} */
export function orderOf(rates) {
  return Array.from(rates, (_, d) => d).sort((a, b) => rates[b] - rates[a] || a - b);
}

/** What is known of each dimension, in the order of a traversal. With β = 0 there is no rate: then
 * they come by the range of their codes, `ranges`.
 * @param {object} known
 * @param {number[] | null} [known.rates] @param {[number, number][] | null} [known.ranges]
 * @param {boolean[] | null} [known.closed] whether each dimension is inactive
 * @param {number} latentDim @returns {Axis[]} */
export function axesOf({ rates, ranges, closed }, latentDim) {
  const known = Array.from({ length: latentDim }, (_, d) => {
    const [low, high] = ranges?.[d] ?? [-REACH, REACH];
    return { dimension: d, rate: rates?.[d] ?? null, low, high, closed: Boolean(closed?.[d]) };
  });
  return orderOf(known.map(({ rate, low, high }) => rate ?? high - low)).map((d) => known[d]);
}

/** The places along an axis that are decoded. @type {(axis: Axis) => number[]} */
export function stepsOf({ low, high }) {
  return Array.from({ length: NUM }, (_, k) => low + ((high - low) * k) / (NUM - 1));
}

/** z with single dimensions moved.
 * @type {(z: ArrayLike<number>, moved: Traversal["moved"]) => Float32Array} */
export function movedFrom(z, moved) {
  const other = Float32Array.from(z);
  for (const [d, value] of moved) if (d < other.length) other[d] = value;
  return other;
}

/** For the URL: "image;3:1.2,5:-0.7" (dimensions counted from 1); null for the cursor itself.
 * @type {(base: BaseName, moved: Traversal["moved"]) => string | null} */
export function writeTraversal(base, moved) {
  const values = [...moved].sort(([a], [b]) => a - b)
    .map(([d, value]) => `${d + 1}:${Number(value.toFixed(3))}`);
  if (!values.length) return base === BASES[0] ? null : base;
  return `${base};${values.join()}`;
}

/** Of such a text, or of nothing; null for what can't be read.
 * @type {(text: string | null) => Traversal | null} */
export function readTraversal(text) {
  const [name, values = ""] = (text ?? BASES[0]).split(";");
  const base = BASES.find((each) => each === name);
  const pairs = values.split(",").filter(Boolean).map((pair) => pair.split(":").map(Number));
  const valid = pairs.every(([d, value, ...more]) => (
    Number.isInteger(d) && d > 0 && Math.abs(value) < FARTHEST && !more.length));
  if (!base || !valid) return null;
  return { base, moved: new Map(pairs.map(([d, value]) => [d - 1, value])) };
}

/** @typedef {Axis & {name: string}} NamedAxis */
/**
 * @typedef {object} Row
 * @property {NamedAxis} axis
 * @property {number[]} steps the values that are decoded
 * @property {HTMLElement} root
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLInputElement} input
 * @property {HTMLElement} output
 * @property {HTMLElement} title
 * @property {HTMLElement} note
 * @property {ImageData | null} image
 * @property {Float32Array} values its images, unquantised
 * @property {number} next the image that is made next
 * @property {number} left how many aren't up to date
 */
/**
 * @typedef {object} StripActions
 * @property {(dimension: number, value: number) => void} move while a slider moves
 * @property {() => void} rest once it rests
 * @property {() => void} done all is decoded
 */

const SLICE_MS = 8; // of each frame
const KEY_STEPS = 60; // of an arrow key, from one end to the other

export class Strips {
  root = element("div", { class: "strips" });
  #actions;
  /** @type {Row[]} */ #rows = [];
  /** @type {Map<string, Row>} */ #byName = new Map();
  #z = new Float32Array(0);
  /** @type {Decoder | null} */ #decoder = null;
  #version = "";
  #at = 0;
  #frame = 0;

  /** @param {StripActions} actions */
  constructor(actions) {
    this.#actions = actions;
  }

  get busy() { return this.#frame > 0; }

  /** Of each row: its dimension, and its images as they are. */
  get images() {
    return this.#rows.map(({ axis, values }) => [axis.dimension, Array.from(values)]);
  }

  /** The axes to be shown, in order. @param {NamedAxis[]} axes */
  build(axes) {
    this.#rows = axes.map((axis) => this.#byName.get(axis.name) ?? this.#make(axis));
    this.#byName = new Map(this.#rows.map((row, k) => [axes[k].name, row]));
    this.#rows.forEach((row, k) => this.#describe(row, axes[k]));
    const now = [...this.root.children];
    const wanted = this.#rows.map(({ root }) => root);
    // A row that moves loses the pointer that holds its slider.
    if (now.length !== wanted.length || now.some((child, k) => child !== wanted[k])) {
      this.root.replaceChildren(...wanted);
    }
  }

  /** The images around z, made slice by slice; `version` changes when the decoder does.
   * @param {Float32Array} z @param {Decoder} decoder @param {string} version */
  show(z, decoder, version) {
    const all = version !== this.#version || this.#z.length !== z.length;
    const other = all ? [] : [...z.keys()].filter((d) => z[d] !== this.#z[d]);
    this.#z = Float32Array.from(z);
    [this.#decoder, this.#version] = [decoder, version];
    for (const row of this.#rows) {
      const value = z[row.axis.dimension];
      row.input.value = String(value);
      write(row.output, number(value));
      // A row doesn't change with its own dimension.
      if (all || other.some((d) => d !== row.axis.dimension)) expire(row);
    }
    this.#schedule();
  }

  stop() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  #schedule() { this.#frame ||= requestAnimationFrame(() => this.#work()); }

  /** Goes round: while one drags, all rows follow, not only the first ones. */
  #work() {
    this.#frame = 0;
    const end = performance.now() + SLICE_MS;
    while (this.#decoder && this.#rows.some(({ left }) => left)) {
      this.#at %= this.#rows.length;
      const row = this.#rows[this.#at];
      for (let k = 0; row.left && k < row.steps.length; k++) {
        this.#decode(row, this.#decoder);
        if (performance.now() > end) return this.#schedule();
      }
      this.#at++;
    }
    this.#actions.done();
  }

  /** @param {Row} row @param {Decoder} decoder */
  #decode(row, decoder) {
    const { channels, height, width, pixels } = decoder;
    const { canvas, steps } = row;
    const context = contextOf(canvas);
    if (row.image?.width !== width || row.image.height !== height) {
      [canvas.width, canvas.height] = [steps.length * width, height];
      row.image = context.createImageData(width, height);
    }
    if (row.values.length !== steps.length * pixels) {
      row.values = new Float32Array(steps.length * pixels);
    }
    const z = Float32Array.from(this.#z);
    z[row.axis.dimension] = steps[row.next];
    const values = decoder.decode(z);
    row.values.set(values, row.next * pixels);
    context.putImageData(toImageData(values, channels, row.image), row.next * width, 0);
    row.next = (row.next + 1) % steps.length;
    row.left -= 1;
    if (!row.left) {
      canvas.dataset.z = this.#z.join();
      row.root.ariaBusy = "false";
    }
  }

  /** @param {NamedAxis} axis @returns {Row} */
  #make(axis) {
    const { dimension, name } = axis;
    const canvas = element("canvas", {
      width: 252, height: 28, role: "img", "aria-label": `Images along ${name}`,
    });
    const input = element("input", { type: "range", step: "any", "aria-label": name });
    const [title, output, note] = [
      element("span", {}), element("output", {}), element("small", {})];
    const root = element("div", { class: "strip", "data-dimension": dimension },
      element("p", {}, element("b", {}, name), title, output, note), canvas, input);
    /** @type {Row} */ const row = {
      axis, steps: [], root, canvas, input, output, title, note, image: null,
      values: new Float32Array(0), next: 0, left: 0,
    };
    this.#listen(row);
    return row;
  }

  /** @param {Row} row */
  #listen(row) {
    const { input, canvas, axis: { dimension } } = row;
    const actions = this.#actions;
    input.addEventListener("input", () => actions.move(dimension, input.valueAsNumber));
    input.addEventListener("change", () => actions.rest());
    listenToSteps(input, 7.5, (by) => {
      const { low, high } = row.axis;
      const value = input.valueAsNumber + (by * (high - low)) / KEY_STEPS;
      actions.move(dimension, clamp(value, low, high));
      actions.rest();
    });
    canvas.addEventListener("click", (event) => {
      const box = canvas.getBoundingClientRect();
      const at = Math.floor(((event.clientX - box.left) / box.width) * row.steps.length);
      actions.move(dimension, row.steps[clamp(at, 0, row.steps.length - 1)]);
      actions.rest();
    });
  }

  /** @param {Row} row @param {NamedAxis} axis */
  #describe(row, axis) {
    const { low, high, rate, closed } = axis;
    if (!row.steps.length || row.axis.low !== low || row.axis.high !== high) {
      row.steps = stepsOf(axis);
      [row.input.min, row.input.max] = [String(low), String(high)];
      expire(row);
    }
    row.axis = axis;
    row.root.classList.toggle("closed", closed);
    write(row.title, rate === null
      ? `${number(low, 1)} … ${number(high, 1)}` : `${number(rate)} nats`);
    row.title.title = rate === null
      ? "The middle 98 % of its codes" : "Its mean rate over the test images";
    write(row.note, closed ? "inactive: its mean hardly depends on the data" : "");
  }
}

/** @param {Row} row */
function expire(row) {
  row.left = row.steps.length;
  row.root.ariaBusy = "true";
}
