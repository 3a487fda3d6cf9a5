import { Slices } from '../background/slices.js';
import { isObject, type JsonObject, parseStrictJson } from '../proof/index.js';
import { joinWords, wordsOf } from './accept.js';
import { int8Array, textArray } from './binary.js';
import { head } from './blocks.js';
import { ADVISORY_CLASS, type Connections, ERASURE_KEYS_LOCK } from './connections.js';
import { nothingWritten } from './errors.js';
import { KEYED } from './keyed.js';
import { bytes, type PrismaAccess } from './prisma-client.js';
import { lexemesOf } from './register-words.js';
import { safe } from './rows.js';

/** What the database has for data keys, which are not in it (`ErasureKeyFile`). */
export interface ErasureKeyStore {
  /**
   * Destroys the keys of what was erased. `destroy` makes that durable before it resolves; a crash in between only
   * makes it be called again. One process at a time.
   * @returns how many there were; none: `destroy` was not called
   */
  destroyErasureKeys(destroy: (references: readonly Uint8Array[]) => Promise<void>): Promise<number>;

  /** Runs `work` while no process destroys keys. */
  withErasureKeys(work: () => Promise<void>): Promise<void>;

  /** The trees of keys that entries refer to, in hex. */
  keyTrees(): Promise<string[]>;

  /** Remembers that entries refer to a tree from now on. Idempotent. @param id 8 bytes */
  useKeyTree(id: Uint8Array, now: number): Promise<void>;

  /**
   * Fills the table of the words of encrypted details again, if PostgreSQL has emptied it after a crash.
   * @param stopped true: it ends early, and the next call goes on
   * @returns of how many notarizations; null: the table was complete
   */
  restoreWords(stopped: () => boolean): Promise<number | null>;
}

export function destroyErasureKeys(
  prisma: PrismaAccess,
  destroy: (references: readonly Uint8Array[]) => Promise<void>,
): Promise<number> {
  return prisma.transaction('destroying data keys', async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${ADVISORY_CLASS}::integer, ${ERASURE_KEYS_LOCK}::integer)`;
    const due = (await tx.keyDestruction.findMany()).map(({ reference }) => reference);
    if (due.length === 0) return 0;
    await destroy(due);
    await tx.keyDestruction.deleteMany({ where: { reference: { in: due } } });
    return due.length;
  });
}

export function withErasureKeys(prisma: PrismaAccess, work: () => Promise<void>): Promise<void> {
  return prisma.transaction('changing data keys', async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${ADVISORY_CLASS}::integer, ${ERASURE_KEYS_LOCK}::integer)`;
    await work();
  });
}

export async function keyTrees(connections: Connections): Promise<string[]> {
  const rows = await connections.read<{ id: string }>(
    `SELECT encode(id, 'hex') AS id FROM key_tree ORDER BY since, id`,
  );
  return rows.map(({ id }) => id);
}

export async function useKeyTree(prisma: PrismaAccess, id: Uint8Array, now: number): Promise<void> {
  await prisma.transaction('adding a tree of data keys', async (tx) => {
    await tx.$executeRaw`
      INSERT INTO key_tree (id, since) VALUES (${bytes(id)}, ${now}::bigint) ON CONFLICT DO NOTHING`;
  });
}

/** Positions that are looked at together. */
const WINDOW = 2000;

interface WordlessRow {
  readonly position: string;
  readonly json: string | null;
  readonly tags: readonly string[];
  readonly organization_number: number;
}

/** Notarizations of organizations with a data key, with details or tags and without words, at the positions [$1, $2). */
const WORDLESS = `
SELECT found.position, details.json, run.organization_number,
  ARRAY(SELECT tag FROM notarization_tag WHERE notarization_tag.position = found.position) AS tags
FROM (
  SELECT position FROM details WHERE position >= $1 AND position < $2 AND left(json, 1) = '~'
  UNION SELECT notarization_tag.position FROM notarization_tag JOIN entry ON entry.position = notarization_tag.position
  WHERE notarization_tag.position >= $1 AND notarization_tag.position < $2 AND entry.kind = ${KEYED}
) AS found
LEFT JOIN details ON details.position = found.position
JOIN LATERAL (
  SELECT first_position, entry_count, organization_number FROM register_run
  WHERE first_position <= found.position ORDER BY first_position DESC LIMIT 1
) AS run ON found.position < run.first_position + run.entry_count
WHERE NOT EXISTS (SELECT FROM unlogged_words WHERE unlogged_words.position = found.position)`;

/** The lock makes a concurrent erasure wait, or waits for it: nothing erased gets words. */
const RESTORE = `
INSERT INTO unlogged_words (position, words)
SELECT entry.position, ${wordsOf('item.words')}
FROM unnest($1::bigint[], $2::text[]) AS item (position, words)
JOIN entry ON entry.position = item.position
WHERE entry.digest IS NOT NULL
FOR SHARE OF entry
ON CONFLICT DO NOTHING`;

const COMPLETE = -1;

export async function restoreWords(connections: Connections, stopped: () => boolean): Promise<number | null> {
  const { keys } = connections;
  if (keys === null) return null;
  const complete = await connections.read('SELECT FROM unlogged_words WHERE position = $1', [COMPLETE]);
  if (complete.length > 0) return null;
  const { nextPosition } = await head(connections);
  const slices = new Slices();
  let restored = 0;
  for (let first = 0; first < nextPosition; first += WINDOW) {
    if (stopped()) return restored;
    const found: { position: number; words: string }[] = [];
    for (const row of await connections.read<WordlessRow>(WORDLESS, [first, first + WINDOW])) {
      if (slices.isOver) await slices.next();
      const details = row.json === null ? {} : detailsIn(keys.open(row.json));
      const words = joinWords(lexemesOf(row.organization_number, details, row.tags));
      found.push({ position: safe(row.position), words });
    }
    await insert(connections, found);
    restored += found.length;
  }
  await insertComplete(connections);
  return restored;
}

/** None when their key is missing. */
function detailsIn(json: string | null): JsonObject {
  const details = json === null ? null : parseStrictJson(json);
  return details !== null && isObject(details) ? details : {};
}

async function insert(
  connections: Connections,
  rows: readonly { readonly position: number; readonly words: string }[],
): Promise<void> {
  if (rows.length === 0) return;
  await write(connections, RESTORE, [
    int8Array(rows.map(({ position }) => position)),
    textArray(rows.map(({ words }) => words)),
  ]);
}

const insertComplete = (connections: Connections): Promise<void> =>
  write(
    connections,
    `INSERT INTO unlogged_words (position, words) VALUES ($1, ''::tsvector) ON CONFLICT DO NOTHING`,
    [COMPLETE],
  );

async function write(connections: Connections, text: string, values: unknown[]): Promise<void> {
  await connections.write(
    (client) => client.query(text, values),
    (error) => nothingWritten(error, 'restoring the words of details'),
  );
}
