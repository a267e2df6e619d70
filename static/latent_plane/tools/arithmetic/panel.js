// The panel of the tool Arithmetic: two groups, the image that their difference is added to, and
// the images along it.

/** @import { Decoder, Numbers, PlaneContext } from "../../context.js" */
/** @import { Direction, Groups } from "./groups.js" */
/** @typedef {{z: Numbers, index: number | null}} Base where the direction is added */
/** @typedef {"0" | "1" | "pan"} Drag the group that a lasso chooses, or none */
/**
 * @typedef {object} Actions
 * @property {(k: number, text: string) => void} choose a group
 * @property {(k: number) => void} chooseSelection
 * @property {() => void} swap
 * @property {(index: number | null) => void} pick an image; null: follow the cursor
 * @property {(t: number, rests: boolean) => void} step
 */

import {
  createButton, createChoice, element, labelled, showRows, write,
} from "../../../shared/dom.js";
import { Figure, Picture, unitImage } from "../../canvas/picture.js";
import { number } from "../../../shared/ticks.js";
import { percent } from "../find/selection.js";
import { FARTHEST_STEP, shareIn } from "./groups.js";

const STEPS = Array.from({ length: 9 }, (_, k) => FARTHEST_STEP * (k / 4 - 1));
const SLICE_MS = 4; // of each frame, beside what else follows the pointer
/** @type {[Drag, string][]} */ const DRAGS = [["0", "Lasso A"], ["1", "Lasso B"], ["pan", "Pan"]];

/** @param {Actions} actions */
export function createArithmeticPanel(actions) {
  const hint = element("p", {
    class: "tool-hint", role: "status", "data-testid": "arithmetic-hint",
  });
  const choosers = ["From group A", "to group B"].map((title, k) => (
    createChooser(title, k, actions)));
  const swap = createButton("⇄", "The other way round", actions.swap);
  swap.ariaLabel = "Swap A and B";
  const drags = createChoice("What a drag on the plane does", DRAGS, "0");
  const where = element("input", {
    type: "number", min: 0, step: 1, "aria-label": "Index of the test image", placeholder: "cursor",
  });
  where.addEventListener("change", () => (
    actions.pick(where.value === "" ? null : where.valueAsNumber)));
  const free = createButton("Follow the cursor", "Add the direction to what is under the cursor",
    () => actions.pick(null));
  const slider = element("input", {
    type: "range", min: -FARTHEST_STEP, max: FARTHEST_STEP, step: 0.01,
    "aria-label": "t, how many times the direction is added",
  });
  slider.addEventListener("input", () => actions.step(slider.valueAsNumber, false));
  slider.addEventListener("change", () => actions.step(slider.valueAsNumber, true));
  const output = element("output", {});
  const results = createResults();
  const series = new Series(STEPS, (t) => actions.step(t, true));
  const root = element("div", { class: "arithmetic-tool" },
    hint,
    element("div", { class: "tool-row" }, choosers[0].root, swap, choosers[1].root,
      labelled("Drag", drags.root)),
    element("div", { class: "tool-row" }, element("label", {}, "Added to test image ", where), free,
      element("label", { class: "slide" }, "t ", slider, output)),
    results.root, series.root);

  /** @param {PlaneContext} plane @param {Groups} groups @param {Base | null} base
   * @param {string} complaint */
  function show(plane, groups, base, complaint) {
    const { cloud, picked } = plane;
    const [a, b] = groups.found;
    for (const chooser of choosers) chooser.show(plane, groups);
    swap.disabled = !groups.texts.some(Boolean);
    where.max = String(cloud.label.length - 1);
    if (document.activeElement !== where) where.value = String(picked ?? "");
    free.disabled = picked === null;
    const isLoading = groups.waiting || (groups.isChosen && !base);
    write(hint, complaint || groups.problem || (isLoading ? "Loading the codes…"
      : groups.direction ? `${a?.name} → ${b?.name}: the mean code of B minus that of A, in all `
        + "dimensions."
        : "Draw a lasso around each of two groups, or choose them: their mean difference becomes a "
          + "direction."));
  }

  /** What the slider gives now.
   * @param {PlaneContext} plane @param {Groups} groups @param {Base | null} base
   * @param {(t: number) => Float32Array} zAt */
  function showStep(plane, groups, base, zAt) {
    const { direction, t } = groups;
    const ready = base && direction ? { base, direction } : null;
    series.root.hidden = results.root.hidden = slider.disabled = !ready;
    slider.value = String(t);
    write(output, number(t));
    series.mark(t);
    if (ready) results.show(plane, groups, ready.base, ready.direction, zAt(t));
  }

  return {
    root, series, show, showStep,
    get drag() { return drags.value; },
    /** A group has been chosen: the next lasso is the other one's. @param {number} k */
    aimAtOther(k) { if (drags.value === String(k)) drags.set(k ? "0" : "1"); },
  };
}

