// A selection of test images as a text for the URL: terms that add, remove, or narrow what is there.
//
//   label:3,8                    these labels ("none": without one)
//   index:3,10-20                these images
//   set:BQAC                     these, a bit an image (base64url), where that is shorter
//   distortion:50, rate:50       the highest
//   near:0.5,1.2:20              the nearest to a place of the plane
//   box:left,bottom,right,top    and lasso:x,y;x,y;… by their means
//
// A place means something only on the axes and at the β it was chosen at, a figure at its β:
// "lasso@z3,z7@0.98:…", "box@PC1,PC2:…". Terms follow each other with + (or a space), ~ for "without" and / for
// "of these", so that label:3/distortion:20 are the twenty worst threes.

import { simplify } from "./polygon.js";
import { rangesOf } from "./ranges.js";

const SIGNS = { add: "+", remove: "~", within: "/" };
const OPERATIONS = { "+": "add", " ": "add", "~": "remove", "/": "within" };
const TERM = /([+~/ ]?)([a-z]+)((?:@[^:@+~/ ]+)*):([^+~/ ]*)/y;
const MOST_CORNERS = 60;
const READABLE = 60; // letters

const MEANT_HERE = { near: "place", box: "place", lasso: "place", distortion: "figure", rate: "figure" };

const READ = {
  label: (body) => ({ labels: body.split(",").map((part) => (part === "none" ? -1 : whole(part))) }),
  index: (body) => ({ ranges: body.split(",").map(rangeOf) }),
  set: (body) => ({ bytes: Uint8Array.from(atob(body.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0)) }),
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

/** The terms of a text, in their order; throws where it isn't one, saying why. */
export function parseTerms(text) {
  const terms = [];
  TERM.lastIndex = 0;
  while (TERM.lastIndex < text.length) {
    const from = TERM.lastIndex;
    const found = TERM.exec(text);
    const read = found && Object.hasOwn(READ, found[2]) ? READ[found[2]] : null;
    if (!read) throw unreadable(text.slice(from));
    const [, sign, kind, tags, body] = found;
    try {
      terms.push({ operation: OPERATIONS[sign] ?? "add", kind, ...tagsOf(tags), ...read(body) });
    } catch {
      throw unreadable(found[0]);
    }
  }
  return terms;
}

/** The text of what is there already and one more term; the operation "new" forgets the text. */
export function joinTerms(text, operation, term) {
  if (operation === "new") return term;
  return text || operation !== "add" ? `${text ?? ""}${SIGNS[operation]}${term}` : term;
}

/** "@z3,z7@0.98": the axes where there are others to choose, β where it turns. */
export function tagsFor({ dims = null, axis = "z", beta = null }) {
  return (dims ? `@${axesOf(dims, axis)}` : "") + (beta ? `@${Number(beta.toPrecision(4))}` : "");
}

/** The text with axes and β of here where a term needs them and has none, as when typed by hand. */
export function completed(text, here) {
  return text.replaceAll(new RegExp(TERM, "g"), (term, sign, kind, tags, body) => {
    if (!MEANT_HERE[kind]) return term;
    const own = ownTags(tags, term);
    const { dims, axis } = MEANT_HERE[kind] === "figure" ? {} : own.dims ? own : here;
    return `${sign}${kind}${tagsFor({ dims, axis, beta: own.beta ?? here.beta })}:${body}`;
  });
}

/** "z3,z7" */
export function axesOf(dims, axis) {
  return dims.map((d) => `${axis}${d + 1}`).join();
}

/** Labels as a term has them. */
export function listOf(items) {
  return items.map((label) => (label < 0 ? "none" : label)).join();
}

/** Rounded to a fraction of a pixel, where one unit of the plane is `scale` of them. */
export function rounded(value, scale) {
  return Number(value.toFixed(digitsAt(scale)));
}

/** A box between two corners, at most half a pixel off. */
export function boxTerm([ax, ay], [bx, by], scale, tags) {
  const sides = [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)];
  return `box${tags}:${sides.map((value) => rounded(value, scale))}`;
}

/** A lasso with as few corners as it takes to stay within a pixel, and never more than 60. */
export function lassoTerm(corners, scale, tags) {
  let kept = corners;
  for (let pixels = 0.7; pixels < 1e4 && (kept === corners || kept.length > MOST_CORNERS); pixels *= 1.5) {
    kept = simplify(corners, pixels / scale);
  }
  return `lasso${tags}:${kept.map((corner) => corner.map((value) => rounded(value, scale))).join(";")}`;
}

/** The images themselves: as ranges, or as bits where there are many and bits are fewer letters. */
export function setTerm(indices) {
  const ranges = indices.length ? `index:${rangesOf(indices)}` : null;
  const bytes = new Uint8Array(indices.reduce((most, i) => Math.max(most, (i >> 3) + 1), 0));
  for (const i of indices) bytes[i >> 3] |= 1 << (i & 7);
  const letters = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  const bits = `set:${letters.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
  return ranges && ranges.length <= Math.max(bits.length, READABLE) ? ranges : bits;
}

/** "3, 10-20" as it is typed; throws a sentence where it isn't that. */
export function indexTerm(typed) {
  const body = typed.replaceAll(/\s*([,-])\s*/g, "$1").trim().replaceAll(/[\s;]+/g, ",").replaceAll("–", "-");
  parseTerms(`index:${body}`);
  return `index:${body}`;
}

function tagsOf(tags) {
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

function ownTags(tags, term) {
  try {
    return tagsOf(tags);
  } catch {
    throw unreadable(term);
  }
}

function rangeOf(text) {
  const [first, last = first] = text.split("-").map(whole);
  if (last < first) throw new Error(text);
  return [first, last];
}

function whole(text) {
  if (!/^\d{1,9}$/.test(text)) throw new Error(text);
  return Number(text);
}

function count(text) {
  const value = whole(text);
  if (value < 1) throw new Error(text);
  return value;
}

function numbers(text, many) {
  const values = text.split(",").map((part) => (part === "" ? NaN : Number(part)));
  if (values.length !== many || !values.every(Number.isFinite)) throw new Error(text);
  return values;
}

function digitsAt(scale) {
  return Math.min(Math.max(Math.ceil(Math.log10(scale)), 0), 8);
}

function unreadable(part) {
  const shown = part.length > 60 ? `${part.slice(0, 60)}…` : part;
  return new Error(`“${shown}” names no images: write for instance label:3, index:3,10-20, `
    + "distortion:50, rate:50 or near:0.5,1.2:20.");
}
