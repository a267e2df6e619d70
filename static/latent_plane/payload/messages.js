// What Python has sent beside the plane's data, opened: images, an encoder, an exact posterior;
// and what it is told of a plane at rest.

/** @import { Images } from "../canvas/picture.js" */
/** @import { Codes } from "../cloud/sweep.js" */
/** @import { ModelEncoder, Shape, TruePosterior } from "../context.js" */
/** @import { Message } from "./mailbox.js" */
/** @import { Selected } from "../tools/find/selection.js" */
/** @import { Texts } from "../state.js" */

import { createCodes } from "../cloud/sweep.js";
import { floats, reals, widen } from "./columns.js";
import { createEncoder } from "../nn/coders.js";
import { unpackImages } from "../canvas/picture.js";
import { messageAt, subscribe } from "./mailbox.js";

const SLOTS = ["images", "seen", "encoder", "truth", "codes", "heard"];

export class Messages {
  /** @type {Images | null} the test images */ images = null;
  /** @type {Images | null} the test images as the model sees them, binarised */ seen = null;
  /** How many are being opened. */
  opening = 0;
  #box = "";
  /** @type {ModelEncoder | null} */ #encoder = null;
  /** @type {{model: string, codes: Codes} | null} */ #codes = null;
  /** @type {Map<string, Message>} */ #opened = new Map();

  /** @param {(slot: string) => void} arrived called when there is something new
   * @param {(error: unknown) => void} onError @param {AbortSignal} signal */
  constructor(arrived, onError, signal) {
    this.arrived = arrived;
    this.onError = onError;
    subscribe((name) => name.startsWith(`${this.#box}:`) && this.#open(name), signal);
  }

  /** @param {string} box the name of the plane, by which Python addresses it */
  read(box) {
    this.#box = box;
    for (const slot of SLOTS) this.#open(`${box}:${slot}`);
  }

  /** The encoder of `run` at β, or null where it hasn't arrived.
   * @param {string} run @param {number | null} beta */
  encoder(run, beta) {
    if (this.#encoder?.run !== run) return null;
    if (beta) this.#encoder.network.setBeta(beta);
    return this.#encoder;
  }

  /** The serial of the plane's last report that Python's script has run with, to its end. */
  get heard() { return messageAt(`${this.#box}:heard`)?.serial; }

  /** The means in every dimension, or null where they haven't arrived. @param {string} model */
  codes(model) { return this.#codes?.model === model ? this.#codes.codes : null; }

  /** The exact posterior of test image `index` under `run` at β, or null.
   * @param {string} run @param {number | null} beta @param {number | null} index
   * @returns {TruePosterior | null} */
  truth(run, beta, index) {
    const found = messageAt(`${this.#box}:truth`);
    const same = found && found.run === run && found.index === index
      && (!beta || Math.abs(Math.log(found.beta / beta)) < 1e-4);
    if (!same) return null;
    const { size, low, high } = found;
    const density = floats(found.density, "density");
    return { index: found.index, beta: found.beta, run, size, low, high, density };
  }

  /** @param {string} name */
  async #open(name) {
    const found = messageAt(name);
    if (!found || this.#opened.get(name) === found) return;
    this.#opened.set(name, found);
    const slot = name.slice(this.#box.length + 1);
    this.opening += 1;
    try {
      if (slot === "images") this.images = await unpackImages(bytes(found.packed), shapeOf(found));
      if (slot === "seen") this.seen = await unpackImages(bytes(found.packed), shapeOf(found));
      if (slot === "encoder") this.#encoder = openEncoder(found);
      if (slot === "codes") this.#codes = openCodes(found);
    } catch (error) {
      this.onError(error);
    }
    this.opening -= 1;
    this.arrived(slot);
  }
}

/** @type {(message: Message) => ModelEncoder} */
function openEncoder({ run, spec, weights, turn }) {
  return { run, turn: turn ?? null, network: createEncoder(spec, floats(weights, "w")) };
}

/** @type {(message: Message) => {model: string, codes: Codes}} */
function openCodes({ model, mu, beta, latent_dim: latentDim }) {
  return { model, codes: createCodes(widen(reals(mu, "mu")), beta, latentDim) };
}

/** @type {(table: any) => Uint8Array<ArrayBuffer>} */
function bytes(table) { return Uint8Array.from(table.getChild("bytes").toArray()); }

/** @type {(message: Message) => Shape} */
function shapeOf({ channels, height, width }) { return { channels, height, width }; }

/** @typedef {(name: string, value: unknown) => void} Send Streamlit's: it runs the script again */

let sent = 0; // reports in this document; until the first one Python knows the URL's query alone

export class Report {
  /** @type {Send | undefined} none on a saved page, where nobody listens */ #send;
  #known = ""; // to Python
  #serial = 0; // of the report that it knows this by

  /** @param {Send | undefined} send */
  connect(send) { this.#send = send; }

  /** What Python makes of the URL's query. @param {Texts} settings */
  begin(settings) {
    this.#known = sent ? "" : JSON.stringify({ settings, selected: null, needs: [] });
  }

  /** Tells Python this, if it knows another.
   * @param {Texts} settings @param {Selected | null} selected
   * @param {string[]} needs the messages that the open tool waits for */
  tell(settings, selected, needs) {
    const text = JSON.stringify({ settings, selected, needs });
    if (!this.#send || text === this.#known) return;
    this.#known = text;
    this.#serial = sent += 1;
    this.#send("state", { settings, selected, needs, serial: this.#serial });
  }

  /** Whether the script has run with it to its end. @param {number} [serial] answered last */
  isAnswered(serial) { return !this.#send || serial === this.#serial; }
}
