// The decoded manifold as a tiling of images under the points, finer as one zooms in.

import { toPixel } from "../canvas/camera.js";
import { Pyramid } from "../canvas/pyramid.js";

const PIXELS = 34; // a tile's least size on the screen
const INK = 0.62; // how strong images of one channel are

export function createTiles(plane) {
  const pyramid = new Pyramid({ pixels: PIXELS, coarser: 2, make: decodeAt });
  let decoder = null;
  let ink = "";

  function decodeAt(x, y) {
    const canvas = document.createElement("canvas");
    canvas.width = plane.decoder.width;
    canvas.height = plane.decoder.height;
    const context = canvas.getContext("2d");
    const image = context.createImageData(canvas.width, canvas.height);
    toInk(plane.decoder.decode(plane.latentAt([x, y])), plane.decoder.channels, plane.theme.dark, image);
    context.putImageData(image, 0, 0);
    return canvas;
  }

  function aim() {
    const wanted = `${plane.theme.dark} ${plane.place}`;
    if (plane.decoder !== decoder || ink !== wanted) pyramid.clear();
    [decoder, ink] = [plane.decoder, wanted];
    pyramid.aim(plane.camera);
  }

  function paint(context) {
    const { camera, theme } = plane;
    const finest = pyramid.levelOf(camera);
    context.imageSmoothingEnabled = true;
    context.fillStyle = theme.background;
    for (let level = finest + pyramid.coarser; level >= finest; level--) {
      const { i0, i1, j0, j1 } = pyramid.window(camera, level);
      const side = 2 ** level * camera.scale;
      for (let j = j0; j <= j1; j++) {
        for (let i = i0; i <= i1; i++) {
          const tile = pyramid.only(level, i, j);
          if (!tile) continue;
          const [left, top] = toPixel(camera, i * 2 ** level, (j + 1) * 2 ** level);
          context.fillRect(left, top, side, side);
          context.drawImage(tile, left, top, side, side);
        }
      }
    }
  }

  return {
    name: "tiles", title: "Decoded images", hint: "Finer as you zoom in",
    aim, paint, work: () => pyramid.work(), expire: () => pyramid.expire(),
  };
}

/** Grey images as ink in the theme's text colour, more the brighter; colours as they are. */
function toInk(values, channels, dark, { data, width, height }) {
  const plane = width * height;
  for (let i = 0, at = 0; i < plane; i++, at += 4) {
    if (channels === 3) {
      for (let c = 0; c < 3; c++) data[at + c] = 255 * values[i + c * plane];
      data[at + 3] = 255;
    } else {
      data[at] = data[at + 1] = data[at + 2] = dark ? 235 : 30;
      data[at + 3] = 255 * INK * Math.min(Math.max(values[i], 0), 1);
    }
  }
}
