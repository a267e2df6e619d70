// The component's entry: one plane for each element, wired once and updated on every call.

/** @import { PlaneData } from "./context.js" */
/** @import { Send } from "./payload/messages.js" */

import { createMount, find } from "../shared/dom.js";
import { valuesOn } from "./canvas/picture.js";
import { linkedOn } from "./link.js";
import { Gestures, listenToKeys, listenToPageKeys, listenToPointer } from "./input.js";
import { LatentPlane } from "./plane.js";
import { owner } from "./owner.js";

const ZOOM_STEP = 1.4;
/** @type {Record<string, (gestures: Gestures) => void>} */ const BUTTONS = {
  "zoom-in": (gestures) => gestures.zoomBy(ZOOM_STEP),
  "zoom-out": (gestures) => gestures.zoomBy(1 / ZOOM_STEP),
  "zoom-reset": (gestures) => gestures.reset(),
};

globalThis.addEventListener?.("popstate", () => owner.reread());

/** @typedef {{data: PlaneData, parentElement: HTMLElement, setStateValue?: Send}} Component */
/** @typedef {ReturnType<typeof create>} Entry */

export const mount = createMount(create, (
  /** @type {Entry} */ { plane, showError }, /** @type {Component} */ { data, setStateValue }) => {
  showError(null);
  try {
    plane.update(data, setStateValue);
  } catch (error) {
    showError(error);
  }
});

/** @param {HTMLElement} parent */
function create(parent) {
  const root = find(parent, ".latent-plane");
  const listening = new AbortController();
  const { signal } = listening;
  const alert = find(root, ".error");
  const showError = (/** @type {unknown} */ error) => {
    alert.hidden = !error;
    alert.textContent = error instanceof Error ? error.message : "";
    root.classList.toggle("failed", Boolean(error));
    if (error) console.error(error);
  };
  const plane = new LatentPlane(root, showError, signal);
  Object.assign(root, { latentPlane: inspect(plane) });
  const gestures = new Gestures(plane);
  // A list that opens keeps the pointer's release to itself.
  root.addEventListener("pointerdown", ({ target }) => (
    owner.hold(!(target instanceof HTMLSelectElement))), { signal, capture: true });
  const release = () => owner.hold(false);
  for (const type of ["pointerup", "pointercancel"]) {
    addEventListener(type, release, { signal, capture: true });
  }
  addEventListener("blur", release, { signal }); // the window's, not that of an element in it
  listenToPointer(plane.element, gestures, signal);
  listenToKeys(plane.element, gestures, signal);
  listenToPageKeys(gestures, () => plane.view?.side !== "right", signal);
  for (const [name, act] of Object.entries(BUTTONS)) {
    find(root, `.${name}`).addEventListener("click", () => act(gestures), { signal });
  }
  // Canvas text doesn't redraw itself when its font arrives.
  document.fonts.addEventListener("loadingdone", () => plane.repaint(), { signal });
  const destroy = () => {
    listening.abort();
    plane.destroy();
  };
  return { root, plane, showError, destroy };
}

/** What a plane shows, read-only: for tests, as `latentPlane` of the component's root.
 * @param {LatentPlane} plane */
function inspect(plane) {
  return Object.freeze({
    /** The points as they are drawn. */
    get points() { return { x: Array.from(plane.cloud.x), y: Array.from(plane.cloud.y) }; },
    /** The indices of the selected images; null where nothing is selected. */
    get selected() { return plane.selection.indices ?? null; },
    /** One byte a point that is drawn in colour; null for all. */
    get mask() { return plane.selection.mask && Array.from(plane.selection.mask); },
    /** What two planes have in common; null on one alone. */
    get linked() { return linkedOn(plane); },
    /** What the open tool has found. */
    get tool() { return plane.toolbox.inspect(); },
    /** What a layer paints. */
    layer: (/** @type {string} */ name) => plane.layers.inspect(name),
    /** The unquantised values of a picture. */
    valuesOf: valuesOn,
  });
}
