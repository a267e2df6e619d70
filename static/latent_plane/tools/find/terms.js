// A selection of test images as a text for the URL: terms that add to, subtract from or intersect
// what is there.
//
//   label:3,8                    these labels ("none": without one)
//   index:3,10-20                these images
//   set:BQAC                     these, a bit an image (base64url), where that is shorter
//   distortion:50, rate:50       the highest
//   near:0.5,1.2:20              the nearest to a place of the plane
//   box:left,bottom,right,top    and lasso:x,y;x,y;… by their means
//
// A place means something only on the axes and at the β it was chosen at, a figure at its β:
// "lasso@z3,z7@0.98:…", "box@PC1,PC2:…". Terms follow each other with + (or a space), ~ for
// "without" and / for "of these", so that label:3/distortion:20 are the twenty worst threes.

/** @import { Pair } from "../../context.js" */
/** @typedef {"add" | "remove" | "within"} Operation */
/** Where a place or a figure is meant: on these axes, at this β.
 * @typedef {{dims?: number[] | null, axis?: string, beta?: number | null}} Here */
/** @typedef {Here & {operation: Operation}} Joined */
/** @typedef {Joined & {kind: "label", labels: number[]}} LabelTerm */
/** @typedef {Joined & {kind: "index", ranges: Pair[]}} IndexTerm */
/** @typedef {Joined & {kind: "set", bytes: Uint8Array}} SetTerm */
/** @typedef {Joined & {kind: "distortion" | "rate", count: number}} CountTerm */
/** @typedef {Joined & {kind: "near", place: number[], count: number}} NearTerm */
/** @typedef {Joined & {kind: "box", left: number, bottom: number, right: number, top: number}}
 *   BoxTerm */
/** @typedef {Joined & {kind: "lasso", corners: Pair[]}} LassoTerm */
/** @typedef {LabelTerm | IndexTerm | SetTerm | CountTerm | NearTerm | BoxTerm | LassoTerm} Term */

import { simplify } from "../../geometry.js";

const SIGNS = { add: "+", remove: "~", within: "/" };
/** @type {Record<string, Operation>} */
const OPERATIONS = { "+": "add", " ": "add", "~": "remove", "/": "within" };
const TERM = /([+~/ ]?)([a-z]+)((?:@[^:@+~/ ]+)*):([^+~/ ]*)/y;
const MOST_CORNERS = 60;
const READABLE = 60; // letters

/** @type {Record<string, "place" | "figure">} */ const MEANT_HERE = {
  near: "place", box: "place", lasso: "place", distortion: "figure", rate: "figure",
};

/** What a term's body says, by kind. @type {Record<string, (body: string) => object>} */
const READ = {
  label: (body) => (
    { labels: body.split(",").map((part) => (part === "none" ? -1 : whole(part))) }),
  index: (body) => ({ ranges: body.split(",").map(rangeOf) }),
  set(body) {
    const letters = atob(body.replaceAll("-", "+").replaceAll("_", "/"));
    return { bytes: Uint8Array.from(letters, (letter) => letter.charCodeAt(0)) };
  },
  distortion: (body) => ({ count: count(body) }),
  rate: (body) => ({ count: count(body) }),
  near(body) {
    const [place, many] = body.split(":");
    return { place: numbers(place, 2), count: count(many) };
  },
  box(body) {
    const [left, bottom, right, top] = numbers(body, 4);
    return { left, bottom, right, top };
  },
  lasso: (body) => ({ corners: body.split(";").map((corner) => numbers(corner, 2)) }),
};

/** The terms of a text, in their order; throws where it isn't one, saying why.
 * @type {(text: string) => Term[]} */
export function parseTerms(text) {
  /** @type {Term[]} */ const terms = [];
  TERM.lastIndex = 0;
  while (TERM.lastIndex < text.length) {
    const from = TERM.lastIndex;
    const found = TERM.exec(text);
    const read = found && Object.hasOwn(READ, found[2]) ? READ[found[2]] : null;
    if (!found || !read) throw unreadable(text.slice(from));
    const [, sign, kind, tags, body] = found;
    try {
      const joined = { operation: OPERATIONS[sign] ?? "add", kind, ...tagsOf(tags) };
      terms.push(/** @type {Term} */ ({ ...joined, ...read(body) }));
    } catch {
      throw unreadable(found[0]);
    }
  }
  return terms;
}

/** The text of what is there already and one more term; "replace" forgets the text.
 * @type {(text: string | null, operation: Operation | "replace", term: string) => string} */
export function joinTerms(text, operation, term) {
  if (operation === "replace") return term;
  return text || operation !== "add" ? `${text ?? ""}${SIGNS[operation]}${term}` : term;
}

/** "@z3,z7@0.98": the axes where there are others to choose, β where it turns.
 * @type {(here: Here) => string} */
export function tagsFor({ dims = null, axis = "z", beta = null }) {
  return (dims ? `@${axesOf(dims, axis)}` : "") + (beta ? `@${Number(beta.toPrecision(4))}` : "");
}

/** The text with axes and β of here where a term needs them and has none, as when typed by hand.
 * @type {(text: string, here: Here) => string} */
