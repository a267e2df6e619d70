import assert from "node:assert/strict";
import test from "node:test";
import { describe } from "../../../static/latent_plane/inspector.js";
import { countLabels, createIndex } from "../../../static/latent_plane/cloud/cloud.js";

let seed = 1;
const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;

test("the index finds what a search through all points finds, inside and far outside", () => {
  const xs = Float32Array.from({ length: 2000 }, () => (random() + random() ** 4 * 30));
  const ys = Float32Array.from({ length: 2000 }, () => random() * 3 - 1);
  const index = createIndex(xs, ys);
  for (let trial = 0; trial < 200; trial++) {
    const [x, y] = [random() * 60 - 15, random() * 20 - 10];
    const distance = (i) => (xs[i] - x) ** 2 + (ys[i] - y) ** 2;
    const all = [...xs.keys()].sort((a, b) => distance(a) - distance(b)).slice(0, 12);
    assert.deepEqual(index.nearest(x, y, 12).map(distance), all.map(distance));
  }
});

test("few, equal or no points are no trouble", () => {
  assert.deepEqual(createIndex([], []).nearest(0, 0, 12), []);
  assert.deepEqual(createIndex([1, NaN], [1, 0]).nearest(5, 5, 12), [0]);
  assert.equal(createIndex(new Float32Array(50), new Float32Array(50)).nearest(1, 1, 12).length, 12);
});

test("the place in words", () => {
  const labels = [7, 3, 7, -1, 7];
  const counts = countLabels([0, 1, 2, 3, 4], labels);
  assert.deepEqual(counts, [[7, 3], [3, 1]]);
  assert.equal(describe([0.4, -1.2], 12, [[7, 9], [9, 3]], String), "z = (0.40, −1.20), near 12 test images: 9 × 7, 3 × 9");
  assert.equal(describe([0, 0], 0, [], String), "z = (0.00, 0.00)");
  assert.equal(describe([0, 0], 1, [], String), "z = (0.00, 0.00), near 1 test image");
});
