import {
  ANONYMOUS,
  blockHash,
  canonicalBody,
  encodeHeader,
  encodeEntry,
  entryLeafHash,
  entryOfEvent,
  eventDigest,
  formatCheckpoint,
  formatNote,
  formatEvent,
  bodyDigestOf,
  inclusionPath,
  KIND_DOCUMENT,
  leafHash,
  merkleRoot,
  NO_DETAILS,
  NO_PREVIOUS_HASH,
  signNote,
  toHex,
  fromHex,
  utf8,
  type Entry,
  type Header,
  type JsonObject,
  type NoteSigner,
} from '../../../../src/proof/index.js';
import { automaticLeaf, formatAutomatic } from '../../../../src/proof/records/automatic.js';
import { changesDigest, encodeChanges, nextValue, NO_VALUE, type Change } from '../../../../src/proof/records/changes.js';
import type { History, HistoryEvent, PlacedEntry } from '../../../../src/proof/records/history-file.js';
import { apply, automatic, watches } from '../../../../src/proof/records/rules.js';
import { RecordRefusal } from '../../../../src/proof/records/refusal.js';
import type { RecordState } from '../../../../src/proof/records/state.js';
import { formatStatement, stateHash } from '../../../../src/proof/time/state.js';
import { MapTree } from '../../../proof/map-tree.js';
import { mine } from '../chain.js';
import { LOG, ORIGIN, sha256 } from '../keys.js';
import type { Authenticator } from './authenticator.js';

// A chain with records in memory, as an honest operator makes it, or one that forges.

export type Signing = NoteSigner | Authenticator;

export interface Act {
  /** The id of the record in hexadecimal; absent: a first event. */
  readonly record?: string;
  readonly type: string;
  readonly body: JsonObject;
  readonly by: readonly Signing[];
  /** What a forger writes instead. */
  readonly origin?: string;
  readonly sequence?: number;
  readonly before?: Uint8Array;
  /** Names this record instead of the one that it is put into. */
  readonly named?: string;
  /** Put into the record although the rules refuse it. */
  readonly forced?: boolean;
  /** Notarized, but kept out of the map. */
  readonly dropped?: boolean;
}

/** What a forger does with a block. */
export interface Forgery {
  /** Nothing happens by itself. */
  readonly idle?: boolean;
  /** Others fill the block: nothing of these records happens by itself in it. Not a forgery. */
  readonly full?: boolean;
  /** The map stays as it was. */
  readonly staleMap?: boolean;
  /** Happens by itself though the rules do not say so. */
  readonly forgedEvents?: readonly { readonly record: string; readonly type: string; readonly facts: readonly string[]; readonly state: Readonly<Record<string, unknown>> }[];
}

interface Held {
  readonly id: string;
  sequence: number;
  value: Uint8Array;
  state: RecordState | null;
  /** Records that it has waited for. */
  readonly watched: Set<string>;
  readonly events: { readonly event: HistoryEvent; readonly at: number }[];
}

interface Block {
  readonly header: Header;
  readonly statement: string | null;
  readonly entries: readonly Entry[];
  readonly leaves: readonly Uint8Array[];
  readonly tree: MapTree;
  readonly full: boolean;
  /** What counts as the time for what happens by itself. */
  readonly now: number;
}

export const START = Date.UTC(2026, 0, 1);

export class World {
  readonly blocks: Block[] = [];
  readonly records = new Map<string, Held>();
  readonly #documents = new Map<string, PlacedEntry>();
  #waiting: { readonly entry: Entry; readonly act: Act | null; readonly note: string }[] = [];
  #tree = MapTree.EMPTY;
  #salts = 0;
  readonly difficulty: number;

  constructor(difficulty = 4) {
    this.difficulty = difficulty;
  }

