// Mouse, pen and fingers on the plane, as moves, pins, pans and zooms.

const CLICK_TRAVEL = 4;
const TAP_TRAVEL = 10;
const LINE_HEIGHT = 16;
const STIRRED = 4; // pixels

/** The factor that a turn of the wheel zooms by; a trackpad's pinch arrives as Ctrl + wheel. */
export function wheelFactor({ deltaY, deltaMode, ctrlKey }) {
  const pixels = deltaMode === 1 ? deltaY * LINE_HEIGHT : deltaY;
  return Math.exp(-Math.max(-200, Math.min(200, pixels)) * (ctrlKey ? 0.01 : 0.0018));
}

/**
 * `actions`: hover, leave, panBy, zoomAt, pinAt; press (true where a tool takes the drag), drag and
 * drop (false where it was a click after all). All places in pixels from the element's corner.
 */
export function listenToPointer(element, actions, signal) {
  const down = new Map();
  let travelled = false;
  let start = null;
  let taken = false; // by a tool
  let scrolled = null; // where the pointer rests while the wheel moves the page

  const place = (event) => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
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

  /** Whether a tool had a drag that ends here. */
  function release(at) {
    const dragged = taken && actions.drop(at) !== false;
    taken = false;
    return dragged;
  }

  listen("pointermove", (event) => {
    const at = place(event);
    if (scrolled && Math.hypot(event.clientX - scrolled[0], event.clientY - scrolled[1]) > STIRRED) scrolled = null;
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

  function pinch(id, before, at) {
    const [, other] = [...down].find(([key]) => key !== id);
    const apart = (p) => Math.hypot(p[0] - other[0], p[1] - other[1]);
    actions.panBy((at[0] - before[0]) / 2, (at[1] - before[1]) / 2);
    const middle = [(at[0] + other[0]) / 2, (at[1] + other[1]) / 2];
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
    if (!element.contains(event.composedPath()[0])) scrolled = [event.clientX, event.clientY];
  }, { passive: true, capture: true, signal });
  listen("wheel", (event) => {
    if (scrolled) return;
    event.preventDefault();
    actions.zoomAt(wheelFactor(event), place(event));
  }, { passive: false });
}

function capture(element, id) {
  try {
    element.setPointerCapture(id);
  } catch {
    // A synthetic event has no active pointer to capture; the drag then ends at the edge.
  }
}
