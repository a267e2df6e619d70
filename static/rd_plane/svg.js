// Plain nodes to SVG, text measured, and what a pointer does on an SVG with a ring in it.

import { contextOf } from "../shared/dom.js";

const SVG = "http://www.w3.org/2000/svg";
const CLICK_PX = 3; // a press that stays within them is a click

/** @typedef {Record<string, string | number | boolean>} Attributes */
/** @typedef {{tag: keyof SVGElementTagNameMap, attributes: Attributes,
 *   children: Node[] | string}} Node */

/** A node of the SVG; a text stands for its own child.
 * @param {keyof SVGElementTagNameMap} tag @param {Attributes} attributes
 * @param {Node[] | string} children @returns {Node} */
export function node(tag, attributes = {}, children = []) {
  return { tag, attributes, children };
}

/** @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} name @param {Attributes} attributes @param {Element | null} parent
 * @returns {SVGElementTagNameMap[Tag]} */
export function element(name, attributes = {}, parent = null) {
  const made = document.createElementNS(SVG, name);
  set(made, attributes);
  parent?.append(made);
  return made;
}

/** @param {Element} shape @param {Attributes} attributes */
export function set(shape, attributes) {
  for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, String(value));
}

/** Puts nodes in the place of what a group had. @param {Element} group @param {Node[]} nodes */
export function fill(group, nodes) {
  group.replaceChildren();
  for (const { tag, attributes, children } of nodes) {
    const made = element(tag, attributes, group);
    if (Array.isArray(children)) fill(made, children);
    else made.textContent = children;
  }
}

const RING_STYLE = `
  text { user-select: none; -webkit-user-select: none; }
  .ring { outline: none; }
  .grip { cursor: grab; pointer-events: all; }
  .ring:focus-visible .grip { stroke: currentColor; stroke-width: 2; stroke-dasharray: 3 3; }
  .held, .held .grip { cursor: grabbing; }`;

/** A slider: a circle with a larger one around it to grip.
 * @param {SVGElement} svg @param {number} grip @param {Attributes} attributes */
export function createRing(svg, grip, attributes) {
  element("style", {}, svg).textContent = RING_STYLE;
  const ring = element("g", { class: "ring", role: "slider", tabindex: 0,
    "data-testid": "rd-ring", "aria-label": "Place on the rate–distortion curve" }, svg);
  element("circle", { class: "grip", r: grip, fill: "none" }, ring);
  return { ring, circle: element("circle", { "pointer-events": "none", ...attributes }, ring) };
}

/** @typedef {(text: string, size?: number) => number} Measure A text's width, in pixels. */

/** @param {string} font @returns {Measure} */
export function measurer(font) {
  const context = contextOf(document.createElement("canvas"));
  return (text, size = 12) => {
    context.font = `${size}px ${font}`;
    return context.measureText(text).width;
  };
}

/** @typedef {[number, number]} Point In pixels. */
/** @typedef {{hover?: (at: Point | null) => void, click: (at: Point) => void,
 *   pan?: (from: Point, to: Point) => void, drag: (at: Point) => void, drop: () => void,
 *   cancel: () => void}} Act */

/** Tells `act` of the pointer, in pixels from the SVG's corner: hover(at or null), click(at),
 * pan(from, to) with a mouse, and of the ring drag(at), drop() and cancel(). A press with a mouse
 * drags the ring from anywhere if `anywhere`. A finger drags it from the ring alone: elsewhere
 * it scrolls the page. Returns a function that says whether the ring is held.
 * @param {SVGSVGElement} svg @param {SVGElement} ring @param {Act} act
 * @param {{anywhere?: boolean, signal?: AbortSignal}} options */
export function listenToPointer(svg, ring, act, { anywhere = false, signal } = {}) {
  /** @type {{onRing: boolean, touch: boolean, moved: boolean, start: Point, last: Point} | null} */
  let press = null;
  /** @type {(event: PointerEvent) => Point} */
  const pixel = ({ clientX, clientY }) => {
    const box = svg.getBoundingClientRect();
    return [clientX - box.left, clientY - box.top];
  };
  /** @type {(type: string, listener: (event: PointerEvent) => void) => void} */
  const listen = (type, listener) => svg.addEventListener(
    type, /** @type {EventListener} */ (listener), { signal });
  /** @type {(event: Event) => boolean} */
  const isOnRing = (event) => ring.contains(/** @type {Element} */ (event.target));
  const end = () => {
    const ended = press;
    press = null;
    svg.classList.remove("held");
    return ended;
  };

  // Chromium heeds touch-action on a whole SVG only, and a swipe beside the ring is to scroll.
  svg.addEventListener("touchstart", (event) => {
    if (isOnRing(event)) event.preventDefault();
  }, { passive: false, signal });
  listen("pointerdown", (event) => {
    if (event.button !== 0 || press) return;
    const touch = event.pointerType === "touch";
    const jumps = anywhere && !touch;
    const onRing = jumps || isOnRing(event);
    press = { onRing, touch, moved: jumps, start: pixel(event), last: pixel(event) };
    if (touch && !onRing) return; // a swipe, or a tap
    svg.setPointerCapture(event.pointerId);
    if (!onRing) return;
    svg.classList.add("held");
    ring.focus({ preventScroll: true });
    if (jumps) act.drag(press.start);
  });
  listen("pointermove", (event) => {
    const at = pixel(event);
    if (!press) {
      act.hover?.(at);
      return;
    }
    const [x, y] = press.start;
    press.moved ||= Math.hypot(at[0] - x, at[1] - y) > CLICK_PX;
    if (!press.moved) return;
    act.hover?.(null);
    if (press.onRing) act.drag(at);
    else if (!press.touch) act.pan?.(press.last, at);
    press.last = at;
  });
  listen("pointerup", (event) => {
    const ended = end();
    if (ended?.onRing && ended.moved) act.drop();
    else if (ended && !ended.moved) act.click(pixel(event));
  });
  listen("pointercancel", () => { if (end()?.onRing) act.cancel(); });
  listen("pointerleave", () => { if (!press) act.hover?.(null); });
  return () => Boolean(press?.onRing);
}
