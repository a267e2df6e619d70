// Beside the plane: the image at the cursor, what it is worth, and the nearest test images.

/** @import { Aggregate } from "./cloud/aggregate.js" */
/** @import { Numbers, State, View } from "./context.js" */
/** @import { LatentPlane } from "./plane.js" */
/** @import { Images } from "./canvas/picture.js" */
/**
 * @typedef {object} Actions
 * @property {(show: State["show"]) => void} choose the user wants this shown of p(x|z)
 * @property {() => void} spoke the place under the cursor has been announced
 */

import { element, find, write } from "../shared/dom.js";
import { Picture, unitImage } from "./canvas/picture.js";
import { axisName, number } from "../shared/ticks.js";
import { priorDensity } from "./cloud/aggregate.js";
import { countLabels } from "./cloud/cloud.js";
import { link } from "./link.js";
import { createRandom } from "./nn/random.js";
import { classColour, luminance } from "../shared/palette.js";

const SPEAK_AFTER_MS = 300;
/** @type {Record<State["show"], [string, string]>} */ const SHOWN = {
  mean: ["Mean", "E[x|z], the mean of p(x|z)"],
  sample: ["Sample", "x drawn from p(x|z), every pixel by itself"],
  deviation: ["σ", "Standard deviation of each pixel under p(x|z)"],
};
const DENSITIES = [
  ["q", "Density of the aggregate posterior, the mean of all q(z|x)"],
  ["p", "Density of the prior N(0, I)"],
];

export class Inspector {
  /** @type {ReturnType<typeof setTimeout> | 0} until what is under the cursor is spoken */
  #timer = 0;
  #axes = "";
  #samples = 0;
  /** @type {Map<State["show"], HTMLButtonElement>} */ #buttons = new Map();
  #actions;

