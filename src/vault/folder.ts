import { createReadStream } from 'node:fs';
import { access, constants, type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ByteRange, type ObjectStorage, VaultError } from './storage.js';

/** Objects are in a folder for each beginning of their names, so that no folder has too many. */
const PREFIX_DIGITS = 2;
const READ_BYTES = 256 * 1024;

/** A vault in a folder, which all processes of a service share. */
export class FolderStorage implements ObjectStorage {
  readonly #path: string;

  /** @param path absolute, of a folder that exists */
  constructor(path: string) {
    this.#path = path;
  }

  async write(name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const temporary = this.#unfinished(name);
    const file = await guarded(() => open(temporary, 'wx', 0o600));
    try {
      try {
        for await (const bytes of content) await guarded(() => writeAll(file, bytes));
        await guarded(() => file.sync());
      } finally {
        await file.close();
      }
      await guarded(() => this.#publish(temporary, name));
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  async *read(name: string, { first, last }: ByteRange): AsyncGenerator<Uint8Array> {
    const stream = createReadStream(join(this.#folderOf(name), name), {
      ...{ start: first, end: last, highWaterMark: READ_BYTES },
    });
    try {
      for await (const bytes of stream as AsyncIterable<Uint8Array>) yield bytes;
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENOENT') throw failed(error);
      // The whole folder may be away, such as a disk that is not mounted.
      await this.check();
      throw new VaultError('missing', 'the folder of the vault does not have the document', { cause: error });
    } finally {
      stream.destroy();
    }
  }

  async remove(name: string): Promise<void> {
    await guarded(() => rm(this.#unfinished(name), { force: true }));
    await guarded(() => rm(join(this.#folderOf(name), name), { force: true }));
  }

  close(): void {
    // Nothing takes long.
  }

  async check(): Promise<void> {
    await guarded(() => access(this.#path, constants.R_OK | constants.W_OK));
  }

  async #publish(temporary: string, name: string): Promise<void> {
    const folder = this.#folderOf(name);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await rename(temporary, join(folder, name));
    // The names are stored in the folders. Windows cannot open one, and orders renames by its journal.
    if (process.platform === 'win32') return;
    for (const each of [folder, this.#path]) await synced(each);
  }

  #folderOf(name: string): string {
    return join(this.#path, name.slice(0, PREFIX_DIGITS));
  }

  #unfinished(name: string): string {
    return join(this.#path, `${name}.unfinished`);
  }
}

async function synced(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A write may take only a part of the bytes. */
async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at);
    at += bytesWritten;
  }
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw failed(error);
  }
}

function failed(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  return new VaultError('unavailable', `the folder of the vault cannot be used (${String(error.code)})`, {
    cause: error,
  });
}
