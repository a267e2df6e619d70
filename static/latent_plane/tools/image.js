// One test image: as it is, as it comes back, and z = μ + σε moved by hand inside its posterior.

import { toPixel } from "../canvas/camera.js";
import { element, write } from "../canvas/dom.js";
import { Figure, unitImage } from "../canvas/picture.js";
import { paintDot, paintEllipses, paintHandle, rootOf, shadowOf } from "../canvas/marks.js";
import { encodable, pickedIndex, pointAt } from "./find/picked.js";
import { posteriorOf } from "../nn/posterior.js";
import { createRandom } from "../nn/random.js";
import { axisName, nats, number } from "../canvas/ticks.js";

const GRIP = 14; // pixels around the handle
const CLOSE = 6; // half axes of the ellipse from the middle to the edge of the plane
const FARTHEST = 3; // of ε

export function createImageTool(plane, signal) {
  const random = createRandom(7);
  let posterior = null;
  let key = "";
  let eps = [];
  let index = null;
  let seen = null;

  const original = new Figure("The image");
  const given = new Figure("As the model sees it");
  const back = new Figure("Decoded at μ");
  const moved = new Figure("Decoded at μ + σε");
  const where = element("input", { type: "number", min: 0, step: 1, "aria-label": "Index of the test image" });
  const hint = element("p", { class: "tool-hint" });
  const numbers = element("dl", { class: "tool-figures", "data-testid": "image-figures" });
  const sliders = element("div", { class: "sliders" });
  const draw = element("button", { type: "button", title: "ε ~ N(0, I)" }, "Draw ε");
  const none = element("button", { type: "button", title: "z = μ" }, "ε = 0");
  const closer = element("button", { type: "button", title: "Until the ellipse fills a third of the plane" }, "Zoom to q(z|x)");
  const panel = element("div", { class: "image-tool" },
    hint,
    element("div", { class: "tool-row" }, element("label", {}, "Test image ", where), draw, none, closer),
    element("div", { class: "tool-row" }, original.root, given.root, back.root, moved.root, numbers),
    sliders);

  where.addEventListener("change", () => pick(where.valueAsNumber), { signal });
  draw.addEventListener("click", () => setEps(eps.map(() => random.normal())), { signal });
  none.addEventListener("click", () => setEps(eps.map(() => 0)), { signal });

  closer.addEventListener("click", zoom, { signal });

  const limit = () => plane.cloud.label.length;

  function pick(wanted) {
    if (!Number.isInteger(wanted) || wanted < 0 || wanted >= limit()) {
      write(hint, `Test image ${where.value || "?"} isn't on the plane: choose one from 0 to ${limit() - 1}.`);
      return;
    }
    eps = eps.map(() => 0);
    plane.kept.set("image", String(wanted));
    refresh();
    if (posterior) plane.moveTo(placeOf(posterior.mu), true);
    plane.redraw("still", "marks");
  }

  function refresh() {
    index = pickedIndex(plane);
    where.max = limit() - 1;
    if (document.activeElement !== where) where.value = index ?? "";
    const { encoder } = plane;
    const images = encodable(plane);
    const ready = index !== null && images && index < images.count;
    const before = key;
    key = `${ready} ${index} ${encoder?.run} ${encoder?.network.version} ${plane.place}`;
    for (const part of [original.root, given.root, back.root, moved.root, numbers, sliders, draw, none, closer]) part.hidden = !ready;
    given.root.hidden ||= !encoder?.network.binarized;
    posterior = null;
    write(hint, index === null ? "Click a point to pick its image, or type its number."
      : ready ? "Drag the handle inside the ellipse, or move the sliders: reparameterisation by hand, z = μ + σ ⊙ ε."
        : "Loading the encoder…");
    if (!ready) return;
    seen = unitImage(images, index);
    posterior = posteriorOf(encoder, seen);
    if (eps.length !== plane.view.dims.length) eps = plane.view.dims.map(() => 0);
    if (before !== key) buildSliders();
    if (plane.images && index < plane.images.count) original.show(unitImage(plane.images, index), plane.images);
    given.show(seen, images);
    back.show(plane.decoder.decode(posterior.mu), plane.decoder);
    showMoved();
  }

  /** All of ε; dimensions that aren't shown stay at their mean. */
  function wholeEps() {
    const whole = Array.from(posterior.mu, () => 0);
    plane.view.dims.forEach((dimension, axis) => { whole[dimension] = eps[axis]; });
    return whole;
  }

  const placeOf = (z) => [0, 1].map((axis) => z[plane.view.dims[axis]] ?? 0);

  function showMoved() {
    const { likelihood } = plane.decoder;
    const z = posterior.at(wholeEps());
    const distortion = -likelihood.logProb(seen, plane.decoder.outputs(z));
    const atMean = -likelihood.logProb(seen, plane.decoder.outputs(posterior.mu));
    moved.show(plane.decoder.decode(z), plane.decoder);
    moved.canvas.dataset.z = Array.from(z).join();
    const { label, values } = plane.cloud;
    const rows = [
      ["label", label[index] < 0 ? "none" : plane.nameOf(label[index])],
      ["−log p(x|z)", `${number(distortion, 1)} nats`, "Here, at z = μ + σε"],
      ["at z = μ", `${number(atMean, 1)} nats`],
      ["Distortion", `${number(values.distortion[index], 1)} nats`, "Mean of −log p(x|z) over draws of z"],
      ["Rate", nats(posterior.rate), "KL(q(z|x) ‖ p(z))"],
      ["σ", placeOf(posterior.sigma).slice(0, eps.length).map((s) => number(s, 3)).join(", ")],
    ];
    numbers.replaceChildren(...rows.flatMap(([term, value, title = ""]) => (
      [element("dt", { title }, term), element("dd", { title }, value)])));
    [...sliders.querySelectorAll("input")].forEach((input, axis) => {
      input.value = eps[axis];
      write(input.nextElementSibling, number(eps[axis]));
    });
  }

  function buildSliders() {
    sliders.replaceChildren(...plane.view.dims.map((dimension, axis) => {
      const name = `ε${axisName(dimension).slice(1)}`;
      const input = element("input", { type: "range", min: -FARTHEST, max: FARTHEST, step: 0.01, "aria-label": name });
      input.addEventListener("input", () => setEps(eps.with(axis, input.valueAsNumber)), { signal });
      return element("label", {}, name, input, element("output", {}, "0"));
    }));
  }

  function setEps(next) {
    if (!posterior) return;
    eps = next.map((value) => Math.min(Math.max(value, -FARTHEST), FARTHEST));
    showMoved();
    plane.moveTo(placeOf(posterior.at(wholeEps())));
  }

  function zoom() {
    const { a } = shadowOf(posterior, plane.view.dims);
    plane.viewport.showAround(placeOf(posterior.mu), CLOSE * a);
    plane.kept.set("window", plane.viewport.text);
    plane.redraw("still", "marks");
  }

  function press(pixel) {
    if (!posterior || plane.encoder.network.deterministic) return false;
    const handle = plane.pixelOf(placeOf(posterior.at(wholeEps())));
    return Math.hypot(pixel[0] - handle[0], pixel[1] - handle[1]) < GRIP;
  }

  function drag(_, z) {
    const [xx, xy, yy] = rootOf(posterior, plane.view.dims);
    const [mx, my] = placeOf(posterior.mu);
    const [dx, dy] = [z[0] - mx, z[1] - my];
    if (eps.length < 2) setEps([dx / xx]);
    else {
      const determinant = xx * yy - xy * xy;
      setEps([(yy * dx - xy * dy) / determinant, (xx * dy - xy * dx) / determinant]);
    }
  }

  function paint(context) {
    if (!posterior) return;
    const { camera, theme } = plane;
    const mean = placeOf(posterior.mu);
    const { a, b, angle } = shadowOf(posterior, plane.view.dims);
    paintEllipses(context, plane.camera, plane.theme, mean, { a, b, angle });
    const from = toPixel(camera, ...mean);
    const to = toPixel(camera, ...placeOf(posterior.at(wholeEps())));
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.stroke();
    paintDot(context, from, 3, theme.text);
    paintHandle(context, theme, to);
    context.canvas.picked = { index, mu: [...posterior.mu], sigma: [...posterior.sigma], eps: [...eps], a, b };
  }

  function click(pixel, z) {
    const nearest = pointAt(plane, pixel, z);
    if (nearest !== null) pick(nearest);
    return nearest !== null;
  }

  return {
    name: "image", title: "Image", hint: "Pick a test image, see its posterior, move z inside it",
    panel, refresh, paint, click, press, drag,
  };
}
