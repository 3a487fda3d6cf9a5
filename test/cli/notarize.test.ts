import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { findDocuments } from '../../src/cli/notarize/documents.js';
import { Notarizing } from '../../src/cli/notarize/submit.js';
import { openService } from '../../src/cli/service-client.js';
import { createIo, invoke } from './invoke.js';
import { createRelay } from './relay.js';
import { exists, folder, ingam, proofOf, service, useService } from './service.js';

useService();

describe('notarize', () => {
  test('a file: sealed, its proof beside it, verified offline', async () => {
    await writeFile(folder.at('a.txt'), 'hello');
    const { code, stdout, stderr } = await ingam('notarize', 'a.txt');
    expect(stderr).toContain('1 document notarized by test.example/log.');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'a.txt.ingam.json\n' });
    const verified = await ingam('verify', 'a.txt', '--key', service.verifierKey);
    expect(verified.code).toBe(0);
    expect(verified.stdout).toMatch(/^VERIFIED {2}a\.txt: sealed 2/);
    const proof = await proofOf('a.txt.ingam.json');
    expect(proof.details).toBeUndefined();
    await writeFile(folder.at('a.txt'), 'hellp');
    expect((await ingam('verify', 'a.txt', '--key', service.verifierKey)).code).toBe(1);
  });

  test('lists the first proofs only on a terminal, with rate and current file in the progress bar', async () => {
    await mkdir(folder.at('many'));
    for (let i = 10; i < 33; i++) await writeFile(folder.at('many', `f${i}`), `many ${i} ${folder.path}`);
    const env = { INGAM_SERVER: service.url, LANG: 'ko_KR.UTF-8' };
    const terminal = { cwd: folder.path, env, isTTY: true, isOutputTTY: true, columns: 200 };
    const { code, stdout, stderr } = await invoke(['notarize', 'many'], terminal);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(20);
    expect(stderr).toContain('… 외 증명 파일 3개.');
    expect(stderr).toMatch(/등록 █.* 100 % 23, [0-9,]+\/s, f[0-9]+/);
    expect(stderr).toContain('에 문서 23건을 등록했습니다.');
    const quiet = await ingam('notarize', 'many', '--force', '--quiet');
    expect(quiet.stdout.trimEnd().split('\n')).toHaveLength(23);
    expect(quiet.stderr).toBe('');
    const failing = await ingam('notarize', 'many', 'missing', '-q');
    expect(failing.stderr).toContain('FAILED missing: no such file');
  });

  test('notarizes standard input, and writes the proof to standard output', async () => {
    const options = {
      cwd: folder.path,
      env: { INGAM_SERVER: service.url },
      stdin: [Buffer.from('piped'), Buffer.from('!')],
    };
    const { code, stdout } = await invoke(['notarize', '-', '--title', 'Piped', '-q'], options);
    expect(code).toBe(0);
    await writeFile(folder.at('piped'), 'piped!');
    await writeFile(folder.at('piped.ingam.json'), stdout);
    expect((await ingam('verify', 'piped', '--key', service.verifierKey)).code).toBe(0);
    expect((await proofOf('piped.ingam.json')).details).toEqual({ title: 'Piped' });
    const pending = await invoke(['notarize', '-', '--no-wait', '--json'], {
      ...options,
      stdin: [Buffer.from('later')],
    });
    expect(pending.code).toBe(0);
    expect(JSON.parse(pending.stdout)).toMatchObject({ size: 5, proof: { document: { size: 5 } } });
    const mixed = await invoke(['notarize', '-', 'piped'], options);
    expect(mixed.stderr).toContain('cannot be combined with files');
    expect((await invoke(['notarize', '-', '--names'], options)).stderr).toContain('--names is for files');
  });

  test('notarizes folders recursively, without proofs and links', async () => {
    await mkdir(folder.at('docs', 'deep'), { recursive: true });
    await writeFile(folder.at('docs', 'one'), '1');
    await writeFile(folder.at('docs', 'deep', 'two'), '2');
    await writeFile(folder.at('docs', 'empty'), '');
    await writeFile(folder.at('docs', 'old.ingam.json'), '{}');
    await symlink(folder.path, folder.at('docs', 'circle'));
    const { code, stdout, stderr } = await ingam('notarize', 'docs');
    expect(code).toBe(0);
    expect(stdout.split('\n').sort()).toEqual([
      '',
      'docs/deep/two.ingam.json',
      'docs/empty.ingam.json',
      'docs/one.ingam.json',
    ]);
    expect(stderr).toContain('1 proof file skipped');
    expect(stderr).toContain('1 link or device skipped');
    const again = await ingam('notarize', 'docs');
    expect({ code: again.code, stdout: again.stdout }).toEqual({ code: 0, stdout: '' });
    expect(again.stderr).toContain('3 documents skipped: already notarized.');
  });

  test('splits many files over several requests', async () => {
    const names = Array.from({ length: 8 }, (_, i) => `f${i}`);
    for (const name of names) await writeFile(folder.at(name), name);
    const requests: string[] = [];
    await using relay = await createRelay(service.url, (line) => {
      requests.push(line);
      return 'pass';
    });
    const { io } = createIo({ cwd: folder.path });
    const notarizing = new Notarizing({
      io,
      service: await openService({ server: relay.url }, io),
      detailsOf: () => undefined,
      policy: null,
      waitMs: 30_000,
      upload: false,
      keep: false,
      force: false,
      batch: 3,
    });
    const { documents } = await findDocuments(names, null, io);
    await notarizing.run(documents);
    expect(requests.filter((line) => line.startsWith('POST '))).toHaveLength(3);
    expect(notarizing.results.map(({ found, status }) => [found.shown, status])).toEqual(
      names.map((name) => [name, 'sealed']),
    );
  });

  test('keeps the folder structure under --out, and rejects collisions', async () => {
    await mkdir(folder.at('x'));
    await writeFile(folder.at('x', 'same'), '1');
    await writeFile(folder.at('same'), '2');
    expect((await ingam('notarize', 'x', '--out', 'proofs')).code).toBe(0);
    expect(await exists('proofs', 'x', 'same.ingam.json')).toBe(true);
    const { code, stderr } = await ingam('notarize', 'x/same', 'same', '--out', 'proofs');
    expect(code).toBe(2);
    expect(stderr).toContain('would both have the same proof file');
  });

  test('makes a new proof for a changed file, and keeps the old one', async () => {
    await writeFile(folder.at('c.txt'), 'first');
    await ingam('notarize', 'c.txt');
    const first = await readFile(folder.at('c.txt.ingam.json'), 'utf8');
    await writeFile(folder.at('c.txt'), 'second');
    const { code, stderr, stdout } = await ingam('notarize', 'c.txt', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { documents } = JSON.parse(stdout) as { documents: { earlierProof: string }[] };
    expect(await readFile(documents[0]?.earlierProof ?? '', 'utf8')).toBe(first);
    expect((await ingam('verify', 'c.txt', '--key', service.verifierKey)).code).toBe(0);
  });

  test('replaces a file that is not a proof only with --force', async () => {
    await writeFile(folder.at('d.txt'), 'd');
    await writeFile(folder.at('d.txt.ingam.json'), 'my diary');
    const { code, stderr } = await ingam('notarize', 'd.txt');
    expect(code).toBe(1);
    expect(stderr).toContain('exists and is not a proof; it was not changed');
    expect(await readFile(folder.at('d.txt.ingam.json'), 'utf8')).toBe('my diary');
    expect((await ingam('notarize', 'd.txt', '--force')).code).toBe(0);
    expect((await proofOf('d.txt.ingam.json')).format).toBe('ingam-proof-v1');
  });

  test('includes details from options, a file and the file names in the proof', async () => {
    await writeFile(folder.at('e.txt'), 'e');
    await writeFile(folder.at('details.json'), '{"title":"from file","note":"kept"}');
    const { code } = await ingam(
      ...[
        'notarize',
        'e.txt',
        '--details',
        'details.json',
        '--title',
        'T',
        '--author',
        'A',
        '--reference',
        'R',
      ],
      ...['--tag', 'x', '--tag', 'y', '--names'],
    );
    expect(code).toBe(0);
    expect((await proofOf('e.txt.ingam.json')).details).toEqual({
      title: 'T',
      note: 'kept',
      author: 'A',
      reference: 'R',
      tags: ['x', 'y'],
      name: 'e.txt',
    });
  });

  test.each([[[]], [['--upload']]])(
    'fails only the files whose names the service rejects %j',
    async (more) => {
      const bad = ['f\u202egpj.exe', 'a\\b.txt'];
      for (const name of [...bad, 'g']) await writeFile(folder.at(name), name);
      const { code, stdout, stderr } = await ingam('notarize', ...bad, 'g', '--names', ...more);
      expect({ code, stdout }).toEqual({ code: 1, stdout: 'g.ingam.json\n' });
      expect(stderr).toContain('FAILED f\\u{202e}gpj.exe: the service rejected');
      expect(stderr).toContain('FAILED a\\b.txt: the service rejected');
    },
  );

  test('names the details that the service rejects', async () => {
    await writeFile(folder.at('h'), 'h');
    const { code, stderr } = await ingam('notarize', 'h', '--title', 'x'.repeat(501));
    expect(code).toBe(1);
    expect(stderr).toMatch(/FAILED h: the service rejected the request: .*title/);
    expect(await exists('h.ingam.json')).toBe(false);
  });

  test('uploads files with --upload', async () => {
    await writeFile(folder.at('ü "q".txt'), 'uploaded');
    await writeFile(folder.at('empty'), '');
    const { code, stderr } = await ingam('notarize', 'ü "q".txt', 'empty', '--upload', '--title', 'T');
    expect(stderr).not.toContain('FAILED');
    expect(code).toBe(0);
    expect((await proofOf('ü "q".txt.ingam.json')).details).toEqual({ title: 'T' });
    expect((await ingam('verify', 'ü "q".txt', '--key', service.verifierKey)).code).toBe(0);
    expect((await ingam('verify', 'empty', '--key', service.verifierKey)).code).toBe(0);
  });

  test.each(['ü "q" 100%22.txt', 'plain.txt', 'עברית.txt'])(
    'seals the name of %j as it is, and only with --names',
    async (name) => {
      await writeFile(folder.at(name), name);
      for (const more of [[], ['--upload']]) {
        expect((await ingam('notarize', name, '--force', ...more)).code).toBe(0);
        expect((await proofOf(`${name}.ingam.json`)).details).toBeUndefined();
        expect((await ingam('notarize', name, '--force', '--names', ...more)).code).toBe(0);
        expect((await proofOf(`${name}.ingam.json`)).details).toEqual({ name });
      }
    },
  );

  test('fails when no file can be read', async () => {
    const { code, stderr } = await ingam('notarize', 'missing');
    expect(code).toBe(2);
    expect(stderr).toContain('FAILED missing: no such file');
  });

  test('succeeds for an empty folder', async () => {
    await mkdir(folder.at('nothing'));
    const { code, stderr } = await ingam('notarize', 'nothing');
    expect(code).toBe(0);
    expect(stderr).toContain('Nothing to notarize.');
  });

  test('reports an unreachable service', async () => {
    await writeFile(folder.at('j'), 'j');
    const { code, stderr } = await ingam('notarize', 'j', '--server', 'http://127.0.0.1:1');
    expect(code).toBe(2);
    expect(stderr).toContain('cannot reach http://127.0.0.1:1/');
    expect(stderr).toContain('--server URL');
  });

  test('leaves no partial file when interrupted, and says how to continue', async () => {
    await writeFile(folder.at('k'), 'k');
    const { code, stderr } = await invoke(['notarize', 'k'], {
      cwd: folder.path,
      env: { INGAM_SERVER: service.url },
      signal: AbortSignal.abort(),
    });
    expect(code).toBe(130);
    expect(stderr).not.toBe('');
    expect(await exists('k.ingam.json')).toBe(false);
  });

  test('shows a progress bar on a terminal, and removes it at the end', async () => {
    await writeFile(folder.at('l'), 'l');
    const { stderr } = await invoke(['notarize', 'l'], {
      cwd: folder.path,
      env: { INGAM_SERVER: service.url },
      isTTY: true,
    });
    expect(stderr).toContain('Notarizing █');
    expect(stderr).toContain('\r\u001b[K1 document notarized');
  });
});
