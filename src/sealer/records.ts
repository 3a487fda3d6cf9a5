import { nodeSha256 } from '../crypto/primitives.js';
import { MapPageError, updateMap } from '../merkle/map-pages.js';
import {
  entryLeafHash,
  equal,
  fromHex,
  HASH_LENGTH,
  isObject,
  type JsonObject,
  KIND_EVENT,
  parseStrictJson,
  ProofError,
  toHex,
  utf8,
} from '../proof/index.js';
import { changesDigest, encodeChanges, NO_CHANGES } from '../proof/records/changes.js';
import { EMPTY_MAP, type MapState, nowBehind } from '../proof/records/map-step.js';
import { partiesOf, watches } from '../proof/records/rules.js';
import type { RecordState } from '../proof/records/state.js';
import { parseStatement } from '../proof/time/state.js';
import type { KeptEntry, RecordCommit, SealingState, Store } from '../store/index.js';
import { type BlockEvent, BlockRecords, type HeldRecord, type RecordSource } from './block-records.js';
import { SealProblem } from './log.js';

/** The block that is being made. */
export interface UnsealedBlock {
  /** Of the log. */
  readonly origin: string;
  readonly height: number;
  readonly sealedAt: number;
  readonly firstPosition: number;
  readonly entries: readonly KeptEntry[];
}

export interface SealedRecords {
  /** For the block's state statement. */
  readonly map: MapState;
  /** null: the block has no events, and nothing is due. */
  readonly commit: RecordCommit | null;
}

/** Events whose notes and bodies are read at once: a hundred megabytes at most. */
const EVENTS_AT_ONCE = 256;

/**
 * What the events of a block make of records, and the map after it. Reads nothing when the block has no events and no
 * record waits for its time or its documents: `waiting` tells that.
 * @throws {SealProblem} inconsistent: an event is not as it was accepted, or the map is not complete
 * @throws {StoreError}
 */
export async function sealRecords(
  store: Store,
  waiting: SealingState,
  block: UnsealedBlock,
): Promise<SealedRecords> {
  const before = mapOf(waiting.tipStatement);
  const named = nowBehind(before, waiting.tip?.sealedAt ?? 0);
  const map = { ...before, changes: NO_CHANGES, full: false, now: named };
  const { height, sealedAt, firstPosition: first, entries } = block;
  const end = first + entries.length;
  const now = named ?? sealedAt;
  const isDue = waiting.recordsDueAt !== null && waiting.recordsDueAt <= now;
  const events = entries.filter(({ kind }) => kind === KIND_EVENT);
  if (events.length === 0 && !isDue && !waiting.recordsWaitForDocuments) return { map, commit: null };
  const due = isDue ? (await store.recordsDue(now)).map(toHex) : [];
  const woken = waiting.recordsWaitForDocuments ? await store.recordsWaitingForDocuments(first, end) : [];
  if (events.length + due.length + woken.length === 0) return { map, commit: null };
  const records = new BlockRecords({ ...block, now }, sourceOf(store, end));
  const sealed: RecordCommit['events'][number][] = [];
  for (let at = 0; at < events.length; at += EVENTS_AT_ONCE) {
    const part = await readEvents(store, events.slice(at, at + EVENTS_AT_ONCE), first);
    await records.prepare(part);
    for (const event of part) sealed.push({ position: first + event.index, void: await records.add(event) });
  }
  const left = await records.settle([...due, ...woken.map(toHex)]);
  const leaves = [...records.changed].map(([id, { value }]) => ({ key: fromHex(id, HASH_LENGTH), value }));
  const changes = encodeChanges(records.changes);
  const updated = await changeMap(store, map.root, height - 1, leaves);
  return {
    map: {
      ...map,
      full: records.isFull,
      changes: changesDigest(changes, nodeSha256),
      records: map.records + updated.added,
      root: updated.root,
    },
    commit: {
      events: sealed,
      automatic: records.automatic,
      records: [...records.changed].map(([id, record]) => rowOf(id, record, now)),
      woken: due.filter((id) => !left.has(id)).map(bytesOf),
      left: leftOf(left, due, records.changed).map(bytesOf),
      now,
      pages: updated.pages,
      changes,
    },
  };
}

