import assert from "node:assert/strict";
import test from "node:test";
import { SideState, StateOwner } from "../../../static/latent_plane/owner.js";
import { VALUES, fragmentOf, textOf, textsIn } from "../../../static/latent_plane/state.js";
import { createRandom } from "../../../static/latent_plane/nn/random.js";

const random = createRandom(11);
const uniform = (low, high) => Number((low + (high - low) * random.uniform()).toPrecision(5));
const whole = (below) => Math.floor(random.uniform() * below);
const some = (items) => items.filter(() => random.uniform() < 0.5);
const times = (count, make) => Array.from({ length: count }, make);
const place = () => [uniform(-9, 9), uniform(-9, 9)];
const terms = () => ["label:3,8", `index:${whole(9)},10-20`, `near@z3,z7@0.98:0.5,1.2:${1 + whole(40)}`, "set:BQAC~label:none",
  "label:3/distortion@4:20", "lasso@PC1,PC2:0,0;1,0;0.5,1"][whole(6)];

const RANDOM = {
  pin: place,
  beta: () => uniform(0.001, 50),
  beta2: () => uniform(0.001, 50),
  layers: () => some(["points", "posteriors", "aggregate", "prior", "empty", "tiles", "magnification", "truth"]),
  show: () => ["mean", "sample", "deviation"][whole(3)],
  window: () => [...place(), uniform(0.01, 9)],
  tool: () => ["image", "draw", "find", "path", "arithmetic", "traverse"][whole(6)],
  image: () => whole(10_000),
  eps: () => times(1 + whole(2), () => uniform(-3, 3)),
  path: () => ({
    points: times(1 + whole(5), () => place().map((value) => Number(value.toFixed(4)))),
    kind: ["straight", "slerp", "geodesic", "freehand"][whole(4)], steps: ["latent", "pixel"][whole(2)], frames: 2 + whole(47),
  }),
  drawn: () => ({ strokes: times(1 + whole(3), () => times(2, () => [whole(4096) / 4095, whole(4096) / 4095])) }),
  traverse: () => ({
    base: ["cursor", "image", "drawn", "origin"][whole(4)],
    moved: new Map(some([0, 1, 2, 15]).map((d) => [d, Number(uniform(-3, 3).toFixed(3))])),
  }),
  select: terms,
  groups: () => ({ texts: [terms(), random.uniform() < 0.2 ? "" : terms()], t: Number(uniform(-2, 2).toFixed(2)) }),
};

test("every value comes back from its text, on the way through a URL too", () => {
  assert.deepEqual(Object.keys(RANDOM), Object.keys(VALUES));
  for (const [name, make] of Object.entries(RANDOM)) {
    for (let k = 0; k < 200; k++) {
      const value = make();
      const text = textOf(name, value);
      if (text === null) {
        assert.deepEqual(value, VALUES[name].default ?? value, name);
        continue;
      }
      assert.deepEqual(VALUES[name].parse(text), value, `${name}=${text}`);
      assert.deepEqual(textsIn(`#${fragmentOf({ [name]: text })}`), { [name]: text });
    }
  }
});

test("defaults have no text", () => {
  for (const [name, row] of Object.entries(VALUES)) assert.equal(textOf(name, row.default), null, name);
  assert.equal(textOf("layers", ["points"]), null);
  assert.equal(textOf("layers", []), "none");
});

test("what is no value is refused with a sentence that says what is allowed", () => {
  const bad = {
    pin: ["nonsense", "1", "1,2,3", "nan,0", "inf,1", "1e9,0", ","], beta: ["x", "nan", "inf", "-1", "0", "1,2"],
    beta2: ["-1"], layers: ["points,nothing", ","], show: ["median", "constructor"],
    window: ["1,2", "nan,0,1", "0,0,0", "0,0,-1", "1e308,0,1", "0,0,1e-300", "0,0,1e9"],
    tool: ["hammer", "toString"], image: ["-1", "1e9", "3.5", "x", "٣", "12345678901"], eps: ["9", "1,2,3", "x"],
    path: ["1", "0,0;x", "slerp"], drawn: ["zzz", "s!", "p9x1x1."], traverse: ["nowhere", "image;0:1", "image;1:x"],
    select: ["no:3", "label:x", "index:5-2"], groups: ["label:3|label:8|9", "a|b|c|d", "x:|label:3"],
  };
  assert.deepEqual(Object.keys(bad), Object.keys(VALUES));
  for (const [name, texts] of Object.entries(bad)) {
    for (const text of texts) assert.throws(() => VALUES[name].parse(text), /^Error: .{20,}\.$/, `${name}=${text}`);
  }
});

