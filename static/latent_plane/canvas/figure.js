// A small picture with its name under it.

import { element } from "./dom.js";
import { createPicture } from "./picture.js";

/** {root, canvas, show(values, shape)}; `hint` is said on hovering. */
export function createFigure(title, hint = "") {
  const canvas = element("canvas", { width: 28, height: 28, role: "img", "aria-label": title });
  const picture = createPicture(canvas);
  return {
    canvas,
    root: element("figure", { title: hint }, canvas, element("figcaption", {}, title)),
    show: (values, shape) => picture.show(values, shape, [0, 0], null),
  };
}
