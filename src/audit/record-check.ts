import { nodeSha256, NODE_VERIFIERS } from '../crypto/primitives.js';
import { MapChain } from '../log/map-chain.js';
import { MapPageError } from '../merkle/map-pages.js';
import { equal, isObject, parseStrictJson, ProofError, toHex, utf8 } from '../proof/index.js';
import { parseAutomatic } from '../proof/records/automatic.js';
import { type Change, encodeChanges, parseChanges } from '../proof/records/changes.js';
import { parseEvent, withBody } from '../proof/records/event.js';
import { verifyEventSignatures } from '../proof/records/keys.js';
import { EMPTY_MAP } from '../proof/records/map-step.js';
import { RecordRefusal } from '../proof/records/refusal.js';
import { partiesOf, signersOf, watches } from '../proof/records/rules.js';
import { parseStatement } from '../proof/time/state.js';
import { type BlockFacts, BlockRecords, type HeldRecord, type RecordSource } from '../sealer/index.js';
import type { RecordBlockRow, RecordRows, SignedEventRow } from '../store/index.js';
import { type AuditNote, finding, type Findings, show } from './finding.js';

const PAGE = 256;
/** Most rows of one kind that are named. */
const LIMIT = 1000;

export interface RecordCheckOptions {
  readonly rows: RecordRows;
  /** Of the log. */
  readonly origin: string;
  readonly findings: Findings;
  readonly notes: AuditNote[];
  readonly onPage: () => void;
}

/**
 * Plays the rules over all events of a sound chain, block by block, and compares what follows with what is stored:
 * signatures, void and automatic events, change lists, statements, the map, and each record's state. Memory grows
 * with the number of records, by some two kilobytes for each.
 */
export async function checkRecordRules(options: RecordCheckOptions): Promise<void> {
  await new RecordCheck(options).run();
}

