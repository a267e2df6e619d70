// The first of some test images as pictures, each a button.

import { element } from "./dom.js";
import { unitImage } from "../cloud/images.js";
import { toImageData } from "./picture.js";

/** `look(i)` when one is hovered or focused, `take(i)` when it is chosen. */
export function createThumbnails(most, { look, take }, signal) {
  const root = element("div", { class: "thumbnails", role: "group", "aria-label": "The first selected images" });
  let shown = "";

  /** `wordsOf(i)`: what is said of one. */
  function show(indices, images, wordsOf) {
    const first = images ? indices.slice(0, most).filter((i) => i < images.count) : [];
    const key = `${first} ${images?.size}`;
    root.hidden = !first.length;
    if (key !== shown) root.replaceChildren(...first.map((i) => button(i, images)));
    shown = key;
    [...root.children].forEach((each, k) => {
      each.title = wordsOf(first[k]);
      each.ariaLabel = `Test image ${wordsOf(first[k])}`;
    });
  }

  function button(i, images) {
    const canvas = element("canvas", { width: images.width, height: images.height });
    const context = canvas.getContext("2d");
    const data = context.createImageData(images.width, images.height);
    context.putImageData(toImageData(unitImage(images, i), images.channels, data), 0, 0);
    const made = element("button", { type: "button", "data-index": i }, canvas);
    for (const type of ["pointerenter", "focus"]) made.addEventListener(type, () => look(i), { signal });
    made.addEventListener("click", () => take(i), { signal });
    return made;
  }

  return { root, show };
}
