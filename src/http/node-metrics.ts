import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

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
