import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { PENDING_FORMAT, PROOF_FORMAT } from '../../src/proof/index.js';
import { MAIN } from '../support/built.js';
import { startService } from '../support/service.js';
import { createSwitchboard } from '../support/switchboard.js';
import { until } from '../support/until.js';
import { createIo, invoke } from './invoke.js';
import { createRelay } from './relay.js';
import { exists, folder, ingam, proofOf, service, useService } from './service.js';
import { run } from '../../src/cli/run.js';
import { folderSource } from '../../src/cli/watch/source.js';

useService();

const accepted = async () => (await service.store.head()).nextPosition;

/** A file that nobody has changed for an hour. */
async function put(name: string, content: string): Promise<void> {
  await mkdir(dirname(folder.at(name)), { recursive: true });
  await writeFile(folder.at(name), content);
  const hourAgo = Date.now() / 1000 - 3600;
  await utimes(folder.at(name), hourAgo, hourAgo);
}

async function* watching(...argv: string[]) {
  const stop = new AbortController();
  const env = { INGAM_SERVER: service.url };
  const { io, written } = createIo({ cwd: folder.path, env, signal: stop.signal });
  const ended = run(['watch', '--interval', '1', ...argv], io);
  try {
    yield { written, stop: stop.abort.bind(stop, undefined), ended };
  } finally {
    stop.abort();
    await ended;
  }
}

test('--once notarizes what is there, leaves out what is no document, and does nothing again', async () => {
  await put('in/a.txt', 'a');
  await put('in/deep/b.txt', 'b');
  await put('in/deep/c.log', 'c');
  await put('in/drafts/d.txt', 'd');
  for (const name of ['.hidden', '.git/config', 'x.part', '~$letter.docx', 'old.ingam.json'])
    await put(`in/${name}`, name);
  await symlink(folder.path, folder.at('in', 'circle'));
  const before = await accepted();
  const argv = [
    'watch',
    'in',
    '--once',
    '--exclude',
    '*.log',
    '--exclude',
    'drafts/**',
    '--title',
    'Watched',
  ];
  const first = await ingam(...argv);
  expect({ code: first.code, stdout: first.stdout.split('\n').sort() }).toEqual({
    code: 0,
    stdout: ['', 'in/a.txt.ingam.json', 'in/deep/b.txt.ingam.json'],
  });
  expect(first.stderr).toContain('2 documents notarized by test.example/log.');
  const proof = await proofOf('in', 'a.txt.ingam.json');
  expect([proof.format, proof.details]).toEqual([PROOF_FORMAT, { title: 'Watched' }]);
  expect((await ingam('verify', 'in/a.txt', '--key', service.verifierKey)).code).toBe(0);
  expect(await ingam(...argv)).toMatchObject({ code: 0, stdout: '' });
  // What it knows is lost: the proofs say the same.
  await rm(folder.at('in', '.ingam-watch'));
  const again = await ingam(...argv);
  expect({ code: again.code, stdout: again.stdout }).toEqual({ code: 0, stdout: '' });
  expect(again.stderr).toContain('2 documents skipped: already notarized.');
  expect(await accepted()).toBe(before + 2);
});

test('a file that has changed is notarized again, and its old proof is kept', async () => {
  await put('in/a.txt', 'first');
  expect((await ingam('watch', 'in', '--once', '--json')).code).toBe(0);
  const old = await readFile(folder.at('in', 'a.txt.ingam.json'));
  await put('in/a.txt', 'second');
  const { code, stdout } = await ingam('watch', 'in', '--once', '--json');
  expect(code).toBe(0);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>);
  expect(lines.map(({ file, status }) => [file, status])).toEqual([
    ['in/a.txt', 'pending'],
    ['in/a.txt', 'sealed'],
  ]);
  const kept = lines[0]?.['earlierProof'] ?? '';
  expect((await readFile(kept)).equals(old)).toBe(true);
  expect((await ingam('verify', 'in/a.txt', '--key', service.verifierKey)).code).toBe(0);
  // Nothing in it has changed but its time.
  const before = await accepted();
  await utimes(folder.at('in', 'a.txt'), 1_000_000, 1_000_000);
  expect((await ingam('watch', 'in', '--once')).code).toBe(0);
  expect(await accepted()).toBe(before);
});

test('proofs can be in a mirror of the folders, also of two', async () => {
  await put('one/a.txt', 'a of one');
  await put('two/deep/a.txt', 'a of two');
  const { code } = await ingam('watch', 'one', 'two', '--once', '--proofs', 'proofs');
  expect(code).toBe(0);
  expect(await exists('proofs', 'one', 'a.txt.ingam.json')).toBe(true);
  expect(await exists('proofs', 'two', 'deep', 'a.txt.ingam.json')).toBe(true);
  expect(await readdir(folder.at('one'))).toEqual(['a.txt']);
});

