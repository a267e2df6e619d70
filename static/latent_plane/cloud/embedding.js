// The test images and the decoder as they are at one β, and the points on their way there.

import { createAggregate } from "./aggregate.js";
import { createCloud } from "./cloud.js";
import { Intake } from "../payload/intake.js";
import { Motion } from "./tween.js";

export class Embedding {
  /** q(z) in the dimensions shown; null where codes are points. */
  aggregate = null;
  #intake = new Intake();
  #motion = new Motion();
  #cloud = null;
  #own = null;
  #layout = null;

  /** The points as they are drawn now. */
  get cloud() { return this.#motion.cloud ?? this.#cloud; }
  get decoder() { return this.#intake.decoder; }

  /** The points at some β, in arrays of their own. */
  pointsAt(beta) { return this.#intake.sweep.at(beta ?? 1, true); }

  /** Takes what Python sent; the same points move to their new places, unless all is new. */
  read(data, beta, anew) {
    const [known, drawn] = [this.#intake.sweep, this.cloud];
    this.#intake.read(data);
    this.#place(beta, data.view.dims);
    if (known !== this.#intake.sweep) this.#motion.setOut(anew ? null : drawn, this.#cloud);
  }

  turn(beta, dims) {
    this.#place(beta, dims);
    this.#motion.setOut(null, this.#cloud);
  }

  /** The points lie at x and y instead, or again where they lie by themselves (null). */
  arrange(x, y) {
    this.#layout = x && { x, y };
    this.#cloud = this.#arranged(this.#own);
    this.#motion.setOut(null, this.#cloud);
  }

  /** Moves the points on; returns whether there is anything new to draw. */
  advance() { return this.#motion.advance(this.#cloud); }

  #place(beta, dims) {
    if (beta) this.decoder.setBeta(beta);
    this.#own = this.#intake.sweep.at(beta ?? 1);
    if (this.#layout?.x.length !== this.#own.x.length) this.#layout = null;
    this.#cloud = this.#arranged(this.#own);
    this.aggregate = this.#cloud.spread && createAggregate(this.#cloud, dims.length < 2);
  }

  /** Posteriors have no shape on another map, so the points alone are moved. */
  #arranged(cloud) {
    return this.#layout ? createCloud({ ...cloud.values, ...this.#layout, label: cloud.label }, {
      groups: cloud.groups, rangeOf: cloud.rangeOf,
    }) : cloud;
  }
}
