// The panel of the tool Draw: the pad, its buttons, and what the model makes of the drawing.

/** @import { Pair, PlaneContext, Posterior } from "../../context.js" */
/** @import { Drawing, Grey } from "./drawing.js" */
/**
 * What the model makes of an image `x`: `given` is x as the encoder gets it, `near` the nearest
 * test images by their means in all dimensions, null until these have arrived.
 * @typedef {object} Answer
 * @property {Float32Array} x
 * @property {Float32Array} given
 * @property {Posterior} posterior
 * @property {number} distortion of the mean's decoding, nats
 * @property {number[] | null} near
 */
/**
 * @typedef {object} Actions
 * @property {() => Pair[][]} begin gives the strokes that a new one is added to
 * @property {(strokes: Pair[][]) => void} draw at every move
 * @property {(strokes: Pair[][]) => void} end with the new stroke simplified
 * @property {() => void} undo
 * @property {() => void} clear
 * @property {(file: File) => void} take
 */

import { contextOf, createButton, element, showRows, write } from "../../../shared/dom.js";
import { Figure } from "../../canvas/picture.js";
import { nats, number } from "../../../shared/ticks.js";
import { countLabels } from "../../cloud/cloud.js";
import { clamp } from "../../canvas/camera.js";
import { simplify } from "../../geometry.js";

/** @param {Actions} actions */
export function createDrawPanel(actions) {
  const hint = element("p", { class: "tool-hint", role: "status" });
  const pad = createSketchpad(actions);
  const undo = createButton("Undo", "Ctrl + Z", actions.undo);
  const clear = createButton("Clear", "", actions.clear);
  const file = createFileInput(actions.take);
  const results = createResults();
  const buttons = element("div", { class: "tool-row" }, undo, clear, ...file);
  const root = element("div", { class: "draw-tool" }, hint,
    element("div", { class: "tool-row" },
      element("div", { class: "draw-pad" }, pad.canvas, buttons), results.root));
  root.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey)) return;
    actions.undo();
    event.preventDefault();
  });

  /** @param {PlaneContext} plane @param {Drawing | null} drawing @param {Answer | null} answer
   * @param {{canUndo: boolean, advice: string, complaint: string}} rest */
  function show(plane, drawing, answer, { canUndo, advice, complaint }) {
    pad.show(drawing);
    undo.disabled = !canUndo;
    clear.disabled = !drawing;
    write(hint, complaint || advice);
    hint.classList.toggle("complaint", Boolean(complaint));
    results.show(plane, answer);
  }

  return { root, show, get isDrawing() { return pad.isBusy; } };
}

/** A button, and the hidden input that it opens.
 * @type {(take: (file: File) => void) => [HTMLElement, HTMLElement]} */
function createFileInput(take) {
  const input = element("input", {
    type: "file", accept: "image/png,image/jpeg,image/gif,image/webp,image/bmp", hidden: true,
    "aria-label": "Image file",
  });
  const button = createButton("Choose an image…",
    "PNG, JPEG, GIF, WebP or BMP; or drop one, or paste one", () => input.click());
  input.addEventListener("change", () => {
    const [file] = input.files ?? [];
    if (file) take(file);
    input.value = "";
  });
  return [button, input];
}

/** The drawing as images, and its figures. */
function createResults() {
  const fitted = new Figure("Fitted");
  const seen = new Figure("As the model sees it", "Each pixel is white with its grey value as "
    + "probability, as in training; the same random numbers each time");
  const back = new Figure("Decoded at μ");
  const numbers = element("dl", { class: "tool-figures", "data-testid": "draw-figures" });
  const root = element("div", { class: "tool-row draw-results" },
    fitted.root, seen.root, back.root, numbers);

  /** @param {PlaneContext} plane @param {Answer | null} answer */
  function show({ decoder, encoder, cloud, nameOf, placeOf, view }, answer) {
    root.hidden = !answer;
    if (!answer) return;
    const { x, given, posterior, distortion, near } = answer;
    seen.root.hidden = !encoder?.network.binarized;
    fitted.show(x, decoder);
    seen.show(given, decoder);
    back.show(decoder.decode(posterior.mu), decoder);
    const [most] = near ? countLabels(near, cloud.label) : [];
    const label = most ? `${nameOf(most[0])}: ${most[1]} of ${near?.length} nearest` : "…";
    const sigma = view.dims.map((d) => number(posterior.root(d, d), 3));
    const mu = placeOf(posterior.mu).slice(0, view.dims.length).map((value) => number(value));
    showRows(numbers, [
      ["Looks like", label, "The most frequent label of the nearest test images, by the distance "
        + "of their means to μ"],
      ["Distortion at μ", `${number(distortion, 1)} nats`,
        "−log p(x|z = μ) of what the model sees"],
      ["Rate", nats(posterior.rate), "KL(q(z|x) ‖ p(z))"],
      ["μ", mu.join(", ")],
      ["σ", sigma.join(", ")],
    ]);
    fitted.canvas.ariaLabel = most ? `Fitted; looks like ${nameOf(most[0])}: ${most[1]} of the `
      + `${near?.length} nearest test images` : "Fitted";
  }

  return { root, show };
}

