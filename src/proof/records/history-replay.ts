import { equal, toHex } from '../bytes.js';
import type { JsonObject } from '../canonical-json.js';
import { KIND_DOCUMENT } from '../entry.js';
import { ProofError } from '../errors.js';
import { failed, failedAt, mismatch, passed, type Place, skipped, type StepResult } from '../step.js';
import { stateHash } from '../time/state.js';
import type { Primitives } from '../verify.js';
import type { AutomaticEvent } from './automatic.js';
import type { ReadEvent, ReadRecord } from './history-events.js';
import type { History, HistoryBlock } from './history-file.js';
import { verifyEventSignatures } from './keys.js';
import { readMap } from './map-evidence.js';
import { RecordRefusal, type RefusalCode } from './refusal.js';
import { apply, automatic, signersOf, watches } from './rules.js';
import type { AutomaticFacts, HolderKey, RecordState, RuledEvent, Watches } from './state.js';

export type RuleCode =
  | RefusalCode
  | 'automatic_not_due' // the rules make nothing happen by itself, or something else
  | 'automatic_missing' // the rules make something happen by itself, and it is left out
  | 'fact_mismatch' // it rests on something that was not so
  | 'block_before_missing'; // whether a time had come before cannot be seen

/** What is not in the file and would be needed. `message`: an English sentence. */
export type MissingPart = { readonly message: string } & (
  | { readonly what: 'body'; readonly event: number; readonly record?: string }
  /** A record up to a block, or as it was before one. */
  | { readonly what: 'record' | 'record_before'; readonly record: string; readonly block: number }
  | { readonly what: 'document'; readonly document: string }
);

/** An event of the record, as the rules take it. */
export interface Played {
  readonly sequence: number;
  /** Of its block; null: the event cannot be read, and is an automatic one. */
  readonly height: number | null;
  /** null: the event cannot be read. */
  readonly type: string | null;
  /** The keys that have signed it, exactly those that the rules ask for; null: automatic, or not so, or not known. */
  readonly signers: readonly HolderKey[] | null;
  /** Nobody signed it: it happened by itself. */
  readonly automatic: boolean;
  /** What an automatic event rests on. */
  readonly facts: readonly string[];
  /** null: none, or not in the file. */
  readonly body: JsonObject | null;
  /** After the event; null: unknown. */
  readonly state: RecordState | null;
}

/** A record while its events are played. */
interface Player {
  readonly id: string;
  readonly events: readonly ReadEvent[];
  /** The number of events that have been played. */
  played: number;
  /** null: not begun, or lost. */
  state: RecordState | null;
  /** The state is not known any more. */
  lost: boolean;
  /** In hexadecimal. */
  value: string;
  watches: Watches | null;
  /** At the end of the block before the one that is played. */
  before: RecordState | null;
  /** Its values since the signed events of this block, and their states. */
  readonly rounds: Map<string, RecordState | null>;
  /** All events up to this block are in the file. */
  readonly completeTo: number;
  changed: boolean;
  /** Something was due in a full block, and has not happened yet. */
  owed: boolean;
}

/** A block, as what happens in it is judged. */
interface PlayedBlock {
  readonly height: number;
  readonly sealedAt: number;
  /** What counts as the time for what happens by itself. */
  readonly now: number;
  /** What is due may happen in the next block. */
  readonly full: boolean;
}

const NOTHING: Watches = { times: [], digests: [], records: [] };

/**
 * Plays the events of a history by the rules, block by block: the signed ones in the order of their leaves, then
 * the automatic ones. After each block of the file it asks whether more would have happened by itself.
 */
export class Replay {
  readonly #history: History;
  readonly #primitives: Primitives;
  readonly #players = new Map<string, Player>();
  readonly #own: Player;
  readonly timeline: Played[] = [];
  /** By message. */
  readonly #missing = new Map<string, MissingPart>();
  #signatureFault: StepResult<RuleCode> | null = null;
  #ruleFault: StepResult<RuleCode> | null = null;
  #automaticFault: StepResult<RuleCode> | null = null;
  #automaticEvents = 0;

