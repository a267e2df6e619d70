// What the colours mean: classes with their colours, or a bar with its ends.

import { classColour, rampColour } from "./palette.js";
import { number } from "./ticks.js";

const RAMP_STOPS = 12;
const TITLES = { rate: "Rate", distortion: "Distortion" };

/** `bubbles`: how many of how many points have their ellipse drawn, or null. */
export function showLegend(root, { colorBy, classes, range, nameOf, dark, bubbles }) {
  root.replaceChildren(...(range ? ramp(colorBy, range, dark) : keys(classes, nameOf, dark)));
  root.classList.toggle("ramp", Boolean(range));
  const note = root.nextElementSibling;
  note.hidden = !bubbles;
  if (bubbles) {
    note.textContent = `Ellipses: q(z|x) at 1σ, true to scale, of ${count(bubbles.drawn)} of the `
      + `${count(bubbles.of)} test images. Dashed: the prior at 1σ.`;
  }
}

function count(value) {
  return value.toLocaleString("en");
}

function keys(classes, nameOf, dark) {
  return classes.map((label) => {
    const swatch = element("i", "");
    swatch.style.background = classColour(label, dark);
    const key = element("span", label < 0 ? "no label" : nameOf(label));
    key.prepend(swatch);
    return key;
  });
}

function ramp(colorBy, [low, high], dark) {
  const stops = Array.from({ length: RAMP_STOPS }, (_, k) => rampColour(k / (RAMP_STOPS - 1), dark));
  const bar = element("i", "");
  bar.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
  const decimals = high - low < 10 ? 1 : 0;
  return [
    element("b", TITLES[colorBy]),
    bar,
    element("span", `≤ ${number(low, decimals)}`),
    element("span", "nats"),
    element("span", `≥ ${number(high, decimals)}`),
  ];
}

function element(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}
