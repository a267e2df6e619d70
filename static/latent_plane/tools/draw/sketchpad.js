// The canvas that one draws on, white on black as MNIST is.

/** @import { Pair } from "../../context.js" */
/** @import { Drawing } from "./drawing.js" */
/** @import { Grey } from "./fit.js" */
/** @typedef {CanvasRenderingContext2D} Context */

import { clamp } from "../../canvas/camera.js";
import { contextOf, element } from "../../canvas/dom.js";
import { simplify } from "../../geometry.js";

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

/**
 * @param {object} actions
 * @param {() => Pair[][]} actions.begin gives the strokes that a new one is added to
 * @param {(strokes: Pair[][]) => void} actions.draw at every move
 * @param {(strokes: Pair[][]) => void} actions.end with the new stroke simplified
 * @param {AbortSignal} signal
 */
export function createSketchpad(actions, signal) {
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
  }, { signal });

  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== stroke?.pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) stroke.points.push(place(each));
    actions.draw([...stroke.before, stroke.points]);
  }, { signal });

  for (const type of /** @type {const} */ (["pointerup", "pointercancel"])) {
    canvas.addEventListener(type, (event) => {
      if (event.pointerId !== stroke?.pointer) return;
      const { before, points } = stroke;
      stroke = null;
      actions.end([...before, simplify(points, TOLERANCE)]);
    }, { signal });
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
