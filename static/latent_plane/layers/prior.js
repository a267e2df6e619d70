// The prior N(0, I): circles at one, two and three standard deviations.

/** @import { LayerRow, PlaneContext } from "../context.js" */

import { toPixel } from "../canvas/camera.js";

const RINGS = [1, 2, 3];

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

/** @type {LayerRow} */ export const PRIOR = {
  name: "prior", title: "Prior p(z)", hint: "Circles at 1σ, 2σ and 3σ", depth: 7,
  create: (plane) => ({
    isPossible: () => plane.view.axis !== "UMAP",
    paint: (context) => paintRings(context, plane),
    note: () => "Dashed: the prior p(z) at 1σ, 2σ and 3σ, which hold 39, 86 and 99 % of it.",
  }),
};
