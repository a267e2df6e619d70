// What the colours mean: classes with their colours, or a bar with its ends.

import { element, write } from "./dom.js";
import { classColour, rampColour } from "./palette.js";
import { number } from "./ticks.js";

const RAMP_STOPS = 12;
const TITLES = { rate: "Rate", distortion: "Distortion" };

/** `notes`: a sentence for each layer that needs one. */
export function showLegend(root, { colorBy, classes, range, nameOf, dark, notes }) {
  root.replaceChildren(...(range ? ramp(colorBy, range, dark) : keys(classes, nameOf, dark)));
  root.classList.toggle("ramp", Boolean(range));
  showNotes(root, notes);
}

/** The sentences alone. */
export function showNotes(root, notes) {
  const list = root.nextElementSibling;
  list.hidden = !notes.length;
  write(list, notes.join(" "));
}

function keys(classes, nameOf, dark) {
  return classes.map((label) => {
    const swatch = element("i");
    swatch.style.background = classColour(label, dark);
    const key = element("span", {}, label < 0 ? "no label" : nameOf(label));
    key.prepend(swatch);
    return key;
  });
}

function ramp(colorBy, [low, high], dark) {
  const stops = Array.from({ length: RAMP_STOPS }, (_, k) => rampColour(k / (RAMP_STOPS - 1), dark));
  const bar = element("i");
  bar.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
  const decimals = high - low < 10 ? 1 : 0;
  return [
    element("b", {}, TITLES[colorBy]),
    bar,
    element("span", {}, `≤ ${number(low, decimals)}`),
    element("span", {}, "nats"),
    element("span", {}, `≥ ${number(high, decimals)}`),
  ];
}
