import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/run.js';
import { invoke } from './invoke.js';

const NAMES = [...COMMANDS.keys()];

describe('without a command', () => {
  test('lists the commands and exits with 2', async () => {
    const { code, stdout, stderr } = await invoke([]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    for (const name of NAMES) expect(stderr).toContain(`  ${name} `);
  });

  test.each([['--help'], ['-h'], ['help']])('lists the commands for ingam %s', async (word) => {
    const { code, stdout, stderr } = await invoke([word]);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    for (const name of NAMES) expect(stdout).toContain(`  ${name} `);
  });

  test('prints the version of the package', async () => {
    const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
    const { version } = JSON.parse(text) as { version: string };
    expect(await invoke(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test.each([
    ['verfy', 'Did you mean: ingam verify'],
    ['audti', 'Did you mean: ingam audit'],
    ['notarise', 'Did you mean: ingam notarize'],
    ['ver', 'Did you mean: ingam verify'],
    ['frobnicate', 'ingam --help'],
    ['--verson', 'unknown option --verson'],
  ])('rejects ingam %s with a hint', async (word, hint) => {
    const { code, stdout, stderr } = await invoke([word]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(hint);
  });
});

describe.each(NAMES)('ingam %s', (name) => {
  test('shows its help, and names the options', async () => {
    const { code, stdout, stderr } = await invoke([name, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage: ingam ${name}`);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
    expect((await invoke(['help', name])).stdout).toBe(stdout);
  });

  test('rejects an unknown option', async () => {
    const { code, stdout, stderr } = await invoke([name, '--wat']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('unknown option --wat');
  });
});

describe('subcommands', async () => {
  const groups = await Promise.all(
    [...COMMANDS].map(async ([name, load]) => ({ name, group: await load() })),
  );
  const words = groups.flatMap(({ name, group }) =>
    Object.keys(group.commands ?? {}).map((word) => [name, word]),
  );

  test.each(words)(
    'ingam %s %s shows its help, and rejects an unknown option',
    async (name = '', word = '') => {
      const { code, stdout, stderr } = await invoke([name, word, '--help']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain(`Usage: ingam ${name} ${word}`);
      for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
      expect((await invoke(['help', name, word])).stdout).toBe(stdout);
      expect((await invoke([name, 'help', word])).stdout).toBe(stdout);
      const wrong = await invoke([name, word, '--wat']);
      expect({ code: wrong.code, stdout: wrong.stdout }).toEqual({ code: 2, stdout: '' });
      expect(wrong.stderr).toContain('unknown option --wat');
    },
  );

  test.each([
    ['organization', 'creat', 'Did you mean: ingam organization create'],
    ['organization', 'add', 'Did you mean: ingam organization create'],
    ['user', 'create', 'Did you mean: ingam user add'],
    ['user', 'delete', 'Did you mean: ingam user remove'],
    ['key', 'delete', 'Did you mean: ingam key revoke'],
    ['key', 'frobnicate', 'ingam key --help'],
    ['key', '--json', 'Options go after the command: ingam key COMMAND --json'],
  ])('rejects ingam %s %s with a hint', async (name, word, hint) => {
    const { code, stdout, stderr } = await invoke([name, word]);
    expect(code).toBe(2);
    if (word !== '--json') expect(stdout).toBe('');
    expect(stderr).toContain(hint);
  });

  test('lists the subcommands of ingam organization and exits with 2', async () => {
    const { code, stdout, stderr } = await invoke(['organization']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('  create ');
  });
});

describe('wrong usage', () => {
  test.each<[string[], string]>([
    [['verify'], 'missing FILE'],
    [['verify', '-', '-'], 'cannot both be standard input'],
    [['verify', 'a', '--lang', 'fr'], '--lang must be one of en, ko'],
    [['verify', 'a', '--verbos'], 'Did you mean --verbose?'],
    [['verify', 'a', '--v'], 'unknown option --v'],
    [['verify', 'a', '--jsno'], 'Did you mean --json?'],
    [['verify', 'a', '--key'], '--key requires VKEY'],
    [['verify', 'a', '--key', '--json'], 'If that is the value, write --key=--json'],
    [['verify', 'a', '--key='], '--key requires VKEY'],
    [['verify', 'a', '--json=yes'], '--json takes no value'],
    [['verify', 'a', '--json', '--json'], '--json is given more than once'],
    [['verify', 'a', '-k', 'x'], 'unknown option -k'],
    [['verify', '-'], 'Usage: ingam verify - PROOF'],
    [['verify', '--sha256', 'ab', 'p'], 'the 64 hexadecimal digits'],
    [['verify', '--sha256', `sha512:${'a'.repeat(64)}`, 'p'], 'the 64 hexadecimal digits'],
    [['verify', '--sha256', 'a'.repeat(64)], '--sha256 requires PROOF'],
    [['verify', '--sha256', 'a'.repeat(64), 'f', 'p'], '--sha256 and FILE cannot be used together'],
    [['verify', 'a', '--key', 'nonsense'], '--key: a verifier key reads'],
    [['verify', 'a', '--key', 'PRIVATE+KEY+x+00000000+AAAA'], 'this is a private key'],
    [['inspect'], 'missing PROOF'],
    [['inspect', 'a', 'b'], 'unexpected argument'],
    [['notarize'], 'missing FILE or FOLDER'],
    [['notarize', 'a', '--wait', '--no-wait'], 'cannot be used together'],
    [['notarize', 'a', '--timeout', 'soon'], 'whole number of seconds'],
    [['notarize', 'a', '--server', 'notary.example.com'], 'is not the address of a service'],
    [['notarize', 'a', '--server', 'ftp://notary.example.com'], 'is not the address of a service'],
    [['upgrade'], 'missing PROOF'],
    [['trust', 'x'], 'unexpected argument'],
    [['trust', '--expect', 'x'], 'a verifier key reads'],
    [['keygen'], 'missing --name NAME'],
    [['keygen', '--name', 'a b'], 'no white space'],
    [['keygen', '--name', 'a', '--kind', 'king'], '--kind must be one of log, receipt, '],
    [['audit', '--server', 'http://x', '--database', 'postgres://x'], '--server cannot be used together'],
    [['audit', '--server', 'http://127.0.0.1:1'], "missing the log's public key"],
    ...[
      ['audit'],
      ['log-key', 'show'],
      ['user', 'list', '--organization', 'org_x'],
      ['organization', 'list'],
      ['access-log'],
    ].map((command): [string[], string] => [
      [...command, '--database', 'postgresql://ingam:pa/ss@db.example/ingam'],
      '--database contains "/" where it cannot stand for itself',
    ]),
    [['audit', '--database', 'postgresql://ingam@a,b:x/ingam'], '--database has the host "b:x"'],
    [['serve', 'now'], 'unexpected argument'],
  ])('is reported for ingam %j', async (argv, message) => {
    const { code, stdout, stderr } = await invoke(argv);
    expect(code).toBe(2);
    if (!argv.includes('--json')) expect(stdout).toBe('');
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^ingam: /);
  });

  test('is reported as JSON with --json', async () => {
    const { code, stdout } = await invoke(['verify', '/nonexistent/a', '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'unreadable' } });
  });

  test('is explained in Korean by the locale, and to programs in English', async () => {
    const env = { LC_ALL: 'ko_KR.UTF-8' };
    const file = await invoke(['verify', '/nonexistent/a'], { env });
    expect(file.stderr).toContain('/nonexistent/a: 파일이 없습니다');
    const server = await invoke(['show', 'a'.repeat(64), '--server', 'http://127.0.0.1:1'], { env });
    expect(server.stderr).toMatch(/^ingam: http:\/\/127\.0\.0\.1:1\/에 연결할 수 없습니다: .*\n--server URL/);
    const json = await invoke(['verify', '/nonexistent/a', '--json'], { env });
    expect(json.stdout + json.stderr).not.toMatch(/[\uac00-\ud7a3]/);
  });

  test('never shows a private key given by mistake', async () => {
    const { stderr } = await invoke(['verify', 'a', '--key', 'PRIVATE+KEY+x+00000000+SECRET']);
    expect(stderr).not.toContain('SECRET');
  });

  test('treats words after -- as arguments', async () => {
    const { code, stderr } = await invoke(['inspect', '--', '--help']);
    expect(code).toBe(2);
    expect(stderr).toContain('--help: no such file');
  });
});
