// The small form of the rate–distortion plane, beside a dial that owns β and moves the ring.

import { readTheme } from "../latent_plane/canvas/theme.js";
import { betaOn, nearestOn } from "./geometry.js";
import { compactOf, tangentAt } from "./scene.js";
import { element, fill, listenToPointer, set } from "./svg.js";

/**
 * An SVG in `root` with frame, curve, tangent of slope −β and ring. drag(beta): along the curve, by
 * the pointer, which may press anywhere. The ring is a slider; its keys are the caller's.
 */
export function createCompactPlane(root, drag, signal) {
  const svg = element("svg", { width: "100%", height: "100%", role: "group",
    "aria-label": "Rate–distortion curve" }, root);
  element("title", {}, svg).textContent =
    "Rate–distortion curve with its tangent of slope −β: drag along it";
  const below = element("g", {}, svg);
  const tangent = element("line", { "stroke-dasharray": "4 3", "stroke-opacity": 0.45 }, svg);
  const ring = element("circle", { class: "ring", r: 6, "stroke-width": 2, role: "slider",
    tabindex: 0, "aria-label": "Place on the rate–distortion curve" }, svg);
  let drawn = null; // {line, theme, width, height, scale}

  const turn = (at) => {
    const { line, scale } = drawn;
    const { position } = nearestOn(line.rate.map(scale.x), line.distortion.map(scale.y), ...at);
    drag(betaOn(line.beta, position));
  };
  listenToPointer(svg, ring, { drag: turn, drop() {}, cancel() {}, click: turn },
    { anywhere: true, signal });

  /** line: {beta, rate, distortion, dots}; figures: what the dial knows at its β; said: in words. */
  function show(line, { rate, distortion, slope }, said) {
    const { clientWidth: width, clientHeight: height } = root;
    if (width < 40 || height < 40) return;
    const theme = readTheme(root);
    const known = drawn?.line === line && drawn.width === width && drawn.height === height
      && drawn.theme.text === theme.text;
    if (!known) {
      const { scale, nodes } = compactOf(line, width, height, theme);
      drawn = { line, theme, width, height, scale };
      fill(below, nodes);
      set(svg, { viewBox: `0 0 ${width} ${height}`, "font-family": theme.font });
      set(ring, { fill: theme.primary, stroke: theme.background,
        "aria-valuemin": line.beta[0], "aria-valuemax": line.beta.at(-1) });
      set(tangent, { stroke: theme.text });
    }
    const { scale } = drawn;
    const [cx, cy] = [scale.x(rate), scale.y(distortion)];
    set(ring, { cx, cy, ...said });
    const ends = tangentAt(scale, cx, cy, -slope);
    tangent.style.display = ends ? "" : "none";
    if (ends) set(tangent, ends);
  }

  return { show, svg, ring };
}
