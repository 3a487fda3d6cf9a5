import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { access, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { generateKey } from '../../src/crypto/keys.js';
import { remoteLog } from '../../src/member/index.js';
import { formatVerifierKey, parseCheckpointNote } from '../../src/proof/index.js';
import { MAIN } from '../support/built.js';
import { FORGER_KEY, type Forger, ForgedChain, serveChain } from '../support/forger.js';
import { startMember, untilCosigned } from '../support/member.js';
import { Operator, random } from '../support/record-operator.js';
import { filesIn, serveFolder } from '../support/static-files.js';
import { until } from '../support/until.js';
import { createFolder, invoke, type TestFolder } from './invoke.js';

/** Of logs that grow at will, cheat, break off, or are away. */

const KEY = formatVerifierKey(FORGER_KEY.key);
const OTHER_KEY = formatVerifierKey(generateKey('other.example/log').key);
const whole = new ForgedChain().grown(520, { entries: 1 });

let folder: TestFolder;
let operator: Forger;
beforeEach(async () => {
  folder = await createFolder();
  operator = await serveChain({ chain: whole });
});
afterEach(async () => {
  await operator[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const argv = (to: string) => ['publish', '--to', to, '--server', operator.url, '--key', KEY];
const publish = (to = 'site', ...more: string[]) => invoke([...argv(to), ...more], { cwd: folder.path });

async function published(chain: ForgedChain, to = 'site'): Promise<Map<string, Buffer>> {
  operator.view = { chain };
  expect(await publish(to)).toMatchObject({ code: 0, stderr: '' });
  return filesIn(folder.at(to));
}

/** What a first run writes. */
async function fresh(chain: ForgedChain): Promise<Map<string, Buffer>> {
  await rm(folder.at('fresh'), { recursive: true, force: true });
  return published(chain, 'fresh');
}

const isPartial = (path: string) => path.includes('.p/');
const sizeOf = (files: ReadonlyMap<string, Buffer>) =>
  parseCheckpointNote(files.get('checkpoint')?.toString() ?? '').checkpoint.size;

test('grows step by step to the same files, and drops partial tiles when the full one is there', async () => {
  for (const size of [1, 250, 256, 257, 520]) {
    const files = await published(whole.first(size));
    const expected = await fresh(whole.first(size));
    for (const [path, bytes] of expected) expect([size, path, files.get(path)]).toEqual([size, path, bytes]);
    // Of each earlier size, as long as the tile is not full.
    const more = [...files.keys()].filter((path) => !expected.has(path));
    expect(more.every((path) => isPartial(path) && !files.has(path.replace(/\.p\/.*/, '')))).toBe(true);
    if (size === 250) expect(more).toContain('tile/0/000.p/1');
    if (size === 256) expect(more).toEqual([]);
    if (size === 520) expect(more).toEqual(['tile/1/000.p/1']);
  }
  // Who has read an earlier checkpoint finds its hashes in the full tile.
  await using site = await serveFolder(folder.at('site'));
  const log = remoteLog(site.url, 60_000, new AbortController().signal);
  expect((await log.tile({ level: 0, index: 0, width: 250 }))?.length).toBe(250 * 32);
  const bundle = await remoteLog(operator.url, 60_000, new AbortController().signal).entryBundle(0, 250);
  expect(await log.entryBundle(0, 250)).toEqual(bundle);
  expect(await log.tile({ level: 0, index: 2, width: 9 })).toBeNull();
});

test('publishes statements and change lists, which a member follows from the files alone', async () => {
  const [a, b] = [random(), random()];
  const sound = Operator.EMPTY.with([])
    .with([{ key: a }])
    .with([{ key: b }], {}, { entries: 700 })
    .with([]);
  operator.view = sound.view;
  expect(await publish()).toMatchObject({ code: 0, stderr: '' });
  await using site = await serveFolder(folder.at('site'));
  await using member = await startMember({ upstream: site.url });
  await untilCosigned(member, sound.chain.size);
  const later = sound
    .with([{ key: a }, { key: b, automatic: sound.automatic(b) }])
    .with([], {}, { entries: 2 });
  operator.view = later.view;
  expect(await publish()).toMatchObject({ code: 0 });
  await untilCosigned(member, later.chain.size);
  const stored = await member.store.changeLists(0, later.chain.size);
  expect(stored.map(({ height }) => height)).toEqual([...later.lists.keys()]);
  // It asks once what only a service answers.
  expect(site.asked.filter((path) => path.includes('?'))).toHaveLength(2);
});

describe.each([
  ['the first run', 0],
  ['a later run', 250],
])('kill -9 in the middle of %s', (_, before) => {
  test('leaves a checkpoint whose tiles are there, and the next run completes it', async () => {
    if (before > 0) await published(whole.first(before));
    // The last leaf hashes never come, so that it waits after it has written some files.
    operator.view = { chain: whole, instead: (path) => /^\/v1\/leaves\?first=5(?:06|12)&/.test(path) };
    const child = spawn(process.execPath, [MAIN, ...argv('site')], { cwd: folder.path, stdio: 'ignore' });
    const exited = once(child, 'exit');
    await until('a full tile to be written', () =>
      access(folder.at('site', 'tile', '0', '001')).then(
        () => true,
        () => null,
      ),
    );
    child.kill('SIGKILL');
    const [code, signal] = (await exited) as [number | null, string | null];
    expect([code, signal]).toEqual([null, 'SIGKILL']);
    const left = await filesIn(folder.at('site'));
    if (before === 0) expect(left.has('checkpoint')).toBe(false);
    else {
      expect(sizeOf(left)).toBe(before);
      for (const [path, bytes] of await fresh(whole.first(before)))
        expect([path, left.get(path)]).toEqual([path, bytes]);
    }
    // As a process leaves it that was killed while it wrote.
    const torn = folder.at('site', `.ingam-${'0'.repeat(24)}.tmp`);
    await writeFile(torn, 'x');
    await utimes(torn, 1, 1);
    const files = await published(whole);
    for (const [path, bytes] of await fresh(whole)) expect([path, files.get(path)]).toEqual([path, bytes]);
    expect([...files.keys()].filter((path) => path.includes('.tmp'))).toEqual([]);
  });
});

describe('leaves an archive as it is', () => {
  async function expectRefused(code: number, message: string, ...more: string[]): Promise<string> {
    const before = await filesIn(folder.at('site'));
    const refused = await publish('site', ...more);
    expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code, stdout: '' });
    expect(refused.stderr).toContain(message);
    expect(await filesIn(folder.at('site'))).toEqual(before);
    return refused.stderr;
  }

  test('that holds another log', async () => {
    await published(whole.first(3));
    const other = whole.first(5).checkpoint(FORGER_KEY, 'other.example/log');
    await writeFile(folder.at('site', 'checkpoint'), other);
    await expectRefused(2, 'site holds another log: other.example/log');
    await expectRefused(2, 'site holds another log: other.example/log', '--check');
  });

  test('when the log has signed another history, which the checkpoint there convicts', async () => {
    await published(whole.first(300));
    operator.view = { chain: whole.first(200).grown(150, { entries: 2 }) };
    await expectRefused(1, 'the log has signed two histories');
    const stderr = await expectRefused(1, 'the log has signed two histories', '--check');
    expect(stderr).toContain('ingam compare');
    const compared = await invoke(['compare', 'site/checkpoint', operator.url, '--key', KEY], {
      cwd: folder.path,
    });
    expect(compared.code).toBe(1);
  });

  test('when the log publishes less, or what is not valid', async () => {
    await published(whole.first(300));
    operator.view = { chain: whole.first(299) };
    await expectRefused(2, 'site has 300 blocks, more than the log publishes now');
    const bad = whole.first(300).with({ leaves: (leaves) => [...leaves].reverse() });
    operator.view = { chain: bad };
    await expectRefused(1, 'the leaf hashes of block 300 do not lead to the root in its header');
    const unsigned = whole.first(310).checkpoint(generateKey(FORGER_KEY.key.name));
    operator.view = { chain: whole.first(310), checkpoint: unsigned };
    await expectRefused(1, 'is not signed by forger.example/log');
  });
});

test('two at a time do not put an older checkpoint in place of a newer one', async () => {
  await published(whole.first(5));
  const newer = whole.first(9).checkpoint();
  operator.view = {
    chain: whole.first(8),
    instead: (path) => {
      if (path.startsWith('/v1/leaves')) writeFileSync(folder.at('site', 'checkpoint'), newer);
      return false;
    },
  };
  const refused = await publish();
  expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 2, stdout: '' });
  expect(refused.stderr).toContain('another process publishes to site');
  expect(await readFile(folder.at('site', 'checkpoint'), 'utf8')).toBe(newer);
});