/** @param {string} title @param {number} k @param {Actions} actions */
function createChooser(title, k, actions) {
  const name = "AB"[k];
  const select = element("select", { "aria-label": `Group ${name}` });
  select.addEventListener("change", () => actions.choose(k, select.value));
  const use = createButton("Use selection", `Group ${name} becomes the current selection`,
    () => actions.chooseSelection(k));
  const root = labelled(title, element("div", { class: "pair" }, select, use));
  let shown = "";

  /** @param {PlaneContext} plane @param {Groups} groups */
  function show({ cloud, selection, nameOf }, groups) {
    const text = groups.texts[k];
    const options = [["", "–"], ...cloud.groups.classes.map((label) => (
      label < 0 ? ["label:none", "no label"] : [`label:${label}`, nameOf(label)]))];
    if (selection.text) {
      options.push([selection.text, `the selection (${selection.indices?.length ?? 0})`]);
    }
    const isListed = options.some(([value]) => value === text);
    if (!isListed) options.push([text, groups.found[k]?.name ?? "…"]);
    if (shown !== JSON.stringify(options)) {
      select.replaceChildren(...options.map(([value, each]) => element("option", { value }, each)));
    }
    shown = JSON.stringify(options);
    select.value = text;
    use.disabled = !selection.indices?.length || selection.text === text;
  }

  return { root, show };
}

/** The images before and after, and the direction's figures. */
function createResults() {
  const original = new Figure("The image");
  const start = new Figure("Decoded at z");
  const result = new Figure("At z + t·(B − A)");
  const numbers = element("dl", { class: "tool-figures", "data-testid": "arithmetic-figures" });
  const root = element("div", { class: "tool-row" },
    original.root, start.root, result.root, numbers);

  /** @param {PlaneContext} plane @param {Groups} groups @param {Base} base
   * @param {Direction} direction @param {Float32Array} z */
  function show(plane, { found }, base, direction, z) {
    const { decoder, images } = plane;
    // The image at the cursor is shown beside the plane already.
    start.root.hidden = base.index === null;
    original.root.hidden = base.index === null || !images;
    if (base.index !== null) {
      start.show(decoder.decode(base.z), decoder);
      if (images) original.show(unitImage(images, base.index), images);
    }
    result.show(decoder.decode(z), decoder);
    result.canvas.dataset.z = z.join();
    const [a, b] = found.map((group) => (
      `${(group?.indices.length ?? 0).toLocaleString("en")} images`));
    showRows(numbers, [["A", a], ["B", b], ["‖B − A‖", number(direction.length)],
      ...placeRows(plane, direction, z)]);
  }

  return { root, show };
}

/** What the plane shows of the direction.
 * @type {(plane: PlaneContext, direction: Direction, z: Float32Array) => [string, string][]} */
function placeRows({ decoder, view, isExtrapolation, placeOf }, direction, z) {
  if (decoder.latentDim > view.dims.length) {
    return [["in this plane", percent(shareIn(direction, view.dims))]];
  }
  return isExtrapolation(placeOf(z)) ? [["here", "extrapolation"]] : [];
}

/** Images at equal steps along the direction, made slice by slice; each is a button. */
class Series {
  /** How many images aren't up to date. */
  left = 0;
  #steps;
  #slots;
  #known = "";
  #next = 0;

  /** @param {number[]} steps @param {(t: number) => void} take */
  constructor(steps, take) {
    this.#steps = steps;
    this.#slots = steps.map((t) => {
      const text = number(t, 1);
      const picture = new Picture(element("canvas", { width: 28, height: 28 }));
      const button = element("button", { type: "button", "aria-label": `t = ${text}`, "data-t": t },
        picture.canvas, element("span", {}, text));
      button.addEventListener("click", () => take(t));
      return { button, picture };
    });
    this.root = element("div", {
      class: "series", role: "group", "aria-label": "Steps along the direction",
    }, ...this.#slots.map(({ button }) => button));
  }

  /** Images of `zAt(t)`; `version` changes when they do. Returns whether there is more to be done.
   * Goes round, so that while the pointer moves all steps follow, not only the first ones.
   * @param {string} version @param {(t: number) => Float32Array} zAt @param {Decoder} decoder */
  work(version, zAt, decoder) {
    if (version !== this.#known) this.left = this.#steps.length;
    this.#known = version;
    const end = performance.now() + SLICE_MS;
    while (this.left && performance.now() < end) {
      const { picture } = this.#slots[this.#next];
      const z = zAt(this.#steps[this.#next]);
      picture.show(decoder.decode(z), decoder);
      picture.canvas.dataset.z = z.join();
      this.#next = (this.#next + 1) % this.#steps.length;
      this.left -= 1;
    }
    return this.left > 0;
  }

  /** @param {number} t */
  mark(t) {
    this.#slots.forEach(({ button }, k) => {
      button.ariaPressed = String(Math.abs(this.#steps[k] - t) < 1e-6);
    });
  }
}
