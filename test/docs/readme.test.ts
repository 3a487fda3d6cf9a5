import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startBuilt } from '../support/built.js';
import { prepareData } from '../support/postgres.js';
import { COMMANDS } from '../../src/cli/run.js';
import { SETTING_NAMES } from '../../src/service/config.js';

const root = join(import.meta.dirname, '../..');

/** The commands in the code blocks of a section, in order. */
function commandsOf(readme: string, section: string): string[] {
  const text = readme.split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? '';
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
  return blocks.flatMap((block) => block.split('\n').filter((line) => line.trim() !== ''));
}

/**
 * One shell script, so that variables are kept. A line must succeed, or exit as its comment "# exit code N"
 * says.
 */
function toScript(commands: readonly string[]): string {
  return commands
    .map((command) => {
      const expected = /# exit code (\d+)/.exec(command)?.[1] ?? '0';
      return `${command}\ncode=$?\nif [ $code -ne ${expected} ]; then echo "exit code $code instead of ${expected}"; exit 1; fi`;
    })
    .join('\n');
}

async function run(command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, LC_ALL: 'C', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

test('runs the commands of the README against the built service, which then stops cleanly', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ingam-readme-'));
  const env = { INGAM_DATA_DIR: join(folder, 'data'), INGAM_WORKERS: '1' };
  await prepareData(env.INGAM_DATA_DIR);
  const service = await startBuilt(['serve'], { cwd: folder, env });
  try {
    await copyFile(join(root, 'README.md'), join(folder, 'README.md'));
    // `npx ingam` finds the command of this clone.
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));

    const readme = await readFile(join(root, 'README.md'), 'utf8');
    const commands = commandsOf(readme, 'Quick start');
    expect(commands.length).toBeGreaterThan(6);
    const script = toScript(commands).replaceAll(/(http:\/\/)?localhost:8080/g, service.url);
    const { code, output } = await run('bash', ['-c', script], folder, { INGAM_SERVER: service.url });
    expect(output).toContain('VERIFIED');
    expect(output).toContain('NOT VERIFIED');
    // Block 0 of a new chain has the default difficulty: three zero digits.
    expect(output).toMatch(/^000[0-9a-f]{61} {2}-$/m);
    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
  } finally {
    expect(await service.stop(), service.stderr.join('\n')).toBe(0);
    await rm(folder, { recursive: true, force: true });
  }
});

test('names exactly the existing settings and commands in the README', async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const section = readme.split('## Configuration')[1]?.split('\n## ')[0] ?? '';
  const named = [...section.matchAll(/`((?:INGAM_[A-Z0-9_]+)|HOST|PORT|DATABASE_(?:OWNER_)?URL)`/g)].map(
    ([, name]) => name,
  );
  expect(new Set(named)).toEqual(new Set(SETTING_NAMES));

  const table = readme.split('## Command line')[1]?.split('\n## ')[0] ?? '';
  const described = [...table.matchAll(/^\| (`ingam .*?) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`ingam ([a-z-]+)/g)].map(([, name]) => name),
  );
  expect(new Set(described)).toEqual(new Set(COMMANDS.keys()));
});
