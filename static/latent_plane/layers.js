// Which layers are shown, in the order they are drawn, the menu that switches them, and the legend
// that says what they and the colours mean.

/** @import { Layer, LayerRow } from "./context.js" */
/** @import { LatentPlane } from "./plane.js" */

import { element, find, write } from "../shared/dom.js";
import { classColour, rampColour } from "../shared/palette.js";
import { number } from "../shared/ticks.js";
import { AGGREGATE, MAGNIFICATION, UNCOVERED } from "./layers/fields.js";
import { POINTS } from "./layers/points.js";
import { POSTERIORS, PRIOR, TRUTH } from "./layers/posteriors.js";
import { TILES } from "./layers/tiles.js";

const RAMP_STOPS = 12;

/** By name, in the order of the menu. To add a layer: its module, and its row here.
 * @type {Map<string, LayerRow>} */
export const LAYERS = new Map(
  [POINTS, POSTERIORS, AGGREGATE, PRIOR, UNCOVERED, TILES, MAGNIFICATION, TRUTH]
    .map((row) => [row.name, row]));

export class Layers {
  #plane;
  /** @type {Map<string, Layer>} from the deepest up */ #layers;
  /** @type {Map<string, HTMLInputElement>} */ #boxes = new Map();

  /** @param {LatentPlane} plane @param {HTMLElement} root @param {AbortSignal} signal */
  constructor(plane, root, signal) {
    this.#plane = plane;
    this.#layers = new Map([...LAYERS.values()].sort((a, b) => a.depth - b.depth)
      .map(({ name, create }) => [name, create(plane.context)]));
    this.#buildMenu(root, signal);
  }

  /** @param {string} name */
  isShown(name) { return this.#isWanted(name) && this.isPossible(name); }

  /** @param {string} name */
  isPossible(name) { return this.#layers.get(name)?.isPossible?.() ?? true; }

  /** Shows a layer or hides it; false if it can't be shown. @param {string} name */
  toggle(name, shown = !this.#isWanted(name)) {
    if (!this.isPossible(name)) return false;
    const others = this.#plane.state.get("layers").filter((each) => each !== name);
    this.#plane.act({ layers: shown ? [...others, name] : others });
    return true;
  }

  /** @param {CanvasRenderingContext2D} context */
  paint(context) {
    for (const layer of this.#shown) layer.paint(context);
    for (const layer of this.#shown) layer.paintOver?.(context);
  }

  aim() { for (const layer of this.#shown) layer.aim?.(); }

  /** One slice of work for one layer, so that a frame stays a frame. */
  work() { return this.#shown.some((layer) => layer.work?.()); }

  expire() { for (const layer of this.#layers.values()) layer.expire?.(); }

  /** Whether a layer's own frame is to come. */
  get busy() { return this.#shown.some((layer) => layer.busy?.()); }

  /** What a layer paints, for tests. @param {string} name */
  inspect(name) { return this.isShown(name) ? this.#layers.get(name)?.inspect?.() ?? null : null; }

  /** The menu as it is now, and the colours in words. */
  mark() {
    for (const [name, box] of this.#boxes) {
      box.checked = this.isShown(name);
      box.disabled = this.#plane.isGrid || !this.isPossible(name);
    }
    this.#showLegend();
    this.showNotes();
  }

  /** A sentence for each layer that needs one. */
  showNotes() {
    const list = find(this.#plane.root, ".layer-notes");
    const notes = [this.#plane.unfolding.note, ...this.#shown.map((layer) => layer.note?.() ?? "")];
    write(list, this.#plane.isGrid ? "" : notes.filter(Boolean).join(" "));
    list.hidden = !list.textContent;
  }

  /** @param {string} name */
  #isWanted(name) { return this.#plane.state.get("layers").includes(name); }

  get #shown() {
    return [...this.#layers].flatMap(([name, layer]) => (this.isShown(name) ? [layer] : []));
  }

  #showLegend() {
    const { cloud, nameOf, paint: { range }, theme: { dark }, view, root } = this.#plane;
    const legend = find(root, ".legend");
    legend.replaceChildren(...(range ? rampOf(view.color_by, range, dark)
      : keysOf(cloud.groups.classes, nameOf, dark)));
    legend.classList.toggle("ramp", Boolean(range));
  }

  /** @param {HTMLElement} root @param {AbortSignal} signal */
  #buildMenu(root, signal) {
    find(root, ".layer-list").append(...[...LAYERS.values()].map(({ name, title, hint }) => {
      const box = element("input", { type: "checkbox", "data-layer": name });
      box.addEventListener("change", () => this.toggle(name, box.checked), { signal });
      this.#boxes.set(name, box);
      return element("label", { title: hint }, box,
        element("span", {}, title, element("small", {}, hint)));
    }));
    // A menu closes when one turns elsewhere, but not while boxes are ticked.
    const menu = /** @type {HTMLDetailsElement} */ (find(root, ".layers"));
    root.addEventListener("pointerdown", (event) => {
      if (!menu.contains(/** @type {Node} */ (event.target))) menu.open = false;
    }, { signal });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      find(menu, "summary").focus();
      event.stopPropagation();
    }, { signal });
  }
}

/**
 * @type {(classes: number[], nameOf: (label: number) => string, dark: boolean) => HTMLElement[]}
 */
function keysOf(classes, nameOf, dark) {
  return classes.map((label) => {
    const swatch = element("i");
    swatch.style.background = classColour(label, dark);
    const key = element("span", {}, label < 0 ? "no label" : nameOf(label));
    key.prepend(swatch);
    return key;
  });
}

/** @type {(colorBy: string, range: [number, number], dark: boolean) => HTMLElement[]} */
function rampOf(colorBy, [low, high], dark) {
  const last = RAMP_STOPS - 1;
  const stops = Array.from({ length: RAMP_STOPS }, (_, k) => rampColour(k / last, dark));
  const bar = element("i");
  bar.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
  const decimals = high - low < 10 ? 1 : 0;
  return [
    element("b", {}, colorBy === "rate" ? "Rate" : "Distortion"),
    bar,
    element("span", {}, `≤ ${number(low, decimals)}`),
    element("span", {}, "nats"),
    element("span", {}, `≥ ${number(high, decimals)}`),
  ];
}
