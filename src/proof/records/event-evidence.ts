import { equal, fromBase64, toBase64, toHex, utf8 } from '../bytes.js';
import type { Json, JsonObject } from '../canonical-json.js';
import type { Checkpoint } from '../checkpoint.js';
import { entryLeafHash, KIND_EVENT } from '../entry.js';
import { detailsHash } from '../hash.js';
import type { Header } from '../header.js';
import { lookUp, type MapPath } from '../map.js';
import { memberReader } from '../members.js';
import type { Note } from '../note.js';
import { stateHash } from '../time/state.js';
import { checkBlock, checkTime, PORTABLE, type Primitives } from '../verify.js';
import { automaticLeaf } from './automatic.js';
import { changesDigest, nextValue, NO_VALUE, type SignedChange } from './changes.js';
import { canonicalBody, type Event, parseEvent, withBody } from './event.js';
import {
  type History,
  historyJson,
  historyOf,
  mapPathJson,
  mapPathOf,
  placedJson,
  placedOf,
  type SignedHistoryEvent,
} from './history-file.js';
import { verifyHistory } from './history.js';
import { verifyEventSignatures } from './keys.js';
import { readMap } from './map-evidence.js';
import { readChanges } from './map-step.js';
import { RecordRefusal, type RefusalCode } from './refusal.js';
import { apply, signersOf } from './rules.js';
import type { RecordState } from './state.js';

/**
 * What shows, beside the header of a block, that the block treats an event against the rules of records
 * (docs/members.md, "Evidence").
 */
export interface EventStep {
  /** The state statement of the block; null: its header says that it has none. */
  readonly statement: string | null;
  /** The block's change list; empty: it changes no record. */
  readonly changes: Uint8Array;
  /** In the block. */
  readonly event: SignedHistoryEvent;
  /**
   * As of the block or of the one before: of the event's record, unless the event begins it, and of the records that
   * the rules ask for. Each with a checkpoint that the log has signed.
   */
  readonly histories: readonly History[];
  /** That the map after the block has no such record; null: the event does not begin a record. */
  readonly absent: MapPath | null;
}

export interface EventFault {
  /** `dropped`: valid, and not applied. `applied`: applied, and not valid. */
  readonly fault: 'dropped' | 'applied';
  /** The id of the record, in hexadecimal. */
  readonly record: string;
  /** By which rule the event is refused; null: it is valid. */
  readonly refusal: RefusalCode | 'entry_kind_mismatch' | null;
}

/** Why nothing is shown; `sound`: the block does what the rules say. */
export interface NoFault {
  readonly nothing: string;
  readonly sound?: true;
  /** The history that is missing: of this record (its id, in hexadecimal), as of this block. */
  readonly needs?: { readonly record: string; readonly height: number };
}

export interface StepContext {
  /** Signed by the log, and has the block. */
  readonly checkpoint: Checkpoint;
  readonly block: Header;
  /** The checkpoint in a note that the log has signed; otherwise why it is none. */
  readonly signed: (note: Note) => Checkpoint | string;
  readonly primitives?: Primitives;
}

/**
 * What the block does against the rules of records.
 * @returns a fault, or in words why nothing is shown
 * @throws {ProofError} malformed_path, malformed_map_path
 */
