// Beside the plane: the image at the cursor, what it is worth, and the nearest test images.

import { priorDensity } from "../cloud/aggregate.js";
import { NEAR, createNearby, describe, labelEntropy } from "./nearby.js";
import { element, write } from "../canvas/dom.js";
import { link } from "../compare/link.js";
import { countLabels } from "../cloud/cloud.js";
import { Picture } from "../canvas/picture.js";
import { createRandom } from "../nn/random.js";
import { axisName, number } from "../canvas/ticks.js";

const SPEAK_AFTER_MS = 300;
const SHOWN = {
  mean: ["Mean", "E[x|z], the mean of p(x|z)"],
  sample: ["Sample", "x drawn from p(x|z), every pixel by itself"],
  deviation: ["σ", "Standard deviation of each pixel under p(x|z)"],
};

export class Inspector {
  #timer = 0; // until what is under the cursor is spoken
  #names = "";
  #draws = 0;
  #buttons = new Map();

  /** `choose(name)`: the user wants this shown of p(x|z); `spoke()`: the place has been announced. */
  constructor(root, choose, spoke, signal) {
    this.spoke = spoke;
    const find = (name) => root.querySelector(name);
    this.canvas = find("[data-testid=decoded]");
    this.picture = new Picture(this.canvas);
    this.figures = find(".figures");
    this.near = find(".near");
    this.worth = find(".worth");
    this.spoken = find(".spoken");
    this.nearby = createNearby(find(".squares"), NEAR);
    find(".showing").append(...Object.entries(SHOWN).map(([name, [text, title]]) => {
      const button = element("button", { type: "button", title, "aria-pressed": "false", "data-show": name }, text);
      button.addEventListener("click", () => choose(name), { signal });
      this.#buttons.set(name, button);
      return button;
    }));
  }

  destroy() { clearTimeout(this.#timer); }

  get waits() { return this.#timer > 0; }

  /** Everything at the plane's cursor. */
  show(plane) {
    const { cursor, cloud, decoder } = plane;
    this.#showImage(plane, link.codeOf(plane) ?? plane.latentAt(cursor), plane.state.get("show"));
    this.#showAxes(plane.view, decoder.latentDim, plane.aggregate);
    this.figures.querySelectorAll("dd").forEach((cell, k) => {
      write(cell, k < plane.view.dims.length ? number(cursor[k]) : this.#density(plane, k));
    });
    const found = cloud.index().nearest(cursor[0], cursor[1], NEAR);
    const counts = countLabels(found, cloud.label);
    this.nearby.show(found, cloud.label, plane.images, plane.nameOf, plane.theme.dark);
    this.near.hidden = !found.length;
    write(this.near.querySelector("i"), counts.length ? `entropy ${number(labelEntropy(counts))} bits` : "");
    this.worth.hidden = !plane.isExtrapolation();
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (link.isFollowing(plane)) return; // the other one speaks
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.spoke();
      const place = cursor.slice(0, plane.view.dims.length);
      write(this.spoken, describe(place, found.length, counts, plane.nameOf)
        + (plane.isExtrapolation() ? "; hardly any test image is encoded here, so this is extrapolation" : ""));
    }, SPEAK_AFTER_MS);
  }

  #showImage({ decoder, cursor, dial }, z, show) {
    for (const [name, button] of this.#buttons) button.ariaPressed = String(name === show);
    const { likelihood } = decoder;
    const values = new Float32Array(decoder.pixels);
    likelihood[show](decoder.outputs(z), values, createRandom(this.#draws));
    if (show === "sample") this.#draws += 1;
    const highest = show === "deviation" ? values.reduce((a, b) => Math.max(a, b), 1e-6) : 1;
    this.picture.show(values, decoder, highest);
    this.canvas.dataset.z = cursor.join();
    this.canvas.dataset.beta = dial.beta ?? "";
    this.canvas.dataset.show = show;
    this.canvas.title = SHOWN[show][1] + (show === "deviation" ? `; white: ${number(highest)}` : "");
  }

  #showAxes(view, latentDim, aggregate) {
    const { dims } = view;
    const some = latentDim > dims.length;
    const key = `${view.axis} ${dims} ${some} ${Boolean(aggregate)}`;
    if (this.#names === key) return;
    this.#names = key;
    const axes = dims.map((dimension) => axisName(dimension, view));
    const place = some ? (view.axis === "PC" ? "PC" : axes.join(", ")) : "z";
    write(this.near.querySelector("span"), some ? "12 nearest in these two dimensions" : "12 nearest test images");
    const rows = [...axes.map((name) => [name, ""]), ...(aggregate ? [
      [`q(${place})`, "Density of the aggregate posterior, the mean of all q(z|x)"],
      [`p(${place})`, "Density of the prior N(0, I)"]] : [])];
    this.figures.replaceChildren(...rows.flatMap(([term, title]) => (
      [element("dt", { title }, term), element("dd", { title })])));
  }

  /** The rows after those of the axes: q, p. */
  #density({ aggregate, cursor, view: { dims } }, row) {
    const place = cursor.slice(0, dims.length);
    return short(row === dims.length ? aggregate.density(...cursor) : priorDensity(place));
  }
}

/** Two significant digits, but none far out, where they would mean nothing. */
function short(value) {
  if (value < 1e-6) return "< 10⁻⁶";
  return value < 0.001 ? value.toExponential(0).replace("-", "−") : String(Number(value.toPrecision(2)));
}