  /** Queues an event for the next block. @returns the id of its record */
  add(act: Act): string {
    const held = act.record === undefined ? null : this.held(act.record);
    const queued = this.#waiting.filter((each) => each.act !== null && each.act.record === act.record && act.record !== undefined);
    const last = queued.at(-1);
    const value = last === undefined ? (held?.value ?? NO_VALUE) : nextValue(this.#valueBefore(act.record ?? '', queued.length - 1), entryLeafHash(last.entry));
    const body = { nonce: toHex(sha256(`nonce ${this.#salts}`)).slice(0, 32), ...act.body };
    const record = act.named ?? act.record;
    const text = formatEvent({
      origin: act.origin ?? ORIGIN,
      record: record === undefined ? null : fromHex(record, 32),
      sequence: act.sequence ?? (held === null ? 0 : held.sequence + 1 + queued.length),
      before: act.before ?? value,
      type: act.type,
      bodyDigest: bodyDigestOf(body),
    });
    const note = signed(text, act.by);
    const salt = this.#salt();
    canonicalBody(body);
    const entry = { ...entryOfEvent(note, body, salt), acceptedAt: this.#now, salt, accountTag: ANONYMOUS };
    this.#waiting.push({ entry, act: { ...act, body }, note });
    return act.record ?? toHex(eventDigest(note));
  }

  /** The value of a record after its first `count` queued events. */
  #valueBefore(record: string, count: number): Uint8Array {
    const queued = this.#waiting.filter(({ act }) => act?.record === record).slice(0, count);
    return queued.reduce((value, { entry }) => nextValue(value, entryLeafHash(entry)), this.held(record).value);
  }

  /** Queues a document. @returns its SHA-256 in hexadecimal */
  document(text: string): string {
    const digest = sha256(text);
    const entry: Entry = {
      kind: KIND_DOCUMENT,
      digest,
      size: utf8(text).length,
      acceptedAt: this.#now,
      salt: this.#salt(),
      accountTag: ANONYMOUS,
      detailsDigest: NO_DETAILS,
    };
    this.#waiting.push({ entry, act: null, note: '' });
    return toHex(digest);
  }

  /** Queues an event and seals it alone. */
  play(act: Act, sealedAt?: number, forgery?: Forgery): string {
    const id = this.add(act);
    this.seal(sealedAt, forgery);
    return id;
  }

  /** Makes a block of what waits; without anything, of a document of its own. */
  seal(sealedAt = this.#now + 1000, forgery: Forgery = {}): number {
    if (this.#waiting.length === 0) this.document(`block ${this.blocks.length}`);
    const height = this.blocks.length;
    const entries = this.#waiting.map(({ entry }) => entry);
    const leaves = entries.map((entry) => leafHash(encodeEntry(entry), sha256));
    const changes: Change[] = [];
    const before = new Map([...this.records].map(([id, { state }]) => [id, state]));
    for (const [index, { entry, act, note }] of this.#waiting.entries()) {
      const placed: PlacedEntry = { entry, height, index, path: inclusionPath(index, leaves) };
      if (act === null) this.#documents.set(toHex(entry.digest), this.#documents.get(toHex(entry.digest)) ?? placed);
      else if (act.dropped !== true) this.#apply(act, note, placed, sealedAt, before, changes);
    }
    const previous = this.blocks.at(-1);
    const now = previous?.full === true ? previous.now : sealedAt;
    const full = forgery.full === true;
    if (forgery.idle !== true && !full) this.#settle(height, now, changes);
    for (const { record, type, facts, state } of forgery.forgedEvents ?? []) {
      const held = this.held(record);
      this.#happen(held, { type, facts, state: { ...held.state, ...state } as RecordState }, height, changes);
    }
    const tree = forgery.staleMap === true ? (this.blocks.at(-1)?.tree ?? MapTree.EMPTY) : this.#tree;
    const list = encodeChanges(changes);
    const statement = formatStatement({
      beacons: [],
      map: {
        ...{ changes: changesDigest(list), records: this.records.size, root: tree.root },
        ...{ full, now: previous?.full === true ? now : null },
      },
    });
    const last = previous?.header;
    const header = mine({
      height,
      previousHash: last === undefined ? NO_PREVIOUS_HASH : blockHash(encodeHeader(last), sha256),
      merkleRoot: merkleRoot(leaves, sha256),
      state: stateHash(statement),
      firstPosition: last === undefined ? 0 : last.firstPosition + last.entryCount,
      entryCount: entries.length,
      sealedAt,
      difficulty: this.difficulty,
      nonce: 0n,
    });
    this.blocks.push({ header, statement, entries, leaves, tree, full, now });
    this.#waiting = [];
    return height;
  }

  #apply(act: Act, note: string, placed: PlacedEntry, sealedAt: number, before: ReadonlyMap<string, RecordState | null>, changes: Change[]): void {
    const id = act.record ?? toHex(eventDigest(note));
    const held = this.records.get(id) ?? { id, sequence: -1, value: NO_VALUE, state: null, watched: new Set<string>(), events: [] };
    const { height } = placed;
    try {
      held.state = apply(
        held.state,
        { record: act.record === undefined ? null : fromHex(id, 32), sequence: held.sequence + 1, type: act.type, body: act.body },
        { id, height, sealedAt, record: (other) => before.get(other) ?? null },
      );
    } catch (error) {
      if (!(error instanceof RecordRefusal) || act.forced !== true) throw error;
    }
    held.sequence++;
    held.value = nextValue(held.value, entryLeafHash(placed.entry));
    this.#watch(held);
    held.events.push({ event: { note, body: act.body, ...placed }, at: height });
    this.records.set(id, held);
    this.#tree = this.#tree.set(fromHex(id, 32), held.value);
    changes.push({ key: fromHex(id, 32), value: held.value, index: placed.index });
  }

  /** Everybody is asked in each round: the same as asking those that can have something to say. */
  #settle(height: number, sealedAt: number, changes: Change[]): void {
    const notarized = (digest: string) =>
      this.#documents.has(digest) || this.#waiting.some(({ entry, act }) => act === null && toHex(entry.digest) === digest);
    for (;;) {
      const start = new Map([...this.records].map(([id, { state, value }]) => [id, state === null ? null : { state, value: toHex(value) }]));
      const due = [...this.records.values()]
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .map((held) => ({
          held,
          event: held.state === null ? null : automatic(held.state, { id: held.id, height, sealedAt, record: (id) => start.get(id) ?? null, notarized }),
        }));
      let any = false;
      for (const { held, event } of due) {
        if (event === null) continue;
        any = true;
        this.#happen(held, event, height, changes);
      }
      if (!any) return;
    }
  }

