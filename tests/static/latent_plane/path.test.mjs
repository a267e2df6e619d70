import assert from "node:assert/strict";
import test from "node:test";
import { dijkstra, geodesic, measure, relaxed, shortestWay, solve } from "../../../static/latent_plane/tools/path/geodesic.js";
import {
  EMPTY, MOST_POINTS, Route, Stroke, readPath, slerp, tidyPlace, writePath,
} from "../../../static/latent_plane/tools/path/path.js";
import { Player, enlargement, gifOf } from "../../../static/latent_plane/tools/path/film.js";
import { arcLengths, distance, pointAt, refined, resampled, simplified, withEnds } from "../../../static/latent_plane/geometry.js";

const close = (actual, expected, within = 1e-6) =>
  assert.ok(Math.abs(actual - expected) <= within, `${actual}, not ${expected}`);
const drain = (work) => {
  let step = work.next();
  while (!step.done) step = work.next();
  return step.value;
};

// Decoders whose metric is known: the plane bent round a cylinder, and a sphere by its angles.
const cylinder = ([x, y]) => [Math.cos(x), Math.sin(x), y];
const sphere = ([lat, lon]) => [Math.cos(lat) * Math.cos(lon), Math.cos(lat) * Math.sin(lon), Math.sin(lat)];
const greatCircle = (a, b) => {
  const [p, q] = [sphere(a), sphere(b)];
  return Math.acos(p.reduce((sum, value, i) => sum + value * q[i], 0));
};

test("arc lengths, and places at equal shares of them", () => {
  const line = [[0, 0], [3, 4], [3, 5]];
  assert.deepEqual(arcLengths(line), [0, 5, 6]);
  pointAt(line, arcLengths(line), 0.5).forEach((value, axis) => close(value, [1.8, 2.4][axis]));
  assert.deepEqual(resampled(line, 7).at(-1), [3, 5]);
  const steps = arcLengths(resampled(line, 7)).map((length, i) => length - i);
  steps.forEach((off) => close(off, 0));
});

test("a line without length stays where it is", () => {
  const line = [[1, 2], [1, 2]];
  assert.deepEqual(pointAt(line, arcLengths(line), 0.7), [1, 2]);
  assert.deepEqual(refined(line, 8), line);
  assert.deepEqual(withEnds(line, [0, 0], [2, 2]).length, 2);
});

test("refining keeps the line and its corners, and makes no step too long", () => {
  const line = [[0, 0], [1, 0], [1, 3]];
  const fine = refined(line, 8);
  close(arcLengths(fine).at(-1), 4);
  assert.ok(fine.some(([x, y]) => x === 1 && y === 0));
  fine.slice(1).forEach((point, i) => assert.ok(distance(fine[i], point) <= 0.5 + 1e-9));
});

test("a line simplified is nowhere farther off than allowed, or has as many points as allowed", () => {
  const wave = Array.from({ length: 300 }, (_, k) => [k / 50, Math.sin(k / 50)]);
  const fewer = simplified(wave, 0.01, 60);
  assert.ok(fewer.length < 30);
  for (const [x, y] of fewer) close(y, Math.sin(x), 1e-9);
  assert.equal(simplified(wave, 1e-9, 60).length, 60);
});

test("moved ends take the line along", () => {
  const moved = withEnds([[0, 0], [1, 1], [2, 0]], [0, 1], [2, 3]);
  assert.deepEqual(moved, [[0, 1], [1, 3], [2, 3]]);
});

test("slerp: Shoemake's formula; straight in one direction, none through the origin", () => {
  const half = slerp([1, 0], [0, 1], 3)[1];
  close(half[0], Math.SQRT1_2);
  close(half[1], Math.SQRT1_2);
  // Of equal lengths it is the formula on the codes themselves, whichever way round.
  const [a, b] = [[1.2, -0.5], [-0.5, -1.2]];
  const angle = Math.PI / 2;
  slerp(a, b, 5).forEach(([x, y], k) => {
    const [wa, wb] = [Math.sin((1 - k / 4) * angle), Math.sin((k / 4) * angle)];
    close(x, wa * a[0] + wb * b[0]);
    close(y, wa * a[1] + wb * b[1]);
  });
  // Of other lengths, the direction turns evenly and the length grows evenly.
  const [x, y] = slerp([1, 0], [0, 2], 4)[1];
  close(Math.atan2(y, x), Math.PI / 6);
  close(Math.hypot(x, y), 4 / 3);
  slerp([1, 1], [3, 3], 3)[1].forEach((value) => close(value, 2));
  assert.equal(slerp([1, 1], [-2, -2], 3), null);
  assert.equal(slerp([0, 0], [1, 0], 3), null);
});

