// The decoded lattice as one offscreen image that fills up a slice of each frame at a time.

import { latentAt } from "../geometry.js";
import { fillOrder, fillSlice, rotated, scatterOrder } from "./lattice.js";
import { toImageData } from "./picture.js";

export function createMosaic() {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  let key = null;
  let version = null;
  let queue = [];
  let scattered = [];
  let fill = null;

  /**
   * Starts anew unless the last call had the same lattice, place in z and decoder. A decoder that
   * has only moved to another β keeps its tiles until each is replaced, evenly over the picture.
   */
  function aim(decoder, view) {
    const { lattice } = view;
    const wanted = JSON.stringify([lattice, view.dims, view.held]);
    const known = key && key.wanted === wanted && key.decoder === decoder;
    if (known && version === decoder.version) return;
    version = decoder.version;
    if (known) {
      queue = rotated(scattered, queue[0]);
      return;
    }
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
    scattered = scatterOrder(columns, rows);
    const decodeAt = (x, y) => decoder.decode(latentAt(view, [x, y], decoder.latentDim));
    fill = ({ i, j }) => {
      toImageData(decodeAt(lattice.x[i], lattice.y[j]), channels, tile);
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