  constructor(history: History, read: ReadonlyMap<string, ReadRecord>, primitives: Primitives) {
    this.#history = history;
    this.#primitives = primitives;
    for (const [id, { state }] of history.records) {
      this.#players.set(id, newPlayer(id, read.get(id)?.events ?? [], state.height));
    }
    this.#own = this.#players.get(history.record) ?? newPlayer(history.record, [], 0);
    this.#play();
  }

  get signatures(): StepResult<RuleCode> {
    return this.#signatureFault ?? this.#unlessMissing('Exactly the right keys have signed each event.');
  }

  get rules(): StepResult<RuleCode> {
    return this.#ruleFault ?? this.#unlessMissing('The rules allow each event.');
  }

  get automatic(): StepResult<RuleCode> {
    const count = this.#automaticEvents;
    const message =
      count === 0
        ? 'Nothing was due to happen by itself.'
        : `What had to happen by itself happened, and nothing else: ${count} automatic ${count === 1 ? 'event' : 'events'}.`;
    return this.#automaticFault ?? this.#unlessMissing(message);
  }

  /** What would be needed to check all of it. */
  get missing(): readonly MissingPart[] {
    return [...this.#missing.values()];
  }

  /** Of the record that the history is about; null: unknown. */
  get state(): RecordState | null {
    return this.#own.state;
  }

  #unlessMissing(message: string): StepResult<never> {
    const [first] = this.#missing.keys();
    if (first !== undefined) return skipped(`This cannot be checked further. ${first}`);
    const isLost = [...this.#players.values()].some(({ lost }) => lost);
    return isLost ? skipped('This cannot be checked behind the fault.') : passed(message);
  }

  #play(): void {
    let before: PlayedBlock | null = null;
    for (const each of this.#history.blocks) {
      const block = playedBlock(each);
      this.#playBlock(block, before);
      before = block;
    }
    // Of blocks that are not in the file: that is a fault of another step.
    for (const player of this.#players.values()) {
      while (player.played < player.events.length) this.#lose(player, player.events[player.played]);
    }
  }

