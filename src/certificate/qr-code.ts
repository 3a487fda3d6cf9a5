import { create } from 'qrcode';

/** In modules, as ISO/IEC 18004 asks for. */
const QUIET_ZONE = 4;

/** Black on white, whatever is around it. Its quiet zone is outside of `size`. */
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
      // Runs in one piece: printers and screens draw hair lines between neighbours.
      let end = column;
      while (end < modules.size && modules.get(row, end) !== 0) end++;
      if (end > column) doc.rect(column, row, end - column, 1);
      column = end;
    }
  }
  doc.fill('#000000');
}
