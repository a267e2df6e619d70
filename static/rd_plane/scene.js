// What the rate–distortion plane draws, as plain nodes {tag, attributes, children}; no DOM in here.

import { rampColour } from "../latent_plane/canvas/palette.js";
import { number, ticks } from "../latent_plane/canvas/ticks.js";
import {
  boxOf, clipped, contains, elboLines, fall, firstFree, fitted, flowed, scaleOf, segment,
} from "./geometry.js";

export const RING = "#D55E00";
export const BETA_ZERO = "#D55E00"; // no place on the logarithmic ramp, nor has the next one
export const RATE_ONLY = "#CC79A7";
const GREY = "#858585";
const LINE = 18; // pixels from one line of text to the next
const SEGMENT = 48; // length of the slope at a model
const STEPS = 8; // of a mark's label away from its mark
const BAR_STOPS = 8;
const GAPS = [16, 34, 56, 84, 120, 160]; // pixels from the ring to its numbers

/** A node of the SVG; a text stands for its own child. */
export function node(tag, attributes = {}, children = []) {
  return { tag, attributes, children };
}

/** Symbols of kinds, in this order; each a path around (0, 0) that fits a circle of radius r. */
export const SYMBOLS = ["circle", "square", "diamond", "triangle", "pentagon", "star", "hexagon",
  "cross"];
const POLYGONS = { square: [4, 0.5], diamond: [4, 0], triangle: [3, 0], pentagon: [5, 0],
  hexagon: [6, 0] };

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

/** Colours of β by its logarithm, over all points and the line: {low, high, ticks, of}. */
export function colours({ points, line }, dark) {
  const given = [...points.map((point) => point.weight), ...(line?.weight ?? [])];
  const logs = given.filter((weight) => weight > 0).map(Math.log10); // null: the rate alone
  let [low, high] = [Math.min(...logs), Math.max(...logs)];
  if (high - low < 0.5) [low, high] = [low - 0.5, high + 0.5];
  let marks = [...new Set(logs.map((each) => Number(each.toFixed(6))))].sort((a, b) => a - b);
  if (marks.length > 8) {
    marks = [];
    for (let k = Math.ceil(low - 1e-9); k <= high + 1e-9; k++) marks.push(k);
  }
  const of = (weight) => {
    if (weight === 0) return BETA_ZERO;
    return weight ? rampColour((Math.log10(weight) - low) / (high - low), dark) : RATE_ONLY;
  };
  return { low, high, of, ticks: logs.length ? marks.map((at) => ({ at, text: short(10 ** at) }))
    : [] };
}

/** Three significant digits, no trailing zeros. */
function short(value) { return String(Number(value.toPrecision(3))); }

/** What the legend says: {text, symbol, colour, hollow}. */
export function legendOf({ points }) {
  const entries = kindsOf(points).map((text, k) => (
    { text, symbol: SYMBOLS[k % SYMBOLS.length], colour: GREY }));
  const add = (test, entry) => points.some(test) && entries.push({ symbol: "circle", ...entry });
  add((point) => point.weight === 0, { text: "β = 0: autoencoder", colour: BETA_ZERO });
  add((point) => point.weight === null, { text: "rate alone: β → ∞", colour: RATE_ONLY });
  add((point) => !point.finished, { text: "hollow: not finished", colour: GREY, hollow: true });
  return entries;
}

function kindsOf(points) { return [...new Set(points.map((point) => point.kind))]; }

/** The frame, and the rows of the legend below it. */
export function layoutOf(data, width, height, measure) {
  const entries = legendOf(data);
  const rows = flowed(entries.map(({ text }) => measure(text) + 24), 14, width - 16);
  const bottom = height - 22 * rows.length - 52;
  return { width, height, entries, rows, frame: { left: 54, right: width - 8, top: 52, bottom } };
}

