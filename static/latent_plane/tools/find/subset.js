// Which test images the terms of a selection name.

import { insideOf } from "./polygon.js";

/** Each kind's images among `candidates`: by rank the first ones first, else in the order given. */
const FIND = {
  label({ labels }, candidates, { label }) {
    const wanted = new Set(labels);
    return candidates.filter((i) => wanted.has(label[i]));
  },
  index({ ranges }, candidates, { size }) {
    const beyond = ranges.find(([, last]) => last >= size);
    if (beyond) {
      throw new Error(`Test image ${beyond[1]} isn't on the plane: its images are 0 to ${size - 1}.`);
    }
    return candidates.filter((i) => ranges.some(([first, last]) => i >= first && i <= last));
  },
  set({ bytes }, candidates, { size }) {
    const last = 8 * bytes.length - 1 - Math.clz32(bytes.at(-1) ?? 0) + 24;
    if (last >= size) throw new Error(`Test image ${last} isn't on the plane: its images are 0 to ${size - 1}.`);
    return candidates.filter((i) => (bytes[i >> 3] >> (i & 7)) & 1);
  },
  distortion: (term, candidates, _, { values }) => highest(candidates, values.distortion, term.count),
  rate: (term, candidates, _, { values }) => highest(candidates, values.rate, term.count),
  near({ place: [px, py], count }, candidates, _, { x, y }) {
    const away = Float64Array.from(x, (value, i) => -((value - px) ** 2 + (y[i] - py) ** 2));
    return highest(candidates, away, count);
  },
  box({ left, bottom, right, top }, candidates, _, { x, y }) {
    return candidates.filter((i) => x[i] >= left && x[i] <= right && y[i] >= bottom && y[i] <= top);
  },
  lasso({ corners }, candidates, _, { x, y }) {
    const isInside = insideOf(corners);
    return candidates.filter((i) => isInside(x[i], y[i]));
  },
};
const WITHOUT_POINTS = new Set(["label", "index", "set"]);

/**
 * Indices of the images that `terms` name, or null while their points aren't known. `source` has
 * `size`, `label`, and `points(term)`: {x, y, values} on a term's axes at its β, or null.
 */
export function subsetOf(terms, source) {
  const all = Array.from({ length: source.size }, (_, i) => i);
  let chosen = terms.length && terms[0].operation !== "add" ? all : [];
  for (const term of terms) {
    const points = WITHOUT_POINTS.has(term.kind) ? null : source.points(term);
    if (!points && !WITHOUT_POINTS.has(term.kind)) return null;
    const candidates = term.operation === "within" ? chosen : all;
    const found = FIND[term.kind](term, candidates, source, points);
    chosen = join(chosen, found, term.operation, source.size);
  }
  return chosen;
}

/** One byte an image: whether it is among these. */
export function maskOf(indices, size) {
  const mask = new Uint8Array(size);
  for (const i of indices) mask[i] = 1;
  return mask;
}

/** The mask's bits, eight images a byte, the first one lowest; as base64. */
export function packed(mask) {
  const bytes = new Uint8Array(Math.ceil(mask.length / 8));
  mask.forEach((set, i) => { bytes[i >> 3] |= set << (i & 7); });
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function join(chosen, found, operation, size) {
  if (operation === "within") return found;
  if (operation === "add") {
    const before = maskOf(chosen, size);
    return chosen.concat(found.filter((i) => !before[i]));
  }
  const gone = maskOf(found, size);
  return chosen.filter((i) => !gone[i]);
}

/** The candidates with the highest finite values, the highest first; of equal ones the first. */
function highest(candidates, values, count) {
  return candidates.filter((i) => Number.isFinite(values[i]))
    .sort((a, b) => values[b] - values[a] || a - b).slice(0, count);
}
