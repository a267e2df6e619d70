// The conditioning of a network on β: its layers' weights and biases as they are at one β.
// Per unit a ← (1 + γ(β))·a + δ(β) before the activation; W ← W + Σ c(β)·V next to the code.

import { OPS } from "./layers.js";

/**
 * `film` and `layers` are those of the network's description, `weights` the flat array.
 * `of(layer)` gives the arrays that `fold(beta)` fills, or null for a layer that β leaves alone.
 */
export function createFilm(film, layers, weights, who) {
  const { width, num_bases: bases } = film;
  const read = (start, size, what) => {
    if (start >= 0 && start + size <= weights.length) return weights.subarray(start, start + size);
    throw new Error(`${who}: the ${what} needs ${size} values from ${start}, but only `
      + `${weights.length} weights arrived.`);
  };
  const readMap = (map, outputs, inputs, what) => ({
    weight: read(map.weight, outputs * inputs, what), bias: read(map.bias, outputs, what),
  });
  const embed = readMap(film.embed, width, 1, "embedding of β");
  const mix = readMap(film.mix, bases, width, "mixing of bases");
  const parts = new Map(layers.filter((layer) => layer.film || layer.bases >= 0).map((layer) => {
    const shape = OPS[layer.op].blocks(layer);
    const [groups, units, block] = shape;
    const size = groups * units * block;
    return [layer, {
      shape,
      raw: readMap({ weight: layer.weight, bias: layer.bias }, units, groups * block, "layer"),
      map: layer.film ? readMap(layer.film, 2 * units, width, "FiLM") : null,
      bases: layer.bases >= 0 ? read(layer.bases, bases * size, "bases") : null,
      weight: new Float32Array(size),
      bias: new Float32Array(units),
    }];
  }));

  function fold(beta) {
    const embedded = embedding(film, embed, beta);
    const shares = apply(mix, embedded);
    for (const part of parts.values()) foldPart(part, embedded, shares);
  }

  return { beta: film.beta, fold, of: (layer) => parts.get(layer) ?? null };
}

/** e = SiLU(w·u + b) with u = √3 (log β − midpoint)/half-range. */
function embedding({ beta_min, beta_max }, { weight, bias }, beta) {
  const [low, high] = [Math.log(beta_min), Math.log(beta_max)];
  const u = (Math.sqrt(3) * (2 * Math.log(beta) - low - high)) / (high - low);
  return Float64Array.from(weight, (value, k) => {
    const inner = value * u + bias[k];
    return inner / (1 + Math.exp(-inner));
  });
}

function apply({ weight, bias }, values) {
  return Float64Array.from(bias, (start, row) => {
    let sum = start;
    const first = row * values.length;
    for (let i = 0; i < values.length; i++) sum += weight[first + i] * values[i];
    return sum;
  });
}

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
