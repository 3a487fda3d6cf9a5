import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Background, BackgroundTask, Problem } from '../background/index.js';
import { NODE_LIMITS } from '../background/time-limits.js';
import { LogKeys, type NoteSigner, type VerifierKey } from '../proof/index.js';
import { type Store, StoreError, type StoreLog, type CosignedCheckpoint } from '../store/index.js';
import { Alarms, RefusedError, type RefusalReason, UnavailableError } from './alarms.js';
import { findFork, forked } from './comparison.js';
import { Follower, type Progress } from './follower.js';
import { openCheckpoint, remoteLog, type RemoteLog, type SignedCheckpoint } from './remote-log.js';
import { type Examine, Witness, type WitnessedLog } from './witness.js';

export interface MemberOptions {
  readonly store: Store;
  readonly log: StoreLog;
  readonly background: Background;
  /** This node's cosignature key. */
  readonly signer: NoteSigner;
  /** Address and key of the log that is followed. */
  readonly upstream: string;
  readonly upstreamKey: VerifierKey;
  /** Addresses of other members that follow the same log. */
  readonly peers: readonly string[];
  /** Keys of other logs, whose checkpoints are cosigned for their consistency alone. */
  readonly otherLogs: readonly VerifierKey[];
  readonly webhook: string | null;
  readonly pollMs: number;
  readonly requestTimeoutMs?: number;
  /** How long `add-checkpoint` waits for blocks to be verified before it responds with 503. */
  readonly examineMs?: number;
  readonly onProgress?: (progress: Progress) => void;
  readonly onRefusal?: (reason: RefusalReason) => void;
}

/** A refusal, or why the log could not be read or stored. */
export type FollowingProblem = RefusalReason | 'unavailable' | 'unexpected';

export interface PeerStatus {
  /** Host and port. */
  readonly host: string;
  /** Blocks in its latest checkpoint; null: none was read yet. */
  readonly size: number | null;
  readonly problem: string | null;
}

export interface MemberStatus {
  /** Blocks verified and stored. */
  readonly blocks: number;
  /** Blocks in the latest checkpoint of the log; null before one was read. */
  readonly of: number | null;
  /** Entries in the stored blocks. */
  readonly entries: number;
  /** Why this node does not follow the log at the moment; null: it does. */
  readonly problem: Problem<FollowingProblem> | null;
  readonly peers: readonly PeerStatus[];
}

/** A member's node: follows one log, verifies and stores every block, and cosigns its checkpoints. */
export class Member {
  readonly witness: Witness;
  readonly upstreamKey: VerifierKey;
  readonly #options: MemberOptions;
  readonly #stop = new AbortController();
  readonly #upstream: RemoteLog;
  readonly #follower: Follower;
  readonly #alarms: Alarms;
  readonly #peers: Peers;
  readonly #rollback = new RollbackWatch();
  readonly #conflicts = new Set<Promise<void>>();
  readonly #following: BackgroundTask<FollowingProblem>;
  #running: Promise<void> | null = null;
  #shown: number | null = null;

