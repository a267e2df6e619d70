// Elements made in one expression, the small parts that panels share, and how components mount.

/** @typedef {Record<string, unknown>} Properties */

const GONE_AFTER_MS = 100; // from an element's page

/** An element with properties (`class`, `data-*` and `aria-*` as attributes) and children.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {Properties} properties @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]} */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") made.className = String(value);
    else if (name.includes("-") || name === "role") made.setAttribute(name, String(value));
    else Object.assign(made, { [name]: value });
  }
  made.append(...children);
  return made;
}

/** The element of `root` that a selector names; the page has it.
 * @template {string} Selector @param {ParentNode} root @param {Selector} selector
 * @returns {Selector extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[Selector]
 *   : HTMLElement} */
export function find(root, selector) {
  const found = root.querySelector(selector);
  if (!found) throw new Error(`The component's page has no ${selector}.`);
  return /** @type {any} */ (found);
}

/** Writes a text only where it is another one. @type {(target: Element, text: string) => void} */
export function write(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/** @type {(canvas: HTMLCanvasElement, options?: CanvasRenderingContext2DSettings)
 *   => CanvasRenderingContext2D} */
export function contextOf(canvas, options) {
  const context = canvas.getContext("2d", options);
  if (!context) throw new Error("This browser has no canvas to draw on.");
  return context;
}

/** Whether the person has asked for less motion. */
export function prefersReducedMotion() {
  return Boolean(globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches);
}

/** A button that does something.
 * @type {(text: string, title: string, act: () => void) => HTMLButtonElement} */
export function createButton(text, title, act) {
  const button = element("button", { type: "button", title }, text);
  button.addEventListener("click", act);
  return button;
}

/** Arrow keys move a slider by one step, Page Up and Page Down by `page`, Home and End by endlessly
 * many, as `act(steps)` does it.
 * @type {(slider: HTMLElement | SVGElement, page: number, act: (steps: number) => void,
 *   signal?: AbortSignal) => void} */
export function listenToSteps(slider, page, act, signal) {
  /** @type {Record<string, number>} */ const steps = {
    ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: page, PageDown: -page,
    Home: -Infinity, End: Infinity,
  };
  /** @type {HTMLElement} */ (slider).addEventListener("keydown", (event) => {
    if (!Object.hasOwn(steps, event.key)) return;
    event.preventDefault();
    act(steps[event.key]);
  }, { signal });
}

/** A control under its name. @type {(name: string | Node, control: Node) => HTMLElement} */
export function labelled(name, control) {
  const title = typeof name === "string" ? element("span", {}, name) : name;
  return element("div", { class: "labelled" }, title, control);
}

/** Writes rows [term, value, title] into a list of definitions.
 * @param {HTMLElement} list @param {(readonly [string, string, string?])[]} rows */
export function showRows(list, rows) {
  list.replaceChildren(...rows.flatMap(([term, value, title = ""]) => (
    [element("dt", { title }, term), element("dd", { title }, value)])));
}

/** A row of buttons of which one is pressed.
 * @template {string} Value @param {string} name
 * @param {(readonly [Value, string, string?])[]} options value, text and title of each
 * @param {Value} first @param {(value: Value) => void} changed when the user chooses another one */
export function createChoice(name, options, first, changed = () => {}) {
  let value = first;
  const buttons = options.map(([each, text, title = ""]) => {
    const button = createButton(text, title, () => {
      set(each);
      changed(each);
    });
    button.dataset.value = each;
    return button;
  });

  /** @param {Value} next */
  function set(next) {
    value = next;
    for (const button of buttons) button.ariaPressed = String(button.dataset.value === value);
  }

  set(first);
  const root = element("div", { class: "choice", role: "group", "aria-label": name }, ...buttons);
  return { root, set, get value() { return value; } };
}

/** A component's `mount`, called after each change of data or theme; `order` counts Streamlit's
 * calls, which can arrive in another order while the module loads. `create` makes what lives as
 * long as its `root`, `update` shows what has come. It returns the clean-up: an overtaken call is
 * cleaned up too, with the element still there, so that an entry goes only with its element.
 * @template {{root: HTMLElement, destroy: () => void}} Entry
 * @template {{parentElement: HTMLElement}} Component
 * @param {(parent: HTMLElement) => Entry} create
 * @param {(entry: Entry, component: Component) => void} update */
export function createMount(create, update) {
  /** @type {WeakMap<HTMLElement, {entry: Entry, order: number}>} */ const mounted = new WeakMap();
  return (/** @type {Component} */ component, /** @type {number} */ order) => {
    const { parentElement } = component;
    const before = mounted.get(parentElement);
    if (before && !before.entry.root.isConnected) before.entry.destroy();
    const known = before?.entry.root.isConnected ? before
      : { entry: create(parentElement), order: -1 };
    mounted.set(parentElement, known);
    if (order > known.order) {
      known.order = order;
      update(known.entry, component);
    }
    return () => setTimeout(() => {
      if (known.entry.root.isConnected) return;
      known.entry.destroy();
      if (mounted.get(parentElement) === known) mounted.delete(parentElement);
    }, GONE_AFTER_MS);
  };
}

/** Hands the user a file. @type {(address: string, name: string) => void} */
export function download(address, name) {
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
}
