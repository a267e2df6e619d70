// The plane's state as a table: whatever the pointer, the keys or a tool change, and its text in
// the fragment of the URL, #pin=0.5,-1.2&beta=4. Its owner is in owner.js.

/** @import { Pair, State } from "./context.js" */
/** @import { GroupTexts } from "./tools/arithmetic/groups.js" */
/** @typedef {keyof State} Name */
/** @typedef {Partial<Record<Name, string>>} Texts of all values that aren't the default */
/**
 * @template T
 * @typedef {object} Row
 * @property {T} default while nothing has been chosen
 * @property {(text: string) => T} parse a text of the URL; throws what is allowed, as a phrase
 * @property {(value: NonNullable<T>) => string | null} format its text: parse(format(value)) equals
 *   value; null where it doesn't fit the URL
 * @property {boolean} [flows] it changes continuously: at rest it replaces the history's entry
 * @property {Name | "shared"} [right] what the right one of two planes has: the left one's, or a
 *   name of its own; else a value that the URL doesn't keep
 */

import { LAYERS } from "./layers.js";
import { TOOLS } from "./toolbox.js";
import { FARTHEST_STEP } from "./tools/arithmetic/groups.js";
import { readDrawing, writeDrawing } from "./tools/draw/drawing.js";
import { parseTerms } from "./tools/find/terms.js";
import { FARTHEST_EPS } from "./tools/image.js";
import { EMPTY, readPath, writePath } from "./tools/path/path.js";
import { BASES, readTraversal, writeTraversal } from "./tools/traverse/traversal.js";

/** What can be shown of p(x|z). @type {State["show"][]} */
const SHOWN = ["mean", "sample", "deviation"];
const FARTHEST = 1e4; // of a place
const NEAREST = 1e-4; // that a window shows

/** @type {Readonly<{[N in Name]: Row<State[N]>}>} */
export const VALUES = Object.freeze({
  pin: { default: null, parse: parsePlace, format: String },
  beta: { default: null, parse: parseBeta, format: String, flows: true, right: "beta2" },
  beta2: { default: null, parse: parseBeta, format: String, flows: true },
  layers: {
    default: Object.freeze(["points"]), parse: parseLayers, format: formatLayers, right: "shared",
  },
  show: { default: "mean", parse: (text) => oneOf(text, SHOWN), format: String, right: "shared" },
  window: { default: null, parse: parseWindow, format: String, flows: true },
  tool: { default: null, parse: (text) => oneOf(text, [...TOOLS.keys()]), format: String },
  image: { default: null, parse: parseIndex, format: String, right: "shared" },
  eps: { default: null, parse: parseEps, format: String, flows: true },
  path: {
    default: EMPTY,
    parse: (text) => readPath(text) ?? refuse("places, such as 0.5,-1;1,0.3"),
    format: writePath,
  },
  drawn: {
    default: null,
    parse: (text) => readDrawing(text) ?? refuse("a drawing made with the tool Draw"),
    format: writeDrawing,
  },
  traverse: {
    default: Object.freeze({ base: BASES[0], moved: new Map() }),
    parse: (text) => readTraversal(text)
      ?? refuse(`${BASES.join(", ")}, and values such as image;3:1.2,5:-0.7`),
    format: ({ base, moved }) => writeTraversal(base, moved),
  },
  select: { default: null, parse: parseSelection, format: String },
  groups: {
    default: Object.freeze({ texts: /** @type {GroupTexts["texts"]} */ (["", ""]), t: 0 }),
    parse: parseGroups,
    format: ({ texts: [a, b], t }) => (a || b ? `${a}|${b}${t ? `|${t}` : ""}` : null),
  },
});
export const NAMES = /** @type {Name[]} */ (Object.keys(VALUES));

/** The text of a value; null for the default, and for what doesn't fit the URL.
 * @template {Name} N @param {N} name @param {State[N]} value */
