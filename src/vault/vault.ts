import { createHash, randomBytes } from 'node:crypto';
import type { Background, BackgroundTask } from '../background/index.js';
import type { ErasureKeys } from '../crypto/erasure-keys.js';
import { equal, toHex } from '../proof/index.js';
import type { Store, StoredVaultKey, VaultObject } from '../store/index.js';
import { openDocument, sealDocument, sealedLength } from './cipher.js';
import type { VaultKeys } from './keys.js';
import { type ByteRange, type ObjectStorage, VaultError } from './storage.js';

interface VaultOptions {
  readonly store: Store;
  readonly storage: ObjectStorage;
  readonly keys: VaultKeys;
  /** The data keys of documents (docs/erasure.md). null: there are none. */
  readonly erasureKeys: { readonly keys: ErasureKeys } | null;
  /** Most bytes of each organization; null: no limit. */
  readonly quota: number | null;
  readonly background: Background;
  readonly log: { warn(fields: object, message: string): void; info(fields: object, message: string): void };
  /** Milliseconds since the Unix epoch. */
  readonly clock?: (() => number) | undefined;
  /** How often it looks for what is to be removed, by default every 30 seconds. */
  readonly tendMs?: number;
}

/** A document whose bytes are in the storage, before it is kept for a notarization. */
export interface WrittenDocument {
  /** The object's id. */
  readonly object: Uint8Array;
  readonly sha256: Uint8Array;
  readonly size: number;
}

/** A kept document, which can be read. */
export interface KeptDocument {
  readonly sha256: Uint8Array;
  readonly size: number;
  /**
   * Its bytes, each authenticated.
   * @throws {VaultError} missing, damaged, unavailable
   */
  read(range: ByteRange): AsyncIterable<Uint8Array>;
}

/** The length of a document that is still arriving, in bytes. */
interface Announced {
  readonly atLeast: number;
  /** null: unknown. */
  readonly atMost: number | null;
  /** Of a request that is repeated: what it has kept before counts, and is kept instead of this. */
  readonly isRepeated?: boolean;
}

/** Hashes a document while it yields it: what intake's `hashDocument` does. */
type Hashing = (consume: (document: AsyncIterable<Uint8Array>) => Promise<void>) => Promise<{
  readonly sha256: Uint8Array;
  readonly size: number;
}>;

const ID_LENGTH = 16;
const KEY_LENGTH = 32;
/** An upload says so often that it is alive. */
const TOUCH_MS = 60_000;
/** An upload that has shown no sign of life for so long was interrupted. */
const ABANDONED_MS = 3_600_000;
const TEND_MS = 30_000;
const BATCH = 100;
/** After so many failures in a row, the storage is taken to be away. */
const GIVE_UP_AFTER = 3;

/** Keeps the bytes of documents whose owner asks for it (docs/vault.md). */
export class Vault {
  readonly #options: VaultOptions;
  readonly #removing: BackgroundTask;
  readonly #wrapping: BackgroundTask;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  /** What comes behind what is running. */
  #waiting: (() => Promise<unknown>) | null = null;
  /** Up to which object bytes have been removed, or could not be. null: from the first. */
  #removedTo: Uint8Array | null = null;
  #isClosed = false;

  constructor(options: VaultOptions) {
    this.#options = options;
    this.#removing = options.background.task('removing kept documents');
    this.#wrapping = options.background.task('wrapping the keys of kept documents');
  }