class RecordCheck {
  readonly #options: RecordCheckOptions;
  readonly #records = new Map<string, HeldRecord & { readonly height: number }>();
  /** Records that cannot be recomputed, because a body was erased. */
  readonly #unknown = new Set<string>();
  readonly #watchers = new Map<string, Set<string>>();
  readonly #documents = new Map<string, Set<string>>();
  /** As they are stored: of a record that a full block has left, also a time that has come. */
  readonly #times = new Map<string, readonly number[]>();
  readonly #chain = new MapChain({ map: EMPTY_MAP, sealedAt: 0 }, (prefixes) =>
    Promise.resolve(prefixes.map(() => null)),
  );
  #hasErased = false;
  /** Unknown records that rules have asked for in this block. */
  readonly #asked = new Set<string>();

  constructor(options: RecordCheckOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { rows, notes, onPage } = this.#options;
    this.#hasErased = (await rows.erasedPositions(1)).length > 0;
    let height = -1n;
    for (;;) {
      const page = await rows.recordBlocks(height, PAGE);
      for (const block of page) {
        height = block.height;
        // A map that does not follow makes all that comes after it follow from nothing.
        if (!(await this.#block(block))) return;
      }
      onPage();
      if (page.length < PAGE) break;
    }
    for (const position of await rows.entriesWithoutEvent(LIMIT)) {
      const message = `The entry at position ${position} is an event, but there is no row of the event.`;
      this.#add('event', { position }, null, message);
    }
    for (const { table, count } of await rows.strayRecordRows(height + 1n)) {
      const message = `${count} rows of the table ${table} name blocks that the chain does not have.`;
      this.#add(
        table === 'event' ? 'event' : table === 'map_page' ? 'map_page' : 'map_change',
        {},
        null,
        message,
      );
    }
    await this.#compareRecords();
    if (this.#unknown.size > 0) {
      const message = `${this.#unknown.size} records were not recomputed, because the bodies of events were erased. Their values follow.`;
      notes.push({ about: 'records', message });
    }
  }

  #add(
    table: 'event' | 'record' | 'map_page' | 'map_change' | 'state_statement' | 'record_watch',
    key: Parameters<typeof finding>[1],
    column: string | null,
    message: string,
    values: Parameters<typeof finding>[5] = {},
  ): void {
    this.#options.findings.add(finding(table, key, column, 'record_mismatch', message, values));
  }

  /** @returns false: the map does not follow */
  async #block(row: RecordBlockRow): Promise<boolean> {
    const { rows, origin } = this.#options;
    const [height, sealedAt, entryCount] = [Number(row.height), Number(row.sealed_at), row.entry_count];
    const first = row.first_position;
    const end = first + BigInt(entryCount);
    const events = row.events === 0 ? [] : await rows.eventsIn(first, end);
    const map = row.statement === null ? EMPTY_MAP : parseStatement(row.statement).map;
    const list = row.list ?? new Uint8Array();
    const leaves = new Map(events.map(({ position, leaf }) => [Number(position - first), leaf]));
    let followed;
    try {
      const leaf = (index: number) => leaves.get(index) ?? null;
      followed = await this.#chain.follow({ origin, height, entryCount, sealedAt, map, list, leaf });
    } catch (error) {
      if (!(error instanceof MapPageError)) throw error;
      followed = { fault: 'wrong_root' } as const;
    }
    if (followed.fault !== null) {
      const message =
        followed.fault === 'other_changes'
          ? `The change list of block ${height} is not the one that its statement names.`
          : `The map of records after block ${height} does not follow (${followed.fault}).`;
      this.#add('map_change', { height }, 'list', message);
      return false;
    }
    const pages = followed.pages;
    if (pages.length > 0) await this.#comparePages(row.height, pages);
    const changes = list.length === 0 ? [] : parseChanges(list);
    const now = map.now ?? sealedAt;
    await this.#apply(row, { height, sealedAt, now, end }, events, changes);
    return true;
  }

  async #comparePages(
    height: bigint,
    pages: readonly { readonly prefix: string; readonly page: Uint8Array }[],
  ): Promise<void> {
    const stored = new Map(
      (await this.#options.rows.pagesOf(height)).map(({ prefix, page }) => [prefix, page]),
    );
    for (const { prefix, page } of pages) {
      const own = stored.get(prefix);
      stored.delete(prefix);
      if (own !== undefined && equal(own, page)) continue;
      const message = `Page "${prefix}" of the map after block ${height} is ${own === undefined ? 'missing' : 'another one'}.`;
      this.#add('map_page', { height, prefix }, own === undefined ? null : 'page', message);
    }
    for (const prefix of stored.keys())
      this.#add(
        'map_page',
        { height, prefix },
        null,
        `Block ${height} does not change page "${prefix}" of the map.`,
      );
  }

  async #apply(
    row: RecordBlockRow,
    { end, ...facts }: Omit<BlockFacts, 'origin'> & { readonly end: bigint },
    events: readonly SignedEventRow[],
    changes: readonly Change[],
  ): Promise<void> {
    const { rows, origin } = this.#options;
    const { first_position: first } = row;
    const { height, now } = facts;
    const applied = new Set(changes.flatMap((change) => ('text' in change ? [] : [change.index])));
    const due = [...this.#times].flatMap(([id, times]) => (times.some((at) => at <= now) ? [id] : []));
    const woken = await this.#woken(first, end);
    if (events.length + due.length + woken.length + changes.length === 0) return;
    this.#asked.clear();
    const records = new BlockRecords({ origin, ...facts }, this.#source(end, changes));
    for (const event of events)
      await this.#event(records, event, Number(event.position - first), applied, height);
    const left = await records.settle([...due, ...woken].filter((id) => !this.#unknown.has(id)));
    const touched = new Set([...changes.map(({ key }) => toHex(key)), ...records.changed.keys()]);
    if (this.#asked.size > 0) for (const id of touched) this.#unknown.add(id);
    this.#compareChanges(height, records.changes, changes);
    const texts = (await rows.automaticEvents(row.height)).map(({ note }) => note);
    const listed = changes.flatMap((change) => ('text' in change ? [change.text] : []));
    if (texts.length !== listed.length || texts.some((text) => !listed.includes(text))) {
      const message = `The automatic events of block ${height} are not those of its change list.`;
      this.#add('event', { height }, 'note', message);
    }
    for (const id of due) if (!left.has(id)) this.#wait(id, now);
    for (const [id, record] of records.changed) this.#keep(id, record, height, now);
    for (const id of left) {
      const times = this.#times.get(id) ?? [];
      if (!times.some((at) => at <= now)) this.#times.set(id, [...times, now]);
    }
    for (const id of touched) if (this.#unknown.has(id)) this.#forget(id);
  }

  /** Applies an event, and compares what becomes of it with its row. */
  async #event(
    records: BlockRecords,
    row: SignedEventRow,
    index: number,
    applied: ReadonlySet<number>,
    height: number,
  ): Promise<void> {
    const key = { position: row.position };
    const id = toHex(row.record);
    const isApplied = applied.has(index);
    if (row.kind === null || row.digest === null) {
      // The entry was erased: its leaf hash alone is left.
      this.#unknown.add(id);
      return;
    }
    const digest = nodeSha256(utf8(row.note));
    if (row.kind !== 1 || !equal(digest, row.digest)) {
      this.#add(
        'event',
        key,
        'note',
        `The note at position ${row.position} is not the one that was notarized.`,
      );
      this.#unknown.add(id);
      return;
    }
    if (row.height !== BigInt(height) || (row.void === null) !== isApplied) {
      const message = `The row of the event at position ${row.position} does not say what the change list of block ${height} says.`;
      this.#add('event', key, row.height === BigInt(height) ? 'void' : 'height', message, {
        found: show(row.void),
      });
    }
    const body = row.json === null ? null : bodyOf(row.json);
    if (body === null || row.leaf === null || this.#unknown.has(id)) {
      if (isApplied) this.#unknown.add(id);
      return;
    }
    const before = records.changed.get(id) ?? this.#records.get(id) ?? null;
    const refusal = await records.add({ index, leaf: row.leaf, digest, note: row.note, body });
    if ((refusal === null) !== isApplied) {
      const message = isApplied
        ? `The event at position ${row.position} is applied, but the rules refuse it (${refusal ?? ''}).`
        : `The event at position ${row.position} is void, but the rules take it.`;
      this.#add('event', key, 'void', message, { expected: show(refusal), found: show(row.void) });
      this.#unknown.add(id);
      return;
    }
    if (refusal !== null) {
      if (refusal !== row.void)
        this.#add('event', key, 'void', `The event at position ${row.position} is void for another reason.`, {
          ...{ expected: show(refusal), found: show(row.void) },
        });
      return;
    }
    const after = records.changed.get(id);
    const event = parseEvent(row.note);
    const isSame =
      equal(row.value, after?.value ?? new Uint8Array()) &&
      equal(row.before, event.event.before) &&
      Number(row.sequence) === event.event.sequence &&
      row.type === event.event.type;
    if (!isSame)
      this.#add('event', key, null, `The row of the event at position ${row.position} is not as its note.`);
    try {
      const signers = signersOf(before?.state ?? null, withBody(event.event, body, nodeSha256));
      verifyEventSignatures(event.note, signers, NODE_VERIFIERS);
    } catch (error) {
      if (!(error instanceof RecordRefusal)) throw error;
      const message = `The event at position ${row.position} is applied, but it is not signed as the rules ask: ${error.message}.`;
      this.#add('event', key, 'note', message, { expected: error.code });
    }
  }

  #compareChanges(height: number, computed: readonly Change[], listed: readonly Change[]): void {
    const known = (changes: readonly Change[]) => changes.filter(({ key }) => !this.#unknown.has(toHex(key)));
    if (equal(encodeChanges(known(computed)), encodeChanges(known(listed)))) return;
    const message = `The change list of block ${height} is not what the rules make of its events.`;
    this.#add('map_change', { height }, 'list', message, { expected: shown(computed), found: shown(listed) });
  }

  /** A record waits for later times only. */
  #wait(id: string, now: number): void {
    const later = (this.#times.get(id) ?? []).filter((at) => at > now);
    if (later.length === 0) this.#times.delete(id);
    else this.#times.set(id, later);
  }

  /** Records that wait for a document in the block. */
  async #woken(first: bigint, end: bigint): Promise<string[]> {
    const wanted = [...this.#documents.keys()].map((digest) => Buffer.from(digest, 'hex'));
    const found = await this.#options.rows.notarizedIn(wanted, first, end);
    return found.flatMap((digest) => [...(this.#documents.get(toHex(digest)) ?? [])]);
  }

  /** @param changes of the block: what it says of documents that have been erased since is believed */
  #source(end: bigint, changes: readonly Change[]): RecordSource {
    return {
      records: (ids) => {
        for (const id of ids) if (this.#unknown.has(id)) this.#asked.add(id);
        const found = ids.flatMap((id) => {
          const record = this.#records.get(id);
          return record === undefined ? [] : [[id, record] as const];
        });
        return Promise.resolve(new Map(found));
      },
      notarized: async (digests) => {
        const wanted = digests.map((digest) => Buffer.from(digest, 'hex'));
        const found = new Set((await this.#options.rows.notarizedBelow(wanted, end)).map(toHex));
        const facts = this.#hasErased
          ? changes.flatMap((change) => ('text' in change ? parseAutomatic(change.text).facts : []))
          : [];
        return new Set(
          digests.filter((digest) => found.has(digest) || facts.includes(`notarized ${digest}`)),
        );
      },
      waitingFor: (ids) => Promise.resolve(ids.flatMap((id) => [...(this.#watchers.get(id) ?? [])])),
    };
  }

  #keep(id: string, record: HeldRecord, height: number, now: number): void {
    this.#forget(id);
    this.#records.set(id, { ...record, height });
    const { times, digests, records } = watches(record.state, now);
    if (times.length > 0) this.#times.set(id, times);
    for (const [index, keys] of [
      [this.#documents, digests],
      [this.#watchers, records],
    ] as const) {
      for (const key of keys) index.set(key, (index.get(key) ?? new Set()).add(id));
    }
  }

  #forget(id: string): void {
    const before = this.#records.get(id);
    if (before === undefined) return;
    const { digests, records } = watches(before.state, 0);
    for (const key of digests) if (remove(this.#documents.get(key), id)) this.#documents.delete(key);
    for (const key of records) if (remove(this.#watchers.get(key), id)) this.#watchers.delete(key);
    this.#times.delete(id);
    this.#records.delete(id);
  }

  /** Compares the stored states with those that follow. */
  async #compareRecords(): Promise<void> {
    const { rows, onPage } = this.#options;
    let after = new Uint8Array();
    for (;;) {
      const page = await rows.recordRowsAfter(after, PAGE);
      for (const row of page) {
        after = Uint8Array.from(row.id);
        const id = toHex(row.id);
        if (this.#unknown.has(id)) continue;
        const record = this.#records.get(id);
        if (record === undefined) {
          this.#add('record', { id }, null, `No event makes record ${id}.`);
          continue;
        }
        const { state, sequence, value, height } = record;
        const differs = [
          ['state', JSON.stringify(state), row.state],
          ['kind', state.kind, row.kind],
          ['status', state.status, row.status],
          ['holder', state.holder, row.holder],
          ['parties', partiesOf(state).join(' '), row.parties.join(' ')],
          ['sequence', String(sequence), String(row.sequence)],
          ['height', String(height), String(row.height)],
          ['value', toHex(value), toHex(row.value)],
        ].find(([, expected, found]) => expected !== found);
        if (differs !== undefined) {
          const [column = '', expected = '', found = ''] = differs;
          const message = `The ${column} of record ${id} is not what the rules make of its events.`;
          this.#add('record', { id }, column, message, { expected: show(expected), found: show(found) });
        }
        this.#compareWatches(id, record, row.watches);
        this.#records.delete(id);
      }
      onPage();
      if (page.length < PAGE) break;
    }
    for (const id of this.#records.keys())
      this.#add('record', { id }, null, `The row of record ${id} is missing.`);
  }

  #compareWatches(id: string, { state }: HeldRecord, found: readonly string[]): void {
    const { digests, records } = watches(state, 0);
    const times = this.#times.get(id) ?? [];
    const expected = [
      ...times.map((at) => `time ${at}`),
      ...digests.map((digest) => `digest ${digest}`),
      ...records.map((other) => `record ${other}`),
    ];
    if (expected.sort().join() === [...found].sort().join()) return;
    const message = `Record ${id} does not wait for what its state waits for: it would not change by itself, or at another time.`;
    const values = { expected: show(expected.join(', ')), found: show(found.join(', ')) };
    this.#add('record_watch', { record: id }, null, message, values);
  }
}

/** @returns whether the set is empty now */
function remove(set: Set<string> | undefined, id: string): boolean {
  set?.delete(id);
  return set?.size === 0;
}

function shown(changes: readonly Change[]): string {
  return show(
    changes
      .map((change) => ('text' in change ? parseAutomatic(change.text).type : `event ${change.index}`))
      .join(', '),
  );
}

function bodyOf(json: string) {
  try {
    const body = parseStrictJson(json);
    return isObject(body) ? body : null;
  } catch (error) {
    if (error instanceof ProofError) return null;
    throw error;
  }
}
