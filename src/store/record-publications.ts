import { insertEvent } from './auth/events.js';
import type { NewAccessEvent } from './auth/model.js';
import type { Connections } from './connections.js';
import type { PrismaAccess } from './prisma-client.js';
import { safe } from './rows.js';

/** The pages of works and items that everybody may see. */
export interface RecordPublicationStore {
  /** What the record’s holder has published; null: nothing, or it was withdrawn, or another holder came. */
  recordPublication(record: Uint8Array): Promise<StoredPublication | null>;

  /**
   * Publishes a record, together with `event`, in place of what was published before. Whether its holder has signed
   * the note is for the caller to check, here and whenever it is read.
   * @returns false: a note of this time or a later one was accepted before, and nothing is written
   */
  publishRecord(record: Uint8Array, publication: StoredPublication, event: NewAccessEvent): Promise<boolean>;

  /**
   * Withdraws what this organization has published (null: whoever has), together with `event`.
   * @returns false: it has published nothing that is still there
   */
  withdrawRecord(record: Uint8Array, organization: number | null, event: NewAccessEvent): Promise<boolean>;
}

export interface StoredPublication {
  /** The note that the holder has signed. */
  readonly note: string;
  /** The time in the note, in milliseconds since the Unix epoch. */
  readonly signedAt: number;
  /** Number of the organization of whoever has published it. */
  readonly organization: number;
}

export async function recordPublication(
  connections: Connections,
  record: Uint8Array,
): Promise<StoredPublication | null> {
  const [row] = await connections.prepared<{
    signed_at: string;
    organization_number: number;
    note: string;
  }>(
    'record_publication',
    'SELECT signed_at, organization_number, note FROM record_publication WHERE record = $1 AND note IS NOT NULL',
    [record],
  );
  if (row === undefined) return null;
  return { note: row.note, signedAt: safe(row.signed_at), organization: row.organization_number };
}

export function publishRecord(
  prisma: PrismaAccess,
  record: Uint8Array,
  { note, signedAt, organization }: StoredPublication,
  event: NewAccessEvent,
): Promise<boolean> {
  return prisma.transaction('publishing a record', async (tx) => {
    const count = await tx.$executeRaw`
      INSERT INTO record_publication (record, signed_at, organization_number, note)
      VALUES (${record}, ${signedAt}::bigint, ${organization}, ${note})
      ON CONFLICT (record) DO UPDATE
      SET signed_at = excluded.signed_at, organization_number = excluded.organization_number, note = excluded.note
      WHERE record_publication.signed_at < excluded.signed_at`;
    if (count === 1) await insertEvent(tx, event);
    return count === 1;
  });
}

export function withdrawRecord(
  prisma: PrismaAccess,
  record: Uint8Array,
  organization: number | null,
  event: NewAccessEvent,
): Promise<boolean> {
  return prisma.transaction('withdrawing a record', async (tx) => {
    const count = await tx.$executeRaw`
      UPDATE record_publication SET note = NULL
      WHERE record = ${record} AND note IS NOT NULL
        AND (${organization}::integer IS NULL OR organization_number = ${organization}::integer)`;
    if (count === 1) await insertEvent(tx, event);
    return count === 1;
  });
}