  #playBlock(block: PlayedBlock, before: PlayedBlock | null): void {
    const { height } = block;
    const active: Player[] = [];
    for (const player of this.#players.values()) {
      if (player.owed && before !== null && before.height < Math.min(height - 1, player.completeTo))
        this.#lacksBlock(player, before.height + 1);
      player.before = player.state;
      player.changed = false;
      player.rounds.clear();
      const next = player.events[player.played];
      if (next?.height !== height) continue;
      active.push(player);
      this.#checkBlockBefore(player, block, before);
    }
    const signed = active
      .flatMap((player) => signedIn(player, height).map((event) => ({ player, event })))
      .sort((a, b) => indexOf(a.event) - indexOf(b.event));
    for (const { player, event } of signed) this.#applySigned(player, event, block);
    for (const player of active) player.rounds.set(player.value, player.state);
    this.#playAutomatic(active, block);
    this.#checkNothingLeft(block, before);
  }

  /** A time may have come in blocks between the last one that the file has and this one. */
  #checkBlockBefore(
    player: Player,
    block: PlayedBlock,
    before: PlayedBlock | null,
    watched = player.watches,
  ): void {
    if (before === null || before.height === block.height - 1) return;
    if (watched?.times.some((at) => before.now < at && at <= block.now) !== true) return;
    this.#lacksBlock(player, block.height - 1);
  }

  #lacksBlock(player: Player, height: number): void {
    this.#automaticFault ??= failedAt(
      this.#place(player),
      failed(
        'block_before_missing',
        `block ${height} is not in the file, so it does not show when something was due.`,
      ),
    );
  }

  #applySigned(player: Player, event: ReadEvent, { height, sealedAt, now }: PlayedBlock): void {
    const parsed = event.type === 'signed' ? event.parsed : null;
    const body = event.type === 'signed' ? event.source.body : null;
    if (player.lost || parsed === null || body === null) {
      if (!player.lost && parsed !== null) this.#lacks(missingBody(this.#place(player)));
      this.#lose(player, event);
      return;
    }
    const { id } = player;
    const ruled: RuledEvent = { ...parsed.event, body };
    const unknown: string[] = [];
    let signers: readonly HolderKey[] | null = null;
    let state: RecordState | null = null;
    try {
      const asked = signersOf(player.state, ruled);
      if (this.#areGood(player, event, asked)) signers = asked;
      state = apply(player.state, ruled, {
        ...{ id, height, sealedAt },
        record: (other) => {
          const found = this.#players.get(other);
          if (found !== undefined && !found.lost && found.completeTo >= height - 1) return found.before;
          unknown.push(other);
          return null;
        },
      });
    } catch (error) {
      if (!(error instanceof RecordRefusal)) throw error;
      if (unknown.length === 0)
        this.#ruleFault ??= failedAt(this.#place(player), failed(error.code, `${error.message}.`));
    }
    for (const other of unknown)
      this.#lacks({
        ...{ what: 'record_before', record: other, block: height },
        message: `What the record ${other} was before block ${height} does not follow from the file.`,
      });
    this.#advance(player, event, unknown.length === 0 ? state : null, { signers, now });
  }

  #areGood(player: Player, event: ReadEvent, signers: readonly HolderKey[]): boolean {
    const note = event.type === 'signed' ? event.parsed?.note : undefined;
    if (note === undefined) return false;
    try {
      verifyEventSignatures(note, signers, this.#primitives);
      return true;
    } catch (error) {
      if (error instanceof RecordRefusal)
        this.#signatureFault ??= failedAt(this.#place(player), failed(error.code, `${error.message}.`));
      else if (error instanceof ProofError)
        this.#signatureFault ??= failedAt(this.#place(player), failed('malformed_key', `${error.message}.`));
      else throw error;
      return false;
    }
  }

  /** The automatic events of a block, each as soon as what it rests on is there. */
  #playAutomatic(active: readonly Player[], block: PlayedBlock): void {
    const { height } = block;
    const next = (player: Player) => {
      const event = player.events[player.played];
      return event?.height === height && event.type === 'automatic' ? event : null;
    };
    for (;;) {
      const waiting = active.filter((player) => next(player) !== null);
      if (waiting.length === 0) return;
      // When none is ready they rest on each other, or on what never was: the first one shows it.
      const player = waiting.find((each) => this.#isReady(next(each))) ?? waiting[0];
      const event = player === undefined ? null : next(player);
      if (player === undefined || event === null) return;
      this.#applyAutomatic(player, event, block);
    }
  }

  #isReady(event: ReadEvent | null): boolean {
    if (event?.type !== 'automatic' || event.parsed === null) return true;
    return recordsOf(event.parsed).every(({ id, value }) => {
      const player = this.#players.get(id);
      return player === undefined || player.lost || valueStates(player).has(value);
    });
  }

  #applyAutomatic(player: Player, event: ReadEvent, block: PlayedBlock): void {
    this.#automaticEvents++;
    const parsed = event.type === 'automatic' ? event.parsed : null;
    if (player.lost || player.state === null || parsed === null) {
      this.#lose(player, event);
      return;
    }
    const facts = this.#factsOf(player, parsed, block);
    const { now } = block;
    if (facts === null) {
      this.#advance(player, event, null, { signers: null, now });
      return;
    }
    const happened = automatic(player.state, facts);
    const expected = happened === null ? 'nothing' : [happened.type, ...happened.facts].join(', ');
    const computed = [parsed.type, ...parsed.facts].join(', ');
    if (expected !== computed)
      this.#automaticFault ??= failedAt(
        this.#place(player),
        mismatch('automatic_not_due', `${parsed.type} did not happen by itself in block ${block.height}.`, {
          expected,
          computed,
        }),
      );
    const state = expected === computed ? (happened?.state ?? null) : null;
    this.#advance(player, event, state, { signers: null, now });
  }

  /** What an automatic event names, and nothing else; null: it is not known, or was not so. */
  #factsOf(player: Player, event: AutomaticEvent, { height, now }: PlayedBlock): AutomaticFacts | null {
    const named = new Map<string, { readonly state: RecordState; readonly value: string }>();
    for (const { id, value } of recordsOf(event)) {
      const other = this.#players.get(id);
      if (other === undefined || other.completeTo < height) {
        this.#lacks(missingRecord(id, height));
        return null;
      }
      const found = valueStates(other).get(value);
      if (found == null) {
        if (found === undefined && !other.lost)
          this.#automaticFault ??= failedAt(
            this.#place(player),
            failed('fact_mismatch', `the record ${id} did not have the value ${value} in block ${height}.`),
          );
        // Otherwise it is lost for a reason that is named already.
        return null;
      }
      named.set(id, { state: found, value });
    }
    const digests = digestsOf(event);
    for (const digest of digests) {
      const placed = this.#history.documents.get(digest);
      if (placed === undefined) {
        this.#lacks({
          ...{ what: 'document', document: digest },
          message: `The document ${digest} is not in the file.`,
        });
        return null;
      }
      if (placed.height > height || placed.entry.kind !== KIND_DOCUMENT) {
        this.#automaticFault ??= failedAt(
          this.#place(player),
          failed('fact_mismatch', `the document ${digest} was not notarized by block ${height}.`),
        );
        return null;
      }
    }
    return {
      ...{ id: player.id, height, sealedAt: now },
      record: (id) => named.get(id) ?? null,
      notarized: (digest) => digests.includes(digest),
    };
  }

  /** After a block of the file: what the rules still make happen by itself was left out, unless the block is full. */
  #checkNothingLeft(block: PlayedBlock, before: PlayedBlock | null): void {
    const { height, now } = block;
    const changed = new Set([...this.#players.values()].filter((each) => each.changed).map(({ id }) => id));
    for (const player of this.#players.values()) {
      const { state, watches: watched } = player;
      if (state === null || player.lost || player.completeTo < height) continue;
      const isAsked =
        player.changed ||
        player.owed ||
        watched === null ||
        watched.times.some((at) => at <= now) ||
        watched.records.some((id) => changed.has(id)) ||
        watched.digests.some((digest) => this.#history.documents.get(digest)?.height === height);
      if (!isAsked) continue;
      player.watches = watches(state, now);
      if (player === this.#own) this.#requireWatched(player, player.watches);
      const due = automatic(state, {
        ...{ id: player.id, height, sealedAt: now },
        record: (id) => {
          const other = this.#players.get(id);
          const known = other !== undefined && !other.lost && other.completeTo >= height;
          return known && other.state !== null ? { state: other.state, value: other.value } : null;
        },
        notarized: (digest) => {
          const placed = this.#history.documents.get(digest);
          return placed?.entry.kind === KIND_DOCUMENT && placed.height <= height;
        },
      });
      player.owed = due !== null && block.full;
      if (player.owed && !player.changed) this.#checkBlockBefore(player, block, before, watched);
      if (due === null || block.full) continue;
      this.#automaticFault ??= failedAt(
        { block: height, ...this.#of(player) },
        failed('automatic_missing', `${due.type} had to happen by itself by then, and is not there.`),
      );
    }
  }

  /** While the record waits for another one, the file must show what becomes of that. */
  #requireWatched({ events, played, completeTo }: Player, { records }: Watches): void {
    const until = events[played]?.height ?? completeTo;
    for (const id of records) {
      if ((this.#players.get(id)?.completeTo ?? -1) < until) this.#lacks(missingRecord(id, until));
    }
  }

  /** @param state after the event; null: it is lost */
  #advance(
    player: Player,
    event: ReadEvent,
    state: RecordState | null,
    { signers, now }: { readonly signers: readonly HolderKey[] | null; readonly now: number },
  ): void {
    if (player === this.#own) this.timeline.push(playedOf(player.played, event, signers, state));
    player.played++;
    player.changed = true;
    player.value = toHex(event.value);
    player.state = state;
    player.lost = state === null;
    player.watches = state === null ? NOTHING : watches(state, now);
    if (event.type === 'automatic') player.rounds.set(player.value, state);
  }

  #lose(player: Player, event: ReadEvent | undefined): void {
    if (event !== undefined) this.#advance(player, event, null, { signers: null, now: 0 });
  }

  #lacks(part: MissingPart): void {
    this.#missing.set(part.message, part);
  }

  /** The event that the player comes to next. */
  #place(player: Player): Place & { readonly event: number } {
    return { event: player.played, ...this.#of(player) };
  }

  #of(player: Player): { readonly record?: string } {
    return player === this.#own ? {} : { record: player.id };
  }
}

