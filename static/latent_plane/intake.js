// What Python sends, made ready once: unchanged points and weights are recognised and kept.

import { createCloud } from "./cloud.js";
import { floats, integers, sameBits } from "./columns.js";
import { createDecoder } from "./decoder.js";

const COLUMNS = { x: floats, y: floats, label: integers, rate: floats, distortion: floats };

export class Intake {
  cloud = null;
  decoder = null;
  #columns = null;
  #weights = null;
  #spec = null;

  read(data) {
    this.#readDecoder(data.decoder, floats(data.weights, "w"));
    this.#readPoints(data.points);
  }

  #readPoints(table) {
    const columns = {};
    for (const [name, read] of Object.entries(COLUMNS)) columns[name] = read(table, name);
    const old = this.#columns;
    if (old && Object.keys(columns).every((name) => sameBits(old[name], columns[name]))) return;
    this.cloud = createCloud(columns);
    this.#columns = columns;
  }

  #readDecoder(spec, weights) {
    const text = JSON.stringify(spec);
    if (this.#spec === text && sameBits(this.#weights, weights)) return;
    this.decoder = createDecoder(spec, weights);
    this.#spec = text;
    this.#weights = weights;
  }
}
