// Which test images the terms of a selection name, and what such a group has in common.

/** @import { FigureName } from "../../cloud/cloud.js" */
/** @import { Term } from "./terms.js" */
/** Points on some axes at some β.
 * @typedef {{x: Float32Array, y: Float32Array, values: Record<FigureName, Float32Array>}} Points */
/**
 * What terms are about; `points(term)` are those on the term's axes at its β, null while unknown.
 * @typedef {{size: number, label: ArrayLike<number>, points: (term: Term) => Points | null}} Source
 */

import { countLabels } from "../../cloud/cloud.js";
import { insideOf } from "../../geometry.js";

const MOSTLY = 0.5; // of a group, from which on its name says so

/** Indices of the images that `terms` name, or null while their points aren't known.
 * @type {(terms: Term[], source: Source) => number[] | null} */
export function subsetOf(terms, source) {
  const all = Array.from({ length: source.size }, (_, i) => i);
  let chosen = terms.length && terms[0].operation !== "add" ? all : [];
  for (const term of terms) {
    const found = foundBy(term, term.operation === "within" ? chosen : all, source);
    if (!found) return null;
    chosen = join(chosen, found, term.operation, source.size);
  }
  return chosen;
}

/** A term's images among `candidates`: by rank the first ones first, else in the order given.
 * @type {(term: Term, candidates: number[], source: Source) => number[] | null} */
function foundBy(term, candidates, source) {
  const { label, size } = source;
  switch (term.kind) {
    case "label": {
      const wanted = new Set(term.labels);
      return candidates.filter((i) => wanted.has(label[i]));
    }
    case "index": {
      const { ranges } = term;
      requireImages(Math.max(...ranges.map(([, last]) => last)), size);
      return candidates.filter((i) => ranges.some(([first, last]) => i >= first && i <= last));
    }
    case "set": {
      const { bytes } = term;
      requireImages(8 * bytes.length + 23 - Math.clz32(bytes[bytes.length - 1] ?? 0), size);
      return candidates.filter((i) => (bytes[i >> 3] >> (i & 7)) & 1);
    }
    default: return foundAmong(term, candidates, source.points(term));
  }
}

/** @type {(term: Exclude<Term, {kind: "label" | "index" | "set"}>, candidates: number[],
 *   points: Points | null) => number[] | null} */
function foundAmong(term, candidates, points) {
  if (!points) return null;
  const { x, y, values } = points;
  switch (term.kind) {
    case "near": {
      const { place: [px, py] } = term;
      const closeness = Float64Array.from(x, (value, i) => -((value - px) ** 2 + (y[i] - py) ** 2));
      return highest(candidates, closeness, term.count);
    }
    case "box": {
      const { left, bottom, right, top } = term;
      return candidates.filter((i) => (
        x[i] >= left && x[i] <= right && y[i] >= bottom && y[i] <= top));
    }
    case "lasso": {
      const isInside = insideOf(term.corners);
      return candidates.filter((i) => isInside(x[i], y[i]));
    }
    default: return highest(candidates, values[term.kind], term.count);
  }
}

/** @type {(last: number, size: number) => void} */
function requireImages(last, size) {
  if (last < size) return;
  throw new Error(`Test image ${last} isn't on the plane: its images are 0 to ${size - 1}.`);
}

/** One byte an image: whether it is among these.
 * @type {(indices: ArrayLike<number>, size: number) => Uint8Array} */
export function maskOf(indices, size) {
  const mask = new Uint8Array(size);
  for (let k = 0; k < indices.length; k++) mask[indices[k]] = 1;
  return mask;
}

/** The mask's bits, eight images a byte, lowest first; as base64.
 * @type {(m: Uint8Array) => string} */
export function packed(mask) {
  const bytes = new Uint8Array(Math.ceil(mask.length / 8));
  mask.forEach((set, i) => { bytes[i >> 3] |= set << (i & 7); });
  return base64Of(bytes);
}

/** @type {(bytes: Uint8Array) => string} */
export function base64Of(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** @type {(chosen: number[], found: number[], operation: Term["operation"], size: number)
 *   => number[]} */
function join(chosen, found, operation, size) {
  if (operation === "within") return found;
  if (operation === "add") {
    const before = maskOf(chosen, size);
    return chosen.concat(found.filter((i) => !before[i]));
  }
  const gone = maskOf(found, size);
  return chosen.filter((i) => !gone[i]);
}

/** The candidates with the highest finite values, the highest first; of equal ones the first.
 * @type {(candidates: number[], values: ArrayLike<number>, count: number) => number[]} */
function highest(candidates, values, count) {
  return candidates.filter((i) => Number.isFinite(values[i]))
    .sort((a, b) => values[b] - values[a] || a - b).slice(0, count);
}

/** Mean over these; NaN of none. @type {(indices: number[], values: Float32Array) => number} */
export function meanOver(indices, values) {
  let sum = 0;
  for (const i of indices) sum += values[i];
  return sum / indices.length;
}

/** The labels of a group's images that have one, the most frequent first.
 * @type {(indices: ArrayLike<number>, labels: ArrayLike<number>)
 *   => {label: number, count: number, share: number}[]} */
export function sharesOf(indices, labels) {
  const counts = countLabels(indices, labels);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  return counts.map(([label, count]) => ({ label, count, share: count / total }));
}

/** "12 %"; what is there is never "0 %". @type {(share: number) => string} */
export function percent(share) {
  return share < 0.005 ? "< 1 %" : `${Math.round(100 * share)} %`;
}

/** "3", "3 and 8", "120 images, mostly 3": short enough for an arrow.
 * @type {(terms: Term[], indices: ArrayLike<number>, labels: ArrayLike<number>,
 *   nameOf: (label: number) => string) => string} */
export function nameOfGroup(terms, indices, labels, nameOf) {
  const [only, more] = terms;
  const isLabels = !more && only?.kind === "label" && only.operation === "add";
  if (isLabels && only.labels.length < 3) {
    return only.labels.map((label) => (label < 0 ? "no label" : nameOf(label))).join(" and ");
  }
  const [first] = sharesOf(indices, labels);
  const many = `${indices.length.toLocaleString("en")} image${indices.length === 1 ? "" : "s"}`;
  if (!first || first.share <= MOSTLY) return many;
  return `${many}, ${first.share === 1 ? "all" : "mostly"} ${nameOf(first.label)}`;
}
