import { Counter, Gauge, type Registry } from 'prom-client';

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
