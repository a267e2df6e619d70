import assert from "node:assert/strict";
import test from "node:test";
import { Link, costOf, nearestOf, placeOf } from "../../../static/latent_plane/link.js";

const cloudOf = (x, y) => ({ x: Float32Array.from(x), y: Float32Array.from(y), label: new Int32Array(x.length) });

/** What a link needs of a plane. */
function planeOf(x, y) {
  const plane = {
    root: { dataset: {}, querySelector: () => ({}) }, view: { title: "model" }, cloud: cloudOf(x, y),
    cursor: [0, 0], pin: null, selection: { mask: null }, drawn: [], coloured: 0,
    redraw: (...parts) => plane.drawn.push(...parts),
    colour: () => { plane.coloured += 1; },
  };
  return plane;
}

function pair() {
  const link = new Link();
  const left = planeOf([0, 1, 2, 3], [0, 0, 0, 0]);
  const right = planeOf([9, 8, 7], [1, 2, 3]); // has one image less
  link.join(left, "left", true);
  link.join(right, "right", true);
  return { link, left, right };
}

test("the nearest of the first images; what isn't a number is never it", () => {
  const cloud = cloudOf([NaN, 1, 2], [0, 0, 0]);
  assert.equal(nearestOf(cloud, [0, 0], 3), 1);
  assert.equal(nearestOf(cloud, [9, 0], 2), 1);
  assert.equal(nearestOf(cloud, [0, 0], 1), null);
  assert.equal(placeOf(cloud, null), null);
  assert.equal(placeOf(cloud, 3), null);
});

test("one plane alone is linked to nothing", () => {
  const link = new Link();
  const plane = planeOf([0, 1], [0, 0]);
  link.join(plane, null, true);
  plane.cursor = [1, 0];
  link.lead(plane);
  link.settle(plane);
  assert.equal(link.index, null);
  assert.equal(link.keeperOf(plane), plane);
  assert.ok(!link.holds(plane) && !link.isFollowing(plane));
  assert.deepEqual(plane.drawn, []);
  link.join(plane, "left", true);
  link.lead(plane);
  assert.ok(!link.holds(plane));
});

test("the cursor of the one that is moved puts the other's where that image lies", () => {
  const { link, left, right } = pair();
  left.cursor = [1.2, 0.3];
  link.lead(left);
  assert.equal(link.index, 1);
  assert.deepEqual(right.cursor, [8, 2]);
  assert.ok(right.drawn.includes("decode") && link.isFollowing(right) && !link.isFollowing(left));
  left.cursor = [3, 0]; // next to an image that only the left one has
  link.lead(left);
  assert.equal(link.index, 2);
  right.cursor = [9, 0];
  link.lead(right);
  assert.deepEqual([link.index, left.cursor], [0, [0, 0]]);
  assert.ok(link.isFollowing(left));
});

test("where points move with β, the one that follows goes along, and the one that leads stays", () => {
  const { link, left, right } = pair();
  left.cursor = [2, 0];
  link.lead(left);
  right.cloud = cloudOf([9, 8, -7], [1, 2, -3]);
  link.settle(right);
  assert.deepEqual(right.cursor, [-7, -3]);
  left.cloud = cloudOf([2, 1, 0, 3], [0, 0, 0, 0]);
  link.settle(left);
  assert.deepEqual([left.cursor, right.cursor], [[2, 0], [9, 1]]);
  right.drawn.length = 0;
  link.settle(left);
  assert.deepEqual(right.drawn, []); // nothing new, nothing drawn
});

test("the left one keeps the pin, which stands on the right at the same image", () => {
  const { link, left, right } = pair();
  assert.equal(link.keeperOf(right), left);
  left.pin = [0.9, 0];
  link.settle(left);
  assert.deepEqual(right.pin, [8, 2]);
  left.pin = null;
  link.settle(right);
  assert.equal(right.pin, null);
});

test("a selection is shared by index", () => {
  const { link, left, right } = pair();
  left.selection.mask = Uint8Array.of(0, 1, 1, 1);
  link.settle(left);
  assert.deepEqual([...right.selection.mask], [0, 1, 1]);
  assert.equal(right.coloured, 1);
  link.settle(left);
  assert.equal(right.coloured, 1);
  right.cloud = cloudOf([1, 2, 3, 4, 5], [0, 0, 0, 0, 0]);
  link.settle(right);
  assert.deepEqual([...right.selection.mask], [0, 1, 1, 1, 0]);
  left.selection.mask = null;
  link.settle(left);
  assert.equal(right.selection.mask, null);
});

test("what one leaves alone forgets the link", () => {
  const { link, left, right } = pair();
  link.lead(left);
  link.leave(right);
  assert.ok(!link.holds(left) && link.index === null);
  assert.equal(right.root.dataset.side, undefined);
  link.join(left, null, false);
  assert.equal(link.sideOf(left), null);
});

test("another model on one side takes the image over from the other", () => {
  const { link, left, right } = pair();
  right.cursor = [7, 3];
  link.lead(right);
  link.join(right, "right", true);
  assert.ok(link.isFollowing(right));
  link.join(left, "left", true);
  assert.ok(link.isFollowing(left));
});

test("what an image costs; a code that is a point has an infinite rate", () => {
  const values = { distortion: [100.04], rate: [7] };
  assert.deepEqual(costOf({ values, spread: {} }, 0), ["100.0", "7.0", "107.0"]);
  assert.deepEqual(costOf({ values, spread: null }, 0), ["100.0", "∞", "∞"]);
});
