import { toHex } from '../proof/index.js';
import { hasDigest } from './digest-index.js';
import type { Connections } from './connections.js';
import { bytes, type PrismaAccess, type Transaction } from './prisma-client.js';
import { safe } from './rows.js';

/** The key of an object of the vault, as it is stored. */
export interface StoredVaultKey {
  /** Base64, or encrypted under the data key that `reference` names. */
  readonly wrapped: string;
  /** The key of the vault that wraps it. */
  readonly by: string;
  /** 16 bytes; null: it is under no data key. */
  readonly reference: Uint8Array | null;
}

/** A kept document. */
export interface VaultObject {
  /** Of the object, 16 bytes. */
  readonly id: Uint8Array;
  /** The organization's number. */
  readonly organization: number;
  /** Of the document, in bytes. */
  readonly size: number;
  /** Of the document, by a notarization that the object is kept for. */
  readonly sha256: Uint8Array;
  readonly key: StoredVaultKey;
}

/** What the database has for the vault: which documents are kept, and their keys. Times are milliseconds since 1970. */
export interface VaultStore {
  /** Bytes of all documents that the vault keeps for an organization. @param organization its number */
  vaultUse(organization: number): Promise<number>;

  /** Adds the row of an object that is going to be written. @param id 16 random bytes */
  beginVaultObject(id: Uint8Array, organization: number, now: number): Promise<void>;

  /** Says that the object is still being written. */
  touchVaultObject(id: Uint8Array, now: number): Promise<void>;

  /**
   * Completes the row of an object that was written.
   * @param quota most bytes of all documents of the organization; null: no limit
   * @returns `full`, and nothing is written, when the quota does not leave so much; `gone`: the row was removed
   */
  finishVaultObject(
    object: Pick<VaultObject, 'id' | 'organization' | 'size' | 'key'>,
    quota: number | null,
    now: number,
  ): Promise<'done' | 'full' | 'gone'>;

  /**
   * Keeps objects for notarizations of the organization. When the organization has another object with the same
   * document, that one is kept, and this one is removed. What was erased meanwhile is left out. Idempotent.
   * @param quota most bytes of all kept documents of the organization; null: no limit
   * @returns `full` or `gone` (an object was removed meanwhile), and nothing is written
   */
  keepDocuments(
    documents: readonly { readonly position: number; readonly object: Uint8Array }[],
    organization: number,
    quota: number | null,
  ): Promise<'done' | 'full' | 'gone'>;

  /** null: the document is not kept. */
  keptDocument(position: number): Promise<VaultObject | null>;

  /**
   * A document that the organization keeps which has submitted the current terms of a contract, if they name it; null:
   * it does not keep it, or whoever has submitted them may not read.
   */
  keptForRecord(record: Uint8Array, sha256: Uint8Array): Promise<(VaultObject & { position: number }) | null>;

  /**
   * What an organization keeps with this digest; null: nothing, or the one who shows it may not read.
   * @param organization its number
   * @param by who shows it: `key:<id>` or `person:<id>`
   */
  keptByDigest(organization: number, sha256: Uint8Array, by: string): Promise<VaultObject | null>;

  /**
   * Kept documents, at most `limit`, behind `after`.
   * @param notBy only those whose keys another key of the vault than this wraps; null: all
   */
  keptObjects(notBy: string | null, after: Uint8Array | null, limit: number): Promise<VaultObject[]>;

  /** Replaces the key of an object. false: it was replaced or destroyed meanwhile. */
  replaceVaultKey(id: Uint8Array, before: StoredVaultKey, after: StoredVaultKey): Promise<boolean>;

  /** By which keys of the vault the keys of documents are wrapped. */
  vaultKeys(): Promise<string[]>;

  /** Destroys the key of an object that is kept for no notarization, and has its bytes removed. Idempotent. */
  dropVaultObject(id: Uint8Array): Promise<void>;

  /** The same for those that have shown no sign of life since `before`, at most `limit`. @returns how many */
  dropAbandonedObjects(before: number, limit: number): Promise<number>;

  /** Objects that the storage is to remove, at most `limit`, behind `after`. */
  vaultRemovals(after: Uint8Array | null, limit: number): Promise<Uint8Array[]>;

  /** The storage has removed these. */
  forgetVaultObjects(ids: readonly Uint8Array[]): Promise<void>;
}

