// The prior N(0, I): circles at one, two and three standard deviations.

import { toPixel } from "../canvas/camera.js";

const RINGS = [1, 2, 3];

export function createPrior(plane) {
  function paint(context) {
    const { camera, theme } = plane;
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

  const note = () => "Dashed: the prior p(z) at 1σ, 2σ and 3σ, which hold 39, 86 and 99 % of it.";
  const possible = () => plane.view.axis !== "UMAP";
  return { name: "prior", title: "Prior p(z)", hint: "Circles at 1σ, 2σ and 3σ", possible, paint, note };
}