  constructor(options: MemberOptions) {
    const { store, log, upstreamKey, requestTimeoutMs = NODE_LIMITS.followingMs } = options;
    const { signal } = this.#stop;
    this.#options = options;
    this.#following = options.background.task('following the log', { codeOf });
    this.upstreamKey = upstreamKey;
    this.#upstream = remoteLog(options.upstream, requestTimeoutMs, signal);
    this.#follower = new Follower({
      store,
      key: upstreamKey,
      signal,
      ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    });
    this.#alarms = new Alarms({
      store,
      log,
      background: options.background,
      origin: upstreamKey.name,
      webhook: options.webhook,
      stop: signal,
      ...(options.onRefusal === undefined ? {} : { onRefusal: options.onRefusal }),
    });
    this.#peers = new Peers({
      peers: options.peers.map((url) => remoteLog(url, requestTimeoutMs, signal)),
      upstream: this.#upstream,
      follower: this.#follower,
      alarms: this.#alarms,
      background: options.background,
    });
    this.witness = new Witness({
      store,
      signer: options.signer,
      logs: [
        { key: upstreamKey, keys: () => this.#follower.keys.current(), examine: this.#examine },
        ...options.otherLogs.map((key) => ({ key, examine: null })),
      ],
      onConflict: (signed, cosigned, log) => {
        const raising = this.#raiseConflict(signed, cosigned, log).finally(() =>
          this.#conflicts.delete(raising),
        );
        this.#conflicts.add(raising);
      },
    });
  }

  /** The keys that sign the followed log, by the key statements in its blocks. */
  upstreamKeys(): Promise<LogKeys> {
    return this.#follower.keys.current();
  }

  async status(): Promise<MemberStatus> {
    const tip = await this.#options.store.tip();
    return {
      blocks: tip === null ? 0 : tip.height + 1,
      of: this.#shown,
      entries: tip === null ? 0 : tip.firstPosition + tip.entryCount,
      problem: this.#following.problem,
      peers: this.#peers.status,
    };
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves when the node has stopped following. Blocks written so far stay stored. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#follower.end();
    await Promise.all(this.#conflicts);
    await this.#alarms.idle();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#attempt(this.#upstream.host, async () => {
        await this.#poll();
        await this.#peers.exchange();
      });
      const pause = Math.max(this.#options.pollMs, this.#following.retryMs);
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  async #poll(): Promise<void> {
    const text = await this.#upstream.checkpoint();
    if (text === null) return;
    const { keys, own } = this.#follower;
    const { signed: published } = await keys.open(text, this.#upstream, false);
    this.#shown = Math.max(this.#shown ?? 0, published.checkpoint.size);
    const loss = this.#rollback.check(published, await own.size(), performance.now());
    await this.witness.cosignNewer(await this.#follower.advance(text, this.#upstream));
    if (loss !== null) throw loss;
  }

  /** Runs `work`, whose outcome is this node's state. @returns the error, or null */
  async #attempt(from: string, work: () => Promise<unknown>): Promise<unknown> {
    try {
      await work();
      this.#following.succeeded();
      return null;
    } catch (error) {
      if (this.#stop.signal.aborted) return error;
      this.#following.failed(error);
      if (error instanceof RefusedError) await this.#alarms.raise(error, from);
      return error;
    }
  }

  /**
   * Every block under a checkpoint of the followed log is verified and stored before the checkpoint is
   * cosigned.
   */
  readonly #examine: Examine = async (signed) => {
    const finished = new AbortController();
    const limit = sleep(this.#options.examineMs ?? NODE_LIMITS.examineMs, 'late', {
      signal: finished.signal,
    }).catch(() => 'late');
    const examining = this.#attempt(this.#upstream.host, () => {
      this.#shown = Math.max(this.#shown ?? 0, signed.checkpoint.size);
      return this.#follower.advance(signed.text, this.#upstream);
    });
    const wrong = await Promise.race([examining, limit]);
    finished.abort();
    if (wrong === null) return 'passed';
    return wrong instanceof RefusedError ? { refused: wrong.message } : 'later';
  };

  /**
   * After an invalid consistency proof: either only the proof is wrong, or the log has signed two histories.
   */
  async #raiseConflict(
    signed: SignedCheckpoint,
    cosigned: CosignedCheckpoint,
    { key, keys }: WitnessedLog,
  ): Promise<void> {
    try {
      const before = openCheckpoint(cosigned.note, (await keys?.()) ?? LogKeys.of(key));
      const source = { tile: () => Promise.resolve(null), entryBundle: () => Promise.resolve(null) };
      const followed = key.name === this.upstreamKey.name;
      const own = followed ? this.#follower.own.tree(before) : { signed: before, source };
      const other = { signed, source: followed ? this.#upstream : source };
      const evidence = await findFork(own, other);
      if (evidence !== null) await this.#alarms.raise(forked(signed, before, evidence), key.name);
    } catch (error) {
      this.#options.log.warn({ err: error }, 'a refused checkpoint could not be examined');
    }
  }
}

interface PeersOptions {
  readonly peers: readonly RemoteLog[];
  readonly upstream: RemoteLog;
  readonly follower: Follower;
  readonly alarms: Alarms;
  readonly background: Background;
}

