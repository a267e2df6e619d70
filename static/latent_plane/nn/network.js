// A network of a VAE as a forward pass on typed arrays, built from its description.

/** @import { Numbers } from "../context.js" */
/** @import { FilmSpec, MapSpec } from "./conditioning.js" */
/**
 * One layer, as vae_core/model/spec.py describes it; the other fields depend on `op`: see
 * layers.js.
 * @typedef {object} LayerParts
 * @property {string} op
 * @property {string} activation
 * @property {number} [weight] where it begins in the flat array
 * @property {number} [bias]
 * @property {MapSpec} [film]
 * @property {number} [bases]
 * @property {LayerSpec[]} [body] of a residual block
 * @property {LayerSpec[]} [skip]
 * @typedef {LayerParts & Record<string, any>} LayerSpec
 */
/** @typedef {{layers: LayerSpec[], film?: FilmSpec | null}} NetworkSpec */
/** @typedef {{weight: Float32Array, bias: Float32Array}} Parameters */
/** @typedef {(layer: LayerSpec, where: string) => Partial<Parameters>} ParametersOf */
/** @typedef {{outputs: number, run: (input: Float32Array) => Float32Array}} Step */
/** @typedef {{run: (values: Numbers) => Float32Array, setBeta: (beta: number) => void,
 *   version: number, outputs: number}} Network */

import { createFilm } from "./conditioning.js";
import { ACTIVATIONS, OPS } from "./layers.js";

const NONE = new Float32Array(0); // of a layer without weights

/** Builds a network from its description and the flat array of all weights; `who` names it in
 * errors. `run(values)` takes `inputs` numbers and returns `outputs` ones, reused by the next call.
 * Where the description has `film`, `setBeta` takes it to another β; `version` says which one it
 * is, and stays the same for networks that aren't conditioned on β.
 * @type {(spec: NetworkSpec, weights: Float32Array, inputs: number, who: string) => Network} */
export function createNetwork(spec, weights, inputs, who) {
  const film = spec.film ? createFilm(spec.film, [...leaves(spec.layers)], weights, who) : null;
  const sequence = createSequence(spec.layers, inputs, who, parametersOf);
  const first = new Float32Array(inputs);
  let version = 0;

  /** Weight and bias of a layer; `folded` ones are written again at each β. @type {ParametersOf} */
  function parametersOf(layer, where) {
    const { blocks } = lookUp(OPS, layer.op, "op", where);
    if (!blocks) return {};
    const folded = film?.of(layer);
    if (folded) return folded;
    const [groups, units, block] = blocks(layer);
    /** @type {(name: "weight" | "bias", size: number) => Float32Array} */
    const take = (name, size) => {
      const start = layer[name] ?? -1;
      const end = start + size;
      if (start >= 0 && end <= weights.length) return weights.subarray(start, end);
      throw new Error(`${where} (${layer.op}) needs ${size} values of ${name} from ${start}, `
        + `but only ${weights.length} weights arrived.`);
    };
    return { weight: take("weight", groups * units * block), bias: take("bias", units) };
  }

  /** @param {Numbers} given */
  function run(given) {
    first.set(given);
    return sequence.run(first);
  }

  /** @param {number} beta */
  function setBeta(beta) {
    if (!film || beta === version) return;
    film.fold(beta);
    version = beta;
  }
  if (film) setBeta(film.beta);

  return { run, setBeta, get version() { return version; }, outputs: sequence.outputs };
}

/** Layers one after another, each with an array of its own for what it gives.
 * @type {(layers: LayerSpec[], inputs: number, who: string, parametersOf: ParametersOf) => Step} */
function createSequence(layers, inputs, who, parametersOf) {
  let width = inputs;
  const steps = layers.map((layer, index) => {
    const where = `${who} layer ${index + 1}`;
    const step = layer.op === "residual"
      ? createResidual(layer, width, where, parametersOf)
      : createLayer(layer, width, where, parametersOf);
    width = step.outputs;
    return { ...step, activate: lookUp(ACTIVATIONS, layer.activation, "activation", where) };
  });

  /** @param {Float32Array} values */
  function run(values) {
    let current = values;
    for (const step of steps) {
      current = step.run(current);
      step.activate(current);
    }
    return current;
  }
  return { outputs: width, run };
}

/** @type {(l: LayerSpec, arriving: number, where: string, parametersOf: ParametersOf) => Step} */
function createLayer(layer, arriving, where, parametersOf) {
  const { weight, bias } = parametersOf(layer, where);
  const { inputs, outputs, run } = OPS[layer.op].create(layer, weight ?? NONE, bias ?? NONE);
  if (inputs !== arriving) {
    throw new Error(`${where} (${layer.op}) takes ${inputs} values, but ${arriving} arrive.`);
  }
  const output = new Float32Array(outputs);
  return {
    outputs,
    run(input) {
      run(input, output);
      return output;
    },
  };
}

/** body(x) + skip(x); an empty skip is the identity.
 * @type {(l: LayerSpec, arriving: number, where: string, parametersOf: ParametersOf) => Step} */
function createResidual(layer, arriving, where, parametersOf) {
  const body = createSequence(layer.body ?? [], arriving, `${where}, body`, parametersOf);
  const skip = createSequence(layer.skip ?? [], arriving, `${where}, skip`, parametersOf);
  if (body.outputs !== skip.outputs) {
    throw new Error(`${where} (residual) adds ${body.outputs} and ${skip.outputs} values.`);
  }
  const output = new Float32Array(body.outputs);
  return {
    outputs: body.outputs,
    run(input) {
      const [a, b] = [body.run(input), skip.run(input)];
      for (let i = 0; i < output.length; i++) output[i] = a[i] + b[i];
      return output;
    },
  };
}

/** The layers that aren't made of layers.
 * @param {LayerSpec[]} layers @returns {Generator<LayerSpec>} */
function* leaves(layers) {
  for (const layer of layers) {
    if (layer.op === "residual") yield* leaves([...layer.body ?? [], ...layer.skip ?? []]);
    else yield layer;
  }
}

/** The entry of a table; an unknown name is an error that says which there are.
 * @template Entry @param {Record<string, Entry>} table @param {string} name @param {string} what
 * @param {string} where */
export function lookUp(table, name, what, where) {
  if (!Object.hasOwn(table, name)) {
    const known = Object.keys(table).join(", ");
    throw new Error(`${where} has the unknown ${what} "${name}"; known are ${known}.`);
  }
  return table[name];
}