/** A browser with a history, as far as the owner needs one. */
function browserAt(url, { stored = null, opened = url, closed = false } = {}) {
  const entries = [{ state: { own: "Streamlit's" }, url: new URL(url) }];
  let at = 0;
  const memory = new Map(stored === null ? [] : [["latent plane", stored]]);
  const go = (kind) => (state, _, address) => {
    if (closed) throw new Error("The operation is insecure.");
    const entry = { state, url: new URL(address, entries[at].url) };
    if (kind === "push") entries.splice(at += 1, Infinity, entry);
    else entries[at] = entry;
  };
  return {
    entries,
    memory,
    opened,
    move(by) { at += by; },
    visit(address) { entries.splice(at += 1, Infinity, { state: null, url: new URL(address, entries[at - 1].url) }); },
    get location() { return entries[at].url; },
    history: { get state() { return entries[at].state; }, pushState: go("push"), replaceState: go("replace") },
    storage: {
      getItem: (key) => { if (closed) throw new Error("insecure"); return memory.get(key) ?? null; },
      setItem: (key, value) => memory.set(key, value),
    },
  };
}

function ownerAt(url, options) {
  const browser = browserAt(url, options);
  const owner = new StateOwner(browser);
  const heard = [];
  let rests = 0;
  owner.listen((names, fromUrl) => heard.push([[...names].join(), fromUrl]), () => { rests += 1; }, new AbortController().signal);
  owner.open(options?.given);
  return { browser, owner, heard, rests: () => rests };
}

const HOME = "http://app/?run=a";

test("the fragment wins over an older link's query, and that over what the page switch left", () => {
  const stored = "tool=find";
  assert.deepEqual(ownerAt(`${HOME}&beta=4&pin=1,2#pin=3,4&beta=`, { stored }).owner.texts, { pin: "3,4" });
  assert.deepEqual(ownerAt(`${HOME}&beta=4&pin=1%2C2&select=label:3+index:5`, { stored }).owner.texts,
    { pin: "1,2", beta: "4", select: "label:3 index:5" });
  assert.deepEqual(ownerAt(HOME, { stored }).owner.texts, {}); // the address of a new visit
  const link = ownerAt(`${HOME}&pin=1,2`, { stored });
  assert.equal(link.browser.memory.get("latent plane"), "pin=1,2"); // what a page switch comes back to
  const back = ownerAt(HOME, { stored, opened: "http://app/train" });
  assert.deepEqual(back.owner.texts, { tool: "find" });
  assert.equal(back.browser.location.hash, "#tool=find");
  const early = ownerAt(HOME, { opened: `${HOME}&view=points#pin=1,2`, stored }); // Streamlit dropped it
  assert.deepEqual([early.owner.texts, early.browser.location.href], [{ pin: "1,2" }, `${HOME}#pin=1,2`]);
  assert.deepEqual(ownerAt(HOME, { given: { pin: "0,1" }, stored }).owner.texts, { pin: "0,1" });
});

test("a step of the user's makes an entry of the history, what flows replaces it, each with the state that was there", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { browser, owner, heard } = ownerAt(HOME);
  owner.set({ pin: [1, 2] });
  assert.equal(browser.location.href, `${HOME}#pin=1,2`);
  owner.set({ beta: 4 });
  owner.set({ window: [0, 0, 1] });
  assert.equal(browser.location.hash, "#pin=1,2");
  t.mock.timers.tick(300);
  assert.equal(browser.location.hash, "#pin=1,2&beta=4&window=0,0,1");
  owner.set({ tool: "path" }, { replace: true });
  t.mock.timers.tick(300);
  owner.set({ beta: 5 });
  owner.set({ pin: null });
  assert.deepEqual(browser.entries.map(({ url }) => url.hash),
    ["", "#pin=1,2&beta=4&window=0,0,1&tool=path", "#beta=5&window=0,0,1&tool=path"]);
  assert.ok(browser.entries.every(({ state }) => state.own));
  owner.set({ pin: null, beta: 5 });
  assert.equal(heard.length, 6);
});

