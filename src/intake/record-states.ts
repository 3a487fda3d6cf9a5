import {
  apply,
  type BlockFacts,
  equal,
  fromHex,
  HASH_LENGTH,
  type JsonObject,
  parseEvent,
  RecordRefusal,
  type RecordState,
  type RuledEvent,
  toHex,
} from '../proof/index.js';
import type { RecordEventStore, RecordSnapshot, SealedRecord } from '../store/index.js';

/** A record as the next event finds it: as the latest block left it, and with the events that wait for a block. */
export interface CurrentRecord {
  readonly state: RecordState;
  /** Of the last event. */
  readonly sequence: number;
  readonly value: Uint8Array;
}

export interface FoundRecord {
  /** null: there is no such record. */
  readonly current: CurrentRecord | null;
  /** As the latest block left it; null: no block has an event of it. */
  readonly sealed: SealedRecord | null;
  /** How many accepted events wait for a block. */
  readonly waiting: number;
  /** Of the block that seals what is accepted now, at the earliest. */
  readonly height: number;
}

/** Most records in one statement. */
const MAX_BATCH = 256;

/** Records whose waiting events have been played: most have none. */
const MOST_PLAYED = 1024;
/** Then they are judged anew: a time may have come. */
const PLAYED_MS = 1000;

/**
 * What the waiting events of a record make of it. Without it, each new event of a record would play again all that
 * wait.
 */
interface Played {
  readonly height: number;
  readonly current: CurrentRecord;
  /** When they were judged. */
  readonly since: number;
}

interface Wanted {
  readonly id: Uint8Array;
  readonly resolve: (snapshot: RecordSnapshot) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads records for the events that are being accepted. Reads that are asked for at the same time share a
 * statement.
 */
export class RecordStates {
  readonly #store: Pick<RecordEventStore, 'recordSnapshots'>;
  readonly #clock: () => number;
  #queue: Wanted[] = [];
  #running = false;
  readonly #played = new Map<string, Played>();

  /** @param clock milliseconds since the Unix epoch */
  constructor(store: Pick<RecordEventStore, 'recordSnapshots'>, clock: () => number) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * The record as its next event finds it.
   * @throws {StoreError}
   */
  async read(id: Uint8Array): Promise<FoundRecord> {
    const snapshot = await this.#snapshot(id);
    const { sealed, pending } = snapshot;
    const height = snapshot.height + 1;
    let current: CurrentRecord | null =
      sealed === null
        ? null
        : {
            state: JSON.parse(sealed.state) as RecordState,
            sequence: sealed.sequence,
            value: sealed.value,
          };
    const known = this.#played.get(toHex(id));
    const age = this.#clock() - (known?.since ?? 0);
    const isFresh = known?.height === height && age >= 0 && age < PLAYED_MS;
    const played = isFresh ? pending.findIndex(({ value }) => equal(value, known.current.value)) + 1 : 0;
    if (isFresh && played > 0) current = known.current;
    for (const { note, body, value, sequence } of pending.slice(played)) {
      const { event } = parseEvent(note);
      const ruled = { ...event, body: JSON.parse(body) as JsonObject };
      try {
        const state = await this.apply(current?.state ?? null, ruled, id, height);
        current = { state, sequence, value };
      } catch (error) {
        if (!(error instanceof RecordRefusal)) throw error;
        // It will be void, and with it what follows.
        break;
      }
    }
    if (pending.length > 0 && current !== null)
      this.#keep(id, { height, current, since: isFresh && played > 0 ? known.since : this.#clock() });
    return { current, sealed, waiting: pending.length, height };
  }

  #keep(id: Uint8Array, played: Played): void {
    const key = toHex(id);
    this.#played.delete(key);
    const [oldest] = this.#played.keys();
    if (oldest !== undefined && this.#played.size >= MOST_PLAYED) this.#played.delete(oldest);
    this.#played.set(key, played);
  }

  /**
   * What the rules make of the event if a block seals it now.
   * @param id of the record
   * @param height of that block
   * @throws {RecordRefusal, StoreError}
   */
  async apply(
    state: RecordState | null,
    event: RuledEvent,
    id: Uint8Array,
    height: number,
  ): Promise<RecordState> {
    return this.withOthers({ id: toHex(id), height, sealedAt: this.#clock() }, (facts) =>
      apply(state, event, facts),
    );
  }

  /** Runs rules until every other record that they ask for has been read. */
  async withOthers<T>(facts: Omit<BlockFacts, 'record'>, run: (facts: BlockFacts) => T): Promise<T> {
    const known = new Map<string, RecordState | null>();
    for (;;) {
      const missing = new Set<string>();
      const record = (id: string): RecordState | null => {
        const found = known.get(id);
        if (found === undefined) missing.add(id);
        return found ?? null;
      };
      let result: () => T;
      try {
        const value = run({ ...facts, record });
        result = () => value;
      } catch (error) {
        result = () => {
          throw error;
        };
      }
      if (missing.size === 0) return result();
      const ids = [...missing];
      const found = await Promise.all(
        ids.map((id) => this.#snapshot(fromHex(id, HASH_LENGTH, 'the id of a record'))),
      );
      for (const [i, id] of ids.entries()) {
        const sealed = found[i]?.sealed ?? null;
        known.set(id, sealed === null ? null : (JSON.parse(sealed.state) as RecordState));
      }
    }
  }

  #snapshot(id: Uint8Array): Promise<RecordSnapshot> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ id, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    this.#running = true;
    await new Promise(setImmediate);
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, MAX_BATCH);
      try {
        const found = await this.#store.recordSnapshots(batch.map(({ id }) => id));
        for (const [i, { resolve, reject }] of batch.entries()) {
          const own = found[i];
          if (own === undefined) reject(new Error('a record was not answered'));
          else resolve(own);
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#running = false;
  }
}
