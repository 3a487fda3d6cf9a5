import { randomBytes } from 'node:crypto';
import { lchown, link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Writes `text` so that a crash leaves either the old or the new file, and so that it is on disk when this
 * resolves. The file has `mode` from the start. Several processes can write the same file: it always holds
 * the whole text of one of them.
 */
export async function writeDurably(file: string, text: string, mode: number): Promise<void> {
  await put(file, text, mode, (temporary) => rename(temporary, file));
}

/**
 * The same for a file that must not exist yet: of several concurrent processes one succeeds.
 * @returns false: the file exists already, and was not changed
 */
export async function createDurably(file: string, text: string, mode: number): Promise<boolean> {
  try {
    await put(file, text, mode, (temporary) => link(temporary, file));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** What root makes in a folder of another user belongs to that user, who runs the node. */
export async function ownLikeFolder(path: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(dirname(path));
  if (uid !== 0) await lchown(path, uid, gid);
}

async function put(
  file: string,
  text: string,
  mode: number,
  place: (temporary: string) => Promise<void>,
): Promise<void> {
  const directory = dirname(file);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // A name of its own, so that no two write into one file.
  const temporary = `${file}.${randomBytes(6).toString('hex')}.new`;
  try {
    await synced(temporary, 'w', mode, (handle) => handle.writeFile(text));
    await ownLikeFolder(temporary);
    await place(temporary);
  } finally {
    await rm(temporary, { force: true });
  }
  // The name is stored in the directory. Windows cannot open one, and orders renames by its journal.
  if (process.platform !== 'win32') await synced(directory, 'r', mode, () => Promise.resolve());
}

async function synced(
  path: string,
  flags: string,
  mode: number,
  write: (handle: Awaited<ReturnType<typeof open>>) => Promise<unknown>,
): Promise<void> {
  const handle = await open(path, flags, mode);
  try {
    await write(handle);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * The last signed checkpoint that this service has seen, stored outside PostgreSQL: a database that is older
 * was rolled back.
 */
export class LastCheckpointFile {
  readonly path: string;
  /** Says that the chain was empty, until there is a checkpoint. */
  readonly #emptyPath: string;

  constructor(dataDir: string) {
    this.path = join(dataDir, 'checkpoint');
    this.#emptyPath = `${this.path}.none`;
  }

  /** The signed note, or null when none was stored yet. */
  async read(): Promise<string | null> {
    try {
      return await readFile(this.path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    }
  }

  /** On disk when this resolves. A crash leaves the previous note or this one. */
  async write(note: string): Promise<void> {
    await writeDurably(this.path, note, 0o644);
    await rm(this.#emptyPath, { force: true });
  }

  /** Remembers that there was no block yet, durably. */
  async markEmpty(): Promise<void> {
    await writeDurably(this.#emptyPath, 'The chain had no block yet.\n', 0o644);
  }

  /** Whether there was no block yet when this directory was last written to. */
  async wasEmpty(): Promise<boolean> {
    return readFile(this.#emptyPath).then(
      () => true,
      () => false,
    );
  }
}
