import assert from "node:assert/strict";
import { test } from "node:test";

import { rampColour } from "../../../static/shared/palette.js";
import { boxOf, firstFree, overlap, scaleOf } from "../../../static/rd_plane/geometry.js";
import {
  BETA_ZERO, RATE_ONLY, SYMBOLS, colours, layoutOf, legendOf, symbolPath,
} from "../../../static/rd_plane/axes.js";
import {
  besideRing, compactOf, groundOf, modelsOf, numbersAt, obstaclesOf, tangentAt,
} from "../../../static/rd_plane/scene.js";

const measure = (text, size = 12) => 0.5 * size * text.length;
const themes = [false, true].map((dark) => ({ dark, text: "#111111", background: "#fefefe",
  primary: "#0072B2", font: "sans-serif" }));
const theme = themes[0];

const BETAS = [0, 0.1, 1, 4, null]; // null: the rate alone
const points = BETAS.map((weight, k) => ({
  run: `run${k}`, weight, rate: [80, 12, 6, 2, 0][k], distortion: [120, 128, 132, 150, 540][k],
  kind: k < 4 ? "mlp · z = 2" : "conv · z = 2", finished: k !== 2, text: [`β = ${weight}`] }));
const beta = Array.from({ length: 31 }, (_, k) => 0.01 * 10 ** (k / 10));
const line = { beta, weight: beta, rate: beta.map((b) => 20 / Math.sqrt(b)),
  distortion: beta.map((b) => 100 + 20 * Math.sqrt(b)), active: beta.map(() => 2) };
const WINDOW = { rate: [-10, 220], distortion: [90, 180] };
const make = (more = {}) => ({ points, window: WINDOW, line: null, others: [], marks: [],
  envelope: { rate: [2, 12], distortion: [150, 128] }, shown: null, label: "", ...more });

/** All nodes of a drawing in one list, with the text of those that have one. */
const flat = (nodes) => nodes.flatMap((node) => [node,
  ...(Array.isArray(node.children) ? flat(node.children) : [])]);
const byClass = (nodes, name) => flat(nodes).filter(({ attributes }) => attributes.class === name);

function draw(data, { width = 660, height = 600, theme: colour = theme } = {}) {
  const layout = layoutOf(data, width, height, measure);
  const scale = scaleOf(data.window, layout.frame);
  const ground = groundOf(data, layout, scale, colour, measure);
  return { ...ground, scale, layout, models: modelsOf(data.points, data, scale, colour) };
}

test("every model is one symbol at its place, with its name and what is known of it", () => {
  for (const colour of themes) {
    const { models, scale } = draw(make(), { theme: colour });
    assert.deepEqual(models.map(({ attributes }) => attributes["data-run"]),
      points.map(({ run }) => run));
    models.forEach(({ attributes }, k) => {
      assert.equal(attributes.transform,
        `translate(${scale.x(points[k].rate)} ${scale.y(points[k].distortion)})`);
      assert.equal(attributes["aria-label"], `run${k}, β = ${BETAS[k]}`);
    });
  }
});

test("colour is β, a symbol is a kind, and what isn't finished is hollow", () => {
  const { of } = colours(make(), false);
  const symbols = draw(make()).models.map(({ children }) => children.at(-1).attributes);
  assert.deepEqual(symbols.map((each) => each["data-symbol"]),
    ["circle", "circle", "circle", "circle", "square"]);
  assert.equal(symbols[0].fill, BETA_ZERO);
  assert.equal(symbols[1].fill, rampColour(0, false));
  assert.equal(symbols[3].fill, rampColour(1, false));
  assert.equal(symbols[4].fill, RATE_ONLY);
  assert.deepEqual([symbols[2].fill, symbols[2].stroke], [theme.background, of(1)]);
  assert.deepEqual(legendOf(make()).map(({ text }) => text), ["mlp · z = 2", "conv · z = 2",
    "β = 0: autoencoder", "rate alone: β → ∞", "hollow: not finished"]);
  assert.equal(new Set(SYMBOLS.map((name) => symbolPath(name, 6))).size, SYMBOLS.length);
});

