// The tools under the plane: one is open at a time, has its panel, and may take the pointer.

import { element } from "./canvas/dom.js";
import { createArithmeticTool } from "./tools/arithmetic/tool.js";
import { createDrawTool } from "./tools/draw/tool.js";
import { createFindTool } from "./tools/find/tool.js";
import { createImageTool } from "./tools/image.js";
import { createPathTool } from "./tools/path/tool.js";
import { createTraverseTool } from "./tools/traverse/tool.js";

const TOOLS = [createImageTool, createDrawTool, createFindTool, createPathTool, createArithmeticTool, createTraverseTool];

/**
 * A tool has a name, a title, a hint and a `panel`; where it needs them:
 *   open(), close()       it is opened, or another one
 *   refresh()             decoder, points, β, letters or theme have changed; once a frame at most
 *   follow()              the cursor has moved
 *   home()                where the cursor goes when the pointer leaves the plane; null: to the pin
 *   paint(context)        over the plane, whenever what follows the pointer is drawn
 *   click(pixel, z)       true if it was for the tool; else the place is pinned
 *   press(pixel, z, event)  true to have the drag that follows: drag(pixel, z), and drop(pixel, z),
 *                         which returns false where it was a click after all
 *   key(event)            on the focused plane; true if it was for the tool
 * Pixels count from the plot's top left corner.
 */
export class Toolbox {
  active = null;
  #tools = new Map();
  #tabs = new Map();
  #held = false;

  constructor(plane, root, signal) {
    this.plane = plane;
    this.list = root.querySelector(".tool-tabs");
    this.body = root.querySelector(".tool-body");
    for (const create of TOOLS) {
      const tool = create(plane, signal);
      const tab = element("button", { type: "button", role: "tab", title: tool.hint, "data-tool": tool.name }, tool.title);
      tab.addEventListener("click", () => plane.act({ tool: this.active === tool ? null : tool.name }), { signal });
      this.#tools.set(tool.name, tool);
      this.#tabs.set(tool.name, tab);
    }
    this.list.append(...this.#tabs.values());
    this.list.addEventListener("keydown", (event) => this.#walk(event), { signal });
    this.#show(null);
  }

  /** The tools that this plane can have, and the open one. */
  read(name) {
    for (const [each, tab] of this.#tabs) {
      tab.disabled = !this.#isPossible(each);
      tab.title = tab.disabled ? "Needs a plane on which every place has a z, unlike UMAP's" : this.#tools.get(each).hint;
    }
    this.show(name);
  }

  /** Opens a tool, or none. */
  show(name) { this.#show(this.#isPossible(name) ? this.#tools.get(name) ?? null : null); }

  /** On UMAP's map, where a place has no z, test images can be found and nothing else. */
  #isPossible(name) { return this.plane.view.axis !== "UMAP" || name === "find"; }

  refresh() {
    this.plane.selection.refresh();
    this.active?.refresh?.();
  }

  follow() { this.active?.follow?.(); }
  home() { return this.active?.home?.() ?? null; }
  paint(context) { this.active?.paint?.(context); }

  click(pixel, z) { return this.active?.click?.(pixel, z) ?? false; }
  press(pixel, z, event) { return (this.#held = this.active?.press?.(pixel, z, event) ?? false); }
  drag(pixel, z) { if (this.#held) this.active?.drag?.(pixel, z); }

  drop(pixel, z) {
    const dragged = this.#held && this.active?.drop?.(pixel, z) !== false;
    this.#held = false;
    return dragged;
  }

  key(event) { return this.active?.key?.(event) ?? false; }

  #show(tool) {
    const [first] = [...this.#tabs.keys()].filter((name) => !this.#tabs.get(name).disabled);
    for (const [name, tab] of this.#tabs) {
      tab.ariaSelected = String(name === tool?.name);
      tab.tabIndex = name === (tool?.name ?? first) ? 0 : -1;
    }
    if (tool === this.active) return;
    this.active?.close?.();
    this.active = tool;
    this.#held = false;
    this.plane.root.classList.toggle("with-tool", Boolean(tool));
    this.body.hidden = !tool;
    this.body.replaceChildren(...(tool ? [tool.panel] : []));
    tool?.open?.();
    tool?.refresh?.();
  }

  #walk(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const tabs = [...this.#tabs.values()];
    const at = tabs.indexOf(event.target);
    tabs[(at + by + tabs.length) % tabs.length].focus();
    event.preventDefault();
  }
}
