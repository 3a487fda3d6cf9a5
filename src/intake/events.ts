import { Slices } from '../background/slices.js';
import { nodeSha256, NODE_VERIFIERS } from '../crypto/primitives.js';
import {
  equal,
  type Event,
  eventDigest,
  eventSignatureChecks,
  type JsonObject,
  type Note,
  parseEvent,
  RecordRefusal,
  type RefusalCode,
  signersOf,
  partiesOf,
  toHex,
  utf8,
  verifyEventSignatures,
  withBody,
} from '../proof/index.js';
import { StoreError } from '../store/index.js';
import { IntakeError } from './errors.js';
import { valueAfter } from './group-commit.js';
import { Intake, type IntakeOptions, unavailableAsIntakeError } from './intake.js';
import { type CurrentRecord, RecordStates } from './record-states.js';
import type { Accepted, Quota, Submitter } from './submission.js';

/** An event as it is submitted. */
export interface EventSubmission {
  /** The signed note. */
  readonly note: string;
  readonly body: JsonObject;
  /** The record that the submitter names beside the note; 'new': none yet; null: whichever the note names. */
  readonly record: Uint8Array | 'new' | null;
  /** null: anonymous. */
  readonly submitter: Submitter | null;
  readonly idempotencyKey: string | null;
  /** null: free. */
  readonly quota: Quota | null;
}

export interface AcceptedEvent {
  readonly record: Uint8Array;
  readonly sequence: number;
  readonly type: string;
  /** The record's value after the event. */
  readonly value: Uint8Array;
  readonly accepted: Accepted;
}

/** Why an event is refused: with the code that every verifier gives. Nothing of it is stored. */
export class EventRefused extends Error {
  override readonly name = 'EventRefused';
  readonly code: RefusalCode;
  /** Of the record, for a client that builds its event anew; null: it does not help. */
  readonly current: Pick<CurrentRecord, 'sequence' | 'value'> | null;

  constructor(refusal: RecordRefusal, current: EventRefused['current'] = null) {
    super(refusal.message, { cause: refusal });
    this.code = refusal.code;
    this.current = current;
  }
}

/** After so many conflicts with other processes the submitter has to try again. */
const ATTEMPTS = 5;

/**
 * Accepts events of records: each is checked against the record as it is now, one at a time for each record.
 * Events have a queue and a group commit of their own, so that they do not delay documents.
 */
export class EventIntake {
  readonly #intake: Intake;
  readonly #store: IntakeOptions['store'];
  readonly #origin: string;
  readonly states: RecordStates;
  readonly #turns = new Turns();
  readonly #slices = new Slices();
  #verifying: Promise<void> = Promise.resolve();

  /** @param options.origin of the log */
  constructor(options: IntakeOptions & { readonly origin: string }) {
    const { store, clock = Date.now } = options;
    this.#intake = new Intake(options);
    this.#store = store;
    this.#origin = options.origin;
    this.states = new RecordStates(store, clock);
  }

  /** As of `Intake`. */
  get queued(): number {
    return this.#intake.queued;
  }

  /** As of `Intake`. */
  get overloaded(): boolean {
    return this.#intake.overloaded;
  }

  /** As of `Intake`. */
  whenRoom(): Promise<void> {
    return this.#intake.whenRoom();
  }

  /** As of `Intake`. */
  close(): Promise<void> {
    return this.#intake.close();
  }

  /**
   * Accepts an event durably, with the same guarantees as `Intake.accept`. Of two events that follow the same
   * one, one is accepted, whichever processes accept them.
   * @throws {EventRefused, IntakeError}, and what `quota.reserve` rejects with
   */
  async accept(submission: EventSubmission): Promise<AcceptedEvent> {
    const { submitter, idempotencyKey, quota } = submission;
    const { note, event, digest } = refusing(() => this.#read(submission));
    const record = event.record ?? digest;
    const { sequence, type, before, body } = event;
    const document = {
      sha256: digest,
      size: utf8(submission.note).length,
      details: body,
      event: { record, sequence, type, note: submission.note, before },
    };
    for (let attempt = 1; ; attempt++) {
      const turn = this.#turns.take(toHex(record));
      const admit = async () => {
        await turn.come;
        await unavailableAsIntakeError(this.#check(note, event, record, submitter));
      };
      try {
        const accepted = await this.#intake.accept({
          ...{ documents: [document], submitter, idempotencyKey, quota, admit },
        });
        const [entry] = accepted.entries;
        if (entry === undefined) throw new RangeError('an event was accepted without an entry');
        return { record, sequence, type, value: valueAfter(before, entry), accepted };
      } catch (error) {
        if (!(error instanceof StoreError && error.code === 'event_conflict')) throw error;
        if (attempt === ATTEMPTS) {
          const message = 'another event of this record is being written';
          throw new IntakeError('unavailable', message, 1, { cause: error });
        }
      } finally {
        turn.leave();
      }
    }
  }