test("pixel length: of a helix on a cylinder, and of a line where one pixel jumps", () => {
  const track = drain(measure(cylinder, [[0, 0], [3, 4]], 32));
  close(track.pixel.at(-1), 5, 1e-5);
  close(track.latent.at(-1), 5);
  assert.ok(track.points.length >= 65);
  const jump = ([x]) => [1 / (1 + Math.exp(-400 * (x - 0.513)))];
  close(drain(measure(jump, [[0, 0], [1, 0]], 32)).pixel.at(-1), 1, 1e-3);
});

test("Dijkstra goes round", () => {
  const lengths = { "0 1": 1, "1 3": 9, "0 2": 2, "2 3": 3 };
  const next = { 0: [1, 2], 1: [3], 2: [3], 3: [] };
  assert.deepEqual(dijkstra(0, 3, 4, (node) => next[node], (a, b) => lengths[`${a} ${b}`]), [0, 2, 3]);
});

test("over a lattice the way avoids a mountain, and keeps its ends", () => {
  const mountain = ([x, y]) => [x, y, 20 * Math.exp(-3 * (x * x + y * y))];
  const way = drain(shortestWay(mountain, [-1, 0], [1, 0]));
  assert.deepEqual([way[0], way.at(-1)], [[-1, 0], [1, 0]]);
  assert.ok(way.some(([, y]) => Math.abs(y) > 0.5));
});

test("a block tridiagonal system is solved", () => {
  const system = [
    { diagonal: [4, 1, 1, 3], above: [1, 0, 0.5, 1], right: [1, 2] },
    { diagonal: [5, 0, 0, 6], above: [-1, 1, 0, 2], right: [0, -1] },
    { diagonal: [3, 1, 1, 4], above: [0, 0, 0, 0], right: [2, 2] },
  ];
  const [[a, b], [c, d], [e, f]] = solve(system, 0);
  close(4 * a + b + c, 1);
  close(a + 3 * b + 0.5 * c + d, 2);
  close(5 * c + (a + 0.5 * b) - e + f, 0);
  close(6 * d + b + 2 * f, -1);
  close(3 * e + f - c, 2);
  close(e + 4 * f + c + 2 * d, 2);
});

test("relaxed on a sphere, a path lies on the great circle", () => {
  const [from, to] = [[0.7, 0], [0.7, 2]];
  const path = drain(relaxed(sphere, resampled([from, to], 33)));
  const { pixel } = drain(measure(sphere, path, 32));
  close(pixel.at(-1), greatCircle(from, to), 2e-3);
  // The circle through both ends has its highest latitude in the middle: tan φ = tan 0.7 / cos 1.
  close(Math.max(...path.map(([lat]) => lat)), Math.atan(Math.tan(0.7) / Math.cos(1)), 2e-2);
});

test("the geodesic is never longer than the straight line, and far shorter around a mountain", () => {
  const mountain = ([x, y]) => [x, y, 20 * Math.exp(-3 * (x * x + y * y))];
  const straight = drain(measure(mountain, [[-1.5, 0.05], [1.5, 0]], 32));
  const found = drain(geodesic(mountain, [-1.5, 0.05], [1.5, 0], 32, straight));
  assert.ok(found.track.pixel.at(-1) < 0.25 * straight.pixel.at(-1));
  assert.deepEqual([found.line[0], found.line.at(-1)], [[-1.5, 0.05], [1.5, 0]]);
  const flat = drain(measure(cylinder, [[0, 0], [2, 1]], 32));
  const same = drain(geodesic(cylinder, [0, 0], [2, 1], 32, flat));
  assert.ok(same.track.pixel.at(-1) <= flat.pixel.at(-1));
  close(same.track.pixel.at(-1), Math.sqrt(5), 1e-3);
});

test("a decoder that says the same everywhere has no way to gain, and nothing breaks", () => {
  const straight = drain(measure(() => [1, 2], [[0, 0], [1, 1]], 32));
  assert.equal(straight.pixel.at(-1), 0);
  assert.equal(drain(geodesic(() => [1, 2], [0, 0], [1, 1], 32, straight)).track.pixel.at(-1), 0);
});

test("a route knows all its lines when it is done, and says where half way is", () => {
  const route = new Route();
  route.aim([[0.7, 0], [0.7, 2]], false);
  close(route.lengthsOf("straight").latent, 2);
  assert.equal(route.lengthsOf("straight").pixel, null);
  route.start(sphere);
  while (route.busy) route.advance(50);
  assert.ok(route.done);
  close(route.lengthsOf("straight").pixel, 2 * Math.cos(0.7), 1e-4);
  close(route.lengthsOf("geodesic").pixel, greatCircle([0.7, 0], [0.7, 2]), 2e-3);
  const [lat, lon] = route.placeAt("geodesic", 0.5, "pixel");
  close(lon, 1, 1e-2);
  close(lat, Math.atan(Math.tan(0.7) / Math.cos(1)), 2e-2);
  route.expire();
  assert.ok(!route.done && route.lengthsOf("straight").pixel > 1);
});

