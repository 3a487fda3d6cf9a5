import * as api from './api.js';
import type { Block, Cosigned, Notarization } from './api.js';
import { connection, retryWhileUnavailable } from './request.js';

interface Following {
  readonly id: string;
  /** The event to wait for. */
  readonly event: 'sealed' | 'cosigned';
  /** A proxy may swallow events, so the notarization is also requested after this long without one. */
  readonly patienceMs: number;
  /** Called with each response; true ends the following. */
  readonly until: (notarization: Notarization) => boolean;
  readonly signal: AbortSignal;
}

/**
 * Follows a notarization by its events, also through interruptions of the service.
 * @throws ProblemError if the service rejects the request
 */
export async function follow({ id, event, patienceMs, until, signal }: Following): Promise<Notarization> {
  for (let broken = 0; ;) {
    const notarization = await retryWhileUnavailable(() => api.notarization(id, signal), signal);
    if (until(notarization)) return notarization;
    const arrived = await nextEvent(id, event, patienceMs, signal);
    broken = arrived ? 0 : broken + 1;
    if (!arrived) await connection.backOff(broken, null, signal);
  }
}

const EVENTS = ['sealed', 'cosigned', 'anchored'] as const;

/** Waits for the event, at most for `patienceMs`. @returns false if the stream broke */
function nextEvent(
  id: string,
  event: Following['event'],
  patienceMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const source = api.events(id);
    const finish = (settle: () => void) => {
      source.close();
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      settle();
    };
    const abort = () => {
      finish(() => {
        reject(new DOMException('aborted', 'AbortError'));
      });
    };
    const end = (arrived: boolean) => () => {
      finish(() => {
        resolve(arrived);
      });
    };
    const timer = setTimeout(end(true), patienceMs);
    // A later one means that this one was missed.
    for (const each of EVENTS.slice(EVENTS.indexOf(event))) source.addEventListener(each, end(true));
    source.addEventListener('error', end(false));
    signal.addEventListener('abort', abort);
  });
}

export interface Seal {
  readonly height: number;
  /** Index of the entry in its block, from 0. */
  readonly index: number;
  /** Milliseconds since the Unix epoch. */
  readonly sealedAt: number;
}

const SEAL_PATIENCE_MS = 10_000;

interface SealSource {
  /** Resolves once the notarization is sealed. */
  readonly untilSealed: (id: string, signal: AbortSignal) => Promise<Notarization>;
  readonly block: (height: number, signal: AbortSignal) => Promise<Block>;
}

interface Waiting {
  readonly notarization: Notarization;
  /** `cosigned`: null where the log has no members. */
  readonly onSealed: (seal: Seal, cosigned: Cosigned | null) => void;
}

/** Follows the lowest of its entries until none is left. */
abstract class Watch<Entry> {
  /** By position or height. */
  protected readonly entries = new Map<number, Entry>();
  readonly #stop = new AbortController();
  #running = false;

  stop(): void {
    this.#stop.abort();
  }

  /** Follows an entry, and reports about and removes what it learns of. @throws if it cannot be followed */
  protected abstract follow(entry: Entry, signal: AbortSignal): Promise<void>;

  /** The key of the entry to follow next. */
  protected next(): number {
    return Math.min(...this.entries.keys());
  }

  protected put(key: number, entry: Entry): void {
    this.entries.set(key, entry);
    if (this.#running) return;
    this.#running = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (this.entries.size > 0 && !signal.aborted) {
      const key = this.next();
      const entry = this.entries.get(key);
      if (entry === undefined) break;
      try {
        await this.follow(entry, signal);
      } catch {
        // Erased or no longer accessible: what was reported remains true.
        this.entries.delete(key);
      }
    }
    this.#running = false;
  }
}

/**
 * Reports when notarizations are sealed. A block holds a contiguous range of positions, and blocks are sealed
 * in order, so one event stream, for the lowest waiting position, is enough for any number of documents.
 */
export class SealWatch extends Watch<Waiting> {
  readonly #source: SealSource;

  constructor(source: SealSource = { untilSealed, block: sealedBlock }) {
    super();
    this.#source = source;
  }

  add(notarization: Notarization, onSealed: Waiting['onSealed']): void {
    this.put(notarization.position, { notarization, onSealed });
  }

  protected override async follow(lowest: Waiting, signal: AbortSignal): Promise<void> {
    const { id } = lowest.notarization;
    const { block, sealedAt, acceptedAt, cosigned } = await this.#source.untilSealed(id, signal);
    if (block === undefined) throw new TypeError('sealed without a block');
    this.#settle(await this.#source.block(block.height, signal), cosigned ?? null);
    // Whatever the block says, this notarization is sealed, and the next one must be followed.
    this.#report(lowest, { ...block, sealedAt: Date.parse(sealedAt ?? acceptedAt) }, cosigned ?? null);
  }

