// Streamlit's theme as it is at this moment, read from the CSS variables around an element.

import { luminance } from "./palette.js";

const FALLBACKS = {
  "--st-text-color": "#31333F",
  "--st-background-color": "#FFFFFF",
  "--st-border-color": "rgba(49, 51, 63, 0.2)",
  "--st-primary-color": "#FF4B4B",
  "--st-font": "sans-serif",
};

export function readTheme(element) {
  const style = getComputedStyle(element);
  const read = (name) => {
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

/** Any CSS colour as "#rrggbb": a canvas writes an opaque fillStyle back in that form. */
function plainColour(colour) {
  const context = document.createElement("canvas").getContext("2d");
  context.fillStyle = colour;
  return context.fillStyle.startsWith("#") ? context.fillStyle : "#ffffff";
}
