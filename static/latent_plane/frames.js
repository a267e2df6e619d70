// What is drawn anew in the next frame, and whether the plane has come to rest: it says so on the
// page (data-settled), for whoever waits for it.

/** @import { Part } from "./context.js" */
/** @typedef {Part | "turn"} Task a part of the picture, or what comes before all: another β */

export class Frames {
  /** @type {Set<Task>} */ #tasks = new Set();
  #frame = 0;

  /** @param {HTMLElement} root @param {() => void} draw one frame
   * @param {() => Record<string, unknown>} pending by name, what moves or is still to come; a frame
   *   is requested when it ends */
  constructor(root, draw, pending) {
    this.root = root;
    this.draw = draw;
    this.pending = pending;
  }

  /** @param {Task[]} tasks for the next frame */
  request(...tasks) {
    this.add(...tasks);
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.draw();
      this.#announce();
    });
    this.root.dataset.settled = "false";
  }

  /** @param {Task[]} tasks for the frame that is being drawn */
  add(...tasks) { for (const task of tasks) this.#tasks.add(task); }

  /** Whether a task waits, which it does no longer then. @param {Task} task */
  take(task) { return this.#tasks.delete(task); }

  /** All that wait, which do no longer then. */
  takeAll() {
    const tasks = this.#tasks;
    this.#tasks = new Set();
    return tasks;
  }

  stop() { cancelAnimationFrame(this.#frame); }

  #announce() {
    const pending = Object.entries({ frame: this.#frame, ...this.pending() })
      .flatMap(([name, is]) => (is ? [name] : []));
    this.root.dataset.pending = pending.join(" ");
    this.root.dataset.settled = String(!pending.length);
  }
}

const REST_MS = 250;

export class Rest {
  reached = false;
  #timer = 0;

  /** Begins anew; `then()` is called once it is reached. @param {() => void} then */
  await(then) {
    this.end();
    this.#timer = setTimeout(() => {
      this.reached = true;
      then();
    }, REST_MS);
  }

  end() {
    this.reached = false;
    clearTimeout(this.#timer);
  }
}
