// The rate–distortion plane: models to open, and a ring that is dragged along a curve or moved by
// keys.

/** @import { Box, Scale, Window } from "./geometry.js" */
/** @import { Data, Point } from "./scene.js" */
/** @import { Theme } from "../shared/palette.js" */
/** @import { Attributes, Measure, Point as Pixel } from "./svg.js" */

import { readTheme } from "../shared/palette.js";
import { layoutOf } from "./axes.js";
import {
  boxOf, contains, firstFree, nearestOn, nearestPlace, scaleOf, zoomed,
} from "./geometry.js";
import {
  RING, besideRing, groundOf, halo, modelsOf, numbersAt, obstaclesOf, tangentAt,
} from "./scene.js";
import { createRing, element, fill, listenToPointer, measurer, node, set } from "./svg.js";

const NEAR_MODEL = 11; // pixels
const NEAR_CURVE = 12;
const REST_MS = 300; // after the last key: then β is released
const PAGE = 8; // places
const STYLE = `
  .model { outline: none; }
  .model:focus-visible path { stroke: currentColor; stroke-width: 3; }
  .aim, .aim .grip { cursor: pointer; }`;

/** @typedef {{point: Point} | {place: number}} Hit A model, or a place. */
/** @typedef {{data: Data, theme: Theme, measure: Measure}} Shown */
/** Of a shown plane with a size: the models that are seen, pixels of the line's places, and boxes
 * where no words should stand.
 * @typedef {{scale: Scale, seen: Point[], x: number[], y: number[], obstacles: Box[]}} Laid */

export class RateDistortionPlane {
  /** @type {Shown | null} */ shown = null;
  /** @type {Laid | null} */ #laid = null;
  #actions;
  #drawn = "";
  #at = 0; // the place on the line that the ring is at
  #before = 0; // and was at before it was dragged
  #held = () => false;
  #rest = 0;
  /** @type {Window | null} */ #window = null; // zoomed or panned
  #beside = 0; // which side of the ring its numbers are on
  #focused = 0; // the model that the Tab key comes to

  /** Actions: released(beta) once the ring rests, opened(run) for a model that is chosen.
   * @param {HTMLElement} root
   * @param {{released: (beta: number) => void, opened: (run: string) => void}} actions */
  constructor(root, actions) {
    this.#actions = actions;
    this.root = root;
    this.svg = element("svg", { "data-testid": "rd-plane", role: "group", width: "100%",
      height: "100%" }, root);
    element("style", {}, this.svg).textContent = STYLE;
    /** @type {(name: string, more?: Attributes) => SVGGElement} */
    const layer = (name, more = {}) => element("g", { class: name, ...more }, this.svg);
    const untouched = { "pointer-events": "none" };
    this.clip = element("rect", {}, element("clipPath", { id: "rd-frame" }, this.svg));
    this.below = layer("below", untouched);
    this.tangent = element("line", { "data-testid": "rd-tangent", stroke: RING, "stroke-width": 2,
      "stroke-dasharray": "7 5", ...untouched }, this.svg);
    this.models = layer("models", { role: "group", "aria-label": "Models" });
    this.above = layer("above", untouched);
    this.numbers = layer("numbers", { "aria-hidden": true, "data-testid": "rd-numbers",
      ...untouched });
    this.ring = createRing(this.svg, 22,
      { r: 11, fill: "none", stroke: RING, "stroke-width": 3 }).ring;
    this.tip = layer("tip", { "data-testid": "rd-tip", ...untouched });
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(root);
    this.#listen();
  }

