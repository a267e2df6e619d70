// The tools under the plane: one is open at a time, has its panel, and may take the pointer.

/** @import { Pair, Tool, ToolRow } from "./context.js" */
/** @import { LatentPlane } from "./plane.js" */

import { element, find } from "../shared/dom.js";
import { ARITHMETIC } from "./tools/arithmetic/tool.js";
import { DRAW } from "./tools/draw/tool.js";
import { FIND } from "./tools/find/tool.js";
import { IMAGE } from "./tools/image.js";
import { PATH } from "./tools/path/tool.js";
import { TRAVERSE } from "./tools/traverse/tool.js";

const NO_Z = "Not available on UMAP, which has no inverse map to z";

/** By name, in the order of the tabs. To add a tool: its module, and its row here.
 * @type {Map<string, ToolRow>} */
export const TOOLS = new Map(
  [IMAGE, DRAW, FIND, PATH, ARITHMETIC, TRAVERSE].map((row) => [row.name, row]));

/** @typedef {{row: ToolRow, tool: Tool, tab: HTMLButtonElement}} Entry */

export class Toolbox {
  /** @type {Tool | null} */ active = null;
  /** @type {Map<string, Entry>} */ #entries = new Map();
  #held = false;
  #plane;
  #body;

  /** @param {LatentPlane} plane @param {HTMLElement} root @param {AbortSignal} signal */
  constructor(plane, root, signal) {
    this.#plane = plane;
    this.#body = find(root, ".tool-body");
    for (const row of TOOLS.values()) {
      const properties = { type: "button", role: "tab", "data-tool": row.name };
      const tab = element("button", properties, row.title);
      const tool = row.create(plane.context, signal);
      tab.addEventListener("click", () => (
        plane.act({ tool: this.active === tool ? null : row.name })), { signal });
      this.#entries.set(row.name, { row, tool, tab });
    }
    const list = find(root, ".tool-tabs");
    list.append(...this.#tabs);
    list.addEventListener("keydown", (event) => this.#walk(event), { signal });
    this.#show(null);
  }

  /** The tools that this plane can have, and the open one. @param {string | null} name */
  read(name) {
    for (const { row, tab } of this.#entries.values()) {
      tab.disabled = !this.#isPossible(row);
      tab.title = tab.disabled ? NO_Z : row.hint;
    }
    this.show(name);
  }

  /** Opens a tool, or none. @param {string | null} name */
  show(name) {
    const entry = this.#entries.get(name ?? "");
    this.#show(entry && this.#isPossible(entry.row) ? entry : null);
  }

  /** The name of the open tool; null where none is. */
  get activeName() {
    return [...this.#entries].find(([, { tool }]) => tool === this.active)?.[0] ?? null;
  }

  /** What Python has to send for the open tool. */
  get messages() { return TOOLS.get(this.activeName ?? "")?.messages ?? []; }

  refresh() {
    this.#plane.selection.refresh();
    this.active?.refresh?.();
  }

  /** Whether the open tool has something to finish by itself. */
  get busy() { return this.active?.busy?.() ?? false; }

  follow() { this.active?.follow?.(); }
  home() { return this.active?.home?.() ?? null; }
  inspect() { return this.active?.inspect?.() ?? null; }

  /** @param {CanvasRenderingContext2D} context */
  paint(context) { this.active?.paint?.(context); }

  /** @param {Pair} pixel @param {Pair} z */
  click(pixel, z) { return this.active?.click?.(pixel, z) ?? false; }

  /** @param {Pair} pixel @param {Pair} z @param {PointerEvent} event */
  press(pixel, z, event) { return (this.#held = this.active?.press?.(pixel, z, event) ?? false); }

  /** @param {Pair} pixel @param {Pair} z */
  drag(pixel, z) { if (this.#held) this.active?.drag?.(pixel, z); }

  /** @param {Pair} pixel @param {Pair} z */
  drop(pixel, z) {
    const dragged = this.#held && this.active?.drop?.(pixel, z) !== false;
    this.#held = false;
    return dragged;
  }

  /** @param {KeyboardEvent} event */
  key(event) { return this.active?.key?.(event) ?? false; }

  get #tabs() { return [...this.#entries.values()].map(({ tab }) => tab); }

  /** @param {ToolRow} row */
  #isPossible({ needsZ }) { return !needsZ || this.#plane.view?.axis !== "UMAP"; }

  /** @param {Entry | null} entry */
  #show(entry) {
    const current = entry?.tab ?? this.#tabs.find((tab) => !tab.disabled);
    for (const tab of this.#tabs) {
      tab.ariaSelected = String(tab === entry?.tab);
      tab.tabIndex = tab === current ? 0 : -1;
    }
    const tool = entry?.tool ?? null;
    if (tool === this.active) return;
    this.active?.close?.();
    this.active = tool;
    this.#held = false;
    this.#plane.root.classList.toggle("with-tool", Boolean(tool));
    this.#body.hidden = !tool;
    this.#body.replaceChildren(...(tool ? [tool.panel] : []));
    tool?.open?.();
    tool?.refresh?.();
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!by) return;
    const tabs = this.#tabs;
    const at = tabs.findIndex((tab) => tab === event.target);
    tabs[(at + by + tabs.length) % tabs.length].focus();
    event.preventDefault();
  }
}
