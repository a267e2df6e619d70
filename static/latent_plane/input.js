// What pointer and keyboard do to the plane, and how their events become gestures.

/** @import { Viewport } from "./canvas/camera.js" */
/** @import { Pair } from "./context.js" */
/** @import { LatentPlane } from "./plane.js" */

import { GUTTER } from "./canvas/camera.js";
import { stepCell } from "./canvas/lattice.js";
import { link } from "./link.js";

const KEY_STEP = 8; // pixels
const FINEST = 1e4; // a pin is rounded, far finer than a pixel, so that it reads well in the URL
/** @type {Record<string, [number, number]>} */
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const SHIFT_FACTOR = 5;
const ZOOM_FACTOR = 1.4;
const DIAL = new Set(["turnBy", "togglePlay"]);
const CLICK_TRAVEL = 4; // pixels
const TAP_TRAVEL = 10;
const STIRRED = 4;
const LINE_HEIGHT = 16;

/** Places are pixels from the element's corner. */
export class Gestures {
  /** @param {LatentPlane} plane */
  constructor(plane) {
    this.plane = plane;
  }

  /** @param {Pair} at */
  hover(at) {
    if (this.plane.camera) this.plane.moveTo(this.plane.zAt(at));
  }

  leave() {
    const keeper = link.keeperOf(this.plane);
    const home = keeper.toolbox.home() ?? keeper.pin;
    if (home) keeper.moveTo(home);
  }

  /** @param {Pair} at */
  pinAt(at) {
    const { plane } = this;
    if (!plane.camera) return;
    const z = plane.zAt(at);
    if (plane !== link.keeperOf(plane)) this.#pinThere(z);
    else if (!plane.toolbox.click(inPlot(at), z)) {
      plane.moveTo(z);
      pinCursor(plane);
    }
  }

  /** A tool may take the drag that begins here. @param {Pair} at @param {PointerEvent} event */
  press(at, event) {
    const { plane } = this;
    if (!plane.camera || plane.isGrid) return false;
    return plane.toolbox.press(inPlot(at), plane.zAt(at), event);
  }

  /** @param {Pair} at */
  drag(at) { this.plane.toolbox.drag(inPlot(at), this.plane.zAt(at)); }

  /** @param {Pair} at */
  drop(at) { return this.plane.toolbox.drop(inPlot(at), this.plane.zAt(at)); }

  /** @param {KeyboardEvent} event */
  key(event) { return this.plane.toolbox.key(event); }

  pinCursor() { pinCursor(link.keeperOf(this.plane)); }
  unpin() { link.keeperOf(this.plane).act({ pin: null }); }
  goHome() { this.plane.moveTo([0, 0], true); }

  /** @param {number} dx @param {number} dy steps of the arrow keys, or cells */
  step(dx, dy) {
    const { camera, cursor, isGrid, view } = this.plane;
    if (!camera) return;
    const unit = KEY_STEP / camera.scale;
    this.plane.moveTo(isGrid ? stepCell(view.lattice, cursor, dx, dy)
      : [cursor[0] + dx * unit, cursor[1] + dy * unit], true);
  }

