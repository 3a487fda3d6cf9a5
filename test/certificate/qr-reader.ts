import jsQR from 'jsqr';
import type { Rectangle } from './pdf-reader.js';

const SCALE = 4;

/**
 * The text of the QR code that black rectangles on a white A4 page make up, read from a picture of the page.
 */
export function readQrCode(rectangles: readonly Rectangle[]): string | null {
  const [width, height] = [596 * SCALE, 842 * SCALE];
  const picture = new Uint8ClampedArray(width * height * 4).fill(255);
  for (const { x, y, colour, ...extent } of rectangles) {
    if (colour.some((part) => part !== 0)) continue;
    for (let row = Math.round(y * SCALE); row < Math.round((y + extent.height) * SCALE); row++) {
      for (let column = Math.round(x * SCALE); column < Math.round((x + extent.width) * SCALE); column++) {
        picture.set([0, 0, 0], ((height - 1 - row) * width + column) * 4);
      }
    }
  }
  return jsQR.default(picture, width, height)?.data ?? null;
}
