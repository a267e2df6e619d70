// What the colours mean: classes with their colours, or a bar with its ends.

import { element, write } from "./dom.js";
import { classColour, rampColour } from "./palette.js";
import { number } from "./ticks.js";

const RAMP_STOPS = 12;
const TITLES = { rate: "Rate", distortion: "Distortion" };

/** The colours and the layers of a plane in words. */
export function showLegend(plane) {
  const { cloud, nameOf, paint: { range }, theme: { dark }, view } = plane;
  const root = plane.root.querySelector(".legend");
  root.replaceChildren(...(range ? ramp(view.color_by, range, dark) : keys(cloud.groups.classes, nameOf, dark)));
  root.classList.toggle("ramp", Boolean(range));
  showNotes(plane);
}

/** A sentence for each layer that needs one. */
export function showNotes({ root, isGrid, layers, unfolding }) {
  const list = root.querySelector(".layer-notes");
  const notes = isGrid ? [] : [unfolding.note, ...layers.notes()].filter(Boolean);
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
