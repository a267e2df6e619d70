import assert from "node:assert/strict";
import test from "node:test";
import { createAggregate, priorDensity } from "../../../static/latent_plane/cloud/aggregate.js";
import { createLikelihood, softClamp } from "../../../static/latent_plane/nn/likelihood.js";
import { createEncoder, posteriorOf } from "../../../static/latent_plane/nn/coders.js";
import { magnification } from "../../../static/latent_plane/layers/fields.js";
import { labelEntropy } from "../../../static/latent_plane/inspector.js";
import { Pyramid } from "../../../static/latent_plane/canvas/pyramid.js";
import { createRandom } from "../../../static/latent_plane/nn/random.js";

const close = (actual, expected, within = 1e-6) =>
  assert.ok(Math.abs(actual - expected) <= within, `${actual}, not ${expected}`);

test("Bernoulli: log-density, standard deviation and samples of a fair and a loaded coin", () => {
  const px = createLikelihood({ name: "bernoulli" }, 2);
  const out = [0, Math.log(3)]; // chances ½ and ¾
  close(px.logProb([1, 0], out), Math.log(0.5) + Math.log(0.25));
  px.deviation(out, new Float32Array(2)).forEach((value, i) => close(value, [0.5, Math.sqrt(3) / 4][i]));
  const random = createRandom(3);
  let ones = 0;
  for (let k = 0; k < 4000; k++) ones += px.sample(out, new Float32Array(2), random)[1];
  close(ones / 4000, 0.75, 0.03);
});

test("Bernoulli stays finite where a chance rounds to one", () => {
  close(createLikelihood({ name: "bernoulli" }, 1).logProb([0], [80]), -80);
});

test("Gaussian: one σ for all pixels, and one for each", () => {
  const one = createLikelihood({ name: "gaussian", log_var: Math.log(4) }, 1);
  close(one.logProb([3], [1]), -0.5 * (1 + Math.log(4) + Math.log(2 * Math.PI)));
  close(one.deviation([0], new Float32Array(1))[0], 2);
  const own = createLikelihood({ name: "gaussian", offset: 1, bounds: [-9, 4] }, 2);
  assert.equal(own.outputs, 4);
  close(own.deviation([0, 0, 0.5, -20], new Float32Array(2))[0], Math.exp(0.5 * softClamp(1.5, -9, 4)));
  close(own.deviation([0, 0, 0.5, -20], new Float32Array(2))[1], Math.exp(-4.5), 1e-4);
});

test("random numbers: the same again for a seed, mean 0 and variance 1", () => {
  const [a, b] = [createRandom(5), createRandom(5)];
  const drawn = Array.from({ length: 20000 }, () => a.normal());
  assert.equal(drawn[7], Array.from({ length: 8 }, () => b.normal())[7]);
  close(drawn.reduce((sum, v) => sum + v, 0) / 20000, 0, 0.03);
  close(drawn.reduce((sum, v) => sum + v * v, 0) / 20000, 1, 0.04);
});

test("the aggregate posterior of one Gaussian is that Gaussian, tilted or not", () => {
  // S = [[2, 1], [1, 2]]: covariance [[5, 4], [4, 5]], determinant 9.
  const one = createAggregate({ x: [1], y: [-1], spread: { xx: [2], xy: [1], yy: [2] } });
  close(one.density(1, -1), 1 / (2 * Math.PI * 3));
  // (2, 0) has the squared distance [1 1] C⁻¹ [1 1]ᵀ = 2/9.
  close(one.density(2, 0), Math.exp(-1 / 9) / (6 * Math.PI));
  const line = createAggregate({ x: [0], y: [0], spread: { xx: [0.5], xy: null, yy: [0] } }, true);
  close(line.density(0.5, 0), Math.exp(-0.5) / (0.5 * Math.sqrt(2 * Math.PI)));
});

test("99 % of a Gaussian lies above the threshold: at √(−2 log 0.01) standard deviations", () => {
  const size = 600;
  const all = (value) => new Float32Array(size).fill(value);
  const { threshold, highest } = createAggregate({ x: all(0), y: all(0), spread: { xx: all(1), xy: null, yy: all(1) } });
  const border = Math.sqrt(-2 * Math.log(2 * Math.PI * threshold));
  close(border, Math.sqrt(-2 * Math.log(0.01)), 0.35);
  close(highest, 1 / (2 * Math.PI), 0.003);
});