  #listen() {
    this.#held = listenToPointer(this.svg, this.ring, {
      hover: (at) => this.#hover(at && this.#hit(at), at),
      click: (at) => this.#click(this.#hit(at)),
      pan: (from, to) => this.#pan(from, to),
      drag: (at) => {
        const { x, y } = /** @type {Laid} */ (this.#laid); // the ring is shown
        this.#turn(Math.round(nearestOn(x, y, ...at).position));
      },
      drop: () => this.#release(),
      cancel: () => this.#turn(this.#before),
    });
    this.ring.addEventListener("keydown", (event) => this.#ringKey(event));
    this.models.addEventListener("keydown", (event) => this.#modelKey(event));
    // Listening for focus would make the group itself take the focus: hence from outside the SVG.
    this.root.addEventListener("focusin", (event) => this.#showFocused(event));
    this.root.addEventListener("focusout", () => this.#hover(null));
  }

  destroy() {
    this.observer.disconnect();
    clearTimeout(this.#rest);
  }

  /** Draws the data if there is anything new; `at` is the ring's place on the line.
   * @param {Data & {at: number | null}} sent */
  show({ at, ...data }) {
    const theme = readTheme(this.root);
    const drawn = JSON.stringify([data, theme]);
    if (!this.#held() && !this.#rest) this.#at = this.#before = at ?? 0;
    if (drawn === this.#drawn) {
      this.#paintRing();
      return;
    }
    const before = this.shown?.data.window;
    if (JSON.stringify(data.window) !== JSON.stringify(before)) this.#window = null;
    this.#drawn = drawn;
    this.shown = { data, theme, measure: measurer(theme.font) };
    this.draw();
  }

  draw() {
    const { width, height } = this.root.getBoundingClientRect();
    if (!this.shown || width < 40 || height < 40) return;
    const { data, theme, measure } = this.shown;
    const layout = layoutOf(data, width, height, measure);
    const scale = scaleOf(this.#window ?? data.window, layout.frame);
    const { x, y, frame } = scale;
    const seen = data.points.filter((each) => contains(frame, x(each.rate), y(each.distortion)));
    const { below, above, boxes } = groundOf(data, layout, scale, theme, measure);
    this.#laid = { scale, seen, x: data.line?.rate.map(x) ?? [],
      y: data.line?.distortion.map(y) ?? [], obstacles: [...boxes, ...obstaclesOf(data, scale)] };
    set(this.svg, { viewBox: `0 0 ${width} ${height}`, "aria-label": data.label,
      "font-family": theme.font });
    set(this.clip, { x: frame.left, y: frame.top, width: frame.right - frame.left,
      height: frame.bottom - frame.top });
    fill(this.below, below);
    fill(this.above, above);
    const hadFocus = this.models.matches(":focus-within");
    fill(this.models, modelsOf(seen, data, scale, theme));
    this.#aim(Math.min(this.#focused, seen.length - 1), hadFocus);
    this.#paintRing();
  }

  // The ring

  #paintRing() {
    const line = this.shown?.data.line;
    const parts = [this.ring, this.numbers, this.tangent];
    for (const part of parts) part.style.display = "none";
    if (!line || !this.shown || !this.#laid) return;
    const { theme, measure } = this.shown;
    const { scale, obstacles } = this.#laid;
    const [x, y] = [this.#laid.x[this.#at], this.#laid.y[this.#at]];
    const ends = tangentAt(scale, x, y, line.weight[this.#at]);
    if (ends) {
      this.tangent.style.display = "";
      set(this.tangent, ends);
    }
    if (!contains(scale.frame, x, y)) return;
    for (const part of [this.ring, this.numbers]) part.style.display = "";
    const words = numbersAt(line, this.#at);
    set(this.ring, { transform: `translate(${x} ${y})`, "aria-valuemin": line.beta[0],
      "aria-valuemax": line.beta[line.beta.length - 1], "aria-valuenow": line.beta[this.#at],
      "aria-valuetext": words.join(", ") });
    const width = Math.max(...words.map((text) => measure(text, 13)));
    const boxes = besideRing(x, y, width, 18 * words.length, scale.frame);
    const order = [this.#beside, ...boxes.keys()]; // they stay on their side as long as they can
    const taken = [...obstacles, boxOf(x - 12, y, 24, 24)];
    this.#beside = order[firstFree(order.map((k) => boxes[k]), taken, scale.frame)];
    const { left, top } = boxes[this.#beside];
    fill(this.numbers, words.map((text, k) => node("text", { x: left, y: top + 14 + 18 * k,
      "font-size": 13, "font-weight": k ? 400 : 600, fill: theme.text, ...halo(theme) }, text)));
  }

  /** @param {number} place */
  #turn(place) {
    if (place === this.#at) return;
    this.#at = place;
    this.#paintRing();
  }

  #release() {
    clearTimeout(this.#rest);
    this.#rest = 0;
    const beta = this.shown?.data.line?.beta[this.#at];
    if (this.#at === this.#before || beta === undefined) return;
    this.#before = this.#at;
    this.#actions.released(beta);
  }

  /** @param {KeyboardEvent} event */
  #ringKey(event) {
    const last = (this.#laid?.x.length ?? 1) - 1;
    /** @type {Record<string, number>} */
    const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: PAGE,
      PageDown: -PAGE, Home: -last, End: last };
    if (!Object.hasOwn(steps, event.key)) return;
    event.preventDefault();
    this.#turn(Math.min(Math.max(this.#at + steps[event.key], 0), last));
    clearTimeout(this.#rest);
    this.#rest = window.setTimeout(() => this.#release(), REST_MS);
  }

  // Models and places: what is near the pointer, what is said of it, and what a click does

  /** @param {Pixel} at @returns {Hit | null} */
  #hit([px, py]) {
    if (!this.#laid) return null;
    const { scale, seen, x, y } = this.#laid;
    const model = nearestPlace(seen.map((point) => scale.x(point.rate)),
      seen.map((point) => scale.y(point.distortion)), px, py);
    if (model.distance <= NEAR_MODEL) return { point: seen[model.index] };
    if (!x.length || !contains(scale.frame, px, py)) return null;
    const { position, distance } = nearestOn(x, y, px, py);
    return distance <= NEAR_CURVE ? { place: Math.round(position) } : null;
  }

  /** @param {Hit | null} hit */
  #click(hit) {
    if (!hit) return;
    if ("point" in hit) {
      this.#actions.opened(hit.point.run);
      return;
    }
    this.#turn(hit.place);
    this.#release();
  }

  /** @param {Hit | null} hit @param {Pixel | null} at */
  #hover(hit, at = null) {
    this.svg.classList.toggle("aim", Boolean(hit));
    this.tip.replaceChildren();
    if (!hit || !at || !this.shown || !this.#laid) return;
    const { data: { line }, theme, measure } = this.shown;
    const words = "point" in hit ? [hit.point.run, ...hit.point.text]
      : line ? numbersAt(line, hit.place) : [];
    const width = Math.max(...words.map((text, k) => measure(text) * (k ? 1 : 1.08))) + 20;
    const height = 17 * words.length + 12;
    const left = Math.max(Math.min(at[0] + 14, this.#laid.scale.frame.right - width), 0);
    const top = at[1] > height + 10 ? at[1] - height - 10 : at[1] + 16;
    fill(this.tip, [
      node("rect", { x: left, y: top, width, height, rx: 6, fill: theme.background,
        stroke: theme.text, "stroke-opacity": 0.4 }),
      ...words.map((text, k) => node("text", { x: left + 10, y: top + 20 + 17 * k,
        "font-size": 12, "font-weight": k ? 400 : 600, fill: theme.text }, text))]);
  }

  /** The Tab key comes to one model; arrow keys go on from there.
   * @param {number} index @param {boolean} focus */
  #aim(index, focus) {
    this.#focused = Math.max(index, 0);
    const models = /** @type {SVGElement[]} */ ([...this.models.children]);
    models.forEach((model, k) => set(model, { tabindex: k === this.#focused ? 0 : -1 }));
    if (focus) models[this.#focused]?.focus();
  }

  /** @param {KeyboardEvent} event */
  #modelKey(event) {
    const seen = this.#laid?.seen ?? [];
    const at = this.#indexOf(event);
    /** @type {Record<string, number>} */
    const goals = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1,
      Home: 0, End: seen.length - 1 };
    if (event.key === "Enter") this.#actions.opened(seen[at].run);
    else if (!Object.hasOwn(goals, event.key)) return;
    else this.#aim(Math.min(goals[event.key], seen.length - 1), true);
    event.preventDefault();
  }

  /** @param {Event} event */
  #indexOf(event) { return [...this.models.children].findIndex((each) => each === event.target); }

  /** @param {FocusEvent} event */
  #showFocused(event) {
    const point = this.#laid?.seen[this.#indexOf(event)];
    if (!point || !this.#laid || !this.models.querySelector(":focus-visible")) return;
    const { scale } = this.#laid;
    this.#hover({ point }, [scale.x(point.rate), scale.y(point.distortion)]);
  }

  // The window

  /** Zooms around the ring, or around the middle where no ring is to be seen.
   * @param {number} factor */
  zoomBy(factor) {
    if (!this.#laid) return;
    const { scale, x, y } = this.#laid;
    const { left, right, top, bottom } = scale.frame;
    const at = contains(scale.frame, x[this.#at], y[this.#at])
      ? scale.inverse(x[this.#at], y[this.#at])
      : scale.inverse((left + right) / 2, (top + bottom) / 2);
    this.#look(zoomed(scale.window, factor, at));
  }

  reset() { this.#look(null); }

  /** @param {Pixel} from @param {Pixel} to */
  #pan(from, to) {
    if (!this.#window || !this.#laid) return;
    const [a, b] = [from, to].map((at) => /** @type {Laid} */ (this.#laid).scale.inverse(...at));
    const { rate, distortion } = this.#window;
    this.#look({ rate: rate.map((end) => end + a[0] - b[0]),
      distortion: distortion.map((end) => end + a[1] - b[1]) });
  }

  /** @param {Window | null} window */
  #look(window) {
    this.#window = window;
    this.#hover(null);
    this.draw();
  }
}
