import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const ROOT = join(import.meta.dirname, '../..');
const execute = promisify(execFile);

/** A project that has nothing but packages of this clone, as npm installs them from their archives. */
export interface Project extends AsyncDisposable {
  readonly path: string;
  at(name: string): string;
  /** Runs a module of the project. */
  node(...args: string[]): Promise<Ended>;
}

export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** Builds the packages and installs them into an empty project, without a network. */
export async function installPackages(names: readonly string[]): Promise<Project> {
  const path = await mkdtemp(join(tmpdir(), 'ingam-packages-'));
  const at = (name: string) => join(path, name);
  const env = {
    PATH: process.env['PATH'],
    HOME: path,
    npm_config_cache: at('cache'),
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
  };
  await execute(process.execPath, [join(ROOT, 'scripts/packages.mjs'), at('built')]);
  const folders = names.map((name) => join(path, 'built', name));
  const { stdout } = await execute('npm', ['pack', '--json', '--pack-destination', path, ...folders], {
    cwd: path,
    env,
  });
  const packed = JSON.parse(stdout) as { readonly filename: string }[];
  await writeFile(at('package.json'), '{ "private": true, "type": "module" }');
  const archives = packed.map(({ filename }) => `./${filename}`);
  await execute('npm', ['install', '--no-audit', '--no-fund', ...archives], { cwd: path, env });
  return {
    path,
    at,
    node: (...args) => run(process.execPath, args, path, env),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

export async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<Ended> {
  try {
    const { stdout, stderr } = await execute(command, args, { cwd, env });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: unknown; stdout: string; stderr: string };
    if (typeof code !== 'number') throw error;
    return { code, output: stdout + stderr };
  }
}

/** The blocks of code in this language on a page, in order. */
export async function blocksOf(page: string, language: string): Promise<string[]> {
  const text = await readFile(join(ROOT, page), 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, block = '']) => block,
  );
}
