/**
 * Builds the packages for integrators in packages/: each becomes one ES module for browsers and Node, with type
 * declarations, and all that it needs inside. `npm run packages` does it; then `npm pack` in a package's folder makes
 * the archive that is published.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { binary } from './setup.mjs';

const root = resolve(import.meta.dirname, '..');
/** In the order in which they need each other; a package is not bundled into the next. */
const NAMES = ['verifier', 'client'];

for (const name of NAMES) await buildPackage(name);

async function buildPackage(name) {
  const { build } = await import('rolldown');
  const folder = join(root, 'packages', name);
  rmSync(join(folder, 'dist'), { recursive: true, force: true });
  const { output } = await build({
    cwd: root,
    platform: 'neutral',
    tsconfig: join(folder, 'tsconfig.json'),
    input: join(folder, 'src', 'index.ts'),
    external: [/^@ingam\//],
    resolve: { mainFields: ['module', 'main'] },
    // Not minified: whoever relies on it can read it.
    output: {
      file: join(folder, 'dist', 'index.js'),
      format: 'esm',
      // The declarations have those for readers.
      comments: { legal: true, annotation: true, jsdoc: false },
    },
  });
  const paths = output.flatMap(({ moduleIds = [] }) => moduleIds);
  const bundled = [
    ...new Set(paths.flatMap((path) => /node_modules\/(@[^/]+\/[^/]+|[^@/]+)\//.exec(path)?.[1] ?? [])),
  ];
  const { status, stdout } = spawnSync(
    process.execPath,
    [binary('typescript', 'tsc'), '-p', join(folder, 'tsconfig.json')],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`the types of packages/${name}: ${stdout}`);
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  const notices = bundled.map((each) => {
    const { version, license } = JSON.parse(
      readFileSync(join(root, 'node_modules', each, 'package.json'), 'utf8'),
    );
    const text = readFileSync(join(root, 'node_modules', each, 'LICENSE'), 'utf8');
    return `${each} ${version} (${license})\n\n${text}`;
  });
  writeFileSync(join(folder, 'dist', 'LICENSES.txt'), notices.join('\n\n'));
}
