import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Archive } from '../../member/index.js';
import { fileFailure, systemCode } from '../failure.js';
import { assertWritable, writeWhole } from '../files.js';
import type { Io } from '../io.js';
import { fsPath } from '../paths.js';

/** As `writeWhole` names them. */
const TEMPORARY = /^\.ingam-[0-9a-f]{24}\.tmp$/;

/**
 * A folder of a web server. Creates it.
 * @throws {Failure} unreadable
 */
export async function folderArchive(shown: string, { cwd }: Pick<Io, 'cwd'>): Promise<Archive> {
  const root = resolve(cwd, shown);
  const since = Date.now();
  const cleaned = new Set<string>();
  await assertWritable(join(root, 'checkpoint'), shown);

  /** Removes what a process that was killed has left in a folder. Whoever writes there now has begun since. */
  const clean = async (folder: string): Promise<void> => {
    if (cleaned.has(folder)) return;
    cleaned.add(folder);
    await mkdir(fsPath(folder), { recursive: true });
    for (const name of await readdir(fsPath(folder))) {
      if (!TEMPORARY.test(name)) continue;
      const path = fsPath(join(folder, name));
      const found = await stat(path).catch(() => null);
      if (found !== null && found.mtimeMs < since) await rm(path, { force: true });
    }
  };

  return {
    async read(name) {
      try {
        return new Uint8Array(await readFile(fsPath(join(root, name))));
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return null;
        throw fileFailure(error, join(shown, name));
      }
    },
    async write(name, bytes) {
      const path = join(root, name);
      try {
        await clean(dirname(path));
      } catch (error) {
        throw fileFailure(error, join(shown, name));
      }
      await writeWhole(path, join(shown, name), bytes, true);
    },
    async removeFolder(name) {
      try {
        await rm(fsPath(join(root, name)), { recursive: true, force: true });
      } catch (error) {
        throw fileFailure(error, join(shown, name));
      }
    },
  };
}
