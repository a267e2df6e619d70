// Colours that stay apart for colour-blind eyes, in the light theme and in the dark one.

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

/** The colour of class `index`; further classes repeat the ten, negative ones are grey. */
export function classColour(index, dark) {
  const theme = dark ? "dark" : "light";
  return index < 0 ? NO_CLASS[theme] : CLASSES[theme][index % CLASSES[theme].length];
}

/** The colour at `t` ∈ [0, 1] of the continuous ramp. */
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

/** WCAG relative luminance of "#rrggbb", 0 black to 1 white. */
export function luminance(colour) {
  const [r, g, b] = channels(colour).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** The values below and above which the share `tail` of the finite ones lies. */
export function rangeOf(values, tail = 0.01) {
  const sorted = Float32Array.from(values).filter(Number.isFinite).sort();
  if (!sorted.length) return [0, 1];
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
  return [at(tail), at(1 - tail)];
}

function channels(colour) {
  return [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16));
}

function hex(values) {
  return "#" + values.map((value) => Math.round(value).toString(16).padStart(2, "0")).join("");
}
