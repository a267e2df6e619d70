// What a group of test images has in common: its figures, its labels, its name in a few words.

import { countLabels } from "../../cloud/cloud.js";

const MOSTLY = 0.5;

/** Mean of `values` over these; NaN of none. */
export function meanOver(indices, values) {
  let sum = 0;
  for (const i of indices) sum += values[i];
  return sum / indices.length;
}

/** [{label, count, share}], the most frequent first; of images with a label. */
export function sharesOf(indices, labels) {
  const counts = countLabels(indices, labels);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  return counts.map(([label, count]) => ({ label, count, share: count / total }));
}

/** "12 %"; what is there is never "0 %". */
export function percent(share) {
  return share < 0.005 ? "< 1 %" : `${Math.round(100 * share)} %`;
}

/** "3", "3 and 8", "120 images, mostly 3": short enough for an arrow. */
export function nameOfGroup(terms, indices, labels, nameOf) {
  const [only, more] = terms;
  if (only && !more && only.kind === "label" && only.operation === "add" && only.labels.length < 3) {
    return only.labels.map((label) => (label < 0 ? "no label" : nameOf(label))).join(" and ");
  }
  const [first] = sharesOf(indices, labels);
  const many = `${indices.length.toLocaleString("en")} image${indices.length === 1 ? "" : "s"}`;
  return first?.share > MOSTLY ? `${many}, ${first.share === 1 ? "all" : "mostly"} ${nameOf(first.label)}` : many;
}