/** The map after the block with this statement. @param statement null: the block has none */
function mapOf(statement: string | null): MapState {
  return statement === null ? EMPTY_MAP : parseStatement(statement).map;
}

const bytesOf = (id: string) => fromHex(id, HASH_LENGTH);

/** Of the records that a full block has left: those that wait for no time that has come, unless they are rewritten. */
function leftOf(
  left: ReadonlySet<string>,
  due: readonly string[],
  changed: ReadonlyMap<string, HeldRecord>,
): string[] {
  const waiting = new Set(due);
  return [...left].filter((id) => !waiting.has(id) || changed.has(id));
}

/** @throws {SealProblem} inconsistent */
async function changeMap(
  store: Store,
  root: Uint8Array,
  height: number,
  leaves: readonly { readonly key: Uint8Array; readonly value: Uint8Array }[],
) {
  try {
    return await updateMap((prefixes) => store.mapPages(prefixes, height), root, leaves);
  } catch (error) {
    if (!(error instanceof MapPageError)) throw error;
    throw new SealProblem('inconsistent', `${error.message}; run "ingam audit"`, { cause: error });
  }
}

/** Rules run against what the database has, which is as of the latest block. */
function sourceOf(store: Store, end: number): RecordSource {
  const bytes = (ids: readonly string[]) => ids.map(bytesOf);
  return {
    records: async (ids) =>
      new Map(
        (await store.sealedRecords(bytes(ids))).map(({ id, sequence, value, state }) => [
          toHex(id),
          { state: JSON.parse(state) as RecordState, sequence, value },
        ]),
      ),
    notarized: async (digests) => new Set((await store.notarizedDocuments(bytes(digests), end)).map(toHex)),
    waitingFor: async (ids) => (await store.recordsWaitingFor(bytes(ids))).map(toHex),
  };
}

/** @throws {SealProblem} inconsistent: it is not what was accepted */
async function readEvents(store: Store, entries: readonly KeptEntry[], first: number): Promise<BlockEvent[]> {
  const [from, to] = [entries[0]?.position ?? 0, entries.at(-1)?.position ?? 0];
  const stored = new Map((await store.waitingEvents(from, to + 1)).map((event) => [event.position, event]));
  return entries.map((entry) => {
    const event = stored.get(entry.position);
    const digest = event === undefined ? null : nodeSha256(utf8(event.note));
    const body = event?.body === undefined || event.body === null ? null : bodyOf(event.body);
    if (event === undefined || digest === null || !equal(digest, entry.digest) || body === null) {
      const message = `the event at position ${entry.position} is not stored as it was accepted; run "ingam audit"`;
      throw new SealProblem('inconsistent', message);
    }
    return {
      index: entry.position - first,
      leaf: entryLeafHash(entry, nodeSha256),
      ...{ digest, note: event.note, body },
    };
  });
}

/** Whether it is the body that the note names is checked with the event. */
function bodyOf(json: string): JsonObject | null {
  try {
    const body = parseStrictJson(json);
    return isObject(body) ? body : null;
  } catch (error) {
    if (error instanceof ProofError) return null;
    throw error;
  }
}

function rowOf(
  id: string,
  { state, sequence, value }: HeldRecord,
  now: number,
): RecordCommit['records'][number] {
  const { times, digests, records } = watches(state, now);
  return {
    id: bytesOf(id),
    ...{ sequence, value, kind: state.kind, status: state.status, holder: state.holder },
    parties: partiesOf(state),
    state: JSON.stringify(state),
    watches: {
      times,
      digests: digests.map(bytesOf),
      records: records.map(bytesOf),
    },
  };
}
