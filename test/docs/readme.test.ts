import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/run.js';

const root = join(import.meta.dirname, '../..');

/** The commands of the section, in order, as a reader would type them. */
function commandsOf(readme: string, section: string): string[] {
  const text = readme.split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? '';
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
  return blocks.flatMap((block) => block.split('\n').filter((line) => line.trim() !== ''));
}

/** A line says what it exits with, "# exit code N", or is to succeed. The shell stays one, so that variables are kept. */
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
    env: { ...process.env, ...env },
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

test('the README’s example runs as it stands, against the built service, which then stops cleanly', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ingam-readme-'));
  const service = spawn(process.execPath, [join(root, 'dist/cli/main.js'), 'serve'], {
    env: {
      ...process.env,
      PORT: '0',
      INGAM_DATA_DIR: join(folder, 'data'),
      INGAM_WORKERS: '1',
      INGAM_LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  service.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    log += chunk;
  });
  const ended = once(service, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  try {
    let address: string | undefined;
    for await (const line of createInterface({ input: service.stdout })) {
      address = /running at (http:\S+)/.exec(line)?.[1];
      if (address !== undefined) break;
    }
    expect(address).toBeDefined();
    await copyFile(join(root, 'README.md'), join(folder, 'README.md'));
    // `npx ingam` finds the command of the clone it is run in.
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));

    const readme = await readFile(join(root, 'README.md'), 'utf8');
    const commands = commandsOf(readme, 'Quick start');
    expect(commands.length).toBeGreaterThan(6);
    const script = toScript(commands).replaceAll(/(http:\/\/)?localhost:8080/g, String(address));
    const { code, output } = await run('bash', ['-c', script], folder, { INGAM_SERVER: address });
    expect(output).toContain('VERIFIED');
    expect(output).toContain('NOT VERIFIED');
    // Block 0 of a new chain has the default difficulty: three zero digits.
    expect(output).toMatch(/^000[0-9a-f]{61} {2}-$/m);
    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
  } finally {
    service.kill('SIGTERM');
    const [code, signal] = await ended;
    expect({ code, signal }, log).toEqual({ code: 0, signal: null });
    await rm(folder, { recursive: true, force: true });
  }
});

test('the README names every setting and command, and no others', async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const files = ['src/service/config.ts'];
  const config = (await Promise.all(files.map((file) => readFile(join(root, file), 'utf8')))).join('\n');
  const settings = [...config.matchAll(/^ {2}((?:INGAM_[A-Z_]+)|HOST|PORT|DATABASE_URL): /gm)].map(
    ([, name]) => name,
  );
  const section = readme.split('## Configuration')[1]?.split('\n## ')[0] ?? '';
  const named = [...section.matchAll(/`((?:INGAM_[A-Z_]+)|HOST|PORT|DATABASE_URL)`/g)].map(
    ([, name]) => name,
  );
  expect(new Set(named)).toEqual(new Set(settings));

  const table = readme.split('## Command line')[1]?.split('\n## ')[0] ?? '';
  const described = [...table.matchAll(/^\| (`ingam .*?) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`ingam ([a-z-]+)/g)].map(([, name]) => name),
  );
  expect(new Set(described)).toEqual(new Set(COMMANDS.keys()));
});
