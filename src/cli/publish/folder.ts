import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Archive } from '../../member/index.js';
import { fileFailure, systemCode } from '../failure.js';
import { assertWritable, Leftovers, writeWhole } from '../files.js';
import type { Io } from '../io.js';
import { fsPath } from '../paths.js';

/**
 * A folder of a web server. Creates it.
 * @throws {Failure} unreadable
 */
export async function folderArchive(shown: string, { cwd }: Pick<Io, 'cwd'>): Promise<Archive> {
  const root = resolve(cwd, shown);
  const leftovers = new Leftovers();
  await assertWritable(join(root, 'checkpoint'), shown);

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
        await mkdir(fsPath(dirname(path)), { recursive: true });
        await leftovers.remove(dirname(path));
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
