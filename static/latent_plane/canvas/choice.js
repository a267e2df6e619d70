// A row of buttons of which one is pressed.

import { element } from "./dom.js";

/** `options`: [[value, text, title], …]; `changed(value)` when the user chooses another one. */
export function createChoice(name, options, first, signal, changed = () => {}) {
  let value = first;
  const buttons = options.map(([each, text, title = ""]) => {
    const button = element("button", { type: "button", title, "data-value": each }, text);
    button.addEventListener("click", () => {
      set(each);
      changed(each);
    }, { signal });
    return button;
  });

  function set(next) {
    value = next;
    for (const button of buttons) button.ariaPressed = String(button.dataset.value === value);
  }

  set(first);
  const root = element("div", { class: "choice", role: "group", "aria-label": name }, ...buttons);
  return { root, set, get value() { return value; } };
}
