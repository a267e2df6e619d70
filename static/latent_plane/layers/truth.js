// The true posterior p(z|x) of the picked image as a heat map, computed exactly by Python.

import { toPixel } from "../canvas/camera.js";
import { pickedIndex } from "../tools/find/picked.js";

const STRONGEST = 225;

export function createTruth(plane) {
  const canvas = document.createElement("canvas");
  let drawn = null;

  /** {index, beta, run, size, low: [x, y], high: [x, y], density}: rows upwards. */
  const found = () => plane.letters.truth(plane.run, plane.dial.beta, pickedIndex(plane));

  function render({ size, density }, dark) {
    canvas.width = canvas.height = size;
    const context = canvas.getContext("2d");
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

  function paint(context) {
    const { camera, theme } = plane;
    const truth = found();
    if (!truth) return;
    const key = `${theme.dark} ${truth.index} ${truth.beta} ${truth.run}`;
    if (drawn !== key) render(truth, theme.dark);
    drawn = key;
    const [left, top] = toPixel(camera, truth.low[0], truth.high[1]);
    const [right, bottom] = toPixel(camera, truth.high[0], truth.low[1]);
    context.imageSmoothingEnabled = true;
    context.drawImage(canvas, left, top, right - left, bottom - top);
    context.canvas.truth = truth;
  }

  const note = () => (found() ? `Blue: the true posterior p(z|x) of test image ${found().index}, exact.`
    : pickedIndex(plane) !== null ? "The true posterior p(z|x) of the picked image is being computed; a saved page has only the one it was saved with."
      : "The true posterior p(z|x) is that of a picked image: pick one with the tool “Image”.");

  return {
    name: "truth", title: "True posterior p(z|x)", hint: "Of the picked image, exact",
    possible: () => plane.decoder.latentDim === 2 && Boolean(plane.cloud.spread) && !plane.figures?.name, paint, note,
  };
}
