import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openService } from '../../../src/cli/service-client.js';
import { createIo, invoke } from '../invoke.js';
import { createRelay } from '../relay.js';
import { folder, proofOf, service, useService } from '../service.js';

/** A service that accepts submissions only with an API key. */

useService({ policy: { anonymousSubmission: false } });
let organization: string;
beforeAll(async () => {
  organization = await administer('organization', 'create', 'Example Ltd');
});
beforeEach(async () => {
  for (const name of ['a', 'b', 'c']) await writeFile(folder.at(name), `${folder.path} ${name}`);
});

async function administer(...argv: string[]): Promise<string> {
  const { code, stdout, stderr } = await invoke([...argv, '--database', service.databaseUrl]);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trim();
}

const createKey = (...argv: string[]) =>
  administer('key', 'create', '--name', 'test', '--organization', organization, ...argv);
const ingam = (argv: string[], env: Readonly<Record<string, string>> = {}) =>
  invoke(argv, { cwd: folder.path, env: { INGAM_SERVER: service.url, ...env } });

describe('a rejected caller gets exit code 2 and a hint', () => {
  test('without a key', async () => {
    const { code, stdout, stderr } = await ingam(['notarize', 'a', 'b']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('FAILED a: the service rejected the request:');
    expect(stderr.match(/Give an API key as an option/g)).toHaveLength(1);
  });

  test('with a revoked key', async () => {
    const key = await createKey();
    await administer('key', 'revoke', key);
    const { code, stdout, stderr } = await ingam(['notarize', 'a', '--json'], { INGAM_KEY: key });
    expect(code).toBe(2);
    expect(stderr).not.toContain(key);
    expect(JSON.parse(stdout)).toMatchObject({ documents: [{ error: { code: 'invalid_token' } }] });
    expect(stdout).toContain('expired or revoked');
    expect(stdout).not.toContain(key);
  });

  test('with a key that lacks the scope', async () => {
    const { code, stderr } = await ingam(['notarize', 'a', '--key', await createKey('--scope', 'read')]);
    expect(code).toBe(2);
    expect(stderr).toContain('lacks the required scope');
  });

  test('with a key for other networks', async () => {
    const key = await createKey('--network', '192.0.2.0/24');
    const { code, stderr } = await ingam(['notarize', 'a', '--key', key]);
    expect(code).toBe(2);
    expect(stderr).toContain('may not be used from this network');
  });

  test('without waiting for a daily limit, and skips finished files the next time', async () => {
    const key = await createKey('--digests-per-day', '2');
    const env = { INGAM_KEY: key };
    await using relay = await createRelay(service.url, () => 'pass');
    const posts = () => relay.requests.filter((line) => line.startsWith('POST ')).length;
    const argv = ['notarize', '--server', relay.url];
    expect((await ingam([...argv, 'a', 'b'], env)).code).toBe(0);
    expect(posts()).toBe(1);
    const over = await ingam([...argv, 'a', 'b', 'c'], env);
    expect(over.code).toBe(1);
    expect(posts()).toBe(2);
    expect(over.stderr).toContain(
      'FAILED c: the service rejected the request: The limit is 2 digests a day for this key',
    );
    expect(over.stderr).toMatch(/Try again after \d{4}-\d\d-\d\d \d\d:\d\d/);
  });

  test('without retrying a request that exceeds the limit at once', async () => {
    const key = await createKey('--digests-per-day', '2');
    const { code, stderr } = await ingam(['notarize', 'a', 'b', 'c', '--key', key]);
    expect(code).toBe(2);
    expect(stderr).toContain('The request exceeds what the limit ever allows at once.');
  });
});

describe('with a key', () => {
  test.each([['--key'], ['INGAM_KEY']])('notarizes with %s, and anyone can verify the proof', async (way) => {
    const key = await createKey();
    const { code } =
      way === '--key'
        ? await ingam(['notarize', 'a', '--title', 'T', '--key', key])
        : await ingam(['notarize', 'a', '--title', 'T'], { INGAM_KEY: key });
    expect(code).toBe(0);
    expect((await proofOf('a.ingam.json')).details).toEqual({ title: 'T' });
    expect((await ingam(['verify', 'a', '--key', service.verifierKey])).code).toBe(0);
  });

  test('includes the details in the proof although the key may only submit', async () => {
    const key = await createKey('--scope', 'notarize');
    for (const [name, ...more] of [['a'], ['b', '--upload'], ['c', '--names']]) {
      if (name === undefined) continue;
      const { code, stderr } = await ingam(['notarize', name, '--title', 'T', '--key', key, ...more]);
      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
      expect((await proofOf(`${name}.ingam.json`)).details).toMatchObject({ title: 'T' });
      expect((await ingam(['verify', name, '--key', service.verifierKey])).code).toBe(0);
    }
  });

  test('upgrades a pending proof with its details, with or without the key', async () => {
    const key = await createKey();
    await ingam(['notarize', 'a', 'b', '--title', 'T', '--no-wait', '--key', key]);
    expect((await ingam(['upgrade', '--wait', 'a.ingam.json', '--key', key])).code).toBe(0);
    expect((await ingam(['upgrade', '--wait', 'b.ingam.json'])).code).toBe(0);
    for (const name of ['a', 'b']) {
      expect(await proofOf(`${name}.ingam.json`)).toMatchObject({
        format: 'ingam-proof-v1',
        details: { title: 'T' },
      });
    }
  });
});

describe('the API key', () => {
  test('is not sent by trust and audit', async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((req, res) => {
      seen.push(req.headers.authorization);
      res.writeHead(404).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const env = { INGAM_KEY: 'ingam_0123456789abcdef_secret' };
    await ingam(['trust', '--server', url], env);
    await ingam(['audit', '--server', url, '--key', service.verifierKey], env);
    await ingam(['notarize', 'a', '--server', url], env);
    server.close();
    const sent = seen.filter((header) => header !== undefined);
    expect(sent).toEqual(['Bearer ingam_0123456789abcdef_secret']);
    expect(seen.length).toBeGreaterThan(2);
  });

  test.each([
    ['http://notary.example.com', true],
    ['https://notary.example.com', false],
    ['http://127.0.0.1:8080', false],
    ['http://localhost', false],
    ['http://[::1]:8080', false],
  ])('warns for an unencrypted connection to %s: %j', async (server, warned) => {
    const { io, written } = createIo();
    await openService({ server, key: 'k' }, io);
    expect(written.stderr.includes('unencrypted')).toBe(warned);
  });
});
