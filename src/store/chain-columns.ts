import type { ChainRows, ChainTable, CopyPart } from './chain-rows.js';

/** Key order, and the column that a range is over. */
export const ORDER: Record<ChainTable, readonly [string, ...string[]]> = {
  head: ['id'],
  entry: ['position'],
  details: ['position'],
  erasure: ['position'],
  block: ['height'],
  block_tile: ['height', 'level', 'index'],
  log_tile: ['level', 'index'],
  checkpoint: ['size'],
};

/** As they are selected: `ChainSnapshot.copy` counts them in this order. */
export const COLUMNS: { readonly [T in ChainTable]: readonly (keyof ChainRows[T])[] } = {
  head: ['id', 'next_position', 'latest_time'],
  entry: ['position', 'accepted_at', 'size', 'kind', 'digest', 'salt', 'account_tag', 'details_digest'],
  details: ['position', 'json'],
  erasure: ['position'],
  block: [
    'height',
    'first_position',
    'sealed_at',
    'nonce',
    'entry_count',
    'difficulty',
    'previous_hash',
    'merkle_root',
    'hash',
  ],
  block_tile: ['height', 'index', 'level', 'hashes'],
  log_tile: ['index', 'level', 'hashes', 'root'],
  checkpoint: ['size', 'root', 'note'],
};

export function copySelect({ table, range: { from, to }, leaves }: CopyPart): string {
  const [key] = ORDER[table];
  const bounds = [`${key} >= ${from}`, `${key} < ${to}`];
  if (leaves !== undefined) {
    const wanted = `level = 0 AND index >= ${leaves.from} AND index < ${leaves.to}`;
    bounds.push(leaves.others ? `NOT (${wanted})` : wanted);
  }
  return `SELECT ${COLUMNS[table].join(', ')} FROM ${table} WHERE ${bounds.join(' AND ')} ORDER BY ${ORDER[table].join(', ')}`;
}