/** Everything but what moves with β: [nodes below the models, nodes over them, boxes of labels]. */
export function groundOf(data, layout, scale, theme, measure) {
  const { frame } = scale;
  const colour = colours(data, theme.dark);
  const labels = [];
  const clip = [];
  const slope = fall(scale, 1);
  const angle = Math.atan(slope);
  for (const { text, ...ends } of elboLines(scale)) {
    clip.push(node("line", { class: "elbo", ...ends, stroke: GREY, "stroke-opacity": 0.45,
      "stroke-dasharray": "2 3" }));
    const x = 4 + 14 * slope; // from the frame's right side, so that its corner is within
    const width = measure(text, 11) + x;
    const box = { left: ends.x2 - width * Math.cos(angle), right: ends.x2, bottom: ends.y2,
      top: ends.y2 - width * Math.sin(angle) - 18 };
    if (ends.x2 < frame.right - 1 || box.top < frame.top) continue;
    labels.push({ box, node: node("text", { class: "elbo", x: -x, y: -4, "text-anchor": "end",
      transform: `translate(${ends.x2} ${ends.y2}) rotate(${angle * 180 / Math.PI})`,
      "font-size": 11, fill: theme.text, "fill-opacity": 0.75 }, text) });
  }
  for (const other of data.others) {
    clip.push(node("path", { class: "other", d: pathOf(other, scale), fill: "none", stroke: GREY,
      "stroke-width": 1.5 }, [node("title", {}, other.name)]));
  }
  if (data.line) clip.push(...curveOf(data.line, scale, colour.of));
  else if (data.envelope.rate.length > 1) {
    clip.push(node("path", { class: "envelope", d: pathOf(data.envelope, scale), fill: "none",
      stroke: theme.primary, "stroke-width": 2 }));
  }
  for (const point of data.points) {
    clip.push(node("line", { class: "slope", stroke: GREY, "stroke-width": 2, "data-of": point.run,
      ...segment(scale, scale.x(point.rate), scale.y(point.distortion), point.weight ?? Infinity,
        SEGMENT) }));
  }
  const marks = marksOf(data, scale, measure, labels.map(({ box }) => box), theme);
  return {
    below: [...axesOf(layout, scale, theme), ...barOf(layout, colour, theme, measure),
      ...legendNodes(layout, theme), node("g", { "clip-path": "url(#rd-frame)" }, clip),
      ...labels.map((label) => label.node)],
    above: marks.nodes,
    boxes: [...labels.map(({ box }) => box), ...marks.boxes],
  };
}

const pathOf = ({ rate, distortion }, scale) =>
  `M${rate.map((r, k) => `${scale.x(r)} ${scale.y(distortion[k])}`).join("L")}`;

/** The line in pieces, each in its own colour of β, over a grey one that holds them together. */
function curveOf(line, scale, colour) {
  const x = line.rate.map(scale.x);
  const y = line.distortion.map(scale.y);
  const pieces = line.beta.slice(1).map((_, k) => node("path", {
    class: "piece", d: `M${x[k]} ${y[k]}L${x[k + 1]} ${y[k + 1]}`,
    stroke: colour(line.weight[k] && Math.sqrt(line.weight[k] * line.weight[k + 1])) }));
  return [node("path", { class: "curve", d: pathOf(line, scale), fill: "none", stroke: GREY,
    "stroke-width": 8, "stroke-opacity": 0.35, "stroke-linecap": "round",
    "stroke-linejoin": "round" }),
  node("g", { "stroke-width": 6, "stroke-linecap": "round" }, pieces)];
}

