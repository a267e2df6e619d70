// The dial: a log-scale slider for β with its figures, its curve, and a key that plays it.

/** @import { DialLine } from "../rd_plane/scene.js" */
/** @import { Theme } from "../shared/palette.js" */
/** @import { Figures, Knots } from "./cloud/sweep.js" */
/**
 * @typedef {object} Actions
 * @property {() => void} turn β is another one, at every step
 * @property {(beta: number) => void} keep it is the user's
 */

import { createCompactPlane } from "../rd_plane/compact.js";
import { element, find, listenToSteps, prefersReducedMotion, write } from "../shared/dom.js";
import { figuresAt, following } from "./cloud/sweep.js";
import { number } from "../shared/ticks.js";

const STEPS_PER_DECADE = 20;
const PAGE = 5; // steps
const DIGITS = 3;
const BETWEEN = 6; // places on the drawn curve from knot to knot
const EDGE = 1e-6; // that a rounded β may lie beyond an end of the dial, as a share of it
const APART = 0.2; // decades between a mark at an end and the power of ten beside it

/** β rounded to three digits, so that it reads well in the URL, and within the range.
 * @type {(beta: number, range: number[]) => number} */
export function tidy(beta, [low, high]) {
  return Math.min(Math.max(Number(beta.toPrecision(DIGITS)), low), high);
}

/** The next β after `count` of twenty steps a decade; the steps meet the powers of ten.
 * @type {(beta: number, count: number) => number} */
export function stepped(beta, count) {
  const at = Math.log10(beta) * STEPS_PER_DECADE;
  const start = count > 0 ? Math.floor(at + 0.2) : Math.ceil(at - 0.2);
  return 10 ** ((start + count) / STEPS_PER_DECADE);
}

/** Where the scale is marked: at the powers of ten and the ends, or at the models of a sweep.
 * @type {(knots: Pick<Knots, "beta" | "names">) => number[]} */
export function scaleMarks({ beta, names }) {
  if (names) return beta;
  const [low, high] = rangeOf(beta);
  /** @type {number[]} */ const tens = [];
  for (let e = Math.ceil(Math.log10(low) - 1e-6); 10 ** e <= high * (1 + 1e-6); e++) {
    tens.push(Number(`1e${e}`));
  }
  const ends = [low, high].filter((end) => (
    tens.every((ten) => Math.abs(Math.log10(end / ten)) > APART)));
  return [...tens, ...ends].sort((a, b) => a - b);
}

/** @param {number[]} betas rising */
function rangeOf(betas) { return [betas[0], betas[betas.length - 1]]; }

/** The curve between its knots too; of models trained apart, the knots alone, as dots.
 * @param {Knots} knots */
export function lineOf(knots) {
  if (knots.names) return { ...knots, dots: true };
  const beta = knots.beta.slice(1).flatMap((high, k) => Array.from({ length: BETWEEN }, (_, j) =>
    knots.beta[k] * (high / knots.beta[k]) ** (j / BETWEEN)));
  const figures = [...beta, knots.beta[knots.beta.length - 1]]
    .map((each) => figuresAt(knots, each));
  return {
    beta: figures.map((each) => each.beta),
    rate: figures.map((each) => each.rate),
    distortion: figures.map((each) => each.distortion),
  };
}

export class Dial {
  /** @type {number | null} where it stands; null where there is none */ beta = null;
  /** @type {Knots | null} */ knots = null;
  problem = ""; // why the β that the URL asks for isn't shown
  #actions;
  /** @type {HTMLElement | null} */ #held = null;
  #usual = 1; // the β that the model has by itself
  /** @type {number | null} while it plays: the β it comes back to */ #playedFrom = null;
  #frame = 0;
  /** @type {DialLine | null} the curve as it is drawn */ line = null;

