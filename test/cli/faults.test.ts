import { readFile, writeFile } from 'node:fs/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { invoke } from './invoke.js';
import { createRelay, type Fate } from './relay.js';
import { folder, service, useService } from './service.js';

useService();
beforeEach(async () => {
  await writeFile(folder.at('a'), 'a');
  await writeFile(folder.at('b'), 'b');
});

const accepted = async () => (await service.store.head()).nextPosition;

async function notarizeThrough(
  fateOf: (line: string, count: number) => Fate | Promise<Fate>,
  ...more: string[]
) {
  await using relay = await createRelay(service.url, fateOf);
  const before = await accepted();
  const result = await invoke(['notarize', 'a', 'b', '--server', relay.url, ...more], { cwd: folder.path });
  return { ...result, requests: relay.requests, accepted: (await accepted()) - before };
}

const isPost = (line: string) => line.startsWith('POST ');

describe('a retried request takes effect once', () => {
  test.each<[string, Fate]>([
    ['after a lost response', 'lose-answer'],
    ['after a truncated response', 'cut-answer'],
    ['after an overload with Retry-After', { status: 503, retryAfter: '0' }],
    ['after "too many requests"', { status: 429 }],
    ['after a bad gateway', { status: 502 }],
    ['after Retry-After with a date', { status: 503, retryAfter: 'Thu, 01 Jan 1970 00:00:00 GMT' }],
  ])('%s', async (_, fate) => {
    const result = await notarizeThrough((line, count) => (isPost(line) && count < 3 ? fate : 'pass'));
    expect(result.code).toBe(0);
    expect(result.requests.filter(isPost)).toHaveLength(3);
    expect(result.accepted).toBe(2);
  });

  test('for an upload as well', async () => {
    const result = await notarizeThrough(
      (line, count) => (isPost(line) && count < 2 ? 'lose-answer' : 'pass'),
      '--upload',
    );
    expect({ code: result.code, accepted: result.accepted }).toEqual({ code: 0, accepted: 2 });
  });
});

test('does not retry a rejected request', async () => {
  const result = await notarizeThrough((line) => (isPost(line) ? { status: 403 } : 'pass'));
  expect(result.code).toBe(2);
  expect(result.requests.filter(isPost)).toHaveLength(1);
  expect(result.stderr).toContain('the service rejected the request: HTTP status 403');
});

test('does not write a proof that was changed in transit', async () => {
  const result = await notarizeThrough((line) => (line.endsWith('/proof') ? { status: 200 } : 'pass'));
  expect(result.code).toBe(1);
  expect(result.stderr).toContain('is not an Ingam service: its proof is malformed');
  await expect(readFile(folder.at('a.ingam.json'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('keeps finished files when stopped, and continues from there when run again', async () => {
  const stop = new AbortController();
  await using relay = await createRelay(service.url, (line) => {
    if (line.endsWith('/proof')) stop.abort();
    return 'pass';
  });
  const argv = ['notarize', 'a', 'b', '--server', relay.url];
  const stopped = await invoke(argv, { cwd: folder.path, signal: stop.signal });
  expect(stopped.code).toBe(130);
  expect(stopped.stderr).toContain('Run the same command again');
  const again = await invoke(argv, { cwd: folder.path });
  expect(again.code).toBe(0);
  for (const name of ['a', 'b']) {
    const { code } = await invoke(['verify', name, '--key', service.verifierKey], { cwd: folder.path });
    expect(code).toBe(0);
  }
});