test("in one dimension the geodesic is the straight line; opposite ends have no slerp", () => {
  const route = new Route();
  route.aim([[-1, 0], [2, 0]], true);
  assert.ok(route.undefinedSlerp);
  route.start(([x]) => [Math.cos(x), Math.sin(x)]);
  while (route.busy) route.advance(50);
  assert.equal(route.lengthsOf("geodesic").pixel, route.lengthsOf("straight").pixel);
  close(route.lengthsOf("straight").pixel, 3, 1e-4);
});

test("a path as a text and back", () => {
  for (const path of [
    { points: [[0.5, -1]], kind: "geodesic", steps: "latent", frames: 12 },
    { points: [[0.5, -1], [1, 0.3]], kind: "slerp", steps: "pixel", frames: 24 },
    { points: [[0, 0], [1, 2], [3, -4.25]], kind: "freehand", steps: "latent", frames: 12 },
  ]) assert.deepEqual(readPath(writePath(path)), path);
  assert.equal(writePath({ ...EMPTY, points: [[0.5, -1], [1, 0.3]] }), "0.5,-1;1,0.3");
  assert.equal(writePath(EMPTY), null);
  for (const bad of ["", "1", "1,2;1", "1,2;3,x", "1,2;3,Infinity", "1,2;loop", "slerp", "1,2;3,4;99", "1,,2"]) {
    assert.equal(readPath(bad), null, bad);
  }
  assert.deepEqual(tidyPlace([0.123456, -0.00001]), [0.1235, 0]);
  assert.equal(tidyPlace([NaN, 1]), null);
});

test("the longest path fits into the URL", () => {
  const points = Array.from({ length: MOST_POINTS }, () => [-9999.1234, -9999.1234]);
  assert.ok(writePath({ points, kind: "freehand", steps: "pixel", frames: 48 }).length < 2000);
});

test("a stroke has three points at least, sixty at most, and a click is none", () => {
  const camera = { scale: 100 };
  const drawn = (count, place) => {
    const stroke = new Stroke([0, 0], place(0));
    for (let k = 1; k < count; k++) stroke.move([100 * place(k)[0], 0], place(k));
    return stroke;
  };
  assert.equal(drawn(40, (k) => [k / 20, k / 20]).finish(camera).length, 3);
  assert.ok(drawn(900, (k) => [k / 90, Math.sin(k / 4)]).finish(camera).length <= 60);
  assert.equal(drawn(3, (k) => [k / 100, 0]).finish(camera), null);
  assert.ok(drawn(20, (k) => [k / 20, 0]).isBroken([400, 300]));
});

test("a film plays to its end and begins anew; stepwise it stands on each image", () => {
  const player = new Player();
  player.start(0);
  let moves = 0;
  for (let now = 16; player.playing && moves < 1000; now += 16) moves += player.advance(now, 12, false) ? 1 : 0;
  assert.equal(player.share, 1);
  close(moves * 16, 11 * 180, 20);
  player.start(0);
  assert.equal(player.share, 0);
  assert.ok(!player.advance(100, 5, true));
  const stops = [];
  for (let now = 700; player.playing; now += 700) if (player.advance(now, 5, true)) stops.push(player.share);
  assert.deepEqual(stops, [0.25, 0.5, 0.75, 1]);
});

test("a GIF: its size, frames and the colours of grey values", () => {
  const images = [Float32Array.of(0, 0.5, 1, 0.25), Float32Array.of(1, 0, 0, 1), Float32Array.of(0, 0, 1, 1)];
  const shape = { channels: 1, height: 2, width: 2 };
  const bytes = gifOf(images, shape, { scale: 3, delay: 180, hold: 900 });
  assert.equal(String.fromCharCode(...bytes.slice(0, 6)), "GIF89a");
  assert.deepEqual([...bytes.slice(6, 10)], [6, 0, 6, 0]);
  assert.deepEqual([...bytes.slice(13 + 3 * 128, 13 + 3 * 129)], [128, 128, 128]);
  const controls = bytes.reduce((count, byte, i) => count + (byte === 0x21 && bytes[i + 1] === 0xf9 && bytes[i + 2] === 4), 0);
  assert.equal(controls, 3);
  assert.equal(bytes.at(-1), 0x3b);
  assert.ok(gifOf([new Float32Array(12).fill(0.5)], { ...shape, channels: 3 }, { scale: 1, delay: 1, hold: 1 }).length > 30);
  assert.equal(enlargement({ height: 28, width: 28 }, 224), 8);
  assert.equal(enlargement({ height: 500, width: 20 }, 224), 1);
});
