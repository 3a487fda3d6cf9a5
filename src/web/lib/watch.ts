import * as api from './api.js';
import type { Block, Cosigned, Notarization } from './api.js';
import { connection, retryWhileUnavailable } from './request.js';

export interface Following {
  readonly id: string;
  /** The event that is waited for. */
  readonly event: 'sealed' | 'cosigned';
  /** A proxy may swallow events: after this long without one the page asks by itself. */
  readonly patienceMs: number;
  /** Given the notarization as it stands, each time it was asked for; true ends the following. */
  readonly until: (notarization: Notarization) => boolean;
  readonly signal: AbortSignal;
}

/** Follows a notarization through events, and through the service's going away and coming back. Rejects when it is refused. */
export async function follow({ id, event, patienceMs, until, signal }: Following): Promise<Notarization> {
  for (let broken = 0; ;) {
    const notarization = await retryWhileUnavailable(() => api.notarization(id, signal), signal);
    if (until(notarization)) return notarization;
    const told = await nextEvent(id, event, patienceMs, signal);
    broken = told ? 0 : broken + 1;
    if (!told) await connection.backOff(broken, null, signal);
  }
}

/** Waits for the event, but not beyond its patience. @returns false when the stream broke */
function nextEvent(id: string, event: string, patienceMs: number, signal: AbortSignal): Promise<boolean> {
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
    const end = (told: boolean) => () => {
      finish(() => {
        resolve(told);
      });
    };
    const timer = setTimeout(end(true), patienceMs);
    source.addEventListener(event, end(true));
    source.addEventListener('error', end(false));
    signal.addEventListener('abort', abort);
  });
}

export interface Seal {
  readonly height: number;
  /** Of the entry within its block, from 0. */
  readonly index: number;
  /** Milliseconds since the Unix epoch. */
  readonly sealedAt: number;
}

const SEAL_PATIENCE_MS = 10_000;

export interface SealSource {
  /** Resolves once the notarization is sealed. */
  readonly untilSealed: (id: string, signal: AbortSignal) => Promise<Notarization>;
  readonly block: (height: number, signal: AbortSignal) => Promise<Block>;
}

interface Waiting {
  readonly notarization: Notarization;
  /** `cosigned`: of its block; null where nobody is asked. */
  readonly onSealed: (seal: Seal, cosigned: Cosigned | null) => void;
}

/**
 * Tells when notarizations are sealed. A block holds a contiguous run of positions, and blocks come in order: so one stream
 * of events, for the lowest position that waits, is enough for any number of documents.
 */
export class SealWatch {
  readonly #source: SealSource;
  readonly #waiting = new Map<number, Waiting>();
  readonly #stop = new AbortController();
  #running = false;

  constructor(source: SealSource = { untilSealed, block: sealedBlock }) {
    this.#source = source;
  }

  add(notarization: Notarization, onSealed: Waiting['onSealed']): void {
    this.#waiting.set(notarization.position, { notarization, onSealed });
    if (this.#running) return;
    this.#running = true;
    void this.#run();
  }

  stop(): void {
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (this.#waiting.size > 0 && !signal.aborted) {
      const lowest = this.#waiting.get(Math.min(...this.#waiting.keys()));
      if (lowest === undefined) break;
      try {
        const { block, sealedAt, acceptedAt, cosigned } = await this.#source.untilSealed(
          lowest.notarization.id,
          signal,
        );
        if (block === undefined) throw new TypeError('sealed without a block');
        this.#settle(await this.#source.block(block.height, signal), cosigned ?? null);
        // Whatever the block says, this one is sealed: the loop must go on to the next.
        this.#tell(lowest, { ...block, sealedAt: Date.parse(sealedAt ?? acceptedAt) }, cosigned ?? null);
      } catch {
        // Unknown or erased meanwhile: there is nothing to wait for, and nothing was said that would not hold.
        this.#waiting.delete(lowest.notarization.position);
      }
    }
    this.#running = false;
  }

  #settle({ height, firstPosition, entryCount, sealedAt }: Block, cosigned: Cosigned | null): void {
    for (const waiting of [...this.#waiting.values()]) {
      const index = waiting.notarization.position - firstPosition;
      if (index < 0 || index >= entryCount) continue;
      this.#tell(waiting, { height, index, sealedAt: Date.parse(sealedAt) }, cosigned);
    }
  }

  #tell(waiting: Waiting, seal: Seal, cosigned: Cosigned | null): void {
    if (this.#waiting.delete(waiting.notarization.position)) waiting.onSealed(seal, cosigned);
  }
}

