import type pg from 'pg';
import type { Connections } from './connections.js';
import { safe } from './rows.js';

/** The signed receipt of a group of entries, stored until a block holds them. */
export interface StoredReceipt {
  readonly firstPosition: number;
  readonly entryCount: number;
  /** The signed note. */
  readonly note: string;
}

export interface ReceiptStore {
  /**
   * The receipts of the groups that begin at `from` or later, in the order of positions, at most `limit`.
   * Written with the entries by `accept`, and deleted with the block by `commitBlock`.
   */
  receipts(from: number, limit: number): Promise<StoredReceipt[]>;

  /**
   * The receipt of the group that holds `position`; null: there is none any more.
   * @throws {StoreError} unavailable also when a synchronous standby does not confirm it
   */
  receiptOf(position: number): Promise<StoredReceipt | null>;
}

interface Row {
  readonly first_position: string;
  readonly entry_count: number;
  readonly note: string;
}

export async function receipts(
  connections: Connections,
  from: number,
  limit: number,
): Promise<StoredReceipt[]> {
  const rows = await connections.prepared<Row>(
    'receipts',
    'SELECT first_position, entry_count, note FROM receipt WHERE first_position >= $1 ORDER BY first_position LIMIT $2',
    [from, limit],
  );
  return rows.map(toReceipt);
}

export async function receiptOf(connections: Connections, position: number): Promise<StoredReceipt | null> {
  const [row] = await connections.prepared<Row>(
    'receipt_of',
    `SELECT first_position, entry_count, note FROM receipt WHERE first_position <= $1
     ORDER BY first_position DESC LIMIT 1`,
    [position],
  );
  if (row === undefined) return null;
  const receipt = toReceipt(row);
  const end = receipt.firstPosition + receipt.entryCount;
  if (position >= end) return null;
  // A receipt says that the entries are accepted.
  await connections.requireConfirmed({ nextPosition: end });
  return receipt;
}

function toReceipt({ first_position, entry_count, note }: Row): StoredReceipt {
  return { firstPosition: safe(first_position), entryCount: entry_count, note };
}

/** Part of the transaction that commits the block of these positions. */
export async function dropReceipts(client: pg.ClientBase, first: number, count: number): Promise<void> {
  await client.query('DELETE FROM receipt WHERE first_position >= $1 AND first_position < $2', [
    first,
    first + count,
  ]);
}
