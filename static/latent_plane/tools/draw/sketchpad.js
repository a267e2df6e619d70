// The canvas that one draws on, white on black as MNIST is.

import { simplify } from "./drawing.js";
import { element } from "../../canvas/dom.js";

export const SIDE = 224; // pixels of the ink, whatever the screen has
// So that a digit over two thirds of the pad has strokes of 2.6 pixels once it is fitted: twice the
// area of MNIST's digits over their circumference.
const PEN = 0.088 * SIDE;
const TOLERANCE = 0.4 / SIDE; // that a kept stroke may differ from the drawn one

/** The ink of strokes (places from 0 to 1): grey values from 0 to 1, and their size. */
export function rasterize(strokes) {
  const context = inkContext();
  context.clearRect(0, 0, SIDE, SIDE);
  trace(context, strokes);
  const { data } = context.getImageData(0, 0, SIDE, SIDE);
  return { values: Float32Array.from({ length: SIDE * SIDE }, (_, i) => data[4 * i + 3] / 255), width: SIDE, height: SIDE };
}

let ink = null;

function inkContext() {
  ink ??= element("canvas", { width: SIDE, height: SIDE }).getContext("2d", { willReadFrequently: true });
  return ink;
}

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
 * `actions`: begin() gives the strokes that a new one is added to, draw(strokes) at every move,
 * end(strokes) with the new stroke simplified.
 */
export function createSketchpad(actions, signal) {
  const canvas = element("canvas", {
    width: SIDE, height: SIDE, class: "sketchpad", role: "img",
    "aria-label": "Drawing pad for mouse, pen or finger; with the keyboard, choose or paste an image file",
  });
  const context = canvas.getContext("2d");
  let before = null; // the strokes before the one that is drawn
  let stroke = [];
  let pointer = null;

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
      .map((value) => Math.min(Math.max(value, 0), 1));
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (pointer !== null || (event.pointerType === "mouse" && event.button !== 0)) return;
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    before = actions.begin();
    stroke = [place(event)];
    actions.draw([...before, stroke]);
  }, { signal });

  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) stroke.push(place(each));
    actions.draw([...before, stroke]);
  }, { signal });

  for (const type of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(type, (event) => {
      if (event.pointerId !== pointer) return;
      pointer = null;
      actions.end([...before, simplify(stroke, TOLERANCE)]);
    }, { signal });
  }

  /** Strokes, or a picture in their place, or nothing but an invitation. */
  function show({ strokes, pixels } = {}) {
    context.fillStyle = "#000";
    context.fillRect(0, 0, SIDE, SIDE);
    if (strokes) trace(context, strokes);
    else if (pixels) paintPixels(context, pixels);
    else invite(context);
  }

  return { canvas, show, get isBusy() { return pointer !== null; } };
}

function paintPixels(context, { values, height, width, channels }) {
  const [across, down] = [SIDE / width, SIDE / height];
  for (let i = 0; i < height * width; i++) {
    const rgb = [0, 1, 2].map((c) => Math.round(255 * values[channels === 3 ? c * height * width + i : i]));
    context.fillStyle = `rgb(${rgb})`;
    context.fillRect((i % width) * across, Math.floor(i / width) * down, across + 0.5, down + 0.5);
  }
}

function invite(context) {
  context.fillStyle = "rgb(255 255 255 / 0.55)";
  context.font = "16px sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText("draw here,", SIDE / 2, SIDE / 2 - 12);
  context.fillText("or drop an image", SIDE / 2, SIDE / 2 + 12);
}
