import { sha256Into } from '../crypto/primitives.js';
import { HASH_LENGTH } from '../proof/index.js';
import { type ReceiptedGroup, RECEIPT_FAULTS, receiptFault, type ReceiptTrust } from '../sealer/index.js';
import type { ChainRows, ChainSnapshot } from '../store/index.js';
import { readRow } from './entry-row.js';
import { finding, type Findings } from './finding.js';
import { RowReader } from './row-reader.js';

/** Positions [from, to). */
interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Checks that every entry that no block holds yet is as the service accepted it, by the rule of the sealer: a
 * receipt of the service must cover it. No block can vouch for these entries.
 * @param unsealed their positions
 */
export async function checkReceipts(
  snapshot: ChainSnapshot,
  unsealed: Range,
  trust: ReceiptTrust,
  findings: Findings,
  onGroup: () => void,
): Promise<void> {
  const reader = await RowReader.open(snapshot, 'receipt', 512);
  let next = unsealed.from;
  for (let row = reader.row; row !== null; row = reader.row) {
    const from = Number(row.first_position);
    const to = from + row.entry_count;
    if (from < next || from >= unsealed.to) {
      const message = `The receipt from position ${from} on is not for entries that wait for a block.`;
      findings.add(finding('receipt', { first_position: from }, null, 'extra', message));
    } else {
      if (from > next) uncovered({ from: next, to: from }, 'no receipt is stored', findings);
      const fault = to > unsealed.to ? 'other_count' : await faultOf(snapshot, row, trust);
      next = Math.min(to, unsealed.to);
      if (fault !== null) uncovered({ from, to: next }, RECEIPT_FAULTS[fault], findings);
    }
    onGroup();
    await reader.next();
  }
  if (next < unsealed.to) {
    uncovered({ from: next, to: unsealed.to }, 'no receipt is stored', findings);
  }
}

async function faultOf(
  snapshot: ChainSnapshot,
  { first_position: first, entry_count: entryCount, note }: ChainRows['receipt'],
  trust: ReceiptTrust,
) {
  const leaves = Buffer.alloc(entryCount * HASH_LENGTH);
  const times = new Set<number>();
  let count = 0;
  for await (const page of snapshot.rows('entry', { from: first, to: first + BigInt(entryCount) })) {
    for (const row of page) {
      const read = readRow(row);
      // An entry that cannot be read is named by the check of the entries; its leaf stays zero here.
      if (!read.erased && count < entryCount) sha256Into(read.leaf, leaves, count * HASH_LENGTH);
      times.add(Number(row.accepted_at));
      count++;
    }
  }
  const [time] = times;
  const acceptedAt = times.size === 1 && time !== undefined ? time : null;
  const group: ReceiptedGroup = { firstPosition: Number(first), entryCount, note, acceptedAt };
  return receiptFault(group, leaves, trust);
}

function uncovered({ from, to }: Range, why: string, findings: Findings): void {
  const which =
    to - from === 1 ? `The entry at position ${from}` : `The entries at positions ${from} to ${to - 1}`;
  const message = `${which} cannot be sealed, because ${why}.`;
  findings.add(finding('entry', { position: from }, null, 'uncovered', message));
}
