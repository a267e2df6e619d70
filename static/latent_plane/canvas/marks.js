// What follows the pointer: crosshair, pin, and the cell under the cursor.

import { stroke } from "./painter.js";

/** Draws twice, first in the ground's colour, so that it stands out on any. */
function withHalo(context, theme, colour, width, draw) {
  for (const [each, line] of [[theme.background, 5], [colour, width]]) {
    context.strokeStyle = each;
    context.lineWidth = line;
    draw();
  }
}

function ring(context, [px, py], radius) {
  context.beginPath();
  context.arc(px, py, radius, 0, 2 * Math.PI);
  context.stroke();
}

/** Two hair lines through the cursor and a ring that stands out on any colour. */
export function paintCrosshair(context, camera, [px, py], theme) {
  context.strokeStyle = theme.text;
  context.lineWidth = 1;
  context.globalAlpha = 0.3;
  stroke(context, px, 0, px, camera.height);
  stroke(context, 0, py, camera.width, py);
  context.globalAlpha = 1;
  withHalo(context, theme, theme.text, 2, () => ring(context, [px, py], 7));
}

/** A map pin whose tip is the pinned place. */
export function paintPin(context, [px, py], theme) {
  const radius = 9;
  const height = 26;
  const centre = py - height + radius;
  context.beginPath();
  context.arc(px, centre, radius, 0.85 * Math.PI, 0.15 * Math.PI);
  context.quadraticCurveTo(px + radius * 0.45, centre + radius, px, py);
  context.quadraticCurveTo(px - radius * 0.45, centre + radius, px - radius * 0.89, centre + radius * 0.45);
  context.closePath();
  context.lineJoin = "round";
  context.strokeStyle = theme.background;
  context.lineWidth = 4;
  context.stroke();
  context.fillStyle = theme.primary;
  context.fill();
  context.fillStyle = theme.background;
  context.beginPath();
  context.arc(px, centre, 3.5, 0, 2 * Math.PI);
  context.fill();
}

/** A ring around the point of an image, and its name beside it if it has one. */
export function paintImage(context, { width }, [px, py], text, theme) {
  withHalo(context, theme, theme.primary, 2.5, () => ring(context, [px, py], 11));
  if (!text) return;
  context.font = `600 12px ${theme.font}`;
  const before = px > width - context.measureText(text).width - 30;
  context.textAlign = before ? "right" : "left";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 5;
  context.strokeStyle = theme.background;
  context.fillStyle = theme.text;
  const at = [px + (before ? -18 : 18), Math.max(py - 16, 10)];
  context.strokeText(text, ...at);
  context.fillText(text, ...at);
}

/** A frame around a cell given by its top left corner and its size. */
export function paintCell(context, { left, top, width, height }, theme) {
  withHalo(context, theme, theme.primary, 2.5, () => context.strokeRect(left, top, width, height));
}
