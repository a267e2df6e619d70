// Axes of a plane: round ticks, equal units, and the values under a pointer.

import assert from "node:assert/strict";
import test from "node:test";

import { layOut, readOut, ticks } from "../../../static/frames/plane.js";

test("ticks are round, within the range, and about as many as wanted", () => {
  assert.deepEqual(ticks([-3.3, 3.3], 6), [-2, 0, 2]);
  assert.deepEqual(ticks([0, 2.6], 6), [0, 0.5, 1, 1.5, 2, 2.5]);
  assert.deepEqual(ticks([0.98, 1.021], 4), [0.98, 1, 1.02]);
  for (const range of [[-120.4, -118.2], [1e-4, 3e-4], [0, 7e5]]) {
    const found = ticks(range, 5);
    assert.ok(found.length >= 2 && found.length <= 7, `${range}: ${found}`);
    assert.ok(found[0] >= range[0] && found.at(-1) <= range[1]);
  }
});

test("equal axes have one unit, and are centred in the room there is", () => {
  const view = { x: [-2, 2], y: [-1, 1], equal: true };
  const axes = layOut(view, 658, 644); // 600 × 600 without the margins
  assert.equal(axes.x(1) - axes.x(0), axes.y(0) - axes.y(1));
  assert.deepEqual([axes.width, axes.height], [600, 300]);
  assert.equal(axes.top, 6 + 150);
});

test("unequal axes fill the room, y pointing up", () => {
  const axes = layOut({ x: [0, 1], y: [0, 10], equal: false }, 658, 644);
  assert.deepEqual([axes.x(0), axes.x(1), axes.y(10), axes.y(0)], [48, 648, 6, 606]);
});

test("what is read is the nearest point of the traces that tell their values", () => {
  const traces = [{ p: [[0, -1], null, [1, 2.5], [2, 3]], hover: ["w", "nats"] }, { p: [[1, 9]] }];
  assert.deepEqual(readOut(traces, 1.2), ["w = 1.00: 2.500 nats"]);
  assert.deepEqual(readOut(traces, -4), ["w = 0.00: −1.000 nats"]);
});
