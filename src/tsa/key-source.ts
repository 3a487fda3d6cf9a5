import { stat } from 'node:fs/promises';
import type { BackgroundTask } from '../background/index.js';
import { ProofError } from '../proof/index.js';
import type { Certificate } from '../proof/time/rfc3161.js';
import type { KeySource } from './authority.js';
import type { TsaFiles } from './key-files.js';
import { parseTsaKey, type TsaKey } from './key.js';

/** A key that the configuration gives, for as long as the process runs. @throws {ProofError} malformed_key */
export function configuredKey(pem: string, files: TsaFiles): KeySource {
  const key = parseTsaKey(pem);
  return { current: () => Promise.resolve(key), former: () => files.readFormer() };
}

/** How long the file is used without another look at it. */
const LOOK_EVERY_MS = 1000;

/**
 * The key in the data directory. A new one is picked up while the service runs; one that cannot be read does
 * not take the place of the present one.
 * @param reading counts and logs failures to read the file again
 * @throws {ProofError} malformed_key, also when there is none
 */
export async function keyInFile(files: TsaFiles, reading: BackgroundTask): Promise<KeySource> {
  let version = await versionOf(files.key);
  let key = await files.read();
  if (key === null || version === null) throw noKey();
  let until = performance.now() + LOOK_EVERY_MS;
  const look = async () => {
    const now = await versionOf(files.key);
    if (now === version) return;
    const next = await files.read();
    if (next === null) throw noKey();
    [key, version] = [next, now];
  };
  return {
    current: async (): Promise<TsaKey> => {
      if (performance.now() >= until) {
        until = performance.now() + LOOK_EVERY_MS;
        await reading.run(look);
      }
      if (key === null) throw noKey();
      return key;
    },
    former: (): Promise<readonly Certificate[]> => files.readFormer(),
  };
}

function noKey(): ProofError {
  return new ProofError(
    'malformed_key',
    'INGAM_TSA is on, but the time-stamping authority has no key: create one with "ingam tsa create", or request a certificate with "ingam tsa request"',
  );
}

/** Differs when the file has been replaced; null: there is none. */
async function versionOf(file: string): Promise<string | null> {
  try {
    const { ino, mtimeMs, size } = await stat(file);
    return `${ino} ${mtimeMs} ${size}`;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
