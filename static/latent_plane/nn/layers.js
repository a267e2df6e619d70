// The kinds of layers of a network, as forward passes on typed arrays: see vae_core/model/spec.py.

/** @typedef {Float32Array | Float64Array} Weights */
/**
 * @typedef {object} ConvSpec
 * @property {number} in_channels
 * @property {number} out_channels
 * @property {number} height of the input
 * @property {number} width
 * @property {number} kernel
 * @property {number} stride
 * @property {number} padding
 */
/** @typedef {{channels: number, height: number, width: number}} PlanesSpec */
/** @typedef {PlanesSpec & {groups: number, eps: number}} GroupNormSpec */
/** @typedef {PlanesSpec & {out_height: number, out_width: number}} UpsampleSpec */
/** @typedef {{height: number, width: number}} Size */
/** Sizes of input and output of a layer, and its forward pass.
 * @typedef {{inputs: number, outputs: number,
 *   run: (input: Float32Array, output: Float32Array) => void}} Pass */
/** A kind of layer. `blocks` is the shape of the weight as [groups, units, block], where a unit has
 * a bias; null where there is no weight.
 * @typedef {{blocks: ((layer: any) => [number, number, number]) | null,
 *   create: (layer: any, weight: Float32Array, bias: Float32Array) => Pass}} Op */

