import assert from "node:assert/strict";
import test from "node:test";
import { createDecoder } from "../../../static/latent_plane/nn/coders.js";

const NORMAL = { name: "gaussian", log_var: 0 };
const image = (layers, likelihood = NORMAL, size = 2, latent = 2) => ({
  latent_dim: latent, channels: 1, height: 1, width: size, likelihood, layers,
});
const linear = (activation = "identity") => ({
  op: "linear", in_features: 2, out_features: 2, weight: 0, bias: 4, activation,
});
// Rows (1, 2) and (−3, 0.5), bias (0.5, −1).
const WEIGHTS = Float32Array.of(1, 2, -3, 0.5, 0.5, -1);
const near = (actual, expected) => {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => assert.ok(Math.abs(actual[i] - value) < 1e-6, `${i}: ${actual[i]}, not ${value}`));
};

test("linear is W z + b with torch's row-major weight", () => {
  near(createDecoder(image([linear()]), WEIGHTS).decode([2, -1]), [0.5, -7.5]);
});

test("linear adds up sizes that four doesn't divide", () => {
  const layer = { op: "linear", in_features: 7, out_features: 1, weight: 0, bias: 7, activation: "identity" };
  const decoder = createDecoder(image([layer], NORMAL, 1, 7), Float32Array.of(1, 2, 3, 4, 5, 6, 7, 10));
  near(decoder.decode([1, 1, 1, 1, 1, 1, 2]), [45]);
});

for (const [name, f] of Object.entries({
  identity: (v) => v,
  relu: (v) => Math.max(v, 0),
  silu: (v) => v / (1 + Math.exp(-v)),
  tanh: Math.tanh,
})) {
  test(`activation ${name}`, () => {
    near(createDecoder(image([linear(name)]), WEIGHTS).decode([2, -1]), [f(0.5), f(-7.5)]);
  });
}

test("the mean goes through a sigmoid where the likelihood is on logits", () => {
  const decoder = createDecoder(image([linear()], { name: "bernoulli" }), WEIGHTS);
  near(decoder.decode([2, -1]), [1 / (1 + Math.exp(-0.5)), 1 / (1 + Math.exp(7.5))]);
});

test("values after the image (a variance per pixel) are left out", () => {
  near(createDecoder(image([linear()], NORMAL, 1), WEIGHTS).decode([2, -1]), [0.5]);
});

test("conv_transpose, kernel 2, stride 2: each input pixel becomes a scaled kernel", () => {
  const layer = {
    op: "conv_transpose", in_channels: 1, out_channels: 1, height: 1, width: 2,
    kernel: 2, stride: 2, padding: 0, weight: 0, bias: 4, activation: "identity",
  };
  const spec = { latent_dim: 2, channels: 1, height: 2, width: 4, likelihood: { name: "gaussian", log_var: 0 }, layers: [layer] };
  const decoder = createDecoder(spec, Float32Array.of(1, 2, 3, 4, 0.5));
  near(decoder.decode([1, 10]), [1.5, 2.5, 10.5, 20.5, 3.5, 4.5, 30.5, 40.5]);
});

test("conv_transpose, overlapping kernels, padding and channels, equals its definition", () => {
  const [ci, co, h, w, k, s, p] = [2, 3, 3, 2, 4, 2, 1];
  const [oh, ow] = [(h - 1) * s - 2 * p + k, (w - 1) * s - 2 * p + k];
  const size = ci * co * k * k;
  const weights = Float32Array.from({ length: size + co }, (_, i) => Math.sin(i * 1.7));
  const input = Float32Array.from({ length: ci * h * w }, (_, i) => Math.cos(i * 2.3));
  const expected = Float64Array.from({ length: co * oh * ow }, (_, i) => weights[size + Math.floor(i / (oh * ow))]);
  for (let c = 0; c < ci; c++) for (let o = 0; o < co; o++)
    for (let y = 0; y < h; y++) for (let x = 0; x < w; x++)
      for (let ky = 0; ky < k; ky++) for (let kx = 0; kx < k; kx++) {
        const [ty, tx] = [y * s - p + ky, x * s - p + kx];
        if (ty < 0 || tx < 0 || ty >= oh || tx >= ow) continue;
        expected[(o * oh + ty) * ow + tx] +=
          input[(c * h + y) * w + x] * weights[((c * co + o) * k + ky) * k + kx];
      }
  const layer = {
    op: "conv_transpose", in_channels: ci, out_channels: co, height: h, width: w,
    kernel: k, stride: s, padding: p, weight: 0, bias: size, activation: "identity",
  };
  const spec = { latent_dim: ci * h * w, channels: 3, height: oh, width: ow, likelihood: { name: "gaussian", log_var: 0 }, layers: [layer] };
  near(createDecoder(spec, weights).decode(input), [...expected]);
});

test("errors name the layer and what is known", () => {
  assert.throws(() => createDecoder(image([{ ...linear(), op: "film" }]), WEIGHTS),
    { message: 'Decoder layer 1 has the unknown op "film"; known are '
      + 'linear, conv, conv_transpose, group_norm, upsample.' });
  assert.throws(() => createDecoder(image([linear("gelu")]), WEIGHTS), /unknown activation "gelu"/);
  assert.throws(() => createDecoder(image([linear()], { name: "softmax" }), WEIGHTS), /unknown likelihood "softmax"/);
  assert.throws(() => createDecoder(image([linear()]), WEIGHTS.subarray(0, 5)), /only 5 weights arrived/);
  assert.throws(() => createDecoder(image([linear()], NORMAL, 3), WEIGHTS), /an image needs 3/);
  assert.throws(() => createDecoder(image([linear()], NORMAL, 2, 3), WEIGHTS), /takes 2 values, but 3 arrive/);
});
