// The small form of the rate–distortion plane, beside a dial that owns β and moves the ring.

/** @import { Scale } from "./geometry.js" */
/** @import { DialLine as Line } from "./scene.js" */
/** @import { Theme } from "../shared/palette.js" */

import { betaOn, nearestOn } from "./geometry.js";
import { compactOf, tangentAt } from "./scene.js";
import { createRing, element, fill, listenToPointer, set } from "./svg.js";

/** An SVG in `root` with frame, curve, tangent of slope −β and ring. drag(β) follows the pointer
 * along the curve; a mouse may press anywhere. The ring is a slider; its keys are the caller's.
 * @param {HTMLElement} root @param {(beta: number) => void} drag @param {AbortSignal} signal */
export function createCompactPlane(root, drag, signal) {
  const svg = element("svg", { width: "100%", height: "100%", role: "group",
    "aria-label": "Rate–distortion curve with its tangent of slope −β" }, root);
  const below = element("g", { "pointer-events": "none" }, svg);
  const tangent = element("line", { "stroke-dasharray": "4 3", "stroke-opacity": 0.45,
    "pointer-events": "none" }, svg);
  const { ring, circle } = createRing(svg, 18, { r: 6, "stroke-width": 2 });
  /** @type {Parameters<typeof show> | null} */ let latest = null; // what was shown last
  /** @type {{line: Line, theme: Theme, scale: Scale} | null} */
  let drawn = null; // what is below the ring

  /** @type {(at: [number, number]) => void} */
  const turn = (at) => {
    if (!drawn) return;
    const { line, scale } = drawn;
    const { position } = nearestOn(line.rate.map(scale.x), line.distortion.map(scale.y), ...at);
    drag(betaOn(line.beta, position));
  };
  listenToPointer(svg, ring, { drag: turn, drop() {}, cancel() {}, click: turn },
    { anywhere: true, signal });
  const observer = new ResizeObserver(() => {
    drawn = null;
    if (latest) show(...latest);
  });
  observer.observe(root);
  signal.addEventListener("abort", () => observer.disconnect());

  /** @param {Line} line @param {Theme} theme */
  function drawBelow(line, theme) {
    const { width, height } = root.getBoundingClientRect();
    if (width < 40 || height < 40) return;
    const { scale, nodes } = compactOf(line, width, height, theme);
    drawn = { line, theme, scale };
    fill(below, nodes);
    set(svg, { viewBox: `0 0 ${width} ${height}`, "font-family": theme.font });
    set(circle, { fill: theme.primary, stroke: theme.background });
    set(ring, { "aria-valuemin": line.beta[0], "aria-valuemax": line.beta[line.beta.length - 1] });
    set(tangent, { stroke: theme.text });
  }

  /** The ring where the dial stands.
   * @param {Line} line
   * @param {{beta: number, rate: number, distortion: number, slope: number}} figures
   * @param {string} words @param {Theme} theme */
  function show(line, figures, words, theme) {
    latest = [line, figures, words, theme];
    if (drawn?.line !== line || drawn.theme !== theme) drawBelow(line, theme);
    if (!drawn) return;
    const { scale } = drawn;
    const [x, y] = [scale.x(figures.rate), scale.y(figures.distortion)];
    set(ring, { transform: `translate(${x} ${y})`, "aria-valuenow": figures.beta,
      "aria-valuetext": words });
    const ends = tangentAt(scale, x, y, -figures.slope);
    tangent.style.display = ends ? "" : "none";
    if (ends) set(tangent, ends);
  }

  return { show, ring };
}
