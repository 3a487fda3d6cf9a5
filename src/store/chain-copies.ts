import { COLUMNS, ORDER } from './chain-columns.js';
import type { CopyPart } from './chain-rows.js';

export function copySelect({ table, range: { from, to }, leaves }: CopyPart): string {
  const [key] = ORDER[table];
  const bounds = [`${key} >= ${from}`, `${key} < ${to}`];
  if (leaves !== undefined) {
    const wanted = `level = 0 AND index >= ${leaves.from} AND index < ${leaves.to}`;
    bounds.push(leaves.others ? `NOT (${wanted})` : wanted);
  }
  return `SELECT ${COLUMNS[table].join(', ')} FROM ${table} WHERE ${bounds.join(' AND ')} ORDER BY ${ORDER[table].join(', ')}`;
}
