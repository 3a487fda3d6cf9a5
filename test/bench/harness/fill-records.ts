import { randomBytes } from 'node:crypto';
import { loadKeys } from '../../../src/service/keys.js';
import { nodeSha256 } from '../../../src/crypto/primitives.js';
import {
  accountTagOf,
  canonicalBody,
  entryLeafHash,
  entryOfEvent,
  eventDigest,
  type JsonObject,
  KIND_DOCUMENT,
  NO_DETAILS,
  signEvent,
} from '../../../src/proof/index.js';
import { nextValue, NO_VALUE } from '../../../src/proof/records/changes.js';
import { entryRuns, SealWorkers } from '../../../src/sealer/workers.js';
import {
  type KeptEntry,
  LastCheckpointFile,
  lexemesOf,
  migrate,
  type NewEntry,
  openStore,
  type Store,
} from '../../../src/store/index.js';
import { digestOf, documentBody, newHolder, withNonce } from '../../support/records.js';
import { FillingSealer, type Holder } from './fill-chain.js';

export interface RecordFilling {
  readonly url: string;
  /** As of `Filling`. */
  readonly dataDir: string;
  /** The organization that submits the events. */
  readonly holder: Holder;
  /** Number of records, each with its first event. */
  readonly records: number;
  /** Events of the first record. */
  readonly events: number;
  readonly perBlock: number;
  /**
   * In the end so many pairs of blocks are sealed: one in which so many of the entries are later events of records,
   * and one of documents alone.
   */
  readonly measured: { readonly pairs: number; readonly entries: number; readonly events: number };
}

export interface FilledRecords {
  readonly entries: number;
  readonly blocks: number;
  /** The record with many events, in hexadecimal. */
  readonly record: string;
  /** Other records, in hexadecimal. */
  readonly some: readonly string[];
  /** Seconds to seal each pair of blocks. */
  readonly pairs: readonly { readonly ours: number; readonly yardstick: number }[];
}

/** How many records `FilledRecords` names. */
const SOME = 100;
const GROUP_ENTRIES = 5000;
/** Of the record with many. */
const EVENTS_PER_BLOCK = 10;

/** A record as its next event finds it. */
interface Place {
  readonly id: Uint8Array;
  readonly sequence: number;
  readonly value: Uint8Array;
}

interface Made {
  readonly entry: NewEntry;
  /** null: it is a document. */
  readonly event: NewEvent | null;
}

interface NewEvent {
  readonly place: Place | null;
  readonly type: string;
  readonly note: string;
  readonly body: JsonObject;
}

/**
 * Fills an empty chain with records as `fillChain` does with documents: every event is signed, and every block sealed
 * by the rules. No service may use the database at the same time.
 */
export async function fillRecords(filling: RecordFilling): Promise<FilledRecords> {
  const { url, dataDir, records, events, perBlock, measured } = filling;
  await migrate(url);
  const store = await openStore({ url });
  const workers = new SealWorkers();
  try {
    const { log } = await loadKeys({
      ...{ dataDir, origin: null },
      ...{ logKey: null, receiptKey: null, secret: null },
    });
    const owner = newHolder('holder.example');
    const filler = new Filler(filling, store, workers, new FillingSealer(store, workers, log, null));
    const first = (i: number) => newEvent(null, 'document.create', documentBody(owner, `Record ${i}`));
    const next = (place: Place) =>
      newEvent(place, 'document.version', { document: { sha256: digestOf(`${place.sequence}`) } });
    const newEvent = (place: Place | null, type: string, members: JsonObject): NewEvent => {
      const body = withNonce(members);
      const { id = null, sequence = -1, value = NO_VALUE } = place ?? {};
      const head = { origin: log.key.name, record: id, sequence: sequence + 1, before: value, type, body };
      return { place, type, note: signEvent(head, [owner]), body };
    };
    const places: Place[] = [];
    for (let done = 0; done < records; done += perBlock) {
      const count = Math.min(perBlock, records - done);
      const made = Array.from({ length: count }, (_, i) => filler.made(first(done + i)));
      places.push(...(await filler.accept(made)));
      await filler.seal();
    }
    let [many] = places;
    for (let done = 1; done < events; done++) {
      if (many === undefined) throw new RangeError('there are no records');
      [many] = await filler.accept([filler.made(next(many))]);
      if (done % EVENTS_PER_BLOCK === 0 || done === events - 1) await filler.seal();
    }
    const pairs: { ours: number; yardstick: number }[] = [];
    const documents = (count: number) => Array.from({ length: count }, () => filler.made(null));
    // The first pair is for the optimizer.
    for (let pair = measured.pairs === 0 ? 0 : -1; pair < measured.pairs; pair++) {
      const from = 1 + (pair + 1) * measured.events;
      const changed = places.slice(from, from + measured.events).map((place) => filler.made(next(place)));
      await filler.accept([...changed, ...documents(measured.entries - changed.length)]);
      const ours = await filler.seal();
      await filler.accept(documents(measured.entries));
      const yardstick = await filler.seal();
      if (pair >= 0) pairs.push({ ours, yardstick });
    }
    const last = await store.checkpoint();
    if (last !== null) await new LastCheckpointFile(dataDir).write(last.note);
    const ids = places.map(({ id }) => Buffer.from(id).toString('hex'));
    const step = Math.max(1, Math.floor(ids.length / SOME));
    return {
      ...{ entries: (await store.head()).nextPosition, blocks: last?.size ?? 0 },
      record: ids[0] ?? '',
      some: ids.filter((_, i) => i % step === 0),
      pairs,
    };
  } finally {
    await workers.close();
    await store.close();
  }
}

