// A camera on a turntable: where points of space go in the picture.

import assert from "node:assert/strict";
import test from "node:test";

import { bounds, projection, turned, zoomed } from "../../../static/frames/space.js";

const SCENE = { middle: [1, 2, 3], radius: 2 };
const FRONT = { azimuth: 0, elevation: 0, zoom: 1 }; // the eye is on the positive x axis

test("the middle of the scene is in the middle of the picture from everywhere", () => {
  for (const azimuth of [0, 1, 4]) {
    const [x, y, near] = projection({ azimuth, elevation: 0.7, zoom: 2 }, SCENE, 400, 300)([1, 2, 3]);
    assert.deepEqual([x, y], [200, 150]);
    assert.ok(Math.abs(near) < 1e-12);
  }
});

test("z points up, y to the right of an eye on the x axis, and what is nearer is larger", () => {
  const project = projection(FRONT, SCENE, 400, 300);
  const [right, , level] = project([1, 3, 3]), [, above] = project([1, 2, 4]);
  assert.ok(right > 200 && above < 150 && Math.abs(level) < 1e-12);
  const [nearX, , near] = project([2, 3, 3]), [farX, , far] = project([0, 3, 3]);
  assert.ok(near > 0 && far < 0 && nearX > right && farX < right);
});

test("a quarter turn brings the eye to the y axis", () => {
  const project = projection(turned(FRONT, Math.PI / 2, 0), SCENE, 400, 300);
  assert.ok(Math.abs(project([1, 4, 3])[2] - 1) < 1e-12); // towards the eye
  assert.ok(project([0, 2, 3])[0] > 200); // −x is on the right
});

test("the camera goes around without end, but not over the pole, and zoom has its limits", () => {
  assert.equal(turned(FRONT, 20, 0).azimuth, 20);
  assert.equal(turned(FRONT, 0, 9).elevation, 1.5);
  assert.equal(turned(FRONT, 0, -9).elevation, -1.5);
  assert.equal(zoomed(FRONT, 1000).zoom, 8);
  assert.equal(zoomed(FRONT, 1e-6).zoom, 0.4);
});

test("the bounds hold every point, and gaps are none", () => {
  const { middle, radius } = bounds([{ p: [[0, 0, 0], null] }, { p: [[2, 4, 4]] }]);
  assert.deepEqual([middle, radius], [[1, 2, 2], 3]);
});
