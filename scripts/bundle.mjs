/**
 * Bundles src/ and the packages that it uses into dist/: a process then loads some ten files in place of
 * several hundred, and starts in two thirds of the time. Removes types and checks none (`npm run typecheck`
 * does). For stack traces with the lines of the sources: `node --enable-source-maps dist/cli/main.js …`.
 */
import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');

const COMMAND = 'cli/main';
/** What is loaded by its address: the command, the modules of processes and threads, and for test/docs the command line. */
const ENTRIES = [
  COMMAND,
  'cli/run',
  'service/worker',
  'sealer/worker',
  'anchoring/worker',
  'intake/hashing-worker',
  'intake/signing-worker',
  'certificate/certificate',
  'member/tile-roots',
];

/** Packages that read files of their own. */
export const UNBUNDLED = ['@node-rs/argon2', 'pdfkit', 'piscina'];

export async function bundle() {
  // Not installed yet when this file is loaded.
  const { build } = await import('rolldown');
  mkdirSync(dist, { recursive: true });
  // vite builds dist/public/.
  for (const entry of readdirSync(dist, { withFileTypes: true })) {
    if (entry.name !== 'public') rmSync(join(dist, entry.name), { recursive: true });
  }
  await build({
    cwd: root,
    platform: 'node',
    tsconfig: 'tsconfig.json',
    input: Object.fromEntries(ENTRIES.map((name) => [name, `src/${name}.ts`])),
    external: UNBUNDLED,
    output: {
      dir: dist,
      format: 'esm',
      sourcemap: true,
      entryFileNames: '[name].js',
      // Every file is two folders below the root, as the sources are: addresses relative to a file hold in both.
      chunkFileNames: 'shared/[name]-[hash].js',
    },
  });
  chmodSync(join(dist, `${COMMAND}.js`), 0o755);
}