class Filler {
  readonly #holder: Holder;
  readonly #store: Store;
  readonly #workers: SealWorkers;
  readonly #sealer: FillingSealer;
  readonly #waiting: KeptEntry[] = [];

  constructor({ holder }: RecordFilling, store: Store, workers: SealWorkers, sealer: FillingSealer) {
    this.#holder = holder;
    this.#store = store;
    this.#workers = workers;
    this.#sealer = sealer;
  }

  /** @param event null: a document */
  made(event: NewEvent | null): Made {
    const salt = new Uint8Array(randomBytes(16));
    const own = { salt, accountTag: accountTagOf(salt, this.#holder.id, nodeSha256) };
    const digest = new Uint8Array(randomBytes(32));
    const document = { kind: KIND_DOCUMENT, digest, size: null, detailsDigest: NO_DETAILS };
    const shown = event === null ? document : entryOfEvent(event.note, event.body, salt);
    return { entry: { ...shown, ...own }, event };
  }

  /** @returns the records after their events */
  async accept(made: readonly Made[]): Promise<Place[]> {
    const { nextPosition, latestTime } = await this.#store.head();
    const acceptedAt = Math.max(Date.now(), latestTime);
    this.#waiting.push(
      ...made.map(({ entry }, i) => ({
        ...{ ...entry, position: nextPosition + i, acceptedAt },
        erased: false as const,
      })),
    );
    const places: Place[] = [];
    for (let at = 0; at < made.length; at += GROUP_ENTRIES)
      places.push(...(await this.#accept(made.slice(at, at + GROUP_ENTRIES), acceptedAt)));
    return places;
  }

  /** Seals everything that was accepted in one block. @returns the seconds that it took */
  async seal(): Promise<number> {
    const entries = this.#waiting.splice(0);
    const started = performance.now();
    const tree = await this.#workers.buildTree(entryRuns(entries));
    await this.#sealer.seal(tree, entries.length, entries[0]?.position ?? 0, entries);
    return (performance.now() - started) / 1000;
  }

  async #accept(made: readonly Made[], acceptedAt: number): Promise<Place[]> {
    const { number: organization, submittedBy } = this.#holder;
    const events = made.flatMap(({ event, entry }, index) => {
      if (event === null) return [];
      const { place, type, note, body } = event;
      const before = place?.value ?? NO_VALUE;
      const value = nextValue(before, entryLeafHash({ ...entry, acceptedAt }, nodeSha256), nodeSha256);
      const record = place?.id ?? eventDigest(note, nodeSha256);
      const sequence = (place?.sequence ?? -1) + 1;
      return [{ index, record, sequence, type, note, before, value, reader: organization, body }];
    });
    await this.#store.accept({
      acceptedAt,
      entries: made.map(({ entry }) => entry),
      receipt: 'unsigned\n',
      details: events.map(({ index, body }) => ({
        ...{ index, json: canonicalBody(body), words: lexemesOf(organization, body) },
      })),
      register: [{ offset: 0, count: made.length, organization, submittedBy }],
      idempotency: [],
      events,
    });
    return events.map(({ record, sequence, value }) => ({ id: record, sequence, value }));
  }
}
