import { signal } from '@preact/signals';

/** A notarization of a visitor who has no account, kept in this browser alone. */
export interface Kept {
  readonly id: string;
  readonly sha256: string;
  /** Path of the file, which the service does not know. */
  readonly name: string;
  /** Of the file, in bytes. */
  readonly length: number;
  /** RFC 3339. */
  readonly acceptedAt: string;
}

const DATABASE = 'ingam';
const STORE = 'notarized';

/**
 * What visitors without an account have notarized in this browser. Without a register, it is their only way back to
 * their proofs. Where the browser keeps nothing, it stays empty.
 */
class Past {
  readonly #entries = signal<readonly Kept[]>([]);
  #database: Promise<IDBDatabase> | null = null;

  /** The newest first. */
  get entries(): readonly Kept[] {
    return this.#entries.value;
  }

  async load(): Promise<void> {
    const found = await this.#run('readonly', (store) => store.getAll() as IDBRequest<Kept[]>);
    this.#entries.value = (found ?? []).sort((a, b) => (a.acceptedAt < b.acceptedAt ? 1 : -1));
  }

  async add({ id, sha256, acceptedAt, name, length }: Kept): Promise<void> {
    const kept = { id, sha256, name, length, acceptedAt };
    const done = await this.#run('readwrite', (store) => store.put(kept));
    if (done !== null) this.#entries.value = [kept, ...this.#entries.value];
  }

  async remove(id: string): Promise<void> {
    await this.#run('readwrite', (store) => store.delete(id));
    await this.load();
  }

  async clear(): Promise<void> {
    await this.#run('readwrite', (store) => store.clear());
    await this.load();
  }

  /** null: the browser keeps nothing (a private window, or a full disk). */
  async #run<T>(
    access: IDBTransactionMode,
    work: (store: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T | null> {
    try {
      const database = await (this.#database ??= open());
      return await settled(work(database.transaction(STORE, access).objectStore(STORE)));
    } catch {
      return null;
    }
  }
}

function open(): Promise<IDBDatabase> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.addEventListener('upgradeneeded', () => {
    opening.result.createObjectStore(STORE, { keyPath: 'id' });
  });
  return settled(opening);
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => {
      resolve(request.result);
    });
    request.addEventListener('error', () => {
      reject(request.error ?? new Error('the browser keeps nothing'));
    });
  });
}

export const past = new Past();
