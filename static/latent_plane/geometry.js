// The full z behind a place on the plane.

/** `held` with the shown dimensions replaced by the place; a plane of one dimension has no y. */
export function latentAt(view, place, size) {
  const z = Float32Array.from({ length: size }, (_, k) => view.held?.[k] ?? 0);
  view.dims.forEach((dimension, axis) => {
    if (dimension < size) z[dimension] = place[axis];
  });
  return z;
}
