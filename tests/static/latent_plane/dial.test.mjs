import assert from "node:assert/strict";
import test from "node:test";
import { ellipseOf } from "../../../static/latent_plane/canvas/marks.js";
import { bubblesOf, chooseEvenly } from "../../../static/latent_plane/layers/posteriors.js";
import { groupPoints } from "../../../static/latent_plane/cloud/cloud.js";
import {
  cycle, lineOf, scaleMarks, sentence, short, stepped, tidy,
} from "../../../static/latent_plane/dial.js";
import { widen } from "../../../static/latent_plane/payload/columns.js";
import {
  bracket, createSweep, figuresAt, following, nearest,
} from "../../../static/latent_plane/cloud/sweep.js";
import { rotated, scatterOrder } from "../../../static/latent_plane/canvas/lattice.js";

const close = (a, b, limit = 1e-6) => assert.ok(Math.abs(a - b) < limit, `${a}, not ${b}`);

test("β lies between knots by its logarithm", () => {
  assert.deepEqual(bracket([0.01, 1, 100], 0.001), { k: 0, share: 0 });
  close(bracket([0.01, 1, 100], 10).share, 0.5);
  assert.equal(bracket([0.01, 1, 100], 10).k, 1);
  assert.deepEqual(bracket([0.01, 1, 100], 1), { k: 1, share: 0 });
  assert.deepEqual(bracket([0.01, 1, 100], 1e5), { k: 1, share: 1 });
  assert.deepEqual(bracket([1], 5), { k: 0, share: 0 });
  assert.equal(nearest([0.1, 1, 10], 0.31), 0);
  assert.equal(nearest([0.1, 1, 10], 0.32), 1);
  assert.equal(nearest([0.1, 1, 10], 99), 2);
  assert.equal(following([0.1, 1, 10], 1), 10);
  assert.equal(following([0.1, 1, 10], 10), 0.1);
  assert.equal(following([0.01325, 0.0167], 0.0132), 0.0167);
});

const KNOTS = { beta: [0.1, 10], distortion: [100, 140], rate: [20, 4], variance: [[1, 1], [1, 1e-4]], per_beta: 1 };

test("figures of one model lie on straight lines in log β", () => {
  const at = figuresAt(KNOTS, 1);
  close(at.distortion, 120);
  close(at.rate, 12);
  close(at.elbo, -132);
  assert.equal(at.slope, -1);
  // The variance falls evenly in its logarithm: it is 0.01 at β = 1, where the dimension closes.
  assert.deepEqual(figuresAt(KNOTS, 0.99).closed, [false, false]);
  assert.deepEqual(figuresAt(KNOTS, 1.01).closed, [false, true]);
  assert.equal(figuresAt(KNOTS, 1.01).active, 1);
  assert.equal(figuresAt({ ...KNOTS, per_beta: 0.5 }, 4).slope, -2);
});

test("between three knots and more, distortion and rate bend", () => {
  const beta = [0.1, 0.5, 1, 10];
  const parabola = (b) => 100 + 7 * Math.log(b) + 2 * Math.log(b) ** 2;
  const knots = { beta, distortion: beta.map(parabola), rate: [4, 3, 2, 1], variance: beta.map(() => [1]), per_beta: 1 };
  for (const b of [0.1, 0.2, 0.7, 3, 9.9]) close(figuresAt(knots, b).distortion, parabola(b), 1e-9);
});

test("figures of models trained apart are those of the nearest", () => {
  const at = figuresAt({ ...KNOTS, names: ["a", "b"], active: [2, 1] }, 2);
  assert.deepEqual([at.name, at.distortion, at.rate, at.active, at.slope], ["b", 140, 4, 1, -10]);
  assert.equal(sentence(2, at), "β = 2, model trained at β = 10, ELBO −144.0, 1 of 2 units active");
  assert.equal(sentence(1, figuresAt(KNOTS, 0.5)).split(",")[0], "β = 1");
});

test("numbers are short", () => {
  assert.deepEqual([1, 1.256, 0.012345, -10, 12.34].map(short), ["1", "1.26", "0.0123", "−10", "12.3"]);
});

test("the dial's β is tidy, in range, and steps meet the powers of ten", () => {
  assert.equal(tidy(1.23456, [0.01, 10]), 1.23);
  assert.equal(tidy(11, [0.01, 10]), 10);
  assert.equal(tidy(0.0123456, [0.0123456, 10]), 0.0123456);
  let beta = 0.1;
  for (let k = 0; k < 20; k++) beta = tidy(stepped(beta, 1), [0.01, 10]);
  assert.equal(beta, 1);
  for (let k = 0; k < 40; k++) beta = tidy(stepped(beta, -1), [0.01, 10]);
  assert.equal(beta, 0.01);
  assert.ok(stepped(1.5, 1) > 1.5 && stepped(1.5, -1) < 1.5);
});

test("the scale is marked at powers of ten and its ends, or at the models of a sweep", () => {
  assert.deepEqual(scaleMarks({ beta: [0.01, 0.5, 20] }), [0.01, 0.1, 1, 10, 20]);
  assert.deepEqual(scaleMarks({ beta: [0.5, 2], names: ["a", "b"] }), [0.5, 2]);
  assert.deepEqual(scaleMarks({ beta: [0.5, 1, 2] }), [0.5, 1, 2]);
});