/**
 * Compares the log's checkpoints at other members with those here. A log that shows each member another
 * history looks consistent to each of them; only members that compare find out.
 */
class Peers {
  readonly #options: PeersOptions;
  readonly #status: Map<RemoteLog, PeerStatus>;
  readonly #tasks: ReadonlyMap<RemoteLog, BackgroundTask>;

  constructor(options: PeersOptions) {
    this.#options = options;
    this.#status = new Map(
      options.peers.map((peer) => [peer, { host: peer.host, size: null, problem: null }]),
    );
    this.#tasks = new Map(
      options.peers.map((peer) => [
        peer,
        options.background.task('comparing with a member', { codeOf, fields: { host: peer.host } }),
      ]),
    );
  }

  get status(): readonly PeerStatus[] {
    return [...this.#status.values()];
  }

  /**
   * Compares once with every peer. An invalid response of a peer is no alarm; two histories signed by the log
   * are.
   */
  async exchange(): Promise<void> {
    await Promise.all(this.#options.peers.map((peer) => this.#compareWith(peer)));
  }

  async #compareWith(peer: RemoteLog): Promise<void> {
    const { follower, alarms } = this.#options;
    const before = this.#status.get(peer)?.size ?? null;
    try {
      const text = await peer.checkpoint();
      if (text === null) return;
      const signed = openCheckpoint(text, await follower.keys.current());
      const fork = await this.#compare(signed, peer);
      if (fork !== null) await alarms.raise(fork, peer.host);
      this.#status.set(peer, {
        host: peer.host,
        size: signed.checkpoint.size,
        problem: fork?.message ?? null,
      });
      this.#tasks.get(peer)?.succeeded();
    } catch (error) {
      if (!(error instanceof UnavailableError || error instanceof RefusedError)) throw error;
      this.#tasks.get(peer)?.failed(error);
      this.#status.set(peer, { host: peer.host, size: before, problem: error.message });
    }
  }

  /** null: no contradiction was found. */
  async #compare(signed: SignedCheckpoint, peer: RemoteLog): Promise<RefusedError | null> {
    const { follower } = this.#options;
    const latest = await follower.own.latest();
    if (latest === null) return null;
    const evidence = await findFork(follower.own.tree(latest.signed), { signed, source: peer });
    return evidence === null ? null : forked(signed, latest.signed, evidence);
  }
}

/** An operator publishes a checkpoint some seconds after it requests cosignatures; this is much longer. */
const PATIENCE_MS = 60_000;
/**
 * How often a smaller checkpoint must be seen: processes of one operator learn of new blocks some
 * milliseconds apart.
 */
const MIN_TIMES = 2;

/** Distinguishes a log that has lost blocks from one that publishes cosigned checkpoints late. */
class RollbackWatch {
  #largest = 0;
  #times = 0;
  #behindSince: number | null = null;

  /**
   * @param now monotonic, in milliseconds
   * @returns why the published checkpoint shows a loss; null when it does not
   */
  check(published: SignedCheckpoint, ownSize: number, now: number): RefusedError | null {
    const { size } = published.checkpoint;
    this.#times = size < this.#largest ? this.#times + 1 : 0;
    this.#largest = Math.max(this.#largest, size);
    this.#behindSince = size < ownSize ? (this.#behindSince ?? now) : null;
    const late = this.#behindSince !== null && now - this.#behindSince >= PATIENCE_MS;
    if (this.#times < MIN_TIMES && !late) return null;
    const before = Math.max(this.#largest, ownSize);
    return new RefusedError('rolled_back', `the log publishes ${size} blocks, and had ${before} before`, {
      where: 'checkpoint',
      expected: `${before} blocks or more`,
      found: `${size} blocks`,
    });
  }
}

function codeOf(error: unknown): FollowingProblem {
  if (error instanceof RefusedError) return error.reason;
  const isPassing =
    error instanceof UnavailableError || (error instanceof StoreError && error.code === 'unavailable');
  return isPassing ? 'unavailable' : 'unexpected';
}
