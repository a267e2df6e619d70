import assert from "node:assert/strict";
import { test } from "node:test";

import { createCloud } from "../../../static/latent_plane/cloud/cloud.js";
import { createTween } from "../../../static/latent_plane/cloud/embedding.js";

const cloud = (x, y) => createCloud({
  x: Float32Array.from(x), y: Float32Array.from(y), label: Int32Array.from([0, 0, 1]),
  rate: new Float32Array(3), distortion: new Float32Array(3), spread: null,
});

test("a tween begins where the points were, passes the middle, and ends as the new cloud", () => {
  const from = cloud([0, 2, -3], [0, 0, 4]);
  const to = cloud([2, 4, -5], [4, 0, 0]);
  const at = createTween(from, to, 1000);
  assert.deepEqual([...at(1000).x], [0, 2, -3]);
  assert.deepEqual([...at(1350).x], [1, 3, -4]);
  assert.deepEqual([...at(1350).y], [2, 0, 2]);
  assert.equal(at(1700), to);
  assert.equal(at(9000), to);
});

test("bounds and names travel with the points", () => {
  const from = cloud([0, 2, -4], [0, 0, 4]);
  const to = cloud([2, 6, -8], [4, 0, 0]);
  const middle = createTween(from, to, 0)(350);
  assert.equal(middle.bounds.left, (from.bounds.left + to.bounds.left) / 2);
  assert.equal(middle.names[1].x, -6);
  assert.equal(middle.names[1].label, 1);
});