/** Of a block whose statement is not in the file, or is not its own, its time of sealing counts. */
function playedBlock({ header, statement }: HistoryBlock): PlayedBlock {
  const { height, sealedAt } = header;
  const isOwn = statement !== null && equal(stateHash(statement), header.state);
  const map = isOwn ? readMap(statement) : null;
  return { height, sealedAt, now: map?.now ?? sealedAt, full: map?.full ?? false };
}

function missingBody({ event, record }: Place & { readonly event: number }): MissingPart {
  const of = record === undefined ? {} : { record };
  const name = record === undefined ? `event ${event}` : `event ${event} of record ${record}`;
  return { what: 'body', event, ...of, message: `The body of ${name} is not in the file.` };
}

function missingRecord(record: string, block: number): MissingPart {
  return {
    ...{ what: 'record', record, block },
    message: `The record ${record} is not in the file up to block ${block}.`,
  };
}

/** The signed events that come next, in this block. */
function signedIn({ events, played }: Player, height: number): ReadEvent[] {
  const signed: ReadEvent[] = [];
  for (let i = played; events[i]?.height === height; i++) {
    const event = events[i];
    if (event?.type !== 'signed') break;
    signed.push(event);
  }
  return signed;
}

function newPlayer(id: string, events: readonly ReadEvent[], completeTo: number): Player {
  return {
    ...{ id, events, completeTo },
    ...{ played: 0, state: null, lost: false, value: '', watches: null, before: null },
    ...{ changed: false, owed: false },
    rounds: new Map(),
  };
}

