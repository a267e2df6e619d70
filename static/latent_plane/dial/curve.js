// The rate–distortion curve beside the dial: where β stands on it, and its tangent of slope −β.

import { prepareCanvas } from "../canvas/painter.js";

const MARGIN = { left: 16, right: 8, top: 8, bottom: 16 };
const TEXT = 11;

/** Pixels of (rate, distortion) in a window, with all knots inside; the slope's scale too. */
export function frameOf({ rate, distortion }, width, height) {
  const [left, right] = [Math.min(...rate), Math.max(...rate)];
  const [low, high] = [Math.min(...distortion), Math.max(...distortion)];
  const x = (width - MARGIN.left - MARGIN.right - 12) / Math.max(right - left, 1e-9);
  const y = (height - MARGIN.top - MARGIN.bottom - 12) / Math.max(high - low, 1e-9);
  return {
    x,
    y,
    place: (r, d) => [MARGIN.left + 6 + (r - left) * x, MARGIN.top + 6 + (high - d) * y],
  };
}

/** The β of the curve's point nearest to a pixel; between knots log β grows evenly along a piece. */
export function betaAt(knots, { place }, [px, py]) {
  let best = { distance: Infinity, beta: knots.beta[0] };
  for (let k = 0; k + 1 < knots.beta.length; k++) {
    const [ax, ay] = place(knots.rate[k], knots.distortion[k]);
    const [bx, by] = place(knots.rate[k + 1], knots.distortion[k + 1]);
    const [dx, dy] = [bx - ax, by - ay];
    const along = ((px - ax) * dx + (py - ay) * dy) / Math.max(dx * dx + dy * dy, 1e-12);
    const share = Math.min(Math.max(along, 0), 1);
    const distance = Math.hypot(ax + share * dx - px, ay + share * dy - py);
    if (distance < best.distance) {
      best = { distance, beta: knots.beta[k] * (knots.beta[k + 1] / knots.beta[k]) ** share };
    }
  }
  return best.beta;
}

export function createCurve(canvas) {
  let shown = null;

  function show(knots, figures, theme) {
    const { clientWidth: width, clientHeight: height } = canvas;
    if (width < 40 || height < 40) return;
    const frame = frameOf(knots, width, height);
    shown = { knots, frame };
    const context = prepareCanvas(canvas, width, height, devicePixelRatio);
    paintFrame(context, width, height, theme);
    context.save();
    context.beginPath();
    context.rect(MARGIN.left, MARGIN.top, width - MARGIN.left - MARGIN.right, height - MARGIN.top - MARGIN.bottom);
    context.clip();
    paintTangent(context, frame, figures, theme, width + height);
    paintLine(context, frame, knots, theme);
    context.restore();
    paintPoint(context, frame.place(figures.rate, figures.distortion), theme);
  }

  return { show, betaAt: (at) => shown && betaAt(shown.knots, shown.frame, at) };
}

function paintFrame(context, width, height, theme) {
  const [left, bottom] = [MARGIN.left + 0.5, height - MARGIN.bottom + 0.5];
  context.strokeStyle = theme.text;
  context.globalAlpha = 0.35;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(left, MARGIN.top);
  context.lineTo(left, bottom);
  context.lineTo(width - MARGIN.right, bottom);
  context.stroke();
  context.globalAlpha = 0.75;
  context.fillStyle = theme.text;
  context.font = `italic 600 ${TEXT}px ${theme.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText("D", 7, MARGIN.top + 6);
  context.fillText("R", width - MARGIN.right - 4, height - 7);
  context.globalAlpha = 1;
}

function paintTangent(context, frame, { rate, distortion, slope }, theme, reach) {
  const [px, py] = frame.place(rate, distortion);
  // Downwards in pixels for a falling line: R grows to the right, D upwards.
  const [dx, dy] = [frame.x, -slope * frame.y];
  const length = Math.hypot(dx, dy);
  context.strokeStyle = theme.text;
  context.globalAlpha = 0.45;
  context.lineWidth = 1;
  context.setLineDash([4, 3]);
  context.beginPath();
  context.moveTo(px - (dx / length) * reach, py - (dy / length) * reach);
  context.lineTo(px + (dx / length) * reach, py + (dy / length) * reach);
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/** A strong line for one model at every β; dots on a thin one for models trained apart. */
function paintLine(context, { place }, { rate, distortion, names }, theme) {
  const places = rate.map((r, k) => place(r, distortion[k]));
  context.strokeStyle = theme.primary;
  context.lineWidth = names ? 1 : 2.5;
  context.globalAlpha = names ? 0.5 : 1;
  context.lineJoin = "round";
  context.beginPath();
  for (const [px, py] of places) context.lineTo(px, py);
  context.stroke();
  context.globalAlpha = 1;
  if (!names) return;
  context.fillStyle = theme.primary;
  for (const [px, py] of places) {
    context.beginPath();
    context.arc(px, py, 3, 0, 2 * Math.PI);
    context.fill();
  }
}

function paintPoint(context, [px, py], theme) {
  context.beginPath();
  context.arc(px, py, 6, 0, 2 * Math.PI);
  context.fillStyle = theme.primary;
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = theme.background;
  context.stroke();
}
