import assert from "node:assert/strict";
import test from "node:test";
import { colourCloud, createCloud } from "../../../static/latent_plane/cloud/cloud.js";
import { createCodes, shownCodes } from "../../../static/latent_plane/cloud/sweep.js";
import { maskOf, meanOver, nameOfGroup, packed, percent, sharesOf, subsetOf } from "../../../static/latent_plane/tools/find/selection.js";
import { insideOf, simplify } from "../../../static/latent_plane/geometry.js";
import { boxTerm, completed, indexTerm, joinTerms, lassoTerm, parseTerms, rangesOf, setTerm, tagsFor } from "../../../static/latent_plane/tools/find/terms.js";

// Ten images on a line x = 0, 1, …, 9, y = 0; label i mod 3; distortion i, rate −i.
const POINTS = {
  x: Float32Array.from({ length: 10 }, (_, i) => i), y: new Float32Array(10),
  values: {
    distortion: Float32Array.from({ length: 10 }, (_, i) => i),
    rate: Float32Array.from({ length: 10 }, (_, i) => (i === 4 ? NaN : -i)),
  },
};
const SOURCE = { size: 10, label: Int32Array.from({ length: 10 }, (_, i) => i % 3), points: () => POINTS };
const named = (text, source = SOURCE) => subsetOf(parseTerms(text), source);

test("each kind of filter", () => {
  assert.deepEqual(named("label:1"), [1, 4, 7]);
  assert.deepEqual(named("index:2,5-7"), [2, 5, 6, 7]);
  assert.deepEqual(named("distortion:3"), [9, 8, 7]);
  assert.deepEqual(named("rate:2"), [0, 1]);
  assert.deepEqual(named("near:4.2,1:3"), [4, 5, 3]);
  assert.deepEqual(named("box:2,-1,5,1"), [2, 3, 4, 5]);
  assert.deepEqual(named("lasso:2.5,-1;5.5,-1;5.5,1;2.5,1"), [3, 4, 5]);
});

test("terms add, remove and narrow; what is not finite is never the highest", () => {
  assert.deepEqual(named("label:1+index:0"), [1, 4, 7, 0]);
  assert.deepEqual(named("label:1 index:0"), [1, 4, 7, 0]);
  assert.deepEqual(named("label:1~index:4-9"), [1]);
  assert.deepEqual(named("label:1/distortion:2"), [7, 4]);
  assert.deepEqual(named("~label:0,1"), [2, 5, 8]);
  assert.deepEqual(named("label:1/rate:9"), [1, 7]);
});

test("axes and β are those of the term; without their points there is no answer yet", () => {
  const asked = [];
  const points = ({ dims, axis, beta }) => { asked.push([dims, axis, beta]); return POINTS; };
  named("near@z3,z7@0.5:1,0:1+rate@2:1+box:0,0,1,1+box@PC1,PC2:0,0,1,1", { ...SOURCE, points });
  assert.deepEqual(asked, [[[2, 6], "z", 0.5], [null, "z", 2], [null, "z", null], [[0, 1], "PC", null]]);
  assert.equal(named("label:1+box@z1,z2:0,0,1,1", { ...SOURCE, points: () => null }), null);
  assert.equal(tagsFor({ dims: [2, 6], beta: 0.98012 }), "@z3,z7@0.9801");
  assert.equal(tagsFor({ dims: [0, 1], axis: "PC" }), "@PC1,PC2");
  assert.equal(tagsFor({}), "");
});