  /** @param {HTMLElement} root @param {Actions} actions @param {AbortSignal} signal */
  constructor(root, actions, signal) {
    this.#actions = actions;
    this.root = find(root, ".dial");
    this.input = /** @type {HTMLInputElement} */ (find(root, ".dial input"));
    this.value = find(root, ".dial .beta");
    this.button = find(root, ".dial .play");
    this.marks = find(root, ".dial .scale");
    this.curve = createCompactPlane(find(root, ".dial .curve"), (beta) => this.#turn(beta), signal);
    this.readout = createReadout(find(root, ".dial .readout"), find(root, ".dial .measured"));
    this.input.addEventListener("input",
      () => this.#turn(Math.exp(this.input.valueAsNumber)), { signal });
    for (const slider of [this.input, this.curve.ring]) {
      listenToSteps(slider, PAGE, (steps) => this.turnBy(steps), signal);
    }
    this.button.addEventListener("click", () => this.togglePlay(), { signal });
    this.#listenToHolding(this.input, signal);
    this.#listenToHolding(find(root, ".dial .curve"), signal);
  }

  destroy() { cancelAnimationFrame(this.#frame); }

  /** Whether it moves, or is held. */
  get busy() { return Boolean(this.#playedFrom || this.#held); }

  /** Takes the knots, or none: then there is no dial. It stands at `beta`, or at `usual` where that
   * is null or out of reach; while the knots are the same, it stays where it is.
   * @param {Knots | null} knots @param {number} usual @param {number | null} beta */
  read(knots, usual, beta) {
    const other = JSON.stringify(knots) !== JSON.stringify(this.knots);
    if (other) this.#comeBack();
    this.root.hidden = !knots;
    this.knots = knots;
    this.#usual = usual;
    this.#explain(beta);
    if (!other) return;
    this.line = knots && lineOf(knots);
    this.beta = this.#reached(beta);
    if (knots) this.#scale(knots);
  }

  /** @param {Knots} knots */
  #scale(knots) {
    const [low, high] = rangeOf(knots.beta);
    this.input.min = String(Math.log(low));
    this.input.max = String(Math.log(high));
    this.marks.replaceChildren(...scaleMarks(knots).map((each) => {
      const mark = document.createElement("span");
      mark.textContent = short(each);
      mark.style.setProperty("--at", String(Math.log(each / low) / Math.log(high / low)));
      return mark;
    }));
  }

  /** What is known at the β where the dial stands; null without one. */
  get figures() { return this.knots && this.beta ? figuresAt(this.knots, this.beta) : null; }

  /** Writes β and what is known there. @param {Figures} figures @param {Theme} theme */
  show(figures, theme) {
    if (!this.beta) return;
    write(this.value, `β = ${short(this.beta)}`);
    if (this.#held !== this.input) this.input.value = String(Math.log(this.beta));
    this.input.ariaValueText = sentence(this.beta, figures);
    this.readout.show(figures);
    if (this.line) this.curve.show(this.line, figures, this.input.ariaValueText, theme);
  }

  /** Stands where the state has it now. @param {number | null} beta */
  goTo(beta) {
    this.#explain(beta);
    if (this.#reached(beta) === this.beta) return;
    this.#end();
    this.beta = this.#reached(beta);
    this.#actions.turn();
  }

  /** Where it stands for the state's β; null without a dial. @param {number | null} beta */
  #reached(beta) {
    if (!this.knots) return null;
    const [low, high] = rangeOf(this.knots.beta);
    const isInside = beta !== null && beta >= low * (1 - EDGE) && beta <= high * (1 + EDGE);
    return Math.min(Math.max(isInside ? beta : this.#usual, low), high);
  }

  /** @param {number | null} beta */
  #explain(beta) {
    this.problem = "";
    const shown = this.#reached(beta) ?? this.#usual;
    if (beta === null || Math.abs(Math.log(shown / beta)) < 2 * EDGE) return;
    const asked = `The URL asks for beta = ${beta}: `;
    if (this.knots) {
      const [low, high] = rangeOf(this.knots.beta).map(short);
      this.problem = `${asked}β = ${short(shown)} is shown, as this model's dial goes from ${low} `
        + `to ${high}.`;
    } else {
      this.problem = `${asked}this model is shown at β = ${short(shown)}; choose a β-conditioned `
        + "model, or a sweep, to change β.";
    }
  }

  /** By so many steps; false without a dial. @param {number} count */
  turnBy(count) {
    if (!this.beta) return false;
    this.#turn(stepped(this.beta, count));
    return true;
  }

  /** Plays one cycle, or stops it; where motion is unwelcome, goes to the next knot instead. */
  togglePlay() {
    if (!this.knots || !this.beta) return false;
    if (this.#playedFrom) this.#turn(this.beta);
    else if (prefersReducedMotion()) this.#turn(following(this.knots.beta, this.beta));
    else this.#begin(this.knots, this.beta);
    return true;
  }

  /** Ends the playing where it is. */
  settle() {
    if (this.beta && this.#playedFrom) this.#turn(this.beta);
  }

  /** @param {Knots} knots @param {number} from */
  #begin(knots, from) {
    const [low, high] = rangeOf(knots.beta).map(Math.log);
    const at = cycle(low, high, Math.log(from), performance.now());
    const frame = (/** @type {number} */ now) => {
      const log = at(now);
      if (log === null) this.#comeBack();
      else {
        this.#frame = requestAnimationFrame(frame);
        this.beta = Math.exp(log);
      }
      this.#actions.turn();
    };
    this.#playedFrom = from;
    this.#mark(true);
    this.#frame = requestAnimationFrame(frame);
  }

  /** Ends the playing as if it had come to its end. */
  #comeBack() {
    this.beta = this.#playedFrom ?? this.beta;
    this.#end();
  }

  #end() {
    cancelAnimationFrame(this.#frame);
    this.#playedFrom = null;
    this.#mark(false);
  }

  /** @param {boolean} playing */
  #mark(playing) {
    this.root.classList.toggle("playing", playing);
    this.button.ariaLabel = playing ? "Pause" : "Play β through its range";
  }

  /** @param {number} beta */
  #turn(beta) {
    if (!this.knots) return;
    this.#end();
    this.beta = tidy(beta, rangeOf(this.knots.beta));
    this.#actions.turn();
    this.#actions.keep(this.beta);
  }

  /** @param {HTMLElement} element @param {AbortSignal} signal */
  #listenToHolding(element, signal) {
    const free = () => {
      if (this.#held) this.#actions.turn();
      this.#held = null;
    };
    const early = { signal, capture: true }; // before what turns β
    element.addEventListener("pointerdown", () => { this.#held = element; }, early);
    for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) {
      element.addEventListener(type, free, early);
    }
  }
}

const PERIOD_MS = 6000;

/** A function of the time: log β along one cycle that begins and ends at `from`, null after it.
 * @type {(low: number, high: number, from: number, start: number)
 *   => (now: number) => number | null} */
export function cycle(low, high, from, start) {
  const [middle, half] = [(low + high) / 2, (high - low) / 2];
  const phase = Math.acos(Math.min(Math.max((middle - from) / half, -1), 1));
  return (now) => {
    const share = (now - start) / PERIOD_MS;
    return share >= 1 ? null : middle - half * Math.cos(phase + 2 * Math.PI * Math.max(share, 0));
  };
}

/** Name, term, meaning and text of each.
 * @type {[string, string, string, (figures: Figures) => string][]} */
const ROWS = [
  ["distortion", "Distortion", "D: what is lost, nats", (f) => number(f.distortion, 1)],
  ["rate", "Rate", "R: what the code carries, nats", (f) => number(f.rate, 1)],
  ["elbo", "ELBO", "−(D + R), nats", (f) => number(f.elbo, 1)],
  ["active", "Active units", "Dimensions whose mean depends on the data; the others are inactive",
    (f) => `${f.active} of ${f.of}`],
  ["slope", "Slope", "−β: where J = D + βR is minimal, the curve of D over R has this slope",
    (f) => short(f.slope)],
];

/** Three significant digits, no trailing zeros, a true minus sign.
 * @type {(value: number) => string} */
export function short(value) {
  return String(Number(value.toPrecision(3))).replace("-", "−");
}

/** "β = 1.3, ELBO −131.9, 2 of 2 units active"
 * @type {(beta: number, figures: Figures) => string} */
export function sentence(beta, figures) {
  const where = figures.name ? `, model trained at β = ${short(figures.beta)}` : "";
  return `β = ${short(beta)}${where}, ELBO ${number(figures.elbo, 1)}, `
    + `${figures.active} of ${figures.of} units active`;
}

/** @param {HTMLElement} root @param {HTMLElement} note which model the figures are of */
export function createReadout(root, note) {
  const cells = ROWS.map(([name, term, title, textOf]) => {
    const cell = element("dd", { "data-figure": name });
    root.append(element("div", { title }, element("dt", {}, term), cell));
    return { cell, textOf };
  });

  /** @param {Figures} figures */
  function show(figures) {
    for (const { cell, textOf } of cells) write(cell, textOf(figures));
    note.hidden = !figures.name;
    if (figures.name) write(note, `Figures and decoder: ${figures.name}`);
  }

  return { show };
}
