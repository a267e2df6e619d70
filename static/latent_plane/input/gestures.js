// What pointer and keyboard do to the plane.

/** @import { Viewport } from "../canvas/camera.js" */
/** @import { Pair } from "../context.js" */
/** @import { LatentPlane } from "../plane.js" */

import { GUTTER } from "../canvas/camera.js";
import { stepCell } from "../canvas/lattice.js";
import { link } from "../compare/link.js";

const KEY_STEP = 8; // pixels
const FINEST = 1e4; // a pin is rounded, far finer than a pixel, so that it reads well in the URL

/** Places are pixels from the element's corner. */
export class Gestures {
  /** @param {LatentPlane} plane */
  constructor(plane) {
    this.plane = plane;
  }

  /** @param {Pair} at */
  hover(at) {
    if (this.plane.camera) this.plane.moveTo(this.plane.zAt(at));
  }

  leave() {
    const keeper = link.keeperOf(this.plane);
    const home = keeper.toolbox.home() ?? keeper.pin;
    if (home) keeper.moveTo(home);
  }

  /** @param {Pair} at */
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

  /** A tool may take the drag that begins here. @param {Pair} at @param {PointerEvent} event */
  press(at, event) {
    const { plane } = this;
    if (!plane.camera || plane.isGrid) return false;
    return plane.toolbox.press(inPlot(at), plane.zAt(at), event);
  }

  /** @param {Pair} at */
  drag(at) { this.plane.toolbox.drag(inPlot(at), this.plane.zAt(at)); }

  /** @param {Pair} at */
  drop(at) { return this.plane.toolbox.drop(inPlot(at), this.plane.zAt(at)); }

  /** @param {KeyboardEvent} event */
  key(event) { return this.plane.toolbox.key(event); }

  pinCursor() { pinCursor(link.keeperOf(this.plane)); }
  unpin() { link.keeperOf(this.plane).act({ pin: null }); }
  goHome() { this.plane.moveTo([0, 0], true); }

  /** @param {number} dx @param {number} dy steps of the arrow keys, or cells */
  step(dx, dy) {
    const { camera, cursor, isGrid, view } = this.plane;
    if (!camera) return;
    const unit = KEY_STEP / camera.scale;
    this.plane.moveTo(isGrid ? stepCell(view.lattice, cursor, dx, dy)
      : [cursor[0] + dx * unit, cursor[1] + dy * unit], true);
  }

  /** @param {number} dx @param {number} dy */
  panBy(dx, dy) { this.#look((viewport) => viewport.panBy(dx, dy)); }

  /** @param {number} factor @param {Pair} at */
  zoomAt(factor, at) { this.#look((viewport) => viewport.zoomAt(factor, at)); }

  /** @param {number} factor */
  zoomBy(factor) {
    this.#look((viewport) => viewport.zoomAbout(factor, this.plane.pixelOf(this.plane.cursor)));
  }

  reset() { this.#look((viewport) => viewport.reset()); }

  /** @param {number} count */
  turnBy(count) { return this.plane.dial.turnBy(count); }
  togglePlay() { return this.plane.dial.togglePlay(); }
  toggleBubbles() { return !this.plane.isGrid && this.plane.layers.toggle("posteriors"); }

  /** A click on the right plane is one on the left, at the same test image. @param {Pair} z */
  #pinThere(z) {
    this.plane.moveTo(z);
    const keeper = link.keeperOf(this.plane);
    const pixel = keeper.pixelOf(keeper.cursor);
    if (!pixel || !keeper.toolbox.click(pixel, keeper.cursor)) pinCursor(keeper);
  }

  /** @param {(viewport: Viewport) => void} move */
  #look(move) {
    const { plane } = this;
    if (!plane.camera) return;
    move(plane.viewport);
    plane.redraw("still", "marks");
    plane.act({ window: plane.viewport.window });
  }
}

/** A pin is described at one β, so a playing dial stops. @param {LatentPlane} plane */
function pinCursor(plane) {
  plane.dial.settle();
  const [x, y] = plane.cursor.map((value) => Math.round(value * FINEST) / FINEST);
  plane.moveTo([x, y]);
  plane.act({ pin: [x, y] });
}

/** @param {Pair} pixel @returns {Pair} */
function inPlot([px, py]) { return [px - GUTTER.left, py - GUTTER.top]; }
