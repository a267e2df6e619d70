// A figure whose frames are behind a native range input and a play button.

/** @import { PlaneView, Trace } from "./plane.js" */
/** @import { Camera } from "./space.js" */

import { contextOf, element, find } from "../shared/dom.js";
import { drawPlane, layOut, readOut } from "./plane.js";
import { bounds, drawSpace, turned, zoomed } from "./space.js";

const FULL_TURN = 2 * Math.PI;
const TURN_SECONDS = 4.3; // of a full turn
const RADIANS_PER_PIXEL = 0.008;
/** @type {Record<string, [number, number]>} */ const KEYS = {
  ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1],
};
/** @type {Record<string, number>} */ const ZOOM_KEYS = { "+": 1.15, "=": 1.15, "-": 1 / 1.15 };
const LINE_HEIGHT = 13; // pixels of text

/**
 * @typedef {object} Data
 * @property {string} label of the range input
 * @property {string} alt what the picture shows
 * @property {number} height of the picture in pixels, at most
 * @property {number} first the frame that is seen first
 * @property {number} pause from frame to frame while playing, milliseconds
 * @property {PlaneView
 *   | {kind: "space", azimuth: number, elevation: number}} view
 * @property {Trace[]} traces
 * @property {number[]} moving which traces the frames change
 * @property {string[]} names of the frames
 * @property {Partial<Trace>[][]} frames for each of `moving`, the fields that are new
 */

/** @type {WeakMap<ParentNode, Figure>} */ const figures = new WeakMap();

/** Called with new data and after each change of theme.
 * @param {{data: Data, parentElement: ParentNode}} component */
export function mount({ data, parentElement }) {
  const figure = figures.get(parentElement) ?? new Figure(parentElement, data);
  figures.set(parentElement, figure);
  figure.show(data);
}

class Figure {
  /** @param {ParentNode} parent @param {Data} data */
  constructor(parent, data) {
    this.root = find(parent, ".frames");
    this.legend = find(parent, ".legend");
    this.canvas = find(parent, "canvas");
    this.ctx = contextOf(this.canvas);
    this.readout = find(parent, ".readout");
    this.playButton = find(parent, ".play");
    this.turnButton = find(parent, ".turn");
    this.range = find(parent, "input");
    this.name = find(parent, ".name");
    this.data = data;
    this.frame = data.first;
    /** @type {Camera | null} */ this.camera = null; // in space
    this.scene = { middle: [0, 0, 0], radius: 1 };
    /** @type {HTMLImageElement | null} */ this.image = null; // of the plane, when loaded
    this.playing = this.turning = false;
    this.shownAt = 0; // when the frame before came, while playing
    /** @type {number | null} */ this.before = null; // when it was painted before, while moving
    this.grabbed = [0, 0];
    this.pending = 0; // of requestAnimationFrame
    this.range.addEventListener("input", () => {
      this.stop();
      this.goTo(this.range.valueAsNumber);
    });
    this.playButton.addEventListener("click", () => this.play());
    this.turnButton.addEventListener("click", () => this.turn());
    this.canvas.addEventListener("pointerdown", (event) => this.grab(event));
    this.canvas.addEventListener("pointermove", (event) => this.drag(event));
    this.canvas.addEventListener("pointerleave", () => { this.readout.hidden = true; });
    this.canvas.addEventListener("keydown", (event) => this.press(event));
    this.canvas.addEventListener("wheel", (event) => this.scroll(event), { passive: false });
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  /** @param {Data} data */
  show(data) {
    const sameFrames = String(this.data.names) === String(data.names);
    this.data = data;
    this.stop();
    const inSpace = data.view.kind === "space";
    if (data.view.kind === "space") {
      this.scene = bounds(data.traces);
      this.camera ??= { ...data.view, zoom: 1 }; // kept when the data change
    }
    this.canvas.className = data.view.kind;
    this.canvas.tabIndex = inSpace ? 0 : -1;
    this.canvas.setAttribute("aria-label", data.alt
      + (inSpace ? ". Arrow keys turn it, + and − zoom." : ""));
    this.turnButton.hidden = !inSpace;
    this.range.max = String(data.names.length - 1);
    this.range.setAttribute("aria-label", data.label);
    this.legend.replaceChildren(...legend(data));
    this.loadImage();
    this.goTo(sameFrames ? this.frame : data.first);
  }

  loadImage() {
    this.image = null;
    const image = imageOf(this.data);
    if (!image) return;
    const loaded = new Image();
    loaded.src = image.src;
    loaded.decode().then(() => {
      if (imageOf(this.data) !== image) return;
      this.image = loaded;
      this.draw();
    });
  }

  /** @param {number} frame */
  goTo(frame) {
    this.frame = frame;
    const name = this.data.names[frame];
    this.range.value = String(frame);
    this.range.setAttribute("aria-valuetext", name);
    this.name.textContent = `${this.data.label} ${name}`;
    this.draw();
  }

  /** All traces as they are in this frame. @returns {Trace[]} */
  traces() {
    const { traces, moving, frames } = this.data, now = [...traces];
    moving.forEach((trace, k) => { now[trace] = { ...traces[trace], ...frames[this.frame][k] }; });
    return now;
  }

  /** Of the picture in pixels: where it has to be square, not more than there is width. */
  height() {
    const { view, height } = this.data;
    return view.kind === "plane" && !view.equal ? height :
      Math.min(height, this.canvas.clientWidth);
  }

  draw() {
    this.root.dataset.settled = "false";
    this.pending ||= requestAnimationFrame((time) => this.paint(time));
  }

  /** @param {number} time */
  paint(time) {
    this.pending = 0;
    if (!this.root.isConnected) return;
    this.advance(time);
    const { canvas, ctx, data, camera } = this, ratio = window.devicePixelRatio;
    const width = canvas.clientWidth, height = this.height();
    canvas.style.height = `${height}px`;
    if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
    if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
    const style = getComputedStyle(this.root);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, width, height);
    ctx.font = `${LINE_HEIGHT - 1}px ${style.fontFamily}`;
    if (camera) {
      drawSpace(ctx, width, height, camera, this.scene, this.traces());
      this.root.dataset.camera = [camera.azimuth, camera.elevation, camera.zoom]
        .map((value) => value.toFixed(3)).join(" ");
    } else if (data.view.kind === "plane") {
      drawPlane(ctx, width, height, data.view, this.traces(),
        { text: style.color, image: this.image });
    }
    this.root.dataset.frame = String(this.frame);
    const complete = !imageOf(data) || this.image;
    if (complete && !this.pending && !this.playing && !this.turning) {
      this.root.dataset.settled = "true";
    }
  }

