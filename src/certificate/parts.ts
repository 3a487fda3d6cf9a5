import { create } from 'qrcode';
import { type Canvas, COLOUR, PAGE, SIZE } from './canvas.js';
import { CertificateError } from './facts.js';

/** Parts of the pages of all kinds of certificates. */

export const SEAL = 46;
/** Of the issuer, at the right of the title. */
export const LOGO = { width: 84, height: SEAL };
/** Between the foot of the first page and the line below it. */
export const FOOT_GAP = 10;

/** One page. */
export type Page = (canvas: Canvas) => void;

/** As many pages as the parts need, of which each stands on one. */
export function flow(parts: readonly Page[], gap: number, newRuler: () => Canvas): Page[] {
  const pages: Page[][] = [];
  let ruler = newRuler();
  for (const part of parts) {
    part(ruler);
    const last = pages.at(-1);
    if (last !== undefined && ruler.y <= PAGE.height - PAGE.bottom - FOOT_GAP) last.push(part);
    else {
      pages.push([part]);
      ruler = newRuler();
      part(ruler);
    }
    ruler.y += gap;
  }
  return pages.map((some) => (canvas) => {
    for (const part of some) {
      part(canvas);
      canvas.y += gap;
    }
  });
}

export function heading(canvas: Canvas, text: string, left: number = PAGE.left): void {
  canvas.text('H2', text, { size: SIZE.heading, weight: 'bold', colour: COLOUR.seal, leading: 1.6, left });
}

/** @param mark the bullet or number of an item */
export function list(canvas: Canvas, items: readonly string[], mark: (number: number) => string): void {
  canvas.group('L', () => {
    items.forEach((item, i) => {
      canvas.group('LI', () => {
        canvas.beside(
          () => {
            canvas.text('LBody', mark(i + 1), { colour: COLOUR.seal, width: 14 });
          },
          () => {
            canvas.text('LBody', item, { left: PAGE.left + 16, maxLines: 5 });
          },
        );
      });
      canvas.y += 2;
    });
  });
}

/** As large as its place allows, at its right end. */
export function drawLogo(doc: PDFKit.PDFDocument, png: Buffer, left: number, top: number): void {
  try {
    doc.image(png, left, top, { fit: [LOGO.width, LOGO.height], align: 'right', valign: 'center' });
  } catch (error) {
    throw new CertificateError('bad_logo', 'the logo must be a PNG that is not interlaced', { cause: error });
  }
}

/** In modules (ISO/IEC 18004). */
const QUIET_ZONE = 4;

/** Black on white, on any background. The quiet zone is outside of `size`. */
export function drawQrCode(
  doc: PDFKit.PDFDocument,
  text: string,
  place: { readonly left: number; readonly top: number; readonly size: number },
): void {
  const { modules } = create(text, { errorCorrectionLevel: 'M' });
  doc.translate(place.left, place.top).scale(place.size / modules.size);
  const outer = modules.size + 2 * QUIET_ZONE;
  doc.rect(-QUIET_ZONE, -QUIET_ZONE, outer, outer).fill('#ffffff');
  for (let row = 0; row < modules.size; row++) {
    for (let column = 0; column < modules.size; column++) {
      // One rectangle for each run: between adjacent ones, printers and screens draw hairlines.
      let end = column;
      while (end < modules.size && modules.get(row, end) !== 0) end++;
      if (end > column) doc.rect(column, row, end - column, 1);
      column = end;
    }
  }
  doc.fill('#000000');
}

/** The project's logo: public/seal.svg, on 32 by 32. */
export function drawSeal(doc: PDFKit.PDFDocument, left: number, top: number, size: number): void {
  doc
    .save()
    .translate(left, top)
    .scale(size / 32);
  doc.roundedRect(1.5, 1.5, 29, 29, 5).fill(COLOUR.seal);
  doc.roundedRect(4, 4, 24, 24, 3).lineWidth(1.2).stroke(COLOUR.sealInk);
  doc.lineWidth(2.6).lineCap('square');
  doc.circle(12.2, 11.8, 3.7).stroke(COLOUR.sealInk);
  doc.path('M21.4 8.2v10M10.2 19.2v4.6h12').stroke(COLOUR.sealInk);
  doc.restore();
}