  /** @param {number} dx @param {number} dy */
  panBy(dx, dy) { this.#look((viewport) => viewport.panBy(dx, dy)); }

  /** @param {number} factor @param {Pair} at */
  zoomAt(factor, at) { this.#look((viewport) => viewport.zoomAt(factor, at)); }

  /** @param {number} factor */
  zoomBy(factor) {
    this.#look((viewport) => viewport.zoomAbout(factor, this.plane.pixelOf(this.plane.cursor)));
  }

  reset() { this.#look((viewport) => viewport.reset()); }

  /** @param {number} count */
  turnBy(count) { return this.plane.dial.turnBy(count); }
  togglePlay() { return this.plane.dial.togglePlay(); }
  toggleBubbles() { return !this.plane.isGrid && this.plane.layers.toggle("posteriors"); }

  /** A click on the right plane is one on the left, at the same test image. @param {Pair} z */
  #pinThere(z) {
    this.plane.moveTo(z);
    const keeper = link.keeperOf(this.plane);
    const pixel = keeper.pixelOf(keeper.cursor);
    if (!pixel || !keeper.toolbox.click(pixel, keeper.cursor)) pinCursor(keeper);
  }

  /** @param {(viewport: Viewport) => void} move */
  #look(move) {
    const { plane } = this;
    if (!plane.camera) return;
    move(plane.viewport);
    plane.redraw("still", "marks");
    plane.act({ window: plane.viewport.window });
  }
}

/** A pin is described at one β, so a playing dial stops. @param {LatentPlane} plane */
function pinCursor(plane) {
  plane.dial.settle();
  const [x, y] = plane.cursor.map((value) => Math.round(value * FINEST) / FINEST);
  plane.moveTo([x, y]);
  plane.act({ pin: [x, y] });
}

/** @param {Pair} pixel @returns {Pair} */
function inPlot([px, py]) { return [px - GUTTER.left, py - GUTTER.top]; }

/** Maps a key to an action's name and arguments; null for keys that aren't ours.
 * @type {(event: Partial<KeyboardEvent> & {key: string}) => [string, ...number[]] | null} */
export function actionOf({ key, shiftKey, ctrlKey, metaKey, altKey }) {
  if (ctrlKey || metaKey || altKey) return null;
  if (Object.hasOwn(STEPS, key)) {
    const far = shiftKey ? SHIFT_FACTOR : 1;
    return ["step", STEPS[key][0] * far, STEPS[key][1] * far];
  }
  switch (key) {
    case "Enter": return ["pinCursor"];
    case "Escape":
    case "Backspace": return ["unpin"];
    case "Home": return ["goHome"];
    case "+":
    case "=": return ["zoomBy", ZOOM_FACTOR];
    case "-":
    case "_": return ["zoomBy", 1 / ZOOM_FACTOR];
    case "0": return ["reset"];
    case "[":
    case ",": return ["turnBy", -1];
    case "]":
    case ".": return ["turnBy", 1];
    case " ":
    case "p": return ["togglePlay"];
    case "b": return ["toggleBubbles"];
    default: return null;
  }
}

/** Whether a key that is pressed on this element would do nothing there.
 * @type {(key: string, element: {localName: string}) => boolean} */
export function isFree(key, element) {
  return element.localName === "body" || (key !== " " && element.localName === "button");
}

/** @type {(action: ReturnType<typeof actionOf>, actions: any) => boolean} */
function isDone(action, actions) {
  if (!action) return false;
  const [name, ...values] = action;
  return actions[name](...values) !== false;
}

/** @type {(element: HTMLElement, actions: Gestures, signal: AbortSignal) => void} */
export function listenToKeys(element, actions, signal) {
  element.addEventListener("keydown", (event) => {
    // A plane without a dial leaves its keys to the page.
    if (!actions.key(event) && !isDone(actionOf(event), actions)) return;
    event.preventDefault();
    // Streamlit has shortcuts of its own on the page (r, c, Escape in dialogs).
    event.stopPropagation();
  }, { signal });
}

/** The dial's keys on the page; of two planes `isOurs()` says which one's dial is meant.
 * @type {(actions: Gestures, isOurs: () => boolean, signal: AbortSignal) => void} */
export function listenToPageKeys(actions, isOurs, signal) {
  document.addEventListener("keydown", (event) => {
    const action = actionOf(event);
    const [target] = /** @type {Element[]} */ (event.composedPath());
    if (!DIAL.has(action?.[0] ?? "") || !isFree(event.key, target)) return;
    if (event.defaultPrevented || !isOurs() || !isDone(action, actions)) return;
    event.preventDefault();
  }, { signal });
}

/** The factor that a turn of the wheel zooms by; a trackpad's pinch arrives as Ctrl + wheel.
 * @type {(event: {deltaY: number, deltaMode?: number, ctrlKey?: boolean}) => number} */
export function wheelFactor({ deltaY, deltaMode, ctrlKey }) {
  const pixels = deltaMode === 1 ? deltaY * LINE_HEIGHT : deltaY;
  return Math.exp(-Math.max(-200, Math.min(200, pixels)) * (ctrlKey ? 0.01 : 0.0018));
}

/** @type {(element: HTMLElement, actions: Gestures, signal: AbortSignal) => void} */
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
  /** @template {keyof HTMLElementEventMap} Type
   * @param {Type} type @param {(event: HTMLElementEventMap[Type]) => void} handler
   * @param {AddEventListenerOptions} options */
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
