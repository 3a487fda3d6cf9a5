/**
 * Builds the packages for integrators of packages/ into FOLDER (default dist/packages): each becomes one ES module for
 * browsers and Node, with type declarations and all that it needs inside.
 *
 *   npm run packages [-- FOLDER]
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { binary } from './setup.mjs';

const root = resolve(import.meta.dirname, '..');
const NAMES = ['verifier', 'client'];

const target = resolve(process.argv[2] ?? join(root, 'dist', 'packages'));
for (const name of NAMES) await buildPackage(name, join(target, name));

async function buildPackage(name, out) {
  const { build } = await import('rolldown');
  const source = join(root, 'packages', name);
  const config = join(source, 'tsconfig.json');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  for (const file of ['package.json', 'README.md']) cpSync(join(source, file), join(out, file));
  cpSync(join(root, 'LICENSE'), join(out, 'LICENSE'));
  const { output } = await build({
    cwd: root,
    platform: 'neutral',
    tsconfig: config,
    input: join(source, 'src', 'index.ts'),
    resolve: { mainFields: ['module', 'main'] },
    // Not minified: whoever relies on it can read it.
    output: {
      file: join(out, 'dist', 'index.js'),
      format: 'esm',
      // The declarations have those for readers.
      comments: { legal: true, annotation: true, jsdoc: false },
    },
  });
  writeFileSync(
    join(out, 'dist', 'LICENSES.txt'),
    licencesOf(output.flatMap(({ moduleIds = [] }) => moduleIds)),
  );
  const tsc = [binary('typescript', 'tsc'), '-p', config, '--outDir', join(out, 'dist', 'types')];
  const { status, stdout } = spawnSync(process.execPath, tsc, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the types of packages/${name}: ${stdout}`);
}

/** The licences of the packages from which these modules come. */
function licencesOf(paths) {
  const names = paths.flatMap((path) => /node_modules\/(@[^/]+\/[^/]+|[^@/]+)\//.exec(path)?.[1] ?? []);
  const texts = [...new Set(names)].map((name) => {
    const read = (file) => readFileSync(join(root, 'node_modules', name, file), 'utf8');
    const { version, license } = JSON.parse(read('package.json'));
    return `${name} ${version} (${license})\n\n${read('LICENSE')}`;
  });
  return texts.join('\n\n');
}
