import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fromBase64 } from '../../../src/proof/index.js';
import { pemOf } from '../../support/openssl.js';
import { loadTokenVectors } from '../../vectors/load-tokens.js';
import type { Bench, BenchService, Row } from '../harness/bench.js';
import { runJob } from '../harness/child.js';
import { compareServices } from '../harness/compare-services.js';
import { nobodysAddress } from '../harness/nobody.js';
import { atLeast, atMost, compare, type Figure } from '../harness/figure.js';
import { quantile } from '../harness/statistics.js';

const EVERY_MS = 50;

/**
 * A service whose two time sources give no anchors, one down and one that accepts connections but never
 * responds, against a service without time sources: the time until a final proof is available, as in the row
 * `final-proof`, and the POSTs of the row `post`.
 */
export const deadSources: Row = {
  name: 'dead-sources',
  async measure(bench) {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    try {
      const settings = {
        INGAM_TIME_SOURCES: await sourcesFile(bench.directory, [
          await nobodysAddress(),
          `http://127.0.0.1:${port}`,
        ]),
      };
      const sealed = await sealing(bench, settings);
      const comparison = {
        what: 'POSTs of one digest, 64 clients, all time sources dead',
        ours: 'two dead time sources',
        yardstick: 'no time sources',
        goal: atLeast(0.95),
      };
      const left = { name: 'dead_sources_posts', settings };
      return [sealed, await compareServices(bench, comparison, left, { name: 'without_sources_posts' })];
    } finally {
      silent.close();
    }
  },
};

async function sourcesFile(directory: string, urls: readonly string[]): Promise<string> {
  const root = loadTokenVectors('counted')[0]?.roots[0] ?? '';
  await writeFile(join(directory, 'root.pem'), pemOf(fromBase64(root)));
  const file = join(directory, 'time-sources');
  const lines = urls.map((url, i) => `tsa source${i} ${url} every 1s root root.pem\n`);
  await writeFile(file, lines.join(''));
  return file;
}

async function sealing(bench: Bench, settings: Readonly<Record<string, string>>): Promise<Figure> {
  const [ours, yardstick] = [
    await bench.service('dead_sources', settings),
    await bench.service('without_sources'),
  ];
  const documents = bench.quick ? 100 : 400;
  const p99 =
    ({ url }: BenchService) =>
    async (): Promise<number> => {
      const { times } = await runJob<{ times: number[] }>('final-proof.mjs', {
        ...{ url, documents, everyMs: EVERY_MS },
      });
      return quantile(
        times.toSorted((a, b) => a - b),
        0.99,
      );
    };
  const comparison = {
    what: 'accept to final proof, p99, all time sources dead',
    unit: 's' as const,
    ours: 'two dead time sources',
    yardstick: 'no time sources',
    goal: atMost(1.05),
  };
  const figure = await compare(comparison, bench.repetitions, p99(ours), p99(yardstick));
  await Promise.all([ours.stop(), yardstick.stop()]);
  return figure;
}
