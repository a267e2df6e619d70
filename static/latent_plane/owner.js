// Who owns the plane's state: JavaScript alone, in the fragment of the URL and, for a page switch,
// which drops the fragment, in sessionStorage. Both planes of a comparison share one owner.

/** @import { State } from "./context.js" */
/** @import { Name, Texts } from "./state.js" */
/**
 * @typedef {object} Browser the parts that the state lives in
 * @property {Location} location
 * @property {History} history
 * @property {Storage} storage
 * @property {string} opened the address that the document was opened with
 */
/** @typedef {Set<Name>} Names */
/** @typedef {{changed: (names: Names, fromUrl: boolean) => void, rested: () => void}} Listener */
/** @typedef {{replace?: boolean}} Options `replace`: without a new entry in the history */

import { NAMES, VALUES, fragmentOf, textOf, textsIn } from "./state.js";

const STORAGE = "latent plane";
const REST_MS = { push: 30, replace: 250 };

/** @type {Browser} */ const BROWSER = {
  get location() { return globalThis.location; },
  get history() { return globalThis.history; },
  get storage() { return globalThis.sessionStorage; }, // throws where the browser forbids it
  get opened() { return performance.getEntriesByType("navigation")[0]?.name ?? ""; },
};

export class StateOwner {
  /** By name, what the URL asks for and can't have: one sentence. @type {Map<Name, string>} */
  problems = new Map();
  #browser;
  /** @type {Partial<Record<Name, unknown>>} */ #values = {};
  /** @type {Texts} */ #texts = {};
  /** @type {Names} whose value is the address's, not the user's */ #asked = new Set();
  /** @type {Set<Listener>} */ #listeners = new Set();
  /** @type {string | null} of the page whose address it is */ #path = null;
  #fragment = ""; // as it was read or written last
  #planes = 0; // that are open
  /** @type {ReturnType<typeof setTimeout> | 0} */ #timer = 0;
  #dirty = false; // the URL lacks something that flows
  #held = false;

  constructor(browser = BROWSER) {
    this.#browser = browser;
  }

  /** @template {Name} N @param {N} name @returns {State[N]} */
  get(name) {
    const value = name in this.#values ? this.#values[name] : VALUES[name].default;
    return /** @type {State[N]} */ (value);
  }

