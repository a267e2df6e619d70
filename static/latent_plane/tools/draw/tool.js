// A digit drawn by hand, or an image file: fitted as the model's data are, encoded while it grows.

import { toPixel } from "../../canvas/camera.js";
import { element, write } from "../../canvas/dom.js";
import { writeDrawing } from "./drawing.js";
import { binarized, knowsDigits, pictureOf } from "./drawn.js";
import { Figure } from "../../canvas/picture.js";
import { hold } from "../traverse/held.js";
import { listenForFiles } from "../../input/incoming.js";
import { countLabels } from "../../cloud/cloud.js";
import { readPhoto } from "./photo.js";
import { posteriorOf } from "../../nn/posterior.js";
import { paintEllipses, paintHandle, shadowOf } from "../../canvas/marks.js";
import { createSketchpad } from "./sketchpad.js";
import { nats, number } from "../../canvas/ticks.js";

const NEAR = 12;
const MOST_UNDO = 100;
const LONGEST_TRAIL = 600; // places of μ while one draws

export function createDrawTool(plane, signal) {
  let drawing = null; // {strokes} or {pixels}
  let known = null; // the state's, as it was read last
  let past = []; // earlier drawings
  let complaint = "";
  let answer = null; // what the model makes of it
  let follow = false; // the cursor goes to μ
  let holds = false; // μ in the dimensions that aren't shown, for the large image
  let trail = [];
  let listening = null;
  let taken = 0; // files

  const hint = element("p", { class: "tool-hint", role: "status" });
  const fitted = new Figure("Fitted");
  const seen = new Figure("As the model sees it", "Each pixel is white with its grey value as probability, as in training; the same random numbers each time");
  const back = new Figure("Decoded at μ");
  const numbers = element("dl", { class: "tool-figures", "data-testid": "draw-figures" });
  const undo = element("button", { type: "button", title: "Ctrl + Z" }, "Undo");
  const clear = element("button", { type: "button" }, "Clear");
  const file = element("input", { type: "file", accept: "image/png,image/jpeg,image/gif,image/webp,image/bmp", hidden: true, "aria-label": "Image file" });
  const choose = element("button", { type: "button", title: "PNG, JPEG, GIF, WebP or BMP; or drop one, or paste one" }, "Choose an image…");
  const pad = createSketchpad({
    begin() {
      remember();
      complaint = "";
      trail = [];
      return drawing?.strokes ?? [];
    },
    draw: (strokes) => change({ strokes }),
    end(strokes) {
      change({ strokes });
      keep();
    },
  }, signal);
  const results = element("div", { class: "tool-row draw-results" }, fitted.root, seen.root, back.root, numbers);
  const panel = element("div", { class: "draw-tool" },
    hint,
    element("div", { class: "tool-row" },
      element("div", { class: "draw-pad" }, pad.canvas, element("div", { class: "tool-row" }, undo, clear, choose, file)),
      results));

  undo.addEventListener("click", stepBack, { signal });
  clear.addEventListener("click", () => {
    remember();
    trail = [];
    change(null);
    keep();
  }, { signal });
  choose.addEventListener("click", () => file.click(), { signal });
  file.addEventListener("change", () => {
    take(file.files[0]);
    file.value = "";
  }, { signal });
  panel.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey)) return;
    stepBack();
    event.preventDefault();
  }, { signal });

  /** Another drawing, shown in the next frame. */
  function change(next) {
    drawing = next?.strokes?.length || next?.pixels ? next : null;
    follow = true;
    plane.redraw("tools", "marks");
  }

  function remember() { past = [...past, drawing].slice(-MOST_UNDO); }

  function stepBack() {
    if (!past.length || pad.isBusy) return;
    trail = [];
    complaint = "";
    change(past.at(-1));
    past = past.slice(0, -1);
    keep();
  }

  function keep() {
    known = drawing;
    plane.act({ drawn: drawing });
  }

  async function take(given) {
    if (!given) return;
    const turn = ++taken;
    try {
      const { decoder } = plane;
      const pixels = await readPhoto(given, decoder, knowsDigits(plane.view, decoder));
      if (turn !== taken) return; // another file was given in the meantime
      remember();
      trail = [];
      complaint = "";
      change({ pixels });
      keep();
    } catch (error) {
      complaint = error.message;
      plane.redraw("tools");
    }
  }

  function open() {
    listening = new AbortController();
    listenForFiles(take, AbortSignal.any([listening.signal, signal]));
  }

  function close() {
    listening.abort();
    answer = null;
    hold(plane, null);
  }

  function refresh() {
    const wanted = plane.state.get("drawn");
    if (!pad.isBusy && wanted !== known) read(wanted);
    pad.show(drawing ?? undefined);
    undo.disabled = !past.length;
    clear.disabled = !drawing;
    answer = answerTo(drawing && pictureOf(drawing, plane.decoder, knowsDigits(plane.view, plane.decoder)));
    results.hidden = !answer;
    write(hint, complaint || advice());
    hint.classList.toggle("complaint", Boolean(complaint));
    if (answer) show(answer);
    holds ||= follow;
    hold(plane, answer && holds ? answer.posterior.mu : null);
    if (answer && follow) plane.moveTo(placeOf(answer.posterior.mu), true);
    if (answer || !drawing) follow = false; // else once the encoder has arrived
  }

  function read(wanted) {
    known = drawing = wanted;
    past = [];
    trail = [];
    follow = Boolean(drawing);
    complaint = "";
  }

  function advice() {
    if (!plane.encoder) return "Loading the encoder…";
    if (!drawing) return "Draw, and watch where the encoder puts it; or drop, paste or choose an image file.";
    if (!answer) return "This picture was fitted to images of another size: drop it again.";
    if (!pad.isBusy && !writeDrawing(drawing)) return "Encoded. It is too large for the address, which doesn't keep it.";
    return knowsDigits(plane.view, plane.decoder)
      ? "Scaled to 20 × 20 pixels and centred by mass in 28 × 28, as MNIST's digits are, then encoded."
      : "Scaled to the size of the model's images, then encoded.";
  }

  function answerTo(x) {
    const { encoder, decoder } = plane;
    if (!x || !encoder) return null;
    const given = encoder.network.binarized ? binarized(x) : x;
    const posterior = posteriorOf(encoder, given);
    const distortion = -decoder.likelihood.logProb(given, decoder.outputs(posterior.mu));
    const place = placeOf(posterior.mu);
    if (follow) trail = [...trail, place].slice(-LONGEST_TRAIL);
    return { x, given, posterior, distortion, near: nearest(posterior.mu, place) };
  }

  /** The nearest test images by their means in all dimensions; null until these have arrived. */
  function nearest(mu, place) {
    if (plane.decoder.latentDim > plane.view.dims.length) {
      return plane.codes?.nearest(mu, NEAR, plane.dial.beta ?? 1) ?? null;
    }
    return plane.cloud.index().nearest(...place, NEAR);
  }

  function show({ x, given, posterior, distortion, near }) {
    const { decoder } = plane;
    const counts = near && countLabels(near, plane.cloud.label);
    const [[label, count] = []] = counts ?? [];
    seen.root.hidden = !plane.encoder.network.binarized;
    fitted.show(x, decoder);
    seen.show(given, decoder);
    back.show(decoder.decode(posterior.mu), decoder);
    const sigma = plane.view.dims.map((d) => number(posterior.root(d, d), 3));
    const rows = [
      ["Looks like", label === undefined ? "…" : `${plane.nameOf(label)}: ${count} of ${near.length} nearest`, "The most frequent label of the nearest test images, by the distance of their means to μ"],
      ["Distortion at μ", `${number(distortion, 1)} nats`, "−log p(x|z = μ) of what the model sees"],
      ["Rate", nats(posterior.rate), "KL(q(z|x) ‖ p(z))"],
      ["μ", placeOf(posterior.mu).slice(0, plane.view.dims.length).map((m) => number(m)).join(", ")],
      ["σ", sigma.join(", ")],
    ];
    numbers.replaceChildren(...rows.flatMap(([term, value, title = ""]) => (
      [element("dt", { title }, term), element("dd", { title }, value)])));
    fitted.canvas.ariaLabel = label === undefined ? "Fitted" : `Fitted; looks like ${plane.nameOf(label)}: ${count} of the ${near.length} nearest test images`;
  }

  const placeOf = (z) => [0, 1].map((axis) => z[plane.view.dims[axis]] ?? 0);

  function paint(context) {
    context.canvas.drawn = null;
    if (!answer) return;
    const { posterior } = answer;
    const shadow = shadowOf(posterior, plane.view.dims);
    paintTrail(context, trail.map((place) => toPixel(plane.camera, ...place)), plane.theme);
    paintEllipses(context, plane.camera, plane.theme, placeOf(posterior.mu), shadow);
    paintHandle(context, plane.theme, toPixel(plane.camera, ...placeOf(posterior.mu)));
    context.canvas.drawn = {
      x: [...answer.x], seen: [...answer.given], mu: [...posterior.mu], sigma: [...posterior.sigma],
      distortion: answer.distortion, rate: posterior.rate, near: answer.near && [...answer.near], ...shadow,
    };
  }

  /** What is pinned is decoded where the page holds what isn't shown. */
  function release() {
    holds = false;
    hold(plane, null);
    return false;
  }

  return {
    name: "draw", title: "Draw", hint: "Draw a digit or drop an image: it is fitted, encoded and decoded",
    panel, open, close, refresh, paint, click: release, key: ({ key }) => key === "Enter" && release(),
  };
}

/** Where μ has been while the drawing grew. */
function paintTrail(context, pixels, theme) {
  if (pixels.length < 2) return;
  context.beginPath();
  for (const place of pixels) context.lineTo(...place);
  context.strokeStyle = theme.primary;
  context.lineJoin = "round";
  context.lineWidth = 1.5;
  context.globalAlpha = 0.6;
  context.stroke();
  context.globalAlpha = 1;
}
