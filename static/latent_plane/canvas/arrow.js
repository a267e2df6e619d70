// An arrow on the plane, and words beside its ends.

const HEAD = 11; // pixels

/** From one pixel to another, with a border that stands out on any colour. */
export function paintArrow(context, from, to, theme) {
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  if (length < 1) return;
  const head = Math.min(HEAD, length);
  const wing = (turn) => [to[0] - head * Math.cos(angle + turn), to[1] - head * Math.sin(angle + turn)];
  context.save();
  context.lineJoin = "round";
  context.lineCap = "round";
  for (const [colour, width] of [[theme.background, 6], [theme.text, 2.5]]) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.moveTo(...wing(0.45));
    context.lineTo(...to);
    context.lineTo(...wing(-0.45));
    context.stroke();
  }
  context.restore();
}

/** Words next to a pixel, on the side away from another. */
export function paintWords(context, text, at, away, theme) {
  const left = at[0] < away[0];
  context.font = `700 14px ${theme.font}`;
  context.textAlign = left ? "right" : "left";
  context.textBaseline = at[1] < away[1] ? "bottom" : "top";
  context.lineJoin = "round";
  context.lineWidth = 5;
  context.strokeStyle = theme.background;
  context.fillStyle = theme.text;
  const place = [at[0] + (left ? -6 : 6), at[1] + (at[1] < away[1] ? -4 : 4)];
  context.strokeText(text, ...place);
  context.fillText(text, ...place);
}
