import { performance } from 'node:perf_hooks';
import type { SourceState, Store } from '../store/index.js';
import type { CalendarSource, TimeSources, TsaSource } from './sources.js';

/** A timestamp that a calendar has not completed by then will not be: the same checkpoint is submitted again. */
export const GIVEN_UP_MS = 14 * 86_400_000;
/** Calendars usually take some hours. */
const PENDING_LATE_MS = 72 * 3_600_000;
/** Beside three intervals. */
export const LATE_MARGIN_MS = 5 * 60_000;

/** How far a source of anchors has come. Times are milliseconds since the Unix epoch. */
export interface SourceStatus {
  readonly name: string;
  readonly type: 'tsa' | 'bitcoin';
  /** Blocks that its anchors cover, without what is pending. */
  readonly size: number;
  /** The same with what is pending and not given up. */
  readonly submitted: number;
  /** When its last anchor was stored, also one that is pending; null: never. */
  readonly lastAt: number | null;
  /** What a calendar has yet to complete. */
  readonly pending: number;
  /** When the first block was sealed that no anchor of it covers; null: there is none. */
  readonly waitingSince: number | null;
  /** Whether something waits for longer than it should. Never of a standby source. */
  readonly late: boolean;
}

type Reading = Pick<Store, 'anchorStates' | 'pendingCounts' | 'block'>;

/**
 * Of each source, in the order of the file. Read from what is stored, so that every process and every start
 * finds the same.
 */
export async function readStatus(
  store: Reading,
  sources: Pick<TimeSources, 'anchors'>,
  now: number,
  marginMs = LATE_MARGIN_MS,
): Promise<SourceStatus[]> {
  if (sources.anchors.length === 0) return [];
  const [states, pending] = await Promise.all([store.anchorStates(), store.pendingCounts(now - GIVEN_UP_MS)]);
  const sealedAt = async (height: number) => (await store.block(height))?.sealedAt ?? null;
  return Promise.all(
    sources.anchors.map(async (source): Promise<SourceStatus> => {
      const extent = extentOf(source, states, now);
      const { count = 0, since = now } = pending.find((each) => each.source === source.name) ?? {};
      const [waitingSince, unsentSince] = await Promise.all([
        sealedAt(extent.size),
        sealedAt(extent.submitted),
      ]);
      const unsentMs = unsentSince === null ? 0 : now - unsentSince;
      const isLate = unsentMs > 3 * source.everyMs + marginMs || (count > 0 && now - since > PENDING_LATE_MS);
      return {
        ...{ name: source.name, type: source.type, ...extent, pending: count, waitingSince },
        late: isLate && !source.standby,
      };
    }),
  );
}

/** What the stored anchors of a source cover. */
export function extentOf(
  { name, type }: TsaSource | CalendarSource,
  states: readonly SourceState[],
  now: number,
): Pick<SourceStatus, 'size' | 'submitted' | 'lastAt'> {
  const of = (kind: SourceState['type']) => states.find((each) => each.type === kind && each.source === name);
  if (type === 'tsa') {
    const token = of('rfc3161');
    return { size: token?.size ?? 0, submitted: token?.size ?? 0, lastAt: token?.madeAt ?? null };
  }
  const [complete, pending] = [of('bitcoin'), of('pending')];
  const size = complete?.size ?? 0;
  const isAlive = pending !== undefined && now - pending.madeAt < GIVEN_UP_MS;
  return { size, submitted: isAlive ? Math.max(size, pending.size) : size, lastAt: pending?.madeAt ?? null };
}

/** How long a status is used after it was read: anybody may ask for it. */
const LIFETIME_MS = 1000;

/** The status for monitoring, in every process. */
export class StatusView {
  readonly #read: () => Promise<readonly SourceStatus[]>;
  #kept: Promise<readonly SourceStatus[]> = Promise.resolve([]);
  #until = 0;

  constructor(store: Reading, sources: Pick<TimeSources, 'anchors'>, marginMs?: number) {
    this.#read = () => readStatus(store, sources, Date.now(), marginMs);
  }

  /** @throws {StoreError} */
  read(): Promise<readonly SourceStatus[]> {
    if (performance.now() < this.#until) return this.#kept;
    this.#until = performance.now() + LIFETIME_MS;
    this.#kept = this.#read();
    this.#kept.catch(() => {
      this.#until = 0;
    });
    return this.#kept;
  }
}
