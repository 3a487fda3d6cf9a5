import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** The lines of the section's first block, as a reader would type them. */
async function commandsOf(section: string): Promise<string[]> {
  const page = await readFile(join(root, 'docs/access.md'), 'utf8');
  const part = page.split(/^## /m).find((each) => each.startsWith(`${section}\n`)) ?? '';
  const [, block = ''] = /^```sh\n(.*?)^```$/ms.exec(part) ?? [];
  return block.split('\n').filter((line) => line !== '');
}

async function address(service: ChildProcess): Promise<string> {
  if (service.stdout === null) throw new TypeError('the service has no output');
  for await (const line of createInterface({ input: service.stdout })) {
    const found = /running at (http:\S+)/.exec(line)?.[1];
    if (found !== undefined) return found;
  }
  throw new Error('the service ended before it ran');
}

test('the set-up of a company in ten lines runs as it stands, beside the running service', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ingam-access-'));
  const env = {
    ...process.env,
    INGAM_DATA_DIR: join(folder, 'data'),
    INGAM_WORKERS: '1',
    INGAM_LOG_LEVEL: 'warn',
  };
  const service = spawn(process.execPath, [join(root, 'dist/cli/main.js'), 'serve'], {
    // Nobody may notarize here but with a key.
    env: { ...env, PORT: '0', INGAM_ANONYMOUS: 'off' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(service, 'exit');
  try {
    const url = await address(service);
    await writeFile(join(folder, 'contract.pdf'), 'a contract');
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    const commands = await commandsOf('A company, in ten lines');
    expect(commands).toHaveLength(10);
    const script = ['set -e', ...commands].join('\n');
    const shell = spawn('bash', ['-c', script], {
      cwd: folder,
      env: { ...env, INGAM_SERVER: url, INGAM_PUBLIC_URL: 'https://notary.example.com' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [output, said, [code]] = await Promise.all([
      text(shell.stdout),
      text(shell.stderr),
      once(shell, 'close') as Promise<[number | null]>,
    ]);
    expect({ code, said: code === 0 ? '' : said }).toEqual({ code: 0, said: '' });
    const links = output.match(/^https:\/\/notary\.example\.com\/account\.html#invitation=\S+$/gm) ?? [];
    expect(new Set(links).size).toBe(4);
    expect(output).toMatch(/^contract\.pdf\.ingam\.json$/m);
    expect(output).toMatch(/^lee@example\.com +notary +invited/m);
    expect(output).toMatch(/UTC {2}key_created/);
    // The file is the organization's now; strangers are turned away.
    const stranger = await fetch(`${url}/v1/notarizations`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ documents: [{ sha256: 'ab'.repeat(32) }] }),
    });
    expect(stranger.status).toBe(401);
  } finally {
    service.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    await rm(folder, { recursive: true, force: true });
  }
});
