import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Background, BackgroundTask } from '../background/index.js';

/** Methods that a route can have. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * Metrics of every node that serves HTTP, in a registry of their own, so that several nodes can run in one
 * process.
 */
export class NodeMetrics {
  readonly registry = new Registry();

  readonly #requestSeconds = new Histogram({
    name: 'ingam_http_request_seconds',
    help: 'Time from the head of a request to the end of its response.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
    registers: [this.registry],
  });

  readonly #backgroundFailures = new Counter({
    name: 'ingam_background_failures_total',
    help: 'Failures of background work, by task. The log says why.',
    labelNames: ['task'],
    registers: [this.registry],
  });

  readonly #webhookAttempts = new Counter({
    name: 'ingam_webhook_attempts_total',
    help: 'Messages posted to webhooks, by how it ended.',
    labelNames: ['outcome'],
    registers: [this.registry],
  });

  readonly #mailAttempts = new Counter({
    name: 'ingam_mail_attempts_total',
    help: 'E-mails handed to the mail server, by how it ended: sent, postponed, or given up.',
    labelNames: ['outcome'],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    // By Prometheus' rules only counters end with _total; these are sums of gauges that are there as well.
    for (const each of ['handles', 'requests', 'resources'])
      this.registry.removeSingleMetric(`nodejs_active_${each}_total`);
  }

  backgroundFailed(task: string, failures: number): void {
    this.#backgroundFailures.inc({ task }, failures);
  }

  webhookPosted(outcome: string): void {
    this.#webhookAttempts.inc({ outcome });
  }

  mailTried(outcome: string): void {
    this.#mailAttempts.inc({ outcome });
  }

  request(labels: { method: string; route: string; status: string }, seconds: number): void {
    // Node accepts some forty methods, each of which would be a series of its own for every route and status.
    const method = METHODS.has(labels.method) ? labels.method : 'other';
    this.#requestSeconds.observe({ ...labels, method }, seconds);
  }

  /**
   * Registers a gauge that is read at each scrape. When reading fails, the scrape has no sample of it, so that
   * Prometheus ends the series instead of showing an old value. The other metrics do not depend on it.
   * Of several processes, the largest value counts.
   * @param task counts and logs failures
   */
  protected gauge(name: string, help: string, task: BackgroundTask, read: () => Promise<number>): void {
    new Gauge({
      name,
      help,
      aggregator: 'max',
      registers: [this.registry],
      async collect() {
        const succeeded = await task.run(async () => {
          this.set(await read());
        });
        if (!succeeded) this.remove();
      },
    });
  }
}

/** The format in which documents were submitted. */
export type SubmissionFormat = 'multipart' | 'json' | 'raw' | 'ndjson' | 'time_stamp';

/** Metrics of the service. */
export class Metrics extends NodeMetrics {
  readonly #accepts = new Counter({
    name: 'ingam_accepts_total',
    help: 'Submissions accepted. Each chunk of an NDJSON stream counts as one.',
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
    help: 'Bytes of uploaded documents hashed.',
    registers: [this.registry],
  });
  readonly #sealSeconds = new Histogram({
    name: 'ingam_seal_seconds',
    help: 'Time from reading the pending entries to the committed block.',
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
    help: 'Entries sealed into blocks.',
    registers: [this.registry],
  });

  readonly #timeStamps = new Counter({
    name: 'ingam_time_stamps_total',
    help: 'Answers to time-stamp requests, by outcome: granted, or the failure of RFC 3161.',
    labelNames: ['outcome'],
    registers: [this.registry],
  });

  accepted(shape: SubmissionFormat, documents: number): void {
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

  timeStamped(outcome: string): void {
    this.#timeStamps.inc({ outcome });
  }

  /** Registers what is read at each scrape of a time-stamping authority. Call once. */
  watchAuthority(
    read: {
      readonly clockProblem: () => Promise<string | null>;
      /** From time servers, in seconds; null: there was no comparison. */
      readonly clockOffset: () => number | null;
      /** When the certificate ends, in seconds since the Unix epoch. */
      readonly certificateEnds: () => Promise<number>;
    },
    background: Background,
  ): void {
    const task = background.task('reading the state of the time-stamping authority');
    this.gauge(
      'ingam_tsa_clock_untrusted',
      '1 while the clock is not trusted, so that no time-stamps are given; else 0.',
      task,
      async () => ((await read.clockProblem()) === null ? 0 : 1),
    );
    this.gauge(
      'ingam_tsa_certificate_end_seconds',
      'When the certificate of the time-stamping authority ends, in seconds since the Unix epoch.',
      task,
      read.certificateEnds,
    );
    new Gauge({
      name: 'ingam_tsa_clock_offset_seconds',
      help: 'How far the clock was behind the time servers when it was last compared. Absent without time servers.',
      aggregator: 'max',
      registers: [this.registry],
      collect() {
        const offset = read.clockOffset();
        if (offset === null) this.remove();
        else this.set(offset);
      },
    });
  }

  /** Registers what is read at each scrape. Call once. */
  watch(
    read: {
      readonly queued: () => number;
      readonly lagSeconds: () => Promise<number>;
      /** Why sealing is stalled; null: it is not. */
      readonly sealingProblem: () => string | null;
      /** null: not known. */
      readonly durability: () => 'replicated' | 'local' | null;
      readonly unconfirmedCommits: () => number;
    },
    background: Background,
  ): void {
    new Gauge({
      name: 'ingam_intake_queue',
      help: 'Documents and events waiting to be committed.',
      aggregator: 'sum',
      registers: [this.registry],
      collect() {
        this.set(read.queued());
      },
    });
    new Gauge({
      name: 'ingam_sealing_problem',
      help: '1 for the reason for which sealing is stalled, as in /readyz. Absent while it is not.',
      aggregator: 'max',
      labelNames: ['code'],
      registers: [this.registry],
      collect() {
        this.reset();
        const code = read.sealingProblem();
        if (code !== null) this.set({ code }, 1);
      },
    });
    new Gauge({
      name: 'ingam_database_replicated',
      help: '1 while commits wait for a synchronous standby of the database, 0 while they do not. Absent while that is not known.',
      aggregator: 'min',
      registers: [this.registry],
      collect() {
        const durability = read.durability();
        if (durability === null) this.remove();
        else this.set(durability === 'replicated' ? 1 : 0);
      },
    });
    new Counter({
      name: 'ingam_database_unconfirmed_commits_total',
      help: 'Commits that PostgreSQL reported although their wait for the synchronous standby was cancelled. None was acknowledged before it was replicated.',
      registers: [this.registry],
      collect() {
        this.reset();
        this.inc(read.unconfirmedCommits());
      },
    });
    const task = background.task('reading the sealing lag');
    this.gauge('ingam_seal_lag_seconds', 'Age of the oldest unsealed entry.', task, read.lagSeconds);
  }
}

