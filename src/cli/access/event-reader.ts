import { setTimeout as sleep } from 'node:timers/promises';
import type { Access } from '../../access/index.js';
import type { AccessEvent, EventFilter } from '../../store/index.js';
import { LOCAL } from './here.js';

const PAGE = 1000;
const POLL_MS = 1000;
/** A transaction can commit after a later one: its event is looked for among this many of the latest. */
const REMEMBERED = 1000;

/** Reads the access log from its end. */
export class EventReader {
  readonly #access: Access;
  readonly #filter: Omit<EventFilter, 'limit' | 'before'>;
  /** Ids of the latest events that have been given out. */
  readonly #seen = new Set<number>();
  /** What has a lower id was not asked for, or is long past. */
  #floor = 0;

  constructor(access: Access, filter: Omit<EventFilter, 'limit' | 'before'>) {
    this.#access = access;
    this.#filter = filter;
  }

  /** The latest `limit` events, oldest first. */
  async latest(limit: number): Promise<{ readonly events: AccessEvent[]; readonly more: boolean }> {
    const found = await this.#read(limit + 1, () => false);
    const events = found.slice(0, limit);
    this.#floor = events.at(-1)?.id ?? (found[0]?.id ?? 0) + 1;
    this.#remember(events);
    return { events: events.reverse(), more: found.length > limit };
  }

  /** What happens from now on, in groups, oldest first; ends when `signal` aborts. */
  async *follow(signal: AbortSignal): AsyncGenerator<AccessEvent[]> {
    while (!signal.aborted) {
      const found = await this.#read(Infinity, ({ id }) => this.#seen.has(id) || id < this.#floor);
      const fresh = found.filter(({ id }) => id >= this.#floor && !this.#seen.has(id)).reverse();
      this.#remember(fresh);
      if (fresh.length > 0) yield fresh;
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Newest first, whole pages, up to the one in which `isKnown` holds for the last. */
  async #read(limit: number, isKnown: (event: AccessEvent) => boolean): Promise<AccessEvent[]> {
    const all: AccessEvent[] = [];
    while (all.length < limit) {
      const last = all.at(-1);
      if (last !== undefined && isKnown(last)) break;
      const size = Math.min(PAGE, limit - all.length);
      const page = await this.#access.events(LOCAL, {
        ...this.#filter,
        limit: size,
        ...(last === undefined ? {} : { before: last.id }),
      });
      all.push(...page);
      if (page.length < size) break;
    }
    return all;
  }

  #remember(events: readonly AccessEvent[]): void {
    for (const { id } of events) this.#seen.add(id);
    if (this.#seen.size <= REMEMBERED) return;
    const latest = [...this.#seen].sort((a, b) => b - a).slice(0, REMEMBERED);
    this.#floor = latest.at(-1) ?? this.#floor;
    this.#seen.clear();
    for (const id of latest) this.#seen.add(id);
  }
}
