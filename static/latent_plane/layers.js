// Which layers are shown, in the order they are drawn, and the menu that switches them.

import { element } from "./canvas/dom.js";
import { createAggregateLayers } from "./layers/aggregate.js";
import { createMagnification } from "./layers/magnification.js";
import { createNames, createPoints } from "./layers/points.js";
import { createPosteriors } from "./layers/posteriors.js";
import { createPrior } from "./layers/prior.js";
import { createTiles } from "./layers/tiles.js";
import { createTruth } from "./layers/truth.js";
import { LAYERS } from "./state.js";

const DRAWN = ["tiles", "magnification", "aggregate", "empty", "truth", "points", "posteriors", "prior"];

export class Layers {
  #plane;
  #boxes = new Map();

  /**
   * A layer has a name, a title and a hint for the menu, and `paint(context)`; where it needs them,
   * `possible()`, `note()` (a sentence under the legend), and for what is computed by and by
   * `aim()`, `work()` (whether it did any) and `expire()` (the decoder has changed).
   */
  constructor(plane, root, signal) {
    this.#plane = plane;
    const made = [createPoints, createPosteriors, createPrior, createTiles, createMagnification, createTruth]
      .map((create) => create(plane)).concat(createAggregateLayers(plane));
    this.#byName = new Map(made.map((layer) => [layer.name, layer]));
    this.#names = createNames(plane);
    this.#build(root, signal);
  }

  #byName;
  #names;

  isShown(name) { return this.#isWanted(name) && this.isPossible(name); }

  isPossible(name) { return this.#byName.get(name).possible?.() ?? true; }

  /** Shows a layer or hides it; false if it can't be shown. */
  toggle(name, shown = !this.#isWanted(name)) {
    if (!this.isPossible(name)) return false;
    const others = this.#plane.state.get("layers").filter((each) => each !== name);
    this.#plane.act({ layers: shown ? [...others, name] : others });
    return true;
  }

  #isWanted(name) { return this.#plane.state.get("layers").includes(name); }

  paint(context) {
    for (const layer of this.#shown()) layer.paint(context);
    this.#names.paint(context);
  }

  aim() { for (const layer of this.#shown()) layer.aim?.(); }

  /** One slice of work for one layer, so that a frame stays a frame. */
  work() { return this.#shown().some((layer) => layer.work?.()); }

  expire() { for (const layer of this.#byName.values()) layer.expire?.(); }

  notes() { return this.#shown().flatMap((layer) => layer.note?.() ?? []); }

  /** The menu as it is now. */
  mark() {
    for (const [name, box] of this.#boxes) {
      box.checked = this.isShown(name);
      box.disabled = this.#plane.isGrid || !this.isPossible(name);
    }
  }

  #shown() { return DRAWN.filter((name) => this.isShown(name)).map((name) => this.#byName.get(name)); }

  #build(root, signal) {
    root.querySelector(".layer-list").append(...LAYERS.map((name) => {
      const { title, hint } = this.#byName.get(name);
      const box = element("input", { type: "checkbox", "data-layer": name });
      box.addEventListener("change", () => this.toggle(name, box.checked), { signal });
      this.#boxes.set(name, box);
      return element("label", { title: hint }, box, element("span", {}, title, element("small", {}, hint)));
    }));
    // A menu closes when one turns elsewhere, but not while boxes are ticked.
    const menu = root.querySelector(".layers");
    root.addEventListener("pointerdown", (event) => {
      if (!menu.contains(event.target)) menu.open = false;
    }, { signal });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
      event.stopPropagation();
    }, { signal });
  }
}
