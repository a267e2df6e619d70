// Where a plane holds the dimensions that it doesn't show: at the page's values, or at a tool's.

/** Holds them at z's; null: where the page holds them. Layers, grid and cursor decode there. */
export function hold(plane, z) {
  const { view } = plane;
  const given = view.given ?? view.held;
  const held = z ? Array.from(z) : given;
  if (String(held) === String(view.held)) return;
  plane.view = { ...view, held, given };
  if (plane.isGrid) plane.mosaic.aim(plane.decoder, plane.view);
  plane.redraw("still", "decode");
}

/** Where the page holds them, whatever a tool does. */
export function heldByPage({ view }) {
  return { ...view, held: view.given ?? view.held };
}
