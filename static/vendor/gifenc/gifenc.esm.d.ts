// Types of what is used of gifenc.esm.js.
type Colours = number[][];
type Encoder = {
  writeFrame(indices: Uint8Array, width: number, height: number,
    options: { palette: Colours | null, delay: number, repeat: number }): void;
  finish(): void;
  bytes(): Uint8Array<ArrayBuffer>;
};
export function GIFEncoder(): Encoder;
export function quantize(rgba: Uint8ClampedArray, most: number): Colours;
export function applyPalette(rgba: Uint8ClampedArray, palette: Colours): Uint8Array;
