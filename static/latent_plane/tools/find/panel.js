// The panel of the tool Find: how a choice joins the selection, the filters, and what is selected.

/** @import { PlaneContext } from "../../context.js" */
/** @import { OutlineShape } from "./tool.js" */
/** @import { Operation } from "./terms.js" */
/** @typedef {Operation | "replace"} Mode */
/**
 * @typedef {object} Actions
 * @property {() => void} clear
 * @property {(label: number) => void} toggle a label's chip
 * @property {(figure: string, count: number) => void} takeHighest
 * @property {(count: number) => void} takeNearest
 * @property {(typed: string) => void} takeTyped
 * @property {(i: number) => void} look an image is hovered
 * @property {(i: number) => void} open an image is chosen
 * @property {(error: Error) => void} refuse what can't be done
 */

import { createButton, createChoice, element, labelled, write } from "../../../shared/dom.js";
import { classColour } from "../../../shared/palette.js";
import { createThumbnails } from "../../canvas/picture.js";
import { number } from "../../../shared/ticks.js";
import { meanOver, percent, sharesOf } from "./selection.js";

const THUMBNAILS = 24;
/** @type {[OutlineShape | "pan", string][]} */
const DRAGS = [["lasso", "Lasso"], ["box", "Box"], ["pan", "Pan"]];
/** @type {[Mode, string, string][]} */ const MODES = [
  ["replace", "Replace", "The choice becomes the selection"],
  ["add", "Add", "The choice is added (or Shift and drag)"],
  ["remove", "Subtract", "The choice is taken away (or Alt and drag)"],
  ["within", "Intersect", "Only what is in both stays (or Shift, Alt and drag)"],
];

/** @param {Actions} actions */
export function createFindPanel(actions) {
  const hint = element("p", { class: "tool-hint", role: "status", "data-testid": "find-hint" });
  const drags = createChoice("What a drag on the plane does", DRAGS, "lasso");
  const modes = createChoice("How a choice joins the selection", MODES, "replace");
  const clear = createButton("Clear", "Select nothing (Esc on the plane)", actions.clear);
  const chips = element("div", { class: "chips", role: "group", "aria-label": "Select by label" });
  const filters = createFilters(actions);
  const found = createFindings();
  const thumbnails = createThumbnails(THUMBNAILS, { look: actions.look, take: actions.open });
  const root = element("div", { class: "find-tool" },
    hint,
    element("div", { class: "tool-row" },
      labelled("Drag", drags.root), labelled("Choice", modes.root), clear),
    chips, filters.root, found.root, thumbnails.root);
  let shownChips = "";

  /** @param {PlaneContext} plane @param {number[]} chosen labels that are pressed */
  function showChips({ cloud, view, theme, nameOf }, chosen) {
    const { classes } = cloud.groups;
    const key = `${view.class_names} ${classes} ${theme.dark}`;
    if (key !== shownChips) {
      chips.replaceChildren(...classes.map((label) => {
        const chip = createButton(labelOf(label, nameOf), "", () => actions.toggle(label));
        chip.prepend(swatch(label, theme.dark));
        return chip;
      }));
    }
    shownChips = key;
    classes.forEach((label, k) => {
      chips.children[k].ariaPressed = String(chosen.includes(label));
    });
  }

  /** @param {PlaneContext} plane @param {number[]} chosen labels @param {string} complaint */
  function show(plane, chosen, complaint) {
    const { selection: { indices, text, problem }, cloud, images, nameOf } = plane;
    const { label, values, spread } = cloud;
    clear.disabled = !text;
    showChips(plane, chosen);
    filters.show(plane);
    write(hint, complaint || problem || (indices
      ? `${many(indices)} of the ${many(label)} test images on the plane selected; the others are `
        + "grey."
      : "Draw around points, or choose them below: what isn't selected turns grey."));
    thumbnails.show(indices ?? [], images, (i) => (
      `${i}, ${labelOf(label[i], nameOf)}: distortion ${number(values.distortion[i], 0)}`
      + (spread ? `, rate ${number(values.rate[i], 1)} nats` : " nats")));
    found.show(plane, indices ?? []);
  }

  return {
    root, show, showTarget: filters.showTarget,
    get drag() { return drags.value; },
    get mode() { return modes.value; },
  };
}

