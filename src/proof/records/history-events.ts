import { equal, toHex, utf8 } from '../bytes.js';
import { detailsHash, sha256 as portableSha256, type Sha256 } from '../hash.js';
import { entryLeafHash, KIND_DOCUMENT, KIND_EVENT } from '../entry.js';
import { ProofError } from '../errors.js';
import { failed, failedAt, mismatch, passed, type Place, type StepResult } from '../step.js';
import { checkBlock, checkTime, type FailureCode } from '../verify.js';
import { automaticLeaf, parseAutomatic, type AutomaticEvent } from './automatic.js';
import { nextValue, NO_VALUE } from './changes.js';
import { canonicalBody, parseEvent, type EventHead, type EventNote } from './event.js';
import type {
  AutomaticHistoryEvent,
  History,
  HistoryBlock,
  PlacedEntry,
  SignedHistoryEvent,
} from './history-file.js';
import { RecordRefusal, type RefusalCode } from './refusal.js';

/** Reads the events of a history file, and checks that they are what was notarized, and follow each other. */

export type EventCode =
  | FailureCode
  | RefusalCode
  | 'malformed_automatic'
  | 'block_missing'
  | 'entry_kind_mismatch' // not notarized as what it is
  | 'events_out_of_order';

/** `parsed`: null when it cannot be read. */
export type ReadEvent = {
  /** Of its block. */
  readonly height: number;
  readonly leaf: Uint8Array;
  /** The record's value after it. */
  readonly value: Uint8Array;
} & (
  | {
      readonly type: 'signed';
      readonly source: SignedHistoryEvent;
      readonly parsed: EventNote | null;
    }
  | { readonly type: 'automatic'; readonly parsed: AutomaticEvent | null }
);

export interface ReadRecord {
  readonly events: readonly ReadEvent[];
  /** After the last event. */
  readonly value: Uint8Array;
}

type Found = StepResult<EventCode>;

/** The records of a history, and the steps `events` and `values`. */
export function readEvents(
  history: History,
  blocks: ReadonlyMap<number, HistoryBlock>,
  sha256: Sha256 = portableSha256,
) {
  const reader = new EventReader(history, blocks, sha256);
  return {
    records: reader.records,
    events: reader.eventFault ?? passed('The events are what was notarized.'),
    values: reader.valueFault ?? passed('Each event follows the one before.'),
  };
}

class EventReader {
  readonly #origin: string;
  readonly #blocks: ReadonlyMap<number, HistoryBlock>;
  readonly #sha256: Sha256;
  readonly records = new Map<string, ReadRecord>();
  /** The first of each step. */
  eventFault: Found | null = null;
  valueFault: Found | null = null;

  constructor(history: History, blocks: ReadonlyMap<number, HistoryBlock>, sha256: Sha256) {
    this.#origin = history.log.checkpoint.origin;
    this.#blocks = blocks;
    this.#sha256 = sha256;
    for (const [id, { events }] of history.records) {
      const of = id === history.record ? {} : { record: id };
      const read: ReadEvent[] = [];
      let value = NO_VALUE;
      for (const [i, source] of events.entries()) {
        const at = { event: i, ...of };
        const event = 'automatic' in source ? this.#automatic(source, at) : this.#signed(source, at);
        this.#checkOrder(read.at(-1), event, at);
        this.#checkPlace(id, i, value, event, at);
        value = nextValue(value, event.leaf, sha256);
        read.push({ ...event, value });
      }
      this.records.set(id, { events: read, value });
    }
    for (const [digest, placed] of history.documents) {
      const at = { document: digest };
      const isIt = placed.entry.kind === KIND_DOCUMENT && toHex(placed.entry.digest) === digest;
      if (!isIt) this.#refuse(failed('entry_digest_mismatch', 'the entry is for something else.'), at);
      this.#checkEntry(placed, at);
    }
  }

