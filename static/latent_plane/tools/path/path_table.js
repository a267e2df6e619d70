// The lines of a path with their lengths; one is chosen.

import { element, write } from "../../canvas/dom.js";
import { DASHES } from "./marks.js";
import { KINDS } from "./path.js";
import { number } from "../../canvas/ticks.js";

const NAMES = {
  straight: ["Straight", "Linear interpolation"],
  slerp: ["Slerp", "Spherical linear interpolation about the origin: direction and distance change evenly"],
  geodesic: ["Geodesic", "Shortest in pixel space: under the metric that the decoder pulls back"],
  freehand: ["Freehand", "As it was drawn"],
};
const SVG = "http://www.w3.org/2000/svg";
let made = 0;

/** `choose(kind)` when the user chooses another line. */
export function createPathTable(choose, signal) {
  const group = `path-line-${made++}`;
  const rows = new Map(KINDS.map((kind) => [kind, createRow(kind)]));
  const root = element("table", { class: "path-lines", "data-testid": "path-lines" },
    element("thead", {}, element("tr", {},
      element("th", { scope: "col" }, "The film runs along"),
      element("th", { scope: "col", title: "Length in the dimensions shown" }, "length in z"),
      element("th", { scope: "col", title: "Length of the curve of mean images: Euclidean, pixels from 0 to 1" }, "in pixels"))),
    element("tbody", {}, ...[...rows.values()].map(({ root: row }) => row)));

  function createRow(kind) {
    const [name, title] = NAMES[kind];
    const radio = element("input", { type: "radio", name: group, value: kind });
    radio.addEventListener("change", () => choose(kind), { signal });
    const note = element("small", {});
    const [latent, pixel] = [element("td", {}), element("td", {})];
    const row = element("tr", { "data-kind": kind },
      element("th", { scope: "row" }, element("label", { title }, radio, sample(kind), name, note)), latent, pixel);
    return { root: row, radio, note, latent, pixel };
  }

  /** `route` as it is; `chosen` a kind. */
  function show(route, chosen) {
    for (const [kind, { root: row, radio, note, latent, pixel }] of rows) {
      const there = Boolean(route.lines[kind]);
      radio.checked = kind === chosen;
      radio.disabled = !there;
      row.hidden = kind === "freehand" && !there;
      row.classList.toggle("chosen", kind === chosen && there);
      row.classList.toggle("stale", there && !route.fresh.has(kind));
      const lengths = there ? route.lengthsOf(kind) : null;
      const looking = kind === "geodesic" && route.doing && !route.flat ? route.doing : "";
      write(latent, lengths ? number(lengths.latent) : "");
      write(pixel, lengths?.pixel != null ? number(lengths.pixel) : there ? "…" : "");
      write(note, kind === "slerp" && route.undefinedSlerp ? "undefined here: straight" : looking);
    }
  }

  return { root, show };
}

/** A piece of the line as the plane has it. */
function sample(kind) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 34 8");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", "M2 4h30");
  line.setAttribute("stroke-dasharray", DASHES[kind].join(" "));
  svg.append(line);
  return svg;
}

/** What was found, in a sentence. */
export function findingOf(route) {
  if (!route.done) return "";
  if (route.flat) return "In one dimension there is only one way, so the geodesic is the straight line.";
  const [straight, found] = ["straight", "geodesic"].map((kind) => route.lengthsOf(kind).pixel);
  const saved = straight > 0 ? 1 - found / straight : 0;
  if (saved < 5e-4) return "In pixel space no line around is shorter than the straight one.";
  const percent = 100 * saved;
  return `In pixel space the geodesic is ${number(percent, percent < 10 ? 1 : 0)} % shorter than the straight line.`;
}