/** The forms that select by figure, place or index. @param {Actions} actions */
function createFilters(actions) {
  const rate = element("option", { value: "rate" }, "rate");
  const by = element("select", { "aria-label": "Figure" },
    element("option", { value: "distortion" }, "distortion"), rate);
  const top = counter("How many of the highest", 50);
  const near = counter("How many of the nearest", 20);
  const where = element("span", {});
  const typed = element("input", {
    type: "text", placeholder: "3, 10-20", "aria-label": "Indices of test images",
  });
  const root = element("div", { class: "filters" },
    form("Highest", [top, by], () => actions.takeHighest(by.value, countOf(top))),
    form("Nearest", [near, where], () => actions.takeNearest(countOf(near))),
    form("Images", [typed], () => actions.takeTyped(typed.value)));

  /** @type {(name: string, inputs: Node[], act: () => void) => HTMLElement} */
  function form(name, inputs, act) {
    const submit = element("button",
      { type: "submit", "aria-label": `Select: ${name.toLowerCase()}` }, "Select");
    const title = element("span", {}, name);
    const made = element("form", { noValidate: true }, title, ...inputs, submit);
    made.addEventListener("submit", (event) => {
      event.preventDefault();
      try {
        act();
      } catch (error) {
        actions.refuse(/** @type {Error} */ (error));
      }
    });
    return made;
  }

  /** Where "nearest" is measured from. @param {PlaneContext} plane */
  function showTarget({ pin, cursor, view: { dims } }) {
    const place = (pin ?? cursor).slice(0, dims.length).map((value) => number(value)).join(", ");
    write(where, `to the ${pin ? "pin" : "cursor"} (${place})`);
  }

  /** @param {PlaneContext} plane */
  function show(plane) {
    rate.disabled = !plane.cloud.spread; // the rate of a code that is a point is infinite
    showTarget(plane);
  }

  return { root, show, showTarget };
}

/** Figures and labels of what is selected. */
function createFindings() {
  const figures = element("dl", { class: "tool-figures", "data-testid": "selection-figures" });
  const bar = element("div", { class: "share-bar", "aria-hidden": "true" });
  const shares = element("p", { "data-testid": "selection-labels" });
  const root = element("div", { class: "found" }, figures,
    element("div", { class: "shares" }, bar, shares));

  /** @param {PlaneContext} plane @param {number[]} indices */
  function show({ cloud, theme, nameOf }, indices) {
    const { label, values, spread } = cloud;
    root.hidden = !indices.length;
    if (root.hidden) return;
    const everyone = Array.from(label.keys());
    const names = spread ? /** @type {const} */ (["distortion", "rate"])
      : /** @type {const} */ (["distortion"]);
    figures.replaceChildren(...names.flatMap((name) => {
      const [mean, all] = [indices, everyone].map((group) => number(meanOver(group, values[name])));
      return [element("dt", {}, `Mean ${name}`), element("dd", {}, `${mean} nats`),
        element("dd", { class: "rest" }, `all ${many(label)}: ${all}`)];
    }));
    const parts = sharesOf(indices, label);
    bar.replaceChildren(...parts.map((part) => {
      const piece = swatch(part.label, theme.dark);
      piece.style.flexGrow = String(part.share);
      return piece;
    }));
    write(shares, parts.map((part) => (
      `${labelOf(part.label, nameOf)}: ${percent(part.share)}`)).join(" · "));
  }

  return { root, show };
}

/** @type {(label: number, nameOf: (label: number) => string) => string} */
function labelOf(label, nameOf) { return label < 0 ? "no label" : nameOf(label); }

/** @type {(label: number, dark: boolean) => HTMLElement} */
function swatch(label, dark) {
  const made = element("i");
  made.style.background = classColour(label, dark);
  return made;
}

/** @type {(items: ArrayLike<unknown>) => string} */
function many({ length }) { return length.toLocaleString("en"); }

/** @type {(name: string, value: number) => HTMLInputElement} */
function counter(name, value) {
  return element("input", { type: "number", min: 1, step: 1, value, "aria-label": name });
}

/** @type {(input: HTMLInputElement) => number} */
function countOf(input) {
  const value = input.valueAsNumber;
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`${input.ariaLabel}: enter a whole number of at least 1.`);
}
