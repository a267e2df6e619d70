// Keys on the focused plane, and those of the dial wherever they mean nothing else.

/** @import { Gestures } from "./gestures.js" */

/** @type {Record<string, [number, number]>} */
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const SHIFT_FACTOR = 5;
const ZOOM_FACTOR = 1.4;

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

const DIAL = new Set(["turnBy", "togglePlay"]);

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
