// One test image: as it is, as it comes back, and z = μ + σ ⊙ ε moved by hand inside its posterior.

/** @import { Numbers, Pair, PlaneContext, Posterior, Tool, ToolRow } from "../context.js" */
/** @import { Images } from "../canvas/picture.js" */
/** What is known of the picked image: `seen` is x as the encoder gets it.
 * @typedef {{index: number, seen: Float32Array, images: Images, posterior: Posterior}} Picked */

import { clamp, toPixel } from "../canvas/camera.js";
import { createButton, element, find, showRows, write } from "../../shared/dom.js";
import {
  lineThrough, paintDot, paintEllipses, paintHandle, rootOf, shadowOf,
} from "../canvas/marks.js";
import { Figure, refusalOf, unitImage } from "../canvas/picture.js";
import { axisName, nats, number } from "../../shared/ticks.js";
import { createRandom } from "../nn/random.js";

const GRIP = 14; // pixels around the handle
const CLOSE = 6; // half axes of the ellipse from the middle to the edge of the plane
export const FARTHEST_EPS = 3;

/** @implements {Tool} */
class ImageTool {
  #plane;
  #view;
  #random = createRandom(7);
  /** @type {Picked | null} */ #picked = null;

  /** @param {PlaneContext} plane */
  constructor(plane) {
    this.#plane = plane;
    this.#view = createPanel({
      pick: (index) => this.#pick(index),
      move: (axis, value) => this.#setEps(this.#eps.with(axis, value)),
      sample: () => this.#setEps(this.#eps.map(() => this.#random.normal()), { replace: false }),
      reset: () => this.#setEps(this.#eps.map(() => 0), { replace: false }),
      zoom: () => this.#zoom(),
    });
    this.panel = this.#view.root;
  }

  /** ε in the dimensions shown. */
  get #eps() {
    const eps = this.#plane.get("eps");
    return this.#plane.view.dims.map((_, axis) => eps?.[axis] ?? 0);
  }

  /** μ + S ε; in dimensions that aren't shown ε is 0. @param {Posterior} posterior */
  #zOf(posterior) {
    const whole = Array.from(posterior.mu, () => 0);
    this.#plane.view.dims.forEach((dimension, axis) => { whole[dimension] = this.#eps[axis]; });
    return posterior.at(whole);
  }

  /** @param {number} index */
  #pick(index) {
    const plane = this.#plane;
    const refusal = refusalOf(index, plane.cloud.label.length);
    if (refusal) return this.#view.complain(refusal);
    plane.act({ image: index, eps: null });
    this.refresh();
    if (this.#picked) plane.moveTo(plane.placeOf(this.#picked.posterior.mu), true);
  }

  /** @param {number[]} eps @param {{replace: boolean}} options */
  #setEps(eps, options = { replace: true }) {
    const plane = this.#plane;
    if (!this.#picked) return;
    const within = eps.map((value) => clamp(value, -FARTHEST_EPS, FARTHEST_EPS));
    plane.act({ eps: within.map((value) => Number(value.toFixed(3))) }, options);
    this.#showMoved(this.#picked);
    plane.moveTo(plane.placeOf(this.#zOf(this.#picked.posterior)));
  }

  #zoom() {
    const plane = this.#plane;
    if (!this.#picked) return;
    const { posterior } = this.#picked;
    const { a } = shadowOf(posterior, plane.view.dims);
    plane.showAround(plane.placeOf(posterior.mu), CLOSE * a);
  }

  refresh() {
    const plane = this.#plane;
    const index = plane.picked;
    this.#picked = index === null ? null : this.#look(index);
    this.#view.show(plane, index, this.#picked);
    if (this.#picked) this.#showMoved(this.#picked);
  }

  /** @param {number} index @returns {Picked | null} */
  #look(index) {
    const images = this.#plane.encoderImages;
    if (!images || index >= images.count) return null;
    const seen = unitImage(images, index);
    const posterior = this.#plane.posteriorOf(seen);
    return posterior && { index, seen, images, posterior };
  }

  /** @param {Picked} picked */
  #showMoved(picked) {
    this.#view.showMoved(this.#plane, picked, this.#zOf(picked.posterior), this.#eps);
  }

  /** @param {Pair} pixel */
  press(pixel) {
    const plane = this.#plane;
    if (!this.#picked || plane.encoder?.network.deterministic) return false;
    const handle = toPixel(plane.camera, ...plane.placeOf(this.#zOf(this.#picked.posterior)));
    return Math.hypot(pixel[0] - handle[0], pixel[1] - handle[1]) < GRIP;
  }

  /** The ε whose z lies under the pointer. @param {Pair} _ @param {Pair} z */
  drag(_, z) {
    if (!this.#picked) return;
    const { dims } = this.#plane.view;
    const { posterior } = this.#picked;
    const [xx, xy, yy] = rootOf(posterior, dims);
    const [mx, my] = this.#plane.placeOf(posterior.mu);
    const [dx, dy] = [z[0] - mx, z[1] - my];
    const determinant = xx * yy - xy * xy;
    this.#setEps(dims.length < 2 ? [dx / xx]
      : [(yy * dx - xy * dy) / determinant, (xx * dy - xy * dx) / determinant]);
  }

  /** @param {Pair} pixel @param {Pair} z */
  click(pixel, z) {
    const nearest = this.#plane.pointNear(pixel, z);
    if (nearest !== null) this.#pick(nearest);
    return nearest !== null;
  }

  /** @param {CanvasRenderingContext2D} context */
  paint(context) {
    if (!this.#picked) return;
    const { camera, theme, view, placeOf } = this.#plane;
    const { posterior } = this.#picked;
    const mean = placeOf(posterior.mu);
    const [from, to] = [mean, placeOf(this.#zOf(posterior))].map((z) => toPixel(camera, ...z));
    paintEllipses(context, camera, theme, mean, shadowOf(posterior, view.dims));
    context.lineWidth = 1.5;
    context.stroke(lineThrough([from, to]));
    paintDot(context, from, 3, theme.text);
    paintHandle(context, theme, to);
  }

  inspect() {
    if (!this.#picked) return null;
    const { index, posterior } = this.#picked;
    const { a, b } = shadowOf(posterior, this.#plane.view.dims);
    return { index, mu: [...posterior.mu], sigma: [...posterior.sigma], eps: this.#eps, a, b };
  }
}

/** @type {ToolRow} */
export const IMAGE = {
  name: "image", title: "Image", hint: "Pick a test image, see its posterior, move z inside it",
  needsZ: true, messages: ["encoder"], create: (plane) => new ImageTool(plane),
};

/** `move`: a slider of ε.
 * @param {{pick: (index: number) => void, move: (axis: number, value: number) => void,
 *   sample: () => void, reset: () => void, zoom: () => void}} actions */
function createPanel({ pick, move, sample, reset, zoom }) {
  const original = new Figure("The image");
  const given = new Figure("As the model sees it");
  const back = new Figure("Decoded at μ");
  const moved = new Figure("Decoded at μ + σε");
  const where = element("input", {
    type: "number", min: 0, step: 1, "aria-label": "Index of the test image",
  });
  const hint = element("p", { class: "tool-hint" });
  const numbers = element("dl", { class: "tool-figures", "data-testid": "image-figures" });
  const sliders = element("div", { class: "sliders" });
  const buttons = [
    createButton("Draw ε", "ε ~ N(0, I)", sample),
    createButton("ε = 0", "z = μ", reset),
    createButton("Zoom to q(z|x)", "Zoom to the posterior", zoom),
  ];
  const figures = [original.root, given.root, back.root, moved.root];
  const root = element("div", { class: "image-tool" },
    hint,
    element("div", { class: "tool-row" }, element("label", {}, "Test image ", where), ...buttons),
    element("div", { class: "tool-row" }, ...figures, numbers),
    sliders);
  where.addEventListener("change", () => pick(where.valueAsNumber));
  let axes = "";

  /** @type {(plane: PlaneContext, index: number | null, picked: Picked | null) => void} */
  function show(plane, index, picked) {
    const { images, cloud, encoder, decoder, view } = plane;
    where.max = String(cloud.label.length - 1);
    if (document.activeElement !== where) where.value = String(index ?? "");
    for (const part of [...figures, numbers, sliders, ...buttons]) part.hidden = !picked;
    given.root.hidden ||= !encoder?.network.binarized;
    write(hint, index === null ? "Click a point to pick its image, or type its number."
      : !picked ? "Loading the encoder…"
        : "Drag the handle inside the ellipse, or move the sliders: reparameterisation by hand, "
          + "z = μ + σ ⊙ ε.");
    if (!picked) return;
    if (axes !== String(view.dims)) buildSliders(view.dims);
    if (images && picked.index < images.count) {
      original.show(unitImage(images, picked.index), images);
    }
    given.show(picked.seen, picked.images);
    back.show(decoder.decode(picked.posterior.mu), decoder);
  }

  /** @type {(plane: PlaneContext, picked: Picked, z: Float32Array, eps: number[]) => void} */
  function showMoved({ decoder, cloud, nameOf, placeOf }, { index, seen, posterior }, z, eps) {
    const distortion = (/** @type {Numbers} */ code) =>
      `${number(-decoder.likelihood.logProb(seen, decoder.outputs(code)), 1)} nats`;
    const label = cloud.label[index];
    const sigma = placeOf(posterior.sigma).slice(0, eps.length);
    moved.show(decoder.decode(z), decoder);
    moved.canvas.dataset.z = z.join();
    showRows(numbers, [
      ["label", label < 0 ? "none" : nameOf(label)],
      ["−log p(x|z)", distortion(z), "Here, at z = μ + σε"],
      ["at z = μ", distortion(posterior.mu)],
      ["Distortion", `${number(cloud.values.distortion[index], 1)} nats`,
        "Mean of −log p(x|z) over samples of z"],
      ["Rate", nats(posterior.rate), "KL(q(z|x) ‖ p(z))"],
      ["σ", sigma.map((value) => number(value, 3)).join(", ")],
    ]);
    eps.forEach((value, axis) => {
      const slider = sliders.children[axis];
      find(slider, "input").value = String(value);
      write(find(slider, "output"), number(value));
    });
  }

  /** @param {number[]} dims */
  function buildSliders(dims) {
    axes = String(dims);
    sliders.replaceChildren(...dims.map((dimension, axis) => {
      const name = `ε${axisName(dimension).slice(1)}`;
      const input = element("input", {
        type: "range", min: -FARTHEST_EPS, max: FARTHEST_EPS, step: 0.01, "aria-label": name,
      });
      input.addEventListener("input", () => move(axis, input.valueAsNumber));
      return element("label", {}, name, input, element("output", {}, "0"));
    }));
  }

  return { root, show, showMoved, complain: (/** @type {string} */ text) => write(hint, text) };
}
