import assert from "node:assert/strict";
import test from "node:test";
import { createContext } from "../../../static/latent_plane/context.js";
import { LAYERS, Layers } from "../../../static/latent_plane/layers.js";
import { VALUES } from "../../../static/latent_plane/state.js";
import { TOOLS, Toolbox } from "../../../static/latent_plane/toolbox.js";

/** As much of an element as a toolbox and a menu need. */
class FakeElement {
  children = [];
  dataset = {};
  listeners = {};
  classes = new Set();
  classList = { toggle: (name, on) => (on ? this.classes.add(name) : this.classes.delete(name)) };

  append(...children) { this.children.push(...children); }
  replaceChildren(...children) { this.children = children; }
  setAttribute(name, value) { if (name.startsWith("data-")) this.dataset[name.slice(5)] = value; }
  addEventListener(type, listener) { this.listeners[type] = listener; }
  fire(type, event = {}) { this.listeners[type]({ preventDefault() {}, ...event }); }
  querySelector(selector) { return (this.found ??= {})[selector] ??= new FakeElement(); }
}

globalThis.document = { createElement: () => new FakeElement() };

/** As much of a plane; its decoder's image is z itself. */
function planeOf(axis = "z") {
  const state = { tool: null, layers: ["points"], image: null };
  const plane = {
    root: new FakeElement(), acts: [], redrawn: [], dial: { beta: 1 }, isGrid: false,
    view: { axis, dims: [0, 1], held: null }, decoder: { latentDim: 2, decode: (z) => z },
    state: { get: (name) => state[name] }, selection: { refresh() {} }, cursor: [1, 2],
    act(values) {
      plane.acts.push(values);
      Object.assign(state, values);
      if ("tool" in values) plane.toolbox.show(values.tool);
    },
    redraw: (...parts) => plane.redrawn.push(...parts),
    latentAt: (place) => Float32Array.from(place),
  };
  plane.context = createContext(plane);
  return plane;
}

/** A tool in a few lines: it decodes where one clicks, and dots the place. */
class Probe {
  panel = new FakeElement();
  constructor(plane) { this.plane = plane; }
  refresh() { this.image = this.plane.decoder.decode(this.plane.latentAt(this.plane.cursor)); }
  click(_, z) {
    this.plane.act({ image: z[0] });
    this.plane.redraw("marks");
    return true;
  }
  paint(context) { context.push([...this.image]); }
  inspect() { return this.image; }
}

/** The tools are those given while a test runs. */
function withTools(t, rows) {
  const before = [...TOOLS];
  TOOLS.clear();
  for (const row of rows) TOOLS.set(row.name, row);
  t.after(() => {
    TOOLS.clear();
    for (const [name, row] of before) TOOLS.set(name, row);
  });
}

const PROBE = {
  name: "probe", title: "Probe", hint: "Decode a place", needsZ: true, messages: ["encoder"],
  create: (plane) => new Probe(plane),
};

test("a tool is a row and a module: it is opened, refreshed, clicked, painted and asked for", (t) => {
  withTools(t, [PROBE]);
  const plane = planeOf();
  const toolbox = plane.toolbox = new Toolbox(plane, plane.root);
  toolbox.read(null);
  const [tab] = plane.root.querySelector(".tool-tabs").children;
  assert.deepEqual([tab.dataset.tool, tab.title, tab.tabIndex], ["probe", "Decode a place", 0]);
  assert.equal(toolbox.click([0, 0], [5, 6]), false); // nothing is open
  tab.fire("click");
  assert.deepEqual([plane.acts, toolbox.activeName], [[{ tool: "probe" }], "probe"]);
  assert.deepEqual([...toolbox.inspect()], [1, 2]);
  assert.deepEqual(toolbox.messages, ["encoder"]);
  assert.equal(toolbox.click([0, 0], [5, 6]), true);
  assert.deepEqual([plane.acts.at(-1), plane.redrawn], [{ image: 5 }, ["marks"]]);
  const painted = [];
  toolbox.paint(painted);
  assert.deepEqual(painted, [[1, 2]]);
  tab.fire("click");
  assert.equal(toolbox.activeName, null);
  assert.ok(plane.root.querySelector(".tool-body").hidden);
  assert.equal(VALUES.tool.parse("probe"), "probe");
  assert.deepEqual(toolbox.messages, []);
});

test("a tool that needs a z for every place isn't available on UMAP", (t) => {
  withTools(t, [PROBE, { ...PROBE, name: "other", needsZ: false }]);
  const plane = planeOf("UMAP");
  const toolbox = plane.toolbox = new Toolbox(plane, plane.root);
  toolbox.read("probe");
  const [first, second] = plane.root.querySelector(".tool-tabs").children;
  assert.deepEqual([first.disabled, second.disabled, toolbox.activeName], [true, false, null]);
  assert.equal(first.title, "Not available on UMAP, which has no inverse map to z");
  toolbox.show("other");
  assert.equal(toolbox.activeName, "other");
});

test("a layer is a row and a module: drawn by its depth, listed as registered", (t) => {
  const before = [...LAYERS];
  t.after(() => {
    LAYERS.clear();
    for (const [name, row] of before) LAYERS.set(name, row);
  });
  LAYERS.clear();
  for (const [name, depth] of [["over", 2], ["under", 1], ["never", 0]]) {
    LAYERS.set(name, {
      name, depth, title: name, hint: "",
      create: () => ({
        isPossible: () => name !== "never", paint: (context) => context.push(name),
        paintOver: (context) => context.push(`${name}!`), inspect: () => depth,
      }),
    });
  }
  const plane = planeOf();
  const layers = new Layers(plane, plane.root);
  assert.equal(plane.root.querySelector(".layer-list").children.length, 3);
  assert.ok(layers.toggle("over") && layers.toggle("under") && !layers.toggle("never"));
  const painted = [];
  layers.paint(painted);
  assert.deepEqual(painted, ["under", "over", "under!", "over!"]);
  assert.deepEqual([layers.inspect("over"), layers.inspect("never")], [2, null]);
  assert.deepEqual(VALUES.layers.parse("under,over"), ["over", "under"]);
});

test("a plane's context is frozen, and reads the plane when it is asked", () => {
  const plane = planeOf();
  const { context } = plane;
  assert.throws(() => { context.cursor = [9, 9]; }, TypeError);
  plane.cursor = [3, 4];
  assert.deepEqual(context.cursor, [3, 4]);
  assert.deepEqual(context.placeOf([7, 8, 9]), [7, 8]);
});
