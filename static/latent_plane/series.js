// Images at equal steps along a line of the latent space, made slice by slice; each is a button.

import { element } from "./dom.js";
import { createPicture } from "./picture.js";

const SLICE_MS = 8; // of each frame

/** `steps`: values of t; `textOf(t)` names one; `take(t)` when it is chosen. */
export function createSeries(steps, textOf, take, signal) {
  const slots = steps.map((t) => {
    const canvas = element("canvas", { width: 28, height: 28 });
    const button = element("button", { type: "button", "aria-label": `t = ${textOf(t)}`, "data-t": t }, canvas, element("span", {}, textOf(t)));
    button.addEventListener("click", () => take(t), { signal });
    return { button, canvas, picture: createPicture(canvas) };
  });
  const root = element("div", { class: "series", role: "group", "aria-label": "Steps along the direction" }, ...slots.map(({ button }) => button));
  let known = "";
  let left = [];

  /** Images of `zAt(t)`; `version` changes when they do. Returns whether there is more to be done. */
  function work(version, zAt, decoder) {
    if (version !== known) left = [...steps.keys()];
    known = version;
    const end = performance.now() + SLICE_MS;
    while (left.length && performance.now() < end) {
      const { canvas, picture } = slots[left[0]];
      const z = zAt(steps[left.shift()]);
      picture.show(decoder.decode(z), decoder, [0, 0], null);
      canvas.dataset.z = z.join();
    }
    return left.length > 0;
  }

  function mark(t) {
    slots.forEach(({ button }, k) => { button.ariaPressed = String(Math.abs(steps[k] - t) < 1e-6); });
  }

  return { root, work, mark };
}
