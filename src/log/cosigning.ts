import type { Background, BackgroundTask } from '../background/index.js';
import { quorumHolds, type NoteSignature, type Witness, type Witnesses } from '../proof/index.js';
import { logTree } from '../sealer/index.js';
import type { Store, StoredCheckpoint, StoreLog } from '../store/index.js';
import { WitnessClient, type PushTarget, type WitnessStatus } from './member-client.js';

export interface CosigningOptions {
  readonly store: Store;
  readonly witnesses: Witnesses;
  /** Whether this process seals: of several instances only that one asks. */
  readonly leads: () => boolean;
  readonly log: StoreLog;
  readonly background: Background;
  /** How long a witness may take to answer. A member checks whole blocks before it does. */
  readonly timeoutMs?: number;
  /** Called after each conversation. */
  readonly onAnswer?: (witness: string, status: WitnessStatus, cosigned: boolean) => void;
}

const TIMEOUT_MS = 10_000;
/** How often it is looked whether this process leads by now, or a pause has ended. */
const LOOK_MS = 250;

/**
 * Collects cosignatures for the log's checkpoints, beside the sealing and never in its way: nothing waits for it.
 *
 * All witnesses are asked for the same checkpoint until its quorum is met or everybody has answered, and only then for the
 * latest: each asked for whatever is newest, two slow witnesses might never sign the same.
 */
export class Cosigning {
  readonly #options: CosigningOptions;
  readonly #task: BackgroundTask;
  readonly #stop = new AbortController();
  readonly #conversations = new Set<Promise<void>>();
  #clients: WitnessClient[] = [];
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

  get status(): readonly WitnessStatus[] {
    return this.#clients.map(({ status }) => status);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#call();
    await this.#running;
    await Promise.all(this.#conversations);
  }

  async #run(): Promise<void> {
    const { store } = this.#options;
    const subscription = store.onSealed(() => {
      this.#stale = true;
      this.#call();
    });
    while (!this.#stop.signal.aborted) {
      const succeeded = await this.#task.run(async () => {
        if (this.#options.leads()) await this.#turn();
        // The next term begins with what is stored: another process may have collected cosignatures in between.
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
    for (const client of this.#clients) if (client.isReady(target.size)) this.#converse(client, target);
  }

  /** Whether nothing more is to be expected of the checkpoint that is being cosigned. */
  #isSettled(): boolean {
    const { policy } = this.#options.witnesses;
    return (
      this.#target === null || quorumHolds(policy, this.#signed) || this.#clients.every(({ busy }) => !busy)
    );
  }

  #converse(client: WitnessClient, checkpoint: StoredCheckpoint): void {
    const before = client.status.problem?.code;
    const conversation = client.push(this.#targetOf(checkpoint), this.#stop.signal).then((cosigned) => {
      if (this.#stop.signal.aborted) return;
      const { status } = client;
      if (cosigned && this.#target?.size === checkpoint.size) this.#signed.add(status.name);
      this.#options.onAnswer?.(status.name, status, cosigned);
      if (status.problem?.code !== before) this.#report(status);
      this.#conversations.delete(conversation);
      this.#call();
    });
    this.#conversations.add(conversation);
  }

  #targetOf(checkpoint: StoredCheckpoint): PushTarget {
    const { store } = this.#options;
    return {
      size: checkpoint.size,
      note: checkpoint.note,
      consistencyPath: (oldSize) => logTree(store, checkpoint.size).consistencyPath(oldSize),
      latestSize: async () => (await store.checkpoint())?.size ?? 0,
      keep: (witness, signature) => store.addCosignature(rowOf(checkpoint.size, witness, signature)),
    };
  }

  async #open(): Promise<WitnessClient[]> {
    const { store, witnesses, timeoutMs = TIMEOUT_MS } = this.#options;
    const sizes = await store.latestCosigned(
      witnesses.all.map(({ key }) => ({ witness: key.name, keyId: key.keyId })),
    );
    return witnesses.all.map((witness, i) => new WitnessClient(witness, sizes[i] ?? 0, timeoutMs));
  }

  #report({ name, size, problem }: WitnessStatus): void {
    const { log } = this.#options;
    if (problem === null) {
      log.info({ member: name, size }, `cosigning by ${name} resumed`);
      return;
    }
    const fields = { member: name, code: problem.code, err: problem.cause };
    const message = `cosigning by ${name} stalled: ${problem.message}`;
    // These may be faults of this service, the others are not.
    if (problem.code === 'ahead' || problem.code === 'internal') log.error(fields, message);
    else log.warn(fields, message);
  }

  #call(): void {
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
      }, LOOK_MS);
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
    // Checked before it came here: at most 2^53 − 1.
    signedAt: Number(time),
    witness: key.name,
    keyId: key.keyId,
    signature: signature.slice(8),
  };
}