  /** The next frame and angle, when they are due; asks for the next call while any is.
   * @param {number} time */
  advance(time) {
    const passed = time - (this.before ?? time);
    this.before = this.playing || this.turning ? time : null;
    if (this.turning && this.camera) {
      this.camera = turned(this.camera, (passed / 1000 / TURN_SECONDS) * FULL_TURN, 0);
    }
    if (this.playing && time - this.shownAt >= this.data.pause) {
      this.shownAt = time;
      const last = this.data.names.length - 1;
      this.goTo(Math.min(this.frame + 1, last));
      if (this.frame === last) this.setPlaying(false);
    }
    if (this.playing || this.turning) this.draw();
  }

  play() {
    if (this.playing) return this.stop();
    if (this.frame === this.data.names.length - 1) this.goTo(0);
    this.shownAt = performance.now();
    this.setPlaying(true);
  }

  turn() { this.setTurning(!this.turning); }

  stop() { this.setPlaying(false); }

  /** @param {boolean} playing */
  setPlaying(playing) {
    this.playing = playing;
    this.playButton.textContent = playing ? "Pause" : "Play";
    this.draw();
  }

  /** @param {boolean} turning */
  setTurning(turning) {
    this.turning = turning;
    this.turnButton.textContent = turning ? "Hold" : "Turn";
    this.draw();
  }

  /** @param {PointerEvent} event */
  grab(event) {
    if (!this.camera) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.setTurning(false);
    this.grabbed = [event.clientX, event.clientY];
  }

  /** @param {PointerEvent} event */
  drag(event) {
    if (!this.camera) return this.read(event);
    if (!this.canvas.hasPointerCapture(event.pointerId)) return;
    const [x, y] = this.grabbed;
    this.grabbed = [event.clientX, event.clientY];
    this.camera = turned(this.camera, (x - event.clientX) * RADIANS_PER_PIXEL,
      (event.clientY - y) * RADIANS_PER_PIXEL);
    this.draw();
  }

  /** @param {WheelEvent} event */
  scroll(event) {
    if (!this.camera) return;
    event.preventDefault();
    this.camera = zoomed(this.camera, Math.exp(-0.0015 * event.deltaY));
    this.draw();
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (!this.camera || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in KEYS) this.camera = turned(this.camera, ...KEYS[event.key]);
    else if (event.key in ZOOM_KEYS) this.camera = zoomed(this.camera, ZOOM_KEYS[event.key]);
    else return;
    event.preventDefault();
    this.draw();
  }

  /** The values under the pointer, of the traces that show any. @param {PointerEvent} event */
  read(event) {
    const { view } = this.data;
    if (view.kind === "space") return;
    const axes = layOut(view, this.canvas.clientWidth, this.height());
    const share = (event.offsetX - axes.left) / axes.width;
    const lines = share < 0 || share > 1 ? [] :
      readOut(this.traces(), view.x[0] + share * (view.x[1] - view.x[0]));
    this.readout.textContent = lines.join(" · ");
    this.readout.hidden = !lines.length;
  }
}

/** @param {Data} data */
const imageOf = ({ view }) => (view.kind === "plane" ? view.image : null);

/** A sample and a name for the image and for each trace that has one. @param {Data} data */
function legend(data) {
  const image = imageOf(data);
  const named = data.traces.filter((trace) => trace.name);
  /** @type {Pick<Trace, "kind" | "color" | "colors" | "dash" | "symbol" | "name">[]} */
  const entries = image ? [{ ...image, kind: "faces" }, ...named] : named;
  return entries.map((entry) => {
    const innerHTML = `<svg viewBox="0 0 24 12" aria-hidden="true">${sample(entry)}</svg>`;
    return element("span", { innerHTML }, entry.name ?? "");
  });
}

/** @param {Pick<Trace, "kind" | "color" | "colors" | "dash" | "symbol">} entry */
function sample({ kind, color, colors, dash, symbol }) {
  if (kind === "faces") return `<rect x="6" width="12" height="12" fill="${color}"/>`;
  if (symbol === "diamond") return `<path d="M7 6l5-5 5 5-5 5z" fill="${color}"/>`;
  if (kind === "points") return `<circle cx="12" cy="6" r="4" fill="${colors?.[0] ?? color}"/>`;
  return `<path d="M0 6h24" stroke="${color}" stroke-width="2.5"
    stroke-dasharray="${dash ?? ""}"/>`;
}
