// What Python has sent beside the plane's data, opened: images, an encoder, an exact posterior.

import { createCodes } from "../cloud/codes.js";
import { floats, reals } from "./columns.js";
import { createEncoder } from "../nn/encoder.js";
import { widen } from "./halves.js";
import { unpackImages } from "../cloud/images.js";
import { letter, subscribe } from "./mailbox.js";

export class Letters {
  /** The test images as they are (`images`) and as the model sees them, binarised (`seen`). */
  images = null;
  seen = null;
  /** How many are being opened. */
  opening = 0;
  #box = "";
  #encoder = null;
  #codes = null;
  #opened = new Map();

  /** `arrived(slot)` is called when there is something new. */
  constructor(arrived, onError, signal) {
    this.arrived = arrived;
    this.onError = onError;
    subscribe((name) => name.startsWith(`${this.#box}:`) && this.#open(name), signal);
  }

  /** `box`: the name of the plane, by which Python addresses it. */
  read(box) {
    this.#box = box;
    for (const slot of ["images", "seen", "encoder", "truth", "codes", "heard"]) this.#open(`${box}:${slot}`);
  }

  /** The serial of the plane's last report that Python's script has run with to its end. */
  get heard() { return letter(`${this.#box}:heard`)?.serial; }

  /** The encoder of `run` at β, or null where it hasn't arrived. */
  encoder(run, beta) {
    if (this.#encoder?.run !== run) return null;
    if (beta) this.#encoder.network.setBeta(beta);
    return this.#encoder;
  }

  /** The means in every dimension of `model`, or null where they haven't arrived. */
  codes(model) { return this.#codes?.model === model ? this.#codes.codes : null; }

  /** The exact posterior of test image `index` under `run` at β, or null. */
  truth(run, beta, index) {
    const found = letter(`${this.#box}:truth`);
    const same = found && found.run === run && found.index === index
      && (!beta || Math.abs(Math.log(found.beta / beta)) < 1e-4);
    return same ? { ...found, density: floats(found.density, "density") } : null;
  }

  async #open(name) {
    const found = letter(name);
    if (!found || this.#opened.get(name) === found) return;
    this.#opened.set(name, found);
    const slot = name.slice(this.#box.length + 1);
    this.opening += 1;
    try {
      if (slot === "images") this.images = await unpackImages(bytes(found.packed), found);
      if (slot === "seen") this.seen = await unpackImages(bytes(found.packed), found);
      if (slot === "encoder") this.#encoder = openEncoder(found);
      if (slot === "codes") this.#codes = openCodes(found);
    } catch (error) {
      this.onError(error);
    }
    this.opening -= 1;
    this.arrived(slot);
  }
}

function openEncoder({ run, spec, weights, turn }) {
  return { run, turn: turn ?? null, network: createEncoder(spec, floats(weights, "w")) };
}

function openCodes({ model, mu, beta, latent_dim: latentDim }) {
  return { model, codes: createCodes(widen(reals(mu, "mu")), beta, latentDim) };
}

function bytes(table) {
  return Uint8Array.from(table.getChild("bytes").toArray());
}
