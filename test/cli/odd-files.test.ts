import { Buffer } from 'node:buffer';
import { execFile } from 'node:child_process';
import { appendFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { hashFile } from '../../src/cli/files.js';
import { decodePath, fsPath, withSuffix } from '../../src/cli/paths.js';
import { MAIN } from '../support/built.js';
import { invoke } from './invoke.js';
import { createRelay, type Fate } from './relay.js';
import { exists, folder, ingam, proofOf, service, useService } from './service.js';

useService();

const run = promisify(execFile);
const accepted = async () => (await service.store.head()).nextPosition;
const verified = async (name: string) => (await ingam('verify', name, '--key', service.verifierKey)).code;

interface Summary {
  readonly documents: readonly {
    readonly file: string;
    readonly status: string;
    readonly id?: string;
    readonly error?: { readonly code: string };
  }[];
}
const summaryOf = (stdout: string) =>
  (JSON.parse(stdout) as Summary).documents.map(({ file, status, error }) =>
    error === undefined ? [file, status] : [file, status, error.code],
  );

describe('one bad file costs no other file its proof', () => {
  const good = ['a', 'b'];
  /** Notarizes the folder `d` with two good files in it, and again. */
  async function notarizeWith(...more: string[]) {
    await mkdir(folder.at('d'), { recursive: true });
    for (const name of good) await writeFile(folder.at('d', name), name);
    const before = await accepted();
    const first = await ingam('notarize', 'd', ...more, '--json');
    const middle = await accepted();
    const again = await ingam('notarize', 'd', ...more, '--json');
    for (const name of good) expect(await verified(`d/${name}`)).toBe(0);
    return {
      code: first.code,
      summary: summaryOf(first.stdout),
      notarized: middle - before,
      again: { code: again.code, notarized: (await accepted()) - middle },
    };
  }
  const all = good.map((name) => [`d/${name}`, 'sealed']);

  test('a subfolder that nobody can read', async () => {
    await mkdir(folder.at('d'));
    // Its path is longer than the system allows, which holds for root too. A shell reaches it step by step.
    const step = 'x'.repeat(200);
    const dig = `for i in $(seq 25); do mkdir ${step} && cd ${step} || exit; done; echo deep > file`;
    await run('bash', ['-c', dig], { cwd: folder.at('d') });
    const { code, summary, notarized, again } = await notarizeWith();
    await run('rm', ['-rf', folder.at('d', step)]);
    expect({ code, notarized, again }).toEqual({ code: 1, notarized: 2, again: { code: 1, notarized: 0 } });
    expect(summary).toEqual([...all, [expect.stringMatching(/^d(\/x{200})+$/), 'failed', 'unreadable']]);
  });

  test('an argument that does not exist, and one that is no file', async () => {
    await writeFile(folder.at('a'), 'a');
    const { code, stdout, stderr } = await ingam('notarize', 'missing', 'a', '/dev/null');
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'a.ingam.json\n' });
    expect(stderr).toContain('FAILED missing: no such file');
    expect(stderr).toContain('FAILED /dev/null: is neither a file nor a folder');
  });

  test('a path at the limit of the system', async () => {
    const LONGEST_PATH = 4095;
    let deep = 'd';
    const room = () => LONGEST_PATH - folder.at(deep).length - 1;
    while (room() > 250) deep = join(deep, 'x'.repeat(Math.min(200, room() - 200)));
    await mkdir(folder.at(deep), { recursive: true });
    const name = 'y'.repeat(room());
    await writeFile(folder.at(deep, name), 'deep');
    const { code, summary, notarized, again } = await notarizeWith();
    expect({ code, notarized, again }).toEqual({ code: 1, notarized: 2, again: { code: 1, notarized: 0 } });
    expect(summary).toEqual([...all, [join(deep, name), 'failed', 'unreadable']]);
  });

  test('a folder where the proof should be', async () => {
    await mkdir(folder.at('d', 'c.ingam.json'), { recursive: true });
    await writeFile(folder.at('d', 'c'), 'c');
    const { code, summary, notarized, again } = await notarizeWith();
    expect({ code, notarized, again }).toEqual({ code: 1, notarized: 2, again: { code: 1, notarized: 0 } });
    expect(summary).toEqual([...all, ['d/c', 'failed', 'unreadable']]);
  });

  test('a folder of proofs that cannot be created', async () => {
    await writeFile(folder.at('out'), 'a file');
    const before = await accepted();
    await writeFile(folder.at('a'), 'a');
    const { code, stderr } = await ingam('notarize', 'a', '--out', 'out/proofs');
    expect(code).toBe(2);
    expect(stderr).toContain('a part of the path is not a folder');
    expect(await accepted()).toBe(before);
  });

  test.each([[[]], [['--upload']]])('a file that vanishes after it was hashed %j', async (more) => {
    for (const name of ['a', 'b', 'c']) await writeFile(folder.at(name), name);
    await using relay = await createRelay(service.url, async (line): Promise<Fate> => {
      if (line.startsWith('POST ')) await rm(folder.at('c'), { force: true });
      return 'pass';
    });
    const { code, stdout, stderr } = await invoke(
      ['notarize', 'a', 'b', 'c', '--server', relay.url, ...more],
      { cwd: folder.path },
    );
    // Its digest is enough, but its bytes can no longer be sent.
    const uploaded = more.length > 0;
    expect(stdout).toBe(`a.ingam.json\nb.ingam.json\n${uploaded ? '' : 'c.ingam.json\n'}`);
    expect(code).toBe(uploaded ? 1 : 0);
    expect(stderr.includes('FAILED c: no such file')).toBe(uploaded);
  });

  test('a proof that cannot be saved after all: its notarization is named', async () => {
    for (const name of ['a', 'b']) await writeFile(folder.at(name), name);
    await using relay = await createRelay(service.url, async (line): Promise<Fate> => {
      // Between acceptance and proof, another program takes the place of the proof.
      if (line.startsWith('POST ')) await mkdir(folder.at('a.ingam.json'), { recursive: true });
      return 'pass';
    });
    const { code, stdout, stderr } = await invoke(['notarize', 'a', 'b', '--server', relay.url], {
      cwd: folder.path,
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'b.ingam.json\n' });
    const [, id = ''] = /accepted as notarization ([0-9]+-[0-9a-f]{16})/.exec(stderr) ?? [];
    expect(stderr).toContain(`${relay.url}/v1/notarizations/${id}/proof`);
    expect((await fetch(`${service.url}/v1/notarizations/${id}/proof`)).status).toBe(200);
  });
});

