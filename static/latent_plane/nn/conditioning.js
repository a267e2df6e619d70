// The conditioning of a network on β: its layers' weights and biases as they are at one β.
// Per unit a ← (1 + γ(β))·a + δ(β) before the activation; W ← W + Σ c(β)·V next to the code.

/** @import { LayerSpec, Parameters } from "./network.js" */
/** @typedef {{weight: number, bias: number}} MapSpec where a linear map begins in the flat array */
/**
 * @typedef {object} FilmSpec
 * @property {number} width of the embedding of β
 * @property {number} num_bases
 * @property {MapSpec} embed
 * @property {MapSpec} mix
 * @property {number} beta that it begins at
 * @property {number} beta_min
 * @property {number} beta_max
 */
/**
 * What one layer has at every β, and the arrays that it has at one.
 * @typedef {object} PartOwn
 * @property {readonly number[]} shape [groups, units, block]
 * @property {Parameters} raw
 * @property {Parameters | null} map
 * @property {Float32Array | null} bases
 * @typedef {Parameters & PartOwn} Part
 */

import { OPS } from "./layers.js";

/** `film` and `layers` are those of the network's description, `weights` the flat array.
 * `of(layer)` gives the arrays that `fold(beta)` fills, or null for a layer that β leaves alone.
 * @param {FilmSpec} film @param {LayerSpec[]} layers @param {Float32Array} weights
 * @param {string} who */
export function createFilm(film, layers, weights, who) {
  const { width, num_bases: bases } = film;
  /** @type {(start: number, size: number, what: string) => Float32Array} */
  const read = (start, size, what) => {
    if (start >= 0 && start + size <= weights.length) return weights.subarray(start, start + size);
    throw new Error(`${who}: the ${what} needs ${size} values from ${start}, but only `
      + `${weights.length} weights arrived.`);
  };
  /** @type {(map: MapSpec, outputs: number, inputs: number, what: string) => Parameters} */
  const readMap = (map, outputs, inputs, what) => ({
    weight: read(map.weight, outputs * inputs, what), bias: read(map.bias, outputs, what),
  });
  const embed = readMap(film.embed, width, 1, "embedding of β");
  const mix = readMap(film.mix, bases, width, "mixing of bases");
  /** @type {Map<LayerSpec, Part>} */ const parts = new Map();
  for (const layer of layers) {
    const [start, shape] = [layer.bases ?? -1, OPS[layer.op].blocks?.(layer)];
    if (!shape || !(layer.film || start >= 0)) continue;
    const [groups, units, block] = shape;
    const size = groups * units * block;
    const own = { weight: layer.weight ?? -1, bias: layer.bias ?? -1 };
    parts.set(layer, {
      shape,
      raw: readMap(own, units, groups * block, "layer"),
      map: layer.film ? readMap(layer.film, 2 * units, width, "FiLM") : null,
      bases: start >= 0 ? read(start, bases * size, "bases") : null,
      weight: new Float32Array(size),
      bias: new Float32Array(units),
    });
  }

  /** @param {number} beta */
  function fold(beta) {
    const embedded = embedding(film, embed, beta);
    const shares = apply(mix, embedded);
    for (const part of parts.values()) foldPart(part, embedded, shares);
  }

  /** @param {LayerSpec} layer */
  const of = (layer) => parts.get(layer) ?? null;
  return { beta: film.beta, fold, of };
}

/** e = SiLU(w·u + b) with u = √3 (log β − midpoint)/half-range.
 * @type {(film: FilmSpec, embed: Parameters, beta: number) => Float64Array} */
function embedding({ beta_min, beta_max }, { weight, bias }, beta) {
  const [low, high] = [Math.log(beta_min), Math.log(beta_max)];
  const u = (Math.sqrt(3) * (2 * Math.log(beta) - low - high)) / (high - low);
  return Float64Array.from(weight, (value, k) => {
    const inner = value * u + bias[k];
    return inner / (1 + Math.exp(-inner));
  });
}

/** @type {(map: Parameters, values: Float64Array) => Float64Array} */
function apply({ weight, bias }, values) {
  return Float64Array.from(bias, (start, row) => {
    let sum = start;
    const first = row * values.length;
    for (let i = 0; i < values.length; i++) sum += weight[first + i] * values[i];
    return sum;
  });
}

/** @type {(part: Part, embedded: Float64Array, shares: Float64Array) => void} */
function foldPart({ shape, raw, map, bases, weight, bias }, embedded, shares) {
  const [groups, units, block] = shape;
  const modulation = map ? apply(map, embedded) : new Float64Array(2 * units);
  weight.set(raw.weight);
  if (bases) {
    for (let k = 0, at = 0; k < shares.length; k++) {
      for (let i = 0; i < weight.length; i++, at++) weight[i] += shares[k] * bases[at];
    }
  }
  for (let group = 0, at = 0; group < groups; group++) {
    for (let unit = 0; unit < units; unit++) {
      const scale = 1 + modulation[unit];
      for (let i = 0; i < block; i++, at++) weight[at] *= scale;
    }
  }
  for (let unit = 0; unit < units; unit++) {
    bias[unit] = raw.bias[unit] * (1 + modulation[unit]) + modulation[units + unit];
  }
}
