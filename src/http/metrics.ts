import { Counter, Histogram } from 'prom-client';
import { NodeMetrics } from './node-metrics.js';

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
