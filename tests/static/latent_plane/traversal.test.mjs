import assert from "node:assert/strict";
import { test } from "node:test";

import { createCodes, figuresAt } from "../../../static/latent_plane/cloud/sweep.js";
import { axesOf, movedFrom, orderOf, readTraversal, stepsOf, writeTraversal } from "../../../static/latent_plane/tools/traverse/traversal.js";

test("by rate, the highest first, equal ones as they come", () => {
  assert.deepEqual(orderOf([0.1, 3, 0.1, 7]), [3, 1, 0, 2]);
  const axes = axesOf({ rates: [0, 2], closed: [true, false] }, 2);
  assert.deepEqual(axes.map(({ dimension, low, high, closed }) => [dimension, low, high, closed]),
    [[1, -3, 3, false], [0, -3, 3, true]]);
});

test("without rates by the range of the codes, and along it", () => {
  const axes = axesOf({ rates: [], ranges: [[-1, 1], [-20, 12]], closed: [] }, 2);
  assert.deepEqual(axes.map(({ dimension, rate }) => [dimension, rate]), [[1, null], [0, null]]);
  assert.deepEqual(stepsOf(axes[0]), [-20, -16, -12, -8, -4, 0, 4, 8, 12]);
});

test("nine places from −3 to 3, and z moved to one", () => {
  const steps = stepsOf({ low: -3, high: 3 });
  assert.deepEqual(steps, [-3, -2.25, -1.5, -0.75, 0, 0.75, 1.5, 2.25, 3]);
  assert.deepEqual([...movedFrom([1, 2, 3], new Map([[1, -0.75], [7, 1]]))], [1, -0.75, 3]);
});

test("the URL's text comes back; nonsense doesn't", () => {
  const moved = new Map([[15, -0.7], [2, 1.25]]);
  const text = writeTraversal("image", moved);
  assert.equal(text, "image;3:1.25,16:-0.7");
  assert.deepEqual(readTraversal(text), { base: "image", moved });
  assert.equal(writeTraversal("cursor", new Map()), null);
  assert.deepEqual(readTraversal(null), { base: "cursor", moved: new Map() });
  assert.equal(writeTraversal("origin", new Map()), "origin");
  for (const bad of ["origin;1:1e16", "", "nowhere", "image;x:1", "image;0:1", "image;1:2:3", "cursor;1"]) {
    assert.equal(readTraversal(bad), null, bad);
  }
});

test("rates of a dial are on the curve through the knots, those of models apart the nearest one's", () => {
  const knots = {
    beta: [1, 2, 4], distortion: [80, 90, 100], rate: [25, 20, 10], variance: [[1, 1], [1, 1], [1, 0]],
    rate_per_dim: [[20, 5], [18, 2], [10, 0]], per_beta: 1,
  };
  const { rates, rate } = figuresAt(knots, 2.7);
  assert.ok(Math.abs(rates[0] + rates[1] - rate) < 1e-9);
  assert.deepEqual(figuresAt(knots, 2).rates, [18, 2]);
  assert.deepEqual(figuresAt({ ...knots, names: ["a", "b", "c"] }, 3.5).rates, [10, 0]);
});

test("the nearest means in all dimensions, between two knots of β too", () => {
  const codes = createCodes(Float32Array.of(0, 0, 0, 5, 5, 0, 9, 9, 0, 5, 5, 0), [1, 4], 2);
  assert.deepEqual(codes.nearest([1, 1], 2, 1), [0, 1]);
  assert.deepEqual(codes.nearest([1, 1], 3, 4), [1, 2, 0]);
  assert.deepEqual(codes.nearest([4.5, 4.5], 1, 2), [0]);
});
