// Elements made in one expression.

/** An element with properties (`class`, `data-*` and `aria-*` as attributes) and children. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") made.className = value;
    else if (name.includes("-") || name === "role") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children);
  return made;
}

/** Writes a text only where it is another one. */
export function write(target, text) {
  if (target.textContent !== text) target.textContent = text;
}
