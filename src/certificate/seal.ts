import { COLOUR } from './look.js';

/** The project's mark, as public/seal.svg draws it on 32 by 32. */
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
