// Keys on the focused plane.

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const SHIFT_FACTOR = 5;
const ZOOM_FACTOR = 1.4;

/** Maps a key to an action's name and arguments; null for keys that aren't ours. */
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

function isDone(action, actions) {
  if (!action) return false;
  const [name, ...values] = action;
  return actions[name](...values) !== false;
}

export function listenToKeys(element, actions, signal) {
  element.addEventListener("keydown", (event) => {
    // A plane without a dial leaves its keys to the page.
    if (!actions.key(event) && !isDone(actionOf(event), actions)) return;
    event.preventDefault();
    // Streamlit has shortcuts of its own on the page (r, c, Escape in dialogs).
    event.stopPropagation();
  }, { signal });
}