test("Back takes a pin away and Forward brings it; a link to a heading leaves all as it is", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { browser, owner, heard } = ownerAt(HOME);
  owner.set({ pin: [1, 2] });
  heard.length = 0;
  browser.move(-1);
  owner.reread();
  assert.equal(owner.get("pin"), null);
  browser.move(1);
  owner.reread();
  assert.deepEqual(owner.get("pin"), [1, 2]);
  assert.deepEqual(heard, [["pin", true], ["pin", true]]);
  browser.visit("#a-heading");
  owner.reread();
  assert.deepEqual(owner.get("pin"), [1, 2]);
});

test("an older link's value is overruled by an empty one, as the query can't be written", () => {
  const { browser, owner } = ownerAt(`${HOME}&pin=1,2&beta=4`);
  owner.set({ pin: null });
  assert.equal(browser.location.hash, "#pin=&beta=4");
  assert.deepEqual(ownerAt(browser.location.href).owner.texts, { beta: "4" });
  assert.deepEqual(owner.queryTexts, { pin: "1,2", beta: "4" });
});

test("a fragment that a query of the page's script drops is put back, and on another page nothing is written", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { browser, owner } = ownerAt(HOME);
  owner.set({ pin: [1, 2] });
  browser.visit("/?run=a&d1=z3");
  owner.putBack();
  assert.equal(browser.location.href, "http://app/?run=a&d1=z3#pin=1,2");
  owner.set({ beta: 4 });
  browser.visit("/train");
  t.mock.timers.tick(1000);
  owner.reread();
  owner.set({ tool: "find" });
  assert.equal(browser.location.href, "http://app/train");
  browser.visit("/?run=a");
  owner.close();
  owner.open();
  assert.deepEqual(owner.texts, { pin: "1,2" }); // what flowed hadn't come to rest
});

test("what can't be had is said until it is another, and the rest holds", () => {
  const { owner } = ownerAt(`${HOME}#pin=here&beta=4`);
  assert.deepEqual([...owner.problems.values()], [
    "The URL asks for pin = here: the value must be two numbers, such as 0.5,-1.2; nothing is pinned."]);
  assert.equal(owner.get("beta"), 4);
  assert.ok(owner.isAsked("beta"));
  owner.set({ pin: [0, 0], beta: 5 });
  assert.equal(owner.problems.size, 0);
  assert.ok(!owner.isAsked("beta"));
});

test("listeners hear of the rest once, and not while the pointer is down", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { owner, rests } = ownerAt(HOME);
  owner.hold(true);
  for (let k = 1; k < 5; k++) owner.set({ beta: k });
  t.mock.timers.tick(5000);
  assert.equal(rests(), 0);
  owner.hold(false);
  t.mock.timers.tick(100);
  assert.equal(rests(), 1);
  for (let k = 5; k < 9; k++) owner.set({ beta: k });
  t.mock.timers.tick(5000);
  assert.equal(rests(), 2);
});

test("where the browser forbids history and storage, the state lives on in memory", () => {
  const { owner } = ownerAt("file:///plane.html", { closed: true, given: { tool: "find" } });
  owner.set({ pin: [1, 2] });
  assert.deepEqual(owner.texts, { pin: "1,2", tool: "find" });
});

test("of two planes the right one shares layers and image, has a β of its own, and keeps the rest to itself", () => {
  const { owner } = ownerAt(`${HOME}#layers=prior&beta=4&beta2=7&tool=find&window=0,0,1`);
  const changed = [];
  const [left, right] = [new SideState(owner, false), new SideState(owner, true, (names) => changed.push([...names].join()))];
  assert.deepEqual(["layers", "beta", "tool", "window"].map((name) => right.get(name)), [["prior"], 7, null, null]);
  right.set({ image: 3, beta: 8 });
  right.set({ window: [1, 1, 1], tool: "path" });
  assert.deepEqual([left.get("image"), left.get("beta"), owner.get("beta2"), left.get("tool")], [3, 4, 8, "find"]);
  assert.deepEqual([right.get("window"), right.get("tool")], [[1, 1, 1], "path"]);
  assert.deepEqual(changed, ["window,tool"]);
  assert.deepEqual([...right.namesOf(new Set(["beta", "beta2", "image", "tool"]))], ["beta", "image"]);
  assert.deepEqual([right.settings(owner.texts), left.settings(owner.texts).beta2], [{ beta: "8" }, "8"]);
});
