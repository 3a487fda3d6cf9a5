import { AggregatorRegistry } from 'prom-client';
import type { Figures } from './messages.js';

/** Longer than a worker waits for a database that does not answer. */
const PATIENCE_MS = 6000;
/** Kept one by one up to here. */
const MANY = 8;

interface Question {
  readonly missing: Set<number>;
  readonly answered: () => void;
}

/** Adds up the figures of several processes. What a process has counted stays counted when it dies, as far as anybody was told of it. */
export class FigureSum {
  readonly #ask: (worker: number, id: number) => void;
  readonly #last = new Map<number, Figures>();
  /** What those that are gone had counted. */
  #gone: Figures[] = [];
  #joining: Promise<void> | null = null;
  readonly #questions = new Map<number, Question>();
  #ids = 0;

  /** @param ask sends a worker the question; it answers by `answer` with the same id */
  constructor(ask: (worker: number, id: number) => void) {
    this.#ask = ask;
  }

  /** Prometheus text over these workers. Of one that does not answer in time, what it said last is taken. */
  async collect(workers: readonly number[]): Promise<string> {
    const id = this.#ids++;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, PATIENCE_MS);
      const answered = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#questions.set(id, { missing: new Set(workers), answered });
      if (workers.length === 0) answered();
      for (const worker of workers) this.#ask(worker, id);
    });
    this.#questions.delete(id);
    return AggregatorRegistry.aggregate([...this.#gone, ...this.#last.values()]).metrics();
  }

  answer(worker: number, id: number, figures: Figures): void {
    this.#last.set(worker, figures);
    this.#settle(worker, id);
  }

  /** The worker has ended: nobody waits for it, and only what it has counted goes on to be in the sums. */
  forget(worker: number): void {
    const last = this.#last.get(worker);
    this.#last.delete(worker);
    if (last !== undefined) this.#gone.push(last.filter(({ type }) => COUNTING.has(String(type))));
    if (this.#gone.length > MANY) this.#joining ??= this.#join();
    for (const id of this.#questions.keys()) this.#settle(worker, id);
  }

  async #join(): Promise<void> {
    const many = [...this.#gone];
    const one = await AggregatorRegistry.aggregate(many).getMetricsAsJSON();
    this.#gone.splice(0, many.length, one);
    this.#joining = null;
  }

  #settle(worker: number, id: number): void {
    const question = this.#questions.get(id);
    if (question?.missing.delete(worker) === true && question.missing.size === 0) question.answered();
  }
}

const COUNTING: ReadonlySet<string> = new Set(['counter', 'histogram']);