/** In place. @type {Record<string, (values: Float32Array) => void>} */
export const ACTIVATIONS = {
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

/** @type {Record<string, Op>} */
export const OPS = {
  linear: {
    blocks: (layer) => [1, layer.out_features, layer.in_features],
    create({ in_features: inputs, out_features: outputs }, weight, bias) {
      return {
        inputs,
        outputs,
        run: (input, output) => multiply(weight, bias, input, output, inputs, outputs),
      };
    },
  },
  conv: {
    blocks: (layer) => [1, layer.out_channels, layer.in_channels * layer.kernel ** 2],
    create(layer, weight, bias) {
      const { height, width, kernel, stride, padding } = layer;
      /** @param {number} size */
      const shrink = (size) => Math.floor((size + 2 * padding - kernel) / stride) + 1;
      const shape = { height: shrink(height), width: shrink(width) };
      // In double precision, as each number read from a Float32Array costs a conversion.
      const kernels = new Float64Array(weight.length);
      const windows = new Float64Array(shape.width * layer.in_channels * kernel ** 2);
      return {
        ...sizes(layer, shape),
        run(input, output) {
          kernels.set(weight); // which may be another at each β
          convolve(kernels, bias, input, output, layer, shape, windows);
        },
      };
    },
  },
  conv_transpose: {
    blocks: (layer) => [layer.in_channels, layer.out_channels, layer.kernel ** 2],
    create(layer, weight, bias) {
      const { height, width, kernel, stride, padding } = layer;
      const grow = (/** @type {number} */ size) => (size - 1) * stride - 2 * padding + kernel;
      const shape = { height: grow(height), width: grow(width) };
      return {
        ...sizes(layer, shape),
        run: (input, output) => convolveTransposed(weight, bias, input, output, layer, shape),
      };
    },
  },
  group_norm: {
    blocks: (layer) => [1, layer.channels, 1],
    create(layer, weight, bias) {
      const values = layer.channels * layer.height * layer.width;
      return {
        inputs: values,
        outputs: values,
        run: (input, output) => normalise(weight, bias, input, output, layer),
      };
    },
  },
  upsample: {
    blocks: null,
    create(layer) {
      return {
        inputs: layer.channels * layer.height * layer.width,
        outputs: layer.channels * layer.out_height * layer.out_width,
        run: (input, output) => upsample(input, output, layer),
      };
    },
  },
};

/** @type {(layer: ConvSpec, shape: Size) => {inputs: number, outputs: number}} */
function sizes(layer, shape) {
  return {
    inputs: layer.in_channels * layer.height * layer.width,
    outputs: layer.out_channels * shape.height * shape.width,
  };
}

/** @type {(weight: Weights, bias: Weights, input: Weights, output: Weights, inputs: number,
 *   outputs: number) => void} */
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

/** weight [out, in, k, k]: each output value sums its window of the input, zero outside.
 * @type {(weight: Weights, bias: Weights, input: Weights, output: Weights, layer: ConvSpec,
 *   shape: Size, windows: Weights) => void} */
function convolve(weight, bias, input, output, layer, shape, windows) {
  const size = layer.in_channels * layer.kernel ** 2;
  const plane = shape.height * shape.width;
  for (let y = 0; y < shape.height; y++) {
    gather(input, windows, y, layer, shape.width);
    for (let o = 0; o < layer.out_channels; o += 4) {
      products(weight, bias, windows, output, {
        o, size, plane, at: y * shape.width, units: layer.out_channels, count: shape.width });
    }
  }
}

/** Four channels from `o` on of one row of `count` pixels: four by two sums at once, so that each
 * number read is used several times. At the edges the last channel or pixel is computed again.
 * @param {Weights} weight @param {Weights} bias @param {Weights} windows @param {Weights} output
 * @param {Record<"o" | "size" | "plane" | "at" | "units" | "count", number>} row */
function products(weight, bias, windows, output, { o, size, plane, at, units, count }) {
  const [o1, o2, o3] = [1, 2, 3].map((k) => Math.min(o + k, units - 1));
  const [row0, row1, row2, row3] = [o * size, o1 * size, o2 * size, o3 * size];
  for (let x = 0; x < count; x += 2) {
    const x1 = Math.min(x + 1, count - 1);
    const [left, right] = [x * size, x1 * size];
    let a0 = bias[o];
    let a1 = bias[o1];
    let a2 = bias[o2];
    let a3 = bias[o3];
    let [b0, b1, b2, b3] = [a0, a1, a2, a3];
    for (let i = 0; i < size; i++) {
      const a = windows[left + i];
      const b = windows[right + i];
      const w0 = weight[row0 + i];
      const w1 = weight[row1 + i];
      const w2 = weight[row2 + i];
      const w3 = weight[row3 + i];
      a0 += w0 * a;
      b0 += w0 * b;
      a1 += w1 * a;
      b1 += w1 * b;
      a2 += w2 * a;
      b2 += w2 * b;
      a3 += w3 * a;
      b3 += w3 * b;
    }
    output[o * plane + at + x] = a0;
    output[o1 * plane + at + x] = a1;
    output[o2 * plane + at + x] = a2;
    output[o3 * plane + at + x] = a3;
    output[o * plane + at + x1] = b0;
    output[o1 * plane + at + x1] = b1;
    output[o2 * plane + at + x1] = b2;
    output[o3 * plane + at + x1] = b3;
  }
}

/** The windows of output row y, one after another, each [in, k, k].
 * @type {(input: Weights, windows: Weights, y: number, layer: ConvSpec, count: number) => void} */
function gather(input, windows, y, { in_channels, height, width, kernel, stride, padding }, count) {
  const top = y * stride - padding;
  let to = 0;
  for (let x = 0; x < count; x++) {
    const left = x * stride - padding;
    for (let c = 0; c < in_channels; c++) {
      for (let ky = top; ky < top + kernel; ky++) {
        const row = (c * height + ky) * width;
        const within = ky >= 0 && ky < height;
        for (let kx = left; kx < left + kernel; kx++, to++) {
          windows[to] = within && kx >= 0 && kx < width ? input[row + kx] : 0;
        }
      }
    }
  }
}

/** weight [in, out, k, k]: each input value adds its kernel to the output.
 * @type {(weight: Weights, bias: Weights, input: Weights, output: Weights, layer: ConvSpec,
 *   shape: Size) => void} */
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

/** w (x − mean)/√(var + eps) + b, with mean and variance over each group of channels.
 * @type {(weight: Weights, bias: Weights, input: Weights, output: Weights, layer: GroupNormSpec)
 *   => void} */
function normalise(weight, bias, input, output, { channels, height, width, groups, eps }) {
  const plane = height * width;
  const size = (channels / groups) * plane;
  for (let start = 0; start < input.length; start += size) {
    let mean = 0;
    for (let i = start; i < start + size; i++) mean += input[i];
    mean /= size;
    let variance = 0;
    for (let i = start; i < start + size; i++) variance += (input[i] - mean) ** 2;
    const scale = 1 / Math.sqrt(variance / size + eps);
    for (let i = start; i < start + size; i++) {
      const channel = Math.floor(i / plane);
      output[i] = weight[channel] * (input[i] - mean) * scale + bias[channel];
    }
  }
}

/** Each pixel becomes 2 × 2 equal ones, of which the first out_height × out_width are kept.
 * @type {(input: Weights, output: Weights, layer: UpsampleSpec) => void} */
function upsample(input, output, { channels, height, width, out_height, out_width }) {
  let to = 0;
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < out_height; y++) {
      const row = (c * height + (y >> 1)) * width;
      for (let x = 0; x < out_width; x++, to++) output[to] = input[row + (x >> 1)];
    }
  }
}