export function eventStepFault(step: EventStep, context: StepContext): EventFault | NoFault {
  const { statement, changes: list, event } = step;
  const { block, primitives = PORTABLE } = context;
  if (event.height !== block.height) return { nothing: 'the event is in another block' };
  if (!equal(stateHash(statement), block.state)) return { nothing: 'the statement is not that of the block' };
  const map = readMap(statement);
  if (map === null) return { nothing: 'the statement is malformed, which evidence of the map shows' };
  if (!equal(changesDigest(list), map.changes))
    return { nothing: 'the change list is not the one that the statement names' };
  const changes = readChanges(list);
  if (changes === null) return { nothing: 'the change list is malformed, which evidence of the map shows' };
  const { index, path, entry } = event;
  const leaf = entryLeafHash(entry, primitives.sha256);
  const placed = [
    checkBlock({ header: block, index, path }, leaf, primitives.sha256),
    checkTime(entry, block),
  ];
  const fault = placed.find(({ outcome }) => outcome === 'failed');
  if (fault !== undefined) return { nothing: fault.message };
  const signed = changes.flatMap((change) => ('text' in change ? [] : [change]));
  const listed = signed.find((change) => change.index === index) ?? null;
  const record = toHex(listed?.key ?? new Uint8Array());
  if (entry.kind !== KIND_EVENT)
    return listed === null
      ? { nothing: 'a document was notarized, and no event' }
      : { fault: 'applied', record, refusal: 'entry_kind_mismatch' };
  const note = utf8(event.note);
  if (entry.size !== note.length || !equal(primitives.sha256(note), entry.digest))
    return { nothing: 'the entry is of another note' };
  try {
    const refused = judge(step, { ...context, primitives }, signed, listed);
    if (refused !== null) return refused;
  } catch (error) {
    if (!(error instanceof RecordRefusal)) throw error;
    if (listed === null)
      return { nothing: `the event is void by the rules (${error.code}): ${error.message}`, sound: true };
    return { fault: 'applied', record, refusal: error.code };
  }
  if (listed !== null) return { nothing: 'the event is valid, and was applied', sound: true };
  const { event: head } = parseEvent(event.note);
  const key = head.record ?? entry.digest;
  if (head.record === null && !isAbsent(map.root, key, step.absent, primitives))
    // Whoever notarizes the first event of a record again begins no record.
    return { nothing: 'it is not shown that the map after the block has no such record' };
  return { fault: 'dropped', record: toHex(key), refusal: null };
}

function isAbsent(root: Uint8Array, key: Uint8Array, path: MapPath | null, { sha256 }: Primitives): boolean {
  return path !== null && lookUp(root, key, path, sha256).state === 'absent';
}

/**
 * @returns null: the event is valid
 * @throws {RecordRefusal} it is not
 */
function judge(
  { event: shown, histories }: EventStep,
  context: StepContext & { readonly primitives: Primitives },
  changes: readonly SignedChange[],
  listed: SignedChange | null,
): NoFault | null {
  const { checkpoint, block, primitives } = context;
  const { note, event: head } = parseEvent(shown.note);
  const key = head.record ?? shown.entry.digest;
  if (head.origin !== checkpoint.origin) throw new RecordRefusal('wrong_log', 'the event is for another log');
  if (listed !== null && !equal(listed.key, key))
    throw new RecordRefusal('wrong_record', 'the event is for another record');
  const event = bodied(head, shown, primitives);
  if ('nothing' in event) return event;
  const before = changes.filter((change) => change.index < shown.index && equal(change.key, key)).at(-1);
  const states = new StatesBefore(histories, context, shown.index);
  if (states.fault !== null) return states.fault;
  const id = toHex(key);
  const own = states.of(id);
  if (before !== undefined && !equal(before.value, own?.value ?? NO_VALUE)) {
    if (!equal(before.value, event.before))
      return { nothing: 'another event of the record comes before it in the block', sound: true };
    return missingHistory(id, block.height);
  }
  if (head.record !== null && own === null) return missingHistory(id, block.height - 1);
  if (!equal(event.before, own?.value ?? NO_VALUE))
    throw new RecordRefusal('stale_value', 'the value before is another one');
  if (event.sequence !== (own?.sequence ?? -1) + 1)
    throw new RecordRefusal('wrong_sequence', 'the event is not the next one');
  const missing: string[] = [];
  try {
    verifyEventSignatures(note, signersOf(own?.state ?? null, event), primitives);
    apply(own?.state ?? null, event, {
      ...{ id, height: block.height, sealedAt: block.sealedAt },
      record: (other) => {
        const found = states.ofOther(other);
        if (found === null) missing.push(other);
        return found;
      },
    });
  } catch (error) {
    if (missing.length === 0) throw error;
  }
  const [first] = missing;
  return first === undefined ? null : missingHistory(first, block.height - 1);
}

function missingHistory(record: string, height: number): NoFault {
  return {
    nothing: `the history of the record ${record} as of block ${height} is missing`,
    needs: { record, height },
  };
}

/** The event with the body that was notarized. @throws {RecordRefusal} */
function bodied(
  head: Parameters<typeof withBody>[0],
  { body, entry }: SignedHistoryEvent,
  { sha256 }: Primitives,
): Event | NoFault {
  if (body === null) return { nothing: 'the body of the event is missing' };
  try {
    const event = withBody(head, body, sha256);
    const computed = detailsHash(entry.salt, utf8(canonicalBody(body)), sha256);
    return equal(computed, entry.detailsDigest)
      ? event
      : { nothing: 'the body is not the one that was notarized' };
  } catch (error) {
    // Whether it is the body that the note names cannot be told then.
    if (error instanceof RecordRefusal) return { nothing: error.message };
    throw error;
  }
}

