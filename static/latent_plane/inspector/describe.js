// The place under the cursor in words.

import { number } from "../canvas/ticks.js";

export const NEAR = 12;

/** "z = (0.40, −1.20), near 12 test images: 9 × 7, 3 × 9" */
export function describe(place, found, counts, nameOf) {
  const z = `z = (${place.map((value) => number(value)).join(", ")})`;
  if (!found) return z;
  const near = `${z}, near ${found} test image${found === 1 ? "" : "s"}`;
  const labels = counts.map(([label, count]) => `${count} × ${nameOf(label)}`).join(", ");
  return labels ? `${near}: ${labels}` : near;
}
