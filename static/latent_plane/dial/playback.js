// β on its way through the whole range and back to where it set out.

const PERIOD_MS = 6000;

/**
 * A function of the time: log β along one cycle that begins and ends at `from`, null after it.
 * @type {(low: number, high: number, from: number, start: number)
 *   => (now: number) => number | null}
 */
export function cycle(low, high, from, start) {
  const [middle, half] = [(low + high) / 2, (high - low) / 2];
  const phase = Math.acos(Math.min(Math.max((middle - from) / half, -1), 1));
  return (now) => {
    const share = (now - start) / PERIOD_MS;
    return share >= 1 ? null : middle - half * Math.cos(phase + 2 * Math.PI * Math.max(share, 0));
  };
}
