import { createOrganization, createKey } from '../harness/organization.js';
import { atLeast, compare } from '../harness/figure.js';
import { requestsPerSecond } from '../harness/http-load.js';
import type { Row } from '../harness/bench.js';

const CONNECTIONS = 64;

/**
 * Durable POSTs of one digest each with an API key, against the same without one on the same service. Each
 * accepting statement checks the key's permissions, and adds the entries to the organization's register. With
 * limits, the key is also looked up and counted before.
 */
export const key: Row = {
  name: 'key',
  async measure(bench) {
    const service = await bench.service('key');
    const limits = ['--requests-per-minute', '100000000', '--digests-per-day', '1000000000'];
    const unlimited = await createKey(service, await createOrganization(service), 'notarize');
    const limited = await createKey(service, await createOrganization(service, limits), 'notarize');
    const seconds = bench.quick ? 2 : 10;
    const rateOf = (apiKey: string | null, duration: number) => () =>
      requestsPerSecond({
        url: service.url,
        seconds: duration,
        connections: CONNECTIONS,
        work: 'notarize',
        ...(apiKey === null ? {} : { key: apiKey }),
      });
    const warmUp = bench.quick ? 1 : 3;
    for (const each of [null, unlimited, limited]) await rateOf(each, warmUp)();
    const yardstick = 'the same, anonymous';
    const free = await compare(
      {
        what: 'durable POSTs of one digest with an API key',
        unit: '/s',
        ours: 'with a key',
        yardstick,
        goal: atLeast(0.9),
      },
      bench.repetitions,
      rateOf(unlimited, seconds),
      rateOf(null, seconds),
    );
    const counted = await compare(
      {
        what: 'the same, of an organization with limits',
        unit: '/s',
        ours: 'with a key, counted',
        yardstick,
        goal: null,
      },
      bench.repetitions,
      rateOf(limited, seconds),
      rateOf(null, seconds),
    );
    await service.stop();
    return [free, counted];
  },
};
