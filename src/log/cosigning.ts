import type { Background, BackgroundTask } from '../background/index.js';
import { NODE_LIMITS } from '../background/time-limits.js';
import { type NoteSignature, quorumHolds, type Witness, type Witnesses } from '../proof/index.js';
import { logTree } from '../sealer/index.js';
import type { Store, StoredCheckpoint, StoreLog } from '../store/index.js';
import {
  type CosigningProblem,
  type CosigningStatus,
  MemberClient,
  type PushTarget,
} from './member-client.js';

export interface CosigningOptions {
  readonly store: Store;
  /** The members and other witnesses that cosign, and their quorum. */
  readonly members: Witnesses;
  /** Whether this process seals: of several processes only the leader requests cosignatures. */
  readonly leads: () => boolean;
  readonly log: StoreLog;
  readonly background: Background;
  /** How long a member may take to respond. It checks whole blocks first. */
  readonly timeoutMs?: number;
  /** Called when a member begins to refuse, or says what cannot be right. */
  readonly onAlarm?: ((alarm: object) => void) | undefined;
  /** Called after each request. */
  readonly onResponse?: (member: string, status: CosigningStatus, cosigned: boolean) => void;
}

/** How often to check whether this process leads, and whether a member may be retried. */
const CHECK_MS = 250;
/** What is no failure of networks and machines. */
const ALARMS: ReadonlySet<CosigningProblem> = new Set(['refused', 'wrong_answer', 'ahead']);

/**
 * Collects the members' cosignatures of the log's checkpoints. Sealing does not wait for it.
 *
 * All members are sent the same checkpoint until its quorum is met or all have responded, and only then the
 * latest. If each were sent the newest one, two slow members might never cosign the same checkpoint.
 */
export class Cosigning {
  readonly #options: CosigningOptions;
  readonly #task: BackgroundTask;
  readonly #stop = new AbortController();
  readonly #requests = new Set<Promise<void>>();
  #clients: MemberClient[] = [];
  #running: Promise<void> | null = null;
  #wake: () => void = () => undefined;
  #woken = false;
  #target: StoredCheckpoint | null = null;
  #latest: StoredCheckpoint | null = null;
  /** Whether there may be a later one than `#latest`. */
  #stale = true;
  #signed = new Set<string>();

  constructor(options: CosigningOptions) {
    this.#options = options;
    this.#task = options.background.task('cosigning');
  }

  get status(): readonly CosigningStatus[] {
    return this.#clients.map(({ status }) => status);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves when all requests have ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wakeUp();
    await this.#running;
    await Promise.all(this.#requests);
  }

  async #run(): Promise<void> {
    const { store } = this.#options;
    const subscription = store.onSealed(() => {
      this.#stale = true;
      this.#wakeUp();
    });
    while (!this.#stop.signal.aborted) {
      const succeeded = await this.#task.run(async () => {
        if (this.#options.leads()) await this.#turn();
        // The next term begins with what is stored: another process may have collected cosignatures in
        // between.
        else [this.#clients, this.#target] = [[], null];
      });
      if (succeeded) await this.#pause();
      else {
        this.#stale = true;
        await this.#task.pause(this.#stop.signal);
      }
    }
    await subscription.close();
  }

  async #turn(): Promise<void> {
    if (this.#clients.length === 0) this.#clients = await this.#open();
    if (this.#stale) {
      this.#stale = false;
      this.#latest = await this.#options.store.checkpoint();
    }
    const latest = this.#latest;
    if (latest === null) return;
    if (this.#isSettled()) {
      if (this.#target?.size !== latest.size) this.#signed = new Set();
      this.#target = latest;
    }
    const target = this.#target ?? latest;
    for (const client of this.#clients) if (client.isReady(target.size)) this.#request(client, target);
  }

  /** Whether no more cosignatures are expected for the current checkpoint. */
  #isSettled(): boolean {
    const { policy } = this.#options.members;
    return (
      this.#target === null || quorumHolds(policy, this.#signed) || this.#clients.every(({ busy }) => !busy)
    );
  }

  #request(client: MemberClient, checkpoint: StoredCheckpoint): void {
    const before = client.status.problem?.code;
    const request = client.push(this.#targetOf(checkpoint), this.#stop.signal).then((cosigned) => {
      if (this.#stop.signal.aborted) return;
      const { status } = client;
      if (cosigned && this.#target?.size === checkpoint.size) this.#signed.add(status.name);
      this.#options.onResponse?.(status.name, status, cosigned);
      if (status.problem?.code !== before) this.#report(status);
      this.#requests.delete(request);
      this.#wakeUp();
    });
    this.#requests.add(request);
  }

  #targetOf(checkpoint: StoredCheckpoint): PushTarget {
    const { store } = this.#options;
    return {
      size: checkpoint.size,
      note: checkpoint.note,
      consistencyPath: (oldSize) => logTree(store, checkpoint.size).consistencyPath(oldSize),
      latestSize: async () => (await store.checkpoint())?.size ?? 0,
      keep: (member, signature) => store.addCosignature(rowOf(checkpoint.size, member, signature)),
    };
  }

  async #open(): Promise<MemberClient[]> {
    const { store, members, timeoutMs = NODE_LIMITS.cosigningMs } = this.#options;
    const sizes = await store.latestCosignedSizes(
      members.all.map(({ key }) => ({ witness: key.name, keyId: key.keyId })),
    );
    return members.all.map((member, i) => new MemberClient(member, sizes[i] ?? 0, timeoutMs));
  }

  #report({ name, size, problem }: CosigningStatus): void {
    const { log, onAlarm } = this.#options;
    if (problem === null) {
      log.info({ member: name, size }, `cosigning by ${name} resumed`);
      return;
    }
    if (ALARMS.has(problem.code)) onAlarm?.({ member: name, reason: problem.code, cosigned: size });
    const fields = { member: name, code: problem.code, err: problem.cause };
    const message = `cosigning by ${name} stalled: ${problem.message}`;
    // These may be faults of this service, the others are not.
    if (problem.code === 'ahead' || problem.code === 'internal') log.error(fields, message);
    else log.warn(fields, message);
  }

  #wakeUp(): void {
    this.#woken = true;
    this.#wake();
  }

  #pause(): Promise<void> {
    if (this.#woken) {
      this.#woken = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#wake();
      }, CHECK_MS);
      this.#wake = () => {
        clearTimeout(timer);
        this.#woken = false;
        this.#wake = () => undefined;
        resolve();
      };
    });
  }
}

function rowOf(size: number, { key }: Witness, { signature }: NoteSignature) {
  const time = new DataView(signature.buffer, signature.byteOffset, 8).getBigUint64(0);
  return {
    size,
    // The client has checked that it is at most 2^53 − 1.
    signedAt: Number(time),
    witness: key.name,
    keyId: key.keyId,
    signature: signature.slice(8),
  };
}
