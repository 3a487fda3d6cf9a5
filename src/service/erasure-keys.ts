import type { Logger } from 'pino';
import type { Background } from '../background/index.js';
import { fromHex } from '../proof/index.js';
import { ErasureKeyFile, type Store } from '../store/index.js';

/** How often each process looks for what another has changed. */
const INTERVAL_MS = 30_000;
const TREE_LENGTH = 8;

/** The file of data keys that is configured; null: there is none. @throws {ProofError}, and the file system's errors */
export function openErasureKeys(path: string | null): Promise<ErasureKeyFile | null> {
  return path === null ? Promise.resolve(null) : ErasureKeyFile.open(path);
}

/** Destroys the keys of what was erased: then no backup has that content any more. */
export function destroyDueKeys(store: Store, file: ErasureKeyFile): Promise<number> {
  return store.destroyErasureKeys((references) => file.change((keys) => keys.without(references)));
}

/**
 * Remembers which trees the database needs, and names those that the file lacks. No reason to stop: everything else
 * can be read.
 */
export async function compareErasureKeys(
  store: Store,
  file: ErasureKeyFile | null,
  logger: Logger,
): Promise<void> {
  const trees = file === null ? [] : file.keys.trees;
  const last = trees.at(-1);
  if (last !== undefined) await store.useKeyTree(fromHex(last.id, TREE_LENGTH), Date.now());
  const lost = (await store.keyTrees()).filter((id) => !trees.some((tree) => tree.id === id));
  if (lost.length === 0) return;
  logger.warn(
    { trees: lost },
    'the database has notarizations under data keys that INGAM_ERASURE_KEYS does not have: they cannot be read, and those that wait for a block cannot be sealed. Restore the file that the service was used with',
  );
}

/**
 * Reads the file again when another process has changed it, destroys keys for which there was no time, and fills the
 * table of words again after a crash of PostgreSQL.
 * @param works false: only reads
 * @returns stops it, and resolves when nothing of it runs any more
 */
export function tendErasureKeys(
  store: Store,
  file: ErasureKeyFile,
  background: Background,
  works: boolean,
): () => Promise<void> {
  const reading = background.task('reading data keys');
  const destroying = background.task('destroying data keys');
  const words = background.task('restoring the words of details');
  let isStopped = false;
  const tend = async () => {
    if (isStopped) return;
    await reading.run(async () => {
      await file.reload();
      const { id } = file.keys.trees.at(-1) ?? {};
      if (id !== undefined) await store.useKeyTree(fromHex(id, TREE_LENGTH), Date.now());
    });
    if (!works) return;
    await destroying.run(() => destroyDueKeys(store, file));
    await words.run(() => store.restoreWords(() => isStopped));
  };
  let running = tend();
  const timer = setInterval(() => {
    running = running.then(tend);
  }, INTERVAL_MS);
  timer.unref();
  return () => {
    isStopped = true;
    clearInterval(timer);
    return running;
  };
}
