// What the ring needs to know of the curve and the plane; no DOM in here.

/** The index of the place (x, y) nearest to a point; all in pixels. */
export function nearest(x, y, px, py) {
  let best = 0;
  let least = Infinity;
  for (let k = 0; k < x.length; k++) {
    const distance = (x[k] - px) ** 2 + (y[k] - py) ** 2;
    if (distance < least) [best, least] = [k, distance];
  }
  return best;
}

/**
 * The piece within the frame of the line through (x, y) that falls `slope` pixels a pixel to the
 * right (y grows downwards), as {x1, y1, x2, y2}; null if none of it is within.
 */
export function tangent(x, y, slope, { left, right, top, bottom }) {
  if (!Number.isFinite(slope)) {
    return x < left || x > right ? null : { x1: x, y1: top, x2: x, y2: bottom };
  }
  const across = (height) => (slope === 0 ? null : x + (height - y) / slope);
  let [from, to] = [left, right];
  if (slope > 0) [from, to] = [Math.max(left, across(top)), Math.min(right, across(bottom))];
  else if (y < top || y > bottom) return null;
  if (from >= to) return null;
  return { x1: from, y1: y + slope * (from - x), x2: to, y2: y + slope * (to - x) };
}

/**
 * Ring, tangent and words as what plotly draws itself, for a picture that is saved: {shapes,
 * annotations}. ends: the tangent's, in nats, or null.
 */
export function drawn(curve, k, ends, { colour, ink }) {
  const [beta, ...numbers] = words(curve, k);
  const line = { color: colour, width: 3 };
  const shapes = [{ type: "circle", xsizemode: "pixel", ysizemode: "pixel", line,
    xanchor: curve.rate[k], yanchor: curve.distortion[k], x0: -11, x1: 11, y0: -11, y1: 11 }];
  if (ends) shapes.push({ type: "line", line: { color: colour, width: 2, dash: "dash" }, ...ends });
  const text = { text: [`<b>${beta}</b>`, ...numbers].join("<br>"), showarrow: false, align: "right",
    xref: "paper", yref: "paper", x: 1, y: 1, xanchor: "right", yanchor: "top",
    font: { size: 13, color: ink } };
  return { shapes, annotations: [text] };
}

/** Short lines of text, for a narrow plane: β, and what the curve has there. */
export function words({ beta, distortion, rate, active }, k) {
  const minus = (value) => value.toFixed(2).replace("-", "−");
  return [`β = ${beta[k]}`,
    `D ${distortion[k].toFixed(2)} · R ${rate[k].toFixed(2)}`,
    `ELBO ${minus(-(distortion[k] + rate[k]))} · ${active[k]} active`];
}
