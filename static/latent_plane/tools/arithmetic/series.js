// Images at equal steps along a line of the latent space, made slice by slice; each is a button.

import { element } from "../../canvas/dom.js";
import { Picture } from "../../canvas/picture.js";

const SLICE_MS = 4; // of each frame, beside what else follows the pointer

/** `steps`: values of t; `textOf(t)` names one; `take(t)` when it is chosen. */
export function createSeries(steps, textOf, take, signal) {
  const slots = steps.map((t) => {
    const canvas = element("canvas", { width: 28, height: 28 });
    const button = element("button", { type: "button", "aria-label": `t = ${textOf(t)}`, "data-t": t }, canvas, element("span", {}, textOf(t)));
    button.addEventListener("click", () => take(t), { signal });
    return { button, canvas, picture: new Picture(canvas) };
  });
  const root = element("div", { class: "series", role: "group", "aria-label": "Steps along the direction" }, ...slots.map(({ button }) => button));
  let known = "";
  let left = 0;
  let next = 0;

  /**
   * Images of `zAt(t)`; `version` changes when they do. Returns whether there is more to be done.
   * Goes round, so that while the pointer moves all steps follow, not only the first ones.
   */
  function work(version, zAt, decoder) {
    if (version !== known) left = steps.length;
    known = version;
    const end = performance.now() + SLICE_MS;
    while (left && performance.now() < end) {
      const { canvas, picture } = slots[next];
      const z = zAt(steps[next]);
      picture.show(decoder.decode(z), decoder);
      canvas.dataset.z = z.join();
      next = (next + 1) % steps.length;
      left -= 1;
    }
    return left > 0;
  }

  function mark(t) {
    slots.forEach(({ button }, k) => { button.ariaPressed = String(Math.abs(steps[k] - t) < 1e-6); });
  }

  return { root, work, mark };
}
