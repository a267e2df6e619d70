import assert from "node:assert/strict";
import { test } from "node:test";

import { drawn, nearest, tangent, words } from "../../../static/rd_plane/curve.js";

const frame = { left: 10, right: 110, top: 20, bottom: 120 };

test("the nearest place is found", () => {
  const [x, y] = [[0, 10, 20], [0, 5, 40]];
  assert.equal(nearest(x, y, 11, 4), 1);
  assert.equal(nearest(x, y, 1000, 1000), 2);
  assert.equal(nearest(x, y, -3, 0), 0);
});

test("the tangent goes through its point with its slope, from edge to edge", () => {
  for (const slope of [0, 0.2, 1, 7, 300]) {
    const { x1, y1, x2, y2 } = tangent(50, 70, slope, frame);
    assert.ok(Math.abs(y2 - y1 - slope * (x2 - x1)) < 1e-6);
    assert.ok(Math.abs((70 - y1) - slope * (50 - x1)) < 1e-6);
    for (const [x, y] of [[x1, y1], [x2, y2]]) {
      assert.ok(x >= 10 - 1e-9 && x <= 110 + 1e-9 && y >= 20 - 1e-6 && y <= 120 + 1e-6);
      const gaps = [x - 10, 110 - x, y - 20, 120 - y];
      assert.ok(Math.min(...gaps.map(Math.abs)) < 1e-6);
    }
  }
});

test("where the rate alone counts, the tangent is upright", () => {
  assert.deepEqual(tangent(50, 70, Infinity, frame), { x1: 50, y1: 20, x2: 50, y2: 120 });
  assert.equal(tangent(5, 70, Infinity, frame), null);
});

test("a line that misses the frame isn't drawn", () => {
  assert.equal(tangent(50, 10, 0, frame), null);
  assert.equal(tangent(300, 70, 2, frame), null);
});

test("the words say what the curve has there", () => {
  const curve = { beta: [0.5, 2], distortion: [120, 128.126], rate: [8, 5.5], active: [2, 1] };
  assert.deepEqual(words(curve, 1), ["β = 2", "D 128.13 · R 5.50", "ELBO −133.63 · 1 active"]);
});

test("a saved picture has the ring, the tangent within the frame, and the words", () => {
  const curve = { beta: [0.5, 2], distortion: [120, 128], rate: [8, 5.5], active: [2, 1] };
  const ends = { x0: 1, x1: 7, y0: 137, y1: 125 };
  const { shapes, annotations } = drawn(curve, 1, ends, { colour: "#D55E00", ink: "#eee" });
  const [ring, line] = shapes;
  assert.deepEqual([ring.xanchor, ring.yanchor, ring.x1], [5.5, 128, 11]);
  assert.deepEqual([line.x0, line.y0, line.x1, line.y1], [1, 137, 7, 125]);
  assert.match(annotations[0].text, /^<b>β = 2<\/b><br>D 128.00/);
  assert.equal(drawn(curve, 1, null, {}).shapes.length, 1);
});
