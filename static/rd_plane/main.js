// The component on Trade-off: the plane with its buttons, one for each element.

/** @import { Data } from "./scene.js" */

import { RateDistortionPlane } from "./plane.js";

const ZOOM = 1.5;
const PICTURE_SCALE = 2;
const ICONS = {
  in: ["Zoom in", "M8 3v10M3 8h10"],
  out: ["Zoom out", "M3 8h10"],
  reset: ["Show everything", "M6 2.5H2.5V6M10 2.5h3.5V6M6 13.5H2.5V10M10 13.5h3.5V10"],
  save: ["Save as a picture", "M8 2.5v8M4.5 7.5L8 11l3.5-3.5M2.5 13.5h11"],
};

/** @typedef {{root: HTMLElement, plane: RateDistortionPlane, order: number,
 *   send: (name: string, value: string | number) => void}} Entry */

/** @type {WeakMap<HTMLElement, Entry>} */ const mounted = new WeakMap();

/** Called after each change of data or theme, `order` counting Streamlit's calls (while the module
 * loads they can arrive in another order); returns the clean-up.
 * @param {{data: Data & {at: number | null}, parentElement: HTMLElement,
 *   setTriggerValue: Entry["send"]}} component
 * @param {number} order */
export function mount({ data, parentElement, setTriggerValue }, order) {
  const before = mounted.get(parentElement);
  if (!before?.root.isConnected) before?.plane.destroy();
  const entry = before?.root.isConnected ? before
    : create(/** @type {HTMLElement} */ (parentElement.querySelector(".rd-plane")));
  mounted.set(parentElement, entry);
  if (order > entry.order) {
    entry.order = order;
    entry.send = setTriggerValue;
    entry.plane.show(data);
  }
  return () => {
    if (entry.root.isConnected) return;
    entry.plane.destroy();
    mounted.delete(parentElement);
  };
}

/** @param {HTMLElement} root @returns {Entry} */
function create(root) {
  const [drawing, buttons] = [".drawing", ".buttons"].map((name) =>
    /** @type {HTMLElement} */ (root.querySelector(name)));
  const plane = new RateDistortionPlane(drawing, {
    released: (beta) => entry.send("beta", beta),
    opened: (run) => entry.send("opened", run),
  });
  /** @type {Entry} */
  const entry = { root, plane, order: -1, send: () => {} };
  /** @type {Record<string, () => void>} */ const act = {
    in: () => plane.zoomBy(ZOOM),
    out: () => plane.zoomBy(1 / ZOOM),
    reset: () => plane.reset(),
    save: () => savePicture(plane.svg, plane.shown?.theme.background ?? "#ffffff"),
  };
  for (const [name, [title, path]] of Object.entries(ICONS)) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", title, ariaLabel: title });
    button.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${path}" /></svg>`;
    button.addEventListener("click", act[name]);
    buttons.append(button);
  }
  return entry;
}

/** The SVG as a PNG file. All colours in it are attributes, so that it needs no style sheet.
 * @param {SVGSVGElement} svg @param {string} background */
async function savePicture(svg, background) {
  const { width, height } = svg.getBoundingClientRect();
  const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
  copy.setAttribute("width", String(PICTURE_SCALE * width));
  copy.setAttribute("height", String(PICTURE_SCALE * height));
  const image = new Image();
  image.src = "data:image/svg+xml;charset=utf-8,"
    + encodeURIComponent(new XMLSerializer().serializeToString(copy));
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [PICTURE_SCALE * width, PICTURE_SCALE * height];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.fillStyle = background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0);
  const link = document.createElement("a");
  Object.assign(link, { href: canvas.toDataURL(), download: "rate-distortion-plane.png" });
  link.click();
}
