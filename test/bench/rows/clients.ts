import { compare, type Figure } from '../harness/figure.js';
import { requestsPerSecond } from '../harness/http-load.js';
import type { Row } from '../harness/bench.js';

const FEW = 1;
const MORE = [8, 64, 256];

/**
 * Durable POSTs of one digest each, by more and more clients, against one: submissions that wait for the disk
 * together are written together.
 */
export const clients: Row = {
  name: 'clients',
  async measure(bench) {
    const service = await bench.service('clients');
    const seconds = bench.quick ? 1 : 5;
    const rateOf = (connections: number) => () =>
      requestsPerSecond({ url: service.url, seconds, connections, work: 'notarize' });
    await rateOf(64)();
    const figures: Figure[] = [];
    for (const many of MORE) {
      const figure = await compare(
        {
          what: `durable POSTs of one digest, ${many} clients against ${FEW}`,
          unit: '/s',
          ours: `${many} clients`,
          yardstick: `${FEW} client`,
          goal: null,
          growth: { of: 'durable POSTs of one digest', with: 'clients', yardstick: FEW, ours: many },
        },
        bench.repetitions,
        rateOf(many),
        rateOf(FEW),
      );
      figures.push(figure);
    }
    await service.stop();
    return figures;
  },
};
