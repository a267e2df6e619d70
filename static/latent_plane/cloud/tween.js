// A cloud on its way from one embedding of the same points to the next, as training moves them.

const MILLISECONDS = 700;

/** Whether the second cloud holds the same points as the first, moved; and motion is welcome. */
function canTween(from, to) {
  return Boolean(from) && from !== to && from.x.length === to.x.length
    && from.names.length === to.names.length
    && !globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches;
}

/** A function of the time: the cloud between the two, and `to` itself once it has arrived. */
export function createTween(from, to, start) {
  const x = new Float32Array(to.x.length);
  const y = new Float32Array(to.x.length);
  return (now) => {
    const progress = Math.min(Math.max((now - start) / MILLISECONDS, 0), 1);
    if (progress === 1) return to;
    const share = progress * progress * (3 - 2 * progress);
    const mix = (a, b) => a + (b - a) * share;
    for (let i = 0; i < x.length; i++) {
      x[i] = mix(from.x[i], to.x[i]);
      y[i] = mix(from.y[i], to.y[i]);
    }
    const bounds = Object.fromEntries(
      Object.keys(to.bounds).map((side) => [side, mix(from.bounds[side], to.bounds[side])]),
    );
    const names = to.names.map((name, k) => ({
      ...name, x: mix(from.names[k].x, name.x), y: mix(from.names[k].y, name.y),
    }));
    return { ...to, x, y, bounds, names };
  };
}

/** The motion of one plane's points: where they are drawn while they move. */
export class Motion {
  cloud = null;
  #tween = null;

  setOut(from, to) {
    this.#tween = canTween(from, to) ? createTween(from, to, performance.now()) : null;
    this.cloud = this.#tween && from;
  }

  /** Moves on towards `to`; returns whether there is anything new to draw. */
  advance(to) {
    if (!this.#tween) return false;
    const cloud = this.#tween(performance.now());
    this.cloud = cloud === to ? null : cloud;
    if (!this.cloud) this.#tween = null;
    return true;
  }
}
