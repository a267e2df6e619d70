// The test images and the decoder as they are at one β, and the points on their way there.

/** @import { Decoder, PlaneData } from "../context.js" */
/** @import { Aggregate } from "./aggregate.js" */
/** @import { Cloud } from "./cloud.js" */
/** @import { Columns, Sweep } from "./sweep.js" */
/** @import { Reals, Table } from "../payload/columns.js" */

import { createAggregate } from "./aggregate.js";
import { createCloud } from "./cloud.js";
import { prefersReducedMotion } from "../../shared/dom.js";
import { between, createSweep } from "./sweep.js";
import { floats, integers, reals, realsIfAny, sameBits, widen } from "../payload/columns.js";
import { createDecoder, createEnsemble } from "../nn/coders.js";

const TWEEN_MS = 700;

/** Whether the second cloud holds the same points as the first, moved; and motion is welcome.
 * @type {(from: Cloud | null, to: Cloud) => from is Cloud} */
function canTween(from, to) {
  return from !== null && from !== to && from.x.length === to.x.length
    && from.names.length === to.names.length
    && !prefersReducedMotion();
}

/** A function of the time: the cloud between the two, and `to` itself once it has arrived.
 * @type {(from: Cloud, to: Cloud, start: number) => (now: number) => Cloud} */
export function createTween(from, to, start) {
  const x = new Float32Array(to.x.length);
  const y = new Float32Array(to.x.length);
  return (now) => {
    const progress = Math.min(Math.max((now - start) / TWEEN_MS, 0), 1);
    if (progress === 1) return to;
    const share = progress * progress * (3 - 2 * progress);
    /** @type {(a: number, b: number) => number} */
    const mix = (a, b) => a + (b - a) * share;
    for (let i = 0; i < x.length; i++) {
      x[i] = mix(from.x[i], to.x[i]);
      y[i] = mix(from.y[i], to.y[i]);
    }
    const names = to.names.map((name, k) => ({
      ...name, x: mix(from.names[k].x, name.x), y: mix(from.names[k].y, name.y),
    }));
    return { ...to, x, y, bounds: between(from.bounds, to.bounds, share), names };
  };
}

/** Of one plane. */
export class Embedding {
  /** @type {Aggregate | null} q(z) in the dimensions shown; null where codes are points */
  aggregate = null;
  #intake = new Intake();
  /** @type {Cloud | null} as the codes lie by themselves */ #own = null;
  /** @type {Cloud | null} as they lie at rest, perhaps on another map */ #cloud = null;
  /** @type {Cloud | null} as they are drawn while they move */ #moving = null;
  /** @type {((now: number) => Cloud) | null} */ #tween = null;
  /** @type {{x: Float32Array, y: Float32Array} | null} */ #layout = null;

  /** The points as they are drawn now. */
  get cloud() { return this.#moving ?? this.#cloud; }
  get decoder() { return this.#intake.decoder; }
  get moves() { return this.#tween !== null; }

  /** The points at some β, in arrays of their own. @param {number | null} beta */
  pointsAt(beta) { return this.#intake.sweep.at(beta ?? 1, true); }

  /** Takes what Python sent; the same points move to their new places, unless all is new.
   * @param {PlaneData} data @param {number | null} beta @param {boolean} anew */
  read(data, beta, anew) {
    const [known, drawn] = [this.#intake.sweep, this.cloud];
    this.#intake.read(data);
    this.#place(beta, data.view.dims);
    if (known !== this.#intake.sweep) this.#setOut(anew ? null : drawn);
  }

  /** @param {number | null} beta @param {number[]} dims */
  turn(beta, dims) {
    this.#place(beta, dims);
    this.#setOut(null);
  }

  /** The points lie at x and y instead, or again where they lie by themselves (null).
   * @param {{x: Float32Array, y: Float32Array} | null} layout */
  arrange(layout) {
    this.#layout = layout;
    if (this.#own) this.#cloud = this.#arranged(this.#own);
    this.#setOut(null);
  }

  /** Moves the points on; returns whether there is anything new to draw. */
  advance() {
    if (!this.#tween) return false;
    const cloud = this.#tween(performance.now());
    this.#moving = cloud === this.#cloud ? null : cloud;
    if (!this.#moving) this.#tween = null;
    return true;
  }

  /** @param {Cloud | null} from */
  #setOut(from) {
    const to = this.#cloud;
    this.#moving = null;
    this.#tween = null;
    if (!to || !canTween(from, to)) return;
    this.#tween = createTween(from, to, performance.now());
    this.#moving = from;
  }

  /** @param {number | null} beta @param {number[]} dims */
  #place(beta, dims) {
    if (beta) this.decoder.setBeta(beta);
    const own = this.#intake.sweep.at(beta ?? 1);
    if (this.#layout?.x.length !== own.x.length) this.#layout = null;
    [this.#own, this.#cloud] = [own, this.#arranged(own)];
    this.aggregate = createAggregate(this.#cloud, dims.length < 2);
  }

  /** Posteriors have no shape on another map, so the points alone are moved.
   * @param {Cloud} cloud */
  #arranged(cloud) {
    const { label, values, groups, rangeOf } = cloud;
    if (!this.#layout) return cloud;
    const moved = { ...values, ...this.#layout, label, spread: null };
    return createCloud(moved, { groups, rangeOf });
  }
}

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
