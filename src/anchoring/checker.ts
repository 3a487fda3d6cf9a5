import { Piscina } from 'piscina';
import { THREAD_ARGUMENTS } from '../background/threads.js';
import { timeLimit } from '../background/time-limits.js';
import { NODE } from '../crypto/primitives.js';
import { PENDING_FORMAT, verify, type Verification } from '../proof/index.js';
import type {
  ChainQuestion,
  HistoryAnswer,
  HistoryQuestion,
  Link,
  ListQuestion,
  ProofQuestion,
  RoundQuestion,
  TokenAnswer,
  TokenQuestion,
} from './worker.js';

/** The bundle of this thread's module, two folders up from src/anchoring/ and from dist/shared/ alike. */
const WORKER = new URL('../../dist/anchoring/worker.js', import.meta.url);

/** Proofs that wait for the thread. */
const MAX_WAITING = 64;

/** Histories that wait for theirs. Each can have some megabytes, and take seconds. */
const MAX_WAITING_HISTORIES = 4;

/** For a history to wait and to be judged: a thousand hostile anchors take minutes. */
const HISTORY_MS = 60_000;

/** The verifier's own code, in a thread that starts when it is first needed and ends when it is not. */
export class Checker {
  #pool: Piscina | null = null;
  /** A thread of their own: proofs, and the anchors that the service asks for, do not wait for them. */
  #histories: Piscina | null = null;
  readonly #historyMs: number;

  constructor({ historyMs = HISTORY_MS }: { readonly historyMs?: number } = {}) {
    this.#historyMs = historyMs;
  }

  token(question: TokenQuestion): Promise<TokenAnswer> {
    return this.#run<TokenAnswer>('judgeToken', question);
  }

  chain(question: ChainQuestion): Promise<readonly Link[]> {
    return this.#run<readonly Link[]>('chainOf', question);
  }

  round(question: RoundQuestion): Promise<boolean> {
    return this.#run<boolean>('judgeRound', question);
  }

  list(question: ListQuestion): Promise<boolean> {
    return this.#run<boolean>('judgeList', question);
  }

  /**
   * `verify`. A proof with anchors is verified in the thread: a drand round takes a tenth of a second, and a
   * hostile proof some seconds.
   * @returns null: too many proofs are waiting
   */
  async proof(question: ProofQuestion): Promise<Verification | null> {
    const { proof } = question;
    if (proof.format === PENDING_FORMAT || proof.anchors.length === 0)
      return verify({ ...question, primitives: NODE });
    if ((this.#pool?.queueSize ?? 0) >= MAX_WAITING) return null;
    return this.#run<Verification>('judgeProof', question);
  }

  /** @returns null: too many histories are waiting, or they take too long */
  async history(question: HistoryQuestion): Promise<HistoryAnswer | null> {
    if ((this.#histories?.queueSize ?? 0) >= MAX_WAITING_HISTORIES) return null;
    this.#histories ??= newPool();
    const signal = timeLimit(this.#historyMs);
    try {
      return (await this.#histories.run(question, { name: 'judgeHistory', signal })) as HistoryAnswer;
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  }

  async close(): Promise<void> {
    const pools = [this.#pool, this.#histories];
    this.#pool = null;
    this.#histories = null;
    await Promise.all(pools.map((pool) => pool?.destroy() ?? Promise.resolve()));
  }

  async #run<T>(name: string, task: unknown): Promise<T> {
    this.#pool ??= newPool();
    return (await this.#pool.run(task, { name })) as T;
  }
}

/** One thread. */
function newPool(): Piscina {
  return new Piscina({
    filename: WORKER.href,
    execArgv: [...THREAD_ARGUMENTS],
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: 60_000,
  });
}
