import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadHistories, loadVectors, proofBytes } from '../vectors/load.js';
import { createFolder, invoke, type TestFolder } from './invoke.js';

let folder: TestFolder;
beforeAll(async () => {
  folder = await createFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

const wellFormed = loadVectors('valid', 'invalid', 'pending').filter(({ expected }) => 'verdict' in expected);

test.each(wellFormed.map((vector) => [vector.folder, vector.name, vector] as const))(
  'shows %s: %s, and judges nothing',
  async (_, __, vector) => {
    await writeFile(folder.at('proof'), proofBytes(vector));
    const { code, stdout, stderr } = await invoke(['inspect', folder.at('proof')]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^format: ingam-(proof|pending)-v1\n/);
    expect(stdout).toMatch(/^ {2}leafHash: [0-9a-f]{64}$/m);
    expect(stdout).not.toMatch(/verified/i);
    expect(stderr).toContain('Nothing was verified');
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    const json = await invoke(['inspect', folder.at('proof'), '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ document: { sha256: expect.any(String) as string } });
  },
);

test('shows every field of a proof', async () => {
  const vector = wellFormed.find(
    ({ name, folder: kind }) => kind === 'valid' && name === 'with-details-and-account',
  );
  await writeFile(folder.at('proof'), vector === undefined ? '' : proofBytes(vector));
  const { stdout } = await invoke(['inspect', folder.at('proof'), '--json']);
  const shown = JSON.parse(stdout) as Record<string, Record<string, unknown>>;
  expect(Object.keys(shown)).toEqual([
    ...['format', 'document', 'entry', 'details', 'account', 'block', 'log', 'anchors', 'note'],
  ]);
  expect(Object.keys(shown['block'] ?? {})).toEqual([
    ...['hash', 'height', 'previousHash', 'merkleRoot', 'state', 'firstPosition', 'entryCount'],
    ...['sealedAt', 'difficulty', 'nonce', 'index', 'path'],
  ]);
});

test('shows what anchors claim', async () => {
  for (const name of ['interval', 'bitcoin', 'one-good-among-bad', 'token-empty', 'beacon-without-state']) {
    const vector = loadVectors('time').find((each) => each.name === name) ?? expect.fail(name);
    await writeFile(folder.at('proof'), proofBytes(vector));
    const { code, stdout } = await invoke(['inspect', folder.at('proof'), '--json']);
    expect(code).toBe(0);
    const { anchors } = JSON.parse(stdout) as { anchors: Record<string, unknown>[] };
    if (name === 'interval') {
      expect(anchors).toMatchObject([
        { type: 'beacon', statement: { beacons: [{ type: 'drand', round: 657413 }] } },
        {
          type: 'rfc3161',
          checkpoint: { origin: 'log.example/vectors', size: 5 },
          token: { time: '2026-01-02T03:05:00.000Z', accuracyMs: 1000 },
          renewals: [],
        },
      ]);
    }
    if (name === 'token-empty')
      expect(anchors[0]?.['token']).toMatchObject({ bytes: 0, unreadable: expect.any(String) as string });
    if (name === 'one-good-among-bad') expect(anchors[2]).toEqual({ type: 'sundial' });
  }
});

async function inspectedHistory(name: string): Promise<Record<string, unknown>> {
  const { history } = loadHistories().find((each) => each.name === name) ?? expect.fail(name);
  // It is recognized by its beginning, whatever it is called.
  await writeFile(folder.at('history'), JSON.stringify(history));
  const { code, stdout } = await invoke(['inspect', folder.at('history'), '--json']);
  expect(code).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>;
}

test('shows the events of a history, with who signed them and what became of their bodies', async () => {
  const shown = await inspectedHistory('body-erased');
  expect(Object.keys(shown)).toEqual([
    ...['format', 'record', 'contents', 'checkpoint', 'blocks', 'records', 'documents', 'note'],
  ]);
  expect(shown['contents']).toMatchObject({
    records: 1,
    signedEvents: 3,
    automaticEvents: 0,
    bodiesErased: 1,
  });
  const { events } =
    (shown['records'] as Record<string, { events: unknown[] }>)[shown['record'] as string] ?? {};
  expect(events).toMatchObject([
    {
      type: 'document.create',
      sequence: 0,
      signatures: [{ name: 'alice' }],
      body: { title: expect.any(String) as string },
    },
    { type: 'document.version', sequence: 1, body: 'erased, or left out', entry: { kind: 1 } },
    { type: 'document.withdraw', sequence: 2 },
  ]);
  expect(shown['note']).toMatch(/^Nothing was verified.*ingam verify HISTORY$/);
});

test('shows histories that are not valid, and events that cannot be read, as what they are', async () => {
  const executed = await inspectedHistory('contract-executed');
  expect(JSON.stringify(executed)).toContain('"automatic":["ingam/automatic/v1"');
  expect(JSON.stringify(await inspectedHistory('note-malformed'))).toContain('"unreadable":');
  const { code, stdout } = await invoke(['inspect', folder.at('history')]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^contents:\n {2}bytes: \d+\n {2}blocks: \d+\n {2}records: \d+$/m);
  expect(stdout).not.toMatch(/verified/i);
  await writeFile(folder.at('cut.ingam-history.json'), '{"format":"ingam-hist');
  const cut = await invoke(['inspect', folder.at('cut.ingam-history.json')]);
  expect(cut).toMatchObject({ code: 2, stdout: '' });
  expect(cut.stderr).toContain('is not a valid history');
});

test('reports a file that is not a proof', async () => {
  await writeFile(folder.at('text'), 'hello');
  const { code, stdout, stderr } = await invoke(['inspect', folder.at('text')]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('is not a valid proof');
});
