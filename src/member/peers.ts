import type { Alarms } from './alarms.js';
import { findFork } from './diagnosis.js';
import { forked, type Follower } from './follower.js';
import { Refusal, Unavailable } from './refusal.js';
import type { RemoteLog } from './remote-log.js';
import { openCheckpoint, type SignedCheckpoint } from './signed-checkpoint.js';

export interface PeerStatus {
  readonly url: string;
  /** Blocks that it has vouched for, as far as it has said; null: it has said nothing yet. */
  readonly size: number | null;
  readonly problem: string | null;
}

export interface PeersOptions {
  readonly peers: readonly RemoteLog[];
  readonly upstream: RemoteLog;
  readonly follower: Follower;
  readonly alarms: Alarms;
}

/**
 * Compares what the log has shown to others with what it has shown here. A log that shows each member another history is consistent
 * in the eyes of each; only members who talk to each other find out.
 */
export class Peers {
  readonly #options: PeersOptions;
  readonly #status: Map<string, PeerStatus>;

  constructor(options: PeersOptions) {
    this.#options = options;
    this.#status = new Map(options.peers.map(({ url }) => [url, { url, size: null, problem: null }]));
  }

  get status(): readonly PeerStatus[] {
    return [...this.#status.values()];
  }

  /** One round. What a peer says badly is the peer's affair, not an alarm; what the log has signed twice is one. */
  async exchange(): Promise<void> {
    await Promise.all(this.#options.peers.map((peer) => this.#ask(peer)));
  }

  async #ask(peer: RemoteLog): Promise<void> {
    const { follower, alarms } = this.#options;
    const before = this.#status.get(peer.url)?.size ?? null;
    try {
      const text = await peer.checkpoint();
      if (text === null) return;
      const signed = openCheckpoint(text, await follower.keys.current());
      const fork = await this.#compare(signed, peer);
      if (fork !== null) await alarms.raise(fork, peer.url);
      this.#status.set(peer.url, {
        url: peer.url,
        size: signed.checkpoint.size,
        problem: fork?.message ?? null,
      });
    } catch (error) {
      if (!(error instanceof Unavailable || error instanceof Refusal)) throw error;
      this.#status.set(peer.url, { url: peer.url, size: before, problem: error.message });
    }
  }

  /** null: nothing speaks against it. */
  async #compare(signed: SignedCheckpoint, peer: RemoteLog): Promise<Refusal | null> {
    const { follower } = this.#options;
    const latest = await follower.own.latest();
    if (latest === null) return null;
    const evidence = await findFork(follower.own.tree(latest.signed), { signed, source: peer });
    return evidence === null ? null : forked(signed, latest.signed, evidence);
  }
}
