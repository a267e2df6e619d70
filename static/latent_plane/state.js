// The plane's state: whatever the pointer, the keys or a tool change, in one table. JavaScript alone
// owns it, in the fragment of the URL (#pin=0.5,-1.2&beta=4) and, for a page switch, which drops the
// fragment, in sessionStorage. Both planes of a comparison share one owner.

import { LAYERS } from "./layers.js";
import { TOOLS } from "./toolbox.js";
import { FARTHEST_STEP } from "./tools/arithmetic/groups.js";
import { readDrawing, writeDrawing } from "./tools/draw/drawing.js";
import { parseTerms } from "./tools/find/terms.js";
import { FARTHEST_EPS } from "./tools/image.js";
import { EMPTY, readPath, writePath } from "./tools/path/path.js";
import { BASES, readTraversal, writeTraversal } from "./tools/traverse/traversal.js";

export const SHOWN = ["mean", "sample", "deviation"]; // of p(x|z)
const FARTHEST = 1e4; // of a place
const NEAREST = 1e-4; // that a window shows
const STORAGE = "latent plane";
const REST_MS = { push: 30, replace: 250 };

/**
 * A row a value:
 *   default  while nothing has been chosen
 *   parse    of a text in the URL; throws a phrase that says what is allowed
 *   format   the text, so that parse(format(value)) equals value; null where it doesn't fit the URL
 *   flows    it changes continuously: it replaces the history's entry, once it rests
 *   right    what the right one of two planes has: "shared" with the left, or a name of its own;
 *            else a value that the URL doesn't keep
 */
export const VALUES = Object.freeze({
  pin: { default: null, parse: parsePlace, format: String },
  beta: { default: null, parse: parseBeta, format: String, flows: true, right: "beta2" },
  beta2: { default: null, parse: parseBeta, format: String, flows: true },
  layers: {
    default: Object.freeze(["points"]),
    parse: (text) => (text === "none" ? [] : ordered(text.split(","), [...LAYERS.keys()])),
    format: (names) => (names.length ? ordered(names, [...LAYERS.keys()]).join() : "none"),
    right: "shared",
  },
  show: { default: "mean", parse: (text) => oneOf(text, SHOWN), format: String, right: "shared" },
  window: { default: null, parse: parseWindow, format: String, flows: true },
  tool: { default: null, parse: (text) => oneOf(text, [...TOOLS.keys()]), format: String },
  image: { default: null, parse: parseIndex, format: String, right: "shared" },
  eps: { default: null, parse: parseEps, format: String, flows: true },
  path: { default: EMPTY, parse: (text) => need(readPath(text), "places, such as 0.5,-1;1,0.3"), format: writePath },
  drawn: { default: null, parse: (text) => need(readDrawing(text), "a drawing made with the tool Draw"), format: writeDrawing },
  traverse: {
    default: Object.freeze({ base: BASES[0], moved: new Map() }),
    parse: (text) => need(readTraversal(text), `${BASES.join(", ")}, and values such as image;3:1.2,5:-0.7`),
    format: ({ base, moved }) => writeTraversal(base, moved),
  },
  select: { default: null, parse: parseSelection, format: String },
  groups: {
    default: Object.freeze({ texts: Object.freeze(["", ""]), t: 0 }),
    parse: parseGroups,
    format: ({ texts, t }) => (texts.some(Boolean) ? [...texts, ...(t ? [t] : [])].join("|") : null),
  },
});

/** The text of a value; null for the default, and for what doesn't fit the URL. */
export function textOf(name, value) {
  const { default: usual, format } = VALUES[name];
  if (value === null || value === usual) return null;
  const text = format(value);
  return usual !== null && text === format(usual) ? null : text;
}