export function completed(text, here) {
  return text.replaceAll(new RegExp(TERM, "g"), (term, sign, kind, tags, body) => {
    if (!MEANT_HERE[kind]) return term;
    const own = ownTags(tags, term);
    const { dims, axis } = MEANT_HERE[kind] === "figure" ? tagsOf("") : own.dims ? own : here;
    return `${sign}${kind}${tagsFor({ dims, axis, beta: own.beta ?? here.beta })}:${body}`;
  });
}

/** "z3,z7" @type {(dims: number[], axis: string) => string} */
export function axesOf(dims, axis) { return dims.map((d) => `${axis}${d + 1}`).join(); }

/** Labels as a term has them. @type {(items: number[]) => string} */
export function listOf(items) {
  return items.map((label) => (label < 0 ? "none" : label)).join();
}

/** Rounded to a fraction of a pixel, where one unit of the plane is `scale` of them.
 * @type {(value: number, scale: number) => number} */
export function rounded(value, scale) { return Number(value.toFixed(digitsAt(scale))); }

/** A box between two corners, at most half a pixel off.
 * @type {(a: Pair, b: Pair, scale: number, tags: string) => string} */
export function boxTerm([ax, ay], [bx, by], scale, tags) {
  const sides = [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)];
  return `box${tags}:${sides.map((value) => rounded(value, scale))}`;
}

/** A lasso with as few corners as it takes to stay within a pixel, and never more than 60.
 * @type {(corners: Pair[], scale: number, tags: string) => string} */
export function lassoTerm(corners, scale, tags) {
  let kept = corners;
  for (let pixels = 0.7; pixels < 1e4; pixels *= 1.5) {
    kept = simplify(corners, pixels / scale);
    if (kept.length <= MOST_CORNERS) break;
  }
  const written = kept.map((corner) => corner.map((value) => rounded(value, scale)));
  return `lasso${tags}:${written.join(";")}`;
}

/** The shortest text of rising runs: "3,10-20". @type {(indices: ArrayLike<number>) => string} */
export function rangesOf(indices) {
  /** @type {Pair[]} */ const runs = [];
  for (const i of Array.from(indices).sort((a, b) => a - b)) {
    const last = runs[runs.length - 1];
    if (last && last[1] === i - 1) last[1] = i;
    else runs.push([i, i]);
  }
  return runs.map(([first, last]) => (first === last ? first : `${first}-${last}`)).join();
}

/** The images themselves: as ranges, or as bits where there are many and bits are fewer letters.
 * @type {(indices: number[]) => string} */
export function setTerm(indices) {
  const ranges = indices.length ? `index:${rangesOf(indices)}` : null;
  const bytes = new Uint8Array(indices.reduce((most, i) => Math.max(most, (i >> 3) + 1), 0));
  for (const i of indices) bytes[i >> 3] |= 1 << (i & 7);
  const letters = base64Of(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const bits = `set:${letters}`;
  return ranges && ranges.length <= Math.max(bits.length, READABLE) ? ranges : bits;
}

/** "3, 10-20" as it is typed; throws a sentence where it isn't that.
 * @type {(typed: string) => string} */
export function indexTerm(typed) {
  const tight = typed.replaceAll(/\s*([,-])\s*/g, "$1").trim();
  const body = tight.replaceAll(/[\s;]+/g, ",").replaceAll("–", "-");
  parseTerms(`index:${body}`);
  return `index:${body}`;
}

/** @type {(tags: string) => {dims: number[] | null, axis: string, beta: number | null}} */
function tagsOf(tags) {
  /** @type {{dims: number[] | null, axis: string, beta: number | null}} */
  const found = { dims: null, axis: "z", beta: null };
  for (const tag of tags.split("@").slice(1)) {
    const [axis] = tag.match(/^(z|PC)(?=\d)/) ?? [];
    if (axis) {
      found.axis = axis;
      found.dims = tag.split(",").map((name) => whole(name.replace(axis, "")) - 1);
    } else if (Number(tag) > 0) found.beta = Number(tag);
    else throw new Error(tag);
  }
  return found;
}

/** @type {(tags: string, term: string) => ReturnType<typeof tagsOf>} */
function ownTags(tags, term) {
  try {
    return tagsOf(tags);
  } catch {
    throw unreadable(term);
  }
}

/** @type {(text: string) => Pair} */
function rangeOf(text) {
  const [first, last = first] = text.split("-").map(whole);
  if (last < first) throw new Error(text);
  return [first, last];
}

/** @type {(text: string) => number} */
function whole(text) {
  if (!/^\d{1,9}$/.test(text)) throw new Error(text);
  return Number(text);
}

/** @type {(text: string) => number} */
function count(text) {
  const value = whole(text);
  if (value < 1) throw new Error(text);
  return value;
}

/** @type {(text: string, many: number) => number[]} */
function numbers(text, many) {
  const values = text.split(",").map((part) => (part === "" ? NaN : Number(part)));
  if (values.length !== many || !values.every(Number.isFinite)) throw new Error(text);
  return values;
}

/** @type {(scale: number) => number} */
function digitsAt(scale) {
  return Math.min(Math.max(Math.ceil(Math.log10(scale)), 0), 8);
}

/** @type {(part: string) => Error} */
function unreadable(part) {
  const shown = part.length > 60 ? `${part.slice(0, 60)}…` : part;
  return new Error(`“${shown}” names no images: write for instance label:3, index:3,10-20, `
    + "distortion:50, rate:50 or near:0.5,1.2:20.");
}

/** @type {(bytes: Uint8Array) => string} */
export function base64Of(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
