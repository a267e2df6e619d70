// The figures of a model at the dial's β.

import { number } from "../canvas/ticks.js";

const ROWS = {
  distortion: ["Distortion", "D: what is lost, nats", (f) => number(f.distortion, 1)],
  rate: ["Rate", "R: what the code carries, nats", (f) => number(f.rate, 1)],
  elbo: ["ELBO", "−(D + R), nats", (f) => number(f.elbo, 1)],
  active: ["Active units", "Dimensions whose mean depends on the data; the others are closed", (f) => `${f.active} of ${f.of}`],
  slope: ["Slope", "−β: where J = D + βR is as low as it can be, the curve of D over R has this slope", (f) => short(f.slope)],
};

/** Three significant digits, no trailing zeros, a true minus sign. */
export function short(value) {
  return String(Number(value.toPrecision(3))).replace("-", "−");
}

/** "β = 1.3, ELBO −131.9, 2 of 2 units active" */
export function sentence(beta, figures) {
  const where = figures.name ? `, model trained at β = ${short(figures.beta)}` : "";
  return `β = ${short(beta)}${where}, ELBO ${number(figures.elbo, 1)}, `
    + `${figures.active} of ${figures.of} units active`;
}

export function createReadout(root, note) {
  const cells = Object.entries(ROWS).map(([name, [term, title, write]]) => {
    const [box, dt, dd] = ["div", "dt", "dd"].map((tag) => document.createElement(tag));
    dt.textContent = term;
    dd.dataset.figure = name;
    box.title = title;
    box.append(dt, dd);
    root.append(box);
    return { dd, write };
  });

  function show(figures) {
    for (const { dd, write } of cells) {
      const text = write(figures);
      if (dd.textContent !== text) dd.textContent = text;
    }
    note.hidden = !figures.name;
    if (figures.name) note.textContent = `Figures and decoder: ${figures.name}`;
  }

  return { show };
}