export async function vaultUse(connections: Connections, organization: number): Promise<number> {
  const [row] = await connections.read<{ used: string }>(
    'SELECT COALESCE(sum(size), 0)::bigint AS used FROM vault_object WHERE organization_number = $1',
    [organization],
  );
  return row === undefined ? 0 : safe(row.used);
}

export function beginVaultObject(
  prisma: PrismaAccess,
  id: Uint8Array,
  organization: number,
  now: number,
): Promise<void> {
  return prisma.transaction('beginning to keep a document', async (tx) => {
    await tx.vaultObject.create({
      data: { id: bytes(id), organizationNumber: organization, touchedAt: now },
    });
  });
}

export function touchVaultObject(prisma: PrismaAccess, id: Uint8Array, now: number): Promise<void> {
  return prisma.transaction('keeping a document', async (tx) => {
    await tx.vaultObject.updateMany({ where: { id: bytes(id) }, data: { touchedAt: now } });
  });
}

export function finishVaultObject(
  prisma: PrismaAccess,
  { id, organization, size, key }: Pick<VaultObject, 'id' | 'organization' | 'size' | 'key'>,
  quota: number | null,
  now: number,
): Promise<'done' | 'full' | 'gone'> {
  return prisma.transaction('completing a kept document', async (tx) => {
    await lockQuota(tx, organization);
    const [row] = await tx.$queryRaw<{ used: bigint }[]>`
      SELECT COALESCE(sum(size), 0)::bigint AS used FROM vault_object
      WHERE organization_number = ${organization}::integer`;
    if (quota !== null && Number(row?.used ?? 0n) + size > quota) return 'full';
    const { count } = await tx.vaultObject.updateMany({
      where: { id: bytes(id), size: null },
      data: { size, touchedAt: now, ...keyColumns(key) },
    });
    return count === 1 ? 'done' : 'gone';
  });
}

function keyColumns({ wrapped, by, reference }: StoredVaultKey) {
  return {
    wrappedKey: wrapped,
    wrappedBy: by,
    keyReference: reference === null ? null : bytes(reference),
  };
}

export async function keepDocuments(
  prisma: PrismaAccess,
  documents: readonly { readonly position: number; readonly object: Uint8Array }[],
  organization: number,
  quota: number | null,
): Promise<'done' | 'full' | 'gone'> {
  try {
    return await prisma.transaction('keeping documents', async (tx) => {
      await lockQuota(tx, organization);
      // In one order, so that two requests do not wait for each other.
      const ordered = documents.toSorted((a, b) => a.position - b.position);
      let found = 0;
      for (const { object } of ordered) {
        const rows = await tx.$queryRaw<unknown[]>`
          SELECT id FROM vault_object WHERE id = ${bytes(object)} FOR UPDATE`;
        found += rows.length;
      }
      if (found < ordered.length && !(await areKept(tx, ordered))) return 'gone';
      for (const { position, object } of ordered) await keep(tx, position, object, organization);
      const [kept] = await tx.$queryRaw<{ used: bigint }[]>`
        SELECT COALESCE(sum(size), 0)::bigint AS used FROM vault_object
        WHERE organization_number = ${organization}::integer
          AND EXISTS (SELECT FROM kept_document WHERE kept_document.object = vault_object.id)`;
      if (quota !== null && Number(kept?.used ?? 0n) > quota) throw new QuotaExceeded();
      return 'done';
    });
  } catch (error) {
    if (error instanceof Error && error.cause instanceof QuotaExceeded) return 'full';
    throw error;
  }
}

/** Takes back what its transaction has written. */
class QuotaExceeded extends Error {}

/** One after the other: together they must not exceed the quota. */
async function lockQuota(tx: Transaction, organization: number): Promise<void> {
  await tx.$queryRaw`SELECT number FROM organization WHERE number = ${organization}::integer FOR UPDATE`;
}

/** By an earlier call, which dropped an object because there was another one. */
async function areKept(
  tx: Transaction,
  documents: readonly { readonly position: number }[],
): Promise<boolean> {
  const kept = await tx.keptDocument.count({
    where: { position: { in: documents.map(({ position }) => position) } },
  });
  return kept === documents.length;
}

/** $1: the digest, $2: the number of the organization that keeps it. */
const SAME_DOCUMENT = `
SELECT vault_object.id FROM entry
JOIN kept_document ON kept_document.position = entry.position
JOIN vault_object ON vault_object.id = kept_document.object
WHERE ${hasDigest('$1')} AND vault_object.organization_number = $2::integer
LIMIT 1 FOR SHARE OF vault_object`;

