import type { ChosenFile } from './files.js';

/** Files that one page hands over to another of this service, through this browser's storage alone. */

const DATABASE = 'ingam-handover';
const STORE = 'files';
const KEY = 'next';

/** Keeps the files for the page that opens next. @throws DOMException if the browser keeps nothing */
export async function handOver(files: readonly ChosenFile[]): Promise<void> {
  await run('readwrite', (store) => store.put(files, KEY));
}

/** The files that were handed over, once. Empty: none were, or the browser keeps nothing. */
export async function takeOver(): Promise<readonly ChosenFile[]> {
  try {
    const files = await run('readonly', (store) => store.get(KEY) as IDBRequest<ChosenFile[] | undefined>);
    if (files !== undefined) await run('readwrite', (store) => store.delete(KEY));
    return files ?? [];
  } catch {
    return [];
  }
}

async function run<T>(
  access: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.addEventListener('upgradeneeded', () => {
    opening.result.createObjectStore(STORE);
  });
  const database = await settled(opening);
  try {
    return await settled(work(database.transaction(STORE, access).objectStore(STORE)));
  } finally {
    database.close();
  }
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => {
      resolve(request.result);
    });
    request.addEventListener('error', () => {
      reject(request.error ?? new DOMException('the browser keeps nothing'));
    });
  });
}
