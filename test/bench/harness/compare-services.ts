import type { Bench } from './bench.js';
import { compare, type Comparison, type Figure } from './figure.js';
import { requestsPerSecond } from './http-load.js';

const CONNECTIONS = 64;

export interface Side {
  /** Name of the service's database. */
  readonly name: string;
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Sends the POSTs of the row `post` to two services in turn, each with its own database in the same
 * PostgreSQL.
 */
export async function compareServices(
  bench: Bench,
  comparison: Omit<Comparison, 'unit' | 'growth'>,
  ours: Side,
  yardstick: Side,
): Promise<Figure> {
  const services = await Promise.all(
    [ours, yardstick].map(({ name, settings }) => bench.service(name, settings)),
  );
  const rateOf = (which: number, seconds: number) => () =>
    requestsPerSecond({
      ...{ url: services[which]?.url ?? '', seconds },
      ...{ connections: CONNECTIONS, work: 'notarize' as const },
    });
  for (const i of services.keys()) await rateOf(i, bench.quick ? 1 : 3)();
  const seconds = bench.quick ? 2 : 10;
  const figure = await compare(
    { ...comparison, unit: '/s' },
    bench.repetitions,
    rateOf(0, seconds),
    rateOf(1, seconds),
  );
  for (const service of services) await service.stop();
  return figure;
}
