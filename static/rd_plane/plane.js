// The rate–distortion plane: models to open, and a ring that is dragged along a curve or moved by
// keys.

import { readTheme } from "../latent_plane/canvas/theme.js";
import { boxOf, contains, firstFree, nearestOn, nearestPlace, scaleOf, zoomed } from "./geometry.js";
import {
  RING, besideRing, groundOf, halo, layoutOf, modelsOf, node, numbersAt, obstaclesOf, tangentAt,
} from "./scene.js";
import { createRing, element, fill, listenToPointer, measurer, set } from "./svg.js";

const NEAR_MODEL = 11; // pixels
const NEAR_CURVE = 12;
const REST_MS = 300; // after the last key: then β is released
const PAGE = 8; // places
const STYLE = `
  .model { outline: none; }
  .model:focus-visible path { stroke: currentColor; stroke-width: 3; }
  .aim, .aim .grip { cursor: pointer; }`;

export class RateDistortionPlane {
  data = null;
  #actions;
  #drawn = "";
  #at = 0; // the place on the line that the ring is at
  #before = 0; // and was at before it was dragged
  #held;
  #rest = 0;
  #window = null; // zoomed or panned
  #beside = 0; // which side of the ring its numbers are on
  #focused = 0; // the model that the Tab key comes to

  /** Actions: released(beta) once the ring rests, opened(run) for a model that is chosen. */
  constructor(root, actions) {
    this.#actions = actions;
    this.root = root;
    this.svg = element("svg", { "data-testid": "rd-plane", role: "group", width: "100%",
      height: "100%" }, root);
    element("style", {}, this.svg).textContent = STYLE;
    const layer = (name, more) => element("g", { class: name, ...more }, this.svg);
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
    this.#listen();
  }