export function textOf(name, value) {
  const row = /** @type {Row<any>} */ (VALUES[name]);
  if (value === null || value === row.default) return null;
  const text = row.format(value);
  return row.default !== null && text === row.format(row.default) ? null : text;
}

/** What of the table is in a fragment or a query. @param {string} address */
export function textsIn(address) {
  /** @type {Texts} */ const found = {};
  for (const part of address.replace(/^[#?]/, "").split("&")) {
    const [name, ...text] = part.split("=");
    if (text.length && isName(name)) found[name] = decoded(text.join("="));
  }
  return found;
}

/** The fragment, readable: only what would end it or a value is escaped. @param {Texts} texts */
export function fragmentOf(texts) {
  const escape = (/** @type {string} */ text) => (
    text.replaceAll(/[%&#\s"<>`]/g, encodeURIComponent));
  return Object.entries(texts).map(([name, text]) => `${name}=${escape(text)}`).join("&");
}

/** @type {(name: string) => name is Name} */
function isName(name) { return Object.hasOwn(VALUES, name); }

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone %, which is no value of any row
  }
}

/** @type {(allowed: string) => never} */
function refuse(allowed) { throw new Error(`the value must be ${allowed}.`); }

/** @param {string} text */
function numbersIn(text) {
  return text.split(",").map((part) => (part.trim() ? Number(part) : NaN));
}

/** @type {(text: string) => Pair} */
function parsePlace(text) {
  const [x, y, ...more] = numbersIn(text);
  const valid = !more.length && [x, y].every((value) => Math.abs(value) < FARTHEST);
  return valid ? [x, y] : refuse("two numbers, such as 0.5,-1.2; nothing is pinned");
}

/** @param {string} text */
function parseBeta(text) {
  const beta = Number(text);
  return beta > 0 && beta < Infinity ? beta : refuse("a positive number, such as 4");
}

/** @param {string} text */
function parseWindow(text) {
  const numbers = numbersIn(text);
  const valid = numbers.length === 3 && numbers.every((value) => Math.abs(value) < FARTHEST)
    && numbers[2] > NEAREST;
  return valid ? numbers : refuse("the middle and the reach, such as 0,0,1.5; everything is shown");
}

/** @param {string} text */
function parseIndex(text) {
  return /^\d{1,9}$/.test(text) ? Number(text) : refuse("the index of a test image, such as 7");
}

/** @param {string} text */
function parseEps(text) {
  const eps = numbersIn(text);
  const valid = eps.length < 3 && eps.every((value) => Math.abs(value) <= FARTHEST_EPS);
  return valid ? eps : refuse(`one or two numbers within ±${FARTHEST_EPS}, such as 1,-0.5`);
}

/** @param {string} text */
function parseSelection(text) {
  parseTerms(text);
  return text;
}

/** @type {(text: string) => GroupTexts} */
function parseGroups(text) {
  const [a = "", b = "", step = "0", ...more] = text.split("|");
  const t = step.trim() ? Number(step) : NaN;
  if (more.length || !(Math.abs(t) <= FARTHEST_STEP)) {
    refuse(`two groups and a step within ±${FARTHEST_STEP}, such as label:3|label:8|0.5`);
  }
  for (const each of [a, b]) parseTerms(each);
  return { texts: [a, b], t };
}

/** @param {string} text */
function parseLayers(text) { return text === "none" ? [] : inOrder(text.split(",")); }

/** @param {readonly string[]} names */
function formatLayers(names) { return names.length ? inOrder(names).join() : "none"; }

/** Each layer once, in the order of their table. @param {readonly string[]} names */
function inOrder(names) {
  const all = [...LAYERS.keys()];
  for (const name of names) oneOf(name, all);
  return all.filter((name) => names.includes(name));
}

/** @template {string} T @param {string} text @param {T[]} names @returns {T} */
function oneOf(text, names) {
  return names.find((name) => name === text) ?? refuse(`one of ${names.join(", ")}`);
}
