import { nodeSha256 } from '../../node-crypto.js';
import { changedColumn, readRow, type EntryRow } from './entry-row.js';
import { finding, show, type AuditFinding } from './finding.js';

/** An entry whose leaf hash is not the one in the block's tile: either of the two was changed. */
export interface Mismatch {
  readonly position: number;
  readonly row: EntryRow;
  readonly leaf: Buffer;
  readonly details: string | null;
  readonly neighbourTime: number;
  /** What else was found at this position, true only if the entry is the one that was sealed. */
  readonly others: readonly AuditFinding[];
}

/** Names the entry, and its one changed column where a search for that is wanted and finds it. */
export function changedEntry(mismatch: Mismatch, search: boolean): AuditFinding {
  const { position, row, leaf, details, neighbourTime } = mismatch;
  const repair = search ? changedColumn(row, leaf, details, neighbourTime) : null;
  const what = repair === null ? 'The entry' : `The ${repair.column} of the entry`;
  const message = `${what} at position ${position} is not the one that was sealed.`;
  return finding('entry', { position }, repair?.column ?? null, 'leaf_mismatch', message, {
    expected: show(repair?.value ?? leaf),
    found: show(repair === null ? nodeSha256(readRow(row).leaf) : row[repair.column as keyof EntryRow]),
  });
}
