// The panel of the tool Draw: the pad, its buttons, and what the model makes of the drawing.

/** @import { Pair, PlaneContext, Posterior } from "../../context.js" */
/** @import { Drawing } from "./drawing.js" */
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
 * @property {(strokes: Pair[][]) => void} draw
 * @property {(strokes: Pair[][]) => void} end
 * @property {() => void} undo
 * @property {() => void} clear
 * @property {(file: File) => void} take
 */

import { createButton, element, showRows, write } from "../../canvas/dom.js";
import { Figure } from "../../canvas/picture.js";
import { nats, number } from "../../canvas/ticks.js";
import { countLabels } from "../../cloud/cloud.js";
import { createSketchpad } from "./sketchpad.js";

/** @param {Actions} actions @param {AbortSignal} signal */
export function createDrawPanel(actions, signal) {
  const hint = element("p", { class: "tool-hint", role: "status" });
  const pad = createSketchpad(actions, signal);
  const undo = createButton("Undo", "Ctrl + Z", actions.undo, signal);
  const clear = createButton("Clear", "", actions.clear, signal);
  const file = createFileInput(actions.take, signal);
  const results = createResults();
  const buttons = element("div", { class: "tool-row" }, undo, clear, ...file);
  const root = element("div", { class: "draw-tool" }, hint,
    element("div", { class: "tool-row" },
      element("div", { class: "draw-pad" }, pad.canvas, buttons), results.root));
  root.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey)) return;
    actions.undo();
    event.preventDefault();
  }, { signal });

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
 * @type {(take: (file: File) => void, signal: AbortSignal) => [HTMLElement, HTMLElement]} */
function createFileInput(take, signal) {
  const input = element("input", {
    type: "file", accept: "image/png,image/jpeg,image/gif,image/webp,image/bmp", hidden: true,
    "aria-label": "Image file",
  });
  const button = createButton("Choose an image…",
    "PNG, JPEG, GIF, WebP or BMP; or drop one, or paste one", () => input.click(), signal);
  input.addEventListener("change", () => {
    const [file] = input.files ?? [];
    if (file) take(file);
    input.value = "";
  }, { signal });
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
