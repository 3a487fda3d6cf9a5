/**
 * Part of `npm run test:interop`: the vault in a bucket of versitygw, a stock S3 server. Needs Go 1.25 or newer, which
 * fetches it by its module proxy.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const VERSITYGW = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0';
const VITEST = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));

const folder = await mkdtemp(join(tmpdir(), 'ingam-interop-'));
try {
  await promisify(execFile)('go', ['install', VERSITYGW], { env: { ...process.env, GOBIN: folder } });
  const child = spawn(process.execPath, [VITEST, 'run', '--config=test/vitest.interop.config.ts', 's3'], {
    env: { ...process.env, INGAM_TEST_VERSITYGW: join(folder, 'versitygw') },
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
