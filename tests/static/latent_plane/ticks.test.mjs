import assert from "node:assert/strict";
import test from "node:test";
import { axisName, everyNth, number, ticks } from "../../../static/shared/ticks.js";

test("ticks are round and inside", () => {
  assert.deepEqual(ticks(-2.3, 2.1, 5).map((t) => t.text), ["−2", "−1", "0", "1", "2"]);
  assert.deepEqual(ticks(0.01, 0.09, 4).map((t) => t.text), ["0.02", "0.04", "0.06", "0.08"]);
  assert.deepEqual(ticks(-60, 60, 3).map((t) => t.value), [-50, 0, 50]);
});

test("ticks are never more than asked for, at any scale", () => {
  for (let span = 1e-6; span < 1e6; span *= 3.7) {
    const found = ticks(-span / 3, span, 8);
    assert.ok(found.length >= 2 && found.length <= 9, `${found.length} for ${span}`);
    assert.equal(new Set(found.map((t) => t.text)).size, found.length);
  }
  assert.deepEqual(ticks(1, 1, 5), []);
  for (const [low, high] of [[-120.4, -118.2], [1e-4, 3e-4], [0, 7e5], [0.98, 1.021]]) {
    const found = ticks(low, high, 5).map((t) => t.value);
    assert.ok(found.length >= 2 && found[0] >= low && found.at(-1) <= high, `${found}`);
  }
});

test("numbers have a true minus and no negative zero", () => {
  assert.equal(number(-1.2), "−1.20");
  assert.equal(number(-0.001), "0.00");
  assert.equal(number(0.4), "0.40");
});

test("lattice labels keep their distance and stay centred", () => {
  assert.deepEqual(everyNth(5, 100, 64), [0, 1, 2, 3, 4]);
  assert.deepEqual(everyNth(20, 20, 64), [1, 5, 9, 13, 17]);
});

test("axes count from one", () => assert.equal(axisName(11), "z₁₂"));