test('says what is wrong with what it is to watch', async () => {
  await put('in/deep/a.txt', 'a');
  await put('other/in/b.txt', 'b');
  const said = async (...argv: string[]) => {
    const { code, stderr } = await ingam('watch', ...argv);
    expect(code).toBe(2);
    return stderr;
  };
  expect(await said('missing')).toContain('missing is not a folder');
  expect(await said('in/deep/a.txt')).toContain('For single files: ingam notarize');
  expect(await said('in', 'in/deep')).toContain('in and in/deep overlap');
  expect(await said('in', 'other/in', '--proofs', 'p')).toContain('would be in the same folder');
  expect(await said('in', '--interval', '0')).toContain('--interval must be a whole number from 1 to 86400');
  expect(await said('s3://bucket/x')).toContain('--proofs DIR is required');
  expect(await said('s3://bucket', '--proofs', 'p')).toContain('set AWS_ACCESS_KEY_ID');
  expect(await said('s3://B', '--proofs', 'p')).toContain('is not the address of a bucket');
  expect(await said('in', '--once', '--server', 'http://127.0.0.1:1')).toContain('cannot reach');
  await writeFile(folder.at('in', '.ingam-watch'), '["ingam-watch-1"]\n["known"');
  expect(await said('in', '--once')).toContain('.ingam-watch is damaged');
});

test('one file that cannot be notarized costs the others nothing', async () => {
  await put('in/a.txt', 'a');
  await put('in/b.txt', 'b');
  await writeFile(folder.at('in', 'a.txt.ingam.json'), 'not a proof');
  const { code, stdout, stderr } = await ingam('watch', 'in', '--once');
  expect({ code, stdout }).toEqual({ code: 1, stdout: 'in/b.txt.ingam.json\n' });
  expect(stderr).toContain('exists and is not a proof; it was not changed');
  expect(await readFile(folder.at('in', 'a.txt.ingam.json'), 'utf8')).toBe('not a proof');
});

test('notarizes what appears and changes until it is stopped, but not what is still being written', async () => {
  await put('in/a.txt', 'a');
  for await (const { written, stop, ended } of watching('in')) {
    await until('the first file to be notarized', () => written.stdout.includes('in/a.txt.ingam.json\n'));
    let length = 0;
    const whole = new AbortController();
    const writing = (async () => {
      while (!whole.signal.aborted) await writeFile(folder.at('in', 'growing.txt'), 'x'.repeat(++length));
    })();
    await writeFile(folder.at('in', 'b.part'), 'b');
    await rename(folder.at('in', 'b.part'), folder.at('in', 'b.txt'));
    await until('the renamed file to be notarized', () => written.stdout.includes('in/b.txt.ingam.json\n'));
    expect(written.stdout).not.toContain('growing');
    whole.abort();
    await writing;
    await until('the file to be notarized when it is whole', () => written.stdout.includes('growing'));
    expect((await proofOf('in', 'growing.txt.ingam.json')).document.size).toBe(length);
    stop();
    expect(await ended).toBe(0);
    expect(written.stderr).toMatch(/^Watching in, every 1 s\./);
    expect(written.stderr).toContain('3 documents notarized by test.example/log.');
  }
});

test('goes on when the service is back, and loses nothing', async () => {
  await using board = await createSwitchboard();
  const before = await accepted();
  await put('in/a.txt', 'a');
  for await (const { written } of watching('in', '--server', board.url)) {
    await until('the outage to be noticed', () => written.stderr.includes('Trying again until it works'));
    board.connectTo(service.url);
    await until('the file to be notarized', () => written.stdout.includes('in/a.txt.ingam.json\n'));
    await until('the end of the outage', () => written.stderr.includes('It works again. Watching in.'));
    board.connectTo(null);
    await put('in/b.txt', 'b');
    board.connectTo(service.url);
    await until('the second file to be notarized', () => written.stdout.includes('in/b.txt.ingam.json\n'));
  }
  expect(await accepted()).toBe(before + 2);
});

test('a folder that is gone for a while does not end it', async () => {
  await put('in/a.txt', 'a');
  for await (const { written } of watching('in', '--proofs', 'proofs')) {
    await until('the file to be notarized', () => written.stdout.includes('a.txt.ingam.json\n'));
    await rename(folder.at('in'), folder.at('away'));
    await until('that to be noticed', () => written.stderr.includes('no such file'));
    await put('away/b.txt', 'b');
    await rename(folder.at('away'), folder.at('in'));
    await until('the other file to be notarized', () => written.stdout.includes('b.txt.ingam.json\n'));
  }
});