async function keep(
  tx: Transaction,
  position: number,
  object: Uint8Array,
  organization: number,
): Promise<void> {
  // Makes an erasure wait, or waits for it.
  const [entry] = await tx.$queryRaw<{ digest: Uint8Array }[]>`
    SELECT digest FROM entry WHERE position = ${position}::bigint AND digest IS NOT NULL FOR UPDATE`;
  const kept = await tx.keptDocument.count({ where: { position } });
  if (entry !== undefined && kept === 0) {
    const [same] = await tx.$queryRawUnsafe<{ id: Uint8Array }[]>(
      SAME_DOCUMENT,
      ...[bytes(entry.digest), organization],
    );
    await tx.keptDocument.create({ data: { position, object: bytes(same?.id ?? object) } });
  }
  // Unless it is the one that is kept.
  await tx.$queryRaw`SELECT remove_vault_object(${bytes(object)})`;
}

interface ObjectRow {
  readonly id: Uint8Array;
  readonly organization_number: number;
  readonly size: string;
  readonly digest: Uint8Array;
  readonly wrapped_key: string;
  readonly wrapped_by: string;
  readonly key_reference: Uint8Array | null;
}

const COLUMNS = `vault_object.id, vault_object.organization_number, vault_object.size, vault_object.wrapped_key,
  vault_object.wrapped_by, vault_object.key_reference, entry.digest`;

const KEPT = `FROM kept_document
JOIN vault_object ON vault_object.id = kept_document.object
JOIN entry ON entry.position = kept_document.position AND entry.digest IS NOT NULL`;

export async function keptDocument(connections: Connections, position: number): Promise<VaultObject | null> {
  const [row] = await connections.read<ObjectRow>(
    `SELECT ${COLUMNS} ${KEPT} WHERE kept_document.position = $1`,
    [position],
  );
  return row === undefined ? null : toObject(row);
}

/** Nobody shows to others what they may not read themselves: of API keys those with the scope. @param actor SQL */
const mayRead = (actor: string) => `(${actor} LIKE 'person:%' OR EXISTS (
  SELECT FROM api_key WHERE api_key.id = substring(${actor} FROM 'key:(.*)') AND 'read' = ANY (api_key.scopes)
))`;

/**
 * Of the organization that has submitted the terms which name the document. Whoever has signed can amend a contract:
 * another one must not get what an organization keeps by naming its digest in new terms.
 */
export async function keptForRecord(
  connections: Connections,
  record: Uint8Array,
  sha256: Uint8Array,
): Promise<(VaultObject & { position: number }) | null> {
  const [row] = await connections.read<ObjectRow & { position: string; terms: string }>(
    `SELECT ${COLUMNS}, kept_document.position, details.json AS terms FROM (
       SELECT event.position FROM event
       WHERE event.record = $1 AND event.type IN ('contract.propose', 'contract.amend')
         AND event.void IS NULL AND event.position IS NOT NULL
       ORDER BY event.sequence DESC LIMIT 1
     ) AS naming
     JOIN details ON details.position = naming.position
     JOIN LATERAL (
       SELECT * FROM register_run WHERE register_run.first_position <= naming.position
       ORDER BY register_run.first_position DESC LIMIT 1
     ) AS run ON naming.position < run.first_position + run.entry_count
     JOIN entry ON ${hasDigest('$2')}
     JOIN kept_document ON kept_document.position = entry.position
     JOIN vault_object
       ON vault_object.id = kept_document.object AND vault_object.organization_number = run.organization_number
     WHERE ${mayRead('run.submitted_by')}
     LIMIT 1`,
    [record, sha256],
  );
  if (row === undefined || !namesDocument(row.terms, sha256)) return null;
  return { ...toObject(row), position: safe(row.position) };
}

/** Newer terms, which wait for their block, may name another one. */
function namesDocument(terms: string, sha256: Uint8Array): boolean {
  const { document } = JSON.parse(terms) as { readonly document: { readonly sha256: string } };
  return document.sha256 === toHex(sha256);
}

