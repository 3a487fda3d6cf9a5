export type Cell = string | number | boolean | null | undefined;

/** Without it, spreadsheets mistake the encoding. */
export const BYTE_ORDER_MARK = '\ufeff';

/** One line of CSV (RFC 4180). */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(field).join(',')}\r\n`;
}

/** The beginning of a formula, where a cell may begin. */
const FORMULA = /((?:^|[;\t\r\n])["']*)(?=[=+\-@\t\r\uff0b\uff0d\uff1d\uff20])/g;

/**
 * Quoted where necessary. A text that a spreadsheet would take for a formula gets an apostrophe in front:
 * other people choose the names of documents, and a formula can leak the cells beside it. The same after a
 * character that separates cells in the spreadsheet of another country or in the next line: there, the
 * quotation marks of this field do not stand at the beginning of a cell, and protect nothing.
 */
function field(cell: Cell): string {
  if (typeof cell !== 'string') return cell == null ? '' : String(cell);
  const text = cell.replaceAll(FORMULA, "$1'");
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
