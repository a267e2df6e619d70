// Where a film stands, and how it goes on.

import { motionIsUnwelcome } from "../../dial/playback.js";

const PLAY_MS = 180; // an image
const STEP_MS = 700; // an image, where motion is unwelcome
const LONGEST_MS = 100; // that counts from one frame of the screen to the next

export class Player {
  /** From 0 to 1. */
  share = 0;
  #since = null;

  get playing() { return this.#since !== null; }

  start(now) {
    if (this.share >= 1) this.share = 0;
    this.#since = now;
  }

  stop() { this.#since = null; }

  /** Smoothly, or from image to image where motion is unwelcome; returns whether it has moved. */
  advance(now, images, stepwise = motionIsUnwelcome()) {
    if (!this.playing || (stepwise && now - this.#since < STEP_MS)) return false;
    const passed = stepwise ? 1 : Math.min(now - this.#since, LONGEST_MS) / PLAY_MS;
    this.#since = now;
    const at = this.share * (images - 1) + passed;
    this.share = Math.min((stepwise ? Math.floor(at + 1e-6) : at) / (images - 1), 1);
    if (this.share >= 1) this.stop();
    return true;
  }
}