describe('names at the limits of file systems', () => {
  test.each([
    ['ASCII', 'n'.repeat(230)],
    ['ASCII, 255 bytes', 'n'.repeat(255)],
    ['Hangul, 255 bytes', '계'.repeat(85)],
    ['emoji, 252 bytes', '🙂'.repeat(63)],
  ])('%s: notarized, found again, verified, kept when the file changes', async (_, name) => {
    await writeFile(folder.at(name), 'first');
    const first = await ingam('notarize', name, '--json');
    expect(first.code).toBe(0);
    expect(await verified(name)).toBe(0);
    expect((await ingam('notarize', name)).stderr).toContain('1 document skipped: already notarized.');
    await writeFile(folder.at(name), 'second');
    expect((await ingam('notarize', name)).code).toBe(0);
    expect(await verified(name)).toBe(0);
    const files = await readdir(folder.path);
    expect(files.filter((each) => each.endsWith('.ingam.json'))).toHaveLength(2);
    expect(files.every((each) => Buffer.byteLength(each) <= 255)).toBe(true);
    const proof = files.find((each) => each.endsWith('.ingam.json')) ?? '';
    const made = await ingam('certificate', proof, '--key', service.verifierKey);
    expect(made.code).toBe(0);
    expect((await ingam('export', proof, '--format', 'ots')).code).toBe(0);
  });

  test('two long names that begin alike have different proofs', () => {
    const [one, other] = ['1', '2'].map((end) => withSuffix(`/d/${'n'.repeat(240)}${end}`, '.ingam.json'));
    expect(one).not.toBe(other);
    expect(withSuffix('/d/short', '.ingam.json')).toBe('/d/short.ingam.json');
  });
});

