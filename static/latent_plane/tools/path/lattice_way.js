// The shortest way in pixel space between two places, over a lattice of decoded images.

import { imageDistance } from "./pixel_length.js";

const ALONG = 10; // steps from one place to the other
const BEYOND = 3; // on either side of them
const ASIDE = 6;
const NEIGHBOURS = [[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [1, -1], [-1, 1], [-1, -1]];

/**
 * Dijkstra's shortest way (1959) over a lattice whose rows run along the line from one place to the
 * other, both of which are nodes; an edge is as long as its two images are apart. One decode
 * between two yields, each of which gives the share that is done.
 */
export function* shortestWay(decode, from, to) {
  const columns = ALONG + 2 * BEYOND + 1;
  const rows = 2 * ASIDE + 1;
  const [ux, uy] = [(to[0] - from[0]) / ALONG, (to[1] - from[1]) / ALONG];
  const place = (node) => {
    const [i, j] = [(node % columns) - BEYOND, Math.floor(node / columns) - ASIDE];
    return [from[0] + i * ux - j * uy, from[1] + i * uy + j * ux];
  };
  const images = [];
  for (let node = 0; node < columns * rows; node++) {
    images.push(decode(place(node)).slice());
    yield node / (columns * rows);
  }
  const first = ASIDE * columns + BEYOND;
  const last = first + ALONG;
  const nodes = dijkstra(first, last, images.length, (node) => NEIGHBOURS.flatMap(([di, dj]) => {
    const [i, j] = [(node % columns) + di, Math.floor(node / columns) + dj];
    return i < 0 || j < 0 || i >= columns || j >= rows ? [] : [j * columns + i];
  }), (a, b) => imageDistance(images[a], images[b]));
  return nodes.map((node) => (node === first ? from : node === last ? to : place(node)));
}

/** The nodes of the shortest way; `count` of them, few enough to look through all each time. */
export function dijkstra(first, last, count, neighboursOf, lengthOf) {
  const lengths = new Float64Array(count).fill(Infinity);
  const before = new Int32Array(count).fill(-1);
  const open = new Set([first]);
  const settled = new Uint8Array(count);
  lengths[first] = 0;
  while (open.size) {
    let node = -1;
    for (const each of open) if (node < 0 || lengths[each] < lengths[node]) node = each;
    if (node === last) break;
    open.delete(node);
    settled[node] = 1;
    for (const next of neighboursOf(node)) {
      if (settled[next]) continue;
      const length = lengths[node] + lengthOf(node, next);
      if (length >= lengths[next]) continue;
      lengths[next] = length;
      before[next] = node;
      open.add(next);
    }
  }
  const way = [];
  for (let node = last; node >= 0; node = before[node]) way.unshift(node);
  return way;
}