  /** Says in the log what is missing; begins to remove what is not needed, and to wrap keys under the current one. */
  async start(): Promise<void> {
    const { storage, log, tendMs = TEND_MS } = this.#options;
    await this.#nameMissingKeys();
    this.#next(async () => {
      await storage.check().catch((error: unknown) => {
        if (this.#isClosed) return;
        log.warn(
          { err: error },
          'the vault cannot be reached: documents are notarized, but not kept or shown',
        );
      });
      await this.#tend();
    });
    this.#timer = setInterval(() => {
      this.#next(() => this.#tend());
    }, tendMs);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#options.storage.close();
    await this.#running;
  }

  /**
   * Writes a document into the storage while it is hashed. Nobody can read it before it is kept for a notarization.
   * @param organization its number
   * @param announced how long it will be, in bytes, as far as that is known
   * @throws {VaultError} full, unavailable, expired; and what the document's stream throws
   */
  async write(organization: number, announced: Announced, hashing: Hashing): Promise<WrittenDocument> {
    const { store, storage } = this.#options;
    const quota = announced.isRepeated === true ? null : this.#options.quota;
    const left = quota === null ? null : quota - (await store.vaultUse(organization));
    if (left !== null && (left < 1 || announced.atLeast > left)) throw this.#full();
    const object = Uint8Array.from(randomBytes(ID_LENGTH));
    const key = randomBytes(KEY_LENGTH);
    await store.beginVaultObject(object, organization, this.#now());
    try {
      const { sha256, size } = await hashing((document) =>
        storage.write(
          toHex(object),
          sealDocument(key, this.#watched(object, document, left)),
          announced.atMost === null ? null : sealedLength(announced.atMost),
        ),
      );
      const use = { object, organization, size, sha256 };
      const finished = { id: object, organization, size, key: this.#wrapped(key, use) };
      const outcome = await store.finishVaultObject(finished, quota, this.#now());
      if (outcome === 'full') throw this.#full();
      if (outcome === 'gone') throw expired();
      return { object, sha256, size };
    } catch (error) {
      await this.discard([object]);
      throw error;
    } finally {
      key.fill(0);
    }
  }

  /**
   * Keeps written documents for the notarizations of an organization.
   * @throws {VaultError} full, expired; {StoreError} unavailable; outcome_unknown: it can be repeated
   */
  async keep(
    documents: readonly { readonly position: number; readonly object: Uint8Array }[],
    organization: number,
  ): Promise<void> {
    const { store, quota } = this.#options;
    const outcome = await store.keepDocuments(documents, organization, quota);
    if (outcome === 'full') throw this.#full();
    if (outcome === 'gone') throw expired();
    // Of those that the organization kept before, there was another object.
    this.remove();
  }

  /** Destroys the keys of written documents that are not going to be kept. What cannot be done now is done later. */
  async discard(objects: readonly Uint8Array[]): Promise<void> {
    await this.#removing.run(async () => {
      for (const object of objects) await this.#options.store.dropVaultObject(object);
    });
    this.remove();
  }

  /** null: the document is not kept. @throws {VaultError} key_missing, damaged */
  async ofNotarization(position: number): Promise<KeptDocument | null> {
    const found = await this.#options.store.keptDocument(position);
    return found === null ? null : this.#readable(found);
  }

  /**
   * What an organization keeps with this digest; null: nothing, or the one who shows it may not read.
   * @param organization its number
   * @param by who shows it: `key:<id>` or `person:<id>`
   * @throws {VaultError} key_missing, damaged
   */
  async ofDigest(organization: number, sha256: Uint8Array, by: string): Promise<KeptDocument | null> {
    const found = await this.#options.store.keptByDigest(organization, sha256, by);
    return found === null ? null : this.#readable(found);
  }

  /** Whether there is one, also if it cannot be read now. */
  async has(organization: number, sha256: Uint8Array, by: string): Promise<boolean> {
    return (await this.#options.store.keptByDigest(organization, sha256, by)) !== null;
  }

  /**
   * What the organization that has submitted the terms of a contract keeps of its document; null: nothing.
   * @throws {VaultError} key_missing, damaged
   */
  async ofRecord(
    record: Uint8Array,
    sha256: Uint8Array,
  ): Promise<(KeptDocument & { readonly position: number }) | null> {
    const found = await this.#options.store.keptForRecord(record, sha256);
    return found === null ? null : { ...this.#readable(found), position: found.position };
  }

  /** Reads a kept document from its first byte to its last. @throws {VaultError} it is not what was notarized */
  async verify(found: VaultObject): Promise<void> {
    const kept = this.#readable(found);
    const hash = createHash('sha256');
    for await (const bytes of kept.read({ first: 0, last: kept.size - 1 })) hash.update(bytes);
    if (!equal(hash.digest(), kept.sha256))
      throw new VaultError('damaged', 'it was another document when it was kept');
  }

  /**
   * Removes, in the background, the bytes of documents whose keys are destroyed: no request waits for a storage that
   * may be away.
   */
  remove(): void {
    this.#next(() => this.#removing.run(() => this.#removeDue()));
  }

  /** One after the other. While the storage does not answer, no more than one waits: it does what others would. */
  #next(work: () => Promise<unknown>): void {
    this.#waiting = work;
    this.#running ??= this.#runWaiting().finally(() => {
      this.#running = null;
    });
  }

  async #runWaiting(): Promise<void> {
    for (let next = this.#waiting; next !== null; next = this.#waiting) {
      this.#waiting = null;
      await next();
    }
  }

  /** One object that cannot be removed does not keep the others. @throws what the first one failed with */
  async #removeDue(): Promise<void> {
    const { store, storage } = this.#options;
    const failed: unknown[] = [];
    let inARow = 0;
    let ids: readonly Uint8Array[];
    do {
      ids = await store.vaultRemovals(this.#removedTo, BATCH);
      const removed: Uint8Array[] = [];
      for (const id of ids) {
        if (this.#isClosed || inARow === GIVE_UP_AFTER) break;
        this.#removedTo = id;
        try {
          await storage.remove(toHex(id));
          removed.push(id);
          inARow = 0;
        } catch (error) {
          failed.push(error);
          inARow++;
        }
      }
      if (removed.length > 0) await store.forgetVaultObjects(removed);
    } while (ids.length === BATCH && !this.#isClosed && inARow < GIVE_UP_AFTER);
    // Those behind the ones that failed come first next time.
    if (inARow < GIVE_UP_AFTER) this.#removedTo = null;
    if (failed.length > 0) throw failed[0];
  }

  #readable(found: VaultObject): KeptDocument {
    const { id, sha256, size } = found;
    const key = this.#unwrapped(found);
    const { storage } = this.#options;
    const name = toHex(id);
    return {
      ...{ sha256, size },
      read: (range) => openDocument(key, size, range, (sealed) => storage.read(name, sealed)),
    };
  }

  /** The document, as long as there is room for it. */
  async *#watched(
    object: Uint8Array,
    document: AsyncIterable<Uint8Array>,
    left: number | null,
  ): AsyncGenerator<Uint8Array> {
    let touchedAt = performance.now();
    let seen = 0;
    for await (const bytes of document) {
      seen += bytes.length;
      if (left !== null && seen > left) throw this.#full();
      if (performance.now() - touchedAt > TOUCH_MS) {
        touchedAt = performance.now();
        await this.#options.store.touchVaultObject(object, this.#now());
      }
      yield bytes;
    }
  }

  #wrapped(key: Uint8Array, use: Parameters<VaultKeys['wrap']>[1]): StoredVaultKey {
    const { keys, erasureKeys } = this.#options;
    const { by, text } = keys.wrap(key, use);
    if (erasureKeys === null) return { by, wrapped: text, reference: null };
    const { reference, seal } = erasureKeys.keys.draw();
    return { by, wrapped: seal(text), reference };
  }

  #unwrapped({ id, organization, size, sha256, key }: VaultObject): Uint8Array {
    const { keys, erasureKeys } = this.#options;
    const text = key.reference === null ? key.wrapped : (erasureKeys?.keys.open(key.wrapped) ?? null);
    if (text === null) {
      throw new VaultError(
        'key_missing',
        'the data key of the document is not in the file that INGAM_ERASURE_KEYS names',
      );
    }
    return keys.unwrap({ by: key.by, text }, { object: id, organization, size, sha256 });
  }

  async #nameMissingKeys(): Promise<void> {
    const { store, keys, log } = this.#options;
    const missing = (await store.vaultKeys()).filter((id) => !keys.has(id));
    if (missing.length === 0) return;
    log.warn(
      { keys: missing },
      'the vault has documents under keys that INGAM_VAULT_KEY does not have: they cannot be read. Add the former keys behind the first',
    );
  }

  async #tend(): Promise<void> {
    if (this.#isClosed) return;
    await this.#removing.run(async () => {
      const before = this.#now() - ABANDONED_MS;
      while ((await this.#options.store.dropAbandonedObjects(before, BATCH)) === BATCH) {
        if (this.#isClosed) return;
      }
      await this.#removeDue();
    });
    await this.#wrapping.run(() => this.#wrapAgain());
  }

  /**
   * Wraps what is under former keys under the current one, so that they can be taken out of the configuration. One key
   * that does not open does not keep the others. @throws what the first one failed with
   */
  async #wrapAgain(): Promise<void> {
    const { store, keys, log } = this.#options;
    let after: Uint8Array | null = null;
    let wrapped = 0;
    const failed: VaultError[] = [];
    for (;;) {
      const found: readonly VaultObject[] = await store.keptObjects(keys.current, after, BATCH);
      for (const each of found) {
        if (this.#isClosed) return;
        after = each.id;
        // Its key is named at the start.
        if (!keys.has(each.key.by)) continue;
        const { id: object, organization, size, sha256 } = each;
        try {
          const key = this.#unwrapped(each);
          const next = this.#wrapped(key, { object, organization, size, sha256 });
          if (await store.replaceVaultKey(object, each.key, next)) wrapped++;
        } catch (error) {
          if (!(error instanceof VaultError)) throw error;
          failed.push(error);
        }
      }
      if (found.length < BATCH) break;
    }
    if (wrapped > 0)
      log.info(
        { documents: wrapped, key: keys.current },
        'the keys of kept documents are under the current key',
      );
    const [first] = failed;
    if (first !== undefined) throw first;
  }

  #full(): VaultError {
    return new VaultError(
      'full',
      `the organization may keep ${this.#options.quota ?? 0} bytes, and this document does not fit: erase what is not needed, or notarize it without keeping it`,
    );
  }

  #now(): number {
    return (this.#options.clock ?? Date.now)();
  }
}

function expired(): VaultError {
  return new VaultError(
    'expired',
    'keeping the document took too long: upload it again with the same Idempotency-Key',
  );
}
