import { writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { certificatesOfPem, parseResponse, readClaims } from '../../src/proof/time/rfc3161.js';
import { pemOf } from '../support/openssl.js';
import { startService, type TestService } from '../support/service.js';
import { askTsa, createTsaKey, MESSAGE, tsq } from '../support/tsa.js';
import { createFolder, invoke, type TestFolder } from './invoke.js';

let service: TestService;
let response: Uint8Array;
let root: string;
let folder: TestFolder;
beforeAll(async () => {
  const key = await createTsaKey();
  service = await startService({ tsa: { key } });
  ({ response } = await askTsa(service.url, tsq({ digest: 'sha384' })));
  root = pemOf(certificatesOfPem(key).at(-1)?.der ?? new Uint8Array());
});
afterAll(() => service[Symbol.asyncDispose]());
beforeEach(async () => {
  folder = await createFolder();
  await writeFile(folder.at('a.tsr'), response);
  await writeFile(folder.at('data'), MESSAGE);
  await writeFile(folder.at('other'), 'another document\n');
  await writeFile(folder.at('root.pem'), root);
  await writeFile(folder.at('foreign.pem'), await createTsaKey());
});
afterEach(() => folder[Symbol.asyncDispose]());

const ingam = (...argv: string[]) => invoke(argv, { cwd: folder.path });
const verify = (...argv: string[]) => ingam('verify', 'a.tsr', '--key', service.verifierKey, ...argv);
const fetchProof = () => ingam('tsa', 'proof', 'a.tsr', '--server', service.url);

test('judges a response whose token is in the log by its proof, and says what was not checked', async () => {
  expect((await fetchProof()).code).toBe(0);
  const { code, stdout, stderr } = await verify();
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^VERIFIED {2}a\.tsr: sealed /)]);
  expect(stderr).toContain('This is a time-stamp: it states that the bytes with the digest sha384:');
  expect(stderr).toContain('The log states that it accepted the time-stamp at just this time.');
  expect(stderr).toContain('Its signature was not checked');
});

test('judges the token as well, with the data and the root, and shows both in JSON', async () => {
  await fetchProof();
  const { code, stderr } = await verify('--data', 'data', '--tsa-root', 'root.pem');
  expect(code).toBe(0);
  expect(stderr).toMatch(
    /data existed by .* UTC, according to CN=Time-stamping authority .*, O=Test Notary, C=KR\./,
  );
  const { stdout } = await verify('--data', 'data', '--tsa-root', 'root.pem', '--json');
  const parsed = parseResponse(response);
  const claims = readClaims(parsed.granted ? parsed.token : new Uint8Array());
  expect(JSON.parse(stdout)).toMatchObject({
    verdict: 'verified',
    acceptedAt: new Date(claims.time).toISOString(),
    timeStamp: {
      time: new Date(claims.time).toISOString(),
      serial: claims.serial,
      isOfData: true,
      counts: true,
    },
  });
});

test('judges the token alone where there is no proof', async () => {
  const alone = await verify('--data', 'data', '--tsa-root', 'root.pem');
  expect([alone.code, alone.stdout]).toEqual([
    0,
    expect.stringMatching(/^VERIFIED {2}a\.tsr: data existed by /),
  ]);
  expect(alone.stderr).toContain('not whether it is in a log');
  const bare = await verify('--tsa-root', 'root.pem', '--json');
  expect(JSON.parse(bare.stdout)).toMatchObject({ verdict: 'verified', timeStamp: { counts: true } });
});

test.each([
  [
    'it is for other bytes',
    ['--data', 'other'],
    /^NOT VERIFIED {2}a\.tsr: the time-stamp is for other bytes than other/,
  ],
  ['its root is not the trusted one', ['--tsa-root', 'foreign.pem'], /^NOT VERIFIED {2}a\.tsr: /],
  [
    'it is for other bytes under the right root',
    ['--data', 'other', '--tsa-root', 'root.pem'],
    /^NOT VERIFIED/,
  ],
])('does not verify a token when %s, with its proof and without', async (_, argv, headline) => {
  for (const withProof of [false, true]) {
    if (withProof) await fetchProof();
    const { code, stdout } = await verify(...argv);
    expect([code, stdout]).toEqual([1, expect.stringMatching(headline)]);
    expect(stdout).not.toMatch(/^VERIFIED/m);
  }
  const { stdout } = await verify(...argv, '--json');
  expect(JSON.parse(stdout)).toMatchObject({ verdict: 'invalid' });
});

test('says how to go on without a proof', async () => {
  for (const argv of [[], ['--data', 'data']]) {
    const { code, stderr } = await verify(...argv);
    expect([code, stderr]).toEqual([2, expect.stringContaining('ingam tsa proof a.tsr --server URL')]);
  }
});

test('says what is wrong with the options', async () => {
  const asked = await ingam('verify', 'data', '--tsa-root', 'root.pem');
  expect([asked.code, asked.stderr]).toEqual([2, expect.stringContaining('data is not a time-stamp')]);
  const wrong = await verify('--tsa-root', 'data');
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    expect.stringContaining('data is not a valid file of certificates'),
  ]);
  const missing = await verify('--data', 'missing');
  expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('missing: no such file')]);
  const stdin = await ingam('verify', '-', 'p', '--data', 'data');
  expect([stdin.code, stdin.stderr]).toEqual([
    2,
    expect.stringContaining('require the FILE of a time-stamp'),
  ]);
});

test('judges a response that was itself notarized as a file by the proof of the file', async () => {
  const notarized = await ingam('notarize', 'a.tsr', '--server', service.url);
  expect(notarized.code).toBe(0);
  const { code, stderr } = await verify();
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('This is a time-stamp')]);
});