  /** What can be said of the event without its record. @throws {RecordRefusal} */
  #read({ note: text, body, record }: EventSubmission) {
    const { note, event: head } = parseEvent(text);
    if (head.origin !== this.#origin) {
      const message = `the event is for the log ${head.origin}; this is ${this.#origin}: sign it for this log`;
      throw new RecordRefusal('wrong_log', message);
    }
    if (record === 'new' && head.record !== null) {
      const message = 'the note is a later event of a record; submit it to that record';
      throw new RecordRefusal('wrong_record', message);
    }
    const isNamed = record instanceof Uint8Array && !(head.record !== null && equal(record, head.record));
    if (isNamed) throw new RecordRefusal('wrong_record', 'the note names another record than the URL does');
    return { note, event: withBody(head, body, nodeSha256), digest: eventDigest(text, nodeSha256) };
  }

  /** @throws {EventRefused, StoreError} */
  async #check(note: Note, event: Event, record: Uint8Array, submitter: Submitter | null): Promise<void> {
    const { current, height } = await this.states.read(record);
    try {
      if (event.record !== null && current === null) {
        // As much work as for a record that is not the submitter's.
        if (submitter !== null) await this.#store.mayReadRecord(record, submitter.organizationNumber);
        throw unknownRecord();
      }
      assertFollows(event, current);
      const state = current?.state ?? null;
      await this.#verify(note, signersOf(state, event));
      await this.states.apply(state, event, record, height);
    } catch (error) {
      if (!(error instanceof RecordRefusal)) throw error;
      if (current !== null && !(await this.#mayLearn(note, event, record, current, submitter)))
        throw new EventRefused(unknownRecord());
      throw new EventRefused(error, current);
    }
  }

  /** One event at a time, so that those of other requests and everything else get their turns between them. */
  #verify(note: Note, keys: readonly string[]): Promise<void> {
    const verified = this.#verifying.then(async () => {
      const checks = eventSignatureChecks(note, keys, NODE_VERIFIERS);
      do {
        if (this.#slices.isOver) await this.#slices.next();
      } while (checks.next().done !== true);
    });
    this.#verifying = verified.catch(() => undefined);
    return verified;
  }

  /**
   * Whether the submitter may learn how the record is: they may read it, or the note is signed by one of those
   * who may.
   */
  async #mayLearn(
    note: Note,
    event: Event,
    record: Uint8Array,
    { state }: CurrentRecord,
    submitter: Submitter | null,
  ): Promise<boolean> {
    const keys = new Set(partiesOf(state));
    try {
      for (const key of signersOf(state, event)) keys.add(key);
    } catch (error) {
      if (!(error instanceof RecordRefusal)) throw error;
    }
    if (isSignedByOne(note, keys)) return true;
    return submitter !== null && (await this.#store.mayReadRecord(record, submitter.organizationNumber));
  }
}

function unknownRecord(): RecordRefusal {
  const message =
    'there is no record with this id that you may see; an event must be signed with the keys that its record asks for';
  return new RecordRefusal('unknown_record', message);
}

/** @throws {RecordRefusal} stale_value, wrong_sequence */
function assertFollows({ sequence, before }: Event, current: CurrentRecord | null): void {
  const last = current?.sequence ?? -1;
  if (current !== null && !equal(before, current.value)) {
    const message = `another event came first: the record is at sequence ${last}; read it, and sign the event for its present value`;
    throw new RecordRefusal('stale_value', message);
  }
  if (sequence !== last + 1) {
    throw new RecordRefusal('wrong_sequence', `the next event has the sequence ${last + 1}, not ${sequence}`);
  }
}

/** So many signatures of parties are verified to decide whether their sender may learn why an event is refused. */
const MAX_LOOKS = 3;

function isSignedByOne({ text, signatures }: Note, keys: ReadonlySet<string>): boolean {
  let looks = 0;
  for (const line of signatures) {
    const start = `${line.name}+${toHex(line.keyId)}+`;
    const key = [...keys].find((each) => each.startsWith(start));
    if (key === undefined) continue;
    try {
      verifyEventSignatures({ text, signatures: [line] }, [key], NODE_VERIFIERS);
      return true;
    } catch (error) {
      if (!(error instanceof RecordRefusal)) throw error;
      if (++looks === MAX_LOOKS) return false;
    }
  }
  return false;
}

function refusing<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof RecordRefusal ? new EventRefused(error) : error;
  }
}

interface Turn {
  /** Resolves when all earlier turns have ended. */
  readonly come: Promise<void>;
  leave(): void;
}

/** Gives turns: one at a time for each key, in the order in which they were taken. */
class Turns {
  readonly #last = new Map<string, Promise<void>>();

  take(key: string): Turn {
    const come = this.#last.get(key) ?? Promise.resolve();
    let end: () => void = () => undefined;
    const left = new Promise<void>((resolve) => {
      end = resolve;
    });
    // Whoever leaves before their turn has come lets nobody in earlier.
    const own = Promise.all([come, left]).then(() => undefined);
    this.#last.set(key, own);
    void own.then(() => {
      if (this.#last.get(key) === own) this.#last.delete(key);
    });
    return { come, leave: end };
  }
}
