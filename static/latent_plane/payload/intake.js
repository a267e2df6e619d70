// What Python sends, made ready once: unchanged points and weights are recognised and kept.

/** @import { Decoder, PlaneData } from "../context.js" */
/** @import { Columns, Sweep } from "../cloud/sweep.js" */
/** @import { Reals, Table } from "./columns.js" */

import { floats, integers, reals, realsIfAny, sameBits, widen } from "./columns.js";
import { createDecoder, createEnsemble } from "../nn/decoder.js";
import { createSweep } from "../cloud/sweep.js";

const NO_DIAL = [1];

export class Intake {
  sweep = /** @type {Sweep} */ (/** @type {unknown} */ (null)); // until the first `read`
  decoder = /** @type {Decoder} */ (/** @type {unknown} */ (null));
  /** @type {Record<string, Reals | Int32Array | null> | null} */ #columns = null;
  #betas = "";
  /** @type {Float32Array | null} */ #weights = null;
  #spec = "";

  /** @param {PlaneData} data */
  read(data) {
    this.#readDecoder(data.decoder, data.dial, floats(data.weights, "w"));
    this.#readPoints(data.points, data.labels, data.dial?.beta ?? NO_DIAL);
  }

  /** @param {Table} points @param {Table} labels @param {number[]} betas */
  #readPoints(points, labels, betas) {
    const label = integers(labels, "label");
    const read = {
      x: reals(points, "x"), y: reals(points, "y"),
      rate: reals(points, "rate"), distortion: reals(points, "distortion"),
      sxx: realsIfAny(points, "sxx"), sxy: realsIfAny(points, "sxy"),
      syy: realsIfAny(points, "syy"),
    };
    /** @type {Record<string, Reals | Int32Array | null>} */ const columns = { label, ...read };
    const old = this.#columns;
    const same = old && this.#betas === String(betas)
      && Object.keys(columns).every((name) => sameBits(old[name], columns[name]));
    if (same) return;
    if (read.x.length !== label.length * betas.length) {
      throw new Error(`The latent plane got ${read.x.length} places of ${label.length} `
        + `points at ${betas.length} values of β.`);
    }
    const wide = Object.entries(read).map(([name, values]) => [name, values && widen(values)]);
    this.sweep = createSweep(betas, /** @type {Columns} */ (Object.fromEntries(wide)), label);
    this.#columns = columns;
    this.#betas = String(betas);
  }

  /** @param {any} spec @param {PlaneData["dial"]} dial @param {Float32Array} weights */
  #readDecoder(spec, dial, weights) {
    const text = JSON.stringify([spec, dial?.beta, dial?.turns]);
    if (this.#spec === text && sameBits(this.#weights, weights)) return;
    this.decoder = dial?.turns
      ? createEnsemble(spec, weights, dial.beta, dial.turns) : createDecoder(spec, weights);
    this.#spec = text;
    this.#weights = weights;
  }
}
