// Columns of the Arrow tables that Streamlit hands over, as typed arrays.

/** The float32 column `name`. */
export function floats(table, name) {
  const values = column(table, name);
  return values instanceof Float32Array ? values : Float32Array.from(values, Number);
}

/** The integer column `name`; 64-bit integers come as BigInt and are made plain. */
export function integers(table, name) {
  const values = column(table, name);
  return values instanceof Int32Array ? values : Int32Array.from(values, Number);
}

function column(table, name) {
  const child = table?.getChild?.(name);
  if (!child) throw new Error(`The latent plane got a table without the column "${name}".`);
  return child.toArray();
}

/** Whether two typed arrays of four-byte values hold the same bits (NaN equals itself). */
export function sameBits(a, b) {
  if (!a || !b || a.length !== b.length) return false;
  const left = new Uint32Array(a.buffer, a.byteOffset, a.length);
  const right = new Uint32Array(b.buffer, b.byteOffset, b.length);
  return left.every((value, i) => value === right[i]);
}
