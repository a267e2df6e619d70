// Round numbers for axes, and how numbers are written.

const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉";

/** Multiples of 1, 2 or 5 · 10ⁿ from `low` to `high`, at most `count` of them.
 * @type {(low: number, high: number, count: number) => {value: number, text: string}[]} */
export function ticks(low, high, count) {
  if (!(high > low) || count < 1) return [];
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5].find((each) => each * power >= raw * (1 - 1e-9)) ?? 10) * power;
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const values = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) {
    const value = Number((k * step).toFixed(Math.min(decimals, 20)));
    values.push({ value: value === 0 ? 0 : value, text: number(value, decimals) });
  }
  return values;
}

/** Every n-th index of 0 … size−1, so that neighbours are at least `gap` pixels apart.
 * @type {(size: number, pitch: number, gap: number) => number[]} */
export function everyNth(size, pitch, gap) {
  const stride = Math.max(1, Math.ceil(gap / Math.max(pitch, 1e-9)));
  const first = Math.floor(((size - 1) % stride) / 2);
  const indices = [];
  for (let i = first; i < size; i += stride) indices.push(i);
  return indices;
}

/** A number with a true minus sign and no negative zero.
 * @type {(value: number, decimals?: number) => string} */
export function number(value, decimals = 2) {
  const text = Math.abs(value).toFixed(Math.min(decimals, 20));
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** "7.32 nats"; the rate of a code that is a point is infinite. @type {(v: number) => string} */
export function nats(value) {
  return Number.isFinite(value) ? `${number(value)} nats` : "∞";
}

/** "z₁" for dimension 0; on principal axes "PC₁".
 * @type {(dimension: number, view?: {axis?: string}) => string} */
export function axisName(dimension, { axis = "z" } = {}) {
  return axis + [...String(dimension + 1)].map((digit) => SUBSCRIPTS[Number(digit)]).join("");
}
