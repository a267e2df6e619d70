// A scalar over the plane as a smooth picture, made from the cells of a pyramid.

import { toPixel } from "./camera.js";
import { Pyramid } from "./pyramid.js";

/** `valueAt(x, y)` gives a number; `colourOf(value)` its [r, g, b, a], each from 0 to 255. */
export class Field {
  #canvas = document.createElement("canvas");
  #context = this.#canvas.getContext("2d");

  constructor({ pixels, coarser = 2, valueAt }) {
    this.pyramid = new Pyramid({ pixels, coarser, make: valueAt });
  }

  paint(context, camera, colourOf) {
    const level = this.pyramid.levelOf(camera);
    const size = 2 ** level;
    const { i0, i1, j0, j1 } = this.pyramid.window(camera, level);
    const [columns, rows] = [i1 - i0 + 1, j1 - j0 + 1];
    if (this.#canvas.width !== columns) this.#canvas.width = columns;
    if (this.#canvas.height !== rows) this.#canvas.height = rows;
    const image = this.#context.createImageData(columns, rows);
    for (let row = 0, at = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, at += 4) {
        const value = this.pyramid.at(level, i0 + column, j1 - row);
        if (value !== undefined) image.data.set(colourOf(value), at);
      }
    }
    this.#context.putImageData(image, 0, 0);
    const [left, top] = toPixel(camera, i0 * size, (j1 + 1) * size);
    const side = size * camera.scale;
    context.imageSmoothingEnabled = true;
    context.drawImage(this.#canvas, left, top, columns * side, rows * side);
  }

  /** The values of the cells that the window shows, as far as they are made. */
  values(camera) {
    const level = this.pyramid.levelOf(camera);
    const { i0, i1, j0, j1 } = this.pyramid.window(camera, level);
    const found = [];
    for (let j = j0; j <= j1; j++) {
      for (let i = i0; i <= i1; i++) {
        const value = this.pyramid.at(level, i, j);
        if (Number.isFinite(value)) found.push(value);
      }
    }
    return found;
  }
}
