// Numbers of half precision (IEEE 754 binary16), which arrive as bits.

let table = null;

/** The numbers behind `bits`, a Uint16Array; other arrays are returned as they are. */
export function widen(bits) {
  if (!(bits instanceof Uint16Array)) return bits;
  table ??= Float32Array.from({ length: 65536 }, (_, value) => numberOf(value));
  const numbers = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) numbers[i] = table[bits[i]];
  return numbers;
}

function numberOf(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction);
}
