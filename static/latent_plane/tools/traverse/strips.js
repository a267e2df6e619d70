// One row a dimension: its name and rate, the images along it, and a slider that moves it.

import { element, write } from "../../canvas/dom.js";
import { toImageData } from "../../canvas/picture.js";
import { number } from "../../canvas/ticks.js";
import { stepsOf } from "./traversal.js";

const SLICE_MS = 8; // of each frame

/** `move(dimension, value)` while a slider moves, `rest()` once it rests. */
export class Strips {
  root = element("div", { class: "strips" });
  #rows = [];
  #byName = new Map();
  #z = null;
  #decoder = null;
  #version = "";
  #at = 0;
  #frame = 0;

  constructor(actions, signal) {
    this.actions = actions;
    this.signal = signal;
  }

  /** The axes to be shown, in order. */
  build(axes) {
    this.#rows = axes.map((axis) => this.#byName.get(axis.name) ?? this.#make(axis));
    this.#byName = new Map(this.#rows.map((row, k) => [axes[k].name, row]));
    this.#rows.forEach((row, k) => this.#describe(row, axes[k]));
    const now = [...this.root.children];
    const wanted = this.#rows.map(({ root }) => root);
    // A row that moves loses the pointer that holds its slider.
    if (now.length !== wanted.length || now.some((child, k) => child !== wanted[k])) this.root.replaceChildren(...wanted);
  }

  /** The images around z, made slice by slice; `version` changes when the decoder does. */
  show(z, decoder, version) {
    const all = version !== this.#version || this.#z?.length !== z.length;
    const other = all ? [] : [...z.keys()].filter((d) => z[d] !== this.#z[d]);
    this.#z = Float32Array.from(z);
    [this.#decoder, this.#version] = [decoder, version];
    for (const row of this.#rows) {
      const value = z[row.axis.dimension];
      row.input.value = value;
      write(row.output, number(value));
      // A row doesn't change with its own dimension.
      if (all || other.some((d) => d !== row.axis.dimension)) this.#expire(row);
    }
    this.#schedule();
  }

  stop() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  #expire(row) {
    row.left = row.steps.length;
    row.root.ariaBusy = "true";
  }

  #schedule() { this.#frame ||= requestAnimationFrame(() => this.#work()); }

  /** Goes round: while one drags, all rows follow, not only the first ones. */
  #work() {
    this.#frame = 0;
    const end = performance.now() + SLICE_MS;
    while (this.#rows.some(({ left }) => left)) {
      this.#at %= this.#rows.length;
      const row = this.#rows[this.#at];
      for (let k = 0; row.left && k < row.steps.length; k++) {
        this.#decode(row);
        if (performance.now() > end) return this.#schedule();
      }
      this.#at++;
    }
  }

  #decode(row) {
    const { channels, height, width, pixels } = this.#decoder;
    const { canvas, steps } = row;
    if (row.image?.width !== width || row.image.height !== height) {
      [canvas.width, canvas.height] = [steps.length * width, height];
      row.image = canvas.getContext("2d").createImageData(width, height);
    }
    if (canvas.values?.length !== steps.length * pixels) canvas.values = new Float32Array(steps.length * pixels);
    const z = Float32Array.from(this.#z);
    z[row.axis.dimension] = steps[row.next];
    const values = this.#decoder.decode(z);
    canvas.values.set(values, row.next * pixels);
    canvas.getContext("2d").putImageData(toImageData(values, channels, row.image), row.next * width, 0);
    row.next = (row.next + 1) % steps.length;
    row.left -= 1;
    if (!row.left) {
      canvas.dataset.z = Array.from(this.#z).join();
      row.root.ariaBusy = "false";
    }
  }

  #make(axis) {
    const { dimension, name } = axis;
    const canvas = element("canvas", { width: 252, height: 28, role: "img", "aria-label": `Images along ${name}` });
    const input = element("input", { type: "range", step: "any", "aria-label": name });
    const [title, output, note] = [element("span", {}), element("output", {}), element("small", {})];
    const root = element("div", { class: "strip", "data-dimension": dimension },
      element("p", {}, element("b", {}, name), title, output, note), canvas, input);
    const row = { root, canvas, input, output, title, note, next: 0, left: 0, image: null };
    const move = (value) => this.actions.move(dimension, value);
    input.addEventListener("input", () => move(input.valueAsNumber), { signal: this.signal });
    input.addEventListener("change", () => this.actions.rest(), { signal: this.signal });
    input.addEventListener("keydown", (event) => this.#step(event, row), { signal: this.signal });
    canvas.addEventListener("click", (event) => {
      const box = canvas.getBoundingClientRect();
      const at = Math.floor(((event.clientX - box.left) / box.width) * row.steps.length);
      move(row.steps[Math.min(Math.max(at, 0), row.steps.length - 1)]);
      this.actions.rest();
    }, { signal: this.signal });
    return row;
  }

  /** Keys move by a thirtieth of the way between two images, with Page keys by a whole one. */
  #step(event, { input, axis }) {
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 7.5, PageDown: -7.5 }[event.key];
    if (!by) return;
    event.preventDefault();
    const value = input.valueAsNumber + (by * (axis.high - axis.low)) / 60;
    this.actions.move(axis.dimension, Math.min(Math.max(value, axis.low), axis.high));
    this.actions.rest();
  }

  #describe(row, axis) {
    const { low, high, rate, closed } = axis;
    if (row.axis?.low !== low || row.axis?.high !== high) {
      row.steps = stepsOf(axis);
      [row.input.min, row.input.max] = [low, high];
      this.#expire(row);
    }
    row.axis = axis;
    row.root.classList.toggle("closed", closed);
    write(row.title, rate === null ? `${number(low, 1)} … ${number(high, 1)}` : `${number(rate)} nats`);
    row.title.title = rate === null ? "The middle 98 % of its codes" : "Its mean rate over the test images";
    write(row.note, closed ? "closed: its mean hardly depends on the data" : "");
  }
}
