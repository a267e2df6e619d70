// The panel of the tool Path: its ends, its lines with their lengths, and the film along one.

/** @import { Pair } from "../../context.js" */
/** @import { Kind, Path, Route, Steps } from "./path.js" */
/**
 * @typedef {object} Actions
 * @property {(end: number, axis: number, value: number) => void} type
 * @property {() => void} dragsChange what a drag does has changed
 * @property {() => void} clear
 * @property {(wanted: Partial<Path>) => void} choose
 * @property {() => void} play
 * @property {(share: number) => void} scrub
 * @property {(format: "gif" | "png") => void} save
 */
/** What is shown of the tool; `next` is the end that the next click sets.
 * @typedef {{path: Path, ends: Pair[], next: number, route: Route, kind: Kind, dims: number[],
 *   isGrid: boolean, playing: boolean, complaint: string}} Shown */

import { createButton, createChoice, element, labelled, write } from "../../../shared/dom.js";
import { axisName, number } from "../../../shared/ticks.js";
import { FilmStrip } from "./film.js";
import { DASHES, EMPTY, FRAMES, KINDS } from "./path.js";

const ORDINALS = ["First", "Second"];
/** @type {Record<Kind, [string, string]>} */ const NAMES = {
  straight: ["Straight", "Linear interpolation"],
  slerp: ["Slerp", "Spherical linear interpolation about the origin: direction and distance change "
    + "evenly"],
  geodesic: ["Geodesic", "Shortest in pixel space: under the metric that the decoder pulls back"],
  freehand: ["Freehand", "As it was drawn"],
};
/** @type {[Steps, string, string][]} */ const STEPS = [
  ["latent", "in z", "From image to image the same length in the latent plane"],
  ["pixel", "in pixels", "From image to image the same length in pixel space"],
];
const SVG = "http://www.w3.org/2000/svg";

/** @param {Actions} actions */
export function createPathPanel(actions) {
  const hint = element("p", { class: "tool-hint", role: "status", "data-testid": "path-hint" });
  const ends = createEnds(actions);
  const drags = createChoice("What a drag on the plane does",
    /** @type {["draw" | "pan", string][]} */ ([["draw", "Draw"], ["pan", "Pan"]]), "draw",
    actions.dragsChange);
  const clear = createButton("Clear", "", actions.clear);
  const table = createTable((kind) => actions.choose({ kind }));
  const finding = element("p", {
    class: "path-finding", role: "status", "data-testid": "path-finding",
  });
  const film = new FilmStrip(actions.scrub);
  const controls = createFilmControls(actions);
  const below = element("div", { class: "path-film" }, film.root, controls.root);
  const root = element("div", { class: "path-tool" }, hint,
    element("div", { class: "path-top" },
      element("div", { class: "tool-row" }, ...ends.controls, labelled("Drag", drags.root), clear),
      element("div", { class: "path-found" }, table.root, finding)),
    below);

  /** The lines' lengths, as far as they are known. @param {Route} route @param {Kind} kind */
  function showLengths(route, kind) {
    table.show(route, kind);
    write(finding, findingOf(route));
  }

  /** What a click and a drag do now. @param {Shown} shown */
  function invitationOf({ ends: there, next, isGrid }) {
    const which = ORDINALS[there.length < 2 ? there.length : next].toLowerCase();
    if (isGrid) {
      return `Click, or press Enter at the cursor, to set the ${which} end. The lines are drawn in `
        + "the view of points.";
    }
    const draw = drags.value === "draw" ? ", or drag to draw a line freehand" : "";
    return there.length < 2
      ? `Click, or press Enter at the cursor, to set the ${which} end${draw}.`
      : `Drag an end; a click or Enter moves the ${which} one${draw}.`;
  }

  /** @param {Shown} shown */
  function show(shown) {
    const { path, route, kind, playing, complaint } = shown;
    ends.show(shown);
    controls.show(path, playing, complaint);
    for (const part of [table.root, below]) part.hidden = !route.exists;
    clear.disabled = !shown.ends.length;
    showLengths(route, kind);
    write(hint, complaint || invitationOf(shown));
    hint.classList.toggle("complaint", Boolean(complaint));
  }

  /** Where the film is. @param {number} share @param {number} images @param {number[]} place */
  function showPlace(share, images, place) {
    film.show(share, `image ${Math.round(share * (images - 1)) + 1} of ${images}, `
      + `z = (${place.map((value) => number(value)).join(", ")})`);
  }

  return {
    root, film, show, showLengths, showPlace,
    get draws() { return drags.value === "draw"; },
  };
}