test("the colour bar has the β there are as ticks, or the decades of a line", () => {
  const texts = (data) => colours(data, false).ticks.map(({ text }) => text);
  assert.deepEqual(texts(make()), ["0.1", "1", "4"]);
  assert.deepEqual(texts(make({ line })), ["0.01", "0.1", "1", "10"]);
  const one = colours(make({ points: [points[2]] }), false);
  assert.ok(one.low < 0 && one.high > 0);
  assert.deepEqual(texts(make({ points: [points[0]] })), []);
});

test("only the model shown wears a ring", () => {
  const ringed = (shown) => draw(make({ shown })).models
    .filter((model) => byClass([model], "shown").length)
    .map(({ attributes }) => attributes["data-run"]);
  assert.deepEqual(ringed("run3"), ["run3"]);
  assert.deepEqual(ringed("gone"), []);
});

test("each model has its slope −β", () => {
  const { below, scale } = draw(make());
  const slopes = byClass(below, "slope").map(({ attributes: { x1, y1, x2, y2 } }) => {
    const [a, b] = [scale.inverse(x1, y1), scale.inverse(x2, y2)];
    return (b[1] - a[1]) / (b[0] - a[0]);
  });
  slopes.slice(0, 4).forEach((slope, k) => assert.ok(Math.abs(slope + BETAS[k]) < 1e-9));
  assert.ok(!Number.isFinite(slopes[4])); // the rate alone: upright
});

test("a line takes the envelope's place, in pieces coloured by β", () => {
  const { below, scale } = draw(make({ line }));
  assert.equal(byClass(below, "envelope").length, 0);
  const pieces = byClass(below, "piece");
  assert.equal(pieces.length, 30);
  const { of } = colours(make({ line }), false);
  pieces.forEach(({ attributes }, k) => {
    assert.equal(attributes.stroke, of(Math.sqrt(beta[k] * beta[k + 1])));
    assert.ok(attributes.d.startsWith(`M${scale.x(line.rate[k])} ${scale.y(line.distortion[k])}L`));
  });
  assert.equal(byClass(draw(make()).below, "envelope").length, 1);
  const none = make({ envelope: { rate: [2], distortion: [3] } });
  assert.equal(byClass(draw(none).below, "envelope").length, 0);
});

test("without a weight of the distortion the line has one colour", () => {
  const upright = { ...line, weight: beta.map(() => null) };
  const { below } = draw(make({ line: upright }));
  assert.deepEqual(new Set(byClass(below, "piece").map(({ attributes }) => attributes.stroke)),
    new Set([RATE_ONLY]));
});

test("other conditioned models are thin lines that bear their names", () => {
  const others = [{ name: "every-2", rate: [1, 5], distortion: [150, 130] }];
  const [other] = byClass(draw(make({ others })).below, "other");
  assert.equal(other.attributes.fill, "none");
  assert.equal(other.children[0].children, "every-2");
});

test("a line alone is a plane too", () => {
  const { below, models } = draw(make({ points: [], line }));
  assert.equal(byClass(below, "piece").length, 30);
  assert.deepEqual(models, []);
});

test("labels of marks stand apart, and from the line, the models and the ELBO's", () => {
  for (const width of [380, 660]) {
    const marks = Array.from({ length: 6 }, (_, k) => (
      { rate: 20 + k, distortion: 118 + 2 * k, text: `mark ${k} (β = 1)` }));
    const { above, boxes } = draw(make({ line, marks }), { width });
    const named = flat(above).filter(({ tag }) => tag === "text");
    assert.deepEqual(named.map(({ children }) => children).sort(), marks.map(({ text }) => text));
    boxes.forEach((box, k) => boxes.slice(k + 1).forEach((other) => {
      assert.ok(!overlap(box, other));
    }));
    assert.equal(byClass(above, "mark").filter(({ tag }) => tag === "path").length, 6);
  }
});

