// Images along a path side by side, and the slider under them.

import { element } from "../../canvas/dom.js";
import { toImageData } from "../../canvas/picture.js";

/** `scrub(share)` while the user moves along; `share` goes from 0 to 1. */
export function createFilmStrip(scrub, signal) {
  const canvas = element("canvas", { width: 1, height: 1, role: "img", "data-testid": "film-strip" });
  const mark = element("i", { class: "film-mark" });
  const slider = element("input", { type: "range", min: 0, max: 1, step: "any", "aria-label": "Place along the path" });
  const root = element("div", { class: "film" },
    element("div", { class: "film-frames" }, canvas, mark), slider);
  let count = 0;
  let left = 0;
  let next = 0;
  let image = null;

  slider.addEventListener("input", () => scrub(slider.valueAsNumber), { signal });
  slider.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 4, PageDown: -4 }[event.key];
    if (!by) return;
    event.preventDefault();
    // To the next image, wherever between two it stands.
    const at = slider.valueAsNumber * (count - 1);
    const to = by > 0 ? Math.floor(at + 1e-6) + by : Math.ceil(at - 1e-6) + by;
    scrub(Math.min(Math.max(to / (count - 1), 0), 1));
  }, { signal });
  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * count - 0.5;
    scrub(Math.min(Math.max(at / (count - 1), 0), 1));
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse" && event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    point(event);
  }, { signal });
  canvas.addEventListener("pointermove", (event) => {
    if (canvas.hasPointerCapture(event.pointerId)) point(event);
  }, { signal });

  /** There are `frames` images of this shape, none of them up to date; the old ones stay till then. */
  function expire(frames, { width, height }) {
    if (count !== frames || image?.width !== width || image.height !== height) {
      [canvas.width, canvas.height] = [frames * width, height];
      image = canvas.getContext("2d").createImageData(width, height);
      root.style.setProperty("--frames", frames);
      [count, next] = [frames, 0];
      canvas.values = [];
    }
    left = count;
    delete canvas.dataset.ready;
  }

  /** Makes images for some milliseconds, in turn: while the path moves, all follow, not only the first. */
  function advance(ms, imageAt, { channels, width }) {
    const end = performance.now() + ms;
    while (left && performance.now() < end) {
      const values = imageAt(next / (count - 1));
      canvas.values[next] = Float32Array.from(values);
      canvas.getContext("2d").putImageData(toImageData(values, channels, image), next * width, 0);
      next = (next + 1) % count;
      left -= 1;
    }
    if (!left) canvas.dataset.ready = "true";
  }

  /** Marks where the film is; `words` say it. */
  function show(share, words) {
    slider.value = share;
    slider.ariaValueText = words;
    root.style.setProperty("--frame", Math.round(share * (count - 1)));
  }

  return {
    root, canvas, expire, advance, show,
    get left() { return left; },
    get count() { return count; },
  };
}