test("what can't be read is said", () => {
  for (const text of ["lable:3", "label:x", "index:5-2", "near:1:2", "box:1,2,3", "distortion:0",
    "rate:", "lasso:1,2;3", "label:3+", "drop table", "label@q:1", "index:1e3"]) {
    assert.throws(() => parseTerms(text), /names no images/, text);
  }
  assert.throws(() => named("index:3-10"), /Test image 10 isn't on the plane: its images are 0 to 9/);
});

test("texts are put together", () => {
  assert.equal(joinTerms(null, "replace", "label:3"), "label:3");
  assert.equal(joinTerms("label:3", "replace", "label:8"), "label:8");
  assert.equal(joinTerms("label:3", "add", "label:8"), "label:3+label:8");
  assert.equal(joinTerms(null, "add", "label:8"), "label:8");
  assert.equal(joinTerms(null, "remove", "label:8"), "~label:8");
  assert.equal(joinTerms("label:3", "within", "rate:5"), "label:3/rate:5");
  assert.equal(indexTerm(" 3, 10 - 20  25"), "index:3,10-20,25");
  assert.throws(() => indexTerm("three"), /names no images/);
});

test("a drawn shape keeps within a pixel of what was drawn", () => {
  assert.equal(boxTerm([2.34567, 1], [-0.5, 3.00001], 60, ""), "box:-0.5,1,2.35,3");
  const circle = Array.from({ length: 400 }, (_, k) => (
    [2 * Math.cos(k * Math.PI / 200), 2 * Math.sin(k * Math.PI / 200)]));
  const [{ corners }] = parseTerms(lassoTerm(circle, 100, "@1"));
  assert.ok(corners.length <= 60 && corners.length > 8, `${corners.length} corners`);
  for (const [x, y] of corners) assert.ok(Math.abs(Math.hypot(x, y) - 2) < 0.02);
  for (const angle of [0.1, 1.3, 4]) {
    assert.ok(insideOf(corners)(1.97 * Math.cos(angle), 1.97 * Math.sin(angle)));
    assert.ok(!insideOf(corners)(2.02 * Math.cos(angle), 2.02 * Math.sin(angle)));
  }
});

test("inside by the even–odd rule: a star's middle and a ring's hole are outside", () => {
  const star = Array.from({ length: 5 }, (_, k) => [Math.sin(k * 0.8 * Math.PI), Math.cos(k * 0.8 * Math.PI)]);
  assert.ok(!insideOf(star)(0, 0));
  assert.ok(insideOf(star)(0, 0.8));
});

test("simplifying a straight stretch leaves its ends", () => {
  assert.deepEqual(simplify([[0, 0], [1, 0.01], [2, 0]], 0.1), [[0, 0], [2, 0]]);
  assert.deepEqual(simplify([[0, 0], [1, 1], [2, 0]], 0.1), [[0, 0], [1, 1], [2, 0]]);
});

test("a mask is packed as numpy unpacks it, the first image in the lowest bit", () => {
  const bits = packed(maskOf([0, 3, 9], 10));
  assert.deepEqual([...Buffer.from(bits, "base64")], [0b1001, 0b10]);
});

test("codes in every dimension, at their β and between", () => {
  // Two images of three dimensions at β = 1 and β = e.
  const mu = Float32Array.from([0, 1, 2, 10, 11, 12, 100, 101, 102, 110, 111, 112]);
  const codes = createCodes(mu, [1, Math.E], 3);
  assert.deepEqual([...codes.meanOf([0, 1], 1)], [5, 6, 7]);
  assert.deepEqual([...codes.across([2, 0], 1)[0]], [2, 12]);
  codes.meanOf([1], Math.sqrt(Math.E)).forEach((value, d) => assert.ok(Math.abs(value - 60 - d) < 1e-9));
  const shown = shownCodes({ x: Float32Array.of(1, 2), y: Float32Array.of(3, 5) }, 2);
  assert.deepEqual([...shown.meanOf([0, 1], 7)], [1.5, 4]);
  assert.deepEqual([...shownCodes({ x: Float32Array.of(1, 2), y: null }, 1).meanOf([0, 1], 1)], [1.5]);
});

test("a text typed by hand gets the axes and the β that it was opened on", () => {
  const here = { dims: [0, 1], beta: 0.98 };
  assert.equal(completed("label:3+near:0.5,1:20/rate:5", here), "label:3+near@z1,z2@0.98:0.5,1:20/rate@0.98:5");
  assert.equal(completed("box@z3,z4@2:0,0,1,1", here), "box@z3,z4@2:0,0,1,1");
  assert.equal(completed("near:0.5,1:20", {}), "near:0.5,1:20");
  assert.equal(completed("box:0,0,1,1", { dims: [0, 1], axis: "PC" }), "box@PC1,PC2:0,0,1,1");
  assert.equal(completed("box@z1,z2:0,0,1,1", { dims: [0, 1], axis: "PC" }), "box@z1,z2:0,0,1,1");
});

test("points that are not selected are grey and drawn first; none is left out", () => {
  const columns = { x: new Float32Array(40), y: new Float32Array(40), rate: new Float32Array(40), distortion: new Float32Array(40) };
  const label = Int32Array.from({ length: 40 }, (_, i) => i % 2);
  const cloud = createCloud({ ...columns, label, spread: null });
  const paint = colourCloud(cloud, "label", false, maskOf([0, 1, 39], 40));
  assert.equal(paint.colours.length, 3);
  assert.deepEqual([...paint.order].sort((a, b) => a - b), [...label.keys()]);
  assert.equal(paint.faint, 37);
  assert.deepEqual([...paint.order.slice(-3)], [0, 1, 39]);
  assert.ok(paint.order.slice(0, 37).every((i) => paint.buckets[i] === 2));
  assert.deepEqual([0, 1, 39].map((i) => paint.buckets[i]), [0, 1, 1]);
  assert.equal(colourCloud(cloud, "label", false, maskOf([0], 3)).colours.length, 2);
});

test("indices as ranges, and back", () => {
  assert.equal(rangesOf([7, 3, 5, 6, 12]), "3,5-7,12");
  assert.deepEqual(named(`index:${rangesOf([7, 3, 5, 6])}`), [3, 5, 6, 7]);
});

test("the images themselves, in the shorter way", () => {
  assert.equal(setTerm([3, 4, 5]), "index:3-5");
  assert.equal(setTerm([]), "set:");
  const scattered = Array.from({ length: 300 }, (_, k) => 7 * k + (k % 3));
  const term = setTerm(scattered);
  assert.match(term, /^set:[\w-]+$/);
  const many = { ...SOURCE, size: 2200 };
  assert.deepEqual(named(term, many), scattered);
  assert.deepEqual(named(`index:0+${term}~index:100-3000`, { ...many, size: 3001 }), [0, ...scattered.filter((i) => i && i < 100)]);
  assert.deepEqual(named("set:", SOURCE), []);
  assert.deepEqual(named("set:AgI", SOURCE), [1, 9]);
  assert.throws(() => named("set:AgQ", SOURCE), /Test image 10 isn't on the plane/);
  assert.throws(() => parseTerms("set:A"), /names no images/);
});

test("a group's mean, its labels' shares and its name", () => {
  const labels = Int32Array.of(3, 3, 8, 3, -1);
  assert.equal(meanOver([0, 2], Float32Array.of(1, 5, 4)), 2.5);
  assert.deepEqual(sharesOf([0, 1, 2, 3, 4], labels), [
    { label: 3, count: 3, share: 0.75 }, { label: 8, count: 1, share: 0.25 }]);
  const name = (text, indices) => nameOfGroup(parseTerms(text), indices, labels, String);
  assert.equal(name("label:3", [0, 1, 3]), "3");
  assert.equal(name("label:3,8", [0, 1, 2, 3]), "3 and 8");
  assert.equal(name("index:0-3", [0, 1, 2, 3]), "4 images, mostly 3");
  assert.equal(name("index:2", [2]), "1 image, all 8");
  assert.deepEqual([0.001, 0.123, 1].map(percent), ["< 1 %", "12 %", "100 %"]);
});
