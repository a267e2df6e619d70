// What pointer and keyboard do to the plane.

import { stepCell } from "../canvas/lattice.js";
import { link } from "../compare/link.js";
import { GUTTER } from "../canvas/camera.js";

const KEY_STEP = 8;

/** Places are pixels from the element's corner. */
export class Gestures {
  constructor(plane) {
    this.plane = plane;
  }

  hover(at) {
    if (this.plane.camera) this.plane.moveTo(this.plane.zAt(at));
  }

  leave() {
    const keeper = link.keeperOf(this.plane);
    const home = keeper.toolbox.home() ?? keeper.pin;
    if (home) keeper.moveTo(home);
  }

  pinAt(at) {
    const { plane } = this;
    if (!plane.camera) return;
    const z = plane.zAt(at);
    if (plane !== link.keeperOf(plane)) this.#pinThere(z);
    else if (!plane.toolbox.click(inPlot(at), z)) {
      plane.moveTo(z);
      pinCursor(plane);
    }
  }

  /** A tool may take the drag that begins here. */
  press(at, event) {
    const { plane } = this;
    return Boolean(plane.camera) && !plane.isGrid && plane.toolbox.press(inPlot(at), plane.zAt(at), event);
  }

  drag(at) { this.plane.toolbox.drag(inPlot(at), this.plane.zAt(at)); }
  drop(at) { return this.plane.toolbox.drop(inPlot(at), this.plane.zAt(at)); }
  key(event) { return this.plane.toolbox.key(event); }

  /** A click on the right plane is one on the left, at the same test image. */
  #pinThere(z) {
    this.plane.moveTo(z);
    const keeper = link.keeperOf(this.plane);
    const pixel = keeper.camera && keeper.pixelOf(keeper.cursor);
    if (!pixel || !keeper.toolbox.click(pixel, keeper.cursor)) pinCursor(keeper);
  }

  pinCursor() { pinCursor(link.keeperOf(this.plane)); }
  unpin() {
    const keeper = link.keeperOf(this.plane);
    keeper.act({ pin: null });
  }
  goHome() { this.plane.moveTo([0, 0], true); }

  step(dx, dy) {
    const { plane } = this;
    if (!plane.camera) return;
    const unit = KEY_STEP / plane.camera.scale;
    const [x, y] = plane.cursor;
    const next = plane.isGrid
      ? stepCell(plane.view.lattice, plane.cursor, dx, dy)
      : [x + dx * unit, y + dy * unit];
    plane.moveTo(next, true);
  }

  panBy(dx, dy) { this.#look((viewport) => viewport.panBy(dx, dy)); }
  zoomAt(factor, at) { this.#look((viewport) => viewport.zoomAt(factor, at)); }
  zoomBy(factor) {
    this.#look((viewport) => viewport.zoomAbout(factor, this.plane.pixelOf(this.plane.cursor)));
  }
  reset() { this.#look((viewport) => viewport.reset()); }

  turnBy(count) { return this.plane.dial.turnBy(count); }
  togglePlay() { return this.plane.dial.togglePlay(); }
  toggleBubbles() { return !this.plane.isGrid && this.plane.layers.toggle("posteriors"); }

  #look(move) {
    const { plane } = this;
    if (!plane.camera) return;
    move(plane.viewport);
    plane.redraw("still", "marks");
    plane.act({ window: plane.viewport.window });
  }
}

/**
 * A pin is a rounded place, so that it reads well in the URL; far finer than a pixel. What Python
 * says of it holds for one β, so a playing dial rests.
 */
function pinCursor(plane) {
  plane.dial.settle();
  plane.moveTo(plane.cursor.map((value) => Math.round(value * 1e4) / 1e4));
  plane.act({ pin: [...plane.cursor] });
}

function inPlot([px, py]) {
  return [px - GUTTER.left, py - GUTTER.top];
}