describe.runIf(process.platform === 'linux')('a name that is not UTF-8', () => {
  const NAME = Buffer.concat([Buffer.from([0xb0, 0xe8, 0xbe, 0xe0]), Buffer.from('.txt')]);
  const at = (name: Buffer) => Buffer.concat([Buffer.from(`${folder.path}/`), name]);
  const SHOWN = '\\xb0\\xe8\\xbe\\xe0.txt';

  test('is notarized as a part of a folder, and shown as bytes', async () => {
    await writeFile(at(NAME), 'from a Korean archive');
    await writeFile(folder.at('a'), 'a');
    const { code, stdout } = await invoke(['notarize', '.'], {
      cwd: folder.path,
      env: { INGAM_SERVER: service.url },
    });
    expect({ code, stdout: stdout.split('\n').sort() }).toEqual({
      code: 0,
      stdout: ['', `${SHOWN}.ingam.json`, 'a.ingam.json'].sort(),
    });
    const names = await readdir(Buffer.from(folder.path), { encoding: 'buffer' });
    expect(names.map((name) => name.toString('hex'))).toContain(
      Buffer.concat([NAME, Buffer.from('.ingam.json')]).toString('hex'),
    );
    const again = await ingam('notarize', '.');
    expect(again.stderr).toContain('2 documents skipped: already notarized.');
  });

  test('can be given to every command', async () => {
    await mkdir(at(NAME));
    const inside = Buffer.concat([NAME, Buffer.from('/'), NAME]);
    await writeFile(at(inside), 'bytes');
    // From a folder with such a name as well. Node passes only UTF-8 arguments to a child, printf any.
    const shell = (command: string) =>
      run(
        'bash',
        [
          '-c',
          `n=$(printf '\\260\\350\\276\\340.txt'); cd "$n" && ingam() { "$NODE" "$MAIN" "$@"; } && ${command}`,
        ],
        {
          cwd: folder.path,
          env: { ...process.env, NODE: process.execPath, MAIN, INGAM_SERVER: service.url },
        },
      );
    const key = `--key '${service.verifierKey}'`;
    expect((await shell('ingam notarize "$n"')).stdout).toBe(`${SHOWN}.ingam.json\n`);
    expect((await shell(`ingam verify "$n" ${key}`)).stdout).toContain(`VERIFIED  ${SHOWN}: `);
    expect((await shell('ingam inspect "$n.ingam.json"')).stdout).toContain('ingam-proof-v1');
    expect((await shell('ingam upgrade "$n.ingam.json"')).stderr).toContain('already final');
    expect((await shell('ingam export "$n.ingam.json" --format ots')).stdout).toBe(`${SHOWN}.ots\n`);
    expect((await shell(`ingam certificate "$n.ingam.json" ${key} --document "$n"`)).stdout).toBe(
      `${SHOWN}.certificate.pdf\n`,
    );
    const names = await readdir(at(NAME), { encoding: 'buffer' });
    expect(names.every((name) => name.subarray(0, NAME.length).equals(NAME))).toBe(true);
    expect(names).toHaveLength(4);
  });

  test('cannot be sealed as a text: with --names this file fails, and no other', async () => {
    await writeFile(at(NAME), 'x');
    await writeFile(folder.at('a'), 'a');
    const { code, stdout, stderr } = await ingam('notarize', '.', '--names', '--upload');
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'a.ingam.json\n' });
    expect(stderr).toContain(`FAILED ${SHOWN}: its name is not UTF-8`);
  });

  test.each(['', 'a', '\u00e9', '한글', '🙂', 'a\ufffdb'])('%j stays what it is', (name) => {
    expect(decodePath(Buffer.from(name))).toBe(name);
    expect(fsPath(name)).toBe(name);
  });

  test('any bytes come back as they were', () => {
    for (let seed = 1; seed < 2000; seed++) {
      const bytes = Buffer.from(Array.from({ length: 12 }, (_, i) => (seed * (i + 3) * 2654435761) >>> 24));
      expect(Buffer.from(fsPath(decodePath(bytes)))).toEqual(bytes);
    }
  });
});

