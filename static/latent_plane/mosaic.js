// The decoded lattice as one offscreen image that fills up a slice of each frame at a time.

import { fillOrder, fillSlice } from "./lattice.js";
import { toImageData } from "./picture.js";

export function createMosaic() {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  let key = null;
  let queue = [];
  let fill = null;

  /** Starts anew unless the last call had the same `wanted` key and the same decoder. */
  function aim(decoder, lattice, latentAt, wanted) {
    if (key && key.wanted === wanted && key.decoder === decoder) return;
    key = { wanted, decoder };
    const { width, height, channels } = decoder;
    const columns = lattice.x.length;
    const rows = lattice.y.length;
    if (canvas.width !== columns * width || canvas.height !== rows * height) {
      canvas.width = columns * width;
      canvas.height = rows * height;
    }
    const tile = context.createImageData(width, height);
    queue = fillOrder(columns, rows);
    fill = ({ i, j }) => {
      toImageData(decoder.decode(latentAt([lattice.x[i], lattice.y[j]])), channels, tile);
      context.putImageData(tile, i * width, (rows - 1 - j) * height);
    };
  }

  /** Decodes for one slice of time; false when nothing was left to do. */
  function work() {
    if (!queue.length) return false;
    fillSlice(queue, fill);
    return true;
  }

  return { canvas, aim, work };
}
