import assert from "node:assert/strict";
import { test } from "node:test";

import { boxOf, centreOfMass, fitColours, fitInk, inkOf, resample } from "../../../static/latent_plane/tools/draw/drawing.js";

const FRAME = { height: 28, width: 28 };

function close(actual, expected, tolerance = 1e-6) {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);
}

/** A picture with `value(x, y)` in it. */
function picture(width, height, value) {
  const values = Float32Array.from({ length: width * height }, (_, i) => value(i % width, Math.floor(i / width)));
  return { values, width, height };
}

const bar = (left, top, wide, tall) => (x, y) => Number(x >= left && x < left + wide && y >= top && y < top + tall);

test("the box around the ink; none around nothing", () => {
  assert.deepEqual(boxOf(picture(30, 20, bar(4, 5, 6, 7))), { left: 4, top: 5, width: 6, height: 7 });
  assert.equal(boxOf(picture(5, 5, () => 0)), null);
  assert.equal(fitInk(picture(5, 5, () => 0), FRAME, true), null);
});

test("area averages: whole pixels, parts of pixels, and enlarging", () => {
  const four = { values: Float32Array.of(0, 1, 0.5, 0.5), width: 2, height: 2 };
  close(resample(four, { left: 0, top: 0 }, 0.5, { width: 1, height: 1 }).values[0], 0.5);
  const row = { values: Float32Array.of(1, 0, 0), width: 3, height: 1 };
  // New pixels are 1.5 old ones wide, and the row is a whole one high of 1.5: the rest is 0.
  const { values } = resample(row, { left: 0, top: 0 }, 2 / 3, { width: 2, height: 1 });
  close(values[0], (1 / 1.5) * (1 / 1.5));
  close(values[1], 0);
  const large = resample(four, { left: 0, top: 0 }, 2, { width: 4, height: 4 }).values;
  assert.deepEqual([...large.slice(0, 4)], [0, 0, 1, 1]);
  assert.deepEqual([...large.slice(12)], [0.5, 0.5, 0.5, 0.5]);
});

test("the mean grey stays when the box is whole pixels", () => {
  const noisy = picture(60, 60, (x, y) => ((7 * x + 13 * y) % 11) / 11);
  const small = resample(noisy, { left: 0, top: 0 }, 1 / 3, { width: 20, height: 20 }).values;
  const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;
  close(mean(small), mean(noisy.values), 1e-5);
});

test("a digit: 20 pixels along its longer side, the other in proportion", () => {
  for (const [wide, tall] of [[40, 100], [100, 40], [50, 50], [7, 3]]) {
    const fitted = fitInk(picture(120, 120, bar(11, 8, wide, tall)), FRAME, true);
    const box = boxOf({ values: fitted, ...FRAME });
    assert.equal(Math.max(box.width, box.height), 20);
    const area = fitted.reduce((sum, value) => sum + value, 0);
    close(area, (wide * tall * 400) / Math.max(wide, tall) ** 2, 0.3);
  }
});

test("its centre of mass lies in pixel 14, as in MNIST", () => {
  // A heavy bar below and a thin line above: the box's middle isn't the mass's.
  const ink = picture(200, 200, (x, y) => Number((y > 135 && y < 150 && x > 20 && x < 70) || (x > 30 && x < 40 && y > 60 && y < 150)));
  const fitted = { values: fitInk(ink, FRAME, true), ...FRAME };
  for (const centre of centreOfMass(fitted)) assert.ok(centre >= 13.5 && centre <= 14.5, String(centre));
});

test("where it lies and how large it is plays no part", () => {
  const shape = (left, top, unit) => (x, y) => bar(left, top, 8 * unit, 2 * unit)(x, y) || bar(left, top, 2 * unit, 10 * unit)(x, y);
  const one = fitInk(picture(200, 200, shape(10, 20, 10)), FRAME, true);
  const other = fitInk(picture(300, 150, shape(180, 5, 7)), FRAME, true);
  assert.ok(one.every((value, i) => Math.abs(value - other[i]) < 0.02));
});

test("an image that is fitted already stays as it is, enlarged or not", () => {
  const small = picture(28, 28, (x, y) => (x >= 9 && x < 19 && y >= 4 && y < 24 ? ((3 * x + 5 * y) % 9 + 1) / 9 : 0));
  const once = fitInk(small, FRAME, true);
  const again = fitInk({ values: once, ...FRAME }, FRAME, true);
  assert.deepEqual(again, once);
  const large = picture(280, 280, (x, y) => once[Math.floor(y / 10) * 28 + Math.floor(x / 10)]);
  const back = fitInk(large, FRAME, true);
  assert.ok(back.every((value, i) => Math.abs(value - once[i]) < 1 / 255 + 1e-6));
});

test("all of the ink stays in the frame, however heavy one end is", () => {
  const ink = picture(100, 100, (x, y) => (bar(0, 40, 100, 2)(x, y) ? 0.1 : 0) || bar(0, 30, 6, 20)(x, y));
  const box = boxOf({ values: fitInk(ink, FRAME, true), ...FRAME });
  assert.equal(box.width, 20);
});

test("other data fill their frame, in its middle", () => {
  const box = boxOf({ values: fitInk(picture(90, 90, bar(3, 7, 20, 40)), FRAME, false), ...FRAME });
  assert.deepEqual(box, { left: 7, top: 0, width: 14, height: 28 });
});

test("dark ink on a bright ground and bright ink on a dark one are the same ink", () => {
  const dark = inkOf(picture(40, 40, (x, y) => (bar(10, 10, 9, 9)(x, y) ? 0.2 : 0.9)));
  const bright = inkOf(picture(40, 40, (x, y) => (bar(10, 10, 9, 9)(x, y) ? 0.8 : 0.1)));
  assert.deepEqual(dark.values, bright.values);
  assert.deepEqual(boxOf(dark), { left: 10, top: 10, width: 9, height: 9 });
  close(dark.values[15 * 40 + 15], 1);
});

test("noise of the ground is no ink; a picture of one colour has none", () => {
  const noisy = inkOf(picture(40, 40, (x, y) => (bar(10, 12, 9, 9)(x, y) ? 0.1 : 0.9 - 0.01 * ((x + 3 * y) % 3))));
  assert.deepEqual(boxOf(noisy), { left: 10, top: 12, width: 9, height: 9 });
  assert.equal(boxOf(inkOf(picture(9, 9, () => 0.7))), null);
});

test("what a lossy format leaves around the ink is none", () => {
  const smeared = picture(40, 40, (x, y) => (bar(10, 12, 9, 9)(x, y) ? 0 : bar(8, 8, 16, 16)(x, y) ? 0.95 : 1));
  assert.deepEqual(boxOf(inkOf(smeared)), { left: 8, top: 8, width: 16, height: 16 });
  assert.deepEqual(boxOf(inkOf(smeared, true)), { left: 10, top: 12, width: 9, height: 9 });
});

test("colours cover the frame: the middle of a wide picture", () => {
  const wide = picture(60, 20, (x) => Number(x >= 20 && x < 40));
  const out = fitColours([wide, wide, wide], { height: 10, width: 10 });
  assert.equal(out.length, 300);
  assert.ok(out.every((value) => value === 1));
});
