// Points as dots, written straight into pixels: a path for every dot takes longer than a frame where
// there are thousands of them and no graphics card.

const SHIFTS = 4; // places of a dot's middle within a pixel, along each side
const SAMPLES = 4; // along each side of a pixel, for how much of it a dot covers
const FAINT = 0.4; // how much of their opacity is left to points that aren't selected,
const CLEAR = 0.4; // and of their transparency to those that are
const COARSE = 150_000; // points, from which on a dot is four whole pixels

/**
 * The pixels that a dot covers, by where its middle lies within a pixel (rows of SHIFTS² entries):
 * [dx, dy, share covered].
 */
export function dotMasks(radius) {
  const reach = Math.ceil(radius) + 1;
  return Array.from({ length: SHIFTS ** 2 }, (_, shift) => {
    const middle = [shift % SHIFTS, Math.floor(shift / SHIFTS)].map((k) => (k + 0.5) / SHIFTS);
    const found = [];
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        const share = covered(dx - middle[0], dy - middle[1], radius);
        if (share) found.push([dx, dy, share]);
      }
    }
    return found;
  });
}

function covered(left, top, radius) {
  let inside = 0;
  for (let v = 0.5; v < SAMPLES; v++) {
    for (let u = 0.5; u < SAMPLES; u++) {
      if (Math.hypot(left + u / SAMPLES, top + v / SAMPLES) <= radius) inside += 1;
    }
  }
  return inside / SAMPLES ** 2;
}

/** Four pixels, wherever the middle lies. */
export function coarseMasks() {
  return Array(SHIFTS ** 2).fill([[0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1]]);
}

/**
 * For each opacity (0 to 255) of a pixel: what it becomes when `alpha` is laid over it, and by how
 * many 256ths its colour moves to the new one ("over", Porter & Duff 1984).
 */
export function overTables(alpha) {
  const opacity = new Uint8Array(256);
  const share = new Uint16Array(256);
  for (let before = 0; before < 256; before++) {
    const after = alpha + (before / 255) * (1 - alpha);
    opacity[before] = Math.round(255 * after);
    share[before] = Math.round((256 * alpha) / after);
  }
  return { opacity, share };
}

/**
 * Writes dots into `pixels`, RGBA in the four bytes of each number, of `width` × `height`; `scale`,
 * `ox` and `oy` take x and y to pixels, `colours` are such numbers by bucket, without opacity.
 * Points are drawn in the given order.
 */
export function splat(pixels, width, height, { x, y }, { scale, ox, oy }, { order, buckets }, colours, masks, alpha) {
  const dots = masks.map((mask) => ({
    steps: Int32Array.from(mask, ([dx, dy]) => dy * width + dx),
    tables: mask.map(([, , share]) => overTables(alpha * share)),
  }));
  const margin = Math.max(...masks.flat().map(([dx, dy]) => Math.max(Math.abs(dx), Math.abs(dy))));
  const [right, bottom] = [width - margin, height - margin];
  for (let n = 0; n < order.length; n++) {
    const i = order[n];
    const fx = ox + x[i] * scale;
    const fy = oy - y[i] * scale;
    if (!(fx >= margin && fy >= margin && fx < right && fy < bottom)) continue;
    const px = fx | 0;
    const py = fy | 0;
    const { steps, tables } = dots[((SHIFTS * (fy - py)) | 0) * SHIFTS + ((SHIFTS * (fx - px)) | 0)];
    const colour = colours[buckets[i]];
    const middle = py * width + px;
    for (let k = 0; k < steps.length; k++) {
      const { opacity, share } = tables[k];
      const at = middle + steps[k];
      const before = pixels[at];
      const part = share[before >>> 24];
      // Red and blue together: there is room for a product beside each.
      const rb = (Math.imul(before & 0xff00ff, 256 - part) + Math.imul(colour & 0xff00ff, part)) >>> 8;
      const g = (Math.imul(before & 0xff00, 256 - part) + Math.imul(colour & 0xff00, part)) >>> 8;
      pixels[at] = (rb & 0xff00ff) | (g & 0xff00) | (opacity[before >>> 24] << 24);
    }
  }
}

/** The painter, which keeps its canvas. */
export function createSplatter() {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  let image = null;

  /** `ratio`: device pixels of a CSS pixel. Of all points the first `most` in their order are drawn. */
  function paint(target, camera, cloud, colouring, { radius, alpha }, ratio, most = Infinity) {
    const [width, height] = [camera.width, camera.height].map((size) => Math.round(size * ratio));
    if (image?.width !== width || image.height !== height) {
      [canvas.width, canvas.height] = [width, height];
      image = context.createImageData(width, height);
    } else image.data.fill(0);
    const scale = camera.scale * ratio;
    const place = { scale, ox: width / 2 - camera.x * scale, oy: height / 2 + camera.y * scale };
    const { order, buckets, faint } = colouring;
    const numbers = Uint32Array.from(colouring.colours, packed);
    const masks = Math.min(most, order.length) < COARSE ? dotMasks(radius * ratio) : coarseMasks();
    const part = Math.min(most / order.length, 1);
    const shown = faint ? 1 - CLEAR * (1 - alpha) : alpha;
    for (const [points, opacity] of [[order.subarray(0, faint), FAINT * alpha], [order.subarray(faint), shown]]) {
      splat(new Uint32Array(image.data.buffer), width, height, cloud, place,
        { order: points.subarray(0, part * points.length), buckets }, numbers, masks, opacity);
    }
    context.putImageData(image, 0, 0);
    target.drawImage(canvas, 0, 0, camera.width, camera.height);
  }

  return { paint };
}

/** A colour, "#rrggbb" or "rgb(a)", as the number of such a pixel: red in the lowest byte. */
export function packed(colour) {
  const [r, g, b] = colour.startsWith("#")
    ? [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16))
    : colour.match(/[\d.]+/g).map(Number);
  return r | (g << 8) | (b << 16);
}
