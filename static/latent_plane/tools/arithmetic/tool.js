// The mean difference of two groups as a direction: added to any image's code by a slider.

import { paintArrow, paintHandle } from "../../canvas/marks.js";
import { paintWords } from "../../canvas/arrow.js";
import { createChoice, element, write } from "../../canvas/dom.js";
import { along, nearestStep, shareIn } from "./direction.js";
import { createFigure } from "../../canvas/figure.js";
import { Groups } from "./groups.js";
import { percent } from "../find/subset.js";
import { unitImage } from "../../canvas/picture.js";
import { Outline } from "../find/outline.js";
import { meanOf, pickedIndex } from "../find/picked.js";
import { pointAt } from "../../geometry.js";
import { createSeries } from "./series.js";
import { FARTHEST_STEP as FARTHEST } from "../../state.js";
import { number } from "../../canvas/ticks.js";

const STEPS = Array.from({ length: 9 }, (_, k) => FARTHEST * (k / 4 - 1));
const GRIP = 14; // pixels around the handle
const DRAGS = [["0", "Lasso A"], ["1", "Lasso B"], ["pan", "Pan"]];

export function createArithmeticTool(plane, signal) {
  const { selection } = plane;
  const groups = new Groups(plane);
  const outline = new Outline(plane);
  let base = null; // {z, index}: where the direction is added
  let gripped = false;
  let complaint = "";

  const hint = element("p", { class: "tool-hint", role: "status", "data-testid": "arithmetic-hint" });
  const choosers = ["A", "B"].map((name, k) => {
    const select = element("select", { "aria-label": `Group ${name}` });
    const use = element("button", { type: "button", title: `Group ${name} is what is selected now` }, "Use selection");
    select.addEventListener("change", () => setGroup(k, select.value), { signal });
    use.addEventListener("click", () => setGroup(k, selection.text), { signal });
    return { select, use, root: element("div", { class: "labelled" }, element("span", {}, k ? "to group B" : "From group A"), element("div", { class: "pair" }, select, use)) };
  });
  const swap = element("button", { type: "button", title: "The other way round", "aria-label": "Swap A and B" }, "⇄");
  const drags = createChoice("What a drag on the plane does", DRAGS, "0", signal);
  const where = element("input", { type: "number", min: 0, step: 1, "aria-label": "Index of the test image", placeholder: "cursor" });
  const free = element("button", { type: "button", title: "Add the direction to what is under the cursor" }, "Follow the cursor");
  const slider = element("input", { type: "range", min: -FARTHEST, max: FARTHEST, step: 0.01, "aria-label": "t, how many times the direction is added" });
  const output = element("output", {});
  const original = createFigure("The image");
  const start = createFigure("Decoded at z");
  const result = createFigure("At z + t·(B − A)");
  const numbers = element("dl", { class: "tool-figures", "data-testid": "arithmetic-figures" });
  const series = createSeries(STEPS, (t) => number(t, 1), (t) => step(t, true), signal);
  const row = element("div", { class: "tool-row" }, original.root, start.root, result.root, numbers);
  const panel = element("div", { class: "arithmetic-tool" },
    hint,
    element("div", { class: "tool-row" }, choosers[0].root, swap, choosers[1].root,
      element("div", { class: "labelled" }, element("span", {}, "Drag"), drags.root)),
    element("div", { class: "tool-row" }, element("label", {}, "Added to test image ", where), free,
      element("label", { class: "slide" }, "t ", slider, output)),
    row, series.root);

  swap.addEventListener("click", () => change(() => groups.swap()), { signal });
  where.addEventListener("change", () => pick(where.value === "" ? null : where.valueAsNumber), { signal });
  free.addEventListener("click", () => pick(null), { signal });
  slider.addEventListener("input", () => step(slider.valueAsNumber, false), { signal });
  slider.addEventListener("change", () => step(slider.valueAsNumber, true), { signal });

  function change(act) {
    complaint = "";
    act();
    plane.redraw("tools", "still", "marks");
  }

  function setGroup(k, text) {
    change(() => { complaint = groups.set(k, text ?? ""); });
    if (text && !complaint && drags.value === String(k)) drags.set(String(1 - k));
  }

  function step(t, kept) {
    groups.t = Math.abs(t) < 0.005 ? 0 : t;
    if (kept) groups.keep({ replace: true });
    show();
    plane.redraw("marks");
  }

  function pick(wanted) {
    const limit = plane.cloud.label.length;
    const valid = wanted === null || (Number.isInteger(wanted) && wanted >= 0 && wanted < limit);
    complaint = valid ? "" : `Test image ${where.value || "?"} isn't on the plane: choose one from 0 to ${limit - 1}.`;
    if (valid) plane.act({ image: wanted, eps: null });
    plane.redraw("tools", "still", "marks");
  }

  /** The picked image's mean, or the cursor's z; null while the encoder is on its way. */
  function findBase() {
    const index = pickedIndex(plane);
    if (index === null) return { z: plane.latentAt(plane.cursor), index };
    const mu = meanOf(plane, index);
    return mu && { z: mu, index };
  }

  const zAt = (t) => along(base.z, groups.direction.delta, t);
  const placeOf = (z) => [z[plane.view.dims[0]], plane.view.dims.length > 1 ? z[plane.view.dims[1]] : 0];

  function refresh() {
    if (groups.refresh()) selection.light(groups.indices.length ? groups.indices : null);
    base = findBase();
    showChoosers();
    const { label } = plane.cloud;
    where.max = label.length - 1;
    if (document.activeElement !== where) where.value = pickedIndex(plane) ?? "";
    free.disabled = pickedIndex(plane) === null;
    swap.disabled = !groups.texts.some(Boolean);
    showHint();
    show();
  }

  function showHint() {
    const [a, b] = groups.found;
    write(hint, complaint || groups.problem || (groups.waiting || (groups.isChosen && !base) ? "Loading the codes…"
      : groups.direction ? `${a.name} → ${b.name}: the mean code of B minus that of A, in all dimensions.`
        : "Draw a lasso around each of two groups, or choose them: their mean difference becomes a direction."));
  }

  function showChoosers() {
    const { classes } = plane.cloud;
    choosers.forEach(({ select, use }, k) => {
      const text = groups.texts[k];
      const labels = classes.map((label) => [`label:${label < 0 ? "none" : label}`, label < 0 ? "no label" : plane.nameOf(label)]);
      const options = [["", "–"], ...labels];
      if (selection.text) options.push([selection.text, `the selection (${selection.indices?.length ?? 0})`]);
      if (!options.some(([value]) => value === text)) options.push([text, groups.found[k]?.name ?? "…"]);
      const key = JSON.stringify(options);
      if (select.dataset.key !== key) {
        select.dataset.key = key;
        select.replaceChildren(...options.map(([value, name]) => element("option", { value }, name)));
      }
      select.value = text;
      use.disabled = !selection.indices?.length || selection.text === text;
    });
  }

  /** What the slider gives now; the steps beside it slice by slice. */
  function show() {
    const ready = Boolean(base && groups.direction);
    for (const part of [row, series.root]) part.hidden = !ready;
    slider.disabled = !ready;
    slider.value = groups.t;
    write(output, number(groups.t));
    if (!ready) return;
    const { decoder, dial, view } = plane;
    const z = zAt(groups.t);
    // The image at the cursor stands beside the plane already.
    start.root.hidden = base.index === null;
    original.root.hidden = base.index === null || !plane.images;
    if (!original.root.hidden) original.show(unitImage(plane.images, base.index), plane.images);
    if (!start.root.hidden) start.show(decoder.decode(base.z), decoder);
    result.show(decoder.decode(z), decoder);
    result.canvas.dataset.z = z.join();
    series.mark(groups.t);
    const version = `${view.model} ${dial.beta} ${base.z} ${groups.direction.delta}`;
    if (series.work(version, zAt, decoder)) plane.redraw("tools");
    const [a, b] = groups.found;
    const rows = [["A", `${a.indices.length.toLocaleString("en")} images`], ["B", `${b.indices.length.toLocaleString("en")} images`],
      ["‖B − A‖", number(groups.direction.length)]];
    if (decoder.latentDim > view.dims.length) rows.push(["in this plane", percent(shareIn(groups.direction, view.dims))]);
    if (decoder.latentDim === view.dims.length && plane.isExtrapolation(placeOf(z))) rows.push(["here", "extrapolation"]);
    numbers.replaceChildren(...rows.flatMap(([term, value]) => [element("dt", {}, term), element("dd", {}, value)]));
  }

  /** The cursor has moved. */
  function follow() {
    if (base?.index !== null) return;
    base = findBase();
    show();
  }

  function paint(context) {
    outline.paint(context);
    const { direction, found: [a, b] } = groups;
    if (!direction) return;
    const { theme } = plane;
    const [from, to] = [direction.from, direction.to].map((z) => plane.pixelOf(placeOf(z)));
    paintArrow(context, from, to, theme);
    // The names of classes stand on the plane already.
    const named = plane.paint.range ? [] : plane.cloud.names.map(({ label }) => plane.nameOf(label));
    if (!named.includes(a.name)) paintWords(context, a.name, from, to, theme);
    if (!named.includes(b.name)) paintWords(context, b.name, to, from, theme);
    if (base) paintTrack(context);
    context.canvas.arithmetic = {
      from: [...direction.from], delta: [...direction.delta], base: base && [...base.z], t: groups.t,
      indices: [a, b].map(({ indices }) => [...indices]),
    };
  }

  /** The line that the image moves along, and where it is. */
  function paintTrack(context) {
    const { theme } = plane;
    const [first, last, now] = [-FARTHEST, FARTHEST, groups.t].map((t) => plane.pixelOf(placeOf(zAt(t))));
    context.save();
    context.strokeStyle = theme.primary;
    context.lineWidth = 2;
    context.setLineDash([5, 4]);
    context.beginPath();
    context.moveTo(...first);
    context.lineTo(...last);
    context.stroke();
    context.restore();
    paintHandle(context, theme, now);
  }

  function press(pixel, z) {
    gripped = Boolean(base && groups.direction && base.index !== null)
      && Math.hypot(...plane.pixelOf(placeOf(zAt(groups.t))).map((at, axis) => at - pixel[axis])) < GRIP;
    if (!gripped && drags.value === "pan") return false;
    if (!gripped) outline.begin("lasso", pixel, z);
    return true;
  }

  function drag(pixel, z) {
    if (!gripped) return outline.move(pixel, z);
    const t = nearestStep(z, placeOf(base.z), placeOf(groups.direction.delta));
    if (t !== null) step(Math.min(Math.max(t, -FARTHEST), FARTHEST), false);
  }

  function drop() {
    const term = gripped ? null : outline.end();
    if (gripped) groups.keep({ replace: true });
    else if (term) setGroup(Number(drags.value), term);
    return gripped || Boolean(term);
  }

  function click(pixel, z) {
    const index = pointAt(plane, pixel, z);
    if (index !== null) pick(index);
    return index !== null;
  }

  return {
    name: "arithmetic", title: "Arithmetic", hint: "Two groups' mean difference, added to any image",
    panel, refresh, follow, paint, click, press, drag, drop, close: () => selection.light(null),
    open: () => selection.light(groups.indices.length ? groups.indices : null),
  };
}