/** The values at the beginnings of the rounds of this block; undefined behind a value that it never had. */
function valueStates({ rounds, value, state }: Player): ReadonlyMap<string, RecordState | null> {
  return rounds.size > 0 ? rounds : new Map([[value, state]]);
}

function playedOf(
  sequence: number,
  event: ReadEvent,
  signers: readonly HolderKey[] | null,
  state: RecordState | null,
): Played {
  const height = event.height < 0 ? null : event.height;
  if (event.type === 'automatic') {
    const { type = null, facts = [] } = event.parsed ?? {};
    return { sequence, height, type, signers: null, automatic: true, facts, body: null, state };
  }
  const type = event.parsed?.event.type ?? null;
  return { sequence, height, type, signers, automatic: false, facts: [], body: event.source.body, state };
}

function recordsOf({ facts }: AutomaticEvent): readonly { readonly id: string; readonly value: string }[] {
  return facts.flatMap((fact) => {
    const [what, id = '', value = ''] = fact.split(' ');
    return what === 'record' ? [{ id, value }] : [];
  });
}

function digestsOf({ facts }: AutomaticEvent): readonly string[] {
  return facts.flatMap((fact) => {
    const [what, digest = ''] = fact.split(' ');
    return what === 'notarized' ? [digest] : [];
  });
}

const indexOf = (event: ReadEvent) => (event.type === 'signed' ? event.source.index : 0);