  #happen(held: Held, { type, state, facts }: { readonly type: string; readonly state: RecordState; readonly facts: readonly string[] }, height: number, changes: Change[]): void {
    const key = fromHex(held.id, 32);
    const text = formatAutomatic({ origin: ORIGIN, record: key, sequence: held.sequence + 1, before: held.value, type, height, facts });
    held.sequence++;
    held.value = nextValue(held.value, automaticLeaf(text));
    held.state = state;
    this.#watch(held);
    held.events.push({ event: { automatic: text }, at: height });
    this.#tree = this.#tree.set(key, held.value);
    changes.push({ key, value: held.value, text });
  }

  held(id: string): Held {
    const found = this.records.get(id);
    if (found === undefined) throw new Error('no such record');
    return found;
  }

  #watch({ state, watched }: Held): void {
    if (state !== null) for (const id of watches(state, 0).records) watched.add(id);
  }

  /** @param at the height of the block that shows the state; by default the last one */
  history(record: string, { at = this.blocks.length - 1, size = this.blocks.length, signer = LOG } = {}): History {
    const ids = new Set([record, ...this.held(record).watched]);
    const digests = new Set<string>();
    for (const id of ids) {
      for (const { event } of this.eventsOf(id, at)) {
        if ('automatic' in event) {
          for (const [, what, name = ''] of event.automatic.matchAll(/^(record|notarized) ([0-9a-f]{64})/gm)) (what === 'record' ? ids : digests).add(name);
        } else if (event.body !== null && typeof event.body['by'] === 'string') ids.add(event.body['by']);
      }
    }
    const records = new Map(
      [...ids].map((id) => [id, { events: this.eventsOf(id, at).map(({ event }) => event), state: { height: at, path: this.#pathAt(at, id) } }]),
    );
    const documents = new Map([...digests].map((digest) => [digest, this.placed(digest)]));
    const heights = new Set([at, ...[...documents.values()].map(({ height }) => height)]);
    for (const id of ids) {
      for (const event of this.eventsOf(id, at)) {
        heights.add(event.at);
        if (event.at > 0) heights.add(event.at - 1);
      }
    }
    const isBehindFull = (height: number) => this.blocks[height - 1]?.full === true;
    // A set gives what is added while it is walked through.
    for (const height of heights) {
      if (isBehindFull(height)) heights.add(height - 1);
      if (this.block(height).full && height < at) heights.add(height + 1);
    }
    const logLeaves = this.blocks.slice(0, size).map(({ header }) => leafHash(encodeHeader(header), sha256));
    const checkpoint = { origin: ORIGIN, size, root: merkleRoot(logLeaves, sha256), extensions: [] };
    return {
      record,
      log: { checkpoint, note: signNote(formatCheckpoint(checkpoint), signer) },
      blocks: [...heights].sort((a, b) => a - b).map((height) => {
        const { header, statement, full } = this.block(height);
        const isStated = height === at || full || isBehindFull(height);
        return { header, path: inclusionPath(height, logLeaves), statement: isStated ? statement : null, anchors: [] };
      }),
      records,
      documents,
    };
  }

  /** Up to a block. */
  eventsOf(id: string, at: number) {
    return (this.records.get(id)?.events ?? []).filter((each) => each.at <= at);
  }

  placed(digest: string): PlacedEntry {
    const found = this.#documents.get(digest);
    if (found === undefined) throw new Error('no such document');
    return found;
  }

  block(height: number): Block {
    const found = this.blocks[height];
    if (found === undefined) throw new Error('no such block');
    return found;
  }

  #pathAt(height: number, id: string) {
    return this.block(height).tree.path(fromHex(id, 32));
  }

  get #now(): number {
    return this.blocks.at(-1)?.header.sealedAt ?? START;
  }

  #salt(): Uint8Array {
    this.#salts++;
    return sha256(`salt ${this.#salts}`).slice(0, 16);
  }
}

function signed(text: string, by: readonly Signing[]): string {
  const notes = by.filter((each): each is NoteSigner => 'key' in each);
  const lines = by.flatMap((each) => ('key' in each ? [] : [each.line(text)]));
  return `${notes.length === 0 ? `${text}\n` : formatNote(signNote(text, ...notes))}${lines.join('')}`;
}