test('--check finds and mends what is missing or different, also where a run would go on from', async () => {
  const sound = await published(whole.first(300));
  expect(await publish('site', '--check')).toMatchObject({ code: 0, stderr: '' });
  await writeFile(folder.at('site', 'tile', '0', '000'), Buffer.alloc(8192));
  await writeFile(folder.at('site', 'v1', 'tile', 'leaves', '001.p', '44'), Buffer.alloc(44 * 32));
  await rm(folder.at('site', 'tile', 'entries', '000'));
  await writeFile(folder.at('site', 'v1', 'log-keys'), '{}');
  operator.view = { chain: whole.first(310) };
  const failed = await publish();
  expect(failed.code).toBe(2);
  expect(failed.stderr).toContain('site: tile/entries/000 is missing, or is not what the log has there');
  expect(failed.stderr).toContain('--check');
  operator.view = { chain: whole.first(300) };
  const mended = await publish('site', '--check');
  expect({ code: mended.code, stderr: mended.stderr }).toEqual({
    code: 1,
    stderr: '4 files were missing or different, and are written again.\n',
  });
  expect(await filesIn(folder.at('site'))).toEqual(sound);
  await published(whole.first(310));
});

test('what an interrupted run of another log has left is not taken for one’s own', async () => {
  const other = new ForgedChain().grown(257, { entries: 1 });
  await published(other);
  await rm(folder.at('site', 'checkpoint'));
  operator.view = { chain: whole };
  const refused = await publish();
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/site: \S+ is missing, or is not what the log has there/);
});

