// Mouse, pen and fingers on the plane, as moves, pins, pans and zooms.

/** @import { Pair } from "../context.js" */
/**
 * What the pointer does; all places in pixels from the element's corner.
 * @typedef {object} Actions
 * @property {(at: Pair) => void} hover
 * @property {() => void} leave
 * @property {(dx: number, dy: number) => void} panBy
 * @property {(factor: number, at: Pair) => void} zoomAt
 * @property {(at: Pair) => void} pinAt
 * @property {(at: Pair, event: PointerEvent) => boolean} press true where a tool takes the drag
 * @property {(at: Pair) => void} drag
 * @property {(at: Pair) => boolean} drop false where it was a click after all
 */

const CLICK_TRAVEL = 4;
const TAP_TRAVEL = 10;
const LINE_HEIGHT = 16;
const STIRRED = 4; // pixels

/** The factor that a turn of the wheel zooms by; a trackpad's pinch arrives as Ctrl + wheel.
 * @type {(event: {deltaY: number, deltaMode?: number, ctrlKey?: boolean}) => number} */
export function wheelFactor({ deltaY, deltaMode, ctrlKey }) {
  const pixels = deltaMode === 1 ? deltaY * LINE_HEIGHT : deltaY;
  return Math.exp(-Math.max(-200, Math.min(200, pixels)) * (ctrlKey ? 0.01 : 0.0018));
}

/** @type {(element: HTMLElement, actions: Actions, signal: AbortSignal) => void} */
export function listenToPointer(element, actions, signal) {
  /** @type {Map<number, Pair>} */ const down = new Map();
  let travelled = false;
  /** @type {Pair} */ let start = [0, 0];
  let taken = false; // by a tool
  /** @type {Pair | null} where the pointer rests while the wheel moves the page */
  let scrolled = null;

  /** @type {(event: MouseEvent) => Pair} */
  const place = (event) => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  /**
   * @template {keyof HTMLElementEventMap} Type
   * @param {Type} type @param {(event: HTMLElementEventMap[Type]) => void} handler
   * @param {AddEventListenerOptions} options
   */
  const listen = (type, handler, options = {}) =>
    element.addEventListener(type, handler, { signal, ...options });

  listen("pointerdown", (event) => {
    if (event.pointerType === "mouse" && event.button !== 0) return;
    const at = place(event);
    if (!down.size) {
      start = at;
      travelled = false;
      taken = actions.press(at, event);
    } else {
      travelled = true;
      release(at);
    }
    down.set(event.pointerId, at);
    capture(element, event.pointerId);
    if (event.pointerType === "touch" && down.size === 1 && !taken) actions.hover(at);
  });

  /** Whether a tool had a drag that ends here. @param {Pair} at */
  function release(at) {
    const dragged = taken && actions.drop(at) !== false;
    taken = false;
    return dragged;
  }

  listen("pointermove", (event) => {
    const at = place(event);
    const [x, y] = scrolled ?? [event.clientX, event.clientY];
    if (Math.hypot(event.clientX - x, event.clientY - y) > STIRRED) scrolled = null;
    const before = down.get(event.pointerId);
    if (!before) {
      if (!down.size) actions.hover(at);
      return;
    }
    const touch = event.pointerType === "touch";
    const limit = touch ? TAP_TRAVEL : CLICK_TRAVEL;
    if (Math.hypot(at[0] - start[0], at[1] - start[1]) > limit) travelled = true;
    if (taken) actions.drag(at);
    else if (down.size === 2) pinch(event.pointerId, before, at);
    else if (down.size === 1 && touch) actions.hover(at);
    else if (down.size === 1 && travelled) {
      element.classList.add("panning");
      actions.panBy(at[0] - before[0], at[1] - before[1]);
    } else return;
    down.set(event.pointerId, at);
  });

  /** @param {number} id @param {Pair} before @param {Pair} at */
  function pinch(id, before, at) {
    const [, other] = [...down].find(([key]) => key !== id) ?? [id, at];
    const apart = (/** @type {Pair} */ p) => Math.hypot(p[0] - other[0], p[1] - other[1]);
    actions.panBy((at[0] - before[0]) / 2, (at[1] - before[1]) / 2);
    /** @type {Pair} */ const middle = [(at[0] + other[0]) / 2, (at[1] + other[1]) / 2];
    actions.zoomAt(apart(at) / Math.max(apart(before), 1), middle);
  }

  listen("pointerup", (event) => {
    if (!down.delete(event.pointerId)) return;
    element.classList.remove("panning");
    const dragged = release(place(event));
    if (!travelled && !dragged && !down.size) actions.pinAt(place(event));
  });
  listen("pointercancel", (event) => {
    down.delete(event.pointerId);
    release(place(event));
    travelled = true;
    element.classList.remove("panning");
  });
  listen("pointerleave", (event) => {
    if (event.pointerType !== "touch" && !down.size) actions.leave();
  });
  // A page that is being scrolled goes on when the plane comes under the pointer.
  document.addEventListener("wheel", (event) => {
    const [target] = /** @type {Node[]} */ (event.composedPath());
    if (!element.contains(target)) scrolled = [event.clientX, event.clientY];
  }, { passive: true, capture: true, signal });
  listen("wheel", (event) => {
    if (scrolled) return;
    event.preventDefault();
    actions.zoomAt(wheelFactor(event), place(event));
  }, { passive: false });
}

/** @type {(element: HTMLElement, id: number) => void} */
function capture(element, id) {
  try {
    element.setPointerCapture(id);
  } catch {
    // A synthetic event has no active pointer to capture; the drag then ends at the edge.
  }
}
