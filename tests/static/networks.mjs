// What the browser's networks compute, for a test in Python: `node networks.mjs cases.json [more.js]`.
// Reads cases as tests/networks.py writes them, imports `more` before, and prints the answers.

import { readFileSync } from "node:fs";
import { createDecoder, createEncoder } from "../../static/latent_plane/nn/coders.js";
import { LIKELIHOODS } from "../../static/latent_plane/nn/likelihood.js";

const [path, more] = process.argv.slice(2);
if (more) (await import(more)).register(LIKELIHOODS);

function answer({ side, spec, weights, beta, inputs, x }) {
  const bytes = Buffer.from(weights, "base64");
  const flat = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  if (side === "encoder") {
    const encoder = createEncoder(spec, flat);
    if (beta !== null) encoder.setBeta(beta);
    return inputs.map((input) => {
      const { mu, sigma } = encoder.encode(input);
      return { mu: [...mu], sigma: [...sigma] };
    });
  }
  const decoder = createDecoder(spec, flat);
  if (beta !== null) decoder.setBeta(beta);
  return inputs.map((z) => {
    const out = decoder.outputs(z);
    return {
      deviation: [...decoder.likelihood.deviation(out, new Float32Array(decoder.pixels))],
      logProb: x ? decoder.likelihood.logProb(x, out) : null,
      mean: [...decoder.decode(z)],
    };
  });
}

console.log(JSON.stringify(JSON.parse(readFileSync(path)).map(answer)));
