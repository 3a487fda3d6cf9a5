import type { JsonObject } from '../proof/index.js';
import { insertEvent } from './auth/events.js';
import type { NewAccessEvent } from './auth/model.js';
import { KEYED } from './keyed.js';
import type { PrismaAccess, Transaction } from './prisma-client.js';
import { lexemesOf, sameTag, tagsOf } from './register-words.js';

/** Tags that an organization gives to its notarizations after they were accepted. They are not notarized. */
export interface TagStore {
  /**
   * Adds and removes tags, all of it or nothing, together with `event`. Tags are the same in upper and lower case; one that
   * the details have already is not added. What was erased is left out.
   * @returns how many notarizations were changed, 0: and no event is written; `too_many`: nothing is written, one would
   *   have more than 64
   */
  changeTags(change: TagChange, event: NewAccessEvent): Promise<number | 'too_many'>;
}

export interface TagChange {
  /** The organization's number. */
  readonly organization: number;
  readonly at: number;
  /** Person id. */
  readonly by: string;
  readonly add: readonly string[];
  readonly remove: readonly string[];
  /** Notarizations of the organization, with their details: the register finds them by both. */
  readonly documents: readonly { readonly position: number; readonly details: JsonObject | null }[];
}

/** Most added tags of one notarization. */
export const MAX_ADDED_TAGS = 64;

interface Changed {
  readonly position: number;
  /** Its details are under a data key. */
  readonly keyed: boolean;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly words: readonly string[];
}

export function changeTags(
  prisma: PrismaAccess,
  change: TagChange,
  event: NewAccessEvent,
): Promise<number | 'too_many'> {
  return prisma.transaction('changing tags', async (tx) => {
    const now = await tagsNow(
      tx,
      change.documents.map(({ position }) => position),
    );
    const changed: Changed[] = [];
    for (const { position, details } of change.documents) {
      const found = now.get(position);
      if (found === undefined) continue;
      const { tags: before, keyed } = found;
      const has = (tags: readonly string[], tag: string) => tags.some((each) => sameTag(each, tag));
      const removed = before.filter((tag) => has(change.remove, tag));
      const kept = before.filter((tag) => !has(change.remove, tag));
      const added: string[] = [];
      for (const tag of change.add) {
        if (!has([...tagsOf(details ?? {}), ...kept, ...added], tag)) added.push(tag);
      }
      if (kept.length + added.length > MAX_ADDED_TAGS) return 'too_many';
      if (added.length + removed.length === 0) continue;
      const words = lexemesOf(change.organization, details ?? {}, [...kept, ...added]);
      changed.push({ position, keyed, added, removed, words });
    }
    if (changed.length === 0) return 0;
    await write(tx, changed, change);
    await insertEvent(tx, { ...event, detail: { ...event.detail, notarizations: changed.length } });
    return changed.length;
  });
}

/** The added tags of those that are not erased. The locks make an erasure, or another change of tags, wait. */
async function tagsNow(
  tx: Transaction,
  positions: readonly number[],
): Promise<Map<number, { readonly tags: string[]; readonly keyed: boolean }>> {
  const kept = await tx.$queryRaw<{ position: bigint; keyed: boolean }[]>`
    SELECT position, kind = ${KEYED}::smallint AS keyed FROM entry
    WHERE position = ANY (${positions.map(BigInt)}::bigint[]) AND digest IS NOT NULL
    ORDER BY position FOR UPDATE`;
  const tags = new Map(
    kept.map(({ position, keyed }) => [Number(position), { tags: [] as string[], keyed }] as const),
  );
  const rows = await tx.$queryRaw<{ position: bigint; tag: string }[]>`
    SELECT position, tag FROM notarization_tag WHERE position = ANY (${positions.map(BigInt)}::bigint[])`;
  for (const { position, tag } of rows) tags.get(Number(position))?.tags.push(tag);
  return tags;
}

async function write(tx: Transaction, changed: readonly Changed[], { at, by }: TagChange): Promise<void> {
  const pairs = (tagsIn: (each: Changed) => readonly string[]) => {
    const all = changed.flatMap((each) => tagsIn(each).map((tag) => [BigInt(each.position), tag] as const));
    return [all.map(([position]) => position), all.map(([, tag]) => tag)] as const;
  };
  const [fromPositions, removed] = pairs((each) => each.removed);
  await tx.$executeRaw`
    DELETE FROM notarization_tag USING unnest(${fromPositions}::bigint[], ${removed}::text[]) AS gone (position, tag)
    WHERE notarization_tag.position = gone.position AND notarization_tag.tag = gone.tag`;
  const [toPositions, added] = pairs((each) => each.added);
  await tx.$executeRaw`
    INSERT INTO notarization_tag (position, tag, added_at, added_by)
    SELECT position, tag, ${at}::bigint, ${by} FROM unnest(${toPositions}::bigint[], ${added}::text[]) AS made (position, tag)`;
  await writeWords(
    tx,
    'details_words',
    changed.filter(({ keyed }) => !keyed),
  );
  await writeWords(
    tx,
    'unlogged_words',
    changed.filter(({ keyed }) => keyed),
  );
}

async function writeWords(
  tx: Transaction,
  table: 'details_words' | 'unlogged_words',
  changed: readonly Changed[],
): Promise<void> {
  if (changed.length === 0) return;
  await tx.$executeRawUnsafe(
    `INSERT INTO ${table} (position, words)
    SELECT (item ->> 'position')::bigint, array_to_tsvector(ARRAY(SELECT jsonb_array_elements_text(item -> 'words')))
    FROM jsonb_array_elements($1::jsonb) AS item
    ON CONFLICT (position) DO UPDATE SET words = EXCLUDED.words`,
    JSON.stringify(changed.map(({ position, words }) => ({ position, words }))),
  );
  await tx.$executeRawUnsafe(
    `DELETE FROM ${table} WHERE position = ANY ($1::bigint[])`,
    changed.filter(({ words }) => words.length === 0).map(({ position }) => BigInt(position)),
  );
}
