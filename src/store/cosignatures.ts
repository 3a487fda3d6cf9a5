import { byteaArray, textArray } from './binary.js';
import { type Connections, COSIGNED_CHANNEL } from './connections.js';
import { nothingWritten } from './errors.js';
import { safe } from './rows.js';
import type {
  CosignatureStore,
  StoredCheckpoint,
  StoredCosignature,
  StoredEvidence,
  CosignedCheckpoint,
  WitnessId,
} from './store.js';

export async function addCosignature(
  connections: Connections,
  { size, signedAt, witness, keyId, signature }: StoredCosignature,
): Promise<void> {
  await connections.write(
    (client) =>
      client.query(
        `WITH added AS (
           INSERT INTO cosignature (size, signed_at, witness, key_id, signature)
           VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING size
         )
         SELECT pg_notify($6, size::text) FROM added`,
        [size, signedAt, witness, keyId, signature, COSIGNED_CHANNEL],
      ),
    (error) => nothingWritten(error, 'storing a cosignature'),
  );
}

interface CosignatureRow {
  readonly size: string;
  readonly signed_at: string;
  readonly witness: string;
  readonly key_id: Uint8Array;
  readonly signature: Uint8Array;
}

export async function cosignatures(connections: Connections, size: number): Promise<StoredCosignature[]> {
  const rows = await connections.prepared<CosignatureRow>(
    'cosignatures',
    `SELECT size, signed_at, witness, key_id, signature FROM cosignature WHERE size = $1
     ORDER BY witness, key_id`,
    [size],
  );
  return rows.map(({ witness, signature, ...row }) => ({
    size: safe(row.size),
    signedAt: safe(row.signed_at),
    witness,
    keyId: row.key_id,
    signature,
  }));
}

/** One index lookup for each: max() over a group would read everything that a member has ever signed. */
export async function latestCosignedSizes(
  connections: Connections,
  witnesses: readonly WitnessId[],
): Promise<number[]> {
  const rows = await connections.read<{ size: string | null }>(
    `SELECT latest.size
     FROM unnest($1::text[], $2::bytea[]) WITH ORDINALITY AS key (witness, key_id, ordinal)
     LEFT JOIN LATERAL (
       SELECT size FROM cosignature
       WHERE cosignature.witness = key.witness AND cosignature.key_id = key.key_id
       ORDER BY size DESC LIMIT 1
     ) AS latest ON true
     ORDER BY key.ordinal`,
    [textArray(witnesses.map(({ witness }) => witness)), byteaArray(witnesses.map(({ keyId }) => keyId))],
  );
  return rows.map(({ size }) => (size === null ? 0 : safe(size)));
}

export async function cosignedSizes(
  connections: Connections,
  { above, upTo = Number.MAX_SAFE_INTEGER, minimum, limit }: Parameters<CosignatureStore['cosignedSizes']>[0],
): Promise<number[]> {
  const rows = await connections.read<{ size: string }>(
    `SELECT size FROM cosignature WHERE size > $1 AND size <= $4
     GROUP BY size HAVING count(*) >= $2 ORDER BY size DESC LIMIT $3`,
    [above, minimum, limit, upTo],
  );
  return rows.map(({ size }) => safe(size));
}

export async function cosignedCheckpoint(
  connections: Connections,
  origin: string,
): Promise<CosignedCheckpoint | null> {
  const [row] = await connections.prepared<Omit<CosignedCheckpoint, 'size'> & { readonly size: string }>(
    'cosigned_checkpoint',
    'SELECT origin, size, root, note, cosignature FROM witnessed WHERE origin = $1',
    [origin],
  );
  return row === undefined ? null : { ...row, size: safe(row.size) };
}

/**
 * One statement, hence one atomic step: of two that start from the same old size, the row lock lets one pass,
 * and the other sees the new size.
 */
export async function replaceCosignedCheckpoint(
  connections: Connections,
  { origin, size, root, note, cosignature }: CosignedCheckpoint,
  old: number,
): Promise<boolean> {
  const values = [origin, size, root, note, cosignature];
  const statement =
    old === 0
      ? `INSERT INTO witnessed (origin, size, root, note, cosignature) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (origin) DO UPDATE
         SET size = excluded.size, root = excluded.root, note = excluded.note, cosignature = excluded.cosignature
         WHERE witnessed.size = 0 AND $6::bigint = 0 RETURNING size`
      : `UPDATE witnessed SET size = $2, root = $3, note = $4, cosignature = $5
         WHERE origin = $1 AND size = $6::bigint RETURNING size`;
  const { rowCount } = await connections.write(
    (client) => client.query(statement, [...values, old]),
    (error) => nothingWritten(error, 'storing the cosigned checkpoint'),
  );
  return rowCount === 1;
}

export async function storeCheckpoint(
  connections: Connections,
  { size, root, note }: StoredCheckpoint,
): Promise<void> {
  await connections.write(
    (client) =>
      client.query(
        'INSERT INTO checkpoint (size, root, note) VALUES ($1, $2, $3) ON CONFLICT (size) DO NOTHING',
        [size, root, note],
      ),
    (error) => nothingWritten(error, 'storing a checkpoint'),
  );
}

export async function addEvidence(
  connections: Connections,
  { foundAt, digest, reason, document }: StoredEvidence,
): Promise<boolean> {
  const { rowCount } = await connections.write(
    (client) =>
      client.query(
        `INSERT INTO evidence (found_at, digest, reason, document) VALUES ($1, $2, $3, $4)
         ON CONFLICT (digest) DO NOTHING`,
        [foundAt, digest, reason, document],
      ),
    (error) => nothingWritten(error, 'storing evidence'),
  );
  return rowCount === 1;
}

export async function listEvidence(connections: Connections, limit: number): Promise<StoredEvidence[]> {
  const rows = await connections.read<Omit<StoredEvidence, 'foundAt'> & { readonly found_at: string }>(
    'SELECT found_at, digest, reason, document FROM evidence ORDER BY found_at DESC, digest LIMIT $1',
    [limit],
  );
  return rows.map(({ found_at: foundAt, ...row }) => ({ ...row, foundAt: safe(foundAt) }));
}
