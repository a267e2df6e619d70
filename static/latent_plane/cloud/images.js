// The test images, unpacked from what Python sent, one Uint8Array a picture.

/** `packed`: the gzipped bytes of all images, one after another; `size`: bytes of one. */
export async function unpackImages(packed, { channels, height, width }) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const size = channels * height * width;
  return {
    channels, height, width, size,
    count: Math.floor(bytes.length / size),
    /** The grey values of image i, from 0 to 255. */
    of: (i) => bytes.subarray(i * size, (i + 1) * size),
  };
}

/** Image i as numbers from 0 to 1. */
export function unitImage(images, i) {
  return Float32Array.from(images.of(i), (value) => value / 255);
}
