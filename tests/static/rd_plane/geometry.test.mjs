import assert from "node:assert/strict";
import { test } from "node:test";

import {
  betaOn, boxOf, clipped, contains, elboLines, fall, firstFree, fitted, flowed, nearestOn,
  nearestPlace, overlap, scaleOf, segment, zoomed,
} from "../../../static/rd_plane/geometry.js";

const frame = { left: 10, right: 110, top: 20, bottom: 120 };
const window = { rate: [0, 20], distortion: [100, 150] };
const scale = scaleOf(window, frame);
const close = (a, b, limit = 1e-9) => assert.ok(Math.abs(a - b) < limit, `${a}, not ${b}`);

test("rate runs to the right and distortion upwards; pixels lead back", () => {
  assert.deepEqual([scale.x(0), scale.x(20), scale.y(100), scale.y(150)], [10, 110, 120, 20]);
  const [rate, distortion] = scale.inverse(scale.x(3), scale.y(117));
  close(rate, 3);
  close(distortion, 117);
});

test("zooming keeps a point where it is", () => {
  const near = scaleOf(zoomed(window, 4, [5, 110]), frame);
  close(near.x(5), scale.x(5));
  close(near.y(110), scale.y(110));
  close(near.perRate, 4 * scale.perRate);
  assert.deepEqual(zoomed(zoomed(window, 2, [5, 110]), 0.5, [5, 110]), window);
});

test("a fitted window holds every place, a margin from the frame", () => {
  const line = { rate: [20, 10, 0], distortion: [80, 90, 150] };
  const fit = scaleOf(fitted(line, frame, 6), frame);
  close(fit.x(0), frame.left + 6);
  close(fit.x(20), frame.right - 6);
  close(fit.y(150), frame.top + 6);
  const flat = scaleOf(fitted({ rate: [1, 1], distortion: [2, 2] }, frame, 6), frame);
  assert.ok(Number.isFinite(flat.x(1)) && Number.isFinite(flat.y(2)));
});

test("a line goes through its point with its slope, from edge to edge of the frame", () => {
  for (const slope of [0, 0.2, 1, 7, 300]) {
    const { x1, y1, x2, y2 } = clipped(50, 70, slope, frame);
    close(y2 - y1, slope * (x2 - x1), 1e-6);
    close(70 - y1, slope * (50 - x1), 1e-6);
    for (const [x, y] of [[x1, y1], [x2, y2]]) {
      assert.ok(x >= 10 - 1e-9 && x <= 110 + 1e-9 && y >= 20 - 1e-6 && y <= 120 + 1e-6);
      close(Math.min(...[x - 10, 110 - x, y - 20, 120 - y].map(Math.abs)), 0, 1e-6);
    }
  }
});

test("where the rate alone counts, the line is upright", () => {
  assert.deepEqual(clipped(50, 70, Infinity, frame), { x1: 50, y1: 20, x2: 50, y2: 120 });
  assert.equal(clipped(5, 70, Infinity, frame), null);
});

test("a line that misses the frame isn't drawn", () => {
  assert.equal(clipped(50, 10, 0, frame), null);
  assert.equal(clipped(300, 70, 2, frame), null);
});

test("segments have slope −weight, one length on the screen, and the model in their middle", () => {
  const at = [scale.x(6), scale.y(130)];
  for (const weight of [0, 0.1, 1, 4]) {
    const { x1, y1, x2, y2 } = segment(scale, ...at, weight, 48);
    const [a, b] = [scale.inverse(x1, y1), scale.inverse(x2, y2)];
    close((b[1] - a[1]) / (b[0] - a[0]), -weight);
    close(Math.hypot(x2 - x1, y2 - y1), 48);
    close((x1 + x2) / 2, at[0]);
    close((y1 + y2) / 2, at[1]);
  }
  const upright = segment(scale, ...at, Infinity, 48);
  assert.deepEqual([upright.x1, upright.y2 - upright.y1], [upright.x2, 48]);
  close(fall(scale, 2), 2 * scale.perDistortion / scale.perRate);
});

test("lines of equal ELBO keep the sum that they name", () => {
  const lines = elboLines(scale);
  assert.ok(lines.length >= 4);
  for (const { text, ends: { x1, y1, x2, y2 } } of lines) {
    const total = Number(text.replace("ELBO −", ""));
    for (const [x, y] of [[x1, y1], [x2, y2]]) {
      close(scale.inverse(x, y).reduce((a, b) => a + b), total, 1e-6);
    }
  }
  const positive = scaleOf({ rate: [0, 20], distortion: [-200, -100] }, frame);
  assert.ok(elboLines(positive).every(({ text }) => /^ELBO \d/.test(text)));
});

test("the nearest place on a line may lie between two of its points", () => {
  const [x, y] = [[0, 10, 20], [0, 0, 40]];
  assert.deepEqual(nearestOn(x, y, 4, 3), { position: 0.4, distance: 3 });
  assert.equal(nearestOn(x, y, 1000, 1000).position, 2);
  assert.equal(nearestOn(x, y, -3, 0).position, 0);
  assert.equal(nearestOn([5], [5], 8, 9).distance, 5);
  assert.deepEqual(nearestPlace([], [], 1, 1), { index: -1, distance: Infinity });
  assert.equal(nearestPlace(x, y, 11, 4).index, 1);
});

test("between two places log β grows evenly", () => {
  const beta = [0.1, 1, 10];
  assert.deepEqual([0, 1, 2].map((k) => betaOn(beta, k)), beta);
  close(betaOn(beta, 0.5), Math.sqrt(0.1));
  close(betaOn(beta, 1.25), 10 ** 0.25);
  assert.equal(betaOn([3], 0), 3);
});

test("a label takes the first box that is free, or the one that touches least", () => {
  const boxes = [boxOf(20, 30, 40, 10), boxOf(20, 60, 40, 10), boxOf(20, 90, 40, 10)];
  assert.equal(firstFree(boxes, [], frame), 0);
  assert.equal(firstFree(boxes, [boxOf(30, 32, 5, 5)], frame), 1);
  assert.equal(firstFree([boxOf(90, 30, 40, 10), ...boxes], [], frame), 1); // beyond the frame
  const everywhere = [...boxes, boxOf(20, 30, 1, 1), boxOf(20, 90, 1, 1)];
  assert.equal(firstFree(boxes, everywhere, frame), 1);
  assert.deepEqual(boxOf(60, 30, 40, 10, "end"), boxes[0]);
  assert.ok(!overlap(boxes[0], boxes[1]) && overlap(boxes[0], boxes[0]));
  assert.ok(contains(frame, 10, 20) && !contains(frame, 9, 20));
});

test("a legend that is too long goes on in the next row", () => {
  assert.deepEqual(flowed([40, 40, 40], 10, 100), [
    [{ index: 0, x: 0 }, { index: 1, x: 50 }], [{ index: 2, x: 0 }]]);
  assert.deepEqual(flowed([], 10, 100), []);
  assert.equal(flowed([400], 10, 100).length, 1);
});
