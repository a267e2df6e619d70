import assert from "node:assert/strict";
import test from "node:test";
import { createDecoder, createEnsemble } from "../../../static/latent_plane/nn/coders.js";

const WIDTH = 3;
const BASES = 2;
const RANGE = { beta: 1, beta_min: 0.01, beta_max: 10 };
const near = (actual, expected, limit = 1e-5) => {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => assert.ok(Math.abs(actual[i] - value) < limit, `${i}: ${actual[i]}, not ${value}`));
};

/** Weights one after another, each found again by where it begins. */
function flat() {
  const values = [];
  return {
    values,
    add(size) {
      const start = values.length;
      for (let i = 0; i < size; i++) values.push(Math.sin(1.3 * values.length + 0.4));
      return start;
    },
    linear(outputs, inputs) { return { weight: this.add(outputs * inputs), bias: this.add(outputs) }; },
  };
}

const dot = (values, map, row, x) =>
  x.reduce((sum, value, i) => sum + values[map.weight + row * x.length + i] * value, values[map.bias + row]);

/** The conditioning as FiLM defines it, on activations: γ, δ and the shares at β. */
function conditioning(values, film, layer, units, beta) {
  const [low, high] = [Math.log(film.beta_min), Math.log(film.beta_max)];
  const u = (Math.sqrt(3) * (Math.log(beta) - (low + high) / 2)) / ((high - low) / 2);
  const e = Array.from({ length: WIDTH }, (_, k) => dot(values, film.embed, k, [u])).map((v) => v / (1 + Math.exp(-v)));
  const rows = (map, count) => Array.from({ length: count }, (_, k) => dot(values, map, k, e));
  const modulation = rows(layer.film, 2 * units);
  return { gamma: modulation.slice(0, units), delta: modulation.slice(units), shares: rows(film.mix, BASES) };
}

function mlp() {
  const store = flat();
  const first = { op: "linear", in_features: 2, out_features: 3, activation: "tanh", ...store.linear(3, 2) };
  const last = { op: "linear", in_features: 3, out_features: 2, activation: "identity", ...store.linear(2, 3) };
  first.film = store.linear(6, WIDTH);
  first.bases = store.add(BASES * 6);
  const film = { ...RANGE, width: WIDTH, num_bases: BASES, embed: store.linear(WIDTH, 1), mix: store.linear(BASES, WIDTH) };
  const spec = { latent_dim: 2, channels: 1, height: 1, width: 2, likelihood: { name: "bernoulli" }, layers: [first, last], film };
  const expected = (z, beta) => {
    const { gamma, delta, shares } = conditioning(store.values, film, first, 3, beta);
    const hidden = [0, 1, 2].map((unit) => {
      let a = dot(store.values, first, unit, z);
      shares.forEach((c, k) => z.forEach((value, i) => { a += c * store.values[first.bases + k * 6 + unit * 2 + i] * value; }));
      return Math.tanh(a * (1 + gamma[unit]) + delta[unit]);
    });
    return [0, 1].map((o) => 1 / (1 + Math.exp(-dot(store.values, last, o, hidden))));
  };
  return { spec, weights: Float32Array.from(store.values), expected };
}

test("a conditioned decoder begins at its own β and is turned to any other", () => {
  const { spec, weights, expected } = mlp();
  const decoder = createDecoder(spec, weights);
  const z = [0.7, -1.1];
  assert.equal(decoder.version, 1);
  near(decoder.decode(z), expected(z, 1));
  for (const beta of [0.01, 0.1, 4, 10, 1]) {
    decoder.setBeta(beta);
    assert.equal(decoder.version, beta);
    near(decoder.decode(z), expected(z, beta));
  }
});

test("of a transposed convolution γ and δ act on output channels", () => {
  const store = flat();
  const [ci, co, k] = [2, 3, 2];
  const entry = { op: "linear", in_features: 1, out_features: 2, activation: "identity", ...store.linear(2, 1) };
  const conv = {
    op: "conv_transpose", in_channels: ci, out_channels: co, height: 1, width: 1, kernel: k, stride: 2,
    padding: 0, activation: "identity", weight: store.add(ci * co * k * k), bias: store.add(co),
  };
  conv.film = store.linear(2 * co, WIDTH);
  entry.bases = store.add(BASES * 2);
  const film = { ...RANGE, width: WIDTH, num_bases: BASES, embed: store.linear(WIDTH, 1), mix: store.linear(BASES, WIDTH) };
  const spec = { latent_dim: 1, channels: 3, height: 2, width: 2, likelihood: { name: "gaussian", log_var: 0 }, layers: [entry, conv], film };
  const decoder = createDecoder(spec, Float32Array.from(store.values));
  decoder.setBeta(0.2);
  const { gamma, delta, shares } = conditioning(store.values, film, conv, co, 0.2);
  const v = store.values;
  const input = [0, 1].map((o) => dot(v, entry, o, [0.6])
    + shares.reduce((sum, c, s) => sum + c * v[entry.bases + s * 2 + o] * 0.6, 0));
  const expected = [];
  for (let o = 0; o < co; o++) for (let at = 0; at < k * k; at++) {
    const a = v[conv.bias + o] + input[0] * v[conv.weight + o * 4 + at] + input[1] * v[conv.weight + (co + o) * 4 + at];
    expected.push(a * (1 + gamma[o]) + delta[o]);
  }
  near(decoder.decode([0.6]), expected);
});

test("weights that are missing are said", () => {
  const { spec, weights } = mlp();
  assert.throws(() => createDecoder(spec, weights.subarray(0, weights.length - 1)), /mixing of bases needs \d+ values/);
});

test("an ordinary decoder knows no β", () => {
  const layer = { op: "linear", in_features: 1, out_features: 1, weight: 0, bias: 1, activation: "identity" };
  const spec = { latent_dim: 1, channels: 1, height: 1, width: 1, likelihood: { name: "gaussian", log_var: 0 }, layers: [layer] };
  const decoder = createDecoder(spec, Float32Array.of(2, 1));
  decoder.setBeta(5);
  assert.equal(decoder.version, 0);
  near(decoder.decode([3]), [7]);
});

test("an ensemble decodes with the model nearest in log β, in its own coordinates", () => {
  const layer = { op: "linear", in_features: 2, out_features: 2, weight: 0, bias: 4, activation: "identity" };
  const likelihood = { name: "gaussian", log_var: 0 };
  const spec = { latent_dim: 2, channels: 1, height: 1, width: 2, likelihood, likelihoods: [likelihood, likelihood], layers: [layer] };
  const one = [1, 0, 0, 1, 0, 0];
  const two = [10, 0, 0, 10, 1, 1];
  const quarter = [[0, -1], [1, 0]]; // Q: (x, y) → (−y, x)
  const ensemble = createEnsemble(spec, Float32Array.from([...one, ...two]), [0.1, 10], [[[1, 0], [0, 1]], quarter]);
  ensemble.setBeta(0.9);
  near(ensemble.decode([3, 4]), [3, 4]);
  assert.equal(ensemble.version, 0);
  ensemble.setBeta(1.1);
  // Model 2 has at (4, −3) what the common coordinates have at (3, 4).
  near(ensemble.decode([3, 4]), [41, -29]);
  assert.equal(ensemble.version, 1);
});
