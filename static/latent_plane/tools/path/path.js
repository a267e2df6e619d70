// A path as a text for the URL: "0.5,-1.2;1,0.3;slerp;pixels;24".

export const KINDS = ["straight", "slerp", "geodesic", "freehand"];
export const MOST_POINTS = 60; // of a freehand line; the text then stays below 1,300 characters
export const FRAMES = { fewest: 2, usual: 12, most: 48 };
export const EMPTY = Object.freeze({ points: [], kind: "geodesic", steps: "latent", frames: FRAMES.usual });

const FARTHEST = 1e4;
const DECIMALS = 4;

/** A place as the URL has it; null if it is none, or too far out. */
export function tidyPlace([x, y]) {
  const inside = [x, y].every((value) => Number.isFinite(value) && Math.abs(value) < FARTHEST);
  return inside ? [x, y].map((value) => Number(value.toFixed(DECIMALS)) + 0) : null;
}

/**
 * `points`: none, the first end, both, or a whole freehand line; `kind` is that of the line the film
 * runs along, in equal `steps` of its "latent" or "pixel" length. Null for a path without points.
 */
export function writePath({ points, kind, steps, frames }) {
  if (!points.length) return null;
  const words = [
    ...(kind === EMPTY.kind ? [] : [kind]),
    ...(steps === "pixel" ? ["pixels"] : []),
    ...(frames === FRAMES.usual ? [] : [String(frames)]),
  ];
  return [...points.map((point) => point.join()), ...words].join(";");
}

/** What `writePath` wrote; null for anything else. */
export function readPath(text) {
  const path = { ...EMPTY, points: [] };
  for (const part of text.split(";")) {
    const numbers = part.split(",").map((value) => (value.trim() ? Number(value) : NaN));
    if (KINDS.includes(part)) path.kind = part;
    else if (part === "pixels") path.steps = "pixel";
    else if (numbers.length === 2 && tidyPlace(numbers)) path.points.push(tidyPlace(numbers));
    else if (numbers.length === 1 && isCount(numbers[0])) path.frames = numbers[0];
    else return null;
  }
  return path.points.length && path.points.length <= MOST_POINTS ? path : null;
}

export function isCount(frames) {
  return Number.isInteger(frames) && frames >= FRAMES.fewest && frames <= FRAMES.most;
}
