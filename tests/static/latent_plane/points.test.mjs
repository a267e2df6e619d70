import assert from "node:assert/strict";
import test from "node:test";
import {
  dotMasks, overTables, packedColour, splat,
} from "../../../static/latent_plane/layers/points.js";

const RED = packedColour("#ff0000");
const BLUE = packedColour("rgba(0, 0, 255, 0.4)");
const channelsOf = (pixel) => [pixel & 255, (pixel >>> 8) & 255, (pixel >>> 16) & 255, pixel >>> 24];

test("a dot covers the area of its circle, around where its middle lies", () => {
  for (const radius of [1.2, 3]) {
    for (const [shift, mask] of dotMasks(radius).entries()) {
      const area = mask.reduce((sum, [, , share]) => sum + share, 0);
      assert.ok(Math.abs(area / (Math.PI * radius ** 2) - 1) < 0.06, `${radius}: ${area}`);
      const x = mask.reduce((sum, [dx, , share]) => sum + share * (dx + 0.5), 0) / area;
      assert.ok(Math.abs(x - ((shift % 4) + 0.5) / 4) < 0.03, `${shift}: ${x}`);
    }
  }
});

test("what lies over what: opacity and colour as Porter & Duff's over", () => {
  const { opacity, share } = overTables(0.5);
  assert.equal(opacity[0], 128);
  assert.equal(share[0], 256); // nothing was there: the new colour alone
  assert.equal(opacity[255], 255);
  assert.equal(share[255], 128);
  assert.ok(Math.abs(opacity[128] - 191) <= 1);
  assert.ok(Math.abs(share[128] / 256 - 0.5 / 0.75) < 0.01);
});

test("points come where the camera has them, in their order, and none beyond the edge or at NaN", () => {
  const [width, height] = [8, 6];
  const pixels = new Uint32Array(width * height);
  const cloud = { x: [0, 0, 90, NaN, -4], y: [0, 0, 0, 0, 0] };
  const place = { scale: 1, ox: 4, oy: 3 };
  splat({ pixels, width, height }, cloud, place, { order: [0, 1, 2, 3, 4], buckets: [0, 1, 0, 0, 0] },
    Uint32Array.of(RED, BLUE), Array(16).fill([[0, 0, 1]]), 0.5);
  assert.equal(pixels.filter((pixel) => pixel).length, 2); // the middle, and x = −4 at the left edge
  const [r, g, b, a] = channelsOf(pixels[3 * width + 4]);
  assert.ok(Math.abs(r - 85) <= 2 && g === 0 && Math.abs(b - 170) <= 2 && Math.abs(a - 191) <= 1, [r, g, b, a]);
});
