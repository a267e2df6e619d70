// How long a line of the plane is in pixel space: of the decoder's mean images along it.

import { arcLengths, between, refined } from "./polyline.js";

const OFF = 1.01; // a step whose two halves are longer than it by this factor is halved
const DEEPEST = 5; // times

/** Euclidean distance between two images. */
export function imageDistance(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum);
}

/**
 * Measures in at least 2·`count` steps, and in finer ones where the images turn; one decode between
 * two yields. Returns the `points` it went through, and up to each one its length in the plane
 * (`latent`) and in pixel space (`pixel`).
 */
export function* measure(decode, line, count) {
  const coarse = refined(line, count);
  const points = [coarse[0]];
  const pixel = [0];
  let before = decode(coarse[0]).slice();
  yield;
  for (let i = 1; i < coarse.length; i++) {
    const image = decode(coarse[i]).slice();
    yield;
    yield* halve(coarse[i - 1], before, coarse[i], image, 1);
    before = image;
  }

  function* halve(a, imageA, b, imageB, depth) {
    const middle = between(a, b, 0.5);
    const image = decode(middle).slice();
    yield;
    const [first, second] = [imageDistance(imageA, image), imageDistance(image, imageB)];
    const whole = imageDistance(imageA, imageB);
    if (depth < DEEPEST && first + second > OFF * whole) {
      yield* halve(a, imageA, middle, image, depth + 1);
      yield* halve(middle, image, b, imageB, depth + 1);
      return;
    }
    // Chords fall short by the square of the step: a third of what halving gains is still missing
    // (Richardson 1911).
    const missing = (first + second - whole) / 6;
    points.push(middle, b);
    pixel.push(pixel.at(-1) + first + missing, pixel.at(-1) + first + second + 2 * missing);
  }

  return { points, latent: arcLengths(points), pixel };
}
