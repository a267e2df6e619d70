// The true posterior p(z|x) of the picked image as a heat map, computed exactly by Python.

/** @import { Layer, LayerRow, PlaneContext, TruePosterior } from "../context.js" */

import { toPixel } from "../canvas/camera.js";
import { contextOf } from "../canvas/dom.js";

const STRONGEST = 225;

/** @type {(plane: PlaneContext) => Layer} */
function create(plane) {
  const canvas = document.createElement("canvas");
  let drawn = "";
  return {
    isPossible: () => plane.decoder.latentDim === 2 && Boolean(plane.cloud.spread)
      && !plane.figures?.name,
    paint(context) {
      const { camera, theme, truth } = plane;
      if (!truth) return;
      const key = `${theme.dark} ${truth.index} ${truth.beta} ${truth.run}`;
      if (drawn !== key) render(canvas, truth, theme.dark);
      drawn = key;
      const [left, top] = toPixel(camera, truth.low[0], truth.high[1]);
      const [right, bottom] = toPixel(camera, truth.high[0], truth.low[1]);
      context.imageSmoothingEnabled = true;
      context.drawImage(canvas, left, top, right - left, bottom - top);
    },
    note() {
      const { truth, picked } = plane;
      if (truth) return `Blue: the true posterior p(z|x) of test image ${truth.index}, exact.`;
      return picked === null
        ? "The true posterior p(z|x) is that of a picked image: pick one with the tool “Image”."
        : "The true posterior p(z|x) of the picked image is being computed; a saved page has only "
          + "the one it was saved with.";
    },
    inspect() {
      const { truth } = plane;
      return truth && { ...truth, density: Array.from(truth.density) };
    },
  };
}

/** @type {(canvas: HTMLCanvasElement, truth: TruePosterior, dark: boolean) => void} */
function render(canvas, { size, density }, dark) {
  canvas.width = canvas.height = size;
  const context = contextOf(canvas);
  const image = context.createImageData(size, size);
  const highest = density.reduce((a, b) => Math.max(a, b), 0) || 1;
  const [r, g, b] = dark ? [86, 180, 233] : [0, 114, 178];
  for (let j = 0; j < size; j++) {
    for (let i = 0; i < size; i++) {
      const share = Math.sqrt(density[j * size + i] / highest);
      image.data.set([r, g, b, STRONGEST * share], 4 * ((size - 1 - j) * size + i));
    }
  }
  context.putImageData(image, 0, 0);
}

/** @type {LayerRow} */ export const TRUTH = {
  name: "truth", title: "True posterior p(z|x)", hint: "Of the picked image, exact", depth: 4,
  create,
};
