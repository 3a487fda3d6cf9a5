import { connection } from '../connection.js';
import type { Cosigned, Notarization } from '../resources.js';
import { follow } from './follow.js';

/** The event comes when the quorum is met; until then the page looks how many there are. */
const PATIENCE_MS = 4000;
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
  return follow({ id, event: 'cosigned', patienceMs: PATIENCE_MS, until, signal });
}

async function look(id: string, signal: AbortSignal): Promise<Cosigned | null> {
  let cosigned: Cosigned | null = null;
  const until = (notarization: Notarization) => {
    cosigned = notarization.cosigned ?? null;
    return true;
  };
  await follow({ id, event: 'cosigned', patienceMs: PATIENCE_MS, until, signal });
  return cosigned;
}

function pause(attempt: number, signal: AbortSignal): Promise<void> {
  return connection.pause(attempt, null, signal);
}
