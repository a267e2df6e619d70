// One latent dimension at a time: the images along each, and a slider that moves it.

import { element, write } from "../../canvas/dom.js";
import { binarized, knowsDigits, pictureOf } from "../draw/drawn.js";
import { heldByPage, hold } from "./held.js";
import { latentAt } from "../../geometry.js";
import { posteriorOf } from "../../nn/posterior.js";
import { meanOf, pickedIndex } from "../find/picked.js";
import { Strips } from "./strips.js";
import { axisName, number } from "../../canvas/ticks.js";
import { BASES, axesOf, movedFrom } from "./traversal.js";

const FIRST = 16; // rows, unless all are asked for
const NAMES = {
  cursor: ["Cursor", "From the place under the cursor"],
  image: ["Image", "From μ of the test image that is picked with the tool Image"],
  drawn: ["Drawing", "From μ of what was drawn or dropped with the tool Draw"],
  origin: ["Origin", "From z = 0"],
};

export function createTraverseTool(plane, signal) {
  let base = BASES[0];
  let moved = new Map(); // dimension → value
  let last = null; // the state's, as it was read last: {base, moved}
  let z = null;
  let whole = false;

  const hint = element("p", { class: "tool-hint" });
  const strips = new Strips({ move, rest: keep }, signal);
  const buttons = new Map(BASES.map((name) => {
    const [title, about] = NAMES[name];
    const button = element("button", { type: "button", title: about, "data-base": name }, title);
    button.addEventListener("click", () => begin(name), { signal });
    return [name, button];
  }));
  const reset = element("button", { type: "button", title: "All sliders back to where they start from" }, "Reset");
  const more = element("button", { type: "button" });
  const panel = element("div", { class: "traverse-tool" },
    hint,
    element("div", { class: "tool-row" },
      element("span", {}, "Start from"),
      element("span", { class: "switch", role: "group", "aria-label": "Start from" }, ...buttons.values()), reset),
    strips.root,
    element("div", { class: "tool-row" }, more));

  reset.addEventListener("click", () => begin(base), { signal });
  more.addEventListener("click", () => {
    whole = !whole;
    refresh();
  }, { signal });

  const placeOf = (latent) => [0, 1].map((axis) => latent[plane.view.dims[axis]] ?? 0);
  const isShown = (dimension) => plane.view.dims.includes(dimension);

  /** Where the base is; null where it isn't known (yet). */
  function start() {
    const { decoder, encoder } = plane;
    if (base === "cursor") return latentAt(heldByPage(plane), plane.cursor, decoder.latentDim);
    if (base === "origin") return new Float32Array(decoder.latentDim);
    if (!encoder) return null;
    if (base === "image") {
      const index = pickedIndex(plane);
      return index === null ? null : meanOf(plane, index);
    }
    const x = drawn(encoder);
    return x && posteriorOf(encoder, x).mu;
  }

  function drawn(encoder) {
    const x = pictureOf(plane.state.get("drawn"), plane.decoder, knowsDigits(plane.view, plane.decoder));
    return x && (encoder.network.binarized ? binarized(x) : x);
  }

  function begin(name) {
    base = name;
    moved = new Map();
    keep(false);
    settle(true);
    refresh();
  }

  function move(dimension, value) {
    if (!z) return;
    if (base === "cursor" && isShown(dimension)) {
      const place = [...plane.cursor];
      place[plane.view.dims.indexOf(dimension)] = value;
      plane.moveTo(place, true);
      return;
    }
    moved.set(dimension, Number(value.toFixed(3)));
    settle(true);
  }

  function keep(replace = true) {
    last = { base, moved: new Map(moved) };
    plane.act({ traverse: last }, { replace });
    reset.disabled = !moved.size;
  }

  /** z as it is now, on the plane and in the rows; `lead`: the cursor goes to it. */
  function settle(lead = false) {
    const from = start();
    z = from && movedFrom(from, moved);
    if (!z) return;
    hold(plane, moved.size || base !== "cursor" ? z : null);
    if (lead && base !== "cursor") plane.moveTo(placeOf(z), true);
    const { decoder, run } = plane;
    strips.show(z, decoder, `${run} ${plane.view.model} ${decoder.version}`);
  }

  function refresh() {
    const wanted = plane.state.get("traverse");
    if (wanted !== last) {
      last = wanted;
      [base, moved] = [wanted.base, new Map(wanted.moved)];
    }
    const axes = axesOf({ ...known(), closed: plane.closed }, plane.decoder.latentDim)
      .map((axis) => ({ ...axis, name: axisName(axis.dimension, plane.view) }));
    strips.build(whole ? axes : axes.slice(0, FIRST));
    more.hidden = axes.length <= FIRST;
    write(more, whole ? `Show the first ${FIRST}` : `Show all ${axes.length}`);
    const had = z && String(placeOf(z));
    settle();
    // What it starts from may have another place now: β was turned, or the encoder has arrived.
    if (z && base !== "cursor" && String(placeOf(z)) !== had) plane.moveTo(placeOf(z), true);
    strips.root.hidden = !z;
    for (const [name, button] of buttons) {
      button.ariaPressed = String(name === base);
      button.disabled = (name === "image" || name === "drawn") && plane.state.get(name) === null;
    }
    reset.disabled = !moved.size;
    write(hint, words(axes));
  }

  function known() {
    const { figures, view } = plane;
    return figures ? { rates: figures.rates } : { rates: view.rate_per_dim, ranges: view.code_ranges };
  }

  function words(axes) {
    if (!z) return plane.encoder ? "There is no such image: choose another start." : "Loading the encoder…";
    const closed = axes.filter((axis) => axis.closed).length;
    const total = axes.reduce((sum, { rate }) => sum + (rate ?? 0), 0);
    const order = axes[0].rate === null ? "Ordered by the range of their codes, as β = 0 has no rate."
      : `Ordered by rate, ${number(total)} nats in all.`;
    return `${order} ${closed ? `${closed} of ${axes.length} closed. ` : ""}Each row moves one dimension, the others stay.`;
  }

  function follow() { if (base === "cursor") settle(); }

  function close() {
    strips.stop();
    hold(plane, null);
    z = null;
  }

  /** Where the cursor goes when the pointer leaves the plane. */
  function home() { return base !== "cursor" && z ? placeOf(z) : null; }

  /** With dimensions of one's own a click moves z; a pin would stand for the page's values. */
  function click(_, place) {
    if (base === "cursor" && !moved.size) return false;
    if (base === "cursor") plane.moveTo(place);
    else {
      plane.view.dims.forEach((dimension, axis) => moved.set(dimension, Number(place[axis].toFixed(3))));
      settle(true);
      keep(false);
    }
    return true;
  }

  return {
    name: "traverse", title: "Traverse", hint: "One row a latent dimension: the images along it, and a slider that moves it",
    panel, refresh, follow, close, home, click, key: ({ key }) => key === "Enter" && click(null, plane.cursor),
  };
}
