import { execFile } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createFolder } from '../cli/invoke.js';
import { CHEAP_START, MAIN, startBuilt } from '../support/built.js';
import { createDatabase } from '../support/database.js';

const run = promisify(execFile);
const PAGE = join(import.meta.dirname, '../../docs/tsa.md');

/** The commands of docs/tsa.md, in the order of the page, as somebody types them who sets the authority up. */
test('the commands of docs/tsa.md work from the first key to a certificate request', async () => {
  await using database = await createDatabase();
  await using folder = await createFolder();
  const page = await readFile(PAGE, 'utf8');
  const [setUp = '', ...blocks] = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
  expect(blocks.length).toBeGreaterThanOrEqual(4);
  await writeFile(
    folder.at('ingam'),
    `#!/bin/sh\nexec "${process.execPath}" ${CHEAP_START.join(' ')} "${MAIN}" "$@"\n`,
  );
  await chmod(folder.at('ingam'), 0o755);
  const env = {
    PATH: `${folder.path}:${process.env['PATH'] ?? ''}`,
    HOME: folder.path,
    INGAM_DATA_DIR: folder.at('data'),
    DATABASE_URL: database.url,
    INGAM_WORKERS: '1',
    INGAM_TSA: 'on',
  };
  const shell = async (script: string, more: Record<string, string> = {}) => {
    const { stdout, stderr } = await run('bash', ['-e', '-c', script], {
      cwd: folder.path,
      env: { ...env, ...more },
    });
    return stdout + stderr;
  };
  expect(await shell(setUp)).toContain('O=Example Notary, C=KR');
  await using service = await startBuilt(['serve'], { env });
  const said = await shell(blocks.join('\n'), { INGAM_SERVER: service.url });
  expect(said).toContain('Verification: OK');
  expect(said).toMatch(/^VERIFIED {2}contract\.tsr: sealed /m);
  expect(said).toContain('contract.txt existed by');
  expect(await readFile(folder.at('request.csr'), 'utf8')).toMatch(/^-----BEGIN CERTIFICATE REQUEST-----/);
  expect(await service.stop(), service.stderr.join('\n')).toBe(0);
});