export async function keptByDigest(
  connections: Connections,
  organization: number,
  sha256: Uint8Array,
  by: string,
): Promise<VaultObject | null> {
  const [row] = await connections.read<ObjectRow>(
    `SELECT ${COLUMNS} ${KEPT}
     WHERE ${hasDigest('$2')} AND vault_object.organization_number = $1 AND ${mayRead('$3::text')} LIMIT 1`,
    [organization, sha256, by],
  );
  return row === undefined ? null : toObject(row);
}

export async function keptObjects(
  connections: Connections,
  notBy: string | null,
  after: Uint8Array | null,
  limit: number,
): Promise<VaultObject[]> {
  const rows = await connections.read<ObjectRow>(
    `SELECT ${COLUMNS} FROM vault_object
     JOIN LATERAL (
       SELECT entry.digest FROM kept_document
       JOIN entry ON entry.position = kept_document.position AND entry.digest IS NOT NULL
       WHERE kept_document.object = vault_object.id LIMIT 1
     ) AS entry ON true
     WHERE ($1::text IS NULL OR vault_object.wrapped_by <> $1) AND ($2::bytea IS NULL OR vault_object.id > $2)
     ORDER BY vault_object.id LIMIT $3`,
    [notBy, after, limit],
  );
  return rows.map(toObject);
}

export function replaceVaultKey(
  prisma: PrismaAccess,
  id: Uint8Array,
  before: StoredVaultKey,
  after: StoredVaultKey,
): Promise<boolean> {
  return prisma.transaction('wrapping the key of a kept document', async (tx) => {
    const { count } = await tx.vaultObject.updateMany({
      where: { id: bytes(id), wrappedKey: before.wrapped },
      data: keyColumns(after),
    });
    if (count === 1 && before.reference !== null)
      await tx.keyDestruction.createMany({
        data: [{ reference: bytes(before.reference) }],
        skipDuplicates: true,
      });
    return count === 1;
  });
}

export async function vaultKeys(connections: Connections): Promise<string[]> {
  const rows = await connections.read<{ wrapped_by: string }>(
    'SELECT DISTINCT wrapped_by FROM vault_object WHERE wrapped_by IS NOT NULL ORDER BY wrapped_by',
  );
  return rows.map(({ wrapped_by: by }) => by);
}

export function dropVaultObject(prisma: PrismaAccess, id: Uint8Array): Promise<void> {
  return prisma.transaction('dropping a kept document', async (tx) => {
    await tx.$queryRaw`SELECT remove_vault_object(${bytes(id)})`;
    // Its row may be gone, and its bytes come later than their removal: from an upload that had stood still.
    await tx.$queryRaw`
      INSERT INTO vault_removal (id) SELECT ${bytes(id)}
      WHERE NOT EXISTS (SELECT FROM vault_object WHERE vault_object.id = ${bytes(id)}) ON CONFLICT DO NOTHING`;
  });
}

export function dropAbandonedObjects(prisma: PrismaAccess, before: number, limit: number): Promise<number> {
  return prisma.transaction('dropping abandoned documents', async (tx) => {
    const rows = await tx.$queryRaw<{ dropped: boolean }[]>`
      SELECT remove_vault_object(id) AS dropped FROM (
        SELECT id FROM vault_object WHERE touched_at < ${before}::bigint
          AND NOT EXISTS (SELECT FROM kept_document WHERE kept_document.object = vault_object.id)
        ORDER BY id LIMIT ${limit}::integer
      ) AS abandoned`;
    return rows.filter(({ dropped }) => dropped).length;
  });
}

export async function vaultRemovals(
  connections: Connections,
  after: Uint8Array | null,
  limit: number,
): Promise<Uint8Array[]> {
  const rows = await connections.read<{ id: Uint8Array }>(
    'SELECT id FROM vault_removal WHERE $1::bytea IS NULL OR id > $1 ORDER BY id LIMIT $2',
    [after, limit],
  );
  return rows.map(({ id }) => id);
}

export function forgetVaultObjects(prisma: PrismaAccess, ids: readonly Uint8Array[]): Promise<void> {
  return prisma.transaction('removing kept documents', async (tx) => {
    await tx.vaultRemoval.deleteMany({ where: { id: { in: ids.map(bytes) } } });
  });
}

function toObject(row: ObjectRow): VaultObject {
  return {
    ...{ id: row.id, organization: row.organization_number, size: safe(row.size), sha256: row.digest },
    key: { wrapped: row.wrapped_key, by: row.wrapped_by, reference: row.key_reference },
  };
}
