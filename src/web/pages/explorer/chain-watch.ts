import * as api from '../../lib/api.js';
import { connection, retryWhileUnavailable, ProblemError, type Problem } from '../../lib/request.js';
import { type Chain } from '../../lib/api.js';
import { latestBlocks, mergeBlocks, type SealedBlock } from './blocks.js';

/** Number of blocks that the charts show. */
export const WATCHED = 60;

const QUICKEST_MS = 1000;
const SLOWEST_MS = 8000;
/** Pause after an error that is not temporary. */
const AFTER_REFUSAL_MS = 15_000;

/** Pause before the next poll: it grows by half with every poll without new blocks. */
export function pauseAfter(quietLooks: number): number {
  return Math.min(SLOWEST_MS, QUICKEST_MS * 1.5 ** quietLooks);
}

export interface ChainState {
  readonly chain: Chain;
  /** Highest first, at most WATCHED. */
  readonly latest: readonly SealedBlock[];
  /** Time of the last poll in milliseconds since the Unix epoch. */
  readonly at: number;
}

/** Polls the chain while the page is visible. */
export class ChainWatch {
  state: ChainState | null = null;
  /** The problem of the last poll, if the service rejected it. */
  problem: Problem | null = null;
  readonly #onChange: (arrived: readonly SealedBlock[]) => void;

  /** @param onChange called after every poll with the new blocks, highest first; with none the first time */
  constructor(onChange: (arrived: readonly SealedBlock[]) => void) {
    this.#onChange = onChange;
  }

  async run(signal: AbortSignal): Promise<void> {
    for (let quiet = 0; ; quiet++) {
      await untilVisible();
      const pause = await this.#look(signal).then(
        (arrived) => {
          if (arrived) quiet = 0;
          return pauseAfter(quiet);
        },
        (error: unknown) => {
          signal.throwIfAborted();
          if (!(error instanceof ProblemError)) throw error;
          this.problem = error.problem;
          this.#onChange([]);
          return AFTER_REFUSAL_MS;
        },
      );
      await sleep(pause);
      signal.throwIfAborted();
    }
  }

  async #look(signal: AbortSignal): Promise<boolean> {
    const chain = await retryWhileUnavailable(() => api.chain(signal), signal);
    const known = this.state?.latest ?? [];
    const tip = known[0]?.header.height ?? -1;
    const height = chain.height ?? -1;
    // A chain that has become shorter is a different chain: discard the old blocks.
    const kept = height < tip ? [] : known;
    const missing = height - (kept[0]?.header.height ?? -1);
    const fetched =
      missing === 0
        ? []
        : await retryWhileUnavailable(
            () => latestBlocks(height + 1, Math.min(missing, WATCHED), signal),
            signal,
          );
    const first = this.state === null || kept !== known;
    this.state = { chain, latest: mergeBlocks(fetched, kept, WATCHED), at: Date.now() };
    this.problem = null;
    this.#onChange(first ? [] : fetched);
    return fetched.length > 0;
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** A hidden page does not poll. */
async function untilVisible(): Promise<void> {
  if (document.visibilityState === 'visible') return;
  await new Promise<void>((resolve) => {
    const look = () => {
      if (document.visibilityState !== 'visible') return;
      document.removeEventListener('visibilitychange', look);
      resolve();
    };
    document.addEventListener('visibilitychange', look);
  });
  connection.retryNow();
}
