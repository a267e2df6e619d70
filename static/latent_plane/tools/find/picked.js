// The test image that the tools have picked: the URL keeps its index.

import { unitImage } from "../../canvas/picture.js";
import { posteriorOf } from "../../nn/posterior.js";

const REACH = 24; // pixels from a click to the point that it picks

/** Its index; null where none is picked, or one that isn't on the plane. */
export function pickedIndex({ kept, cloud }) {
  const text = kept.get("image") ?? "";
  const index = /^\d{1,9}$/.test(text) ? Number(text) : Infinity;
  return index < cloud.label.length ? index : null;
}

/** The index of the point nearest to a click; null where none is near enough. */
export function pointAt(plane, pixel, [x, y]) {
  const [nearest] = plane.cloud.index().nearest(x, y, 1);
  if (nearest === undefined) return null;
  const at = plane.pixelOf([plane.cloud.x[nearest], plane.cloud.y[nearest]]); // null beyond a grid
  return at && Math.hypot(at[0] - pixel[0], at[1] - pixel[1]) <= REACH ? nearest : null;
}

/** The test images as the encoder sees them; null while one or the other is on its way. */
export function encodable({ encoder, letters }) {
  return encoder && (encoder.network.binarized ? letters.seen : letters.images);
}

/** The posterior mean of test image `index`; null while encoder or images are on their way. */
export function meanOf(plane, index) {
  const images = encodable(plane);
  return images && index < images.count ? posteriorOf(plane.encoder, unitImage(images, index)).mu : null;
}