function sealedBlock(height: number, signal: AbortSignal): Promise<Block> {
  return retryWhileUnavailable(() => api.block(height, signal), signal);
}

function untilSealed(id: string, signal: AbortSignal): Promise<Notarization> {
  const until = ({ status }: Notarization) => status !== 'accepted';
  return follow({ id, event: 'sealed', patienceMs: SEAL_PATIENCE_MS, until, signal });
}

/** The event comes when the quorum is met; until then the page looks how many there are. */
const COSIGN_PATIENCE_MS = 4000;
/** Witnesses that answer a little after the quorum are still counted. */
const LATE_LOOKS = 4;

export interface CosignSource {
  /** Resolves once the quorum has cosigned, or nobody is asked any more; tells how many have, as often as it looks. */
  readonly untilCosigned: (
    id: string,
    onLook: (cosigned: Cosigned | null) => void,
    signal: AbortSignal,
  ) => Promise<unknown>;
  readonly look: (id: string, signal: AbortSignal) => Promise<Cosigned | null>;
  /** Before look number `attempt`, from 1. */
  readonly pause: (attempt: number, signal: AbortSignal) => Promise<void>;
}

interface Watched {
  readonly height: number;
  /** Of any notarization in the block: all of it is cosigned at once. */
  readonly id: string;
  readonly tell: Set<(cosigned: Cosigned) => void>;
  cosigned: Cosigned;
  met: boolean;
}

/**
 * Tells how many witnesses vouch for blocks. Whoever cosigns a block cosigns all before it: one stream of events, for the
 * lowest block without its quorum, is enough.
 */
export class CosignWatch {
  readonly #source: CosignSource;
  readonly #blocks = new Map<number, Watched>();
  readonly #stop = new AbortController();
  #running = false;

  constructor(source: CosignSource = { untilCosigned, look, pause }) {
    this.#source = source;
  }

  add(height: number, id: string, cosigned: Cosigned, tell: (cosigned: Cosigned) => void): void {
    const watched = this.#blocks.get(height) ?? { height, id, tell: new Set(), cosigned, met: false };
    watched.tell.add(tell);
    if (watched.cosigned.signed > cosigned.signed) tell(watched.cosigned);
    this.#blocks.set(height, watched);
    if (this.#running) return;
    this.#running = true;
    void this.#run();
  }

  stop(): void {
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (this.#blocks.size > 0 && !signal.aborted) {
      const sorted = [...this.#blocks.values()].sort((a, b) => a.height - b.height);
      const lowest = sorted.find(({ met }) => !met);
      try {
        if (lowest !== undefined) await this.#follow(lowest, signal);
        else await this.#lookLater(sorted, signal);
      } catch {
        // Erased meanwhile, or not for us any more: what was said of it still holds.
        this.#blocks.delete((lowest ?? sorted[0])?.height ?? -1);
      }
    }
    this.#running = false;
  }

  async #follow(watched: Watched, signal: AbortSignal): Promise<void> {
    const onLook = (cosigned: Cosigned | null) => {
      if (cosigned === null) this.#blocks.delete(watched.height);
      else this.#set(watched, cosigned);
    };
    await this.#source.untilCosigned(watched.id, onLook, signal);
    watched.met = true;
  }

  /** The quorum is met everywhere: all that may change is the number beyond it. */
  async #lookLater(watched: readonly Watched[], signal: AbortSignal): Promise<void> {
    const highest = watched.at(-1);
    if (highest === undefined) return;
    for (let attempt = 1; attempt <= LATE_LOOKS; attempt++) {
      if (watched.every(({ cosigned }) => cosigned.signed >= cosigned.of)) break;
      await this.#source.pause(attempt, signal);
      const cosigned = await this.#source.look(highest.id, signal);
      if (cosigned !== null) for (const each of watched) this.#set(each, cosigned);
      // One that was added meanwhile does not wait for the late ones of others.
      if ([...this.#blocks.values()].some(({ met }) => !met)) return;
    }
    for (const { height } of watched) this.#blocks.delete(height);
  }

  #set(watched: Watched, cosigned: Cosigned): void {
    // What was cosigned stays so; an answer may be older than the last one.
    if (cosigned.signed < watched.cosigned.signed) return;
    watched.cosigned = cosigned;
    for (const tell of watched.tell) tell(cosigned);
  }
}

function untilCosigned(
  id: string,
  onLook: (cosigned: Cosigned | null) => void,
  signal: AbortSignal,
): Promise<Notarization> {
  const until = ({ status, cosigned }: Notarization) => {
    onLook(cosigned ?? null);
    return status === 'cosigned' || cosigned === undefined;
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
