// The dial: a log-scale slider for β with its figures, its curve, and a key that plays it.

import { createCurve } from "./curve.js";
import { figuresAt, following } from "../cloud/knots.js";
import { cycle } from "./playback.js";
import { prefersReducedMotion } from "../canvas/dom.js";
import { createReadout, sentence, short } from "./readout.js";

const STEPS_PER_DECADE = 20;
const SLIDER_STEPS = {
  ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 5, PageDown: -5,
};
const DIGITS = 3;
const EDGE = 1e-6; // that a rounded β may lie beyond an end of the dial, as a share of it

/** β rounded to three digits, so that it reads well in the URL, and within the range. */
export function tidy(beta, [low, high]) {
  return Math.min(Math.max(Number(beta.toPrecision(DIGITS)), low), high);
}

/** The next β after `count` of twenty steps a decade; the steps meet the powers of ten. */
export function stepped(beta, count) {
  const at = Math.log10(beta) * STEPS_PER_DECADE;
  const start = count > 0 ? Math.floor(at + 0.2) : Math.ceil(at - 0.2);
  return 10 ** ((start + count) / STEPS_PER_DECADE);
}

const APART = 0.2; // decades between a mark at an end and the power of ten beside it

/** Where the scale is marked: at the powers of ten and the ends, or at the models of a sweep. */
export function scaleMarks({ beta, names }) {
  const [low, high] = [beta[0], beta.at(-1)];
  if (names) return beta;
  const tens = [];
  for (let e = Math.ceil(Math.log10(low) - 1e-6); 10 ** e <= high * (1 + 1e-6); e++) tens.push(Number(`1e${e}`));
  const ends = [low, high].filter((end) => tens.every((ten) => Math.abs(Math.log10(end / ten)) > APART));
  return [...tens, ...ends].sort((a, b) => a - b);
}

export class Dial {
  beta = null;
  knots = null;
  problem = ""; // why the β that the URL asks for isn't shown
  #actions;
  #held = null;
  #usual = 1; // the β that the model has by itself
  #playedFrom = null; // while it plays: the β it comes back to
  #frame = 0;