test("the prior's density", () => {
  close(priorDensity([0, 0]), 1 / (2 * Math.PI));
  close(priorDensity([1]), Math.exp(-0.5) / Math.sqrt(2 * Math.PI));
});

test("the magnification of a linear decoder is the area of its parallelogram", () => {
  const decode = ([x, y]) => [2 * x + y, 3 * y, 0];
  close(magnification(decode, [0.3, -2]), Math.log10(6), 1e-4);
  close(magnification(([x]) => [3 * x, 4 * x], [1]), Math.log10(5), 1e-4);
});

test("entropy of labels in bits", () => {
  close(labelEntropy([[0, 6], [1, 6]]), 1);
  close(labelEntropy([[4, 12]]), 0);
});

test("an encoder: the first half is μ, the second bounded to log σ²; β = 0 has no σ", () => {
  const layer = { op: "linear", in_features: 1, out_features: 2, weight: 0, bias: 2, activation: "identity" };
  const spec = { latent_dim: 1, channels: 1, height: 1, width: 1, layers: [layer], log_var: [-12, 6] };
  const weights = Float32Array.of(2, 1, 0.5, -3);
  const { mu, sigma } = createEncoder(spec, weights).encode([1]);
  close(mu[0], 2.5);
  close(sigma[0], Math.exp(0.5 * softClamp(-2, -12, 6)));
  assert.equal(createEncoder({ ...spec, deterministic: true }, weights).encode([1]).sigma[0], 0);
});

test("a convolution with padding equals its definition", () => {
  const layer = { op: "conv", in_channels: 1, out_channels: 2, height: 4, width: 4, kernel: 4, stride: 2,
    padding: 1, weight: 0, bias: 32, activation: "identity" };
  const spec = { latent_dim: 4, channels: 1, height: 4, width: 4, layers: [layer], log_var: [-50, 50] };
  const weights = Float32Array.from({ length: 34 }, (_, i) => Math.sin(i));
  const x = Float32Array.from({ length: 16 }, (_, i) => Math.cos(3 * i));
  const { mu } = createEncoder(spec, weights).encode(x);
  for (const [at, [top, left]] of [[-1, -1], [-1, 1], [1, -1], [1, 1]].entries()) {
    let sum = weights[32];
    for (let ky = 0; ky < 4; ky++) {
      for (let kx = 0; kx < 4; kx++) {
        const [y, c] = [top + ky, left + kx];
        if (y >= 0 && c >= 0 && y < 4 && c < 4) sum += weights[ky * 4 + kx] * x[y * 4 + c];
      }
    }
    close(mu[at], sum, 1e-5);
  }
});

test("the posterior in turned coordinates: μ + S ε with S the root of Q diag σ² Qᵀ", () => {
  const network = { encode: () => ({ mu: Float32Array.of(1, 2), sigma: Float32Array.of(0.5, 3) }) };
  const turn = [[0, -1], [1, 0]];
  const plain = posteriorOf({ network, turn: null }, []);
  assert.deepEqual([...plain.at([1, -1])], [1.5, -1]);
  const turned = posteriorOf({ network, turn }, []);
  assert.deepEqual([...turned.mu], [-2, 1]);
  close(turned.root(0, 0), 3);
  close(turned.root(0, 1), 0);
  assert.deepEqual([...turned.at([1, -1])], [1, 0.5]);
  close(plain.rate, 0.5 * (1 + 0.25 - Math.log(0.25) - 1 + 4 + 9 - Math.log(9) - 1));
});

test("a pyramid makes coarse cells first, keeps what it has, and shows the old until it is replaced", () => {
  let value = 1;
  const made = [];
  const pyramid = new Pyramid({ pixels: 10, coarser: 1, make: (x, y, size) => { made.push(size); return value; } });
  const camera = { x: 1, y: 1, scale: 10, width: 20, height: 20 };
  pyramid.aim(camera);
  assert.equal(pyramid.levelOf(camera), 0);
  while (pyramid.work());
  assert.deepEqual(made, [2, 1, 1, 1, 1]);
  pyramid.aim({ ...camera, x: 1.001 });
  while (pyramid.work());
  assert.equal(made.length, 5 + 1 + 2);
  value = 2;
  pyramid.expire();
  assert.equal(pyramid.at(0, 0, 0), 1);
  pyramid.aim(camera);
  while (pyramid.work());
  assert.equal(pyramid.at(0, 0, 0), 2);
  assert.equal(pyramid.at(0, -5, 7), undefined);
});
