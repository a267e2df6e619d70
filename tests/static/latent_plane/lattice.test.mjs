import assert from "node:assert/strict";
import test from "node:test";
import { latentAt } from "../../../static/latent_plane/geometry.js";
import * as lattice from "../../../static/latent_plane/canvas/lattice.js";

const GRID = { x: [-1, 0, 1, 3], y: [-2, 2] };
const TILE = { width: 28, height: 10 };

test("cells and places agree", () => {
  for (let i = 0; i < 4; i++) for (let j = 0; j < 2; j++) {
    const z = [GRID.x[i], GRID.y[j]];
    const place = lattice.placeOf(GRID, TILE, z);
    assert.deepEqual(place, [(i + 0.5) * 28, (j + 0.5) * 10]);
    assert.deepEqual(lattice.cellAt(GRID, TILE, ...place), { i, j });
    assert.deepEqual(lattice.nearestCell(GRID, z), { i, j });
  }
  assert.equal(lattice.cellAt(GRID, TILE, -1, 5), null);
  assert.equal(lattice.cellAt(GRID, TILE, 5, 20), null);
  assert.deepEqual(lattice.placeOf(GRID, TILE, [2, 0]), [3 * 28, 10]);
  assert.equal(lattice.placeOf(GRID, TILE, [3.1, 0]), null);
});

test("steps end at the edge", () => {
  assert.deepEqual(lattice.stepCell(GRID, [0.1, -1.9], 1, 1), [1, 2]);
  assert.deepEqual(lattice.stepCell(GRID, [3, 2], 5, 5), [3, 2]);
});

test("every cell is filled once, in slices", () => {
  const queue = lattice.fillOrder(5, 3);
  assert.deepEqual(queue[0], { i: 2, j: 1 });
  let clock = 0;
  const filled = [];
  let slices = 1;
  while (lattice.fillSlice(queue, (c) => { filled.push(`${c.i},${c.j}`); clock += 3; }, () => clock)) slices++;
  assert.equal(new Set(filled).size, 15);
  assert.equal(slices, 5);
});

test("z keeps what is held and takes the plane's two dimensions", () => {
  assert.deepEqual([...latentAt({ held: [9, 8, 7, 6], dims: [3, 1] }, [1, 2], 4)], [9, 2, 7, 1]);
  assert.deepEqual([...latentAt({ held: [5], dims: [0] }, [1, 2], 1)], [1]);
});
