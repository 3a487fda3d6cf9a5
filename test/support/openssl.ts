import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBase64 } from '../../src/proof/index.js';

/** Runs the `openssl` of this machine in a folder of its own, which is removed afterwards. */
export function withOpenssl<T>(work: (run: OpensslRun) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'ingam-openssl-'));
  const remove = () => {
    rmSync(folder, { recursive: true, force: true });
  };
  let result: T;
  try {
    result = work({
      file: (name, content) => {
        writeFileSync(join(folder, name), content);
        return name;
      },
      run: (...argv) => {
        const result = spawnSync('openssl', argv, { cwd: folder, encoding: 'utf8' });
        if (result.error) throw new Error('these tests need the "openssl" command', { cause: result.error });
        return { passed: result.status === 0, output: `${result.stdout}${result.stderr}` };
      },
      read: (name) => readFileSync(join(folder, name), 'utf8'),
    });
  } catch (error) {
    remove();
    throw error;
  }
  if (result instanceof Promise) return result.finally(remove) as T;
  remove();
  return result;
}

/** Runs `openssl` in a folder that has these files. It throws when a command fails. */
export function opensslIn(
  folder: string,
  files: Readonly<Record<string, string>>,
): (...argv: string[]) => void {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return (...argv) => {
    execFileSync('openssl', argv, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  };
}

export interface OpensslRun {
  /** @returns the name, for the command line */
  readonly file: (name: string, content: string | Uint8Array) => string;
  readonly run: (...argv: readonly string[]) => { passed: boolean; output: string };
  readonly read: (name: string) => string;
}

export function pemOf(certificate: Uint8Array): string {
  const lines = toBase64(certificate).replaceAll(/.{1,64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`;
}