/** {name: text} of a fragment or a query, of what is in the table alone. */
export function textsIn(address) {
  const found = {};
  for (const part of address.replace(/^[#?]/, "").split("&")) {
    const [name, ...text] = part.split("=");
    if (!text.length || !Object.hasOwn(VALUES, name)) continue;
    try {
      found[name] = decodeURIComponent(text.join("="));
    } catch {
      found[name] = text.join("="); // a lone %, which the row's parse refuses or takes
    }
  }
  return found;
}

/** The fragment of these texts: readable, so only what would end it or a value is escaped. */
export function fragmentOf(texts) {
  const escape = (text) => text.replaceAll(/[%&#\s"<>`]/g, encodeURIComponent);
  return Object.entries(texts).map(([name, text]) => `${name}=${escape(text)}`).join("&");
}

/** The browser's parts that the state lives in; what a saved page may lack throws. */
const BROWSER = {
  get location() { return globalThis.location; },
  get history() { return globalThis.history; },
  get storage() { return globalThis.sessionStorage; },
  get opened() { return performance.getEntriesByType("navigation")[0]?.name ?? ""; },
};

export class StateOwner {
  /** By name, what the URL asks for and can't have: one sentence. */
  problems = new Map();
  #browser;
  #values = {};
  #texts = {};
  #fromUrl = new Set();
  #listeners = new Set();
  #path = null; // of the page whose address it is
  #fragment = ""; // as it was read or written last
  #timer = 0;
  #dirty = false; // the URL lacks something that flows
  #held = false;

  constructor(browser = BROWSER) {
    this.#browser = browser;
  }

  get(name) { return name in this.#values ? this.#values[name] : VALUES[name].default; }

  /** {name: text} of all that isn't the default, in the order of the table. */
  get texts() { return this.#texts; }

  /** The same of the address's query, which is all that Python knows of before it is told. */
  get queryTexts() {
    const other = new StateOwner(this.#browser);
    other.#take(inQuery(this.#browser.location.search));
    return other.#texts;
  }

  /** Whether the value is the address's, not the user's. */
  isAsked(name) { return this.#fromUrl.has(name); }

  /** Whether something has still to be written, or the listeners to be told of the rest. */
  get resting() { return !this.#timer && !this.#held; }

  /**
   * Reads the address of a page that is shown anew: the fragment, else values in the query, as in
   * older links; else those that a saved page has (`given`); else, after a page switch, those of
   * before.
   */
  open(given = null) {
    const { location, opened } = this.#browser;
    const link = new URL(opened || location.href);
    const isLink = this.#path === null && link.pathname === location.pathname;
    this.#path = location.pathname;
    // Streamlit has taken the fragment out where the query had a widget's default.
    const hash = isOurs(location.hash) || !isLink ? location.hash : link.hash;
    const asked = asTexts(location.search, hash);
    const isSilent = !Object.keys(asked).length && !isOurs(hash);
    this.#take(isSilent ? given ?? (isLink ? {} : textsIn(this.#stored())) : asked);
    this.#fragment = location.hash;
    const lacks = hash !== location.hash || (isSilent && !given && Object.keys(this.#texts).length);
    if (lacks) this.#write("replaceState");
  }

  /** `changed(names, fromUrl)` is called after each change, `rested()` once nothing flows. */
  listen(changed, rested, signal) {
    const listener = { changed, rested };
    this.#listeners.add(listener);
    signal.addEventListener("abort", () => this.#listeners.delete(listener));
  }

  /** Sets these values, {name: value}; `replace`: without a new entry in the history. */
  set(values, { replace = Object.keys(values).every((name) => VALUES[name].flows) } = {}) {
    const names = new Set();
    let shows = false; // whether the URL is another one then
    for (const [name, value] of Object.entries(values)) {
      if (value === this.get(name)) continue;
      const text = textOf(name, value);
      if (text !== (this.#texts[name] ?? null)) shows = true;
      else if (text !== null) continue;
      this.#put(name, value, text);
      names.add(name);
    }
    if (!names.size) return;
    this.#dirty ||= shows;
    if (shows && !replace) this.#write("pushState");
    this.#notify(names, false);
    this.restLater(replace ? REST_MS.replace : REST_MS.push);
  }

  /** While the pointer is down nobody is told: called with true and false. */
  hold(held) {
    const released = this.#held && !held;
    this.#held = held;
    if (released && this.#dirty) this.restLater(REST_MS.push);
    else if (released) this.restLater(0);
  }

  /** As the address has it now, after Back, Forward or a link within the page. */
  reread() {
    if (!this.#isHere() || (this.#browser.location.hash && !isOurs(this.#browser.location.hash))) return;
    const { search, hash } = this.#browser.location;
    this.#fragment = hash;
    const names = this.#take(asTexts(search, hash));
    if (!names.size) return;
    this.#notify(names, true);
    this.restLater(REST_MS.push);
  }

  /** Puts the fragment back where the page's script has dropped it by a query of its own. */
  putBack() {
    const { hash } = this.#browser.location;
    if (hash !== this.#fragment && !isOurs(hash)) this.#write("replaceState");
  }

  /** Takes texts for all names; returns the names whose value is another one now. */
  #take(texts) {
    const names = new Set();
    for (const name of Object.keys(VALUES)) {
      const text = texts[name] || null;
      if (text === (this.#texts[name] ?? null)) continue;
      this.#put(name, VALUES[name].default, null);
      names.add(name);
      if (text === null) continue;
      try {
        const value = VALUES[name].parse(text);
        this.#put(name, value, textOf(name, value));
        this.#fromUrl.add(name);
      } catch (error) {
        this.problems.set(name, `The URL asks for ${name} = ${shorten(text)}: ${error.message}`);
      }
    }
    return names;
  }

  #put(name, value, text) {
    this.problems.delete(name);
    this.#fromUrl.delete(name);
    this.#values[name] = value;
    const texts = { ...this.#texts, [name]: text };
    this.#texts = Object.fromEntries(Object.keys(VALUES)
      .flatMap((each) => (texts[each] ?? null) === null ? [] : [[each, texts[each]]]));
  }

  #notify(names, fromUrl) { for (const { changed } of this.#listeners) changed(names, fromUrl); }

  /** The listeners' `rested` is called once nothing has changed for this many milliseconds. */
  restLater(after = REST_MS.push) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      if (this.#held) return; // once it is released
      if (this.#dirty) this.#write("replaceState");
      for (const { rested } of this.#listeners) rested();
    }, after);
  }

  /** A value of an older link's query is taken out by an empty one, as the query can't be written. */
  #write(method) {
    this.#dirty = false;
    if (!this.#isHere()) return;
    const { location, history } = this.#browser;
    const overruled = Object.keys(textsIn(location.search)).map((name) => [name, ""]);
    const fragment = fragmentOf({ ...Object.fromEntries(overruled), ...this.#texts });
    const hash = fragment && `#${fragment}`;
    this.#fragment = hash;
    try {
      if (location.hash !== hash) history[method](history.state, "", location.pathname + location.search + hash);
      this.#browser.storage.setItem(STORAGE, fragment);
    } catch (error) {
      console.info("The page's address can't keep the plane's state:", error.message); // a saved page
    }
  }

  #stored() {
    try {
      return this.#browser.storage.getItem(STORAGE) ?? "";
    } catch {
      return ""; // none where the browser forbids it
    }
  }

  /** Whether the address is still that of the plane's page. */
  #isHere() { return this.#browser.location.pathname === this.#path; }
}

/** What one plane sees of the owner; the right one of two has names of its own, or none. */
export class SideState {
  #own = {};

  /** `changed(names, fromUrl)` is called with the names as this plane knows them. */
  constructor(owner, isRight, changed) {
    Object.assign(this, { owner, isRight, changed });
  }

  get(name) {
    const key = this.#keyOf(name);
    return key ? this.owner.get(key) : this.#own[name] ?? VALUES[name].default;
  }

  set(values, options) {
    const kept = {};
    const own = Object.keys(values).filter((name) => !this.#keyOf(name));
    for (const [name, value] of Object.entries(values)) {
      const key = this.#keyOf(name);
      if (key) kept[key] = value;
      else this.#own[name] = value;
    }
    this.owner.set(kept, options);
    if (own.length) this.changed(new Set(own), false);
  }

  /** The names of the owner's that have changed, as this plane knows them. */
  namesOf(names) { return new Set(Object.keys(VALUES).filter((name) => names.has(this.#keyOf(name)))); }

  isAsked(name) { return this.owner.isAsked(this.#keyOf(name)); }

  /** What the URL asks for and can't have; of two planes the left one says it. */
  get problems() { return this.isRight ? [] : [...this.owner.problems.values()]; }

  /** What Python is told of these texts of the owner's. */
  settings(texts) {
    if (!this.isRight) return texts;
    return texts.beta2 ? { beta: texts.beta2 } : {};
  }

  #keyOf(name) {
    if (!this.isRight) return name;
    const { right } = VALUES[name];
    return right === "shared" ? name : right ?? null;
  }
}

function inQuery(search) { return textsIn(search.replaceAll("+", " ")); }

/** What an address asks for: the fragment's values, and the query's where it has none. */
function asTexts(search, hash) { return { ...inQuery(search), ...textsIn(hash) }; }

function isOurs(hash) { return hash.includes("="); }

function shorten(text) { return text.length > 80 ? `${text.slice(0, 80)}…` : text; }

function refuse(allowed) { throw new Error(`the value must be ${allowed}.`); }

function need(value, allowed) { return value ?? refuse(allowed); }

function numbersIn(text) { return text.split(",").map((part) => (part.trim() ? Number(part) : NaN)); }

function parsePlace(text) {
  const place = numbersIn(text);
  const valid = place.length === 2 && place.every((value) => Math.abs(value) < FARTHEST);
  return valid ? place : refuse("two numbers, such as 0.5,-1.2; nothing is pinned");
}

function parseBeta(text) {
  const beta = Number(text);
  return beta > 0 && beta < Infinity ? beta : refuse("a positive number, such as 4");
}

function parseWindow(text) {
  const numbers = numbersIn(text);
  const valid = numbers.length === 3 && numbers.every((value) => Math.abs(value) < FARTHEST)
    && numbers[2] > NEAREST;
  return valid ? numbers : refuse("the middle and the reach, such as 0,0,1.5; everything is shown");
}

function parseIndex(text) {
  return /^\d{1,9}$/.test(text) ? Number(text) : refuse("the index of a test image, such as 7");
}

function parseEps(text) {
  const eps = numbersIn(text);
  const valid = eps.length < 3 && eps.every((value) => Math.abs(value) <= FARTHEST_EPS);
  return valid ? eps : refuse(`one or two numbers within ±${FARTHEST_EPS}, such as 1,-0.5`);
}

function parseSelection(text) {
  parseTerms(text);
  return text;
}

function parseGroups(text) {
  const [a = "", b = "", step = "0", ...more] = text.split("|");
  const t = step.trim() ? Number(step) : NaN;
  if (more.length || !(Math.abs(t) <= FARTHEST_STEP)) {
    refuse(`two groups and a step within ±${FARTHEST_STEP}, such as label:3|label:8|0.5`);
  }
  for (const each of [a, b]) parseTerms(each);
  return { texts: [a, b], t };
}

function oneOf(text, names) {
  return names.includes(text) ? text : refuse(`one of ${names.join(", ")}`);
}

/** The names in the order of the table, each once. */
function ordered(names, all) {
  for (const name of names) oneOf(name, all);
  return all.filter((name) => names.includes(name));
}

export const owner = new StateOwner();