function axesOf({ frame }, scale, theme) {
  const { rate, distortion } = scale.window;
  const { left, right, top, bottom } = frame;
  const fill = { fill: theme.text, "fill-opacity": 0.75 };
  const across = ticks(...rate, Math.max(2, (right - left) / 70)).map(({ value, text }) =>
    node("text", { class: "rate-tick", x: scale.x(value), y: bottom + 18, "text-anchor": "middle",
      "font-size": 12, ...fill }, text));
  const up = ticks(...distortion, Math.max(2, (bottom - top) / 40)).map(({ value, text }) =>
    node("text", { class: "distortion-tick", x: left - 8, y: scale.y(value),
      "dominant-baseline": "central", "text-anchor": "end", "font-size": 12, ...fill }, text));
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

/** The colour bar over log β. */
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

function legendNodes({ frame, entries, rows }, theme) {
  return rows.flatMap((row, line) => row.map(({ index, x }) => {
    const { text, symbol, colour, hollow } = entries[index];
    const paint = hollow ? { fill: "none", stroke: colour, "stroke-width": 2 } : { fill: colour };
    return node("g", { class: "key",
      transform: `translate(${16 + x} ${frame.bottom + 62 + 22 * line})` }, [
      node("path", { d: symbolPath(symbol, 6), ...paint }),
      node("text", { x: 12, "dominant-baseline": "central", "font-size": 12, fill: theme.text },
        text),
    ]);
  }));
}

/** Models that are seen, each a symbol that can be focused; the model shown wears a ring. */
export function modelsOf(seen, data, scale, theme) {
  const colour = colours(data, theme.dark).of;
  const kinds = kindsOf(data.points);
  return seen.map((point) => {
    const paint = colour(point.weight);
    const symbol = SYMBOLS[kinds.indexOf(point.kind) % SYMBOLS.length];
    return node("g", { class: "model", role: "link", "data-run": point.run,
      "aria-label": [point.run, ...point.text].join(", "),
      transform: `translate(${scale.x(point.rate)} ${scale.y(point.distortion)})` }, [
      ...(point.run === data.shown ? [node("circle", { class: "shown", r: 12, fill: "none",
        stroke: theme.primary, "stroke-width": 3 })] : []),
      node("path", { d: symbolPath(symbol, 7), "data-symbol": symbol,
        fill: point.finished ? paint : theme.background, stroke: point.finished ? GREY : paint,
        "stroke-width": point.finished ? 1 : 2.5 }),
    ]);
  });
}

/**
 * A small diamond for each mark on the line, and its words where a convex line leaves room: above
 * and to the right or, where there is little to the right, below and to the left.
 */
function marksOf({ marks, line, points }, scale, measure, taken, theme) {
  const { frame } = scale;
  const boxes = [];
  const drawn = obstaclesOf({ line, points }, scale);
  const nodes = [...marks].sort((a, b) => a.distortion - b.distortion).flatMap((mark) => {
    const [x, y] = [scale.x(mark.rate), scale.y(mark.distortion)];
    if (!contains(frame, x, y)) return [];
    const width = measure(mark.text, 12);
    const away = Array.from({ length: STEPS }, (_, k) => 26 + 19 * k);
    const above = away.map((up) => boxOf(x + 28, y - up, width, LINE));
    const below = away.map((down) => boxOf(x - 16, y + down, width, LINE, "end"));
    const left = (x - frame.left) / (frame.right - frame.left) < 0.6;
    const tried = left ? [...above, ...below] : [...below, ...above];
    const box = tried[firstFree(tried, [...taken, ...boxes, ...drawn], frame)];
    boxes.push(box);
    const middle = (box.top + box.bottom) / 2;
    return [
      node("path", { d: `M${x} ${y}L${box.left > x ? box.left - 3 : box.right + 3} ${middle}`,
        fill: "none", stroke: GREY }),
      node("path", { class: "mark", d: symbolPath("diamond", 5), transform: `translate(${x} ${y})`,
        fill: theme.text }),
      node("text", { class: "mark", x: box.left, y: middle, "dominant-baseline": "central",
        "font-size": 12, fill: theme.text, ...halo(theme) }, mark.text),
    ];
  });
  return { nodes, boxes };
}

/** Boxes of the line's places and of the models, where no words should stand. */
export function obstaclesOf({ line, points }, scale) {
  const box = (rate, distortion, size) =>
    boxOf(scale.x(rate) - size / 2, scale.y(distortion), size, size);
  return [...(line?.rate.map((rate, k) => box(rate, line.distortion[k], 8)) ?? []),
    ...points.map(({ rate, distortion }) => box(rate, distortion, 16))];
}

export const halo = (theme) => ({ stroke: theme.background, "stroke-width": 4,
  "stroke-linejoin": "round", "paint-order": "stroke" });

/** What the ring says of its place: β first. */
export function numbersAt({ beta, distortion, rate, active }, k) {
  return [`β = ${beta[k]}`, `D ${number(distortion[k])} · R ${number(rate[k])}`,
    `ELBO ${number(-(distortion[k] + rate[k]))} · ${active[k]} active`];
}

/** The tangent of slope −weight at a pixel, within the frame; null if none of it is. */
export function tangentAt(scale, x, y, weight) {
  return clipped(x, y, fall(scale, weight ?? Infinity), scale.frame);
}

/** Boxes around the ring for its numbers, the nearest first, none beyond the frame's sides. */
export function besideRing(x, y, width, height, { left, right }) {
  const sides = [[-1, 1], [1, -1], [-1, 0], [1, 0], [1, 1], [-1, -1]];
  return GAPS.flatMap((gap) => sides.map(([across, down]) => {
    const start = x + across * (down ? 0.7 * gap : gap) - (across < 0 ? width : 0);
    return boxOf(Math.max(Math.min(start, right - width - 4), left + 4),
      y + down * (0.7 * gap + height / 2), width, height);
  }));
}

/**
 * The small form beside a dial: axes without numbers, and the curve, or the dots of models trained
 * apart; {scale, nodes}.
 */
export function compactOf(line, width, height, theme) {
  const frame = { left: 16, right: width - 8, top: 8, bottom: height - 16 };
  const scale = scaleOf(fitted(line, frame, 6), frame);
  const letter = { "font-size": 11, "font-style": "italic", "font-weight": 600, fill: theme.text,
    "fill-opacity": 0.75, "text-anchor": "middle", "dominant-baseline": "central" };
  const dots = line.dots ? line.rate.map((rate, k) => node("circle", { r: 3, fill: theme.primary,
    cx: scale.x(rate), cy: scale.y(line.distortion[k]) })) : [];
  return { scale, nodes: [
    node("path", { d: `M${frame.left} ${frame.top}V${frame.bottom}H${frame.right}`, fill: "none",
      stroke: theme.text, "stroke-opacity": 0.35 }),
    node("text", { x: 7, y: frame.top + 6, ...letter }, "D"),
    node("text", { x: frame.right - 4, y: height - 7, ...letter }, "R"),
    node("path", { class: "curve", d: pathOf(line, scale), fill: "none", stroke: theme.primary,
      "stroke-linejoin": "round", "stroke-width": line.dots ? 1 : 2.5,
      "stroke-opacity": line.dots ? 0.5 : 1 }),
    ...dots,
  ] };
}
