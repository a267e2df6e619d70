// What Python sends, made ready once: unchanged points and weights are recognised and kept.

import { floats, integers, reals, realsIfAny, sameBits } from "./columns.js";
import { createDecoder } from "../nn/decoder.js";
import { createEnsemble } from "../nn/decoder.js";
import { widen } from "./halves.js";
import { createSweep } from "../cloud/sweep.js";

const COLUMNS = {
  x: reals, y: reals, rate: reals, distortion: reals,
  sxx: realsIfAny, sxy: realsIfAny, syy: realsIfAny,
};
const NO_DIAL = [1];

export class Intake {
  sweep = null;
  decoder = null;
  #columns = null;
  #betas = "";
  #weights = null;
  #spec = null;

  read(data) {
    this.#readDecoder(data.decoder, data.dial, floats(data.weights, "w"));
    this.#readPoints(data.points, data.labels, data.dial?.beta ?? NO_DIAL);
  }

  #readPoints(points, labels, betas) {
    const columns = { label: integers(labels, "label") };
    for (const [name, read] of Object.entries(COLUMNS)) columns[name] = read(points, name);
    const old = this.#columns;
    const same = old && this.#betas === String(betas)
      && Object.keys(columns).every((name) => sameBits(old[name], columns[name]));
    if (same) return;
    if (columns.x.length !== columns.label.length * betas.length) {
      throw new Error(`The latent plane got ${columns.x.length} places of ${columns.label.length} `
        + `points at ${betas.length} values of β.`);
    }
    const wide = Object.entries(columns).map(([name, values]) => [name, values && widen(values)]);
    this.sweep = createSweep(betas, Object.fromEntries(wide));
    this.#columns = columns;
    this.#betas = String(betas);
  }

  #readDecoder(spec, dial, weights) {
    const text = JSON.stringify([spec, dial?.beta, dial?.turns]);
    if (this.#spec === text && sameBits(this.#weights, weights)) return;
    this.decoder = dial?.turns
      ? createEnsemble(spec, weights, dial.beta, dial.turns) : createDecoder(spec, weights);
    this.#spec = text;
    this.#weights = weights;
  }
}
