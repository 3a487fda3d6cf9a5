import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { CHEAP_START, startBuilt } from '../support/built.js';
import { prepareData } from '../support/postgres.js';

const root = join(import.meta.dirname, '../..');

/** The commands in the first code block of a section. */
async function commandsOf(section: string): Promise<string[]> {
  const page = await readFile(join(root, 'docs/access.md'), 'utf8');
  const part = page.split(/^## /m).find((each) => each.startsWith(`${section}\n`)) ?? '';
  const [, block = ''] = /^```sh\n(.*?)^```$/ms.exec(part) ?? [];
  return block.split('\n').filter((line) => line !== '');
}

test('runs the commands that set up an organization, as documented, beside the running service', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ingam-access-'));
  const env = { INGAM_DATA_DIR: join(folder, 'data'), INGAM_WORKERS: '1' };
  await prepareData(env.INGAM_DATA_DIR);
  const service = await startBuilt(['serve'], { cwd: folder, env: { ...env, INGAM_ANONYMOUS: 'off' } });
  const { url } = service;
  try {
    await writeFile(join(folder, 'contract.pdf'), 'a contract');
    const commands = await commandsOf('A company, in ten lines');
    expect(commands).toHaveLength(10);
    // The test of the README runs npx itself, which takes as long to start as the command.
    const npx = `npx() { shift; '${process.execPath}' ${CHEAP_START.join(' ')} '${join(root, 'dist/cli/main.js')}' "$@"; }`;
    const script = ['set -e', npx, ...commands].join('\n');
    const shell = spawn('bash', ['-c', script], {
      cwd: folder,
      env: { ...process.env, ...env, INGAM_SERVER: url, INGAM_PUBLIC_URL: 'https://notary.example.com' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [output, errors, [code]] = await Promise.all([
      text(shell.stdout),
      text(shell.stderr),
      once(shell, 'close') as Promise<[number | null]>,
    ]);
    expect({ code, errors: code === 0 ? '' : errors }).toEqual({ code: 0, errors: '' });
    const links = output.match(/^https:\/\/notary\.example\.com\/account\.html#invitation=\S+$/gm) ?? [];
    expect(new Set(links).size).toBe(4);
    expect(output).toMatch(/^contract\.pdf\.ingam\.json$/m);
    expect(output).toMatch(/^lee@example\.com +notary +invited/m);
    expect(output).toMatch(/UTC {2}key_created/);
    // INGAM_ANONYMOUS=off rejects requests without a key.
    const anonymous = await fetch(`${url}/v1/notarizations`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ documents: [{ sha256: 'ab'.repeat(32) }] }),
    });
    expect(anonymous.status).toBe(401);
  } finally {
    expect(await service.stop()).toBe(0);
    await rm(folder, { recursive: true, force: true });
  }
});