interface StateBefore {
  readonly state: RecordState;
  readonly sequence: number;
  readonly value: Uint8Array;
}

/** Records as verified histories show them before an event of a block. */
class StatesBefore {
  readonly #own = new Map<string, StateBefore>();
  readonly #others = new Map<string, StateBefore>();
  /** Why they are not shown; null: they are. */
  readonly fault: NoFault | null;

  /** @param index of the event in the block */
  constructor(
    histories: readonly History[],
    context: StepContext & { readonly primitives: Primitives },
    index: number,
  ) {
    const faults = histories.flatMap((history) => this.#read(history, context, index) ?? []);
    this.fault = faults[0] === undefined ? null : { nothing: faults[0] };
  }

  /** Before the event; null: there is no history of it. */
  of(id: string): StateBefore | null {
    return this.#own.get(id) ?? null;
  }

  /** At the end of the block before; null: unknown. */
  ofOther(id: string): RecordState | null {
    return this.#others.get(id)?.state ?? null;
  }

  #read(
    history: History,
    { checkpoint, block, signed, primitives }: StepContext & { readonly primitives: Primitives },
    index: number,
  ): string | null {
    const { record } = history;
    const of = `the history of the record ${record}`;
    const own = signed(history.log.note);
    if (typeof own === 'string') return `${of}: ${own}`;
    if (own.origin !== checkpoint.origin) return `${of} is of another log`;
    const { verdict, steps, asOf, timeline, missing } = verifyHistory({ history, policy: null, primitives });
    // Without a policy nobody is trusted; that the checkpoint is signed has just been checked.
    if (verdict !== 'untrusted') {
      const failed = steps.find(({ name, outcome }) => outcome === 'failed' && name !== 'log_signature');
      return `${of} is invalid: ${failed?.message ?? ''}`;
    }
    if (missing[0] !== undefined) return `${of} is incomplete: ${missing[0].message}`;
    if (asOf?.height !== block.height && asOf?.height !== block.height - 1)
      return `${of} is neither as of block ${block.height} nor of the one before`;
    let value = NO_VALUE;
    for (const [sequence, event] of (history.records.get(record)?.events ?? []).entries()) {
      const { state = null, height = null } = timeline[sequence] ?? {};
      if (height === null) break;
      const isBefore =
        height < block.height || (height === block.height && !('automatic' in event) && event.index < index);
      if (!isBefore || state === null) break;
      const leaf =
        'automatic' in event
          ? automaticLeaf(event.automatic, primitives.sha256)
          : entryLeafHash(event.entry, primitives.sha256);
      value = nextValue(value, leaf, primitives.sha256);
      this.#own.set(record, { state, sequence, value });
      if (height < block.height) this.#others.set(record, { state, sequence, value });
    }
    return null;
  }
}

export function eventStepJson({ statement, changes, event, histories, absent }: EventStep) {
  const { note, body } = event;
  return {
    statement,
    changes: toBase64(changes),
    event: { note, body, ...placedJson(event) },
    histories: histories.map(historyJson),
    absent: absent === null ? null : mapPathJson(absent),
  };
}

const { objectAt, arrayAt, stringAt, assertKeys } = memberReader('malformed_proof');

/** @throws {ProofError} */
export function eventStepOf(json: Json | undefined): EventStep {
  const step = objectAt(json, '"step"');
  assertKeys(step, '"step"', ['statement', 'changes', 'event', 'histories', 'absent']);
  const event = objectAt(step['event'], '"event"');
  assertKeys(event, '"event"', ['note', 'body', 'entry', 'height', 'index', 'path']);
  return {
    statement: step['statement'] === null ? null : stringAt(step, 'statement'),
    changes: fromBase64(stringAt(step, 'changes'), 'the change list'),
    event: {
      note: stringAt(event, 'note'),
      body: event['body'] === null ? null : objectAt(event['body'], '"body"'),
      ...placedOf(event),
    },
    histories: arrayAt(step, 'histories').map(historyOf),
    absent: step['absent'] === null ? null : absenceOf(objectAt(step['absent'], '"absent"')),
  };
}

function absenceOf(json: JsonObject): MapPath {
  assertKeys(json, '"absent"', ['siblings', 'leaf']);
  return mapPathOf(json);
}
