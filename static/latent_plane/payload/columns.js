// Columns of the Arrow tables that Streamlit hands over, as typed arrays.

/** @typedef {Float32Array | Uint16Array} Reals numbers, or the bits of half-precision ones */
/** @typedef {{getChild?: (name: string) => {toArray: () => any} | null}} Table an Arrow table */

/** The float32 column `name`. @type {(table: Table, name: string) => Float32Array} */
export function floats(table, name) {
  const values = column(table, name);
  return values instanceof Float32Array ? values : Float32Array.from(values, Number);
}

/** The integer column `name`; 64-bit integers come as BigInt and are made plain.
 * @type {(table: Table, name: string) => Int32Array} */
export function integers(table, name) {
  const values = column(table, name);
  return values instanceof Int32Array ? values : Int32Array.from(values, Number);
}

/** The column `name` as float32, or as the bits of half-precision numbers: see `widen`.
 * @type {(table: Table, name: string) => Reals} */
export function reals(table, name) {
  const values = column(table, name);
  return values instanceof Uint16Array ? values : floats(table, name);
}

/** `reals`, or null where the table has no such column.
 * @type {(table: Table, name: string) => Reals | null} */
export function realsIfAny(table, name) {
  return table?.getChild?.(name) ? reals(table, name) : null;
}

/** @type {(table: Table, name: string) => any} */
function column(table, name) {
  const child = table?.getChild?.(name);
  if (!child) throw new Error(`The latent plane got a table without the column "${name}".`);
  return child.toArray();
}

/** Whether two typed arrays hold the same bits (NaN equals itself); null equals null.
 * @type {(a: Reals | Int32Array | null, b: Reals | Int32Array | null) => boolean} */
export function sameBits(a, b) {
  if (!a || !b) return a === b;
  if (a.length !== b.length || a.BYTES_PER_ELEMENT !== b.BYTES_PER_ELEMENT) return false;
  /** @type {new (buffer: ArrayBufferLike, start: number, size: number) => ArrayLike<number>} */
  const Bits = a.BYTES_PER_ELEMENT === 2 ? Uint16Array : Uint32Array;
  const left = new Bits(a.buffer, a.byteOffset, a.length);
  const right = new Bits(b.buffer, b.byteOffset, b.length);
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  return true;
}

/** @type {Float32Array | null} */ let table = null;

/** The numbers behind the bits of half precision (IEEE 754 binary16); others as they are.
 * @type {(bits: Reals) => Float32Array} */
export function widen(bits) {
  if (!(bits instanceof Uint16Array)) return bits;
  table ??= Float32Array.from({ length: 65536 }, (_, value) => numberOf(value));
  const numbers = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) numbers[i] = table[bits[i]];
  return numbers;
}

/** @type {(bits: number) => number} */
function numberOf(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction);
}
