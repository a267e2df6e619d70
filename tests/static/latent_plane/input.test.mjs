import assert from "node:assert/strict";
import test from "node:test";
import { actionOf, isFree, wheelFactor } from "../../../static/latent_plane/input.js";
import { toImageData } from "../../../static/latent_plane/canvas/picture.js";

test("keys", () => {
  assert.deepEqual(actionOf({ key: "ArrowUp" }), ["step", 0, 1]);
  assert.deepEqual(actionOf({ key: "ArrowLeft", shiftKey: true }), ["step", -5, 0]);
  assert.deepEqual(actionOf({ key: "Enter" }), ["pinCursor"]);
  for (const key of ["Escape", "Backspace"]) assert.deepEqual(actionOf({ key }), ["unpin"]);
  assert.deepEqual(actionOf({ key: "0" }), ["reset"]);
  assert.deepEqual(actionOf({ key: "Home" }), ["goHome"]);
  for (const key of ["[", ","]) assert.deepEqual(actionOf({ key }), ["turnBy", -1]);
  for (const key of ["]", "."]) assert.deepEqual(actionOf({ key }), ["turnBy", 1]);
  for (const key of [" ", "p"]) assert.deepEqual(actionOf({ key }), ["togglePlay"]);
  assert.deepEqual(actionOf({ key: "b" }), ["toggleBubbles"]);
  for (const key of ["Tab", "a", "toString"]) assert.equal(actionOf({ key }), null);
  assert.equal(actionOf({ key: "+", ctrlKey: true }), null);
});

test("Space is a button's own, other keys of the dial aren't; fields keep theirs", () => {
  const [body, button, field] = ["body", "button", "input"].map((localName) => ({ localName }));
  for (const key of [" ", "p", "]"]) assert.ok(isFree(key, body) && !isFree(key, field));
  assert.ok(!isFree(" ", button) && isFree("p", button));
});

test("the wheel zooms in upwards, and evenly", () => {
  assert.ok(wheelFactor({ deltaY: -100 }) > 1);
  assert.ok(Math.abs(wheelFactor({ deltaY: 50 }) * wheelFactor({ deltaY: -50 }) - 1) < 1e-12);
  assert.equal(wheelFactor({ deltaY: 3, deltaMode: 1 }), wheelFactor({ deltaY: 48 }));
});

test("pixels: grey, colour, and clipping only for the drawing", () => {
  const image = (n) => ({ width: n, height: 1, data: new Uint8ClampedArray(4 * n) });
  assert.deepEqual([...toImageData([0.2, 1.5], 1, image(2)).data], [51, 51, 51, 255, 255, 255, 255, 255]);
  assert.deepEqual([...toImageData([1, 0.2, -3], 3, image(1)).data], [255, 51, 0, 255]);
});