  #settle({ height, firstPosition, entryCount, sealedAt }: Block, cosigned: Cosigned | null): void {
    for (const waiting of [...this.entries.values()]) {
      const index = waiting.notarization.position - firstPosition;
      if (index < 0 || index >= entryCount) continue;
      this.#report(waiting, { height, index, sealedAt: Date.parse(sealedAt) }, cosigned);
    }
  }

  #report(waiting: Waiting, seal: Seal, cosigned: Cosigned | null): void {
    if (this.entries.delete(waiting.notarization.position)) waiting.onSealed(seal, cosigned);
  }
}

function sealedBlock(height: number, signal: AbortSignal): Promise<Block> {
  return retryWhileUnavailable(() => api.block(height, signal), signal);
}

function untilSealed(id: string, signal: AbortSignal): Promise<Notarization> {
  const until = ({ status }: Notarization) => status !== 'accepted';
  return follow({ id, event: 'sealed', patienceMs: SEAL_PATIENCE_MS, until, signal });
}

/** The event is sent when the quorum is met. Until then the count is polled this often. */
const COSIGN_PATIENCE_MS = 4000;
/** Members that cosign shortly after the quorum are still counted. */
const LATE_LOOKS = 4;

export interface CosignSource {
  /**
   * Resolves when the quorum has cosigned, or if the log has no members; reports the count whenever it polls.
   */
  readonly untilCosigned: (
    id: string,
    onLook: (cosigned: Cosigned | null) => void,
    signal: AbortSignal,
  ) => Promise<unknown>;
  readonly look: (id: string, signal: AbortSignal) => Promise<Cosigned | null>;
  /** Waits before poll number `attempt`, from 1. */
  readonly pause: (attempt: number, signal: AbortSignal) => Promise<void>;
}

interface Watched {
  readonly height: number;
  /** A notarization in the block, which is cosigned as a whole. */
  readonly id: string;
  readonly listeners: Set<(cosigned: Cosigned) => void>;
  cosigned: Cosigned;
  met: boolean;
}

/**
 * Reports how many members have cosigned blocks. A cosignature on a block covers all earlier blocks, so one
 * event stream, for the lowest block without a quorum, is enough.
 */
export class CosignWatch extends Watch<Watched> {
  readonly #source: CosignSource;

  constructor(source: CosignSource = { untilCosigned, look, pause }) {
    super();
    this.#source = source;
  }

  add(height: number, id: string, cosigned: Cosigned, onChange: (cosigned: Cosigned) => void): void {
    const watched = this.entries.get(height) ?? { height, id, listeners: new Set(), cosigned, met: false };
    watched.listeners.add(onChange);
    if (watched.cosigned.signed > cosigned.signed) onChange(watched.cosigned);
    this.put(height, watched);
  }

  /** The lowest block without a quorum; the lowest of all if every quorum is met. */
  protected override next(): number {
    const waiting = [...this.entries.values()].filter(({ met }) => !met).map(({ height }) => height);
    return waiting.length === 0 ? super.next() : Math.min(...waiting);
  }

  protected override async follow(watched: Watched, signal: AbortSignal): Promise<void> {
    if (watched.met) {
      await this.#lookLater(signal);
      return;
    }
    const onLook = (cosigned: Cosigned | null) => {
      if (cosigned === null) this.entries.delete(watched.height);
      else this.#set(watched, cosigned);
    };
    await this.#source.untilCosigned(watched.id, onLook, signal);
    watched.met = true;
  }

  /** All quorums are met. Only the count beyond the quorum can still change. */
  async #lookLater(signal: AbortSignal): Promise<void> {
    const watched = [...this.entries.values()].sort((a, b) => a.height - b.height);
    const highest = watched.at(-1);
    if (highest === undefined) return;
    for (let attempt = 1; attempt <= LATE_LOOKS; attempt++) {
      if (watched.every(({ cosigned }) => cosigned.signed >= cosigned.of)) break;
      await this.#source.pause(attempt, signal);
      const cosigned = await this.#source.look(highest.id, signal);
      if (cosigned !== null) for (const each of watched) this.#set(each, cosigned);
      // A block that was added in the meantime must not wait for late cosignatures of others.
      if ([...this.entries.values()].some(({ met }) => !met)) return;
    }
    for (const { height } of watched) this.entries.delete(height);
  }

  #set(watched: Watched, cosigned: Cosigned): void {
    // Cosignatures are never withdrawn, so a lower count is an older response.
    if (cosigned.signed < watched.cosigned.signed) return;
    watched.cosigned = cosigned;
    for (const listener of watched.listeners) listener(cosigned);
  }
}