  /** `actions`: turn() at every step, keep(beta) at those that are the user's. */
  constructor(root, actions, signal) {
    const find = (name) => root.querySelector(name);
    this.#actions = actions;
    this.root = find(".dial");
    this.input = find(".dial input");
    this.value = find(".dial .beta");
    this.button = find(".dial .play");
    this.marks = find(".dial .scale");
    this.canvas = find(".dial .curve");
    this.curve = createCurve(this.canvas);
    this.readout = createReadout(find(".dial .readout"), find(".dial .measured"));
    this.input.addEventListener("input", () => this.#turn(Math.exp(this.input.valueAsNumber)), { signal });
    this.input.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.button.addEventListener("click", () => this.togglePlay(), { signal });
    this.#listenToHolding(this.input, signal);
    this.#listenToHolding(this.canvas, signal);
    this.canvas.addEventListener("pointermove", (event) => this.#drag(event), { signal });
    this.canvas.addEventListener("pointerdown", (event) => this.#drag(event), { signal });
  }

  destroy() { cancelAnimationFrame(this.#frame); }

  /** Whether it moves, or is about to be moved. */
  get busy() { return Boolean(this.#playedFrom || this.#held); }

  get range() { return [this.knots.beta[0], this.knots.beta.at(-1)]; }

  /**
   * Takes the knots, or none: then there is no dial. It stands at `beta`, or at `usual` where that is
   * null or out of reach; while the knots are the same, it stays where it is.
   */
  read(knots, usual, beta) {
    const other = JSON.stringify(knots) !== JSON.stringify(this.knots);
    this.root.hidden = !knots;
    if (!knots || other) this.#comeBack();
    this.knots = knots;
    this.#usual = usual;
    this.#explain(beta);
    if (!knots) {
      this.beta = null;
      return;
    }
    if (!other) return;
    const [low, high] = this.range;
    this.beta = this.#reached(beta);
    this.input.min = Math.log(low);
    this.input.max = Math.log(high);
    this.marks.replaceChildren(...scaleMarks(knots).map((each) => {
      const mark = document.createElement("span");
      mark.textContent = short(each);
      mark.style.setProperty("--at", Math.log(each / low) / Math.log(high / low));
      return mark;
    }));
  }

  /** What is known at the β where the dial stands. */
  get figures() { return figuresAt(this.knots, this.beta); }

  /** Writes β and what is known there. */
  show(figures, theme) {
    const text = `β = ${short(this.beta)}`;
    if (this.value.textContent !== text) this.value.textContent = text;
    if (this.#held !== this.input) this.input.value = Math.log(this.beta);
    this.input.ariaValueText = sentence(this.beta, figures);
    this.readout.show(figures);
    this.curve.show(this.knots, figures, theme);
  }

  /** Stands where the state has it now. */
  goTo(beta) {
    this.#explain(beta);
    if (!this.knots || this.#reached(beta) === this.beta) return;
    this.#end();
    this.beta = this.#reached(beta);
    this.#actions.turn();
  }

  #reached(beta) {
    const [low, high] = this.range;
    const inside = beta >= low * (1 - EDGE) && beta <= high * (1 + EDGE);
    return Math.min(Math.max(beta && inside ? beta : this.#usual, low), high);
  }

  #explain(beta) {
    this.problem = "";
    if (!beta) return;
    if (!this.knots && beta !== this.#usual) {
      this.problem = `The URL asks for beta = ${short(beta)}, but this model is shown at β = `
        + `${short(this.#usual)}: choose a β-conditioned model, or a sweep, to turn β.`;
    } else if (this.knots && Math.abs(Math.log(this.#reached(beta) / beta)) > 2 * EDGE) {
      const [low, high] = this.range.map(short);
      this.problem = `The URL asks for beta = ${short(beta)}: β = ${short(this.#reached(beta))} is `
        + `shown, as this model's dial goes from ${low} to ${high}.`;
    }
  }

  turnBy(count) {
    if (!this.knots) return false;
    this.#turn(stepped(this.beta, count));
    return true;
  }

  /** Plays one cycle, or stops it; where motion is unwelcome, goes to the next knot instead. */
  togglePlay() {
    if (!this.knots) return false;
    if (this.#playedFrom) this.#turn(this.beta);
    else if (prefersReducedMotion()) this.#turn(following(this.knots.beta, this.beta));
    else this.#begin();
    return true;
  }

  /** Ends the playing where it is. */
  settle() {
    if (this.knots && this.#playedFrom) this.#turn(this.beta);
  }

  #begin() {
    const [low, high] = this.range.map(Math.log);
    const at = cycle(low, high, Math.log(this.beta), performance.now());
    const frame = (now) => {
      const log = at(now);
      if (log === null) this.#comeBack();
      else {
        this.#frame = requestAnimationFrame(frame);
        this.beta = Math.exp(log);
      }
      this.#actions.turn();
    };
    this.#playedFrom = this.beta;
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

  #mark(playing) {
    this.root.classList.toggle("playing", playing);
    this.button.ariaLabel = playing ? "Pause" : "Play β through its range";
  }

  #turn(beta) {
    this.#end();
    this.beta = tidy(beta, this.range);
    this.#actions.turn();
    this.#actions.keep(this.beta);
  }

  /** The slider's keys, in steps that meet the powers of ten. */
  #key(event) {
    const [low, high] = this.range;
    if (Object.hasOwn(SLIDER_STEPS, event.key)) this.turnBy(SLIDER_STEPS[event.key]);
    else if (event.key === "Home" || event.key === "End") this.#turn(event.key === "End" ? high : low);
    else return;
    event.preventDefault();
  }

  #listenToHolding(element, signal) {
    const free = () => {
      if (this.#held) this.#actions.turn();
      this.#held = null;
    };
    element.addEventListener("pointerdown", () => { this.#held = element; }, { signal });
    for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) {
      element.addEventListener(type, free, { signal });
    }
  }

  #drag(event) {
    if (event.type === "pointerdown") this.canvas.setPointerCapture(event.pointerId);
    else if (!this.#held) return;
    const box = this.canvas.getBoundingClientRect();
    const beta = this.curve.betaAt([event.clientX - box.left, event.clientY - box.top]);
    if (beta) this.#turn(beta);
  }
}
