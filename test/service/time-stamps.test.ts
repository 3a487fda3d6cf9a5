import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { certificatesOfPem, readClaims } from '../../src/proof/time/rfc3161.js';
import { Verification } from '../../src/http/schemas/resources.js';
import { createFolder, invoke, type TestFolder } from '../cli/invoke.js';
import { startBuilt } from '../support/built.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { startHere } from '../support/in-process.js';
import { createProxy } from '../support/proxy.js';
import { askTsa, tokenOf, tsq } from '../support/tsa.js';
import { until } from '../support/until.js';

/** The environment of a service with an authority, whose key exists. */
async function prepare(folder: TestFolder, databaseUrl: string): Promise<Record<string, string>> {
  const env = { INGAM_DATA_DIR: folder.at('data'), DATABASE_URL: databaseUrl, INGAM_TSA: 'on' };
  await ingam(env, 'tsa', 'create', '--name', 'Test', '--algorithm', 'p256');
  return env;
}

async function ingam(env: Record<string, string>, ...argv: string[]): Promise<string> {
  const { code, stdout, stderr } = await invoke(argv, { env });
  expect([code, stderr], argv.join(' ')).toEqual([0, stderr]);
  return stdout;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function timesInLog(url: string, token: Uint8Array): Promise<number[]> {
  const res = await fetch(`${url}/v1/verify/${sha256(token)}`);
  return Verification.parse(await res.json()).notarizations.map(({ acceptedAt }) => Date.parse(acceptedAt));
}

async function entries(database: TestDatabase): Promise<number> {
  const [row] = await database.query<{ count: string }>('SELECT count(*) FROM entry');
  return Number(row?.count);
}

test('two processes give tokens from one key, and both take up a new one', async () => {
  await using database = await createDatabase();
  await using folder = await createFolder();
  const env = await prepare(folder, database.url);
  await using service = await startBuilt(['serve'], { env: { ...env, INGAM_WORKERS: '2' } });
  const tokens = await Promise.all(Array.from({ length: 60 }, () => tokenOf(service.url)));
  expect(new Set(tokens.map((token) => readClaims(token).serial)).size).toBe(60);
  for (const token of tokens) expect(await timesInLog(service.url, token)).toEqual([readClaims(token).time]);
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  expect(metrics).toMatch(/^ingam_time_stamps_total\{outcome="granted"\} 60$/m);
  await ingam(env, 'tsa', 'rotate');
  const shown = JSON.parse(await ingam(env, 'tsa', 'show', '--json')) as {
    certificates: { sha256: string }[];
  };
  const next = shown.certificates[0]?.sha256 ?? '';
  await until('all processes to use the new key', async () => {
    const seen = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const pem = await (await fetch(`${service.url}/tsa/certificates`)).text();
        return sha256(certificatesOfPem(pem)[0]?.der ?? new Uint8Array());
      }),
    );
    return seen.every((each) => each === next) ? seen : null;
  });
  expect(await service.stop(), service.stderr.join('\n')).toBe(0);
});

test('a token that was signed, or committed too, when kill -9 came harms nothing: the next request gets another', async () => {
  await using database = await createDatabase();
  await using folder = await createFolder();
  const env = await prepare(folder, database.url);
  const settings = { ...env, INGAM_WORKERS: '1' };
  const request = tsq();
  const given: Uint8Array[] = [];
  for (const step of ['signed', 'committed'] as const) {
    await using proxy = await createProxy(database.url);
    const victim = await startBuilt(['serve'], { env: { ...settings, DATABASE_URL: proxy.url } });
    given.push(await tokenOf(victim.url));
    const before = await entries(database);
    proxy.loseAnswers('accept+', { before: step === 'signed' });
    const lost = askTsa(victim.url, request).then(
      () => 'an answer',
      () => 'no answer',
    );
    await proxy.seen;
    if (step === 'committed')
      await until('the commit', async () => ((await entries(database)) > before ? true : null));
    await victim.kill();
    expect(await lost).toBe('no answer');
  }
  const before = await entries(database);
  await using service = await startHere(['serve'], { env: settings });
  given.push(await tokenOf(service.url, request));
  for (const token of given) expect(await timesInLog(service.url, token)).toEqual([readClaims(token).time]);
  // Two that were given, one that was committed and not given, and the last.
  expect([before, await entries(database)]).toEqual([3, 4]);
  await until('everything to be sealed', async () => {
    const { size, nextPosition } = (await (await fetch(`${service.url}/v1/chain`)).json()) as Record<
      string,
      number
    >;
    return size === nextPosition ? true : null;
  });
  await ingam(env, 'audit');
  expect(await service.stop(), service.stderr.join('\n')).toBe(0);
});

test('does not start without a key, and says how to get one', async () => {
  await using database = await createDatabase();
  await using folder = await createFolder();
  for (const workers of ['1', '2']) {
    const env = { INGAM_DATA_DIR: folder.at('data'), DATABASE_URL: database.url, INGAM_TSA: 'on' };
    // Several processes are processes.
    const start = workers === '1' ? startHere : startBuilt;
    await expect(start(['serve'], { env: { ...env, INGAM_WORKERS: workers } })).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('ingam tsa create') as string,
    });
  }
});