/** Metrics of the members that cosign this log. */
export class CosigningMetrics {
  readonly #requests: Counter<'member' | 'outcome'>;
  readonly #blocks: Gauge<'member'>;

  constructor(registry: Registry) {
    this.#requests = new Counter({
      name: 'ingam_cosigning_requests_total',
      help: 'Requests to a member for a cosignature, by outcome.',
      labelNames: ['member', 'outcome'],
      registers: [registry],
    });
    this.#blocks = new Gauge({
      name: 'ingam_cosigned_blocks',
      help: 'Blocks that a member has cosigned.',
      aggregator: 'max',
      labelNames: ['member'],
      registers: [registry],
    });
  }

  requested(member: string, outcome: string, blocks: number): void {
    this.#requests.inc({ member, outcome });
    this.#blocks.set({ member }, blocks);
  }
}

/** How far a source of anchors has come. */
interface AnchoringState {
  readonly name: string;
  /** Milliseconds since the Unix epoch; null: never. */
  readonly lastAt: number | null;
  readonly waitingSince: number | null;
  readonly pending: number;
}

/** Metrics of the time sources that anchor this log. */
export class AnchoringMetrics {
  readonly #requests: Counter<'source' | 'outcome'>;

  /** @param task counts and logs failures of reading */
  constructor(registry: Registry, task: BackgroundTask, read: () => Promise<readonly AnchoringState[]>) {
    this.#requests = new Counter({
      name: 'ingam_anchor_requests_total',
      help: 'Requests to a time source for an anchor, by outcome.',
      labelNames: ['source', 'outcome'],
      registers: [registry],
    });
    const gauge = (name: string, help: string) =>
      new Gauge({ name, help, aggregator: 'max', labelNames: ['source'], registers: [registry] });
    const last = gauge(
      'ingam_anchor_last_success_seconds',
      'When the last anchor of a time source was stored, in seconds since the Unix epoch.',
    );
    const pending = gauge('ingam_anchor_pending', 'Timestamps that a calendar has yet to complete.');
    new Gauge({
      name: 'ingam_anchor_lag_seconds',
      help: 'How long ago the first block was sealed that no anchor of a time source covers; 0: all are covered.',
      aggregator: 'max',
      labelNames: ['source'],
      registers: [registry],
      async collect() {
        for (const each of [this, last, pending]) each.reset();
        await task.run(async () => {
          for (const { name: source, lastAt, waitingSince, ...state } of await read()) {
            if (lastAt !== null) last.set({ source }, lastAt / 1000);
            pending.set({ source }, state.pending);
            this.set({ source }, waitingSince === null ? 0 : Math.max(0, Date.now() - waitingSince) / 1000);
          }
        });
      },
    });
  }

  requested(source: string, outcome: string): void {
    this.#requests.inc({ source, outcome });
  }
}

/** Metrics of a member's node. */
export class MemberMetrics extends NodeMetrics {
  readonly #refusals = new Counter({
    name: 'ingam_member_refusals_total',
    help: 'Checkpoints and blocks of the log that this node refused, by reason. Investigate anything but 0.',
    labelNames: ['reason'],
    registers: [this.registry],
  });
  readonly #cosignatures = new Counter({
    name: 'ingam_member_add_checkpoint_total',
    help: 'Requests for a cosignature, by the status of the response.',
    labelNames: ['status'],
    registers: [this.registry],
  });

  refused(reason: string): void {
    this.#refusals.inc({ reason });
  }

  responded(status: number): void {
    this.#cosignatures.inc({ status: String(status) });
  }

  /** Registers what is read at each scrape. Call once. */
  watch(
    read: () => Promise<{ readonly blocks: number; readonly of: number | null }>,
    background: Background,
  ): void {
    const task = background.task('reading the number of blocks');
    this.gauge(
      'ingam_member_blocks',
      'Blocks that this node has and has verified.',
      task,
      async () => (await read()).blocks,
    );
    this.gauge(
      'ingam_member_shown_blocks',
      'Blocks that the log has published to this node.',
      task,
      async () => (await read()).of ?? 0,
    );
  }
}
