// A drawing as a text for the URL: strokes, or the pixels of a picture that was fitted.

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const STEPS = DIGITS.length ** 2 - 1; // along the pad's side
const LONGEST = 1990; // the address takes no more: LONGEST_KEPT of ui/state.py

/**
 * {strokes} of places from 0 to 1, or {pixels: {height, width, channels, values from 0 to 1}} as a
 * text; null where it is too long for the URL.
 */
export function writeDrawing({ strokes, pixels }) {
  const text = strokes ? `s${strokes.map(writeStroke).join(".")}` : writePixels(pixels);
  return text.length <= LONGEST ? text : null;
}

/** What `writeDrawing` wrote; null for anything else. */
export function readDrawing(text) {
  if (text.startsWith("s")) return readStrokes(text.slice(1));
  return text.startsWith("p") ? readPixels(text.slice(1)) : null;
}

const writeStroke = (points) => points.flat().map((value) => {
  const step = Math.round(value * STEPS);
  return DIGITS[step >> 6] + DIGITS[step & 63];
}).join("");

function readStrokes(text) {
  const strokes = text.split(".").map((part) => {
    const numbers = (part.match(/../g) ?? []).map(([a, b]) => (DIGITS.indexOf(a) * 64 + DIGITS.indexOf(b)) / STEPS);
    return Array.from({ length: numbers.length >> 1 }, (_, k) => numbers.slice(2 * k, 2 * k + 2));
  });
  const whole = /^[\w.-]+$/.test(text) && text.split(".").every((part) => part && part.length % 4 === 0);
  return whole ? { strokes } : null;
}

/** Bytes as two hexadecimal digits each; a run of n empty ones as "z" and n in base 36, "." after it. */
function writePixels({ height, width, channels, values }) {
  const bytes = Array.from(values, (value) => Math.round(255 * value));
  const body = [];
  for (let i = 0; i < bytes.length;) {
    let end = i;
    while (end < bytes.length && bytes[end] === 0) end++;
    if (end - i > 1) body.push(`z${(end - i).toString(36)}.`);
    else body.push(bytes[end = i].toString(16).padStart(2, "0"));
    i = Math.max(end, i + 1);
  }
  return `p${channels}x${height}x${width}.${body.join("")}`;
}

function readPixels(text) {
  const found = /^([13])x(\d{1,3})x(\d{1,3})\.((?:z[0-9a-z]{1,4}\.|[0-9a-f]{2})*)$/.exec(text);
  if (!found) return null;
  const [channels, height, width] = found.slice(1, 4).map(Number);
  const values = new Float32Array(channels * height * width);
  let at = 0;
  for (const [part] of found[4].matchAll(/z[0-9a-z]+\.|../g)) {
    if (part[0] === "z") at += parseInt(part.slice(1), 36);
    else values[at++] = parseInt(part, 16) / 255;
  }
  return at === values.length ? { pixels: { height, width, channels, values } } : null;
}

/**
 * A stroke with fewer points that is nowhere farther than `tolerance` from the given one
 * (Ramer 1972; Douglas & Peucker 1973).
 */
export function simplify(points, tolerance) {
  if (points.length < 3) return points;
  const [first, last] = [points[0], points.at(-1)];
  let [farthest, split] = [tolerance, 0];
  for (let k = 1; k < points.length - 1; k++) {
    const away = distanceToSegment(points[k], first, last);
    if (away > farthest) [farthest, split] = [away, k];
  }
  if (!split) return [first, last];
  return [...simplify(points.slice(0, split + 1), tolerance).slice(0, -1), ...simplify(points.slice(split), tolerance)];
}

function distanceToSegment([x, y], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const squared = dx * dx + dy * dy;
  const share = squared ? Math.min(Math.max(((x - ax) * dx + (y - ay) * dy) / squared, 0), 1) : 0;
  return Math.hypot(x - ax - share * dx, y - ay - share * dy);
}
