// A digit drawn by hand, or an image file: fitted as the model's data are, encoded while it grows.

/** @import { Pair, PlaneContext, Tool, ToolRow } from "../../context.js" */
/** @import { Drawing } from "./drawing.js" */
/** @import { Answer } from "./panel.js" */

import { toPixel } from "../../canvas/camera.js";
import { lineThrough, paintEllipses, paintHandle, shadowOf } from "../../canvas/marks.js";
import { binarized, knowsDigits, pictureOf, writeDrawing } from "./drawing.js";
import { createDrawPanel } from "./panel.js";
import { listenForFiles, readPhoto } from "./photo.js";

const NEAR = 12;
const MOST_UNDO = 100;
const LONGEST_TRAIL = 600; // places of μ while one draws

/** @implements {Tool} */
class DrawTool {
  #plane;
  #signal;
  #view;
  /** @type {Drawing | null} */ #drawing = null;
  /** @type {Drawing | null} the state's, as it was read last */ #known = null;
  /** @type {(Drawing | null)[]} earlier drawings */ #past = [];
  #complaint = "";
  /** @type {Answer | null} */ #answer = null;
  /** Whether the cursor goes to μ. */
  #follows = false;
  /** Whether the dimensions that aren't shown are held at μ, for the large image. */
  #holds = false;
  /** @type {Pair[]} where μ has been while the drawing grew */ #trail = [];
  #listening = new AbortController();
  /** Files that were given; only the last one counts. */
  #files = 0;
  #reading = 0;

