import { encodeEntry, type Entry } from '../proof/index.js';
import { CLOCK_TOLERANCE_MS, whyNothingAccepted } from './accept.js';
import type { Connections } from './connections.js';
import { StoreError, nothingWritten, sqlStateOf, UNIQUE_VIOLATION } from './errors.js';
import { safe } from './rows.js';
import { extentValues, holdsExtent } from './seen.js';

/** A statement of the log about the keys that sign it, which is an entry of its own chain. */
export interface StoredKeyStatement {
  /** 0 for the first. */
  readonly ordinal: number;
  readonly position: number;
  /** 114 bytes. */
  readonly entry: Uint8Array;
  /** The signed note. */
  readonly note: string;
}

export interface LogKeyStore {
  /** All of them, in the order of the chain; `height`: of the block that holds it, null while none does. */
  logKeyStatements(): Promise<readonly (StoredKeyStatement & { readonly height: number | null })[]>;

  /**
   * Accepts the entry and stores its receipt and the statement with it, all or nothing. false: there is a statement with this
   * ordinal already, nothing was written.
   * @throws {StoreError} clock_behind, rolled_back, unavailable, refused: nothing was written; outcome_unknown:
   *   read the statements
   */
  acceptKeyStatement(statement: {
    readonly ordinal: number;
    readonly entry: Entry;
    readonly note: string;
    /** The signed receipt over the entry. */
    readonly receipt: string;
  }): Promise<boolean>;

  /** Stores statements that are in blocks of a followed log. Idempotent. */
  storeKeyStatements(statements: readonly StoredKeyStatement[]): Promise<void>;
}

interface Row {
  readonly ordinal: number;
  readonly position: string;
  readonly entry: Uint8Array;
  readonly note: string;
  readonly height: string | null;
}

export async function logKeyStatements(
  connections: Connections,
): ReturnType<LogKeyStore['logKeyStatements']> {
  const rows = await connections.prepared<Row>(
    'log-key-statements',
    `SELECT statement.*, block.height
     FROM log_key_statement AS statement
     LEFT JOIN LATERAL (
       SELECT * FROM block WHERE first_position <= statement.position ORDER BY first_position DESC LIMIT 1
     ) AS block ON statement.position < block.first_position + block.entry_count
     ORDER BY statement.ordinal`,
    [],
  );
  return rows.map(({ position, height, ...row }) => ({
    ...row,
    position: safe(position),
    height: height === null ? null : safe(height),
  }));
}

/** Like `accept`, for one entry of no organization. */
const ACCEPT = `
WITH slot AS (
  UPDATE head
  SET next_position = next_position + 1, latest_time = GREATEST(latest_time, $1::bigint)
  WHERE latest_time <= $1::bigint + ${CLOCK_TOLERANCE_MS} AND ${holdsExtent('$10', '$11')}
  RETURNING next_position - 1 AS position
), accepted AS (
  INSERT INTO entry (position, accepted_at, size, kind, digest, salt, account_tag, details_digest)
  SELECT position, $1::bigint, $2::bigint, $3::smallint, $4::bytea, $5::bytea, NULL, NULL FROM slot
), receipted AS (
  INSERT INTO receipt (first_position, entry_count, note) SELECT position, 1, $9::text FROM slot
)
INSERT INTO log_key_statement (ordinal, position, entry, note)
SELECT $6::integer, position, $7::bytea, $8::text FROM slot`;

export async function acceptKeyStatement(
  connections: Connections,
  { ordinal, entry, note, receipt }: Parameters<LogKeyStore['acceptKeyStatement']>[0],
): Promise<boolean> {
  const { acceptedAt, size, kind, digest, salt } = entry;
  const seen = connections.seen.extent;
  const values = [
    ...[acceptedAt, size, kind, digest, salt, ordinal, encodeEntry(entry), note, receipt],
    ...extentValues(seen),
  ];
  try {
    const written = await connections.write(
      async (client) => (await client.query(ACCEPT, values)).rowCount,
      (error) =>
        sqlStateOf(error) === UNIQUE_VIOLATION
          ? new StoreError('refused', 'there is a statement with this ordinal already', { cause: error })
          : nothingWritten(error, 'accepting a key statement'),
    );
    if (written === 1) return true;
  } catch (error) {
    if (error instanceof StoreError && sqlStateOf(error.cause) === UNIQUE_VIOLATION) return false;
    throw error;
  }
  throw await whyNothingAccepted(connections, acceptedAt, seen);
}

export async function storeKeyStatements(
  connections: Connections,
  statements: readonly StoredKeyStatement[],
): Promise<void> {
  await connections.write(
    async (client) => {
      for (const { ordinal, position, entry, note } of statements) {
        await client.query(
          `INSERT INTO log_key_statement (ordinal, position, entry, note) VALUES ($1, $2, $3, $4)
           ON CONFLICT DO NOTHING`,
          [ordinal, position, entry, note],
        );
      }
    },
    (error) => nothingWritten(error, 'storing key statements'),
  );
}
