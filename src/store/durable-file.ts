import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes `text` so that a crash at any moment leaves the file as it was or as it will be, and so that it is on disk when
 * this resolves. `mode` holds from the file's first byte on.
 */
export async function writeDurably(file: string, text: string, mode: number): Promise<void> {
  const directory = dirname(file);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const temporary = `${file}.new`;
  await synced(temporary, 'w', mode, (handle) => handle.writeFile(text));
  await rename(temporary, file);
  // The rename itself lives in the directory. Windows cannot open one, and orders renames by its journal.
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
