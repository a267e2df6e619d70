// Indices as ranges: 3, 10-20.

/** The shortest text of rising runs: "3,10-20". */
export function rangesOf(indices) {
  const sorted = Array.from(indices).sort((a, b) => a - b);
  const runs = [];
  for (const i of sorted) {
    const last = runs.at(-1);
    if (last && last[1] === i - 1) last[1] = i;
    else runs.push([i, i]);
  }
  return runs.map(([first, last]) => (first === last ? first : `${first}-${last}`)).join();
}