/** @typedef {CanvasRenderingContext2D} Context */

export const SIDE = 224; // pixels of the ink, whatever the screen has
// So that a digit over two thirds of the pad has strokes of 2.6 pixels once it is fitted: twice the
// area of MNIST's digits over their circumference.
const PEN = 0.088 * SIDE;
const TOLERANCE = 0.4 / SIDE; // that a kept stroke may differ from the drawn one

/** @type {Context | null} */ let ink = null;

/** The ink of strokes, 0 to 1. @type {(strokes: Pair[][]) => Grey} */
export function rasterize(strokes) {
  ink ??= contextOf(element("canvas", { width: SIDE, height: SIDE }), { willReadFrequently: true });
  ink.clearRect(0, 0, SIDE, SIDE);
  trace(ink, strokes);
  const { data } = ink.getImageData(0, 0, SIDE, SIDE);
  const values = Float32Array.from({ length: SIDE * SIDE }, (_, i) => data[4 * i + 3] / 255);
  return { values, width: SIDE, height: SIDE };
}

/** @type {(context: Context, strokes: Pair[][]) => void} */
function trace(context, strokes) {
  context.lineCap = "round";
  context.lineJoin = "round";
  context.lineWidth = PEN;
  context.strokeStyle = "#fff";
  for (const [first, ...others] of strokes) {
    context.beginPath();
    context.moveTo(first[0] * SIDE, first[1] * SIDE);
    // A tap is a dot: a line of no length with round ends.
    for (const [x, y] of others.length ? others : [first]) context.lineTo(x * SIDE, y * SIDE);
    context.stroke();
  }
}

/** @param {Pick<Actions, "begin" | "draw" | "end">} actions */
export function createSketchpad(actions) {
  const canvas = element("canvas", {
    width: SIDE, height: SIDE, class: "sketchpad", role: "img",
    "aria-label": "Drawing pad for mouse, pen or finger; with the keyboard, choose or paste an "
      + "image file",
  });
  const context = contextOf(canvas);
  /** @type {{pointer: number, before: Pair[][], points: Pair[]} | null} the stroke being drawn */
  let stroke = null;

  /** @type {(event: PointerEvent) => Pair} */
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [clamp((event.clientX - box.left) / box.width, 0, 1),
      clamp((event.clientY - box.top) / box.height, 0, 1)];
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (stroke || (event.pointerType === "mouse" && event.button !== 0)) return;
    canvas.setPointerCapture(event.pointerId);
    stroke = { pointer: event.pointerId, before: actions.begin(), points: [place(event)] };
    actions.draw([...stroke.before, stroke.points]);
  });

  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== stroke?.pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) stroke.points.push(place(each));
    actions.draw([...stroke.before, stroke.points]);
  });

  for (const type of /** @type {const} */ (["pointerup", "pointercancel"])) {
    canvas.addEventListener(type, (event) => {
      if (event.pointerId !== stroke?.pointer) return;
      const { before, points } = stroke;
      stroke = null;
      actions.end([...before, simplify(points, TOLERANCE)]);
    });
  }

  /** Strokes, or a picture in their place, or nothing but an invitation.
   * @param {Drawing | null} drawing */
  function show(drawing) {
    context.fillStyle = "#000";
    context.fillRect(0, 0, SIDE, SIDE);
    if (drawing?.strokes) trace(context, drawing.strokes);
    else if (drawing?.pixels) paintPixels(context, drawing.pixels);
    else invite(context);
  }

  return { canvas, show, get isBusy() { return stroke !== null; } };
}

/** @type {(context: Context, picture: NonNullable<Drawing["pixels"]>) => void} */
function paintPixels(context, { values, height, width, channels }) {
  const [across, down] = [SIDE / width, SIDE / height];
  const size = height * width;
  for (let i = 0; i < size; i++) {
    const rgb = [0, 1, 2].map((c) => Math.round(255 * values[channels === 3 ? c * size + i : i]));
    context.fillStyle = `rgb(${rgb})`;
    const [column, row] = [i % width, Math.floor(i / width)];
    context.fillRect(column * across, row * down, across + 0.5, down + 0.5);
  }
}

/** @type {(context: Context) => void} */
function invite(context) {
  context.fillStyle = "rgb(255 255 255 / 0.55)";
  context.font = "16px sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText("draw here,", SIDE / 2, SIDE / 2 - 12);
  context.fillText("or drop an image", SIDE / 2, SIDE / 2 + 12);
}