test('--follow publishes each new checkpoint, through outages, until it is stopped', async () => {
  operator.view = { chain: whole.first(5) };
  const stop = new AbortController();
  const running = invoke([...argv('site'), '--follow', '--interval', '1', '--json'], {
    cwd: folder.path,
    signal: stop.signal,
  });
  const untilSize = (size: number) =>
    until(
      `the checkpoint over ${size} blocks`,
      async () => {
        const text = await readFile(folder.at('site', 'checkpoint'), 'utf8').catch(() => null);
        return text === null ? 0 : parseCheckpointNote(text).checkpoint.size;
      },
      (seen) => seen === size,
    );
  await untilSize(5);
  operator.view = { chain: whole.first(9) };
  await untilSize(9);
  operator.view = {
    chain: whole,
    instead: (_, res) => {
      res.writeHead(503).end();
      return true;
    },
  };
  operator.asked.length = 0;
  await until(
    'three attempts',
    () => operator.asked.length,
    (n) => n >= 3,
  );
  operator.view = { chain: whole.first(12) };
  await untilSize(12);
  stop.abort();
  const { code, stdout, stderr } = await running;
  expect(code).toBe(0);
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { blocks: number }).blocks),
  ).toEqual([5, 9, 12]);
  expect(stderr).toContain('Trying again until it works');
  expect(stderr).toContain('It works again');
});

describe('says what is wrong with', () => {
  test.each<[string, readonly string[], string]>([
    [
      'a folder that cannot be written',
      ['--to', 'file/site', '--key', KEY],
      'a part of the path is not a folder',
    ],
    ['no place', ['--key', KEY], 'missing --to DIR'],
    ['no key', ['--to', 'site'], "missing the log's public key"],
    ['the key of another log', ['--to', 'site', '--key', OTHER_KEY], 'of forger.example/log'],
    ['a bucket without a key', ['--to', 's3://bucket/log', '--key', KEY], 'AWS_ACCESS_KEY_ID'],
    ['an interval without --follow', ['--to', 'site', '--key', KEY, '--interval', '3'], 'needs --follow'],
  ])('%s', async (_, given, message) => {
    await writeFile(folder.at('file'), '');
    const { code, stdout, stderr } = await invoke(['publish', '--server', operator.url, ...given], {
      cwd: folder.path,
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  test('a service that is away, or has no block yet', async () => {
    const away = await invoke(['publish', '--to', 'site', '--server', 'http://127.0.0.1:1', '--key', KEY], {
      cwd: folder.path,
    });
    expect(away.code).toBe(2);
    expect(away.stderr).toContain('the log cannot be read');
    operator.view = { chain: whole, checkpoint: null };
    const empty = await publish();
    expect(empty).toMatchObject({ code: 0, stdout: '' });
    expect(empty.stderr).toContain('has no checkpoint yet');
  });
});
