// Traces in a plane with two axes.

import { number, ticks } from "../shared/ticks.js";

const MARGIN = { left: 48, right: 10, top: 6, bottom: 38 };
const CORNERS = 72; // of an ellipse

/**
 * @typedef {object} Trace What is drawn; a frame replaces some of its fields.
 * @property {"line" | "points" | "ellipses" | "faces"} kind
 * @property {(number[] | null)[]} p points (x, y) or (x, y, z); null breaks a line
 * @property {string} color
 * @property {number} [width] of a line, in pixels
 * @property {number[]} [dash] of a line, in pixels
 * @property {number} [size] of a point, its diameter in pixels
 * @property {"circle" | "diamond"} [symbol] of a point
 * @property {string[]} [colors] one for each point
 * @property {number[][][]} [scale] of each ellipse: its 1σ line is p + scale·circle
 * @property {number[]} [radii] of the ellipses drawn around each p, in σ
 * @property {number[][]} [faces] corners as indices into p
 * @property {string} [name] in the legend
 * @property {[string, string]} [hover] what x is called, and the unit of y
 */

/**
 * @typedef {object} Shade An image below the traces; color and name are for the legend.
 * @property {string} src
 * @property {[number, number]} x range
 * @property {[number, number]} y range
 * @property {string} color
 * @property {string} name
 */

/**
 * @typedef {object} PlaneView
 * @property {"plane"} kind
 * @property {[number, number]} x range
 * @property {[number, number]} y range
 * @property {[string, string]} titles
 * @property {boolean} equal whether a unit is as long on both axes
 * @property {Shade | null} image
 */

/** @typedef {ReturnType<typeof layOut>} Axes */

/**
 * Where the axes are in the picture, and where a point (x, y) goes; pixels.
 * @param {Pick<PlaneView, "x" | "y" | "equal">} view @param {number} width @param {number} height
 */
export function layOut(view, width, height) {
  let { left, top } = MARGIN;
  let across = width - left - MARGIN.right, down = height - top - MARGIN.bottom;
  const spanX = view.x[1] - view.x[0], spanY = view.y[1] - view.y[0];
  if (view.equal) {
    const unit = Math.min(across / spanX, down / spanY);
    left += (across - unit * spanX) / 2;
    top += (down - unit * spanY) / 2;
    across = unit * spanX;
    down = unit * spanY;
  }
  return { left, top, width: across, height: down,
    x: (/** @type {number} */ x) => left + ((x - view.x[0]) / spanX) * across,
    y: (/** @type {number} */ y) => top + ((view.y[1] - y) / spanY) * down };
}

/** @param {CanvasRenderingContext2D} ctx @param {number} width @param {number} height
 * @param {PlaneView} view @param {Trace[]} traces
 * @param {{text: string, image: HTMLImageElement | null}} style colour of text; the loaded image */
export function drawPlane(ctx, width, height, view, traces, { text, image }) {
  const axes = layOut(view, width, height);
  ctx.save();
  ctx.beginPath();
  ctx.rect(axes.left, axes.top, axes.width, axes.height);
  ctx.clip();
  if (image && view.image) {
    const { x, y } = view.image;
    ctx.drawImage(image, axes.x(x[0]), axes.y(y[1]), axes.x(x[1]) - axes.x(x[0]),
      axes.y(y[0]) - axes.y(y[1]));
  }
  for (const trace of traces) drawTrace(ctx, axes, trace);
  ctx.restore();
  drawAxes(ctx, view, axes, text);
}

/** @param {CanvasRenderingContext2D} ctx @param {Axes} axes @param {Trace} trace */
function drawTrace(ctx, axes, trace) {
  ctx.strokeStyle = ctx.fillStyle = trace.color;
  ctx.lineWidth = trace.width ?? 2;
  ctx.lineJoin = "round";
  ctx.setLineDash(trace.dash ?? []);
  if (trace.kind === "ellipses") return drawEllipses(ctx, axes, trace);
  if (trace.kind === "line") {
    ctx.beginPath();
    let pen = false;
    for (const point of trace.p) {
      if (point) ctx[pen ? "lineTo" : "moveTo"](axes.x(point[0]), axes.y(point[1]));
      pen = point !== null;
    }
    ctx.stroke();
  }
  if (trace.kind === "points" || trace.size) {
    for (const point of trace.p) {
      if (!point) continue;
      ctx.beginPath();
      ctx.arc(axes.x(point[0]), axes.y(point[1]), (trace.size ?? 5) / 2, 0, 2 * Math.PI);
      ctx.fill();
    }
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {Axes} axes @param {Trace} trace */
function drawEllipses(ctx, axes, { p, scale = [], radii = [1] }) {
  scale.forEach(([[a, b], [c, d]], k) => {
    const [x, y] = p[k] ?? [NaN, NaN];
    for (const radius of radii) {
      ctx.beginPath();
      for (let corner = 0; corner < CORNERS; corner++) {
        const angle = (2 * Math.PI * corner) / CORNERS;
        const u = radius * Math.cos(angle), v = radius * Math.sin(angle);
        ctx.lineTo(axes.x(x + a * u + b * v), axes.y(y + c * u + d * v));
      }
      ctx.closePath();
      ctx.stroke();
    }
  });
}

/** @param {CanvasRenderingContext2D} ctx @param {PlaneView} view @param {Axes} axes
 * @param {string} text colour */
function drawAxes(ctx, view, axes, text) {
  ctx.fillStyle = text;
  ctx.strokeStyle = "rgba(133,133,133,0.45)";
  ctx.lineWidth = 1;
  ctx.setLineDash([]);
  ctx.strokeRect(axes.left, axes.top, axes.width, axes.height);
  const bottom = axes.top + axes.height;
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  for (const { value, text: tick } of ticks(...view.x, axes.width / 70)) {
    ctx.fillText(tick, axes.x(value), bottom + 5);
  }
  ctx.fillText(view.titles[0], axes.left + axes.width / 2, bottom + 21);
  ctx.textAlign = "right";
  ctx.textBaseline = "middle";
  for (const { value, text: tick } of ticks(...view.y, axes.height / 50)) {
    ctx.fillText(tick, axes.left - 6, axes.y(value));
  }
  ctx.save();
  ctx.translate(axes.left - 38, axes.top + axes.height / 2);
  ctx.rotate(-Math.PI / 2);
  ctx.textAlign = "center";
  ctx.fillText(view.titles[1], 0, 0);
  ctx.restore();
}

/** The values at x of the traces that have a `hover`.
 * @param {Pick<Trace, "p" | "hover">[]} traces @param {number} x @returns {string[]} */
export function readOut(traces, x) {
  return traces.flatMap(({ p, hover }) => {
    if (!hover) return [];
    const points = /** @type {number[][]} */ (p.filter((point) => point !== null));
    const near = points.reduce((a, b) => Math.abs(b[0] - x) < Math.abs(a[0] - x) ? b : a);
    const [name, unit] = hover;
    return `${name} = ${number(near[0])}: ${number(near[1], 3)} ${unit}`;
  });
}
