import type { ImageSize } from './image-size.ts';

/** Red, green, blue and alpha of each pixel, a byte each. */
export interface Bitmap extends ImageSize {
  data: Uint8Array | Uint8ClampedArray;
}

/** The start of a Netpbm file, the simplest format that the OCR engine takes. */
export function portableHead(magic: 'P4' | 'P6', { width, height }: ImageSize): Buffer {
  return Buffer.from(`${magic}\n${width} ${height}\n${magic === 'P6' ? '255\n' : ''}`);
}

// A page of A4 at 200 dots an inch; a photograph of twelve million pixels says no more, and takes
// the engine three times as long.
const MANY_PIXELS = 4_000_000;

/** A bitmap as a Netpbm file, made smaller by a whole number where it has many pixels. */
export function pixmapOf(bitmap: Bitmap): Buffer {
  const step = Math.ceil(Math.sqrt((bitmap.width * bitmap.height) / MANY_PIXELS));
  const width = Math.floor(bitmap.width / step);
  const height = Math.floor(bitmap.height / step);
  const pixels = Buffer.allocUnsafe(width * height * 3);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let colour = 0; colour < 3; colour++) pixels[at++] = mean(bitmap, x, y, step, colour);
    }
  }
  return Buffer.concat([portableHead('P6', { width, height }), pixels]);
}

/** Of one colour over a square of pixels. */
function mean({ data, width }: Bitmap, x: number, y: number, step: number, colour: number): number {
  let sum = 0;
  for (let row = y * step; row < (y + 1) * step; row++) {
    const start = (row * width + x * step) * 4 + colour;
    for (let at = start; at < start + step * 4; at += 4) sum += data[at] ?? 0;
  }
  return sum / (step * step);
}
