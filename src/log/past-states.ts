import { fromHex, HASH_LENGTH, type JsonObject, type RecordState, toHex } from '../proof/index.js';
import { parseAutomatic } from '../proof/records/automatic.js';
import { FULL_AUTOMATIC } from '../proof/records/changes.js';
import { RecordRefusal } from '../proof/records/refusal.js';
import { apply, automatic } from '../proof/records/rules.js';
import { parseStatement } from '../proof/time/state.js';
import type { Store } from '../store/index.js';
import { eventsUpTo, type SealedEvent } from './history-plan.js';

/** A record after a block. */
export interface RecordAt {
  readonly sequence: number;
  readonly value: Uint8Array;
  /** null: the body of an event was erased. */
  readonly state: RecordState | null;
}

/** A record whose events are applied one after the other, as far as somebody needs them. */
interface Player {
  readonly id: string;
  readonly pages: AsyncGenerator<readonly SealedEvent[]>;
  /** Read, and not applied yet. */
  waiting: readonly SealedEvent[];
  state: RecordState | null;
  playing: boolean;
  /** After each event that was applied. */
  readonly past: (RecordAt & { readonly height: number })[];
  /** In `past`, by value in hexadecimal. */
  readonly byValue: Map<string, RecordState | null>;
}

/**
 * Records as they were after a block, by the rules and from the events alone: the events of the record, and those of
 * the records that its automatic events and its contests rest on, as far as they are needed. What was sealed is
 * taken for true: a history proves it.
 */
export class PastStates {
  readonly #store: Store;
  /** Of the last block. */
  readonly #height: number;
  readonly #players = new Map<string, Player>();

  constructor(store: Store, height: number) {
    this.#store = store;
    this.#height = height;
  }

  /** @returns null: no block up to the last one has an event of the record */
  async of(id: Uint8Array): Promise<RecordAt | null> {
    const player = this.#player(toHex(id));
    await this.#playTo(player, this.#height);
    return player.past.at(-1) ?? null;
  }

  #player(id: string): Player {
    const known = this.#players.get(id);
    if (known !== undefined) return known;
    const pages = eventsUpTo(this.#store, id, this.#height);
    const player = { id, pages, waiting: [], state: null, playing: false, past: [], byValue: new Map() };
    this.#players.set(id, player);
    return player;
  }

  async #next(player: Player): Promise<SealedEvent | null> {
    if (player.playing) return null;
    while (player.waiting.length === 0) {
      const page = await player.pages.next();
      if (page.done === true) return null;
      player.waiting = page.value;
    }
    return player.waiting[0] ?? null;
  }

  async #playTo(player: Player, height: number): Promise<void> {
    for (let next = await this.#next(player); next !== null && next.height <= height;) {
      await this.#play(player, next);
      next = await this.#next(player);
    }
  }

  /** Records rest on each other's pasts only: while an event is played, nobody needs what comes behind it. */
  async #play(player: Player, event: SealedEvent): Promise<void> {
    const { height, sequence, value } = event;
    player.playing = true;
    const isLost = player.past.length > 0 && player.state === null;
    const state = isLost ? null : await this.#after(player, event);
    player.playing = false;
    player.waiting = player.waiting.slice(1);
    player.state = state;
    player.past.push({ sequence, value, state, height });
    player.byValue.set(toHex(value), state);
  }

  #after(player: Player, event: SealedEvent): Promise<RecordState | null> {
    return event.position === null ? this.#automatic(player, event) : this.#signed(player, event);
  }

  async #signed(player: Player, event: SealedEvent): Promise<RecordState | null> {
    const { height, sequence, type, body, sealedAt } = event;
    if (body === null) return null;
    const record = player.past.length === 0 ? null : fromHex(player.id, HASH_LENGTH);
    const ruled = { record, sequence, type, body: JSON.parse(body) as JsonObject };
    const others = new Map<string, RecordState | null>();
    for (;;) {
      const unknown = new Set<string>();
      let state: RecordState | null = null;
      try {
        state = apply(player.state, ruled, {
          ...{ id: player.id, height, sealedAt: sealedAt ?? 0 },
          record: (id) => {
            if (!others.has(id)) unknown.add(id);
            return others.get(id) ?? null;
          },
        });
      } catch (error) {
        if (!(error instanceof RecordRefusal)) throw error;
      }
      if (unknown.size === 0) return state;
      for (const id of unknown) others.set(id, await this.#before(id, height));
    }
  }

  /** A record at the end of the block before this one. */
  async #before(id: string, height: number): Promise<RecordState | null> {
    const player = this.#player(id);
    await this.#playTo(player, height - 1);
    return player.past.findLast((each) => each.height < height)?.state ?? null;
  }

  async #automatic(player: Player, event: SealedEvent): Promise<RecordState | null> {
    if (player.state === null) return null;
    const facts = parseAutomatic(event.note).facts.map((fact) => fact.split(' '));
    const records = new Map<string, { readonly state: RecordState; readonly value: string }>();
    for (const [what, id = '', value = ''] of facts) {
      const state = what === 'record' ? await this.#withValue(id, value) : null;
      if (state !== null) records.set(id, { state, value });
    }
    const happened = automatic(player.state, {
      ...{ id: player.id, height: event.height, sealedAt: await this.#nowIn(event) },
      record: (id) => records.get(id) ?? null,
      notarized: (digest) => facts.some(([what, each]) => what === 'notarized' && each === digest),
    });
    return happened?.type === event.type ? happened.state : null;
  }

  async #withValue(id: string, value: string): Promise<RecordState | null> {
    const player = this.#player(id);
    for (let next = await this.#next(player); next !== null && !player.byValue.has(value);) {
      await this.#play(player, next);
      next = await this.#next(player);
    }
    return player.byValue.get(value) ?? null;
  }

  /** The time that counts for what happens by itself in the event's block. */
  async #nowIn({ height, sealedAt }: SealedEvent): Promise<number> {
    const [full] = await this.#store.blocksWithChanges([height - 1], FULL_AUTOMATIC);
    const [placed] = full === undefined ? [] : await this.#store.stateStatements(height, height + 1);
    return (placed === undefined ? null : parseStatement(placed.statement).map.now) ?? sealedAt ?? 0;
  }
}