test('what is deleted while a folder is read is no failure', async () => {
  for (const name of ['a', 'b', 'deep/c', 'd']) await put(`in/${name}.txt`, name);
  // Called between the names of a folder and the first look at a file.
  const isSkipped = (inside: string) => {
    if (inside === 'b.txt' || inside === 'deep') rmSync(folder.at('in', inside), { recursive: true });
    return false;
  };
  const { io } = createIo({ cwd: folder.path });
  const source = await folderSource('in', { proofs: null, isSkipped, settleMs: 0 }, io);
  const listed: unknown[] = [];
  for await (const found of source.list()) listed.push('failure' in found ? found.failure : found.inside);
  expect(listed).toEqual(['a.txt', 'd.txt']);
  await rm(folder.at('in'), { recursive: true });
  await expect(source.list().next()).rejects.toMatchObject({ reason: 'unreachable' });
});

test('a key that is rejected ends it', async () => {
  await put('in/a.txt', 'a');
  await using strict = await startService({ policy: { anonymousSubmission: false } });
  const { code, stderr } = await ingam('watch', 'in', '--server', strict.url);
  expect(code).toBe(2);
  expect(stderr).toContain('Give an API key as an option');
});

test('pending proofs become final after a restart', async () => {
  await using slow = await startService({ sealing: false });
  await put('in/a.txt', 'a');
  await put('in/b.txt', 'b');
  for await (const { stop, ended } of watching('in', '--server', slow.url)) {
    await until('the pending proofs', async () => (await readdir(folder.at('in'))).length >= 4);
    stop();
    expect(await ended).toBe(0);
  }
  expect((await proofOf('in', 'a.txt.ingam.json')).format).toBe(PENDING_FORMAT);
  // The one of a changed file as well, which is kept.
  await put('in/b.txt', 'b, changed');
  slow.startSealing();
  expect((await ingam('watch', 'in', '--once', '--server', slow.url)).code).toBe(0);
  const proofs = (await readdir(folder.at('in'))).filter((name) => name.endsWith('.ingam.json'));
  expect(proofs).toHaveLength(3);
  for (const name of proofs) expect((await proofOf('in', name)).format).toBe(PROOF_FORMAT);
});

test.each(['before the response arrives', 'while the proofs are fetched'])(
  'kill -9 %s: everything is notarized once',
  async (when) => {
    for (let i = 0; i < 20; i++) await put(`in/${i}.txt`, `${when} ${i}`);
    const before = await accepted();
    let kill: () => void = () => undefined;
    await using relay = await createRelay(service.url, (line) => {
      const isResponse = line.startsWith('POST ');
      if (isResponse === (when === 'before the response arrives') && line !== 'GET /v1/chain') {
        kill();
        return 'lose-answer';
      }
      return 'pass';
    });
    const child = spawn(process.execPath, [MAIN, 'watch', 'in', '--server', relay.url], {
      cwd: folder.path,
      env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
      stdio: 'ignore',
    });
    kill = () => child.kill('SIGKILL');
    await once(child, 'exit');
    await until('the service to have accepted them', accepted, before + 20);
    // One of them changes meanwhile, another one is deleted: both were accepted.
    await put('in/0.txt', 'changed');
    await rm(folder.at('in', '1.txt'));
    // As a process leaves it that was killed while it wrote.
    const torn = folder.at('in', `.ingam-${'0'.repeat(24)}.tmp`);
    await writeFile(torn, 'x');
    await utimes(torn, 1, 1);
    expect((await ingam('watch', 'in', '--once')).code).toBe(0);
    expect(await accepted()).toBe(before + 21);
    const names = await readdir(folder.at('in'));
    expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([]);
    const proofs = names.filter((name) => name.endsWith('.ingam.json'));
    expect(proofs).toHaveLength(21);
    for (const name of proofs) expect((await proofOf('in', name)).format).toBe(PROOF_FORMAT);
    expect((await ingam('verify', 'in/2.txt', '--key', service.verifierKey)).code).toBe(0);
  },
);

test('sends names as details, and speaks Korean', async () => {
  for (let i = 0; i < 10; i++) await put(`in/${i % 7}/${i}.txt`, `many ${i}`);
  const before = await accepted();
  const options = { cwd: folder.path, env: { INGAM_SERVER: service.url, LANG: 'ko_KR.UTF-8' } };
  const { code, stdout, stderr } = await invoke(['watch', 'in', '--once', '--names'], options);
  expect(code).toBe(0);
  expect(new Set(stdout.trimEnd().split('\n')).size).toBe(10);
  expect(stderr).toContain('에 문서 10건을 등록했습니다.');
  expect(await accepted()).toBe(before + 10);
  expect((await proofOf('in', '3', '3.txt.ingam.json')).details).toEqual({ name: '3.txt' });
});
