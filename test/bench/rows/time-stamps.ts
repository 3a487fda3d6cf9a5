import type { Bench, Row } from '../harness/bench.js';
import { run, runJob } from '../harness/child.js';
import { absolute, atLeast, compare, type Figure } from '../harness/figure.js';
import { requestsPerSecond } from '../harness/http-load.js';
import { createKey, createOrganization } from '../harness/organization.js';
import { Spoiled } from '../harness/statistics.js';
import { createTsaKey } from '../../support/tsa.js';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const CONNECTIONS = 64;
const KEYS = { rsa: 'RSA-3072', p256: 'P-256' } as const;

/**
 * Time-stamp tokens of `POST /tsa` by 64 clients, each notarized before its response, against bare signatures
 * by a key of the same kind on one thread, which is the part of a token that cannot be saved.
 */
export const timeStamps: Row = {
  name: 'time-stamps',
  async measure(bench) {
    const figures: Figure[] = [];
    for (const algorithm of ['rsa', 'p256'] as const) figures.push(...(await tokens(bench, algorithm)));
    return figures;
  },
};

async function tokens(bench: Bench, algorithm: keyof typeof KEYS): Promise<Figure[]> {
  const file = join(bench.directory, `tsa-${algorithm}.pem`);
  await writeFile(file, await createTsaKey(algorithm));
  const service = await bench.service(`tsa_${algorithm}`, { INGAM_TSA: 'on', INGAM_TSA_KEY: file });
  // Anonymous clients of one network are limited.
  const key = await createKey(service, await createOrganization(service), 'notarize');
  const rate = (seconds: number) => () =>
    requestsPerSecond({ url: service.url, seconds, connections: CONNECTIONS, work: 'time-stamp', key });
  await rate(bench.quick ? 1 : 3)();
  const name = KEYS[algorithm];
  const ratio = await compare(
    {
      what: `time-stamps by a key of ${name}, 64 clients`,
      unit: '/s',
      ours: 'POST /tsa',
      yardstick: `signatures of ${name} on one thread`,
      goal: null,
    },
    bench.repetitions,
    rate(bench.quick ? 2 : 10),
    async () => {
      const { perSecond } = await runJob<{ perSecond: number }>('signatures.mjs', { file, seconds: 1 });
      return perSecond;
    },
  );
  await requireGranted(service.url);
  await service.stop();
  const { least, median, greatest } = ratio.ours.summary;
  const what = `time-stamps a second by a key of ${name}`;
  return [ratio, absolute({ what, unit: '/s', goal: atLeast(500) }, [least, median, greatest])];
}

/** A request that gets no token gets an answer with the status 200, too. */
async function requireGranted(url: string): Promise<void> {
  const { stdout } = await run('curl', ['-sS', `${url}/metrics`]);
  const outcomes = [...stdout.matchAll(/^ingam_time_stamps_total\{outcome="(\w+)"\} ([1-9]\d*)$/gm)];
  const others = outcomes.filter(([, outcome]) => outcome !== 'granted');
  if (outcomes.length === 0 || others.length > 0)
    throw new Spoiled(`not every request got a token: ${outcomes.map(([line]) => line).join(', ')}`);
}
