import { byteaArray, textArray } from './binary.js';
import { type Connections, COSIGNED_CHANNEL } from './connections.js';
import { nothingWritten } from './errors.js';
import { safe } from './rows.js';

/** The name and the four bytes of the key of a member, as C2SP's witness protocol has them. */
export interface WitnessId {
  readonly witness: string;
  readonly keyId: Uint8Array;
}

export interface StoredCosignature extends WitnessId {
  /** Size of the checkpoint. */
  readonly size: number;
  /** Seconds since the Unix epoch, as the member states it. */
  readonly signedAt: number;
  /** Ed25519, 64 bytes. */
  readonly signature: Uint8Array;
}

/** On the log's side: the members' cosignatures of its checkpoints. */
export interface CosignatureStore {
  /**
   * Stores a cosignature, and notifies every `onCosigned` listener when it is new. On disk when this
   * resolves. Idempotent: the first cosignature of a member for a checkpoint stays.
   */
  addCosignature(cosignature: StoredCosignature): Promise<void>;

  /** Those of the checkpoint of this size, in the order of names. */
  cosignatures(size: number): Promise<StoredCosignature[]>;

  /** The size of the largest checkpoint that each of them has cosigned, in the order given; 0: none. */
  latestCosignedSizes(witnesses: readonly WitnessId[]): Promise<number[]>;

  /**
   * Sizes above `above`, and not above `upTo`, whose checkpoints have at least `minimum` cosignatures,
   * largest first, at most `limit`.
   */
  cosignedSizes(range: {
    readonly above: number;
    readonly upTo?: number;
    readonly minimum: number;
    readonly limit: number;
  }): Promise<number[]>;
}

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
