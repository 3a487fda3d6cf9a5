import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What Prometheus is told of a member's node. */
export class MemberMetrics {
  readonly registry = new Registry();

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

  refused(reason: string): void {
    this.#refusals.inc({ reason });
  }

  asked(status: number): void {
    this.#cosignatures.inc({ status: String(status) });
  }

  request(labels: { method: string; route: string; status: string }, seconds: number): void {
    this.#requestSeconds.observe(labels, seconds);
  }

  /** Registers the figures that are read when somebody asks. */
  watch(read: () => Promise<{ readonly blocks: number; readonly of: number | null }>): void {
    const gauge = (name: string, help: string, value: (state: Awaited<ReturnType<typeof read>>) => number) =>
      new Gauge({
        name,
        help,
        registers: [this.registry],
        async collect() {
          try {
            this.set(value(await read()));
          } catch {
            this.set(Number.NaN); // the database is away: the other figures are wanted then
          }
        },
      });
    gauge('ingam_member_blocks', 'Blocks that are here and were found right.', ({ blocks }) => blocks);
    gauge('ingam_member_shown_blocks', 'Blocks that the log has shown.', ({ of }) => of ?? 0);
  }
}
