/** Without it, spreadsheets mistake the encoding. */
const BYTE_ORDER_MARK = '\ufeff';
/** The beginning of a formula, where a cell may begin. */
const FORMULA = /((?:^|[;\t\r\n])["']*)(?=[=+\-@\t\r\uff0b\uff0d\uff1d\uff20])/g;

/**
 * CSV (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe in front: other people
 * choose the names of documents. The service writes registers by the same rules.
 */
export function csv(rows: readonly (readonly string[])[]): string {
  return BYTE_ORDER_MARK + rows.map((cells) => `${cells.map(field).join(',')}\r\n`).join('');
}

function field(cell: string): string {
  const text = cell.replaceAll(FORMULA, "$1'");
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
