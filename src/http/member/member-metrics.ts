import { Counter } from 'prom-client';
import { NodeMetrics } from '../node-metrics.js';

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
