// What an image file is, from its first bytes: its format and its size in pixels.

export const MOST_BYTES = 20 * 2 ** 20;
export const MOST_PIXELS = 50e6;
export const HEAD = 256 * 1024; // bytes that are looked at
const CHOOSE = "choose a PNG, JPEG, GIF, WebP or BMP file.";

/** One entry a format: how it begins, and where its size stands ([width, height] or null). */
const FORMATS = {
  PNG: { begins: "\x89PNG\r\n\x1a\n", size: (view) => [view.getUint32(16), view.getUint32(20)] },
  GIF: { begins: "GIF8", size: (view) => [view.getUint16(6, true), view.getUint16(8, true)] },
  BMP: { begins: "BM", size: bmpSize },
  JPEG: { begins: "\xff\xd8\xff", size: jpegSize },
  WebP: { begins: "RIFF", also: [8, "WEBP"], size: webpSize },
};

/**
 * Why a file isn't read, in one sentence, or null: `head` holds its first bytes (an ArrayBuffer),
 * `bytes` is its size, `name` its name.
 */
export function refusalOf(head, bytes, name) {
  const called = name ? `“${shorten(name)}”` : "What was given";
  if (!bytes) return `${called} is empty: ${CHOOSE}`;
  if (bytes > MOST_BYTES) {
    return `${called} has ${(bytes / 2 ** 20).toFixed(0)} MB: an image may have up to ${MOST_BYTES / 2 ** 20} MB.`;
  }
  const format = formatOf(head);
  if (!format) return `${called} is no image that is read here: ${CHOOSE}`;
  const size = sizeOf(head, format);
  if (size && size[0] * size[1] > MOST_PIXELS) {
    return `${called} has ${size[0].toLocaleString("en")} × ${size[1].toLocaleString("en")} pixels: `
      + `an image may have up to ${MOST_PIXELS / 1e6} million.`;
  }
  return null;
}

/** "PNG", …; null for anything else. */
export function formatOf(head) {
  const has = (at, text) => [...text].every((letter, k) => new Uint8Array(head)[at + k] === letter.charCodeAt(0));
  const found = Object.entries(FORMATS).find(([, { begins, also }]) => has(0, begins) && (!also || has(...also)));
  return found?.[0] ?? null;
}

/** [width, height]; null where the first bytes don't say. */
export function sizeOf(head, format) {
  try {
    return FORMATS[format].size(new DataView(head));
  } catch (error) {
    if (error instanceof RangeError) return null; // the file ends before
    throw error;
  }
}

/** The oldest kind, with a header of 12 bytes, has shorter numbers. */
function bmpSize(view) {
  if (view.getUint32(14, true) === 12) return [view.getUint16(18, true), view.getUint16(20, true)];
  return [Math.abs(view.getInt32(18, true)), Math.abs(view.getInt32(22, true))];
}

/** Segments follow each other until the one that starts a frame. */
function jpegSize(view) {
  for (let at = 2; ;) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    const starts = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (starts) return [view.getUint16(at + 7), view.getUint16(at + 5)];
    if (marker === 0xff) at += 1; // filling
    else at += 2 + view.getUint16(at + 2);
  }
}

function webpSize(view) {
  const three = (at) => 1 + view.getUint16(at, true) + (view.getUint8(at + 2) << 16);
  switch (view.getUint32(12)) {
    case 0x56503858: return [three(24), three(27)]; // VP8X
    case 0x56503820: return [view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff]; // VP8
    case 0x5650384c: { // VP8L
      const bits = view.getUint32(21, true);
      return [1 + (bits & 0x3fff), 1 + ((bits >>> 14) & 0x3fff)];
    }
    default: return null;
  }
}

function shorten(name) {
  return name.length > 40 ? `${name.slice(0, 37)}…` : name;
}
