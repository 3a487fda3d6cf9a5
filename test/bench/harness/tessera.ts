import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, mkdir, readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { generateKey } from '../../../src/crypto/keys.js';
import { waitFor } from '../../faults/harness/wait.js';
import { track } from './child.js';

/** The module whose go.mod and go.sum pin Tessera. */
const MODULE = fileURLToPath(new URL('../../interop/go', import.meta.url));
const START_LIMIT_MS = 60_000;

/** Tessera's own server over its POSIX storage (`cmd/conformance/posix`), as its authors measure it. */
export interface Tessera {
  readonly url: string;
  readonly pid: number;
  /** What its files take on the disk, in bytes. */
  bytes(): Promise<number>;
  stop(): Promise<void>;
}

/** @returns why it cannot be built here, as a sentence; null: it can */
export async function whyNoTessera(): Promise<string | null> {
  try {
    await promisify(execFile)('go', ['version']);
    return null;
  } catch {
    return 'Go 1.25 or newer builds Tessera, and there is no "go" here: install it to compare with Tessera.';
  }
}

export async function startTessera(directory: string): Promise<Tessera> {
  const program = join(directory, 'tessera-server');
  const server = 'github.com/transparency-dev/tessera/cmd/conformance/posix';
  await promisify(execFile)('go', ['build', '-o', program, server], { cwd: MODULE });
  const storage = join(directory, 'tessera');
  await mkdir(storage);
  const listen = `127.0.0.1:${await freePort()}`;
  const child = track(
    spawn(program, ['--storage_dir', storage, '--listen', listen], {
      env: { ...process.env, LOG_PRIVATE_KEY: generateKey('bench.example/tessera').text },
      stdio: 'ignore',
    }),
  );
  const url = `http://${listen}`;
  // The checkpoint of the empty log.
  await waitFor(
    'Tessera to answer',
    () =>
      fetch(`${url}/checkpoint`).then(
        ({ ok }) => ok,
        () => false,
      ),
    START_LIMIT_MS,
  );
  return {
    url,
    pid: child.pid ?? 0,
    bytes: () => allocated(storage),
    stop: async () => {
      const ended = once(child, 'exit');
      if (child.kill('SIGKILL')) await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function allocated(folder: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    // Blocks of 512 bytes: small files take whole blocks of the file system.
    sum += entry.isDirectory() ? await allocated(path) : (await lstat(path)).blocks * 512;
  }
  return sum;
}
