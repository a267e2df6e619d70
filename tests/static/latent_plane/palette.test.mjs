import assert from "node:assert/strict";
import test from "node:test";
import { classColour, luminance, rampColour, rangeOf } from "../../../static/shared/palette.js";

const THEMES = [[false, "#ffffff"], [true, "#191816"]];
const linear = (colour) => [1, 3, 5].map((k) => {
  const v = Number.parseInt(colour.slice(k, k + 2), 16) / 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
});
const times = (m, v) => m.map((row) => row.reduce((sum, a, k) => sum + a * v[k], 0));
// Machado, Oliveira & Fernandes 2009, severity 1.
const PROTAN = [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]];
const DEUTAN = [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]];
const oklab = (rgb) => times(
  [[0.21045, 0.79362, -0.00407], [1.978, -2.42859, 0.45059], [0.0259, 0.78277, -0.80868]],
  times([[0.41222, 0.53633, 0.05145], [0.2119, 0.68068, 0.1074], [0.0883, 0.28172, 0.62998]], rgb)
    .map((v) => Math.cbrt(Math.max(v, 0))),
);
const apart = (a, b) => Math.hypot(...oklab(a).map((v, k) => v - oklab(b)[k]));

for (const [dark, ground] of THEMES) {
  const colours = Array.from({ length: 10 }, (_, k) => classColour(k, dark));

  test(`ten classes stay apart for all eyes (dark: ${dark})`, () => {
    for (let i = 0; i < 10; i++) for (let j = 0; j < i; j++) {
      const [a, b] = [linear(colours[i]), linear(colours[j])];
      assert.ok(apart(a, b) > 0.1, `${colours[i]} ${colours[j]}`);
      for (const eye of [PROTAN, DEUTAN]) {
        assert.ok(apart(times(eye, a), times(eye, b)) > 0.07, `${colours[i]} ${colours[j]}`);
      }
    }
  });

  test(`the ramp's lightness only rises, and its ends show (dark: ${dark})`, () => {
    const steps = Array.from({ length: 33 }, (_, k) => luminance(rampColour(k / 32, dark)));
    steps.slice(1).forEach((value, k) => assert.ok(value > steps[k]));
    for (const end of [steps[0], steps[32]]) {
      const [low, high] = [end, luminance(ground)].sort((a, b) => a - b);
      assert.ok((high + 0.05) / (low + 0.05) > 1.3);
    }
  });
}

test("no label is grey, an eleventh class begins again", () => {
  assert.match(classColour(-1, false), /^#(..)\1\1$/);
  assert.equal(classColour(10, true), classColour(0, true));
});

test("a few extreme values don't stretch the ramp", () => {
  const values = Float32Array.from({ length: 1001 }, (_, k) => k / 1000);
  values[0] = 1e9;
  values[1] = NaN;
  const [low, high] = rangeOf(values);
  assert.ok(low > 0 && high < 1.01);
  assert.deepEqual(rangeOf([]), [0, 1]);
});
