// A network of a VAE as a forward pass on typed arrays: linear layers and convolutions.

import { createFilm } from "./conditioning.js";

const ACTIVATIONS = {
  identity: () => {},
  relu(values) {
    for (let i = 0; i < values.length; i++) if (values[i] < 0) values[i] = 0;
  },
  silu(values) {
    for (let i = 0; i < values.length; i++) values[i] /= 1 + Math.exp(-values[i]);
  },
  tanh(values) {
    for (let i = 0; i < values.length; i++) values[i] = Math.tanh(values[i]);
  },
};

/** One entry an op: sizes of its input and output, and a function (input, output) => void. */
const OPS = {
  linear(layer, take) {
    const { in: inputs, out: outputs } = layer;
    const weight = take("weight", inputs * outputs);
    const bias = take("bias", outputs);
    return {
      inputs,
      outputs,
      run: (input, output) => multiply(weight, bias, input, output, inputs, outputs),
    };
  },
  conv(layer, take) {
    return convolution(layer, take, shrunk(layer), convolve);
  },
  conv_transpose(layer, take) {
    return convolution(layer, take, grown(layer), convolveTransposed);
  },
};

/**
 * Builds a network from its description and the flat array of all weights; `who` names it in
 * errors. `run(values)` takes `inputs` numbers and returns `outputs` ones, reused by the next call.
 * Where the description has `film`, `setBeta` takes it to another β; `version` says which one it
 * is, and stays the same for networks that know no β.
 */
export function createNetwork(spec, weights, inputs, who) {
  const film = spec.film ? createFilm(spec.film, spec.layers, weights, who) : null;
  const steps = [];
  let width = inputs;
  let version = 0;
  for (const [index, layer] of spec.layers.entries()) {
    const step = prepare(layer, `${who} layer ${index + 1}`, weights, film?.of(layer));
    if (step.inputs !== width) {
      throw new Error(
        `${who} layer ${index + 1} (${layer.op}) takes ${step.inputs} values, but ${width} arrive.`,
      );
    }
    width = step.outputs;
    steps.push(step);
  }
  const first = new Float32Array(inputs);

  function run(given) {
    first.set(given);
    let values = first;
    for (const step of steps) {
      step.run(values, step.output);
      step.activate(step.output);
      values = step.output;
    }
    return values;
  }

  function setBeta(beta) {
    if (!film || beta === version) return;
    film.fold(beta);
    version = beta;
  }
  setBeta(film?.beta);

  return { run, setBeta, get version() { return version; }, outputs: width };
}

/** `folded`: a layer's weight and bias where they aren't read from `weights`. */
function prepare(layer, where, weights, folded) {
  const op = lookUp(OPS, layer.op, "op", where);
  const take = (name, size) => {
    if (folded) return folded[name];
    const start = layer[name];
    if (!(start >= 0 && start + size <= weights.length)) {
      throw new Error(
        `${where} (${layer.op}) needs ${size} values of ${name} from ${start}, ` +
          `but only ${weights.length} weights arrived.`,
      );
    }
    return weights.subarray(start, start + size);
  };
  const step = op(layer, take);
  step.activate = lookUp(ACTIVATIONS, layer.activation, "activation", where);
  step.output = new Float32Array(step.outputs);
  return step;
}

export function lookUp(table, name, what, where) {
  if (!Object.hasOwn(table, name)) {
    const known = Object.keys(table).join(", ");
    throw new Error(`${where} has the unknown ${what} "${name}"; known are ${known}.`);
  }
  return table[name];
}

function multiply(weight, bias, input, output, inputs, outputs) {
  // Four sums side by side: one running sum would make each addition wait for the last.
  const whole = inputs - (inputs % 4);
  for (let o = 0, row = 0; o < outputs; o++, row += inputs) {
    let a = bias[o];
    let b = 0;
    let c = 0;
    let d = 0;
    let i = 0;
    for (; i < whole; i += 4) {
      a += weight[row + i] * input[i];
      b += weight[row + i + 1] * input[i + 1];
      c += weight[row + i + 2] * input[i + 2];
      d += weight[row + i + 3] * input[i + 3];
    }
    for (; i < inputs; i++) a += weight[row + i] * input[i];
    output[o] = a + b + c + d;
  }
}

function convolution(layer, take, shape, run) {
  const weight = take("weight", layer.in_channels * layer.out_channels * layer.kernel ** 2);
  const bias = take("bias", layer.out_channels);
  return {
    inputs: layer.in_channels * layer.height * layer.width,
    outputs: layer.out_channels * shape.height * shape.width,
    run: (input, output) => run(weight, bias, input, output, layer, shape),
  };
}

function grown({ height, width, kernel, stride, padding }) {
  const grow = (size) => (size - 1) * stride - 2 * padding + kernel;
  return { height: grow(height), width: grow(width) };
}

function shrunk({ height, width, kernel, stride, padding }) {
  const shrink = (size) => Math.floor((size + 2 * padding - kernel) / stride) + 1;
  return { height: shrink(height), width: shrink(width) };
}

/** weight [out, in, k, k]: each output value sums its window of the input. */
function convolve(weight, bias, input, output, layer, shape) {
  const { in_channels, out_channels, height, width, kernel, stride, padding } = layer;
  for (let o = 0, to = 0; o < out_channels; o++) {
    for (let y = 0; y < shape.height; y++) {
      for (let x = 0; x < shape.width; x++, to++) {
        const [top, left] = [y * stride - padding, x * stride - padding];
        let sum = bias[o];
        for (let c = 0; c < in_channels; c++) {
          const block = (o * in_channels + c) * kernel * kernel;
          for (let ky = Math.max(0, -top); ky < Math.min(kernel, height - top); ky++) {
            const from = (c * height + top + ky) * width + left;
            for (let kx = Math.max(0, -left); kx < Math.min(kernel, width - left); kx++) {
              sum += weight[block + ky * kernel + kx] * input[from + kx];
            }
          }
        }
        output[to] = sum;
      }
    }
  }
}

/** weight [in, out, k, k]: each input value adds its kernel to the output. */
function convolveTransposed(weight, bias, input, output, layer, shape) {
  const { in_channels, out_channels, height, width, kernel, stride, padding } = layer;
  const planeIn = height * width;
  const planeOut = shape.height * shape.width;
  for (let o = 0; o < out_channels; o++) output.fill(bias[o], o * planeOut, (o + 1) * planeOut);
  let w = 0;
  for (let c = 0; c < in_channels; c++) {
    for (let o = 0; o < out_channels; o++) {
      for (let ky = 0; ky < kernel; ky++) {
        // Only the input rows and columns that land inside the output.
        const top = ky - padding;
        const firstRow = Math.max(0, Math.ceil(-top / stride));
        const lastRow = Math.min(height - 1, Math.floor((shape.height - 1 - top) / stride));
        for (let kx = 0; kx < kernel; kx++, w++) {
          const left = kx - padding;
          const first = Math.max(0, Math.ceil(-left / stride));
          const last = Math.min(width - 1, Math.floor((shape.width - 1 - left) / stride));
          const value = weight[w];
          for (let y = firstRow; y <= lastRow; y++) {
            let from = c * planeIn + y * width + first;
            let to = o * planeOut + (y * stride + top) * shape.width + first * stride + left;
            for (let x = first; x <= last; x++, from++, to += stride) {
              output[to] += value * input[from];
            }
          }
        }
      }
    }
  }
}
