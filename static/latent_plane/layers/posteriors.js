// Densities of z: posteriors q(z|x) of some of the points as ellipses at one standard deviation and
// at two, never exaggerated; the prior p(z); and the true posterior p(z|x) of the picked image.

/** @import { Camera } from "../canvas/camera.js" */
/** @import { Ellipse } from "../canvas/marks.js" */
/** @import { Cloud, Groups, Paint } from "../cloud/cloud.js" */
/** @import { Layer, LayerRow, PlaneContext, TruePosterior } from "../context.js" */
/** @typedef {{i: number, x: number, y: number} & Ellipse} Bubble the ellipse of point i at 1σ */

import { clamp, toPixel, visible } from "../canvas/camera.js";
import { addEllipse, ellipseOf } from "../canvas/marks.js";
import { contextOf } from "../../shared/dom.js";

const MOST = 400;
const LAYERS = 4;
const OUTER = 0.45; // how much fainter the second ring is
const RINGS = [1, 2, 3]; // of the prior, in σ
const STRONGEST = 225; // opacity of the true posterior

/** Indices of at most `most` points: of each class every n-th one, as many of one as of another.
 * @type {(groups: Groups, most?: number) => number[]} */
export function chooseEvenly({ members }, most = MOST) {
  const each = Math.floor(most / Math.max(members.size, 1));
  const chosen = [];
  for (const points of members.values()) {
    const count = Math.min(each, points.length);
    for (let k = 0; k < count; k++) chosen.push(points[Math.floor((k * points.length) / count)]);
  }
  return chosen;
}

/** Ellipses of the points `chosen`, in the plane's units; none where codes are points.
 * @type {(cloud: Pick<Cloud, "x" | "y" | "spread">, chosen: number[]) => Bubble[]} */
export function bubblesOf({ x, y, spread }, chosen) {
  if (!spread) return [];
  return chosen.map((i) => (
    { i, x: x[i], y: y[i], ...ellipseOf(spread.xx[i], spread.xy?.[i] ?? 0, spread.yy[i]) }));
}

/** @type {(plane: PlaneContext) => Layer} */
function create(plane) {
  /** @type {Groups | null} */ let groups = null;
  /** @type {number[]} */ let chosen = [];

  function bubbles() {
    if (plane.cloud.groups !== groups) chosen = chooseEvenly(plane.cloud.groups);
    groups = plane.cloud.groups;
    return bubblesOf(plane.cloud, chosen);
  }

  return {
    isPossible: () => Boolean(plane.cloud.spread),
    paint: (context) => paintBubbles(context, plane.camera, bubbles(), plane.paint),
    note() {
      const [drawn, of] = [bubbles().length, plane.cloud.label.length];
      return `Ellipses: q(z|x) at 1σ and 2σ, true to scale, of ${drawn.toLocaleString("en")} of `
        + `the ${of.toLocaleString("en")} test images.`;
    },
    inspect: bubbles,
  };
}

/** Ellipses in their points' colours, in a few layers so that no class lies on top of all others.
 * @type {(context: CanvasRenderingContext2D, camera: Camera, bubbles: Bubble[], paint: Paint)
 *   => void} */
function paintBubbles(context, camera, bubbles, { buckets, colours }) {
  const { left, right, bottom, top } = visible(camera);
  /** @type {Map<number, [Path2D, Path2D]>} */ const paths = new Map();
  let reach = 0;
  for (const [rank, { i, x, y, a, b, angle }] of bubbles.entries()) {
    if (x + 2 * a < left || x - 2 * a > right || y + 2 * a < bottom || y - 2 * a > top) continue;
    const key = (rank % LAYERS) * colours.length + buckets[i];
    const rings = paths.get(key) ?? [new Path2D(), new Path2D()];
    paths.set(key, rings);
    rings.forEach((path, ring) => {
      const scale = (ring + 1) * camera.scale;
      addEllipse(path, toPixel(camera, x, y), { a: scale * a, b: scale * b, angle });
    });
    reach += (a * camera.scale) / bubbles.length;
  }
  // The larger they are the more they overlap.
  const [filled, stroked] = [clamp(1.2 / reach, 0.025, 0.12), clamp(9 / reach, 0.3, 0.8)];
  context.lineWidth = 1.2;
  for (const [key, [inner, outer]] of [...paths].sort(([p], [q]) => p - q)) {
    const colour = colours[key % colours.length];
    context.fillStyle = colour;
    context.strokeStyle = colour;
    context.globalAlpha = filled;
    context.fill(inner);
    context.globalAlpha = stroked;
    context.stroke(inner);
    context.globalAlpha = stroked * OUTER;
    context.stroke(outer);
  }
  context.globalAlpha = 1;
}

/** @type {LayerRow} */
export const POSTERIORS = {
  name: "posteriors", title: "Posteriors q(z|x)", hint: "Ellipses at 1σ and 2σ, true to scale (B)",
  depth: 6, create,
};

/** @type {(context: CanvasRenderingContext2D, plane: PlaneContext) => void} */
function paintRings(context, { camera, theme }) {
  const [px, py] = toPixel(camera, 0, 0);
  context.save();
  context.setLineDash([6, 5]);
  context.strokeStyle = theme.text;
  context.fillStyle = theme.text;
  context.font = `11px ${theme.font}`;
  context.textAlign = "center";
  context.textBaseline = "bottom";
  for (const ring of RINGS) {
    context.lineWidth = ring === 1 ? 1.8 : 1.2;
    context.globalAlpha = 0.85 - 0.18 * ring;
    context.beginPath();
    context.arc(px, py, ring * camera.scale, 0, 2 * Math.PI);
    context.stroke();
    context.fillText(`${ring}σ`, px, py - ring * camera.scale - 2);
  }
  context.restore();
}

/** @type {LayerRow} */
export const PRIOR = {
  name: "prior", title: "Prior p(z)", hint: "Circles at 1σ, 2σ and 3σ", depth: 7,
  create: (plane) => ({
    isPossible: () => plane.view.axis !== "UMAP",
    paint: (context) => paintRings(context, plane),
    note: () => "Dashed: the prior p(z) at 1σ, 2σ and 3σ, which hold 39, 86 and 99 % of it.",
  }),
};

/** @type {(plane: PlaneContext) => Layer} */
function createTruth(plane) {
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

/** @type {LayerRow} */
export const TRUTH = {
  name: "truth", title: "True posterior p(z|x)", hint: "Of the picked image, exact", depth: 4,
  create: createTruth,
};
