import { Piscina } from 'piscina';
import { THREAD_ARGUMENTS } from '../background/threads.js';
import { NODE } from '../crypto/primitives.js';
import { PENDING_FORMAT, verify, type Verification } from '../proof/index.js';
import type {
  ChainQuestion,
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

/** The verifier's own code, in a thread that starts when it is first needed and ends when it is not. */
export class Checker {
  #pool: Piscina | null = null;

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

  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = null;
    await pool?.destroy();
  }

  async #run<T>(name: string, task: unknown): Promise<T> {
    this.#pool ??= new Piscina({
      filename: WORKER.href,
      execArgv: [...THREAD_ARGUMENTS],
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: 60_000,
    });
    return (await this.#pool.run(task, { name })) as T;
  }
}
