import type { ErasureKeys } from '../crypto/erasure-keys.js';
import { insertEvent } from './auth/events.js';
import type { NewAccessEvent } from './auth/model.js';
import { hasDigest } from './digest-index.js';
import type { Connections } from './connections.js';
import { notErased } from './errors.js';
import { bytes, type PrismaAccess } from './prisma-client.js';
import { saltOf } from './keyed.js';
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

export interface KnownErasure extends StoredErasure {
  /** Of which organization the notarization was; null: of none. */
  readonly organization: {
    readonly id: string;
    readonly number: number;
  } | null;
  /** The first notarization of the certificate; null: there is none yet. A salt of null: its data key is missing. */
  readonly certificate: { readonly position: number; readonly salt: Uint8Array | null } | null;
}

export interface ErasureQuery {
  /** The organization's number; null: those of anonymous notarizations. */
  readonly organization: number | null;
  readonly limit: number;
  /** Only those before the erasure at this position. */
  readonly before?: number;
}

export interface ErasureStore {
  /**
   * Erases a sealed notarization for good, as `EntryStore.erase`, and stores its certificate and the event of the
   * access log: all of it or nothing. false, and nothing is written: it was erased before.
   * @throws {StoreError} not_sealed, unknown_position, legal_hold, not_erasable; outcome_unknown: call it again
   */
  eraseNotarization(erasure: StoredErasure, event: NewAccessEvent): Promise<boolean>;

  /**
   * Replaces a certificate that is not notarized yet by one with more signatures. false: it is notarized, or was
   * replaced by another process.
   * @throws {StoreError} outcome_unknown: read it
   */
  countersignErasure(
    before: Pick<StoredErasure, 'position' | 'digest'>,
    after: Pick<StoredErasure, 'digest' | 'note'>,
  ): Promise<boolean>;

  /** null: not erased, or erased in the database itself, without a certificate. */
  erasure(position: number): Promise<KnownErasure | null>;

  /** The erasures of what was an organization's, the latest first. */
  erasures(query: ErasureQuery): Promise<KnownErasure[]>;

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
      const [run] = await tx.$queryRaw<{ number: number | null }[]>`
        SELECT CASE WHEN ${position}::bigint < first_position + entry_count THEN organization_number END AS number
        FROM register_run WHERE first_position <= ${position}::bigint ORDER BY first_position DESC LIMIT 1`;
      const organizationNumber = run?.number ?? null;
      await tx.erasureCertificate.create({
        data: {
          ...{ position, erasedAt, organizationNumber, erasedBy },
          ...{ idCheck: bytes(idCheck), digest: bytes(digest), note },
        },
      });
      await insertEvent(tx, event);
      return true;
    });
  } catch (error) {
    throw notErased(error, 'erasing a notarization');
  }
}

/** $1: the position, $2: the digest, $3, $4: the new digest and note. */
const COUNTERSIGN = `
UPDATE erasure_certificate SET digest = $3, note = $4
WHERE position = $1::bigint AND digest = $2 AND NOT EXISTS (SELECT FROM entry WHERE ${hasDigest('$2')})`;

export function countersignErasure(
  prisma: PrismaAccess,
  { position, digest }: Pick<StoredErasure, 'position' | 'digest'>,
  after: Pick<StoredErasure, 'digest' | 'note'>,
): Promise<boolean> {
  return prisma.transaction('signing the certificate of an erasure', async (tx) => {
    const changed = await tx.$executeRawUnsafe(
      COUNTERSIGN,
      ...[position, bytes(digest), bytes(after.digest), after.note],
    );
    return changed === 1;
  });
}

interface ErasureRow {
  readonly position: string;
  readonly erased_at: string;
  readonly erased_by: string;
  readonly id_check: Uint8Array;
  readonly digest: Uint8Array;
  readonly note: string;
  readonly organization_number: number | null;
  readonly id: string | null;
  readonly notarized_at: string | null;
  readonly kind: number;
  readonly salt: Uint8Array | null;
}

const ERASURES = `
SELECT erasure_certificate.*, organization.id, own.position AS notarized_at, own.kind, own.salt
FROM erasure_certificate
LEFT JOIN organization ON organization.number = erasure_certificate.organization_number
LEFT JOIN LATERAL (
  SELECT position, kind, salt FROM entry WHERE ${hasDigest('erasure_certificate.digest')} ORDER BY position + 0 LIMIT 1
) AS own ON true`;

export async function erasure(connections: Connections, position: number): Promise<KnownErasure | null> {
  const [row] = await connections.read<ErasureRow>(`${ERASURES} WHERE erasure_certificate.position = $1`, [
    position,
  ]);
  return row === undefined ? null : toErasure(row, connections.keys);
}

/** The index of the organization's erasures gives them in this order. */
export async function erasures(
  connections: Connections,
  { organization, limit, before }: ErasureQuery,
): Promise<KnownErasure[]> {
  const rows = await connections.read<ErasureRow>(
    `${ERASURES} WHERE ${organization === null ? '$1::integer IS NULL AND organization_number IS NULL' : 'organization_number = $1'}
       AND ($2::bigint IS NULL OR (erased_at, erasure_certificate.position) < (
         SELECT erased_at, position FROM erasure_certificate AS last WHERE last.position = $2
       ))
     ORDER BY erased_at DESC, erasure_certificate.position DESC LIMIT $3`,
    [organization, before ?? null, limit],
  );
  return rows.map((row) => toErasure(row, connections.keys));
}

export async function unnotarizedErasures(connections: Connections, limit: number): Promise<KnownErasure[]> {
  const rows = await connections.read<ErasureRow>(
    `${ERASURES} WHERE own.position IS NULL
     ORDER BY erasure_certificate.position LIMIT $1`,
    [limit],
  );
  return rows.map((row) => toErasure(row, connections.keys));
}

function toErasure(row: ErasureRow, keys: ErasureKeys | null): KnownErasure {
  const { position, erased_at, erased_by: erasedBy, id_check, digest, note, id, notarized_at, kind } = row;
  const salt = row.salt === null ? null : saltOf(kind, row.salt, keys);
  const number = row.organization_number;
  return {
    ...{ position: safe(position), erasedAt: safe(erased_at), erasedBy, idCheck: id_check, digest, note },
    organization: id === null || number === null ? null : { id, number },
    certificate: notarized_at === null ? null : { position: safe(notarized_at), salt },
  };
}
