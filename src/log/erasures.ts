import type { Background, BackgroundTask } from '../background/index.js';
import { nodeSha256 } from '../crypto/primitives.js';
import type { Intake } from '../intake/index.js';
import {
  checkSignature,
  concat,
  entryLeafHash,
  equal,
  formatNote,
  ID_SALT_LENGTH,
  type NoteSigner,
  parseNote,
  signErasure,
  signStatement,
  textKey,
  utf8,
} from '../proof/index.js';
import type { ErasureQuery, KnownErasure, NewAccessEvent, Store } from '../store/index.js';
import { type Notarization, parseNotarizationId } from './notarizations.js';

interface ErasuresOptions {
  readonly store: Store;
  readonly intake: Pick<Intake, 'accept'>;
  /** The keys that sign the log now. */
  readonly signers: () => Promise<readonly NoteSigner[]>;
  readonly origin: string;
  readonly background: Background;
  /** Destroys the data keys of what was erased. Absent: there are none. */
  readonly destroyKeys?: () => Promise<unknown>;
  /** Removes, in the background, the bytes of what was erased from the vault. Absent: there is none. */
  readonly removeKept?: () => void;
  /** Milliseconds since the Unix epoch. */
  readonly clock?: (() => number) | undefined;
}

/** Most certificates that are notarized in one run. */
const BATCH = 100;
/** When certificates could not be notarized, they are tried again after this long. */
const RETRY_MS = 60_000;

/**
 * Erases notarizations. The certificate is signed before, and stored in the transaction that erases: there is no
 * erasure without it, and no certificate of what was not erased. It is notarized afterwards, like any document; a
 * service that is stopped in between does so when it starts.
 */
export class Erasures {
  readonly #options: ErasuresOptions;
  readonly #task: BackgroundTask;
  readonly #destroying: BackgroundTask;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: ErasuresOptions) {
    this.#options = options;
    this.#task = options.background.task('notarizing certificates of erasures');
    this.#destroying = options.background.task('destroying data keys');
  }

  /** Notarizes, in the background, the certificates for which an earlier process had no time. */
  start(): void {
    this.#later(0);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  /**
   * Erases a sealed notarization for good, and notarizes the certificate. Idempotent.
   * @param by    person id
   * @param event of the access log; its time is set
   * @throws {StoreError} not_sealed, legal_hold, not_erasable, unavailable; outcome_unknown: call it again
   */
  async erase({ position, entry }: Notarization, by: string, event: NewAccessEvent): Promise<KnownErasure> {
    const { store, signers, origin, destroyKeys, removeKept, clock = Date.now } = this.#options;
    const erasedAt = clock();
    const statement = { origin, position, leafHash: entryLeafHash(entry, nodeSha256), erasedAt };
    const note = signErasure(statement, await signers());
    const idCheck = idCheckOf(position, entry.salt.subarray(0, ID_SALT_LENGTH));
    await store.eraseNotarization(
      { position, erasedAt, erasedBy: by, idCheck, digest: nodeSha256(utf8(note)), note },
      { ...event, at: erasedAt },
    );
    // A failure is logged and counted; it is tried again in the background, until nothing is left to destroy.
    if (destroyKeys !== undefined) await this.#destroying.run(destroyKeys);
    // Nobody can decrypt them any more.
    removeKept?.();
    return this.withCertificate(await this.#at(position));
  }

  /** The erasure of the notarization that had this id; null: there is none. */
  async find(id: string): Promise<KnownErasure | null> {
    const parsed = parseNotarizationId(id);
    const found = parsed && (await this.#options.store.erasure(parsed.position));
    if (parsed === null || found === null) return null;
    return equal(found.idCheck, idCheckOf(parsed.position, parsed.saltPrefix)) ? found : null;
  }

  /** The erasures of what was an organization's, the latest first. */
  list(query: ErasureQuery): Promise<KnownErasure[]> {
    return this.#options.store.erasures(query);
  }

  /**
   * The erasure with its certificate's notarization, which is made if there is none. When it cannot be made now, it
   * is made later.
   */
  async withCertificate(erasure: KnownErasure): Promise<KnownErasure> {
    if (erasure.certificate !== null) return erasure;
    if (await this.#task.run(() => this.#notarize(erasure))) return this.#at(erasure.position);
    this.#later(RETRY_MS);
    return erasure;
  }

  async #at(position: number): Promise<KnownErasure> {
    const erasure = await this.#options.store.erasure(position);
    if (erasure === null) throw new Error(`the erasure at position ${position} has no certificate`);
    return erasure;
  }

  /** In the name of who has erased. Notarized twice, by two requests at the same time, it is as good. */
  async #notarize(erasure: KnownErasure): Promise<void> {
    const { position, note, digest, organization, erasedBy } = await this.#countersigned(erasure);
    await this.#options.intake.accept({
      documents: [
        {
          sha256: digest,
          size: utf8(note).length,
          details: { name: erasureFileName(position), tags: [ERASURE_TAG] },
        },
      ],
      submitter: organization && {
        organizationId: organization.id,
        organizationNumber: organization.number,
        actor: `person:${erasedBy}`,
      },
      idempotencyKey: null,
      quota: null,
    });
  }

  /**
   * A former key of the log counts for what was sealed while it was in use. When the keys have changed since the
   * certificate was signed, the present ones sign it too.
   */
  async #countersigned(erasure: KnownErasure): Promise<KnownErasure> {
    const { store, signers } = this.#options;
    const present = await signers();
    const note = parseNote(erasure.note);
    if (present.some(({ key }) => checkSignature(note, textKey(key)).state === 'good')) return erasure;
    const { signatures } = signStatement(note.text, present);
    const text = formatNote({ text: note.text, signatures: [...note.signatures, ...signatures] });
    const after = { note: text, digest: nodeSha256(utf8(text)) };
    await store.countersignErasure(erasure, after);
    return this.#at(erasure.position);
  }

  #later(delayMs: number): void {
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#running = this.#notarizeDue();
    }, delayMs);
    this.#timer.unref();
  }

  async #notarizeDue(): Promise<void> {
    const isDone = await this.#task.run(async () => {
      for (;;) {
        const due = await this.#options.store.unnotarizedErasures(BATCH);
        if (due.length === 0) return;
        for (const erasure of due) {
          if (this.#isClosed) return;
          await this.#notarize(erasure);
        }
      }
    });
    if (!isDone) this.#later(RETRY_MS);
  }
}

function erasureFileName(position: number): string {
  return `erasure-${position}.txt`;
}

/** By which an organization finds the certificates in its register. */
const ERASURE_TAG = 'erasure certificate';
const ID_CHECK_BYTES = 4;
const ID_CHECK = utf8('ingam/erased-id/v1');

/**
 * What stays of an id after the erasure, to answer who has it. Of the 16 bytes of the salt it tells no more than
 * these 4 do: the rest cannot be guessed.
 */
function idCheckOf(position: number, saltPrefix: Uint8Array): Uint8Array {
  return nodeSha256(concat(ID_CHECK, utf8(`${position}`), saltPrefix)).slice(0, ID_CHECK_BYTES);
}
