import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { PENDING_FORMAT, PROOF_FORMAT } from '../../src/proof/index.js';
import { MAIN } from '../support/built.js';
import { startService } from '../support/service.js';
import { invoke } from './invoke.js';
import { until } from '../support/until.js';
import { createRelay, type Fate } from './relay.js';
import { folder, proofOf, service, useService } from './service.js';

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

test('does not take a proof that was changed in transit, and keeps the receipt', async () => {
  const result = await notarizeThrough((line) => (line.endsWith('/proof') ? { status: 200 } : 'pass'));
  expect(result.code).toBe(1);
  expect(result.stderr).toContain('is not an Ingam service: its proof is malformed');
  expect((await proofOf('a.ingam.json')).format).toBe(PENDING_FORMAT);
});

test('does not take a receipt for other documents, or one that was changed in transit', async () => {
  await using slow = await startService({ sealing: false });
  for (const [field, wrong] of [
    ['note', (note: string) => note.replace(/\n[0-9]+\n\n/, '\n1\n\n')],
    [
      'note',
      (note: string) =>
        note.replace(
          /\n(.)([A-Za-z0-9+/]{42}=)\n/,
          (_, a: string, b: string) => `\n${a === 'A' ? 'B' : 'A'}${b}\n`,
        ),
    ],
    ['index', () => 1],
    ['path', () => ['AAAA']],
  ] as const) {
    await using relay = await createRelay(slow.url, (line) =>
      isPost(line)
        ? {
            change: (body) => {
              const answer = JSON.parse(body) as { receipt: Record<string, unknown> };
              answer.receipt[field] = wrong(String(answer.receipt[field]));
              return JSON.stringify(answer);
            },
          }
        : 'pass',
    );
    const { code, stderr } = await invoke(['notarize', 'a', 'b', '--no-wait', '--server', relay.url], {
      cwd: folder.path,
    });
    expect(code).toBe(1);
    expect(stderr).toContain('is not an Ingam service');
    expect(await readdir(folder.path)).toEqual(['a', 'b']);
  }
});

test.each(['SIGKILL', 'SIGINT'] as const)(
  'has written the receipt before it asks for the proof: %s loses nothing',
  async (signal) => {
    await using slow = await startService({ sealing: false });
    let kill: () => void = () => undefined;
    await using relay = await createRelay(slow.url, (line) => {
      if (line.endsWith('/proof')) kill();
      return 'pass';
    });
    const argv = ['notarize', 'a', 'b', '--title', 'T', '--server', relay.url];
    const child = spawn(process.execPath, [MAIN, ...argv], {
      cwd: folder.path,
      env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
      stdio: 'ignore',
    });
    kill = () => void child.kill(signal);
    await once(child, 'exit');
    const kept = await Promise.all([proofOf('a.ingam.json'), proofOf('b.ingam.json')]);
    expect(kept).toMatchObject([
      { format: PENDING_FORMAT, details: { title: 'T' } },
      { format: PENDING_FORMAT, details: { title: 'T' } },
    ]);
    expect((await readdir(folder.path)).sort()).toEqual(['a', 'a.ingam.json', 'b', 'b.ingam.json']);
    const { receiptKeys } = (await (await fetch(`${slow.url}/v1/chain`)).json()) as { receiptKeys: string[] };
    const checked = await invoke(['verify', 'b', '-v', '--key', receiptKeys[0] ?? ''], { cwd: folder.path });
    expect(checked.stderr).toContain('✓ 4. The receipt promises a seal by');
    expect(checked.stderr).toContain('✓ 5. The receipt is signed for');

    slow.startSealing();
    const again = await invoke(argv, { cwd: folder.path });
    expect(again.code).toBe(0);
    const final = await Promise.all([proofOf('a.ingam.json'), proofOf('b.ingam.json')]);
    expect(final.map(({ format }) => format)).toEqual([PROOF_FORMAT, PROOF_FORMAT]);
    expect(final.map(({ entry }) => entry)).toEqual(kept.map(({ entry }) => entry));
    expect((await slow.store.head()).nextPosition).toBe(2);
  },
);

test('with --no-wait writes the receipts of the response, and asks for nothing more', async () => {
  const { code, requests } = await notarizeThrough(() => 'pass', '--no-wait');
  expect(code).toBe(0);
  expect(requests.filter((line) => line.startsWith('GET '))).toEqual(['GET /v1/chain']);
  expect((await proofOf('a.ingam.json')).format).toBe(PENDING_FORMAT);
});

test('does not replace a receipt with the proof of another entry, and says that it is evidence', async () => {
  await using slow = await startService({ sealing: false });
  const at = (server: string, ...argv: string[]) =>
    invoke([...argv, '--server', server], { cwd: folder.path });
  expect((await at(slow.url, 'notarize', 'a', 'b', '--no-wait')).code).toBe(0);
  const pending = await proofOf('a.ingam.json');
  slow.startSealing();
  expect((await at(slow.url, 'upgrade', 'b.ingam.json', '--wait')).code).toBe(0);
  const other = await readFile(folder.at('b.ingam.json'), 'utf8');
  await using relay = await createRelay(slow.url, () => ({ change: () => other }));
  const refused = await at(relay.url, 'upgrade', 'a.ingam.json');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('gives a proof of another entry than it accepted');
  expect(refused.stderr).toContain('Keep the pending proof unchanged');
  expect(await proofOf('a.ingam.json')).toEqual(pending);
});

test('keeps the receipt beside the proof when the seal came later than promised', async () => {
  await using slow = await startService({ sealing: false, maxLagMs: 1 });
  const at = (...argv: string[]) => invoke([...argv], { cwd: folder.path, env: { INGAM_SERVER: slow.url } });
  expect((await at('notarize', 'a', 'b', '--no-wait')).code).toBe(0);
  const pending = await proofOf('a.ingam.json');
  await until(
    'the deadline to pass',
    () => Date.now(),
    (now) => now > pending.entry.acceptedAt + 1,
  );
  slow.startSealing();
  const upgraded = await at('upgrade', 'a.ingam.json', '--wait');
  expect(upgraded.code).toBe(0);
  const [, kept = ''] = /Its receipt is kept in (a\..*\.ingam\.json);/.exec(upgraded.stderr) ?? [];
  expect(await proofOf(kept)).toEqual(pending);
  const trusted = ['--key', slow.verifierKey];
  const verified = await at('verify', 'a', '--receipt', kept, ...trusted);
  expect(verified.code).toBe(1);
  expect(verified.stderr).toContain('the promise was not kept');

  const again = await at('notarize', 'b', '--json');
  const { documents } = JSON.parse(again.stdout) as { documents: { lateReceipt: string }[] };
  expect(documents[0]?.lateReceipt).toMatch(/b\..*\.ingam\.json$/);
  expect((await proofOf('b.ingam.json')).format).toBe(PROOF_FORMAT);
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
