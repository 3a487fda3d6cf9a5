import { lchown, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCode } from '../failure.js';

/** Gives what root has made in a data directory to whoever owns that, and runs the node. */
export type HandOver = () => Promise<void>;

/**
 * To be called before anything is made. A directory that does not exist yet will be of whoever owns the one above it.
 * @param names in the data directory
 */
export async function prepareHandOver(dataDir: string, names: readonly string[]): Promise<HandOver> {
  if (process.getuid?.() !== 0) return () => Promise.resolve();
  const { uid, gid } = await statAbove(dataDir);
  if (uid === 0) return () => Promise.resolve();
  return async () => {
    for (const path of [dataDir, ...names.map((name) => join(dataDir, name))]) await own(path, uid, gid);
    for (const name of names) await ownAllIn(join(dataDir, name), uid, gid);
  };
}

async function statAbove(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
    return statAbove(dirname(path));
  }
}

async function own(path: string, uid: number, gid: number): Promise<void> {
  await lchown(path, uid, gid).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
  });
}

async function ownAllIn(folder: string, uid: number, gid: number): Promise<void> {
  const found = await readdir(folder, { recursive: true }).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  for (const name of found) await own(join(folder, name), uid, gid);
}
