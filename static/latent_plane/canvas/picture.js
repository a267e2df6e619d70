// Mean pixels (channels, height, width; 0 to 1) as an image on a canvas.

/** Writes `values` into the RGBA bytes of an ImageData of the same height and width. */
export function toImageData(values, channels, image) {
  const { data, width, height } = image;
  const plane = width * height;
  for (let i = 0, at = 0; i < plane; i++, at += 4) {
    // Uint8ClampedArray rounds and clips to 0 … 255 by itself.
    data[at] = values[i] * 255;
    data[at + 1] = values[channels === 3 ? i + plane : i] * 255;
    data[at + 2] = values[channels === 3 ? i + 2 * plane : i] * 255;
    data[at + 3] = 255;
  }
  return image;
}

/** The decoded image beside the plane; `canvas.values` keeps the unquantised pixels. */
export function createPicture(canvas) {
  const context = canvas.getContext("2d");
  let image = null;

  /** `white`: the value that is drawn white. */
  function show(values, { channels, height, width }, [x, y], beta, white = 1) {
    if (image?.width !== width || image.height !== height) {
      canvas.width = width;
      canvas.height = height;
      image = context.createImageData(width, height);
    }
    if (canvas.values?.length !== values.length) canvas.values = new Float32Array(values.length);
    canvas.values.set(values);
    const drawn = white === 1 ? values : values.map((value) => value / white);
    context.putImageData(toImageData(drawn, channels, image), 0, 0);
    canvas.dataset.z = `${x},${y}`;
    canvas.dataset.beta = beta ?? "";
  }

  return { show };
}
