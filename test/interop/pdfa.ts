/**
 * Part of `npm run test:interop`: certificates in the hands of veraPDF, which checks PDF/A. Needs a Java runtime and
 * Maven, which fetches it.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const VERSION = '1.28.1';
const VITEST = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));

const folder = await mkdtemp(join(tmpdir(), 'ingam-interop-'));
try {
  const artifact = `-Dartifact=org.verapdf.apps:greenfield-apps:${VERSION}`;
  const copy = ['-q', '-B', 'dependency:copy', artifact, `-DoutputDirectory=${folder}`];
  await promisify(execFile)('mvn', copy, { cwd: folder });
  const child = spawn(process.execPath, [VITEST, 'run', '--config=test/vitest.interop.config.ts', 'pdfa'], {
    env: { ...process.env, INGAM_TEST_VERAPDF: join(folder, `greenfield-apps-${VERSION}.jar`) },
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
