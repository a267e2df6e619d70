// The figures of a model at the dial's β.

/** @import { Figures } from "../cloud/knots.js" */

import { element, write } from "../canvas/dom.js";
import { number } from "../canvas/ticks.js";

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
