// Walks along single latent dimensions: in which order, how far, and from where.

/** @typedef {"cursor" | "image" | "drawn" | "origin"} BaseName where a traversal starts */
/** @typedef {{base: BaseName, moved: Map<number, number>}} Traversal `moved`: value by dimension */
/**
 * What is known of a dimension; without a rate (β = 0) its codes' range orders it.
 * @typedef {object} Axis
 * @property {number} dimension
 * @property {number | null} rate nats
 * @property {number} low
 * @property {number} high
 * @property {boolean} closed inactive
 */

/** @type {BaseName[]} */ export const BASES = ["cursor", "image", "drawn", "origin"];
const REACH = 3; // of the prior's standard deviations
const NUM = 9; // images along one
const FARTHEST = 1e4; // that the URL may ask for

/** The dimensions by their rate, the highest first; equal ones as they come.
 * @type {(rates: number[]) => number[]} */
export function orderOf(rates) {
  return Array.from(rates, (_, d) => d).sort((a, b) => rates[b] - rates[a] || a - b);
}

/**
 * What is known of each dimension, in the order of a traversal. With β = 0 there is no rate: then
 * they come by the range of their codes, `ranges`.
 * @param {object} known
 * @param {number[] | null} [known.rates] @param {[number, number][] | null} [known.ranges]
 * @param {boolean[] | null} [known.closed] whether each dimension is inactive
 * @param {number} latentDim @returns {Axis[]}
 */
export function axesOf({ rates, ranges, closed }, latentDim) {
  const known = Array.from({ length: latentDim }, (_, d) => {
    const [low, high] = ranges?.[d] ?? [-REACH, REACH];
    return { dimension: d, rate: rates?.[d] ?? null, low, high, closed: Boolean(closed?.[d]) };
  });
  return orderOf(known.map(({ rate, low, high }) => rate ?? high - low)).map((d) => known[d]);
}

/** The places along an axis that are decoded. @type {(axis: Axis) => number[]} */
export function stepsOf({ low, high }) {
  return Array.from({ length: NUM }, (_, k) => low + ((high - low) * k) / (NUM - 1));
}

/** z with single dimensions moved.
 * @type {(z: ArrayLike<number>, moved: Traversal["moved"]) => Float32Array} */
export function movedFrom(z, moved) {
  const other = Float32Array.from(z);
  for (const [d, value] of moved) if (d < other.length) other[d] = value;
  return other;
}

/** For the URL: "image;3:1.2,5:-0.7" (dimensions counted from 1); null for the cursor itself.
 * @type {(base: BaseName, moved: Traversal["moved"]) => string | null} */
export function writeTraversal(base, moved) {
  const values = [...moved].sort(([a], [b]) => a - b)
    .map(([d, value]) => `${d + 1}:${Number(value.toFixed(3))}`);
  if (!values.length) return base === BASES[0] ? null : base;
  return `${base};${values.join()}`;
}

/** Of such a text, or of nothing; null for what can't be read.
 * @type {(text: string | null) => Traversal | null} */
export function readTraversal(text) {
  const [name, values = ""] = (text ?? BASES[0]).split(";");
  const base = BASES.find((each) => each === name);
  const pairs = values.split(",").filter(Boolean).map((pair) => pair.split(":").map(Number));
  const valid = pairs.every(([d, value, ...more]) => (
    Number.isInteger(d) && d > 0 && Math.abs(value) < FARTHEST && !more.length));
  if (!base || !valid) return null;
  return { base, moved: new Map(pairs.map(([d, value]) => [d - 1, value])) };
}