describe('a file that changes while it is hashed', () => {
  const NEVER = new AbortController().signal;
  /** @param change runs when a part of the file was hashed */
  async function hashWhile(change: (path: string) => void) {
    const path = folder.at('f');
    await writeFile(path, 'x'.repeat(3 * 1024 * 1024));
    await utimes(path, 1_700_000_000, 1_700_000_000);
    let isChanged = false;
    const hashing = hashFile(path, 'f', NEVER, () => {
      if (!isChanged) change(path);
      isChanged = true;
    });
    return hashing.then(
      () => 'hashed',
      (error: unknown) => (error as { code: string }).code,
    );
  }

  test.each<[string, string, (path: string) => void]>([
    [
      'is written to',
      'changed',
      (path) => {
        writeFileSync(path, 'y'.repeat(3 * 1024 * 1024));
      },
    ],
    [
      'grows',
      'changed',
      (path) => {
        appendFileSync(path, 'y');
      },
    ],
    [
      'shrinks',
      'changed',
      (path) => {
        writeFileSync(path, 'y');
      },
    ],
    [
      'is replaced by another of the same size and time',
      'changed',
      (path) => {
        writeFileSync(`${path}.new`, 'z'.repeat(3 * 1024 * 1024));
        utimesSync(`${path}.new`, 1_700_000_000, 1_700_000_000);
        renameSync(`${path}.new`, path);
      },
    ],
    [
      'is deleted',
      'unreadable',
      (path) => {
        rmSync(path);
      },
    ],
    ['stays', 'hashed', () => undefined],
  ])('%s: %s', async (_, outcome, change) => {
    expect(await hashWhile(change)).toBe(outcome);
  });

  test('gets no proof and no verdict, and costs no other file its proof', async () => {
    await writeFile(folder.at('a'), 'a');
    await writeFile(folder.at('busy'), 'x'.repeat(64 * 1024 * 1024));
    await writeFile(folder.at('busy.ingam.json'), '');
    // Writes into the file as long as the commands run.
    const stop = new AbortController();
    const writer = (async () => {
      for (let i = 0; !stop.signal.aborted; i++) await writeFile(folder.at('busy'), String(i), { flag: 'a' });
    })();
    await rm(folder.at('busy.ingam.json'));
    const { code, stdout, stderr } = await ingam('notarize', 'busy', 'a');
    await ingam('notarize', 'a');
    const judged = await invoke(['verify', 'busy', 'a.ingam.json', '--key', service.verifierKey], {
      cwd: folder.path,
    });
    stop.abort();
    await writer;
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'a.ingam.json\n' });
    expect(stderr).toContain('FAILED busy: the file changed while it was read');
    expect(await exists('busy.ingam.json')).toBe(false);
    expect(judged).toMatchObject({ code: 2, stdout: '' });
    expect(judged.stderr).toContain('busy: the file changed while it was read');
  });
});

describe('what a file is called', () => {
  const ODD = 'a\u001b[2J\u009b\u202egpj.exe\u007f';

  test('is never written to a terminal as it is', async () => {
    await writeFile(folder.at(ODD), 'x');
    const outputs = [
      await ingam('notarize', ODD, '--no-wait'),
      await ingam('upgrade', `${ODD}.ingam.json`, '--wait'),
      await ingam('upgrade', `${ODD}.ingam.json`, '--json'),
      await ingam('notarize', ODD, '--json'),
      await ingam('notarize', ODD, '--force', '--json'),
      await ingam('verify', ODD, '--key', service.verifierKey),
      await ingam('verify', ODD, '--key', service.verifierKey, '--json'),
      await ingam('export', `${ODD}.ingam.json`, '--format', 'ots', '--json'),
      await ingam('export', `${ODD}.ingam.json`, '--format', 'tlog-proof'),
      await ingam('certificate', `${ODD}.ingam.json`, '--key', service.verifierKey),
      await ingam('notarize', `${ODD}?`),
      await ingam('inspect', `${ODD}?`),
      await ingam('inspect', `${ODD}?`, '--json'),
      await ingam('verify', `${ODD}?`, '--json'),
      await ingam('trust', '--out', ODD),
      await ingam(ODD),
      await ingam('key', ODD),
    ];
    for (const { stdout, stderr } of outputs) {
      expect(stdout + stderr).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    }
    expect(summaryOf(outputs[3]?.stdout ?? '')).toEqual([[ODD, 'present']]);
    expect((await proofOf(`${ODD}.ingam.json`)).format).toBe('ingam-proof-v1');
  });
});
