// Around the rate–distortion plane: axes, the colour bar of β and the legend of symbols.

/** @import { Scale } from "./geometry.js" */
/** @import { Data, Point } from "./scene.js" */
/** @import { Theme } from "../shared/palette.js" */
/** @import { Attributes, Measure, Node } from "./svg.js" */

import { rampColour } from "../shared/palette.js";
import { ticks } from "../shared/ticks.js";
import { flowed } from "./geometry.js";
import { node } from "./svg.js";

export const BETA_ZERO = "#D55E00"; // no place on the logarithmic ramp, nor has the next one
export const RATE_ONLY = "#CC79A7";
export const GREY = "#858585";
const BAR_STOPS = 8;

/** @typedef {{text: string, symbol: string, colour: string, hollow?: boolean}} Key */

/** Symbols of kinds, in this order; each a path around (0, 0) that fits a circle of radius r. */
export const SYMBOLS = ["circle", "square", "diamond", "triangle", "pentagon", "star", "hexagon",
  "cross"];
/** @type {Record<string, [number, number]>} Corners, and how far turned. */
const POLYGONS = { square: [4, 0.5], diamond: [4, 0], triangle: [3, 0], pentagon: [5, 0],
  hexagon: [6, 0] };

/** @param {string} name @param {number} r */
export function symbolPath(name, r) {
  if (name === "circle") return `M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
  if (name === "cross") {
    const [a, b] = [0.38 * r, r];
    return `M${-a} ${-b}H${a}V${-a}H${b}V${a}H${a}V${b}H${-a}V${a}H${-b}V${-a}H${-a}Z`;
  }
  const [count, turned] = name === "star" ? [10, 0] : POLYGONS[name];
  const corners = Array.from({ length: count }, (_, k) => {
    const angle = 2 * Math.PI * (k + turned) / count - Math.PI / 2;
    const far = 1.12 * r * (name === "star" && k % 2 ? 0.45 : 1);
    return `${(far * Math.cos(angle)).toFixed(2)} ${(far * Math.sin(angle)).toFixed(2)}`;
  });
  return `M${corners.join("L")}Z`;
}

/** Colours of β by its logarithm, over all points and the line.
 * @param {Pick<Data, "points" | "line">} data @param {boolean} dark */
export function colours({ points, line }, dark) {
  const given = [...points.map((point) => point.weight), ...(line?.weight ?? [])];
  const logs = given.flatMap((weight) => (weight ? [Math.log10(weight)] : []));
  let [low, high] = [Math.min(...logs), Math.max(...logs)];
  if (high - low < 0.5) [low, high] = [low - 0.5, high + 0.5];
  let marks = [...new Set(logs.map((each) => Number(each.toFixed(6))))].sort((a, b) => a - b);
  if (marks.length > 8) {
    marks = [];
    for (let k = Math.ceil(low - 1e-9); k <= high + 1e-9; k++) marks.push(k);
  }
  /** @type {(weight: number | null) => string} */
  const of = (weight) => {
    if (weight === 0) return BETA_ZERO;
    return weight ? rampColour((Math.log10(weight) - low) / (high - low), dark) : RATE_ONLY;
  };
  return { low, high, of, ticks: logs.length ? marks.map((at) => ({ at, text: short(10 ** at) }))
    : [] };
}

/** Three significant digits, no trailing zeros. @param {number} value */
function short(value) { return String(Number(value.toPrecision(3))); }

/** What the legend says. @param {Pick<Data, "points">} data */
export function legendOf({ points }) {
  /** @type {Key[]} */
  const entries = kindsOf(points).map((text, k) => (
    { text, symbol: SYMBOLS[k % SYMBOLS.length], colour: GREY }));
  /** @type {(test: (point: Point) => boolean, entry: Omit<Key, "symbol">) => void} */
  const add = (test, entry) => {
    if (points.some(test)) entries.push({ symbol: "circle", ...entry });
  };
  add((point) => point.weight === 0, { text: "β = 0: autoencoder", colour: BETA_ZERO });
  add((point) => point.weight === null, { text: "rate alone: β → ∞", colour: RATE_ONLY });
  add((point) => !point.finished, { text: "hollow: not finished", colour: GREY, hollow: true });
  return entries;
}

/** @param {Point[]} points */
export function kindsOf(points) { return [...new Set(points.map((point) => point.kind))]; }

/** @typedef {ReturnType<typeof layoutOf>} Layout */

/** The frame, and the rows of the legend below it.
 * @param {Data} data @param {number} width @param {number} height @param {Measure} measure */
export function layoutOf(data, width, height, measure) {
  const entries = legendOf(data);
  const rows = flowed(entries.map(({ text }) => measure(text) + 24), 14, width - 16);
  const bottom = height - 22 * rows.length - 52;
  return { width, height, entries, rows, frame: { left: 54, right: width - 8, top: 52, bottom } };
}

/** Axes, colour bar and legend.
 * @param {Layout} layout @param {Scale} scale @param {ReturnType<typeof colours>} colour
 * @param {Theme} theme @param {Measure} measure @returns {Node[]} */
export function axesOf(layout, scale, colour, theme, measure) {
  return [...axisNodes(layout, scale, theme), ...barOf(layout, colour, theme, measure),
    ...legendNodes(layout, theme)];
}

/** @param {Layout} layout @param {Scale} scale @param {Theme} theme */
function axisNodes({ frame }, scale, theme) {
  const { rate, distortion } = scale.window;
  const { left, right, top, bottom } = frame;
  const fill = { fill: theme.text, "fill-opacity": 0.75 };
  const columns = ticks(rate[0], rate[1], Math.max(2, (right - left) / 70));
  const across = columns.map(({ value, text }) => node("text", { class: "rate-tick",
    x: scale.x(value), y: bottom + 18, "text-anchor": "middle", "font-size": 12, ...fill }, text));
  const rows = ticks(distortion[0], distortion[1], Math.max(2, (bottom - top) / 40));
  const up = rows.map(({ value, text }) => node("text", { class: "distortion-tick", x: left - 8,
    y: scale.y(value), "dominant-baseline": "central", "text-anchor": "end", "font-size": 12,
    ...fill }, text));
  const middle = (top + bottom) / 2;
  return [
    node("path", { d: `M${left} ${top}V${bottom}H${right}`, fill: "none", stroke: theme.text,
      "stroke-opacity": 0.35 }), ...across, ...up,
    node("text", { x: (left + right) / 2, y: bottom + 38, "text-anchor": "middle", "font-size": 13,
      fill: theme.text }, "Rate R (nats)"),
    node("text", { transform: `translate(13 ${middle}) rotate(-90)`, "text-anchor": "middle",
      "font-size": 13, fill: theme.text }, "Distortion D (nats)"),
  ];
}

/** The colour bar over log β.
 * @param {Layout} layout @param {ReturnType<typeof colours>} colour @param {Theme} theme
 * @param {Measure} measure */
function barOf({ frame, width }, { low, high, ticks: marks }, theme, measure) {
  if (!marks.length) return [];
  const left = frame.left;
  const right = Math.min(left + 0.62 * (width - left), width - 150); // beside the buttons
  const stops = Array.from({ length: BAR_STOPS + 1 }, (_, k) => node("stop", {
    offset: k / BAR_STOPS, "stop-color": rampColour(k / BAR_STOPS, theme.dark) }));
  let free = -Infinity;
  const texts = marks.flatMap(({ at, text }) => {
    const x = left + (at - low) / (high - low) * (right - left);
    if (x - measure(text, 11) / 2 < free) return [];
    free = x + measure(text, 11) / 2 + 4;
    return [node("text", { class: "beta-tick", x, y: 34, "text-anchor": "middle", "font-size": 11,
      fill: theme.text, "fill-opacity": 0.75 }, text)];
  });
  return [
    node("defs", {}, [node("linearGradient", { id: "rd-ramp" }, stops)]),
    node("text", { x: left - 10, y: 15, "text-anchor": "end", "font-size": 13,
      "dominant-baseline": "central", fill: theme.text }, "β"),
    node("rect", { x: left, y: 10, width: right - left, height: 10, fill: "url(#rd-ramp)" }),
    ...texts,
  ];
}

/** @param {Layout} layout @param {Theme} theme */
function legendNodes({ frame, entries, rows }, theme) {
  return rows.flatMap((row, line) => row.map(({ index, x }) => {
    const { text, symbol, colour, hollow } = entries[index];
    /** @type {Attributes} */
    const paint = hollow ? { fill: "none", stroke: colour, "stroke-width": 2 } : { fill: colour };
    return node("g", { class: "key",
      transform: `translate(${16 + x} ${frame.bottom + 62 + 22 * line})` }, [
      node("path", { d: symbolPath(symbol, 6), ...paint }),
      node("text", { x: 12, "dominant-baseline": "central", "font-size": 12, fill: theme.text },
        text),
    ]);
  }));
}