  /** @param {PlaneContext} plane @param {AbortSignal} signal */
  constructor(plane, signal) {
    this.#plane = plane;
    this.#signal = signal;
    this.#view = createDrawPanel({
      begin: () => {
        this.#begin();
        return this.#drawing?.strokes ?? [];
      },
      draw: (strokes) => this.#change({ strokes }),
      end: (strokes) => {
        this.#change({ strokes });
        this.#commit();
      },
      undo: () => this.#undo(),
      clear: () => {
        this.#begin();
        this.#change(null);
        this.#commit();
      },
      take: (file) => this.#take(file),
    });
    this.panel = this.#view.root;
  }

  busy() { return this.#reading > 0 || this.#view.isDrawing; }

  /** Another drawing begins; the one before can be had again. */
  #begin() {
    this.#past = [...this.#past, this.#drawing].slice(-MOST_UNDO);
    this.#complaint = "";
    this.#trail = [];
  }

  /** Another drawing, shown in the next frame. @param {Drawing | null} next */
  #change(next) {
    this.#drawing = next?.strokes?.length || next?.pixels ? next : null;
    this.#follows = true;
    this.#plane.redraw("tools", "marks");
  }

  #undo() {
    const before = this.#past.at(-1);
    if (before === undefined || this.#view.isDrawing) return;
    this.#trail = [];
    this.#complaint = "";
    this.#past = this.#past.slice(0, -1);
    this.#change(before);
    this.#commit();
  }

  #commit() {
    this.#known = this.#drawing;
    this.#plane.act({ drawn: this.#drawing });
  }

  /** @param {File} file */
  async #take(file) {
    const turn = ++this.#files;
    this.#reading += 1;
    try {
      const { decoder, view } = this.#plane;
      const pixels = await readPhoto(file, decoder, knowsDigits(view, decoder));
      if (turn !== this.#files) return; // another file was given in the meantime
      this.#begin();
      this.#change({ pixels });
      this.#commit();
    } catch (error) {
      this.#complaint = /** @type {Error} */ (error).message;
    } finally {
      this.#reading -= 1;
      this.#plane.redraw("tools");
    }
  }

  open() {
    this.#listening = new AbortController();
    const signal = AbortSignal.any([this.#listening.signal, this.#signal]);
    listenForFiles((file) => this.#take(file), signal);
  }

  close() {
    this.#listening.abort();
    this.#answer = null;
    this.#plane.hold(null);
  }

  refresh() {
    const plane = this.#plane;
    const wanted = plane.get("drawn");
    if (!this.#view.isDrawing && wanted !== this.#known) this.#read(wanted);
    const drawing = this.#drawing;
    const x = pictureOf(drawing, plane.decoder, knowsDigits(plane.view, plane.decoder));
    const answer = this.#answer = x && this.#answerTo(x);
    this.#view.show(plane, drawing, answer, {
      canUndo: this.#past.length > 0, advice: this.#advice, complaint: this.#complaint,
    });
    this.#holds ||= this.#follows;
    plane.hold(answer && this.#holds ? answer.posterior.mu : null);
    if (answer && this.#follows) plane.moveTo(plane.placeOf(answer.posterior.mu), true);
    if (answer || !drawing) this.#follows = false; // else once the encoder has arrived
  }

  /** As the state has it. @param {Drawing | null} wanted */
  #read(wanted) {
    this.#known = this.#drawing = wanted;
    this.#past = [];
    this.#trail = [];
    this.#follows = Boolean(wanted);
    this.#complaint = "";
  }

  get #advice() {
    const { encoder, view, decoder } = this.#plane;
    if (!encoder) return "Loading the encoder…";
    if (!this.#drawing) {
      return "Draw, and watch where the encoder puts it; or drop, paste or choose an image file.";
    }
    if (!this.#answer) return "This picture was fitted to images of another size: drop it again.";
    if (!this.#view.isDrawing && !writeDrawing(this.#drawing)) {
      return "Encoded. It is too large for the URL, which doesn't keep it.";
    }
    return knowsDigits(view, decoder)
      ? "Scaled to 20 × 20 pixels and centred by mass in 28 × 28, as MNIST's digits are, then "
        + "encoded."
      : "Scaled to the size of the model's images, then encoded.";
  }

  /** @param {Float32Array} x @returns {Answer | null} */
  #answerTo(x) {
    const { encoder, decoder, posteriorOf, placeOf } = this.#plane;
    const given = encoder?.network.binarized ? binarized(x) : x;
    const posterior = posteriorOf(given);
    if (!posterior) return null;
    const distortion = -decoder.likelihood.logProb(given, decoder.outputs(posterior.mu));
    const place = placeOf(posterior.mu);
    if (this.#follows) this.#trail = [...this.#trail, place].slice(-LONGEST_TRAIL);
    return { x, given, posterior, distortion, near: this.#nearest(posterior.mu, place) };
  }

  /** @param {Float32Array} mu @param {Pair} place */
  #nearest(mu, place) {
    const { decoder, view, codes, beta, cloud } = this.#plane;
    return decoder.latentDim > view.dims.length ? codes?.nearest(mu, NEAR, beta ?? 1) ?? null
      : cloud.index().nearest(...place, NEAR);
  }

  /** @param {CanvasRenderingContext2D} context */
  paint(context) {
    if (!this.#answer) return;
    const { camera, theme, view, placeOf } = this.#plane;
    const { posterior } = this.#answer;
    const mean = placeOf(posterior.mu);
    this.#paintTrail(context);
    paintEllipses(context, camera, theme, mean, shadowOf(posterior, view.dims));
    paintHandle(context, theme, toPixel(camera, ...mean));
  }

  /** @param {CanvasRenderingContext2D} context */
  #paintTrail(context) {
    const { camera, theme } = this.#plane;
    if (this.#trail.length < 2) return;
    context.strokeStyle = theme.primary;
    context.lineJoin = "round";
    context.lineWidth = 1.5;
    context.globalAlpha = 0.6;
    context.stroke(lineThrough(this.#trail.map((place) => toPixel(camera, ...place))));
    context.globalAlpha = 1;
  }

  inspect() {
    if (!this.#answer) return null;
    const { x, given, posterior: { mu, sigma, rate }, distortion, near } = this.#answer;
    const shadow = shadowOf(this.#answer.posterior, this.#plane.view.dims);
    return { x: [...x], seen: [...given], mu: [...mu], sigma: [...sigma], distortion, rate, near,
      ...shadow };
  }

  /** What is pinned is decoded where the page holds what isn't shown. */
  click() {
    this.#holds = false;
    this.#plane.hold(null);
    return false;
  }

  /** @param {KeyboardEvent} event */
  key({ key }) { return key === "Enter" && this.click(); }
}

/** @type {ToolRow} */
export const DRAW = {
  name: "draw", title: "Draw",
  hint: "Draw a digit or drop an image: it is fitted, encoded and decoded",
  needsZ: true, messages: ["encoder", "codes"],
  create: (plane, signal) => new DrawTool(plane, signal),
};
