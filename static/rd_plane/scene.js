// What the rate–distortion plane draws within its frame, as plain nodes; no DOM in here.

/** @import { Layout } from "./axes.js" */
/** @import { Box, Places, Scale, Window } from "./geometry.js" */
/** @import { Attributes, Measure, Node } from "./svg.js" */
/** @import { Theme } from "../shared/palette.js" */

import { number } from "../shared/ticks.js";
import { GREY, SYMBOLS, axesOf, colours, kindsOf, symbolPath } from "./axes.js";
import {
  boxOf, clipped, contains, elboLines, fall, firstFree, fitted, scaleOf, segment,
} from "./geometry.js";
import { node } from "./svg.js";

export const RING = "#D55E00";
const LINE = 18; // pixels from one line of text to the next
const SEGMENT = 48; // length of the slope at a model
const STEPS = 8; // of a mark's label away from its mark
const GAPS = [16, 34, 56, 84, 120, 160]; // pixels from the ring to its numbers

/** A model; weight is β over the distortion's weight, null where the rate alone counts.
 * @typedef {{run: string, rate: number, distortion: number, weight: number | null, kind: string,
 *   finished: boolean, text: string[]}} Point */
/** The curve that the ring is on, at every β that can be chosen.
 * @typedef {Places & {beta: number[], weight: (number | null)[], active: number[]}} Line */
/** @typedef {Places & {beta: number[], dots?: boolean}} DialLine Dots: models trained apart. */
/** @typedef {{rate: number, distortion: number, text: string}} Mark */
/** What ui/tradeoff/plane.py sends, without the place of the ring.
 * @typedef {{points: Point[], window: Window, envelope: Places,
 *   line: Line | null, others: (Places & {name: string})[], marks: Mark[], shown: string | null,
 *   label: string}} Data */

/** Everything but what moves with β: nodes below the models, nodes over them, boxes of labels.
 * @param {Data} data @param {Layout} layout @param {Scale} scale @param {Theme} theme
 * @param {Measure} measure @returns {{below: Node[], above: Node[], boxes: Box[]}} */
export function groundOf(data, layout, scale, theme, measure) {
  const { frame } = scale;
  const colour = colours(data, theme.dark);
  /** @type {{box: Box, node: Node}[]} */ const labels = [];
  /** @type {Node[]} */ const clip = [];
  const slope = fall(scale, 1);
  const angle = Math.atan(slope);
  for (const { text, ends } of elboLines(scale)) {
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
    below: [...axesOf(layout, scale, colour, theme, measure),
      node("g", { "clip-path": "url(#rd-frame)" }, clip), ...labels.map((label) => label.node)],
    above: marks.nodes,
    boxes: [...labels.map(({ box }) => box), ...marks.boxes],
  };
}

/** @type {(places: Places, scale: Scale) => string} */
const pathOf = ({ rate, distortion }, scale) =>
  `M${rate.map((r, k) => `${scale.x(r)} ${scale.y(distortion[k])}`).join("L")}`;

/** The line in pieces, each in its own colour of β, over a grey one that holds them together.
 * @param {Line} line @param {Scale} scale @param {(weight: number | null) => string} colour */
function curveOf(line, scale, colour) {
  const x = line.rate.map(scale.x);
  const y = line.distortion.map(scale.y);
  /** @type {(a: number | null, b: number | null) => number | null} */
  const middle = (a, b) => a && b && Math.sqrt(a * b);
  const pieces = line.beta.slice(1).map((_, k) => node("path", {
    class: "piece", d: `M${x[k]} ${y[k]}L${x[k + 1]} ${y[k + 1]}`,
    stroke: colour(middle(line.weight[k], line.weight[k + 1])) }));
  return [node("path", { class: "curve", d: pathOf(line, scale), fill: "none", stroke: GREY,
    "stroke-width": 8, "stroke-opacity": 0.35, "stroke-linecap": "round",
    "stroke-linejoin": "round" }),
  node("g", { "stroke-width": 6, "stroke-linecap": "round" }, pieces)];
}

/** Models that are seen, each a symbol that can be focused; the model shown wears a ring.
 * @param {Point[]} seen @param {Data} data @param {Scale} scale @param {Theme} theme */
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

/** A small diamond for each mark on the line, and its words where a convex line leaves room: above
 * and to the right or, where there is little to the right, below and to the left.
 * @param {Data} data @param {Scale} scale @param {Measure} measure @param {Box[]} taken
 * @param {Theme} theme */
function marksOf({ marks, line, points }, scale, measure, taken, theme) {
  const { frame } = scale;
  /** @type {Box[]} */ const boxes = [];
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

/** Boxes of the line's places and of the models, where no words should stand.
 * @param {Pick<Data, "line" | "points">} data @param {Scale} scale */
export function obstaclesOf({ line, points }, scale) {
  /** @type {(rate: number, distortion: number, size: number) => Box} */
  const box = (rate, distortion, size) =>
    boxOf(scale.x(rate) - size / 2, scale.y(distortion), size, size);
  return [...(line?.rate.map((rate, k) => box(rate, line.distortion[k], 8)) ?? []),
    ...points.map(({ rate, distortion }) => box(rate, distortion, 16))];
}

/** @type {(theme: Theme) => Attributes} */
export const halo = (theme) => ({ stroke: theme.background, "stroke-width": 4,
  "stroke-linejoin": "round", "paint-order": "stroke" });

/** What the ring says of its place: β first.
 * @param {Omit<Line, "weight">} line @param {number} k */
export function numbersAt({ beta, distortion, rate, active }, k) {
  return [`β = ${beta[k]}`, `D ${number(distortion[k])} · R ${number(rate[k])}`,
    `ELBO ${number(-(distortion[k] + rate[k]))} · ${active[k]} active`];
}

/** The tangent of slope −weight at a pixel, within the frame; null if none of it is.
 * @param {Scale} scale @param {number} x @param {number} y @param {number | null} weight */
export function tangentAt(scale, x, y, weight) {
  return clipped(x, y, fall(scale, weight ?? Infinity), scale.frame);
}

/** Boxes around the ring for its numbers, the nearest first, none beyond the frame's sides.
 * @param {number} x @param {number} y @param {number} width @param {number} height
 * @param {Box} frame */
export function besideRing(x, y, width, height, { left, right }) {
  const sides = [[-1, 1], [1, -1], [-1, 0], [1, 0], [1, 1], [-1, -1]];
  return GAPS.flatMap((gap) => sides.map(([across, down]) => {
    const start = x + across * (down ? 0.7 * gap : gap) - (across < 0 ? width : 0);
    return boxOf(Math.max(Math.min(start, right - width - 4), left + 4),
      y + down * (0.7 * gap + height / 2), width, height);
  }));
}

/** The small form beside a dial: axes without numbers, and the curve, or the dots of models trained
 * apart.
 * @param {DialLine} line @param {number} width @param {number} height @param {Theme} theme */
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
