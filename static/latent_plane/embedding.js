// The test images and the decoder as they are at one β, and the points on their way there.

import { createAggregate } from "./aggregate.js";
import { Intake } from "./intake.js";
import { Motion } from "./tween.js";

export class Embedding {
  /** q(z) in the dimensions shown; null where codes are points. */
  aggregate = null;
  #intake = new Intake();
  #motion = new Motion();
  #cloud = null;

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

  /** Moves the points on; returns whether there is anything new to draw. */
  advance() { return this.#motion.advance(this.#cloud); }

  #place(beta, dims) {
    if (beta) this.decoder.setBeta(beta);
    this.#cloud = this.#intake.sweep.at(beta ?? 1);
    this.aggregate = this.#cloud.spread && createAggregate(this.#cloud, dims.length < 2);
  }
}
