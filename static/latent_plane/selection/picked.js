// The test image that the tools have picked: the URL keeps its index.

import { unitImage } from "../points/images.js";
import { posteriorOf } from "../model/posterior.js";

/** Its index; null where none is picked, or one that isn't on the plane. */
export function pickedIndex({ kept, cloud }) {
  const text = kept.get("image");
  const index = Number(text);
  return text !== null && Number.isInteger(index) && index >= 0 && index < cloud.label.length ? index : null;
}

/** The posterior mean of test image `index`; null while encoder or images are on their way. */
export function meanOf({ encoder, letters }, index) {
  const images = encoder?.network.binarized ? letters.seen : letters.images;
  return encoder && images && index < images.count ? posteriorOf(encoder, unitImage(images, index)).mu : null;
}