  /** In the order of the table. */
  get texts() { return this.#texts; }

  /** The texts of the address's query, which is all that Python knows of before it is told. */
  get queryTexts() {
    const other = new StateOwner(this.#browser);
    other.#take(inQuery(this.#browser.location.search));
    return other.#texts;
  }

  /** Whether the value is the address's, not the user's. @param {Name} name */
  isAsked(name) { return this.#asked.has(name); }

  /** Whether nothing has still to be written, and nobody to be told. */
  get isResting() { return !this.#timer && !this.#held; }

  /** A plane opens: the first one of a page reads its address. @param {Texts | null} [given] */
  open(given) {
    if (this.#planes === 0) this.#read(given ?? null);
    this.#planes += 1;
  }

  close() { this.#planes -= 1; }

  /** Reads the address of a page that is shown anew: the fragment, else values in the query, as in
   * older links; else those that a saved page has (`given`); else, after a page switch, those of
   * before.
   * @param {Texts | null} given */
  #read(given) {
    const { location, opened } = this.#browser;
    const link = new URL(opened || location.href);
    const isLink = this.#path === null && link.pathname === location.pathname;
    this.#path = location.pathname;
    // Streamlit has taken the fragment out where the query had a widget's default.
    const hash = isOurs(location.hash) || !isLink ? location.hash : link.hash;
    const asked = textsAt(location.search, hash);
    const isSilent = !Object.keys(asked).length && !isOurs(hash);
    this.#take(isSilent ? given ?? (isLink ? {} : textsIn(this.#stored())) : asked);
    this.#fragment = location.hash;
    const isRestored = isSilent && !given && Object.keys(this.#texts).length > 0;
    if (hash !== location.hash || isRestored) this.#write("replaceState");
    this.#store();
  }

  /** `changed(names, fromUrl)` is called after each change, `rested()` once nothing flows.
   * @param {Listener["changed"]} changed @param {Listener["rested"]} rested
   * @param {AbortSignal} signal */
  listen(changed, rested, signal) {
    const listener = { changed, rested };
    this.#listeners.add(listener);
    signal.addEventListener("abort", () => this.#listeners.delete(listener));
  }

  /** Sets these values. What flows makes no entry in the history by itself.
   * @param {Partial<State>} values @param {Options} [options] */
  set(values, { replace = namesOf(values).every((name) => VALUES[name].flows) } = {}) {
    /** @type {Names} */ const names = new Set();
    let isNew = false; // the URL
    for (const name of namesOf(values)) {
      const value = /** @type {State[Name]} */ (values[name]);
      if (value === this.get(name)) continue;
      const text = textOf(name, value);
      const isSame = text === (this.#texts[name] ?? null);
      if (isSame && text !== null) continue;
      isNew ||= !isSame;
      this.#put(name, value, text);
      names.add(name);
    }
    if (!names.size) return;
    this.#dirty ||= isNew;
    if (isNew && !replace) this.#write("pushState");
    this.#notify(names, false);
    this.restLater(replace ? REST_MS.replace : REST_MS.push);
  }

  /** While the pointer is down nobody is told. @param {boolean} held */
  hold(held) {
    const isReleased = this.#held && !held;
    this.#held = held;
    if (isReleased) this.restLater();
  }

  /** As the address has it now, after Back, Forward or a link within the page. */
  reread() {
    const { search, hash } = this.#browser.location;
    if (!this.#isHere || (hash && !isOurs(hash))) return;
    this.#fragment = hash;
    const names = this.#take(textsAt(search, hash));
    if (!names.size) return;
    this.#store();
    this.#notify(names, true);
    this.restLater();
  }

  /** Puts the fragment back where Streamlit has dropped it with a query of its own. */
  putBack() {
    const { hash } = this.#browser.location;
    if (hash !== this.#fragment && !isOurs(hash)) this.#write("replaceState");
  }

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

  /** Takes texts for all names; which of them have another value now. @param {Texts} texts */
  #take(texts) {
    /** @type {Names} */ const names = new Set();
    for (const name of NAMES) {
      const text = texts[name] || null;
      if (text === (this.#texts[name] ?? null) && !this.problems.has(name)) continue;
      this.#put(name, VALUES[name].default, null);
      names.add(name);
      if (text) this.#ask(name, text);
    }
    return names;
  }

  /** @param {Name} name @param {string} text of the address */
  #ask(name, text) {
    try {
      const value = VALUES[name].parse(text);
      this.#put(name, value, textOf(name, value));
      this.#asked.add(name);
    } catch (error) {
      const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
      const reason = error instanceof Error ? error.message : error;
      this.problems.set(name, `The URL asks for ${name} = ${shown}: ${reason}`);
    }
  }

  /** @param {Name} name @param {State[Name]} value @param {string | null} text */
  #put(name, value, text) {
    this.problems.delete(name);
    this.#asked.delete(name);
    this.#values[name] = value;
    const texts = { ...this.#texts, [name]: text };
    this.#texts = Object.fromEntries(NAMES.filter((each) => (texts[each] ?? null) !== null)
      .map((each) => [each, texts[each]]));
  }

  /** @param {Names} names @param {boolean} fromUrl */
  #notify(names, fromUrl) { for (const { changed } of this.#listeners) changed(names, fromUrl); }

  /** A value of an older link's query is overruled by an empty one, as the query can't be written.
   * @param {"pushState" | "replaceState"} method */
  #write(method) {
    this.#dirty = false;
    if (!this.#isHere) return;
    const { location, history } = this.#browser;
    const overruled = namesOf(textsIn(location.search)).map((name) => [name, ""]);
    const fragment = fragmentOf({ ...Object.fromEntries(overruled), ...this.#texts });
    this.#fragment = fragment && `#${fragment}`;
    const url = location.pathname + location.search + this.#fragment;
    try {
      if (location.hash !== this.#fragment) history[method](history.state, "", url);
    } catch (error) { // the browser may forbid it to a saved page
      console.info("The URL can't keep the plane's state:", error);
    }
    this.#store();
  }

  /** For a page switch. */
  #store() {
    try {
      this.#browser.storage.setItem(STORAGE, fragmentOf(this.#texts));
    } catch (error) { // the browser may forbid it
      console.info("A page switch will lose the plane's state:", error);
    }
  }

  #stored() {
    try {
      return this.#browser.storage.getItem(STORAGE) ?? "";
    } catch {
      return ""; // `#store` has said it
    }
  }

  /** Whether the address is still that of the plane's page. */
  get #isHere() { return this.#browser.location.pathname === this.#path; }
}

/** What one plane sees of the owner; the right one of two has names of its own, or none. */
export class SideState {
  /** @type {Partial<State>} */ #own = {};

  /** @param {StateOwner} owner @param {boolean} isRight
   * @param {(names: Names) => void} changed called for values that the owner doesn't have */
  constructor(owner, isRight, changed) {
    this.owner = owner;
    this.isRight = isRight;
    this.changed = changed;
  }

  /** @template {Name} N @param {N} name @returns {State[N]} */
  get(name) {
    const key = this.#keyOf(name);
    const value = key ? this.owner.get(key) : this.#own[name] ?? VALUES[name].default;
    return /** @type {State[N]} */ (value);
  }

  /** @param {Partial<State>} values @param {Options} [options] */
  set(values, options) {
    const names = namesOf(values);
    const own = names.filter((name) => !this.#keyOf(name));
    Object.assign(this.#own, Object.fromEntries(own.map((name) => [name, values[name]])));
    this.owner.set(Object.fromEntries(names.flatMap((name) => {
      const key = this.#keyOf(name);
      return key ? [[key, values[name]]] : [];
    })), options);
    if (own.length) this.changed(new Set(own));
  }

  /** The owner's names as this plane knows them. @param {Names} names */
  namesOf(names) {
    return new Set(NAMES.filter((name) => {
      const key = this.#keyOf(name);
      return key !== null && names.has(key);
    }));
  }

  /** Whether the value is the address's, not the user's. @param {Name} name */
  isAsked(name) {
    const key = this.#keyOf(name);
    return key !== null && this.owner.isAsked(key);
  }

  /**
   * What the URL asks for and can't have; of two planes the left one says it.
   * @param {Texts} unavailable with this plane's model, if it is the URL that asks for it
   */
  problemsWith(unavailable) {
    const asked = namesOf(unavailable).filter((name) => this.isAsked(name));
    return [...this.isRight ? [] : this.owner.problems.values(),
      ...asked.map((name) => unavailable[name]).filter(Boolean)];
  }

  /** What Python is told of these texts of the owner's. @param {Texts} texts @returns {Texts} */
  settings(texts) {
    if (!this.isRight) return texts;
    return texts.beta2 ? { beta: texts.beta2 } : {};
  }

  /** The owner's name for it; null where it has none. @param {Name} name @returns {Name | null} */
  #keyOf(name) {
    if (!this.isRight) return name;
    const { right } = VALUES[name];
    return right === "shared" ? name : right ?? null;
  }
}

/** @type {(values: object) => Name[]} */
function namesOf(values) { return /** @type {Name[]} */ (Object.keys(values)); }

/** @param {string} search */
function inQuery(search) { return textsIn(search.replaceAll("+", " ")); }

/** What an address asks for: the fragment's values, and the query's where it has none.
 * @param {string} search @param {string} hash */
function textsAt(search, hash) { return { ...inQuery(search), ...textsIn(hash) }; }

/** @param {string} hash */
function isOurs(hash) { return hash.includes("="); }

export const owner = new StateOwner();
