import { nodeSha256 } from '../crypto/primitives.js';
import { equal, fromHex, HASH_LENGTH, type JsonObject, toHex, utf8 } from '../proof/index.js';
import { automaticLeaf, formatAutomatic } from '../proof/records/automatic.js';
import { type Change, FULL_AUTOMATIC, nextValue, NO_VALUE } from '../proof/records/changes.js';
import { parseEvent, withBody } from '../proof/records/event.js';
import { RecordRefusal, type RefusalCode } from '../proof/records/refusal.js';
import { apply, automatic, watches } from '../proof/records/rules.js';
import type { RecordState } from '../proof/records/state.js';

/** A record after its last event. */
export interface HeldRecord {
  readonly state: RecordState;
  readonly sequence: number;
  readonly value: Uint8Array;
}

/** What is known at the end of the block before. Ids and digests are in hexadecimal. */
export interface RecordSource {
  /** Of these the records that there are. */
  records(ids: readonly string[]): Promise<ReadonlyMap<string, HeldRecord>>;
  /** Which of these are digests of documents in this block, or in one before it. */
  notarized(digests: readonly string[]): Promise<ReadonlySet<string>>;
  /** The records that wait for one of these to change. */
  waitingFor(ids: readonly string[]): Promise<readonly string[]>;
}

export interface BlockFacts {
  /** Of the log. */
  readonly origin: string;
  readonly height: number;
  readonly sealedAt: number;
  /** What counts as the time for what happens by itself: see `nowBehind`. */
  readonly now: number;
}

/** A signed event in a block. */
export interface BlockEvent {
  /** Of its leaf in the block's tree. */
  readonly index: number;
  readonly leaf: Uint8Array;
  /** Of the note. */
  readonly digest: Uint8Array;
  readonly note: string;
  readonly body: JsonObject;
}

/** Records of which it is seen at once whether something happens by itself. Each can name a hundred others. */
const JUDGED_AT_ONCE = 128;

export interface AutomaticStep {
  readonly record: Uint8Array;
  readonly sequence: number;
  readonly type: string;
  readonly before: Uint8Array;
  readonly value: Uint8Array;
  readonly text: string;
}

/**
 * What the events of one block make of records, by the rules: first the signed ones in their order, then what
 * happens by itself, in rounds. The same for everybody who knows the events: the sealer and the audit.
 */
export class BlockRecords {
  readonly #facts: BlockFacts;
  readonly #source: RecordSource;
  /** As of the end of the block before. */
  readonly #before = new Map<string, HeldRecord | null>();
  readonly #changed = new Map<string, HeldRecord>();
  /** Which of the records that this block changes wait for a record, as they are now. */
  readonly #waiting = new Map<string, Set<string>>();
  readonly #notarized = new Map<string, boolean>();
  readonly changes: Change[] = [];
  readonly automatic: AutomaticStep[] = [];
  /** In the texts of the automatic events. */
  #bytes = 0;

  constructor(facts: BlockFacts, source: RecordSource) {
    this.#facts = facts;
    this.#source = source;
  }

  /** The records that the block changes, as they are now, by their ids in hexadecimal. */
  get changed(): ReadonlyMap<string, HeldRecord> {
    return this.#changed;
  }

  /**
   * Applies a signed event, unless it is void. Call it in the order of the events. Signatures are not verified:
   * that was done when the event was accepted.
   * @returns why the event is void, so that it changes nothing; null: it is applied
   */
  async add(event: BlockEvent): Promise<RefusalCode | null> {
    try {
      await this.#apply(event);
      return null;
    } catch (error) {
      if (error instanceof RecordRefusal) return error.code;
      throw error;
    }
  }

  /** Reads the records of these events together, before they are applied one by one. */
  async prepare(events: readonly Pick<BlockEvent, 'note' | 'digest'>[]): Promise<void> {
    const ids = events.flatMap(({ note, digest }) => {
      try {
        return toHex(parseEvent(note).event.record ?? digest);
      } catch (error) {
        if (error instanceof RecordRefusal) return [];
        throw error;
      }
    });
    await this.#read(ids);
  }