  #signed(source: SignedHistoryEvent, at: Place): Unvalued {
    const { note, body, entry, height } = source;
    const bytes = utf8(note);
    const digest = this.#sha256(bytes);
    if (entry.kind !== KIND_EVENT)
      this.#refuse(failed('entry_kind_mismatch', 'it was notarized as a document.'), at);
    if (!equal(digest, entry.digest))
      this.#refuse(
        mismatch('entry_digest_mismatch', 'the entry is for a different note.', {
          expected: toHex(entry.digest),
          computed: toHex(digest),
        }),
        at,
      );
    if (entry.size !== bytes.length)
      this.#refuse(failed('entry_size_mismatch', 'the entry records a different size.'), at);
    const parsed = this.#tryTo(() => parseEvent(note), at);
    if (parsed !== null && body !== null) this.#checkBody(parsed.event, source, at);
    const leaf = this.#checkEntry(source, at);
    return { type: 'signed', height, leaf, source, parsed };
  }

  #checkBody(event: EventHead, { body, entry }: SignedHistoryEvent, at: Place): void {
    if (body === null) return;
    const canonical = this.#tryTo(() => utf8(canonicalBody(body)), at);
    if (canonical === null) return;
    if (!equal(this.#sha256(canonical), event.bodyDigest))
      this.#refuse(failed('body_mismatch', 'the note names the digest of another body.'), at);
    const computed = detailsHash(entry.salt, canonical, this.#sha256);
    if (!equal(computed, entry.detailsDigest))
      this.#refuse(
        mismatch('details_mismatch', "the body doesn't match the one that was notarized.", {
          expected: toHex(entry.detailsDigest),
          computed: toHex(computed),
        }),
        at,
      );
  }

  /** @returns the leaf hash of the entry */
  #checkEntry({ entry, height, index, path }: PlacedEntry, at: Place): Uint8Array {
    const leaf = entryLeafHash(entry, this.#sha256);
    const header = this.#blocks.get(height)?.header;
    if (header === undefined) {
      this.#refuse(failed('block_missing', `block ${height} is not in the file.`), at);
      return leaf;
    }
    this.#refuse(checkBlock({ header, index, path }, leaf, this.#sha256), at);
    this.#refuse(checkTime(entry, header), at);
    return leaf;
  }

  #automatic({ automatic: text }: AutomaticHistoryEvent, at: Place): Unvalued {
    const leaf = automaticLeaf(text, this.#sha256);
    const parsed = this.#tryTo(() => parseAutomatic(text), at);
    if (parsed !== null && !this.#blocks.has(parsed.height))
      this.#refuse(failed('block_missing', `block ${parsed.height} is not in the file.`), at);
    return { type: 'automatic', height: parsed?.height ?? -1, leaf, parsed };
  }

  #checkOrder(before: ReadEvent | undefined, event: Unvalued, at: Place): void {
    if (before === undefined || event.height > before.height) return;
    const isInOrder =
      event.height === before.height &&
      (event.type === 'automatic' || (before.type === 'signed' && event.source.index > before.source.index));
    if (!isInOrder)
      this.#refuse(failed('events_out_of_order', 'it was sealed before the event before it.'), at);
  }

  /** That the event names its own place. */
  #checkPlace(id: string, i: number, value: Uint8Array, event: Unvalued, at: Place): void {
    if (event.parsed === null) return;
    const named = event.type === 'signed' ? event.parsed.event : event.parsed;
    const record =
      named.record ?? (event.type === 'signed' ? this.#sha256(utf8(event.source.note)) : NO_VALUE);
    const fault: Found | null =
      named.origin !== this.#origin
        ? failed('wrong_log', 'it is for another log.')
        : toHex(record) !== id
          ? failed('wrong_record', 'it is for another record.')
          : named.sequence !== i
            ? failed('wrong_sequence', `it is event ${named.sequence} of the record.`)
            : !equal(named.before, value)
              ? mismatch('stale_value', 'it names another value before.', {
                  expected: toHex(value),
                  computed: toHex(named.before),
                })
              : null;
    if (fault !== null) this.valueFault ??= failedAt(at, fault);
  }

  #refuse(found: Found, at: Place): void {
    if (found.outcome === 'failed') this.eventFault ??= failedAt(at, found);
  }

  /** null: refused. */
  #tryTo<Value>(read: () => Value, at: Place): Value | null {
    try {
      return read();
    } catch (error) {
      if (error instanceof RecordRefusal) this.#refuse(failed(error.code, `${error.message}.`), at);
      else if (error instanceof ProofError)
        this.#refuse(failed('malformed_automatic', `${error.message}.`), at);
      else throw error;
      return null;
    }
  }
}

type Unvalued = ReadEvent extends infer Each ? (Each extends unknown ? Omit<Each, 'value'> : never) : never;
