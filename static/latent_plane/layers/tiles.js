// The decoded manifold as a tiling of images under the points, finer as one zooms in.

/** @import { Decoder, Layer, LayerRow, Numbers, PlaneContext } from "../context.js" */

import { toPixel } from "../canvas/camera.js";
import { contextOf } from "../../shared/dom.js";
import { Pyramid } from "../canvas/pyramid.js";

const PIXELS = 34; // a tile's least size on the screen
const INK = 0.62; // how strong images of one channel are

/** @type {(plane: PlaneContext) => Layer} */
function create(plane) {
  /** @type {Pyramid<HTMLCanvasElement>} */
  const pyramid = new Pyramid({ pixels: PIXELS, coarser: 2, make: (x, y) => tileAt(plane, x, y) });
  /** @type {Decoder | null} */ let decoder = null;
  let aimed = "";
  return {
    aim() {
      const wanted = `${plane.theme.dark} ${plane.place}`;
      if (plane.decoder !== decoder || aimed !== wanted) pyramid.clear();
      [decoder, aimed] = [plane.decoder, wanted];
      pyramid.aim(plane.camera);
    },
    paint: (context) => paintTiles(context, plane, pyramid),
    work: () => pyramid.work(),
    expire: () => pyramid.expire(),
  };
}

/** @type {(plane: PlaneContext, x: number, y: number) => HTMLCanvasElement} */
function tileAt({ decoder, latentAt, theme }, x, y) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [decoder.width, decoder.height];
  const context = contextOf(canvas);
  const image = context.createImageData(canvas.width, canvas.height);
  toInk(decoder.decode(latentAt([x, y])), decoder.channels, theme.dark, image);
  context.putImageData(image, 0, 0);
  return canvas;
}

/** Coarse tiles first, finer ones over them.
 * @type {(context: CanvasRenderingContext2D, plane: PlaneContext,
 *   pyramid: Pyramid<HTMLCanvasElement>) => void} */
function paintTiles(context, { camera, theme }, pyramid) {
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

/** Grey images as ink in the theme's text colour, more the brighter; colours as they are.
 * @type {(values: Numbers, channels: number, dark: boolean, image: ImageData) => void} */
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

/** @type {LayerRow} */
export const TILES = {
  name: "tiles", title: "Decoded images", hint: "Finer as you zoom in", depth: 0, create,
};
