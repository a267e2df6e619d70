// Colours that stay apart for colour-blind eyes, in the light theme and in the dark one, and the
// theme that Streamlit has at this moment.

/** CSS colours and a font; `dark`: whether the ground is.
 * @typedef {{text: string, background: string, border: string, primary: string, font: string,
 *   dark: boolean}} Theme */

import { contextOf } from "./dom.js";

// Okabe & Ito's eight; black becomes white on a dark ground, yellow is a little deeper on a light
// one. The last two were searched for the largest distance from all others in OKLab, as seen with
// normal, protan and deutan vision.
const CLASSES = {
  light: [
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9",
    "#CC79A7", "#1A1A1A", "#E3CF1B", "#882255", "#332288",
  ],
  dark: [
    "#1F7FC4", "#E69F00", "#009E73", "#D55E00", "#7CC8F5",
    "#CC79A7", "#F2F2F2", "#F0E442", "#B03070", "#7C5CFF",
  ],
};
const NO_CLASS = { light: "#9A9A9A", dark: "#7A7A7A" };

// Cividis (Nuñez, Anderton & Renslow 2018) at nine equal steps; its dark end is cut off in the
// dark theme and its light end in the light one, so that no point fades into the ground.
const CIVIDIS = [
  "#00224E", "#123570", "#3B496C", "#575D6D", "#707173", "#8A8678", "#A59C74", "#C3B369", "#FEE838",
];
const RAMP_RANGE = { light: [0, 0.94], dark: [0.16, 1] };

/** The colour of class `index`; further classes repeat the ten, negative ones are grey.
 * @type {(index: number, dark: boolean) => string} */
export function classColour(index, dark) {
  const theme = dark ? "dark" : "light";
  return index < 0 ? NO_CLASS[theme] : CLASSES[theme][index % CLASSES[theme].length];
}

/** The colour at `t` ∈ [0, 1] of the ramp. @type {(t: number, dark: boolean) => string} */
export function rampColour(t, dark) {
  const [low, high] = RAMP_RANGE[dark ? "dark" : "light"];
  const inside = Math.min(Math.max(t, 0), 1);
  const position = (low + inside * (high - low)) * (CIVIDIS.length - 1);
  const index = Math.min(Math.floor(position), CIVIDIS.length - 2);
  const share = position - index;
  const from = channels(CIVIDIS[index]);
  const to = channels(CIVIDIS[index + 1]);
  return hex(from.map((value, k) => value + share * (to[k] - value)));
}

/** WCAG relative luminance of "#rrggbb", 0 black to 1 white. @type {(colour: string) => number} */
export function luminance(colour) {
  const [r, g, b] = channels(colour).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** The values below and above which the share `tail` of the finite ones lies.
 * @type {(values: ArrayLike<number>, tail?: number) => [number, number]} */
export function rangeOf(values, tail = 0.01) {
  const sorted = Float32Array.from(values).filter(Number.isFinite).sort();
  if (!sorted.length) return [0, 1];
  const at = (/** @type {number} */ share) => sorted[Math.round(share * (sorted.length - 1))];
  return [at(tail), at(1 - tail)];
}

/** Red, green and blue of "#rrggbb", 0 to 255. @type {(colour: string) => number[]} */
export function channels(colour) {
  return [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16));
}

/** @type {(values: number[]) => string} */
function hex(values) {
  return "#" + values.map((value) => Math.round(value).toString(16).padStart(2, "0")).join("");
}

const FALLBACKS = {
  "--st-text-color": "#31333F",
  "--st-background-color": "#FFFFFF",
  "--st-border-color": "rgba(49, 51, 63, 0.2)",
  "--st-primary-color": "#FF4B4B",
  "--st-font": "sans-serif",
};

/** Read from the CSS variables around an element. @type {(element: Element) => Theme} */
export function readTheme(element) {
  const style = getComputedStyle(element);
  const read = (/** @type {keyof typeof FALLBACKS} */ name) => {
    const value = style.getPropertyValue(name).trim();
    return value && value !== "unset" ? value : FALLBACKS[name];
  };
  const background = read("--st-background-color");
  return {
    text: read("--st-text-color"),
    background,
    border: read("--st-border-color"),
    primary: read("--st-primary-color"),
    font: read("--st-font"),
    dark: luminance(plainColour(background)) < 0.4,
  };
}

/** Any CSS colour as "#rrggbb": a canvas writes an opaque fillStyle back in that form.
 * @type {(colour: string) => string} */
function plainColour(colour) {
  const context = contextOf(document.createElement("canvas"));
  context.fillStyle = colour;
  const plain = String(context.fillStyle);
  return plain.startsWith("#") ? plain : "#ffffff";
}
