// The density of the aggregate posterior q(z), and, hatched, where it has none.

import { Field } from "../canvas/pyramid.js";

const PIXELS = 7;
const STRONGEST = 150;
const HATCH = 7; // pixels from line to line

/** One field serves both layers. */
export function createAggregateLayers(plane) {
  const field = new Field(PIXELS, (x, y) => plane.aggregate.density(x, y));
  const possible = () => Boolean(plane.aggregate);
  let aimed = null;

  function aim() {
    if (plane.aggregate !== aimed) field.pyramid.expire();
    aimed = plane.aggregate;
    field.pyramid.aim(plane.camera);
  }

  const shared = { possible, aim, work: () => field.pyramid.work(), expire: () => {} };
  return [
    {
      ...shared, name: "aggregate", title: "Aggregate posterior q(z)", hint: "The mean of all q(z|x)",
      paint(context) {
        const { highest } = plane.aggregate;
        const [r, g, b] = plane.theme.dark ? [120, 190, 255] : [0, 90, 170];
        field.paint(context, plane.camera, (value) => (
          [r, g, b, STRONGEST * Math.min(Math.sqrt(value / highest), 1)]));
      },
      note: () => "Blue ground: the density of q(z), the mean of all q(z|x).",
    },
    {
      ...shared, name: "empty", title: "Where q(z) is empty", hint: "Hatched: images decoded there are extrapolation",
      paint: (context) => hatch(context, plane, field),
      note: () => "Hatched: outside the smallest region that holds 99 % of q(z). What is decoded there "
        + "is extrapolation.",
    },
  ];
}

function hatch(context, { camera, theme, aggregate: { threshold } }, field) {
  const veil = document.createElement("canvas");
  veil.width = camera.width;
  veil.height = camera.height;
  const over = veil.getContext("2d");
  field.paint(over, camera, (value) => [0, 0, 0, value < threshold ? 255 : 0]);
  over.globalCompositeOperation = "source-in";
  over.strokeStyle = theme.text;
  over.lineWidth = 1;
  over.beginPath();
  for (let x = -camera.height; x < camera.width; x += HATCH) {
    over.moveTo(x, camera.height);
    over.lineTo(x + camera.height, 0);
  }
  over.stroke();
  context.globalAlpha = 0.28;
  context.drawImage(veil, 0, 0);
  context.globalAlpha = 1;
}