  #listen() {
    this.#held = listenToPointer(this.svg, this.ring, {
      hover: (at) => this.#hover(at && this.#hit(at), at),
      click: (at) => this.#click(this.#hit(at)),
      pan: (from, to) => this.#pan(from, to),
      drag: (at) => this.#turn(Math.round(nearestOn(this.x, this.y, ...at).position)),
      drop: () => this.#release(),
      cancel: () => this.#turn(this.#before),
    });
    this.ring.addEventListener("keydown", (event) => this.#ringKey(event));
    this.models.addEventListener("keydown", (event) => this.#modelKey(event));
    // Listening for focus would make the group itself take the focus: hence from outside the SVG.
    this.root.addEventListener("focusin", (event) => this.#showFocused(event.target));
    this.root.addEventListener("focusout", () => this.#hover(null));
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.root);
  }

  destroy() {
    this.observer.disconnect();
    clearTimeout(this.#rest);
  }

  /** `data` as ui/tradeoff/plane.py has it; draws if there is anything new. */
  show({ at, ...data }) {
    const theme = readTheme(this.root);
    const drawn = JSON.stringify([data, theme]);
    if (!this.#held() && !this.#rest) this.#at = this.#before = at ?? 0;
    if (drawn === this.#drawn) {
      this.#paintRing();
      return;
    }
    if (JSON.stringify(data.window) !== JSON.stringify(this.data?.window)) this.#window = null;
    this.#drawn = drawn;
    this.data = data;
    this.theme = theme;
    this.measure = measurer(theme.font);
    this.draw();
  }

  draw() {
    const { width, height } = this.root.getBoundingClientRect();
    if (!this.data || width < 40 || height < 40) return;
    const { data, theme, measure } = this;
    const layout = layoutOf(data, width, height, measure);
    this.scale = scaleOf(this.#window ?? data.window, layout.frame);
    const { x, y, frame } = this.scale;
    this.x = data.line?.rate.map(x) ?? [];
    this.y = data.line?.distortion.map(y) ?? [];
    this.seen = data.points.filter((each) => contains(frame, x(each.rate), y(each.distortion)));
    const { below, above, boxes } = groundOf(data, layout, this.scale, theme, measure);
    this.obstacles = [...boxes, ...obstaclesOf(data, this.scale)];
    set(this.svg, { viewBox: `0 0 ${width} ${height}`, "aria-label": data.label,
      "font-family": theme.font });
    set(this.clip, { x: frame.left, y: frame.top, width: frame.right - frame.left,
      height: frame.bottom - frame.top });
    fill(this.below, below);
    fill(this.above, above);
    const hadFocus = this.models.contains(this.models.getRootNode().activeElement);
    fill(this.models, modelsOf(this.seen, data, this.scale, theme));
    this.#aim(Math.min(this.#focused, this.seen.length - 1), hadFocus);
    this.#paintRing();
  }

  // The ring

  #paintRing() {
    const { scale, data: { line } } = this;
    const [x, y] = [this.x[this.#at], this.y[this.#at]];
    const ends = line && tangentAt(scale, x, y, line.weight[this.#at]);
    const shown = line && contains(scale.frame, x, y);
    this.ring.style.display = shown ? "" : "none";
    this.numbers.style.display = shown ? "" : "none";
    this.tangent.style.display = ends ? "" : "none";
    if (ends) set(this.tangent, ends);
    if (!shown) return;
    const words = numbersAt(line, this.#at);
    set(this.ring, { transform: `translate(${x} ${y})`, "aria-valuemin": line.beta[0],
      "aria-valuemax": line.beta.at(-1), "aria-valuenow": line.beta[this.#at],
      "aria-valuetext": words.join(", ") });
    const width = Math.max(...words.map((text) => this.measure(text, 13)));
    const boxes = besideRing(x, y, width, 18 * words.length, scale.frame);
    const order = [this.#beside, ...boxes.keys()]; // they stay on their side as long as they can
    const taken = [...this.obstacles, boxOf(x - 12, y, 24, 24)];
    this.#beside = order[firstFree(order.map((k) => boxes[k]), taken, scale.frame)];
    const { left, top } = boxes[this.#beside];
    fill(this.numbers, words.map((text, k) => node("text", { x: left, y: top + 14 + 18 * k,
      "font-size": 13, "font-weight": k ? 400 : 600, fill: this.theme.text, ...halo(this.theme) },
    text)));
  }

  #turn(place) {
    if (place === this.#at) return;
    this.#at = place;
    this.#paintRing();
  }

  #release() {
    clearTimeout(this.#rest);
    this.#rest = 0;
    if (this.#at === this.#before) return;
    this.#before = this.#at;
    this.#actions.released(this.data.line.beta[this.#at]);
  }

  #ringKey(event) {
    const last = this.data.line.beta.length - 1;
    const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: PAGE,
      PageDown: -PAGE, Home: -last, End: last };
    if (!Object.hasOwn(steps, event.key)) return;
    event.preventDefault();
    this.#turn(Math.min(Math.max(this.#at + steps[event.key], 0), last));
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.#release(), REST_MS);
  }

  // Models and places: what is near the pointer, what is said of it, and what a click does

  /** A model {point}, a place on the line {place}, or null. */
  #hit([px, py]) {
    const { x, y, frame } = this.scale;
    const model = nearestPlace(this.seen.map((point) => x(point.rate)),
      this.seen.map((point) => y(point.distortion)), px, py);
    if (model.distance <= NEAR_MODEL) return { point: this.seen[model.index] };
    if (!this.x.length || !contains(frame, px, py)) return null;
    const { position, distance } = nearestOn(this.x, this.y, px, py);
    return distance <= NEAR_CURVE ? { place: Math.round(position) } : null;
  }

  #click(hit) {
    if (hit?.point) this.#actions.opened(hit.point.run);
    else if (hit) {
      this.#turn(hit.place);
      this.#release();
    }
  }

  #hover(hit, at) {
    this.svg.classList.toggle("aim", Boolean(hit));
    if (!hit) {
      this.tip.replaceChildren();
      return;
    }
    const words = hit.point ? [hit.point.run, ...hit.point.text]
      : numbersAt(this.data.line, hit.place);
    const { right } = this.scale.frame;
    const width = Math.max(...words.map((text, k) => this.measure(text) * (k ? 1 : 1.08))) + 20;
    const height = 17 * words.length + 12;
    const left = Math.max(Math.min(at[0] + 14, right - width), 0);
    const top = at[1] > height + 10 ? at[1] - height - 10 : at[1] + 16;
    fill(this.tip, [
      node("rect", { x: left, y: top, width, height, rx: 6, fill: this.theme.background,
        stroke: this.theme.text, "stroke-opacity": 0.4 }),
      ...words.map((text, k) => node("text", { x: left + 10, y: top + 20 + 17 * k,
        "font-size": 12, "font-weight": k ? 400 : 600, fill: this.theme.text }, text))]);
  }

  /** The Tab key comes to one model; arrow keys go on from there. */
  #aim(index, focus) {
    this.#focused = Math.max(index, 0);
    [...this.models.children].forEach((model, k) => {
      set(model, { tabindex: k === this.#focused ? 0 : -1 });
    });
    if (focus) this.models.children[this.#focused]?.focus();
  }

  #modelKey(event) {
    const last = this.seen.length - 1;
    const at = [...this.models.children].indexOf(event.target);
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1,
      Home: 0, End: last }[event.key];
    if (event.key === "Enter") this.#actions.opened(this.seen[at].run);
    else if (to === undefined) return;
    else this.#aim(Math.min(to, last), true);
    event.preventDefault();
  }

  #showFocused(model) {
    if (!model.matches(".model:focus-visible")) return;
    const point = this.seen[[...this.models.children].indexOf(model)];
    this.#hover({ point }, [this.scale.x(point.rate), this.scale.y(point.distortion)]);
  }

  // The window

  /** Zooms around the ring, or around the middle where no ring is to be seen. */
  zoomBy(factor) {
    const { frame } = this.scale;
    const ring = [this.x[this.#at], this.y[this.#at]];
    const at = contains(frame, ...ring) ? ring
      : [(frame.left + frame.right) / 2, (frame.top + frame.bottom) / 2];
    this.#look(zoomed(this.scale.window, factor, this.scale.inverse(...at)));
  }

  reset() { this.#look(null); }

  #pan(from, to) {
    if (!this.#window) return;
    const [a, b] = [this.scale.inverse(...from), this.scale.inverse(...to)];
    const shifted = (range, k) => range.map((end) => end + a[k] - b[k]);
    const { rate, distortion } = this.#window;
    this.#look({ rate: shifted(rate, 0), distortion: shifted(distortion, 1) });
  }

  #look(window) {
    this.#window = window;
    this.#hover(null);
    this.draw();
  }
}
