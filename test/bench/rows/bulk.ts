import { loadLines, type Row } from '../harness/bench.js';
import { runJob } from '../harness/child.js';
import { untilSealed } from '../harness/database.js';
import { absolute, atLeast, compare } from '../harness/figure.js';

/**
 * Digests by NDJSON in one request, with a response line for each after its commit, against the accepting
 * statement alone in batches of 1,000 on the same PostgreSQL, in a database that grows in the same way.
 * Everything is sealed before the other side is measured.
 */
export const bulk: Row = {
  name: 'bulk',
  async measure(bench) {
    const lines = bench.quick ? 50_000 : 200_000;
    const service = await bench.service('bulk');
    const bare = await (await bench.database()).create('bulk_bare');
    let first = 0;
    const ours = async (): Promise<number> => {
      const seconds = await loadLines({ url: service.url, lines, first });
      first += lines;
      await untilSealed(service.databaseUrl);
      return lines / seconds;
    };
    const yardstick = async (): Promise<number> =>
      lines / (await runJob<{ seconds: number }>('insert.ts', { url: bare, entries: lines })).seconds;
    await ours();
    await yardstick();
    const ratio = await compare(
      {
        what: 'bulk NDJSON digests, durable',
        unit: '/s',
        ours: 'one NDJSON request',
        yardstick: 'the insert statement alone, batches of 1,000',
        goal: atLeast(0.7),
      },
      bench.repetitions,
      ours,
      yardstick,
    );
    await service.stop();
    const { least, median, greatest } = ratio.ours.summary;
    const rate = absolute({ what: 'bulk NDJSON digests a second', unit: '/s', goal: atLeast(100_000) }, [
      least,
      median,
      greatest,
    ]);
    return [ratio, rate];
  },
};
