import assert from "node:assert/strict";
import { test } from "node:test";

import { simplify } from "../../../static/latent_plane/geometry.js";
import { readDrawing, writeDrawing } from "../../../static/latent_plane/tools/draw/drawing.js";
import { formatOf, refusalOf, sizeOf } from "../../../static/latent_plane/tools/draw/photo.js";

test("strokes survive the URL to within a 4095th of the pad", () => {
  const strokes = [[[0, 1], [0.5, 0.25], [1 / 3, 0.9]], [[0.7, 0.7]]];
  const text = writeDrawing({ strokes });
  assert.match(text, /^[\w.-]+$/);
  const back = readDrawing(text).strokes;
  assert.deepEqual(back.map((stroke) => stroke.length), [3, 1]);
  strokes.flat(2).forEach((value, k) => assert.ok(Math.abs(value - back.flat(2)[k]) <= 0.5 / 4095));
  assert.equal(writeDrawing({ strokes: back }), text);
});

test("pixels survive it exactly, runs of nothing in short", () => {
  const values = Float32Array.from({ length: 784 }, (_, i) => (i % 50 < 40 ? 0 : ((i * 37) % 256) / 255));
  values[0] = 1 / 255;
  const text = writeDrawing({ pixels: { channels: 1, height: 28, width: 28, values } });
  assert.ok(text.length < 600);
  assert.deepEqual(readDrawing(text), { pixels: { channels: 1, height: 28, width: 28, values } });
  const full = values.map(() => 1);
  assert.deepEqual(readDrawing(writeDrawing({ pixels: { channels: 1, height: 28, width: 28, values: full } })).pixels.values, full);
});

test("what is too long for the URL is not written, and nonsense is not read", () => {
  const values = new Float32Array(3072).fill(0.5);
  assert.equal(writeDrawing({ pixels: { channels: 3, height: 32, width: 32, values } }), null);
  for (const text of ["", "x", "s", "sAAA", "sAAAA..AAAA", "s<script>", "p1x28x28.", "p1x2x2.00", "p1x2x2.zzzzz.", "p9x2x2.z4."]) {
    assert.equal(readDrawing(text), null, text);
  }
  assert.deepEqual([...readDrawing("p1x2x2.z3.ff").pixels.values], [0, 0, 0, 1]);
});

test("a simplified stroke is nowhere farther than it may be", () => {
  const arc = Array.from({ length: 200 }, (_, k) => [Math.cos(k / 60), Math.sin(k / 60)]);
  const few = simplify(arc, 0.003);
  assert.ok(few.length < 40);
  assert.deepEqual([few[0], few.at(-1)], [arc[0], arc.at(-1)]);
  for (const [x, y] of few) assert.ok(Math.abs(Math.hypot(x, y) - 1) < 1e-9);
  // A chord of the unit circle is 1 − cos(angle/2) off.
  for (let k = 1; k < few.length; k++) {
    const chord = Math.hypot(few[k][0] - few[k - 1][0], few[k][1] - few[k - 1][1]);
    assert.ok(1 - Math.sqrt(1 - (chord / 2) ** 2) <= 0.0031);
  }
  assert.deepEqual(simplify([[0, 0], [1, 1], [2, 2]], 0.1), [[0, 0], [2, 2]]);
  assert.deepEqual(simplify([[0, 0]], 0.1), [[0, 0]]);
});

const head = (...parts) => Uint8Array.from(parts.flatMap((part) => (
  typeof part === "string" ? [...part].map((letter) => letter.charCodeAt(0)) : part))).buffer;

const png = (width, height) => head("\x89PNG\r\n\x1a\n", [0, 0, 0, 13], "IHDR",
  [width >>> 24, width >>> 16, width >>> 8, width].map((b) => b & 255),
  [height >>> 24, height >>> 16, height >>> 8, height].map((b) => b & 255));

test("formats and sizes from the first bytes", () => {
  const cases = [
    [png(300, 70000), "PNG", [300, 70000]],
    [head("GIF89a", [16, 1, 32, 0]), "GIF", [272, 32]],
    [head("BM", Array(12).fill(0), [12, 0, 0, 0], [40, 0, 30, 0]), "BMP", [40, 30]],
    [head("BM", Array(16).fill(0), [40, 0, 0, 0], [226, 255, 255, 255]), "BMP", [40, 30]],
    [head([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc2, 0, 17, 8, 1, 2, 3, 4]), "JPEG", [772, 258]],
    [head("RIFF", [0, 0, 0, 0], "WEBPVP8X", Array(8).fill(0), [9, 0, 0, 19, 0, 0]), "WebP", [10, 20]],
    [head("RIFF", [0, 0, 0, 0], "WEBPVP8L", [0, 0, 0, 0, 0x2f], [0x3f, 0xc0, 0x09, 0x00]), "WebP", [64, 40]],
  ];
  for (const [bytes, format, size] of cases) {
    assert.equal(formatOf(bytes), format);
    assert.deepEqual(sizeOf(bytes, format), size);
  }
  assert.equal(sizeOf(head([0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff]), "JPEG"), null);
});

test("what isn't read is said in one sentence", () => {
  const svg = head("<svg xmlns=");
  assert.equal(refusalOf(svg, 11, "a.svg"), "“a.svg” isn't an image that can be read here: choose a PNG, JPEG, GIF, WebP or BMP file.");
  assert.match(refusalOf(png(9, 9), 21 * 2 ** 20, "big.png"), /has 21 MB: an image may have up to 20 MB/);
  assert.match(refusalOf(png(10000, 9000), 999, "bomb.png"), /10,000 × 9,000 pixels: an image may have up to 50 million/);
  assert.match(refusalOf(new ArrayBuffer(0), 0, ""), /^The file is empty/);
  assert.equal(refusalOf(png(28, 28), 500, "3.png"), null);
});
