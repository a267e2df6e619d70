// The component on Trade-off: the plane with its buttons, one for each element.

/** @import { Data } from "./scene.js" */

import { contextOf, createButton, createMount, download, element, find } from "../shared/dom.js";
import { RateDistortionPlane } from "./plane.js";

const ZOOM = 1.5;
const PICTURE_SCALE = 2;
const ICONS = {
  in: ["Zoom in", "M8 3v10M3 8h10"],
  out: ["Zoom out", "M3 8h10"],
  reset: ["Show everything", "M6 2.5H2.5V6M10 2.5h3.5V6M6 13.5H2.5V10M10 13.5h3.5V10"],
  save: ["Save as a picture", "M8 2.5v8M4.5 7.5L8 11l3.5-3.5M2.5 13.5h11"],
};

/** @typedef {(name: string, value: string | number) => void} Send */
/** @typedef {{data: Data & {at: number | null}, parentElement: HTMLElement,
 *   setTriggerValue: Send}} Component */
/** @typedef {ReturnType<typeof create>} Entry */

export const mount = createMount(create, (
  /** @type {Entry} */ entry, /** @type {Component} */ { data, setTriggerValue }) => {
  entry.send = setTriggerValue;
  entry.plane.show(data);
});

/** @param {HTMLElement} parent */
function create(parent) {
  const root = find(parent, ".rd-plane");
  const plane = new RateDistortionPlane(find(root, ".drawing"), {
    released: (beta) => entry.send("beta", beta),
    opened: (run) => entry.send("opened", run),
  });
  const send = /** @type {Send} */ (() => {});
  const entry = { root, plane, send, destroy: () => plane.destroy() };
  /** @type {Record<string, () => void>} */ const act = {
    in: () => plane.zoomBy(ZOOM),
    out: () => plane.zoomBy(1 / ZOOM),
    reset: () => plane.reset(),
    save: () => savePicture(plane.svg, plane.shown?.theme.background ?? "#ffffff"),
  };
  for (const [name, [title, path]] of Object.entries(ICONS)) {
    const button = createButton("", title, act[name]);
    button.ariaLabel = title;
    button.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${path}" /></svg>`;
    find(root, ".buttons").append(button);
  }
  return entry;
}

/** The SVG as a PNG file. All colours in it are attributes, so that it needs no style sheet.
 * @param {SVGSVGElement} svg @param {string} background */
async function savePicture(svg, background) {
  const box = svg.getBoundingClientRect();
  const [width, height] = [PICTURE_SCALE * box.width, PICTURE_SCALE * box.height];
  const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  const image = new Image();
  image.src = "data:image/svg+xml;charset=utf-8,"
    + encodeURIComponent(new XMLSerializer().serializeToString(copy));
  await image.decode();
  const canvas = element("canvas", { width, height });
  const context = contextOf(canvas);
  context.fillStyle = background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0);
  download(canvas.toDataURL(), "rate-distortion-plane.png");
}
