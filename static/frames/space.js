// Traces in space, seen by a camera on a turntable.

/** @import { Trace } from "./plane.js" */

const FAR = 3.2; // of the eye from the middle, in radii of what is seen
const FILL = 0.74; // of the picture's shorter side that a radius takes
const STEEPEST = 1.5; // radians above or below the horizon

/** Where the eye is: angles in radians, zoom 1 at first.
 * @typedef {{azimuth: number, elevation: number, zoom: number}} Camera */

/** @typedef {{middle: number[], radius: number}} Scene */

/** Something to draw: a point, a segment of a line or a face; its corners as [x, y, nearness].
 * @typedef {{near: number, trace: Trace, at: number[][], k: number}} Piece */

/** The camera after a turn by these angles.
 * @param {Camera} camera @param {number} azimuth @param {number} elevation @returns {Camera} */
export function turned(camera, azimuth, elevation) {
  const raised = camera.elevation + elevation;
  return { ...camera, azimuth: camera.azimuth + azimuth,
    elevation: Math.min(Math.max(raised, -STEEPEST), STEEPEST) };
}

/** @param {Camera} camera @param {number} factor @returns {Camera} */
export function zoomed(camera, factor) {
  return { ...camera, zoom: Math.min(Math.max(camera.zoom * factor, 0.4), 8) };
}

/** The middle and the radius of the points of all traces.
 * @param {Pick<Trace, "p">[]} traces @returns {Scene} */
export function bounds(traces) {
  const low = [Infinity, Infinity, Infinity], high = [-Infinity, -Infinity, -Infinity];
  for (const trace of traces) {
    for (const point of trace.p) {
      point?.forEach((value, d) => {
        low[d] = Math.min(low[d], value);
        high[d] = Math.max(high[d], value);
      });
    }
  }
  const middle = low.map((value, d) => (value + high[d]) / 2);
  return { middle, radius: Math.hypot(...low.map((value, d) => (high[d] - value) / 2)) };
}

/**
 * A function from a point in space to [x, y, nearness]: pixels, and a number that grows towards the
 * eye. z points up.
 * @param {Camera} camera @param {Scene} scene @param {number} width @param {number} height
 * @returns {(point: number[]) => number[]}
 */
export function projection({ azimuth, elevation, zoom }, { middle, radius }, width, height) {
  const sinA = Math.sin(azimuth), cosA = Math.cos(azimuth);
  const sinE = Math.sin(elevation), cosE = Math.cos(elevation);
  const unit = zoom * FILL * Math.min(width, height);
  return (point) => {
    const x = (point[0] - middle[0]) / radius, y = (point[1] - middle[1]) / radius;
    const z = (point[2] - middle[2]) / radius;
    const towards = cosA * x + sinA * y; // on the ground, towards the eye
    const near = cosE * towards + sinE * z;
    const size = (unit * FAR) / (FAR - near);
    return [width / 2 + size * (cosA * y - sinA * x),
      height / 2 - size * (cosE * z - sinE * towards), near];
  };
}

/** From the farthest piece to the nearest, as a painter does it.
 * @param {CanvasRenderingContext2D} ctx @param {number} width @param {number} height
 * @param {Camera} camera @param {Scene} scene @param {Trace[]} traces */
export function drawSpace(ctx, width, height, camera, scene, traces) {
  const project = projection(camera, scene, width, height);
  /** @type {Piece[]} */ const pieces = [];
  for (const trace of traces) {
    const places = trace.p.map((point) => point && project(point));
    if (trace.kind === "points") {
      places.forEach((at, k) => at && pieces.push({ near: at[2], trace, at: [at], k }));
    } else if (trace.kind === "line") {
      for (let k = 1; k < places.length; k++) {
        const from = places[k - 1], to = places[k];
        if (from && to) pieces.push({ near: (from[2] + to[2]) / 2, trace, at: [from, to], k });
      }
    } else {
      trace.faces?.forEach((face, k) => {
        const at = /** @type {number[][]} */ (face.map((corner) => places[corner]));
        const near = at.reduce((sum, corner) => sum + corner[2], 0) / at.length;
        pieces.push({ near, trace, at, k });
      });
    }
  }
  pieces.sort((one, other) => one.near - other.near);
  ctx.lineCap = "round";
  for (const piece of pieces) drawPiece(ctx, piece);
}

/** @param {CanvasRenderingContext2D} ctx @param {Piece} piece */
function drawPiece(ctx, { trace, at, k }) {
  ctx.beginPath();
  if (trace.kind === "points") {
    const [x, y] = at[0], half = (trace.size ?? 5) / 2;
    ctx.fillStyle = trace.colors?.[k] ?? trace.color;
    if (trace.symbol === "diamond") {
      ctx.moveTo(x - half, y);
      ctx.lineTo(x, y - half);
      ctx.lineTo(x + half, y);
      ctx.lineTo(x, y + half);
    } else {
      ctx.arc(x, y, half, 0, 2 * Math.PI);
    }
    ctx.fill();
    return;
  }
  for (const [x, y] of at) ctx.lineTo(x, y);
  if (trace.kind === "line") {
    ctx.strokeStyle = trace.color;
    ctx.lineWidth = trace.width ?? 2;
    ctx.stroke();
  } else {
    ctx.fillStyle = trace.color;
    ctx.fill();
  }
}