  /** @throws {RecordRefusal} */
  async #apply({ index, leaf, digest, note, body }: BlockEvent): Promise<void> {
    const event = withBody(parseEvent(note).event, body, nodeSha256);
    if (event.origin !== this.#facts.origin)
      throw new RecordRefusal('wrong_log', 'the event is for another log');
    const record = event.record ?? digest;
    const id = toHex(record);
    await this.#read([id]);
    const current = this.#now(id);
    if (current === null && event.record !== null)
      throw new RecordRefusal('unknown_record', 'there is no record with this id');
    if (!equal(event.before, current?.value ?? NO_VALUE))
      throw new RecordRefusal('stale_value', 'another event came first');
    if (event.sequence !== (current?.sequence ?? -1) + 1)
      throw new RecordRefusal('wrong_sequence', 'the event is not the next one');
    const { height, sealedAt } = this.#facts;
    const state = await this.#withOthers((other) =>
      apply(current?.state ?? null, event, {
        ...{ id, height, sealedAt },
        record: (wanted) => other(wanted)?.state ?? null,
      }),
    );
    const value = nextValue(event.before, leaf, nodeSha256);
    this.#change(id, { state, sequence: event.sequence, value });
    this.changes.push({ key: record, value, index });
  }

  /** Whether nothing more happens by itself in this block. */
  get isFull(): boolean {
    return this.#bytes >= FULL_AUTOMATIC;
  }

  /**
   * Makes what happens by itself after the signed events: in rounds, until nothing more happens, or the block is full.
   * @param woken ids of records that wait for a time that has come, or for a document in this block, and of those
   *   that the block before has left
   * @returns ids of records for which the next block has to look whether something happens by itself, in no order
   */
  async settle(woken: Iterable<string>): Promise<Set<string>> {
    let candidates = new Set(woken);
    for (const id of await this.#affected([...this.#changed.keys()])) candidates.add(id);
    while (candidates.size > 0 && !this.isFull) {
      const { due, left } = await this.#round([...candidates].sort());
      for (const each of due) this.#happen(each);
      candidates = new Set([...left, ...(await this.#affected(due.map(({ id }) => id)))]);
    }
    return candidates;
  }

  /** Records that change, and those that wait for them. */
  async #affected(ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) return [];
    const stored = (await this.#source.waitingFor(ids)).filter((id) => !this.#changed.has(id));
    return [...ids, ...stored, ...ids.flatMap((id) => [...(this.#waiting.get(id) ?? [])])];
  }

  /**
   * What happens to these records by itself: all judged on how the records are now.
   * @returns `left`: those behind the event with which the block is full
   */
  async #round(
    ids: readonly string[],
  ): Promise<{ readonly due: readonly DueEvent[]; readonly left: readonly string[] }> {
    const due: DueEvent[] = [];
    for (let at = 0; at < ids.length; at += JUDGED_AT_ONCE) {
      const part = ids.slice(at, at + JUDGED_AT_ONCE);
      for (const each of await this.#due(part)) {
        due.push(each);
        this.#bytes += utf8(each.step.text).length;
        if (this.isFull) return { due, left: ids.slice(ids.indexOf(each.id) + 1) };
      }
      // Of many that wait, few change: what was read of the others is not held.
      this.#before.clear();
    }
    return { due, left: [] };
  }

  /** Others are read together. */
  async #due(ids: readonly string[]): Promise<DueEvent[]> {
    await this.#read(ids);
    const found = new Map<string, DueEvent | null>();
    for (let left = ids; left.length > 0; left = left.filter((id) => !found.has(id))) {
      const unknown = new Unknown();
      for (const id of left) {
        const count = unknown.count;
        const event = this.#judge(id, unknown);
        if (unknown.count === count) found.set(id, event);
      }
      await this.#learn(unknown);
    }
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  #judge(id: string, unknown: Unknown): DueEvent | null {
    const current = this.#now(id);
    if (current === null) return null;
    const { origin, height, now: sealedAt } = this.#facts;
    const { other, notarized } = this.#lookUps(unknown);
    const record = (wanted: string) => {
      // Asked for even when it has changed, so that it is known how it was before.
      const held = other(wanted);
      const now = this.#changed.get(wanted) ?? held;
      return now === null ? null : { state: now.state, value: toHex(now.value) };
    };
    const event = automatic(current.state, { id, height, sealedAt, record, notarized });
    if (event === null) return null;
    const { type, state, facts } = event;
    const key = fromHex(id, HASH_LENGTH);
    const step = { record: key, sequence: current.sequence + 1, type, before: current.value };
    const text = formatAutomatic({ ...step, origin, height, facts });
    const value = nextValue(current.value, automaticLeaf(text, nodeSha256), nodeSha256);
    return { id, state, step: { ...step, value, text } };
  }

  #happen({ id, state, step }: DueEvent): void {
    const { record, sequence, value, text } = step;
    this.#change(id, { state, sequence, value });
    this.changes.push({ key: record, value, text });
    this.automatic.push(step);
  }

  #now(id: string): HeldRecord | null {
    return this.#changed.get(id) ?? this.#before.get(id) ?? null;
  }

  #change(id: string, record: HeldRecord): void {
    const before = this.#changed.get(id);
    if (before !== undefined) {
      for (const other of watches(before.state, this.#facts.now).records)
        this.#waiting.get(other)?.delete(id);
    }
    for (const other of watches(record.state, this.#facts.now).records) {
      const waiting = this.#waiting.get(other) ?? new Set();
      this.#waiting.set(other, waiting.add(id));
    }
    this.#changed.set(id, record);
  }

  /**
   * Runs rules, which are synchronous, until everything that they ask for has been read.
   * @throws {RecordRefusal}
   */
  async #withOthers<T>(run: (other: (id: string) => HeldRecord | null) => T): Promise<T> {
    for (;;) {
      const unknown = new Unknown();
      let result: () => T;
      try {
        const value = run(this.#lookUps(unknown).other);
        result = () => value;
      } catch (error) {
        result = () => {
          throw error;
        };
      }
      if (unknown.count === 0) return result();
      await this.#learn(unknown);
    }
  }

  /** Of what is known; `unknown` gets what is not. */
  #lookUps(unknown: Unknown) {
    const other = (id: string): HeldRecord | null => {
      const known = this.#before.get(id);
      if (known === undefined) unknown.record(id);
      return known ?? null;
    };
    const notarized = (digest: string): boolean => {
      const known = this.#notarized.get(digest);
      if (known === undefined) unknown.digest(digest);
      return known ?? false;
    };
    return { other, notarized };
  }

  async #learn({ records, digests }: Unknown): Promise<void> {
    await this.#read([...records]);
    const found = digests.size === 0 ? new Set() : await this.#source.notarized([...digests]);
    for (const digest of digests) this.#notarized.set(digest, found.has(digest));
  }

  async #read(ids: readonly string[]): Promise<void> {
    const unknown = [...new Set(ids)].filter((id) => !this.#before.has(id));
    if (unknown.length === 0) return;
    const found = await this.#source.records(unknown);
    for (const id of unknown) this.#before.set(id, found.get(id) ?? null);
  }
}

/** What happens to a record by itself. */
interface DueEvent {
  readonly id: string;
  /** After it. */
  readonly state: RecordState;
  readonly step: AutomaticStep;
}

/** What rules have asked for. */
class Unknown {
  readonly records = new Set<string>();
  readonly digests = new Set<string>();
  /** How often they have. */
  count = 0;

  record(id: string): void {
    this.records.add(id);
    this.count++;
  }

  digest(digest: string): void {
    this.digests.add(digest);
    this.count++;
  }
}
