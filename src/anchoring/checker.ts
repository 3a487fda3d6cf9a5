import { Piscina } from 'piscina';
import { THREAD_ARGUMENTS } from '../background/threads.js';
import type { ListQuestion, RoundQuestion, TokenAnswer, TokenQuestion } from './worker.js';

/** Under vitest this file is TypeScript, which a worker thread cannot load: it loads the built file. */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/anchoring/worker.js' : './worker.js',
  import.meta.url,
);

/** The verifier's own code, in a thread that starts when it is first needed and ends when it is not. */
export class Checker {
  #pool: Piscina | null = null;

  token(question: TokenQuestion): Promise<TokenAnswer> {
    return this.#run<TokenAnswer>('judgeToken', question);
  }

  round(question: RoundQuestion): Promise<boolean> {
    return this.#run<boolean>('judgeRound', question);
  }

  list(question: ListQuestion): Promise<boolean> {
    return this.#run<boolean>('judgeList', question);
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
