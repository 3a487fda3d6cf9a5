import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface StatedClaim {
  readonly id: string;
  readonly claim: { readonly en: string; readonly ko: string };
  readonly verdict: 'holds' | 'fails' | 'not_checked' | 'not_counted';
  readonly files: readonly string[];
  readonly command: string | null;
  readonly note: { readonly en: string; readonly ko: string } | null;
}

export interface StatedClaims {
  readonly format: string;
  readonly verified: boolean;
  readonly proofs: readonly {
    readonly folder: string;
    readonly verdict: string;
    readonly failed: readonly { readonly step: number; readonly code: string; readonly message: string }[];
    readonly time: { readonly en: string; readonly ko: string };
  }[];
  readonly claims: readonly StatedClaim[];
}

/** Nothing but what a Debian has: no part of Ingam, no Node. */
const ENVIRONMENT = { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' };

/** An unpacked pack on disk, removed at the end of the `using` block. */
export class Unpacked implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'ingam-pack-'));
  readonly files: ReadonlyMap<string, Uint8Array>;

  constructor(files: ReadonlyMap<string, Uint8Array>) {
    this.files = files;
    for (const [name, bytes] of files) {
      mkdirSync(dirname(join(this.path, name)), { recursive: true });
      writeFileSync(join(this.path, name), bytes);
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  text(name: string): string {
    return readFileSync(join(this.path, name), 'utf8');
  }

  get claims(): StatedClaims {
    return JSON.parse(this.text('claims.json')) as StatedClaims;
  }

  /** Writes a file with other bytes; @returns what puts the old ones back */
  change(name: string, bytes: Uint8Array): () => void {
    writeFileSync(join(this.path, name), bytes);
    return () => {
      writeFileSync(join(this.path, name), this.files.get(name) ?? '');
    };
  }

  /** @returns what puts the file back */
  remove(name: string): () => void {
    rmSync(join(this.path, name));
    return () => {
      writeFileSync(join(this.path, name), this.files.get(name) ?? '');
    };
  }

  sh(command: string): { readonly status: number | null; readonly output: string } {
    const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', command], {
      cwd: this.path,
      env: ENVIRONMENT,
      encoding: 'utf8',
    });
    return { status, output: `${stdout}${stderr}` };
  }

  /** Exit statuses of commands, each run in a shell of its own. */
  statuses(commands: readonly string[]): number[] {
    return this.#run(commands, 'echo $?').map(Number);
  }

  /** Whether one of the commands fails; those after it are not run. */
  fails(commands: readonly string[]): boolean {
    return this.#run(commands, '[ $? = 0 ] || { echo failed; exit; }').includes('failed');
  }

  /** @returns the lines that `then` prints, which is run after each command */
  #run(commands: readonly string[], then: string): string[] {
    const script = commands
      .map((command) => `(eval '${command.replaceAll("'", String.raw`'\''`)}') >/dev/null 2>&1; ${then}`)
      .join('\n');
    const file = `${this.path}.sh`;
    writeFileSync(file, script);
    try {
      const { stdout } = spawnSync('/bin/sh', [file], { cwd: this.path, env: ENVIRONMENT, encoding: 'utf8' });
      return stdout.trim().split('\n');
    } finally {
      rmSync(file);
    }
  }
}
