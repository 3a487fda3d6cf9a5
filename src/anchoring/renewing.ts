import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Background, BackgroundTask } from '../background/index.js';
import { nodeSha256 } from '../crypto/primitives.js';
import { leafHash, merkleRoot } from '../proof/index.js';
import { renewedBytes } from '../proof/time/anchor.js';
import type { NewRenewal, Store } from '../store/index.js';
import type { Checker } from './checker.js';
import type { Limits } from './request.js';
import type { TimeSources, TsaSource } from './sources.js';
import { NewerLists, RevocationLists, stamp } from './tsa.js';

export interface RenewingOptions {
  readonly store: Pick<Store, 'renewableTokens' | 'addRenewal'>;
  readonly sources: Pick<TimeSources, 'anchors' | 'former'>;
  /** Whether this process seals: of several processes only the leader renews. */
  readonly leads: () => boolean;
  readonly checker: Checker;
  readonly background: Background;
  /** Milliseconds since the Unix epoch. */
  readonly clock?: () => number;
  readonly timeoutMs?: number | undefined;
}

/** How long before a certificate ends its tokens are renewed: time enough to notice that renewing fails. */
const RENEW_AHEAD_MS = 180 * 86_400_000;
/** In one tree; the rest is renewed by the next token. */
const MAX_LEAVES = 16_384;
/** Tokens that are read at a time: each can have lists of 64 KiB. */
const PAGE = 256;
const CHECK_MS = 250;
/** How often to look for what has to be renewed. */
const EVERY_MS = 3_600_000;
const RETRY_MS = 60_000;

/**
 * Renews tokens before a certificate of their chain ends: one new token covers the tree of all that need it, each
 * with its revocation lists and those of today. A renewal is a token like any other, and is renewed in its turn.
 */
export class Renewing {
  readonly #options: RenewingOptions;
  readonly #task: BackgroundTask;
  readonly #lists: RevocationLists;
  readonly #stop = new AbortController();
  readonly #clock: () => number;
  #running: Promise<void> | null = null;

  constructor(options: RenewingOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
    this.#task = options.background.task('renewing anchors');
    const lists = options.background.task('fetching revocation lists');
    this.#lists = new RevocationLists(options.checker, (url, error) => {
      lists.failed(error);
    });
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    for (let dueAt = 0; !signal.aborted;) {
      if (this.#options.leads() && performance.now() >= dueAt) {
        const succeeded = await this.#task.run(async () => {
          try {
            while (!signal.aborted && (await this.#renew()));
          } catch (error) {
            if (!signal.aborted) throw error;
          }
        });
        dueAt = performance.now() + (succeeded ? EVERY_MS : RETRY_MS);
      }
      await sleep(CHECK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** @returns whether there may be more to renew */
  async #renew(): Promise<boolean> {
    const { store, sources } = this.#options;
    const before = this.#clock() + RENEW_AHEAD_MS;
    const leaves = await this.#leaves(before);
    if (leaves.length === 0) return false;
    const root = merkleRoot(
      leaves.map(({ hash }) => hash),
      nodeSha256,
    );
    const failures: Error[] = [];
    for (const source of sources.anchors) {
      if (source.type !== 'tsa') continue;
      try {
        const stamped = await this.#stamp(source, root, before);
        await store.addRenewal({ source: source.name, leaves, ...stamped }, this.#clock());
        return leaves.length === MAX_LEAVES;
      } catch (error) {
        failures.push(error instanceof Error ? error : new Error(String(error)));
      }
    }
    throw (
      failures[0] ?? new Error('tokens have to be renewed, but there is no time-stamping authority to ask')
    );
  }

  /** Of the tokens to renew, with the lists of today. */
  async #leaves(before: number): Promise<NewRenewal['leaves']> {
    const { store, sources, checker } = this.#options;
    const newer = new NewerLists(checker, this.#lists, rootsOf(sources), this.#limits);
    const leaves: NewRenewal['leaves'][number][] = [];
    while (leaves.length < MAX_LEAVES) {
      const tokens = await store.renewableTokens(before, PAGE, leaves.at(-1)?.renewed);
      for (const { id, ...kept } of tokens) {
        this.#stop.signal.throwIfAborted();
        const crls = await newer.about(kept);
        leaves.push({ renewed: id, crls, hash: leafHash(renewedBytes(kept, crls), nodeSha256) });
      }
      if (tokens.length < PAGE) break;
    }
    return leaves;
  }

  get #limits(): Limits {
    return { signal: this.#stop.signal, timeoutMs: this.#options.timeoutMs };
  }

  /** A token whose own certificates last: else it would have to be renewed at once, and for ever. */
  async #stamp(source: TsaSource, root: Uint8Array, before: number) {
    const stamped = await stamp(source, root, this.#options.checker, this.#lists, this.#limits);
    if (stamped.validUntil >= before) return stamped;
    const ends = new Date(stamped.validUntil).toISOString().slice(0, 10);
    throw new Error(
      `the certificate of ${source.name} ends on ${ends}, too soon to renew other tokens with it`,
    );
  }
}

/** Of all authorities, also of those that are asked no more. */
function rootsOf({ anchors, former }: RenewingOptions['sources']): Uint8Array[] {
  return [...anchors, ...former].flatMap((source) => ('roots' in source ? source.roots : []));
}
