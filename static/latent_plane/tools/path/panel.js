// What stands under the plane while the path tool is open.

import { createChoice, element, write } from "../../canvas/dom.js";
import { createFilmStrip } from "./film_strip.js";
import { createPathTable, findingOf } from "./path_table.js";
import { EMPTY } from "./path_text.js";
import { FRAMES } from "./path.js";
import { axisName, number } from "../../canvas/ticks.js";

const ORDINALS = ["First", "Second"];

/**
 * `actions`: type(end, axis, value), draw(), clear(), choose({kind, steps or frames}), play(),
 * scrub(share), save("gif" or "png").
 */
export function createPathPanel(actions, signal) {
  const button = (text, title, act) => {
    const made = element("button", { type: "button", title }, text);
    made.addEventListener("click", act, { signal });
    return made;
  };
  const inputs = ORDINALS.map((_, k) => [0, 1].map((axis) => {
    const input = element("input", { type: "number", step: "any" });
    input.addEventListener("change", () => actions.type(k, axis, input.valueAsNumber), { signal });
    return input;
  }));
  const names = ORDINALS.map(() => element("span", {}));
  const hint = element("p", { class: "tool-hint", role: "status", "data-testid": "path-hint" });
  const drags = createChoice("What a drag on the plane does", [["draw", "Draw"], ["pan", "Pan"]], "draw", signal, actions.draw);
  const clear = button("Clear", "", actions.clear);
  const table = createPathTable((kind) => actions.choose({ kind }), signal);
  const finding = element("p", { class: "path-finding", role: "status", "data-testid": "path-finding" });
  const film = createFilmStrip(actions.scrub, signal);
  const play = button("Play", "Moves the cursor along the line", actions.play);
  play.classList.add("path-play");
  const frames = element("input", { type: "number", min: FRAMES.fewest, max: FRAMES.most, step: 1, "aria-label": "Number of images" });
  frames.addEventListener("change", () => actions.choose({ frames: frames.valueAsNumber }), { signal });
  const steps = createChoice("Equal steps", [
    ["latent", "in z", "From image to image the same length in the latent plane"],
    ["pixel", "in pixels", "From image to image the same length in pixel space"],
  ], EMPTY.steps, signal, (value) => actions.choose({ steps: value }));
  const below = element("div", { class: "path-film" }, film.root, element("div", { class: "tool-row" },
    play, labelled("Images", frames), labelled("Equal steps", steps.root),
    labelled("Download", element("div", { class: "pair" },
      button("GIF", "The film as an animated GIF", () => actions.save("gif")),
      button("PNG strip", "The images side by side as one picture", () => actions.save("png"))))));
  const root = element("div", { class: "path-tool" }, hint,
    element("div", { class: "path-top" },
      element("div", { class: "tool-row" },
        ...inputs.map((pair, k) => labelled(names[k], element("div", { class: "pair" }, ...pair))),
        labelled("Drag", drags.root), clear),
      element("div", { class: "path-found" }, table.root, finding)),
    below);

  /** What is known of the lines' lengths. */
  function showLengths(route, kind) {
    table.show(route, kind);
    write(finding, findingOf(route));
  }

  /** The hint: what a click and a drag do now. */
  function invitation(ends, next, isGrid) {
    const which = ORDINALS[ends.length < 2 ? ends.length : next].toLowerCase();
    if (isGrid) return `Click, or press Enter at the cursor, to set the ${which} end. The lines are drawn in the view of points.`;
    const draw = drags.value === "draw" ? ", or drag to draw a line freehand" : "";
    return ends.length < 2 ? `Click, or press Enter at the cursor, to set the ${which} end${draw}.`
      : `Drag an end; a click or Enter sets the ${which} one anew${draw}.`;
  }

  function show({ path, ends, next, route, kind, dims, isGrid, playing, complaint }) {
    inputs.forEach((pair, k) => pair.forEach((input, axis) => {
      const name = axis < dims.length ? axisName(dims[axis]) : "";
      input.hidden = !name;
      input.ariaLabel = `${ORDINALS[k]} end, ${name}`;
      input.placeholder = name;
      if (document.activeElement !== input || !complaint) input.value = ends[k]?.[axis] ?? "";
    }));
    names.forEach((name, k) => write(name, `${ORDINALS[k]} end (${dims.map(axisName).join(", ")})`));
    for (const part of [table.root, below]) part.hidden = !route.exists;
    clear.disabled = !ends.length;
    if (document.activeElement !== frames || !complaint) frames.value = path.frames;
    steps.set(path.steps);
    write(play, playing ? "Pause" : "Play");
    showLengths(route, kind);
    write(hint, complaint || invitation(ends, next, isGrid));
    hint.classList.toggle("complaint", Boolean(complaint));
  }

  /** Where the film stands. */
  function showPlace(share, images, place) {
    film.show(share, `image ${Math.round(share * (images - 1)) + 1} of ${images}, `
      + `z = (${place.map((value) => number(value)).join(", ")})`);
  }

  return { root, film, show, showLengths, showPlace, get draws() { return drags.value === "draw"; } };
}

function labelled(text, control) {
  return element("div", { class: "labelled" }, typeof text === "string" ? element("span", {}, text) : text, control);
}
