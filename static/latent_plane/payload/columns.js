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

/** The column `name` as float32, or as the bits of half-precision numbers: see `halves`. */
export function reals(table, name) {
  const values = column(table, name);
  return values instanceof Uint16Array ? values : floats(table, name);
}

/** `reals`, or null where the table has no such column. */
export function realsIfAny(table, name) {
  return table?.getChild?.(name) ? reals(table, name) : null;
}

function column(table, name) {
  const child = table?.getChild?.(name);
  if (!child) throw new Error(`The latent plane got a table without the column "${name}".`);
  return child.toArray();
}

/** Whether two typed arrays hold the same bits (NaN equals itself); null equals null. */
export function sameBits(a, b) {
  if (!a || !b) return a === b;
  if (a.length !== b.length || a.BYTES_PER_ELEMENT !== b.BYTES_PER_ELEMENT) return false;
  const Bits = a.BYTES_PER_ELEMENT === 2 ? Uint16Array : Uint32Array;
  const left = new Bits(a.buffer, a.byteOffset, a.length);
  const right = new Bits(b.buffer, b.byteOffset, b.length);
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  return true;
}