function untilCosigned(
  id: string,
  onLook: (cosigned: Cosigned | null) => void,
  signal: AbortSignal,
): Promise<Notarization> {
  const until = ({ status, cosigned }: Notarization) => {
    onLook(cosigned ?? null);
    return status === 'cosigned' || status === 'anchored' || cosigned === undefined;
  };
  return follow({ id, event: 'cosigned', patienceMs: COSIGN_PATIENCE_MS, until, signal });
}

async function look(id: string, signal: AbortSignal): Promise<Cosigned | null> {
  let cosigned: Cosigned | null = null;
  const until = (notarization: Notarization) => {
    cosigned = notarization.cosigned ?? null;
    return true;
  };
  await follow({ id, event: 'cosigned', patienceMs: COSIGN_PATIENCE_MS, until, signal });
  return cosigned;
}

function pause(attempt: number, signal: AbortSignal): Promise<void> {
  return connection.backOff(attempt, null, signal);
}

/** Looks in quick succession, for ten minutes: an authority takes one. After them, Bitcoin takes some hours. */
const QUICK_LOOKS = 42;
const SLOW_PAUSE_MS = 5 * 60_000;

export interface AnchorSource {
  /** Whether the log has time sources. */
  readonly hasSources: (signal: AbortSignal) => Promise<boolean>;
  readonly isAnchored: (id: string, signal: AbortSignal) => Promise<boolean>;
  /** Waits before look number `attempt`, from 1. */
  readonly pause: (attempt: number, signal: AbortSignal) => Promise<void>;
  /** Waits before each look after the quick ones. Resolves when `signal` aborts. */
  readonly longPause: (signal: AbortSignal) => Promise<void>;
}

interface Anchored {
  readonly height: number;
  /** A notarization in the block, which is anchored as a whole. */
  readonly id: string;
  readonly listeners: Set<() => void>;
}

/**
 * Reports when time sources have anchored blocks, in a log that has some. An anchor covers all earlier blocks,
 * so looking for that of the lowest block is enough. It is looked for, and not waited for by an event stream,
 * because it can take hours: often at first, then slowly and only while somebody can see the page.
 */
export class AnchorWatch extends Watch<Anchored> {
  readonly #source: AnchorSource;
  /** For the anchor of the block that is followed, since the last block was added. */
  #looks = 0;
  /** Ends a long pause. */
  #added = new AbortController();

  constructor(source: Partial<AnchorSource> = {}) {
    super();
    this.#source = { hasSources, isAnchored, pause, longPause, ...source };
  }

  add(height: number, id: string, onAnchored: () => void): void {
    const watched = this.entries.get(height) ?? { height, id, listeners: new Set() };
    watched.listeners.add(onAnchored);
    this.put(height, watched);
    this.#looks = 0;
    this.#added.abort();
  }

  protected override async follow({ id, height, listeners }: Anchored, signal: AbortSignal): Promise<void> {
    if (await this.#source.hasSources(signal)) {
      this.#looks = 0;
      do await this.#pause(signal);
      while (!(await this.#source.isAnchored(id, signal)));
      for (const listener of listeners) listener();
    }
    this.entries.delete(height);
  }

  async #pause(signal: AbortSignal): Promise<void> {
    this.#looks++;
    if (this.#looks <= QUICK_LOOKS) {
      await this.#source.pause(this.#looks, signal);
      return;
    }
    this.#added = new AbortController();
    await this.#source.longPause(AbortSignal.any([signal, this.#added.signal]));
    signal.throwIfAborted();
  }
}

async function hasSources(signal: AbortSignal): Promise<boolean> {
  const { policy } = await retryWhileUnavailable(() => api.chain(signal), signal);
  return /^#(tsa|bitcoin) /m.test(policy);
}

async function isAnchored(id: string, signal: AbortSignal): Promise<boolean> {
  const { status } = await retryWhileUnavailable(() => api.notarization(id, signal), signal);
  return status === 'anchored';
}

/** At least five minutes; in a tab that nobody sees, until it is seen again. */
function longPause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let isOver = false;
    const settle = () => {
      if (!signal.aborted && !(isOver && document.visibilityState === 'visible')) return;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', settle);
      signal.removeEventListener('abort', settle);
      resolve();
    };
    const timer = setTimeout(() => {
      isOver = true;
      settle();
    }, SLOW_PAUSE_MS);
    document.addEventListener('visibilitychange', settle);
    signal.addEventListener('abort', settle);
    settle();
  });
}