test("playing goes through the whole range once and ends where it began", () => {
  const [low, high, from] = [-4, 2, 0.5];
  const at = cycle(low, high, from, 1000);
  close(at(1000), from);
  const path = Array.from({ length: 600 }, (_, k) => at(1000 + 10 * k));
  close(Math.min(...path), low, 1e-3);
  close(Math.max(...path), high, 1e-3);
  path.forEach((value, k) => k && assert.ok(Math.abs(value - path[k - 1]) < 0.05));
  close(path.at(-1), from, 0.05);
  assert.equal(at(7001), null);
});

test("the drawn curve goes through its knots, and on between them as the figures do", () => {
  const knots = { ...KNOTS, beta: [0.1, 1, 10], rate: [20, 10, 0], distortion: [80, 90, 150],
    variance: [[1], [1], [1]] };
  const { beta, rate, distortion } = lineOf(knots);
  knots.beta.forEach((each, k) => {
    const at = beta.findIndex((other) => Math.abs(other / each - 1) < 1e-9);
    close(rate[at], knots.rate[k]);
    close(distortion[at], knots.distortion[k]);
  });
  beta.forEach((each, k) => close(distortion[k], figuresAt(knots, each).distortion));
  assert.deepEqual(lineOf({ ...knots, names: ["a", "b", "c"] }).beta, knots.beta); // dots alone
});

test("points move on straight lines in log β, and their classes' names with them", () => {
  const sweep = createSweep([0.01, 1, 100], {
    x: Float32Array.of(0, 1, 2, 8, 10, 11, 12, 18, 0, 0, 0, 0),
    y: Float32Array.from({ length: 12 }, (_, i) => i),
    rate: Float32Array.from({ length: 12 }, (_, i) => 2 * i), distortion: new Float32Array(12).fill(7),
    sxx: Float32Array.of(1, 1, 1, 1, 3, 3, 3, 3, 1, 1, 1, 1), sxy: null,
    syy: new Float32Array(12).fill(0.5),
  }, Int32Array.of(3, 3, 3, 5));
  const middle = sweep.at(0.1);
  assert.deepEqual([...middle.x], [5, 6, 7, 13]);
  assert.deepEqual([...middle.values.rate], [4, 6, 8, 10]);
  assert.deepEqual([...middle.spread.xx], [2, 2, 2, 2]);
  assert.deepEqual(middle.names, [{ label: 3, x: 6, y: 3 }, { label: 5, x: 13, y: 5 }]);
  assert.deepEqual(middle.index().nearest(13, 5, 1), [3]);
  assert.deepEqual([...sweep.at(100).x], [0, 0, 0, 0]);
  const [low, high] = middle.rangeOf("rate");
  assert.deepEqual([low, high], [0, 22]);
});

test("one view holds the points from β = ½ up, and steps back below", () => {
  const spread = [20, 6, 3, 2]; // at each knot
  const columns = {
    rate: new Float32Array(8), distortion: new Float32Array(8), sxx: null, sxy: null, syy: null,
    x: Float32Array.from(spread.flatMap((far) => [-far, far])), y: new Float32Array(8),
  };
  const sweep = createSweep([0.01, 0.1, 1, 10], columns, new Int32Array(2));
  const right = (beta) => sweep.at(beta).bounds.right;
  assert.deepEqual([0.01, 0.1, 1, 3, 10].map(right), [20, 6, 3, 3, 3]);
  close(right(Math.sqrt(0.001)), 13);
  assert.deepEqual(sweep.at(1).bounds.top, 1);
});

test("half-precision numbers", () => {
  assert.deepEqual([...widen(Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x8000, 0x3555))],
    [1, -2, 65504, 2 ** -24, -0, 0.333251953125]);
  const floats = Float32Array.of(1, 2);
  assert.equal(widen(floats), floats);
});

test("ellipses are drawn of as many points of each class", () => {
  const label = Int32Array.from({ length: 5000 }, (_, i) => (i < 3000 ? 0 : i % 4));
  const chosen = chooseEvenly(groupPoints(label));
  assert.equal(chosen.length, 400);
  assert.equal(new Set(chosen).size, 400);
  for (const c of [0, 1, 2, 3]) assert.equal(chosen.filter((i) => label[i] === c).length, 100);
  assert.equal(chooseEvenly(groupPoints(Int32Array.of(-1, -1, -1))).length, 3);
});

test("an ellipse is the image of the unit circle", () => {
  assert.deepEqual(ellipseOf(2, 0, 0.5), { a: 2, b: 0.5, angle: 0 });
  const upright = ellipseOf(0.5, 0, 2);
  assert.deepEqual([upright.a, upright.b], [2, 0.5]);
  close(upright.angle, Math.PI / 2);
  const [xx, xy, yy] = [1.5, 0.4, 0.8];
  const { a, angle } = ellipseOf(xx, xy, yy);
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  close(xx * c + xy * s, a * c);
  close(xy * c + yy * s, a * s);
  const spread = { xx: [1], xy: null, yy: [2] };
  assert.equal(bubblesOf({ x: [3], y: [4], spread }, [0])[0].a, 2);
});

test("every beginning of the scattered order covers the lattice", () => {
  const order = scatterOrder(20, 20);
  assert.equal(new Set(order.map(({ i, j }) => 20 * i + j)).size, 400);
  const quarters = order.slice(0, 40).map(({ i, j }) => 2 * (i >= 10) + (j >= 10));
  for (const q of [0, 1, 2, 3]) assert.ok(quarters.filter((each) => each === q).length >= 7);
  const [first] = order.slice(7);
  const turned = rotated(order, first);
  assert.equal(turned.length, 400);
  assert.deepEqual(turned[0], first);
  assert.deepEqual(turned.at(-1), order[6]);
  assert.deepEqual(rotated(order, undefined), order);
});
