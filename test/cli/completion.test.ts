import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { leavesOf } from '../../src/cli/completion.js';
import { COMMANDS } from '../../src/cli/run.js';
import { invoke } from './invoke.js';

const run = promisify(execFile);

/** Every command with its options. */
let leaves: ReturnType<typeof leavesOf>;
beforeAll(async () => {
  const loaded = [...COMMANDS].map(async ([name, load]) => [name, await load()] as const);
  leaves = leavesOf(Object.fromEntries(await Promise.all(loaded)));
});

describe('ingam completion', () => {
  test('completes commands, subcommands, options and values in bash', async () => {
    const { stdout: script } = await invoke(['completion', 'bash']);
    const lines = [
      ['veri'],
      ['key', 'cre'],
      ['help', 'notar'],
      ['verify', '--t'],
      ['verify', '-'],
      ['verify', '--lang', ''],
      ['verify', '--lang', 'k'],
      ['key', 'create', '--sc'],
      ['completion', 'f'],
      ['notarize', 'x'],
      ['list', '--tag', ''],
    ];
    const asks = lines.map((words) => {
      const quoted = ['ingam', ...words].map((word) => `'${word}'`).join(' ');
      return `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _ingam 2>/dev/null; echo "\${COMPREPLY[*]}"`;
    });
    const { stdout } = await run('bash', ['--norc', '-euc', `${script}\nset +e\n${asks.join('\n')}`]);
    const replies = stdout.split('\n');
    expect(replies.slice(0, 4)).toEqual(['verify', 'create', 'notarize', '--trust --tsa-root']);
    expect(replies[4]?.split(' ')).toEqual(expect.arrayContaining(['--verbose', '-v', '--help', '-h']));
    expect(replies.slice(5, 11)).toEqual(['en ko', 'ko', '--scope', 'fish', '', '']);
  });

  test.each(['bash', 'zsh', 'fish'])('names every command and every option for %s', async (shell) => {
    const { code, stdout, stderr } = await invoke(['completion', shell]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const spelled = (name: string) => (shell === 'fish' ? ` -l ${name} ` : `--${name}`);
    for (const { path, command } of leaves) {
      for (const word of path.split(' ')) expect(stdout).toContain(word);
      for (const name of Object.keys(command.options)) expect(stdout).toContain(spelled(name));
    }
  });

  test('refuses another shell', async () => {
    const { code, stderr } = await invoke(['completion', 'tcsh']);
    expect(code).toBe(2);
    expect(stderr).toContain('unknown value "tcsh": one of bash, zsh, fish');
  });
});

test('the manual page has every command with every option, and no request from a text', async () => {
  const { code, stdout } = await invoke(['man']);
  expect(code).toBe(0);
  const sections = stdout.split('\n.SS "');
  expect(sections).toHaveLength(leaves.length + 1);
  for (const [i, { path, command }] of leaves.entries()) {
    const section = sections[i + 1]?.replaceAll('\\-', '-') ?? '';
    expect(section.startsWith(`ingam ${path}`)).toBe(true);
    for (const [name, { short }] of Object.entries(command.options)) {
      expect(section).toContain(`\n.B ${short === undefined ? '' : `-${short}, `}--${name}`);
    }
  }
  const requests = new Set([...stdout.matchAll(/^[.'](\w*)/gm)].map(([, name]) => name));
  expect(stdout).toMatch(/^[\x00-\x7f]*$/);
  expect([...requests].sort()).toEqual(['B', 'I', 'PP', 'SH', 'SS', 'TH', 'TP', 'fi', 'nf']);
});
