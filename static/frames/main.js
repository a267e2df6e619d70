// A figure whose frames are behind a native range input and a play button.

import { drawPlane, layOut, readOut } from "./plane.js";
import { bounds, drawSpace, turned, zoomed } from "./space.js";

const FULL_TURN = 2 * Math.PI;
const TURN_SECONDS = 4.3; // of a full turn
const RADIANS_PER_PIXEL = 0.008;
const KEYS = {
  ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1],
};
const ZOOM_KEYS = { "+": 1.15, "=": 1.15, "-": 1 / 1.15 };
const LINE_HEIGHT = 13; // pixels of text

/** @typedef {import("./plane.js").Trace} Trace */

/**
 * @typedef {object} Data
 * @property {string} label of the range input
 * @property {string} alt what the picture shows
 * @property {number} height of the picture in pixels
 * @property {number} first the frame that is seen first
 * @property {number} pause from frame to frame while playing, milliseconds
 * @property {import("./plane.js").PlaneView
 *   | {kind: "space", azimuth: number, elevation: number}} view
 * @property {Trace[]} traces
 * @property {number[]} moving which traces the frames change
 * @property {string[]} names of the frames
 * @property {Partial<Trace>[][]} frames for each of `moving`, the fields that are new
 */

/** @type {WeakMap<ParentNode, Figure>} */
const figures = new WeakMap();

/** Called with new data and after each change of theme. */
export function mount({ data, parentElement }) {
  const figure = figures.get(parentElement) ?? new Figure(parentElement.querySelector(".frames"));
  figures.set(parentElement, figure);
  figure.show(data);
}