  /** @param {HTMLElement} root @param {Actions} actions @param {AbortSignal} signal */
  constructor(root, actions, signal) {
    this.#actions = actions;
    this.canvas = /** @type {HTMLCanvasElement} */ (find(root, "[data-testid=decoded]"));
    this.picture = new Picture(this.canvas);
    this.figures = find(root, ".figures");
    this.near = find(root, ".near");
    this.worth = find(root, ".worth");
    this.spoken = find(root, ".spoken");
    this.nearby = createNearby(find(root, ".squares"), NEAR);
    for (const show of /** @type {State["show"][]} */ (Object.keys(SHOWN))) {
      const [text, title] = SHOWN[show];
      const button = element("button", { type: "button", title, "data-show": show }, text);
      button.addEventListener("click", () => actions.choose(show), { signal });
      this.#buttons.set(show, button);
    }
    find(root, ".showing").append(...this.#buttons.values());
  }

  destroy() { clearTimeout(this.#timer); }

  /** Whether it is about to speak. */
  get waits() { return Boolean(this.#timer); }

  /** Everything at the plane's cursor. @param {LatentPlane} plane */
  show(plane) {
    const { cloud, cursor, theme, view } = plane;
    this.#showImage(plane, link.codeOf(plane) ?? plane.latentAt(cursor));
    this.#nameAxes(view, plane.decoder.latentDim, plane.aggregate);
    const place = cursor.slice(0, view.dims.length);
    const { aggregate } = plane;
    const values = [...place.map((value) => number(value)),
      ...(aggregate ? [short(aggregate.density(...cursor)), short(priorDensity(place))] : [])];
    this.figures.querySelectorAll("dd").forEach((cell, k) => write(cell, values[k]));
    const found = cloud.index().nearest(cursor[0], cursor[1], NEAR);
    const counts = countLabels(found, cloud.label);
    this.nearby.show(found, cloud.label, plane.images, plane.nameOf, theme.dark);
    this.near.hidden = !found.length;
    const entropy = counts.length ? `entropy ${number(labelEntropy(counts))} bits` : "";
    write(find(this.near, "i"), entropy);
    const isExtrapolation = plane.isExtrapolation();
    this.worth.hidden = !isExtrapolation;
    this.#speakLater(link.isFollowing(plane) ? "" // the other one speaks
      : describe(place, found.length, counts, plane.nameOf)
        + (isExtrapolation ? "; few test images map here, so this is extrapolation" : ""));
  }

  /** @param {string} text */
  #speakLater(text) {
    clearTimeout(this.#timer);
    this.#timer = !text ? 0 : setTimeout(() => {
      this.#timer = 0;
      write(this.spoken, text);
      this.#actions.spoke();
    }, SPEAK_AFTER_MS);
  }

  /** @param {LatentPlane} plane @param {Numbers} z */
  #showImage({ decoder, cursor, dial, state }, z) {
    const show = state.get("show");
    for (const [name, button] of this.#buttons) button.ariaPressed = String(name === show);
    const values = new Float32Array(decoder.pixels);
    decoder.likelihood[show](decoder.outputs(z), values, createRandom(this.#samples));
    if (show === "sample") this.#samples += 1;
    const highest = show === "deviation" ? values.reduce((a, b) => Math.max(a, b), 1e-6) : 1;
    this.picture.show(values, decoder, highest);
    Object.assign(this.canvas.dataset, { z: cursor.join(), beta: dial.beta ?? "", show });
    const scale = show === "deviation" ? `; white: ${number(highest)}` : "";
    this.canvas.title = SHOWN[show][1] + scale;
  }

  /** @param {View} view @param {number} latentDim @param {Aggregate | null} aggregate */
  #nameAxes(view, latentDim, aggregate) {
    const isPart = latentDim > view.dims.length;
    const key = `${view.axis} ${view.dims} ${isPart} ${Boolean(aggregate)}`;
    if (this.#axes === key) return;
    this.#axes = key;
    const axes = view.dims.map((dimension) => axisName(dimension, view));
    const place = !isPart ? "z" : view.axis === "PC" ? "PC" : axes.join(", ");
    write(find(this.near, "span"),
      isPart ? "12 nearest in these two dimensions" : "12 nearest test images");
    const densities = DENSITIES.map(([name, title]) => [`${name}(${place})`, title]);
    const rows = [...axes.map((name) => [name, ""]), ...(aggregate ? densities : [])];
    this.figures.replaceChildren(...rows.flatMap(
      ([term, title]) => [element("dt", { title }, term), element("dd", { title })]));
  }
}

/** Two significant digits, but none far out, where they would mean nothing.
 * @param {number} value */
function short(value) {
  if (value < 1e-6) return "< 10⁻⁶";
  if (value < 0.001) return value.toExponential(0).replace("-", "−");
  return String(Number(value.toPrecision(2)));
}

/** @typedef {[number, number][]} Counts label and how often it occurs */

export const NEAR = 12;
const LONGEST_INITIAL = 2;

/** Bits: −Σ p log₂ p of the labels' shares. @type {(counts: Counts) => number} */
export function labelEntropy(counts) {
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  return counts.reduce((sum, [, count]) => sum - (count / total) * Math.log2(count / total), 0);
}

/** "z = (0.40, −1.20), near 12 test images: 9 × 7, 3 × 9"
 * @type {(place: number[], found: number, counts: Counts, nameOf: (label: number) => string)
 *   => string} */
export function describe(place, found, counts, nameOf) {
  const z = `z = (${place.map((value) => number(value)).join(", ")})`;
  if (!found) return z;
  const near = `${z}, near ${found} test image${found === 1 ? "" : "s"}`;
  const labels = counts.map(([label, count]) => `${count} × ${nameOf(label)}`).join(", ");
  return labels ? `${near}: ${labels}` : near;
}

/** @param {HTMLElement} root @param {number} size how many there may be */
export function createNearby(root, size) {
  const slots = Array.from({ length: size }, () => {
    const picture = new Picture(element("canvas", { width: 1, height: 1, hidden: true }));
    const name = element("b", {});
    return { slot: element("span", {}, picture.canvas, name), picture, name, shown: "" };
  });
  /** @type {Images | null} the images that the pictures are of */ let drawn = null;
  root.replaceChildren(...slots.map(({ slot }) => slot));

  /** @param {number[]} found indices, nearest first
   * @param {Int32Array} labels @param {Images | null} images
   * @param {(label: number) => string} nameOf @param {boolean} dark */
  function show(found, labels, images, nameOf, dark) {
    root.classList.toggle("pictured", Boolean(images));
    slots.forEach((each, k) => {
      const i = found[k];
      each.slot.style.visibility = i === undefined ? "hidden" : "visible";
      const key = `${i} ${labels[i]} ${dark}`;
      if (i === undefined || (each.shown === key && images === drawn)) return;
      each.shown = key;
      label(each.slot, each.name, labels[i], nameOf, dark);
      each.slot.title = `test image ${i}`;
      each.slot.dataset.index = String(i);
      const { picture } = each;
      picture.canvas.hidden = !images || i >= images.count;
      if (images && i < images.count) picture.show(unitImage(images, i), images);
    });
    drawn = images;
  }

  return { show };
}

/** @type {(slot: HTMLElement, name: HTMLElement, of: number, nameOf: (label: number) => string,
 *   dark: boolean) => void} */
function label(slot, name, of, nameOf, dark) {
  const colour = classColour(of, dark);
  const text = of < 0 ? "" : nameOf(of);
  slot.style.background = colour;
  slot.style.color = luminance(colour) > 0.3 ? "#000" : "#fff";
  write(name, text.length <= LONGEST_INITIAL ? text : "");
}
