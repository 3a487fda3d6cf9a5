import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The figures of anything that answers requests, in a registry of their own, so that several can live in one process. */
export class NodeMetrics {
  readonly registry = new Registry();

  readonly #requestSeconds = new Histogram({
    name: 'ingam_http_request_seconds',
    help: 'Time from the head of a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  request(labels: { method: string; route: string; status: string }, seconds: number): void {
    this.#requestSeconds.observe(labels, seconds);
  }

  /**
   * Registers a figure that is read when somebody asks. A reading that fails leaves it out.
   * @param together how the readings of several processes become one
   */
  protected gauge(name: string, help: string, together: 'sum' | 'max', read: () => Promise<number>): void {
    new Gauge({
      name,
      help,
      aggregator: together,
      registers: [this.registry],
      async collect() {
        try {
          this.set(await read());
        } catch {
          // The other figures are wanted most when the database is away.
          this.set(Number.NaN);
        }
      },
    });
  }
}

/** How documents came in. */
export type Shape = 'multipart' | 'json' | 'raw' | 'ndjson';

/** The service's figures. */
export class Metrics extends NodeMetrics {
  readonly #accepts = new Counter({
    name: 'ingam_accepts_total',
    help: 'Submissions accepted; of an NDJSON stream, its chunks.',
    labelNames: ['shape'],
    registers: [this.registry],
  });
  readonly #documents = new Counter({
    name: 'ingam_documents_total',
    help: 'Documents accepted.',
    labelNames: ['shape'],
    registers: [this.registry],
  });
  readonly #bytes = new Counter({
    name: 'ingam_hashed_bytes_total',
    help: 'Bytes of uploaded documents that this service has hashed.',
    registers: [this.registry],
  });
  readonly #sealSeconds = new Histogram({
    name: 'ingam_seal_seconds',
    help: 'Time from reading the waiting entries to the committed block.',
    buckets: [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30],
    registers: [this.registry],
  });
  readonly #miningSeconds = new Histogram({
    name: 'ingam_mining_seconds',
    help: 'Time to find the nonce of a block.',
    buckets: [0.01, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
    registers: [this.registry],
  });
  readonly #sealedEntries = new Counter({
    name: 'ingam_sealed_entries_total',
    help: 'Entries sealed into blocks by this process.',
    registers: [this.registry],
  });
  accepted(shape: Shape, documents: number): void {
    this.#accepts.inc({ shape });
    this.#documents.inc({ shape }, documents);
  }

  hashed(bytes: number): void {
    this.#bytes.inc(bytes);
  }

  sealed(block: { readonly entryCount: number; readonly totalMs: number; readonly miningMs: number }): void {
    this.#sealSeconds.observe(block.totalMs / 1000);
    this.#miningSeconds.observe(block.miningMs / 1000);
    this.#sealedEntries.inc(block.entryCount);
  }

  /** Registers the figures that are read when somebody asks. A reading that fails leaves its figure out. */
  watch(readings: { readonly queued: () => number; readonly lagSeconds: () => Promise<number> }): void {
    this.gauge('ingam_intake_queue', 'Documents that wait for their commit.', 'sum', () =>
      Promise.resolve(readings.queued()),
    );
    this.gauge(
      'ingam_seal_lag_seconds',
      'Age of the oldest entry that is not sealed.',
      'max',
      readings.lagSeconds,
    );
  }
}

/** What Prometheus is told of the witnesses of this log. */
export class WitnessMetrics {
  readonly #answers: Counter<'witness' | 'outcome'>;
  readonly #size: Gauge<'witness'>;

  constructor(registry: Registry) {
    this.#answers = new Counter({
      name: 'ingam_witness_answers_total',
      help: 'Requests for a cosignature that this process has made, by what became of them.',
      labelNames: ['witness', 'outcome'],
      registers: [registry],
    });
    this.#size = new Gauge({
      name: 'ingam_witness_blocks',
      help: 'Blocks that a witness has vouched for, as this process knows.',
      aggregator: 'max',
      labelNames: ['witness'],
      registers: [registry],
    });
  }

  answered(witness: string, outcome: string, size: number): void {
    this.#answers.inc({ witness, outcome });
    this.#size.set({ witness }, size);
  }
}

/** What Prometheus is told of a member's node. */
export class MemberMetrics extends NodeMetrics {
  readonly #refusals = new Counter({
    name: 'ingam_member_refusals_total',
    help: 'What the log showed and this node refused, by reason. Anything but 0 wants somebody to look.',
    labelNames: ['reason'],
    registers: [this.registry],
  });
  readonly #cosignatures = new Counter({
    name: 'ingam_member_add_checkpoint_total',
    help: 'Requests for a cosignature, by the status of the answer.',
    labelNames: ['status'],
    registers: [this.registry],
  });
  refused(reason: string): void {
    this.#refusals.inc({ reason });
  }

  asked(status: number): void {
    this.#cosignatures.inc({ status: String(status) });
  }

  /** Registers the figures that are read when somebody asks. */
  watch(read: () => Promise<{ readonly blocks: number; readonly of: number | null }>): void {
    this.gauge(
      'ingam_member_blocks',
      'Blocks that are here and were found right.',
      'max',
      async () => (await read()).blocks,
    );
    this.gauge(
      'ingam_member_shown_blocks',
      'Blocks that the log has shown.',
      'max',
      async () => (await read()).of ?? 0,
    );
  }
}
