// The nearest test images: as pictures where these have arrived, always with their labels.

import { element, write } from "../canvas/dom.js";
import { toImageData, unitImage } from "../canvas/picture.js";
import { classColour, luminance } from "../canvas/palette.js";

const LONGEST_INITIAL = 2;

/** Bits: −Σ p log₂ p of the labels' shares. */
export function labelEntropy(counts) {
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  return counts.reduce((sum, [, count]) => sum - (count / total) * Math.log2(count / total), 0);
}

export function createNearby(root, size) {
  const slots = Array.from({ length: size }, () => {
    const picture = element("canvas", { width: 1, height: 1, hidden: true });
    const name = element("b", {});
    const slot = element("span", {}, picture, name);
    return { slot, picture, name, shown: "" };
  });
  let drawn = null; // the images that the pictures are of
  root.replaceChildren(...slots.map(({ slot }) => slot));

  /** `found`: indices, nearest first. */
  function show(found, labels, images, nameOf, dark) {
    root.classList.toggle("pictured", Boolean(images));
    slots.forEach((each, k) => {
      const i = found[k];
      each.slot.style.visibility = i === undefined ? "hidden" : "visible";
      const key = `${i} ${labels[i]} ${dark}`;
      if (i === undefined || (each.shown === key && images === drawn)) return;
      each.shown = key;
      label(each, labels[i], nameOf, dark);
      each.slot.title = `test image ${i}`;
      each.slot.dataset.index = i;
      each.picture.hidden = !images || i >= images.count;
      if (!each.picture.hidden) draw(each.picture, images, i);
    });
    drawn = images;
  }

  return { show };
}

function label({ slot, name }, of, nameOf, dark) {
  const colour = classColour(of, dark);
  const text = of < 0 ? "" : nameOf(of);
  slot.style.background = colour;
  slot.style.color = luminance(colour) > 0.3 ? "#000" : "#fff";
  write(name, text.length <= LONGEST_INITIAL ? text : "");
}

function draw(canvas, images, i) {
  canvas.width = images.width;
  canvas.height = images.height;
  const context = canvas.getContext("2d");
  const image = context.createImageData(images.width, images.height);
  context.putImageData(toImageData(unitImage(images, i), images.channels, image), 0, 0);
}