/** The two ends as numbers. @param {Actions} actions */
function createEnds(actions) {
  const inputs = ORDINALS.map((_, k) => [0, 1].map((axis) => {
    const input = element("input", { type: "number", step: "any" });
    input.addEventListener("change", () => actions.type(k, axis, input.valueAsNumber));
    return input;
  }));
  const names = ORDINALS.map(() => element("span", {}));
  const controls = inputs.map((pair, k) => (
    labelled(names[k], element("div", { class: "pair" }, ...pair))));

  /** @param {Shown} shown */
  function show({ ends, dims, complaint }) {
    names.forEach((name, k) => write(name,
      `${ORDINALS[k]} end (${dims.map((dimension) => axisName(dimension)).join(", ")})`));
    inputs.forEach((pair, k) => pair.forEach((input, axis) => {
      const name = axis < dims.length ? axisName(dims[axis]) : "";
      input.hidden = !name;
      input.ariaLabel = `${ORDINALS[k]} end, ${name}`;
      input.placeholder = name;
      if (document.activeElement === input && complaint) return;
      input.value = String(ends[k]?.[axis] ?? "");
    }));
  }

  return { controls, show };
}

/** What stands under the film. @param {Actions} actions */
function createFilmControls(actions) {
  const play = createButton("Play", "Moves the cursor along the line", actions.play);
  play.classList.add("path-play");
  const frames = element("input", {
    type: "number", min: FRAMES.fewest, max: FRAMES.most, step: 1, "aria-label": "Number of images",
  });
  frames.addEventListener("change", () => actions.choose({ frames: frames.valueAsNumber }));
  const steps = createChoice("Equal steps", STEPS, EMPTY.steps,
    (value) => actions.choose({ steps: value }));
  const gif = createButton("GIF", "The film as an animated GIF", () => actions.save("gif"));
  const png = createButton("PNG strip", "The images side by side as one picture",
    () => actions.save("png"));
  const root = element("div", { class: "tool-row" }, play,
    labelled("Images", frames), labelled("Equal steps", steps.root),
    labelled("Download", element("div", { class: "pair" }, gif, png)));

  /** @param {Path} path @param {boolean} playing @param {string} complaint */
  function show(path, playing, complaint) {
    if (document.activeElement !== frames || !complaint) frames.value = String(path.frames);
    steps.set(path.steps);
    write(play, playing ? "Pause" : "Play");
  }

  return { root, show };
}

let tables = 0;

/** The lines with their lengths; one is chosen. @param {(kind: Kind) => void} choose */
function createTable(choose) {
  const group = `path-line-${tables++}`;
  const rows = KINDS.map((kind) => createRow(kind, group, choose));
  const root = element("table", { class: "path-lines", "data-testid": "path-lines" },
    element("thead", {}, element("tr", {},
      element("th", { scope: "col" }, "The film runs along"),
      element("th", { scope: "col", title: "Length in the dimensions shown" }, "length in z"),
      element("th", {
        scope: "col",
        title: "Length of the curve of mean images: Euclidean, pixels from 0 to 1",
      }, "in pixels"))),
    element("tbody", {}, ...rows.map((row) => row.root)));

  /** @param {Route} route @param {Kind} chosen */
  function show(route, chosen) {
    for (const row of rows) row.show(route, chosen);
  }

  return { root, show };
}

/** @param {Kind} kind @param {string} group @param {(kind: Kind) => void} choose */
function createRow(kind, group, choose) {
  const [name, title] = NAMES[kind];
  const radio = element("input", { type: "radio", name: group, value: kind });
  radio.addEventListener("change", () => choose(kind));
  const note = element("small", {});
  const [latent, pixel] = [element("td", {}), element("td", {})];
  const label = element("label", { title }, radio, createSample(kind), name, note);
  const root = element("tr", { "data-kind": kind }, element("th", { scope: "row" }, label),
    latent, pixel);

  /** @param {Route} route @param {Kind} chosen */
  function show(route, chosen) {
    const there = Boolean(route.lines[kind]);
    radio.checked = kind === chosen;
    radio.disabled = !there;
    root.hidden = kind === "freehand" && !there;
    root.classList.toggle("chosen", kind === chosen && there);
    root.classList.toggle("stale", there && !route.fresh.has(kind));
    const lengths = there ? route.lengthsOf(kind) : null;
    const measured = lengths?.pixel ?? null;
    write(latent, lengths ? number(lengths.latent) : "");
    write(pixel, measured !== null ? number(measured) : there ? "…" : "");
    write(note, kind === "slerp" && route.undefinedSlerp ? "undefined here: straight"
      : kind === "geodesic" && !route.flat ? route.progress : "");
  }

  return { root, show };
}

/** A piece of the line as the plane has it. @type {(kind: Kind) => Element} */
function createSample(kind) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 34 8");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", "M2 4h30");
  line.setAttribute("stroke-dasharray", DASHES[kind].join(" "));
  svg.append(line);
  return svg;
}

/** What was found, in a sentence. @type {(route: Route) => string} */
export function findingOf(route) {
  if (!route.done) return "";
  if (route.flat) return "In one dimension the geodesic is the straight line.";
  const [straight, shortest] = [route.lengthsOf("straight"), route.lengthsOf("geodesic")];
  const saved = straight.pixel ? 1 - (shortest.pixel ?? 0) / straight.pixel : 0;
  if (saved < 5e-4) return "In pixel space no line around is shorter than the straight one.";
  const percent = number(100 * saved, saved < 0.1 ? 1 : 0);
  return `In pixel space the geodesic is ${percent} % shorter than the straight line.`;
}