class Figure {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.canvas = root.querySelector("canvas");
    this.range = root.querySelector("input");
    this.playButton = /** @type {HTMLButtonElement} */ (root.querySelector(".play"));
    this.turnButton = /** @type {HTMLButtonElement} */ (root.querySelector(".turn"));
    this.readout = /** @type {HTMLOutputElement} */ (root.querySelector(".readout"));
    this.frame = 0;
    this.camera = null;
    this.playing = this.turning = false;
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
    const sameFrames = String(this.data?.names) === String(data.names);
    this.data = data;
    this.stop();
    const inSpace = data.view.kind === "space";
    this.scene = inSpace ? bounds(data.traces) : null;
    if (inSpace) this.camera ??= { ...data.view, zoom: 1 }; // kept when the data change
    this.canvas.className = data.view.kind;
    this.canvas.tabIndex = inSpace ? 0 : -1;
    this.canvas.style.height = `${data.height}px`;
    this.canvas.setAttribute("aria-label", data.alt
      + (inSpace ? ". Arrow keys turn it, + and − zoom." : ""));
    this.turnButton.hidden = !inSpace;
    this.range.max = String(data.names.length - 1);
    this.range.setAttribute("aria-label", data.label);
    this.root.querySelector(".legend").replaceChildren(...legend(data));
    this.loadImage();
    this.goTo(sameFrames ? this.frame : data.first);
  }

  loadImage() {
    this.image = null;
    const { image } = /** @type {any} */ (this.data.view);
    if (!image) return;
    const loaded = new Image();
    loaded.src = image.src;
    loaded.decode().then(() => {
      if (this.data.view.image !== image) return;
      this.image = loaded;
      this.draw();
    });
  }

  goTo(frame) {
    this.frame = frame;
    const name = this.data.names[frame];
    this.range.value = String(frame);
    this.range.setAttribute("aria-valuetext", name);
    this.root.querySelector(".name").textContent = `${this.data.label} ${name}`;
    this.draw();
  }

  /** All traces as they are in this frame. @returns {Trace[]} */
  traces() {
    const { traces, moving, frames } = this.data, now = [...traces];
    moving.forEach((trace, k) => { now[trace] = { ...traces[trace], ...frames[this.frame][k] }; });
    return now;
  }

  draw() {
    this.root.dataset.settled = "false";
    this.pending ||= requestAnimationFrame((time) => this.paint(time));
  }

  paint(time) {
    this.pending = 0;
    if (!this.root.isConnected) return;
    this.advance(time);
    const { canvas, data } = this, ratio = window.devicePixelRatio;
    const width = canvas.clientWidth, height = data.height;
    if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
    if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
    const ctx = canvas.getContext("2d"), style = getComputedStyle(this.root);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, width, height);
    ctx.font = `${LINE_HEIGHT - 1}px ${style.fontFamily}`;
    if (data.view.kind === "space") {
      drawSpace(ctx, width, height, this.camera, this.scene, this.traces());
      const { azimuth, elevation, zoom } = this.camera;
      this.root.dataset.camera = [azimuth, elevation, zoom].map((v) => v.toFixed(3)).join(" ");
    } else {
      drawPlane(ctx, width, height, data.view, this.traces(),
        { text: style.color, image: this.image });
    }
    this.root.dataset.frame = String(this.frame);
    const imageIsMissing = data.view.kind === "plane" && data.view.image && !this.image;
    if (!this.pending && !imageIsMissing && !this.playing && !this.turning) {
      this.root.dataset.settled = "true";
    }
  }

  /** The next frame and the next angle, when they are due; asks for the next call while any is. */
  advance(time) {
    const passed = time - (this.before ?? time);
    this.before = this.playing || this.turning ? time : null;
    if (this.turning) {
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

  turn() {
    this.setTurning(!this.turning);
  }

  stop() {
    this.setPlaying(false);
  }

  setPlaying(playing) {
    this.playing = playing;
    this.playButton.textContent = playing ? "Pause" : "Play";
    this.draw();
  }

  setTurning(turning) {
    this.turning = turning;
    this.turnButton.textContent = turning ? "Hold" : "Turn";
    this.draw();
  }

  grab(event) {
    if (!this.camera) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.setTurning(false);
    this.grabbed = [event.clientX, event.clientY];
  }

  drag(event) {
    if (!this.camera) return this.read(event);
    if (!this.canvas.hasPointerCapture(event.pointerId)) return;
    const [x, y] = this.grabbed;
    this.grabbed = [event.clientX, event.clientY];
    this.camera = turned(this.camera, (x - event.clientX) * RADIANS_PER_PIXEL,
      (event.clientY - y) * RADIANS_PER_PIXEL);
    this.draw();
  }

  scroll(event) {
    if (!this.camera) return;
    event.preventDefault();
    this.camera = zoomed(this.camera, Math.exp(-0.0015 * event.deltaY));
    this.draw();
  }

  press(event) {
    if (!this.camera || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in KEYS) this.camera = turned(this.camera, ...KEYS[event.key]);
    else if (event.key in ZOOM_KEYS) this.camera = zoomed(this.camera, ZOOM_KEYS[event.key]);
    else return;
    event.preventDefault();
    this.draw();
  }

  /** The values under the pointer, of traces that have any to tell. */
  read(event) {
    const { view, height } = this.data;
    const axes = layOut(view, this.canvas.clientWidth, height);
    const share = (event.offsetX - axes.left) / axes.width;
    const lines = share < 0 || share > 1 ? [] :
      readOut(this.traces(), view.x[0] + share * (view.x[1] - view.x[0]));
    this.readout.textContent = lines.join(" · ");
    this.readout.hidden = !lines.length;
  }
}

/** A sample and a name for each trace that has one. @param {Data} data */
function legend({ view, traces }) {
  const image = view.kind === "plane" && view.image ? [{ ...view.image, kind: "faces" }] : [];
  return [...image, ...traces.filter((trace) => trace.name)].map((trace) => {
    const entry = document.createElement("span");
    entry.innerHTML = `<svg viewBox="0 0 24 12" aria-hidden="true">${sample(trace)}</svg>`;
    entry.append(trace.name);
    return entry;
  });
}

function sample({ kind, color, colors, dash, symbol }) {
  if (kind === "faces") return `<rect x="6" width="12" height="12" fill="${color}"/>`;
  if (symbol === "diamond") return `<path d="M7 6l5-5 5 5-5 5z" fill="${color}"/>`;
  if (kind === "points") return `<circle cx="12" cy="6" r="4" fill="${colors?.[0] ?? color}"/>`;
  return `<path d="M0 6h24" stroke="${color}" stroke-width="2.5"
    stroke-dasharray="${dash ?? ""}"/>`;
}