test("a mark at the right is named below the line", () => {
  const rates = Array.from({ length: 41 }, (_, k) => 5 * k);
  const flatter = { ...line, rate: rates, distortion: rates.map((r) => 130 - r / 10) };
  const marks = [{ rate: 40, distortion: 126, text: "left" },
    { rate: 180, distortion: 112, text: "right" }];
  const { above, scale } = draw(make({ points: [], line: flatter, marks }));
  const at = Object.fromEntries(flat(above).filter(({ tag }) => tag === "text")
    .map(({ attributes, children }) => [children, attributes]));
  assert.ok(at.left.y < scale.y(126) && at.left.x > scale.x(40));
  assert.ok(at.right.y > scale.y(112) && at.right.x < scale.x(180));
});

test("what lies beyond the frame has no mark", () => {
  const marks = [{ rate: 500, distortion: 120, text: "far" }];
  assert.deepEqual(draw(make({ line, marks })).above, []);
});

test("ticks stand where they say", () => {
  const { below, scale } = draw(make());
  const ticks = byClass(below, "rate-tick");
  assert.ok(ticks.length >= 4);
  for (const { attributes, children } of ticks) {
    const value = Number(children.replace("−", "-"));
    assert.ok(Math.abs(attributes.x - scale.x(value)) < 1e-9);
  }
  assert.ok(byClass(below, "distortion-tick").length >= 4);
});

test("the ring's numbers stand beside it, free of everything as long as there is room", () => {
  const data = make({ line });
  const { boxes, scale } = draw(data);
  for (const k of [0, 8, 15, 20, 30]) {
    const [x, y] = [scale.x(line.rate[k]), scale.y(line.distortion[k])];
    const taken = [...boxes, ...obstaclesOf(data, scale), boxOf(x - 12, y, 24, 24)];
    const beside = besideRing(x, y, 160, 54, scale.frame);
    const box = beside[firstFree(beside, taken, scale.frame)];
    assert.ok(!taken.some((other) => overlap(box, other)));
    assert.ok(box.left >= scale.frame.left && box.right <= scale.frame.right);
    assert.ok(box.top >= scale.frame.top && box.bottom <= scale.frame.bottom);
  }
});

test("the numbers say what the curve has there", () => {
  const curve = { beta: [0.5, 2], distortion: [120, 128.126], rate: [8, 5.5], active: [2, 1] };
  assert.deepEqual(numbersAt(curve, 1), ["β = 2", "D 128.13 · R 5.50", "ELBO −133.63 · 1 active"]);
});

test("the tangent falls by β nats of distortion a nat of rate", () => {
  const { scale } = draw(make({ line }));
  const { x1, y1, x2, y2 } = tangentAt(scale, scale.x(20), scale.y(120), 1);
  const [a, b] = [scale.inverse(x1, y1), scale.inverse(x2, y2)];
  assert.ok(Math.abs((b[1] - a[1]) / (b[0] - a[0]) + 1) < 1e-9);
  const upright = tangentAt(scale, scale.x(20), scale.y(120), null);
  assert.equal(upright.x1, upright.x2);
});

test("the small form holds the whole curve, or the dots of models trained apart", () => {
  const { scale, nodes } = compactOf(line, 260, 104, theme);
  line.rate.forEach((rate, k) => {
    const [x, y] = [scale.x(rate), scale.y(line.distortion[k])];
    assert.ok(x >= 16 && x <= 252 && y >= 8 && y <= 88);
  });
  assert.equal(nodes.filter(({ tag }) => tag === "circle").length, 0);
  const dots = compactOf({ ...line, dots: true }, 260, 104, theme).nodes;
  assert.equal(dots.filter(({ tag }) => tag === "circle").length, 31);
});
