import { type FoundRecord, RecordStates } from '../intake/index.js';
import {
  type ContractState,
  type JsonObject,
  NO_TEXTS,
  type RecordTexts,
  textsOf,
  toHex,
} from '../proof/index.js';
import type {
  EventPlace,
  NewAccessEvent,
  RecordEventStore,
  RecordPublicationStore,
  RecordQuery,
  StoredEvent,
  StoredPublication,
} from '../store/index.js';
import type { Checkpoints } from './cosigned-view.js';
import { PastStates, type RecordAt } from './past-states.js';
import { HistoryReader, type HistorySource } from './record-history.js';

/** A record that an organization may read. */
export interface ListedRecord {
  readonly id: Uint8Array;
  readonly found: FoundRecord;
  readonly texts: RecordTexts;
}

/** What the history of a record is read from. */
export interface HistoryParts extends Pick<HistorySource, 'store' | 'anchorsOf'> {
  readonly checkpoints: Pick<Checkpoints, 'published'>;
}

/** Reads records. Rejects with a StoreError while the database is unavailable. */
export class Records {
  readonly #store: RecordEventStore & RecordPublicationStore;
  readonly #states: RecordStates;
  readonly #parts: HistoryParts;
  /** Of the log. */
  readonly origin: string;

  /** @param clock milliseconds since the Unix epoch */
  constructor(parts: HistoryParts, origin: string, clock = Date.now) {
    const { store } = parts;
    this.#parts = parts;
    this.#store = store;
    this.#states = new RecordStates(store, clock);
    this.origin = origin;
  }

  /** The record with its accepted events; `current` is null when there is no such record. */
  find(id: Uint8Array): Promise<FoundRecord> {
    return this.#states.read(id);
  }

  /** See `RecordEventStore.mayReadRecord`. */
  mayRead(id: Uint8Array, organization: number): Promise<boolean> {
    return this.#store.mayReadRecord(id, organization);
  }

  /**
   * One page of the records that an organization may read; `next`: where the next page begins (see
   * `RecordQuery.beyond`), null: there is none.
   */
  async list(
    query: RecordQuery,
  ): Promise<{ readonly records: readonly ListedRecord[]; readonly next: number | null }> {
    const listed = await this.#store.searchRecords(query);
    const found = await Promise.all(
      listed.map(async ({ id }) => ({ id, found: await this.#states.read(id) })),
    );
    const texts = await this.texts(found);
    const records = found.map((record) => ({ ...record, texts: texts.get(toHex(record.id)) ?? NO_TEXTS }));
    return { records, next: listed.length < query.limit ? null : (listed.at(-1)?.position ?? null) };
  }

  /** What these records are called, by id in hexadecimal. Their states do not have it. */
  async texts(
    records: readonly { readonly id: Uint8Array; readonly found: FoundRecord }[],
  ): Promise<ReadonlyMap<string, RecordTexts>> {
    const wanted = records.map(({ id, found: { current } }) => ({
      id,
      isAmended: current?.state.kind === 'contract' && current.state.amendments > 0,
    }));
    const bodies = await this.#store.namingBodies(wanted);
    return new Map(
      [...bodies].map(([id, json]) => [id, textsOf(json === null ? null : (JSON.parse(json) as JsonObject))]),
    );
  }

  /** The body with a contract's terms: of its first event, or of the last amendment; null: it was erased. */
  async terms(id: Uint8Array, { amendments }: Pick<ContractState, 'amendments'>): Promise<JsonObject | null> {
    const json = (await this.#store.namingBodies([{ id, isAmended: amendments > 0 }])).get(toHex(id)) ?? null;
    return json === null ? null : (JSON.parse(json) as JsonObject);
  }

  /** See `RecordEventStore.recordEvents`. */
  events(id: Uint8Array, after: EventPlace | null, limit: number): Promise<StoredEvent[]> {
    return this.#store.recordEvents(id, after, limit);
  }

  /**
   * The record's history up to a block.
   * @param at height of the block; null: the last one of the published checkpoint
   * @param mayRead whether whoever asks may read another record, by its id in hexadecimal
   * @param onlyReadable leave out the records that its holders have tied to this one for its readers alone
   * @returns null: no published checkpoint covers such a block with an event of the record
   * @throws {HistoryTooLarge}
   */
  async history(
    id: Uint8Array,
    at: number | null,
    mayRead: (id: string) => Promise<boolean>,
    { onlyReadable = false } = {},
  ): Promise<HistoryReader | null> {
    const { checkpoints, ...parts } = this.#parts;
    const checkpoint = await checkpoints.published();
    if (checkpoint === null || (at ?? 0) >= checkpoint.size) return null;
    return HistoryReader.open(
      { ...parts, checkpoint, height: at ?? checkpoint.size - 1, mayRead, onlyReadable },
      id,
    );
  }

  /** The record after a block, as its events make it. @returns null: no block up to it has an event of the record */
  stateAt(id: Uint8Array, height: number): Promise<RecordAt | null> {
    return new PastStates(this.#parts.store, height).of(id);
  }

  /** See `RecordEventStore.eventAt`. */
  eventAt(position: number): Promise<StoredEvent | null> {
    return this.#store.eventAt(position);
  }

  /** See `RecordEventStore.eventsOfSequence`. */
  eventsOfSequence(id: Uint8Array, sequence: number): Promise<StoredEvent[]> {
    return this.#store.eventsOfSequence(id, sequence);
  }

  /** See `RecordEventStore.eraseEventBody`. */
  eraseBody(position: number, event: NewAccessEvent): Promise<boolean> {
    return this.#store.eraseEventBody(position, event);
  }

  /** See `RecordPublicationStore.recordPublication`. */
  publication(id: Uint8Array): Promise<StoredPublication | null> {
    return this.#store.recordPublication(id);
  }

  /** See `RecordPublicationStore.publishRecord`. */
  publish(id: Uint8Array, publication: StoredPublication, event: NewAccessEvent): Promise<boolean> {
    return this.#store.publishRecord(id, publication, event);
  }

  /** See `RecordPublicationStore.withdrawRecord`. */
  withdraw(id: Uint8Array, organization: number | null, event: NewAccessEvent): Promise<boolean> {
    return this.#store.withdrawRecord(id, organization, event);
  }
}
