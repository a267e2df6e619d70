// Axes of a plane: equal units, and the values under a pointer.

import assert from "node:assert/strict";
import test from "node:test";

import { layOut, readOut } from "../../../static/frames/plane.js";

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
