import type { Notarization } from '../schemas/resources.js';

type Cell = string | number | boolean | null | undefined;

const COLUMNS: readonly (readonly [name: string, (notarization: Notarization) => Cell])[] = [
  ['id', ({ id }) => id],
  ['position', ({ position }) => position],
  ['sha256', ({ sha256 }) => sha256],
  ['size', ({ size }) => size],
  ['acceptedAt', ({ acceptedAt }) => acceptedAt],
  ['status', ({ status }) => status],
  ['sealedAt', ({ sealedAt }) => sealedAt],
  ['blockHeight', ({ block }) => block?.height],
  ['name', ({ details }) => details?.name],
  ['title', ({ details }) => details?.title],
  ['author', ({ details }) => details?.author],
  ['reference', ({ details }) => details?.reference],
  ['tags', ({ details }) => details?.tags?.join('; ')],
  ['note', ({ details }) => details?.note],
  ['published', ({ published }) => published],
  ['submittedBy', ({ submittedBy }) => submittedBy],
];

/** Without it, spreadsheets mistake the encoding. */
const BYTE_ORDER_MARK = '\ufeff';

/** The first line of a register as CSV (RFC 4180). */
export function csvHead(): string {
  return BYTE_ORDER_MARK + lineOf(COLUMNS.map(([name]) => name));
}

export function csvLine(notarization: Notarization): string {
  return lineOf(COLUMNS.map(([, cell]) => cell(notarization)));
}

function lineOf(cells: readonly Cell[]): string {
  return `${cells.map(field).join(',')}\r\n`;
}

/**
 * Quoted where necessary. A text that a spreadsheet would take for a formula begins with an apostrophe: names
 * of documents come from strangers, and a formula can leak its neighbours.
 */
function field(cell: Cell): string {
  if (typeof cell !== 'string') return cell == null ? '' : String(cell);
  const text = /^[=+\-@\t\r\uff0b\uff0d\uff1d\uff20]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
