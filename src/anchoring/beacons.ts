import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Background, BackgroundTask } from '../background/index.js';
import { toHex, utf8Decode } from '../proof/index.js';
import { notBefore, parseBitcoinHeader } from '../proof/time/bitcoin.js';
import { drandTime, parseDrandRound, type DrandChain, type DrandRound } from '../proof/time/drand.js';
import type { Beacon } from '../proof/time/state.js';
import { headersOf, tipOf } from './bitcoin-node.js';
import type { Checker } from './checker.js';
import { reading, requestFrom, SourceError, type Limits } from './request.js';
import type { BitcoinNode, DrandSource, TimeSources } from './sources.js';

export interface BeaconsOptions {
  readonly sources: TimeSources;
  /** Whether this process seals: of several processes only the leader asks. */
  readonly leads: () => boolean;
  readonly checker: Checker;
  readonly background: Background;
  /** Milliseconds since the Unix epoch. */
  readonly clock?: () => number;
  readonly timeoutMs?: number | undefined;
  /** How often a beacon is fetched. */
  readonly everyMs?: number | undefined;
}

/** A round takes a fifth of a second of a core to check. */
const DRAND_EVERY_MS = 15_000;
const NODE_EVERY_MS = 60_000;
/** An older round says less than what could be said. */
const DRAND_FRESH_MS = 60_000;
const NODE_FRESH_MS = 30 * 60_000;
const CHECK_MS = 250;
const MAX_ROUND_ANSWER = 4096;
/** The newest blocks may yet be dropped from the chain. */
const BLOCKS_ON_TOP = 5;

const CLOCK_TOLERANCE_MS = 5000;

const freshMs = ({ period }: DrandChain) => Math.max(DRAND_FRESH_MS, 3 * period * 1000);
const seconds = (milliseconds: number) => Math.round(milliseconds / 1000);

interface Fetched<T> {
  readonly value: T;
  /** Monotonic. */
  readonly at: number;
}

/** Keeps checked beacons at hand, so that a block never waits for one. */
export class Beacons {
  readonly #options: BeaconsOptions;
  readonly #stop = new AbortController();
  #running: Promise<unknown> | null = null;
  #round: Fetched<DrandRound> | null = null;
  #header: Fetched<{ readonly height: number; readonly header: Uint8Array }> | null = null;

  constructor(options: BeaconsOptions) {
    this.#options = options;
  }

  start(): void {
    const { sources, background, everyMs } = this.#options;
    const { drand, node } = sources;
    this.#running ??= Promise.all([
      drand === null
        ? null
        : this.#repeat(
            background.task('fetching beacons', { fields: { source: 'drand' } }),
            everyMs ?? Math.max(DRAND_EVERY_MS, drand.chain.period * 1000),
            () => this.#fetchRound(drand),
          ),
      node === null
        ? null
        : this.#repeat(
            background.task('fetching beacons', { fields: { source: 'bitcoin' } }),
            everyMs ?? NODE_EVERY_MS,
            () => this.#fetchHeader(node),
          ),
    ]);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /**
   * The beacons that a block of this time may name: fresh, and published before it by their own times.
   * @param sealedAt milliseconds since the Unix epoch
   */
  at(sealedAt: number): Beacon[] {
    const { drand } = this.#options.sources;
    const beacons: Beacon[] = [];
    const header = this.#header;
    if (header !== null && performance.now() - header.at <= NODE_FRESH_MS) {
      const { value } = header;
      if (notBefore(parseBitcoinHeader(value.header)) <= sealedAt)
        beacons.push({ type: 'bitcoin', ...value });
    }
    if (drand !== null && this.#round !== null) {
      const { chain } = drand;
      const age = sealedAt - drandTime(chain, this.#round.value.round);
      if (age >= 0 && age <= freshMs(chain))
        beacons.push({ type: 'drand', chain: chain.hash, ...this.#round.value });
    }
    return beacons;
  }

  async #repeat(task: BackgroundTask, everyMs: number, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#stop;
    for (let dueAt = 0; !signal.aborted;) {
      if (this.#options.leads() && performance.now() >= dueAt) {
        const succeeded = await task.run(async () => {
          try {
            await work();
          } catch (error) {
            if (!signal.aborted) throw error;
          }
        });
        dueAt = performance.now() + (succeeded ? everyMs : Math.max(task.retryMs, Math.min(everyMs, 1000)));
      }
      await sleep(Math.min(CHECK_MS, everyMs), undefined, { signal }).catch(() => undefined);
    }
  }

  async #fetchRound({ url, chain }: DrandSource): Promise<void> {
    const { body } = await requestFrom(`${url}/${toHex(chain.hash)}/public/latest`, {
      limit: MAX_ROUND_ANSWER,
      ...this.#limits,
    });
    const round = reading(() => parseDrandRound(utf8Decode(body)));
    const now = (this.#options.clock ?? Date.now)();
    const age = now - drandTime(chain, round.round);
    if (age > freshMs(chain))
      throw new SourceError('wrong_answer', `its latest round is ${seconds(age)} s old`);
    if (
      -age > chain.period * 1000 + CLOCK_TOLERANCE_MS &&
      (await this.#options.checker.round({ chain, round }))
    ) {
      const message = `round ${round.round} is ${seconds(-age)} s ahead of the clock of this machine: check its time synchronization`;
      throw new SourceError('wrong_answer', message);
    }
    if (this.#round !== null && round.round <= this.#round.value.round) return;
    if (!(await this.#options.checker.round({ chain, round })))
      throw new SourceError('wrong_answer', `the signature of round ${round.round} is not valid`);
    this.#round = { value: round, at: performance.now() };
  }

  async #fetchHeader(node: BitcoinNode): Promise<void> {
    const height = Math.max(0, (await tipOf(node, this.#limits)) - BLOCKS_ON_TOP);
    if (this.#header?.value.height !== height) {
      const [header] = await headersOf(node, height, 1, this.#limits);
      if (header !== undefined) this.#header = { value: { height, header }, at: performance.now() };
    } else this.#header = { ...this.#header, at: performance.now() };
  }

  get #limits(): Limits {
    return { signal: this.#stop.signal, timeoutMs: this.#options.timeoutMs };
  }
}
