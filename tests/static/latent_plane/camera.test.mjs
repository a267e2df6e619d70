import assert from "node:assert/strict";
import test from "node:test";
import * as camera from "../../../static/latent_plane/canvas/camera.js";
import { Viewport } from "../../../static/latent_plane/canvas/camera.js";

const BOUNDS = { left: -3, right: 2, bottom: -1, top: 4 };
const home = camera.fit(BOUNDS, 600, 400);
const near = (a, b) => a.forEach((v, i) => assert.ok(Math.abs(v - b[i]) < 1e-9, `${a} is not ${b}`));

test("pixels and plane are inverse, and y grows upwards", () => {
  for (const at of [[0, 0], [-3, 4], [1.25, -0.5]]) {
    near(camera.toPlane(home, ...camera.toPixel(home, ...at)), at);
  }
  assert.ok(camera.toPixel(home, 0, 1)[1] < camera.toPixel(home, 0, 0)[1]);
});

test("fit shows all of the bounds at an equal scale", () => {
  const [left, top] = camera.toPixel(home, BOUNDS.left, BOUNDS.top);
  const [right, bottom] = camera.toPixel(home, BOUNDS.right, BOUNDS.bottom);
  assert.ok(left >= 0 && top >= 0 && right <= 600 && bottom <= 400);
  assert.ok(Math.abs((right - left) / 5 - (bottom - top) / 5) < 1e-9);
});

test("panning moves what was under a pixel along", () => {
  near(camera.toPixel(camera.pan(home, 30, -20), 1, 2), [
    camera.toPixel(home, 1, 2)[0] + 30, camera.toPixel(home, 1, 2)[1] - 20,
  ]);
});

test("zooming keeps the point under the pointer and comes back", () => {
  const at = camera.toPlane(home, 120, 333);
  const closer = camera.zoom(home, 3, 120, 333);
  near(camera.toPlane(closer, 120, 333), at);
  const back = camera.zoom(closer, 1 / 3, 120, 333);
  near([back.x, back.y, back.scale], [home.x, home.y, home.scale]);
});

test("zooming ends somewhere", () => {
  assert.equal(camera.zoom(home, 1e9, 0, 0, home).scale, home.scale * 400);
  assert.equal(camera.zoom(home, 1e-9, 0, 0, home).scale, home.scale * 0.2);
});

test("resizing keeps the middle", () => {
  const small = camera.resize(home, 300, 200);
  near(camera.toPlane(small, 150, 100), [home.x, home.y]);
  near([small.scale], [home.scale / 2]);
});

test("reveal pans just as far as needed", () => {
  assert.equal(camera.reveal(home, 0, 0), home);
  const [px] = camera.toPixel(camera.reveal(home, 100, 0, 12), 100, 0);
  near([px], [588]);
});

test("the prior is inside however small the cloud, and NaN is skipped", () => {
  const prior = { left: -1, right: 1, bottom: -1, top: 1 };
  const bounds = camera.boundsOf([0.1, NaN, 5], [0, 9, 0.2], prior);
  assert.deepEqual(bounds, { left: -1, right: 5, bottom: -1, top: 1 });
});

test("a window is opened, as soon as there is a size, and none shows everything", () => {
  const SIZE = { clientWidth: 868, clientHeight: 654 };
  const [viewport, other] = [0, 1].map(() => new Viewport(() => ({ bounds: { left: -3, right: 3, bottom: -2, top: 2 } })));
  other.resize(SIZE);
  viewport.restore([0.5, -1, 0.25]);
  viewport.resize(SIZE); // 800 × 600 without the gutters
  assert.deepEqual(viewport.window, [0.5, -1, 0.25]);
  assert.equal(viewport.camera.scale, 300 / 0.25);
  viewport.restore(null);
  assert.equal(viewport.window, null);
  assert.equal(viewport.camera.scale, other.camera.scale);
});
