// Test images by label, index, rank or place: what is selected keeps its colour, the rest is grey.

import { createChoice, element, write } from "../../canvas/dom.js";
import { meanOver, percent, sharesOf } from "./group.js";
import { Outline } from "./outline.js";
import { classColour } from "../../canvas/palette.js";
import { LONGEST } from "./selection.js";
import { indexTerm, joinTerms, listOf, rounded, setTerm } from "./terms.js";
import { createThumbnails } from "../../canvas/picture.js";
import { number } from "../../canvas/ticks.js";

const THUMBNAILS = 24;
const LIVE = 20_000; // points up to which the colours follow the drag
const DRAGS = [["lasso", "Lasso"], ["box", "Box"], ["pan", "Pan"]];
const MODES = [
  ["new", "New", "What is chosen takes the place of the selection"],
  ["add", "Add", "What is chosen is added (or Shift and drag)"],
  ["remove", "Remove", "What is chosen is taken away (or Alt and drag)"],
  ["within", "Within", "Only what is selected already (or Shift, Alt and drag)"],
];

export function createFindTool(plane, signal) {
  const { selection } = plane;
  const outline = new Outline(plane);
  let dragged = null; // how the drag's outline joins the selection
  let complaint = "";

  const hint = element("p", { class: "tool-hint", role: "status", "data-testid": "find-hint" });
  const drags = createChoice("What a drag on the plane does", DRAGS, "lasso", signal);
  const modes = createChoice("How a choice joins the selection", MODES, "new", signal);
  const clear = element("button", { type: "button", title: "Select nothing (Esc on the plane)" }, "Clear");
  const chips = element("div", { class: "chips", role: "group", "aria-label": "Select by label" });
  const by = element("select", { "aria-label": "Figure" },
    element("option", { value: "distortion" }, "distortion"), element("option", { value: "rate" }, "rate"));
  const top = counter("How many of the highest", 50);
  const near = counter("How many of the nearest", 20);
  const where = element("span", {});
  const typed = element("input", { type: "text", placeholder: "3, 10-20", "aria-label": "Indices of test images" });
  const figures = element("dl", { class: "tool-figures", "data-testid": "selection-figures" });
  const bar = element("div", { class: "share-bar", "aria-hidden": "true" });
  const shares = element("p", { "data-testid": "selection-labels" });
  const thumbnails = createThumbnails(THUMBNAILS, { look, take: open }, signal);
  const found = element("div", { class: "found" }, figures, element("div", { class: "shares" }, bar, shares));
  const panel = element("div", { class: "find-tool" },
    hint,
    element("div", { class: "tool-row" }, labelled("Drag", drags.root), labelled("Choice", modes.root), clear),
    chips,
    element("div", { class: "filters" },
      form("Highest", [top, by], () => take(`${by.value}${selection.betaTag}:${countOf(top)}`)),
      form("Nearest", [near, where], () => take(selection.settled(`near${selection.tags}:${placeOf()}:${countOf(near)}`))),
      form("Images", [typed], () => take(indexTerm(typed.value)))),
    found, thumbnails.root);

  clear.addEventListener("click", () => attempt(() => selection.choose(null)), { signal });

  function form(name, inputs, act) {
    const submit = element("button", { type: "submit", "aria-label": `Select: ${name.toLowerCase()}` }, "Select");
    const made = element("form", { noValidate: true }, element("span", {}, name), ...inputs, submit);
    made.addEventListener("submit", (event) => {
      event.preventDefault();
      attempt(act);
    }, { signal });
    return made;
  }

  /** Does what the user asked for, or says why not; what was selected stays. */
  function attempt(act) {
    complaint = "";
    try {
      act();
    } catch (error) {
      complaint = error.message;
    }
    showHint();
  }

  function take(term, operation = modes.value) {
    const text = joinTerms(selection.text, operation, term);
    if (text.length <= LONGEST) return selection.choose(text);
    const shorter = setTerm(selection.indicesOf(text) ?? []);
    if (shorter.length <= LONGEST) return selection.choose(shorter);
    throw new Error("So many steps don't fit into the page's address: press Clear and begin anew.");
  }

  const target = () => (plane.pin ?? plane.cursor);
  const placeOf = () => target().map((value) => rounded(value, 100 * plane.camera.scale));

  /** The labels of a selection by labels alone; else none. */
  function chosenLabels() {
    const [only, more] = selection.terms;
    return !more && only?.kind === "label" && only.operation === "add" ? only.labels : [];
  }

  /** Chips are pressed and released one by one while nothing but labels is selected. */
  function toggle(label) {
    const labels = chosenLabels();
    if (modes.value !== "new" || !labels.length) return take(`label:${listOf([label])}`);
    const next = labels.includes(label) ? labels.filter((each) => each !== label) : [...labels, label];
    selection.choose(next.length ? `label:${listOf(next.sort((a, b) => a - b))}` : null);
  }

  function showChips() {
    const { classes } = plane.cloud.groups;
    const key = `${plane.view.class_names} ${classes} ${plane.theme.dark}`;
    if (chips.dataset.key !== key) {
      chips.dataset.key = key;
      chips.replaceChildren(...classes.map((label) => {
        const swatch = element("i");
        swatch.style.background = classColour(label, plane.theme.dark);
        const chip = element("button", { type: "button" }, swatch, nameOf(label));
        chip.addEventListener("click", () => attempt(() => toggle(label)), { signal });
        return chip;
      }));
    }
    const chosen = chosenLabels();
    [...chips.children].forEach((chip, k) => { chip.ariaPressed = String(chosen.includes(classes[k])); });
  }

  const nameOf = (label) => (label < 0 ? "no label" : plane.nameOf(label));

  function showTarget() {
    const place = target().slice(0, plane.view.dims.length).map((value) => number(value)).join(", ");
    write(where, `to the ${plane.pin ? "pin" : "cursor"} (${place})`);
  }

  function showHint() {
    const { indices, problem } = selection;
    write(hint, complaint || problem || (indices
      ? `${many(indices)} of the ${many(plane.cloud.label)} test images on the plane selected; the others are grey.`
      : "Draw around points, or choose them below: what isn't selected turns grey."));
  }

  function refresh() {
    const { indices } = selection;
    const { label, values, spread } = plane.cloud;
    by.options[1].disabled = !spread; // the rate of a code that is a point is infinite
    clear.disabled = !selection.text;
    showChips();
    showTarget();
    showHint();
    found.hidden = !indices?.length;
    thumbnails.show(indices ?? [], plane.images, (i) => (
      `${i}, ${nameOf(label[i])}: distortion ${number(values.distortion[i], 0)}`
      + (spread ? `, rate ${number(values.rate[i], 1)} nats` : " nats")));
    if (found.hidden) return;
    const everyone = Array.from(label.keys());
    figures.replaceChildren(...["distortion", ...(spread ? ["rate"] : [])].flatMap((name) => {
      const [mean, ofAll] = [indices, everyone].map((group) => number(meanOver(group, values[name]), 2));
      return [element("dt", {}, `Mean ${name}`), element("dd", {}, `${mean} nats`), element("dd", { class: "rest" }, `all ${many(label)}: ${ofAll}`)];
    }));
    showShares(sharesOf(indices, label));
  }

  function showShares(parts) {
    bar.replaceChildren(...parts.map(({ label, share }) => {
      const part = element("i");
      part.style.flexGrow = share;
      part.style.background = classColour(label, plane.theme.dark);
      return part;
    }));
    write(shares, parts.map(({ label, share }) => `${nameOf(label)}: ${percent(share)}`).join(" · "));
  }

  function look(i) { plane.moveTo([plane.cloud.x[i], plane.cloud.y[i]]); }

  function open(i) {
    plane.kept.set("image", String(i));
    plane.toolbox.choose("image");
  }

  function press(pixel, z, { shiftKey, altKey }) {
    if (drags.value === "pan") return false;
    dragged = shiftKey && altKey ? "within" : shiftKey ? "add" : altKey ? "remove" : modes.value;
    outline.begin(drags.value, pixel, z);
    return true;
  }

  function drag(pixel, z) {
    outline.move(pixel, z);
    const term = plane.cloud.label.length <= LIVE ? outline.term() : null;
    if (term) selection.light(selection.look(joinTerms(selection.text, dragged, term)));
  }

  function drop() {
    const term = outline.end();
    selection.light(null);
    if (!term) return false;
    attempt(() => take(term, dragged));
    return true;
  }

  function key(event) {
    if (event.key !== "Escape" || !selection.text) return false;
    attempt(() => selection.choose(null));
    return true;
  }

  function paint(context) {
    outline.paint(context);
    showTarget();
  }

  return {
    name: "find", title: "Find", hint: "Select test images by label, figure, place, box or lasso",
    panel, refresh, paint, press, drag, drop, key,
  };
}

function many({ length }) { return length.toLocaleString("en"); }

function counter(name, value) {
  return element("input", { type: "number", min: 1, step: 1, value, "aria-label": name });
}

function countOf(input) {
  const value = input.valueAsNumber;
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`${input.ariaLabel}: give a whole number from 1 on.`);
}

function labelled(text, control) {
  return element("div", { class: "labelled" }, element("span", {}, text), control);
}
