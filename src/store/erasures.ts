import { insertEvent } from './auth/events.js';
import type { NewAccessEvent } from './auth/model.js';
import type { Connections } from './connections.js';
import { notErased } from './errors.js';
import { bytes, type PrismaAccess } from './prisma-client.js';
import { safe } from './rows.js';

/** An erasure that the service made, with the certificate that it gives of it. */
export interface StoredErasure {
  readonly position: number;
  /** Milliseconds since the Unix epoch. */
  readonly erasedAt: number;
  /** Person id. */
  readonly erasedBy: string;
  /** 4 bytes, which tell the former id from others (log/erasures.ts). */
  readonly idCheck: Uint8Array;
  /** SHA-256 of the note. */
  readonly digest: Uint8Array;
  /** The signed note. */
  readonly note: string;
}

/** Of which organization the notarization was; null: of none. */
export interface KnownErasure extends StoredErasure {
  readonly organization: {
    readonly id: string;
    readonly number: number;
  } | null;
}

export interface ErasureStore {
  /**
   * Erases a sealed notarization for good, as `EntryStore.erase`, and stores its certificate and the event of the
   * access log: all of it or nothing. false, and nothing is written: it was erased before.
   * @throws {StoreError} not_sealed, unknown_position, legal_hold, not_erasable; outcome_unknown: call it again
   */
  eraseNotarization(erasure: StoredErasure, event: NewAccessEvent): Promise<boolean>;

  /** null: not erased, or erased in the database itself, without a certificate. */
  erasure(position: number): Promise<KnownErasure | null>;

  /** Erasures whose certificate has not been notarized yet, at most `limit`. */
  unnotarizedErasures(limit: number): Promise<KnownErasure[]>;
}

export async function eraseNotarization(
  prisma: PrismaAccess,
  { position, erasedAt, erasedBy, idCheck, digest, note }: StoredErasure,
  event: NewAccessEvent,
): Promise<boolean> {
  try {
    return await prisma.transaction('erasing a notarization', async (tx) => {
      const [row] = await tx.$queryRaw<{ erased: boolean }[]>`
        SELECT erase_notarization(${position}::bigint) AS erased`;
      if (row?.erased !== true) return false;
      await tx.erasureCertificate.create({
        data: { position, erasedAt, erasedBy, idCheck: bytes(idCheck), digest: bytes(digest), note },
      });
      await insertEvent(tx, event);
      return true;
    });
  } catch (error) {
    throw notErased(error, 'erasing a notarization');
  }
}

interface ErasureRow {
  readonly position: string;
  readonly erased_at: string;
  readonly erased_by: string;
  readonly id_check: Uint8Array;
  readonly digest: Uint8Array;
  readonly note: string;
  readonly id: string | null;
  readonly number: number | null;
}

const ERASURES = `
SELECT erasure_certificate.*, organization.id, organization.number
FROM erasure_certificate
LEFT JOIN LATERAL (
  SELECT first_position, entry_count, organization_number FROM register_run
  WHERE first_position <= erasure_certificate.position ORDER BY first_position DESC LIMIT 1
) AS run ON erasure_certificate.position < run.first_position + run.entry_count
LEFT JOIN organization ON organization.number = run.organization_number`;

export async function erasure(connections: Connections, position: number): Promise<KnownErasure | null> {
  const [row] = await connections.read<ErasureRow>(`${ERASURES} WHERE erasure_certificate.position = $1`, [
    position,
  ]);
  return row === undefined ? null : toErasure(row);
}

export async function unnotarizedErasures(connections: Connections, limit: number): Promise<KnownErasure[]> {
  const rows = await connections.read<ErasureRow>(
    `${ERASURES} WHERE NOT EXISTS (SELECT FROM entry WHERE entry.digest = erasure_certificate.digest)
     ORDER BY erasure_certificate.position LIMIT $1`,
    [limit],
  );
  return rows.map(toErasure);
}

function toErasure(row: ErasureRow): KnownErasure {
  const { position, erased_at, erased_by: erasedBy, id_check, digest, note, id, number } = row;
  return {
    ...{ position: safe(position), erasedAt: safe(erased_at), erasedBy, idCheck: id_check, digest, note },
    organization: id === null || number === null ? null : { id, number },
  };
}
