// The nearest test images: as pictures where these have arrived, always with their labels; and the
// place under the cursor as a sentence.

/** @import { Images } from "../canvas/picture.js" */
/** @typedef {[number, number][]} Counts label and how often it occurs */

import { element, write } from "../canvas/dom.js";
import { classColour, luminance } from "../canvas/palette.js";
import { Picture, unitImage } from "../canvas/picture.js";
import { number } from "../canvas/ticks.js";

export const NEAR = 12;
const LONGEST_INITIAL = 2;

/** Bits: −Σ p log₂ p of the labels' shares. @type {(counts: Counts) => number} */
export function labelEntropy(counts) {
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  return counts.reduce((sum, [, count]) => sum - (count / total) * Math.log2(count / total), 0);
}

/**
 * "z = (0.40, −1.20), near 12 test images: 9 × 7, 3 × 9"
 * @type {(place: number[], found: number, counts: Counts, nameOf: (label: number) => string)
 *   => string}
 */
export function describe(place, found, counts, nameOf) {
  const z = `z = (${place.map((value) => number(value)).join(", ")})`;
  if (!found) return z;
  const near = `${z}, near ${found} test image${found === 1 ? "" : "s"}`;
  const labels = counts.map(([label, count]) => `${count} × ${nameOf(label)}`).join(", ");
  return labels ? `${near}: ${labels}` : near;
}

/** @param {HTMLElement} root @param {number} size how many there may be */
export function createNearby(root, size) {
  const slots = Array.from({ length: size }, () => {
    const picture = new Picture(element("canvas", { width: 1, height: 1, hidden: true }));
    const name = element("b", {});
    return { slot: element("span", {}, picture.canvas, name), picture, name, shown: "" };
  });
  /** @type {Images | null} the images that the pictures are of */ let drawn = null;
  root.replaceChildren(...slots.map(({ slot }) => slot));

  /**
   * @param {number[]} found indices, nearest first
   * @param {Int32Array} labels @param {Images | null} images
   * @param {(label: number) => string} nameOf @param {boolean} dark
   */
  function show(found, labels, images, nameOf, dark) {
    root.classList.toggle("pictured", Boolean(images));
    slots.forEach((each, k) => {
      const i = found[k];
      each.slot.style.visibility = i === undefined ? "hidden" : "visible";
      const key = `${i} ${labels[i]} ${dark}`;
      if (i === undefined || (each.shown === key && images === drawn)) return;
      each.shown = key;
      label(each.slot, each.name, labels[i], nameOf, dark);
      each.slot.title = `test image ${i}`;
      each.slot.dataset.index = String(i);
      const { picture } = each;
      picture.canvas.hidden = !images || i >= images.count;
      if (images && i < images.count) picture.show(unitImage(images, i), images);
    });
    drawn = images;
  }

  return { show };
}

/** @type {(slot: HTMLElement, name: HTMLElement, of: number, nameOf: (label: number) => string,
 *   dark: boolean) => void} */
function label(slot, name, of, nameOf, dark) {
  const colour = classColour(of, dark);
  const text = of < 0 ? "" : nameOf(of);
  slot.style.background = colour;
  slot.style.color = luminance(colour) > 0.3 ? "#000" : "#fff";
  write(name, text.length <= LONGEST_INITIAL ? text : "");
}
