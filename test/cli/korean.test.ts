import { readdir, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withLanguage } from '../../src/cli/language.js';
import type { Language } from '../../src/messages/language.js';
import { displayWidth } from '../../src/cli/io.js';
import { COMMANDS } from '../../src/cli/run.js';
import { loadHistories, loadVectors, proofBytes } from '../vectors/load.js';
import { englishIn } from './english.js';
import { createFolder, invoke, type TestFolder } from './invoke.js';

const KOREAN = { env: { LC_ALL: 'ko_KR.UTF-8' } };
const HANGUL = /[가-힣]/;

const groups = await Promise.all(
  [...COMMANDS].map(async ([name, load]) => ({ name, command: await load() })),
);
const every = groups.flatMap(({ name, command }) => [
  [name],
  ...Object.keys(command.commands ?? {}).map((word) => [name, word]),
]);

describe('help in Korean', () => {
  test('lists the commands', async () => {
    const { stdout } = await invoke(['--help'], KOREAN);
    for (const [name] of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${name} .*[가-힣]`, 'm'));
    expect(englishIn(stdout)).toEqual([]);
  });

  test.each(every.map((words) => words.join(' ')))(
    'of ingam %s says what the English one does',
    async (path) => {
      const [korean = '', english = ''] = await Promise.all(
        [KOREAN, {}].map(async (options) => (await invoke([...path.split(' '), '--help'], options)).stdout),
      );
      const declared = (text: string) =>
        text.match(/^ {2}(?:-[a-z], )?--?[a-z][^ ]*(?: [A-Z_=]+)?|^ {2}[a-z-]+ {2}/gm);
      expect(declared(korean)).toEqual(declared(english));
      expect(korean.split('\n')[0]).toMatch(HANGUL);
      expect(englishIn(korean)).toEqual([]);
      expect(englishIn(english)).not.toEqual([]);
      for (const line of korean.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(120);
    },
  );

  test('is in the manual page, and in what a shell shows while it completes', async () => {
    expect((await invoke(['man'], KOREAN)).stdout).toContain('\\[uBB38]');
    expect((await invoke(['completion', 'fish'], KOREAN)).stdout).toMatch(HANGUL);
  });

  test('is given by --lang too', async () => {
    const { code, stderr } = await invoke(['verify', '--lang', 'ko', '--wat']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'ingam: 알 수 없는 옵션입니다: --wat\n' });
  });
});

describe('tables of messages', async () => {
  const folder = new URL('../../src/cli/messages/', import.meta.url);
  const modules = await Promise.all(
    (await readdir(folder)).map(async (file) => {
      const exported = (await import(new URL(file, folder).href)) as Readonly<Record<string, unknown>>;
      return { file, exported };
    }),
  );
  const tables = modules.flatMap(({ file, exported }) =>
    Object.entries(exported).flatMap(([name, table]) =>
      name.endsWith('Messages') ? [{ file, of: table as () => object }] : [],
    ),
  );
  /** The same in both languages; `problem` takes a code, for which a closed table has the words. */
  const SAME = new Set(['validity', 'fields.sha256', 'problem']);

  test.each(tables)('$file has both languages', ({ of }) => {
    const texts = (language: Language) => withLanguage(language, () => textsOf(of()));
    const [english, korean] = [texts('en'), texts('ko')];
    expect([...korean.keys()]).toEqual([...english.keys()]);
    for (const [key, text] of korean) {
      // Some have nothing but what is filled in.
      if (SAME.has(key) || !/[A-Za-z가-힣]{3}/.test(text)) continue;
      expect(text, key).not.toBe(english.get(key));
      expect(text, key).toMatch(HANGUL);
    }
  });
});

/** All texts of a table; those with values in them as far as plain values will do. */
function textsOf(table: object, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(table).flatMap(([name, value]: [string, unknown]) => {
      const key = `${prefix}${name}`;
      if (typeof value === 'string') return [[key, value] as const];
      if (typeof value === 'function') {
        try {
          const said = (value as (...values: readonly string[]) => unknown)(
            ...Array<string>(value.length).fill('2'),
          );
          return typeof said === 'string' ? [[key, said] as const] : [];
        } catch {
          // It takes a step, a verdict or a list.
          return [];
        }
      }
      return typeof value === 'object' && value !== null ? [...textsOf(value, `${key}.`)] : [];
    }),
  );
}

describe('errors in Korean', () => {
  let folder: TestFolder;
  beforeAll(async () => {
    folder = await createFolder();
    await writeFile(folder.at('document'), 'document');
    await writeFile(folder.at('malformed.ingam.json'), '{"format": "ingam-proof-v1"}');
    await writeFile(folder.at('malformed'), 'document');
    await writeFile(folder.at('policy'), 'log nonsense\n');
    await writeFile(folder.at('list.json'), '[]');
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  const NOWHERE = ['--server', 'http://127.0.0.1:1'];
  const MISTAKES: readonly (readonly string[])[] = [
    // The command line.
    ['verfy'],
    ['frobnicate'],
    ['--wat'],
    ['key'],
    ['key', 'creat'],
    ['key', '--json-lines'],
    ['verify'],
    ['verify', 'a', '--truts'],
    ['verify', 'a', '--key'],
    ['verify', 'a', '--key', '--json-lines'],
    ['verify', '-', '-'],
    ['verify', '-'],
    ['verify', '--sha256', 'ab', 'p'],
    ['verify', '--sha256', 'ab', 'p', 'q'],
    ['verify', 'a', 'b', 'c', '--tsa-root', 'r'],
    ['verify', 'a', '--lang', 'fr'],
    ['serve', 'now'],
    ['list', '--limit', 'many', ...NOWHERE],
    ['list', '--from', 'soon', ...NOWHERE],
    ['notarize', 'a', '--wait', '--no-wait'],
    ['notarize', 'a', '--timeout', 'long'],
    ['notarize', '-', 'b'],
    ['notarize', '-', '--names'],
    ['access-log', '--from', 'soon'],
    ['access-log', '--kind', 'sign_inn'],
    ['access-log', '--kind', 'nothing'],
    ['access-log', '--follow', '--to', '1d'],
    ['key', 'create', '--name', 'x'],
    ['key', 'create', '--organization', 'x', '--name', 'x', '--scope', 'reed'],
    ['organization', 'limits', 'x', '--requests-per-minute', 'many'],
    ['organization', 'limits', 'x', '--bytes-per-day', 'many'],
    ['user', 'add', 'a@example.com', '--organization', 'x', '--role', 'owmer'],
    ['user', 'operator', '--off'],
    ['user', 'operator', 'a@example.com', '--off', '--password-stdin'],
    ['keygen', '--name', 'a', '--kind', 'x'],
    ['keygen', '--name', 'a b'],
    ['keygen', '--name', 'a', '--algorithm', 'x'],
    ['export', 'a', '--format', 'x'],
    ['certificate', 'a', '--lang', 'fr'],
    ['certificate', 'a', '--contact', 'x'],
    ['renew', 'a'],
    ['renew', 'a', '--tsa', 'x'],
    ['record', 'new', 'thing'],
    ['record', 'new', 'work'],
    ['record', 'show', 'x'],
    ['record', 'new', 'work', '--field', 'x', '--out', 'y'],
    ['record', 'new', 'work', '--field', 'x:=soon', '--out', 'y'],
    ['hold'],
    ['hold', '1-0123456789abcdef'],
    ['erase', 'x'],
    ['login', '--anonymous', '--key', 'x'],
    ['audit', '--server', 'x', '--database', 'y'],
    ['publish', '--to', 'x', '--check', '--follow'],
    ['publish', '--to', 'x', '--interval', '3'],
    ['publish', '--to', 's3://x', '--key', 'x'],
    ['publish', '--to', 'x'],
    ['trust', '--server', 'nowhere'],
    ['trust', '--server', 'http://a:b@localhost'],
    ['log-key', 'show', '--database', 'postgresql://x/y'],
    ['tsa', 'rotate', '--data-dir', 'nowhere'],
    // Keys, files and formats.
    ['verify', 'nowhere'],
    ['verify', 'document'],
    ['verify', 'malformed', '--key', 'x'],
    ['verify', 'malformed', '--key', 'PRIVATE+KEY+x+00000000+SECRET'],
    ['verify', 'malformed'],
    ['verify', 'malformed', '--trust', 'policy'],
    ['verify', 'document', '--tsa-root', 'policy'],
    ['inspect', 'document'],
    ['export', 'malformed.ingam.json', '--format', 'ots'],
    ['evidence', 'document'],
    ['compare', 'malformed.ingam.json', 'document'],
    ['compare', 'http://a:b@localhost', 'document'],
    ['notarize', 'document', '--details', 'list.json'],
    ['record', 'sign', 'list.json'],
    ['record', 'sign', 'document'],
    ['audit', '--data-dir', 'nowhere'],
    ['organization', 'list', '--data-dir', 'nowhere'],
    ['setup-link', '--data-dir', 'nowhere'],
    ['log-key', 'show', '--data-dir', 'nowhere'],
    ['evidence-pack', 'document', 'nowhere'],
    // A service that is not there.
    ['notarize', 'document', ...NOWHERE],
    ['show', 'document', ...NOWHERE],
    ['compare', 'http://127.0.0.1:1', 'http://127.0.0.1:1'],
  ];

  test.each(MISTAKES.map((argv) => ({ line: argv.join(' '), argv })))('ingam $line', async ({ argv }) => {
    const { code, stderr } = await invoke(argv, { ...KOREAN, cwd: folder.path });
    expect(code).toBe(2);
    expect(stderr).toMatch(HANGUL);
    expect(englishIn(stderr)).toEqual([]);
  });

  test.each(['interval', 'path-wrong', 'renewed-with-list', 'token'])(
    'and what verify says of times: %s',
    async (name) => {
      const vector = loadVectors('time').find((each) => each.name === name) ?? expect.fail(name);
      await writeFile(folder.at('timed'), Buffer.from(vector.document ?? '', 'hex'));
      await writeFile(folder.at('timed.ingam.json'), proofBytes(vector));
      await writeFile(folder.at('trust'), vector.trust ?? '');
      const options = { ...KOREAN, cwd: folder.path };
      const { stdout, stderr } = await invoke(['verify', 'timed', '--trust', 'trust', '-v'], options);
      expect(stdout).toMatch(/^확인/);
      expect(englishIn(stdout + stderr)).toEqual([]);
      // The check itself is none that cannot fail.
      const english = await invoke(['verify', 'timed', '--trust', 'trust', '-v'], { cwd: folder.path });
      expect(englishIn(english.stderr)).not.toEqual([]);
    },
  );

  /** What is not in the file is of four kinds; a step that failed says another thing. */
  const histories = loadHistories().filter(({ name, expected: { verdict } }) =>
    verdict === 'incomplete' ? true : /bad-signature|stale-value/.test(name),
  );

  test.each(histories)('and what verify says of a history: $name', async ({ history, trust }) => {
    await writeFile(folder.at('history.json'), JSON.stringify(history));
    await writeFile(folder.at('trust'), trust ?? 'quorum none\n');
    const argv = ['verify', 'history.json', '--trust', 'trust', '-v'];
    const { stdout, stderr } = await invoke(argv, { ...KOREAN, cwd: folder.path });
    // What an event states is as its signer wrote it.
    const said = (text: string) => englishIn(text.replaceAll(/^ {3,}\S+: .*$/gm, ''));
    expect(stdout).toMatch(HANGUL);
    expect(said(stdout + stderr)).toEqual([]);
    expect(said((await invoke(argv, { cwd: folder.path })).stderr)).not.toEqual([]);
  });
});
