// Beside the plane: z in figures, the nearest test images as squares, and the same in words.

import { countLabels } from "./neighbours.js";
import { NEAR, describe } from "./describe.js";
import { classColour, luminance } from "./palette.js";
import { axisName, number } from "./ticks.js";

const SPEAK_AFTER_MS = 300;
const LONGEST_INITIAL = 2;

export function createPanel(root) {
  const figures = root.querySelector(".figures");
  const near = root.querySelector(".near");
  const squares = root.querySelector(".squares");
  const spoken = root.querySelector(".spoken");
  squares.replaceChildren(...Array.from({ length: NEAR }, () => document.createElement("span")));
  let timer = 0;
  let names = "";

  function showAxes(dims, latentDim) {
    if (names === dims.join()) return;
    names = dims.join();
    root.querySelector(".near > span").textContent = latentDim > dims.length
      ? "12 nearest in these two dimensions" : "12 nearest test images";
    figures.replaceChildren(...dims.flatMap((dimension) => {
      const term = document.createElement("dt");
      term.textContent = axisName(dimension);
      return [term, document.createElement("dd")];
    }));
  }

  function show(place, cloud, nameOf, dark) {
    figures.querySelectorAll("dd").forEach((cell, axis) => {
      cell.textContent = number(place[axis]);
    });
    const found = cloud.index().nearest(place[0], place[1], NEAR);
    const counts = countLabels(found, cloud.label);
    showSquares(counts, nameOf, dark);
    near.hidden = !counts.length;
    clearTimeout(timer);
    timer = setTimeout(() => {
      const shown = place.slice(0, figures.childElementCount / 2);
      spoken.textContent = describe(shown, found.length, counts, nameOf);
    }, SPEAK_AFTER_MS);
  }

  function showSquares(counts, nameOf, dark) {
    const labels = counts.flatMap(([label, count]) => Array(count).fill(label));
    [...squares.children].forEach((square, k) => {
      const label = labels[k];
      square.style.visibility = label === undefined ? "hidden" : "visible";
      if (label === undefined || square.dataset.label === `${label} ${dark}`) return;
      const colour = classColour(label, dark);
      const name = nameOf(label);
      square.dataset.label = `${label} ${dark}`;
      square.style.background = colour;
      square.style.color = luminance(colour) > 0.3 ? "#000" : "#fff";
      square.title = name;
      square.textContent = name.length <= LONGEST_INITIAL ? name : "";
    });
  }

  return { showAxes, show, destroy: () => clearTimeout(timer) };
}
