import { createHash, randomBytes } from 'node:crypto';
import { nodeSha256 } from '../crypto/primitives.js';
import {
  accountTagOf,
  canonicalJson,
  detailsDigestOf,
  type Entry,
  type JsonObject,
  KIND_DOCUMENT,
  SALT_LENGTH,
  utf8,
} from '../proof/index.js';
import { lexemesOf, type NewEntry } from '../store/index.js';

/** A document as it is submitted: never its bytes. */
export interface NewDocument {
  /** 32 bytes. */
  readonly sha256: Uint8Array;
  /** Length in bytes; null when the submitter gave only a digest. */
  readonly size: number | null;
  readonly details: JsonObject | null;
}

/** On whose behalf, and by whom, something is submitted. */
export interface Submitter {
  readonly organizationId: string;
  /** Stands for the organization in rows. */
  readonly organizationNumber: number;
  /** Who it was, for the organization's register: `key:<id>` or `person:<id>`. */
  readonly actor: string;
}

/** What one request asks to be accepted, whole or not at all. */
export interface Submission {
  /** At least one. */
  readonly documents: readonly NewDocument[];
  /** null: anonymous. */
  readonly submitter: Submitter | null;
  /** `scope` keeps the keys of different submitters apart. */
  readonly idempotency: { readonly scope: string; readonly key: string } | null;
  /**
   * Called before anything new is written, and not when the submission repeats one that was accepted: that one's answer must not
   * be lost to a limit. Its rejection is passed on.
   */
  readonly beforeCommit?: () => Promise<void>;
}

export interface Accepted {
  readonly firstPosition: number;
  /** In the order of the submission's documents; positions follow one another. */
  readonly entries: readonly Entry[];
  /** The same, encoded one after the other: ENTRY_LENGTH bytes each. */
  readonly encoded: Uint8Array;
  readonly details: readonly (JsonObject | null)[];
  /** The signed receipt, a note's whole text. */
  readonly receipt: string;
  /** Whether an earlier request with the same idempotency key had been accepted, and this is its answer. */
  readonly replayed: boolean;
}

/** A submission made ready for its commit; what is left to add is position and time. */
export interface PreparedSubmission {
  readonly entries: readonly NewEntry[];
  readonly submitter: Submitter | null;
  readonly details: readonly (JsonObject | null)[];
  /** `index` counts within `entries`. */
  readonly detailsTexts: readonly {
    readonly index: number;
    readonly json: string;
    /** What the organization's register finds it by. */
    readonly words: readonly string[];
  }[];
  readonly idempotency: {
    readonly scope: string;
    readonly key: string;
    readonly fingerprint: Uint8Array;
  } | null;
}

export function prepare({ documents, submitter, idempotency }: Submission): PreparedSubmission {
  const organizationId = submitter?.organizationId ?? null;
  const salts = freshSalts(documents.length);
  return {
    submitter,
    entries: documents.map((document, i) => {
      const salt = new Uint8Array(salts.subarray(i * SALT_LENGTH, (i + 1) * SALT_LENGTH));
      return {
        kind: KIND_DOCUMENT,
        digest: document.sha256,
        size: document.size,
        salt,
        accountTag: accountTagOf(salt, organizationId, nodeSha256),
        detailsDigest: detailsDigestOf(salt, document.details),
      };
    }),
    details: documents.map(({ details }) => details),
    detailsTexts: documents.flatMap(({ details }, index) =>
      details === null
        ? []
        : [
            {
              index,
              json: canonicalJson(details),
              words: submitter === null ? [] : lexemesOf(submitter.organizationNumber, details),
            },
          ],
    ),
    idempotency:
      idempotency === null ? null : { ...idempotency, fingerprint: fingerprint(documents, organizationId) },
  };
}

/** Salts that are drawn at once: under load, a draw costs a submission of one document 15 µs, whether it is for one or for 256. */
const SALTS_AHEAD = 256;
let ahead: Uint8Array = new Uint8Array();

/** `count` salts that have been given to nobody else, one after the other. */
function freshSalts(count: number): Uint8Array {
  const length = SALT_LENGTH * count;
  if (count > SALTS_AHEAD) return randomBytes(length);
  if (ahead.length < length) ahead = randomBytes(SALT_LENGTH * SALTS_AHEAD);
  const salts = ahead.subarray(0, length);
  ahead = ahead.subarray(length);
  return salts;
}

/** Equal for two submissions exactly when they ask for the same. */
export function fingerprint(documents: readonly NewDocument[], organization: string | null): Uint8Array {
  const running = createHash('sha256').update(JSON.stringify([organization, documents.length]));
  for (const { sha256, size, details } of documents) {
    const json = details === null ? '' : canonicalJson(details);
    running
      .update(sha256)
      .update(`${size ?? '-'} ${json.length} `)
      .update(utf8(json));
  }
  return running.digest();
}

/** Thrown by `hashDocument` when the document goes beyond the limit it was given. */
export class DocumentTooLarge extends Error {
  readonly maxBytes: number;

  constructor(maxBytes: number) {
    super(`the document has more than ${maxBytes} bytes`);
    this.name = 'DocumentTooLarge';
    this.maxBytes = maxBytes;
  }
}

/**
 * Reads `source` to its end and gives the SHA-256 and the length of what came. Holds one chunk at a time, whatever the size.
 * Rejects with the stream's own error when it breaks off, and with DocumentTooLarge as soon as the limit is passed.
 */
export async function hashDocument(
  source: AsyncIterable<Uint8Array>,
  options: { readonly maxBytes?: number | null } = {},
): Promise<{ sha256: Uint8Array; size: number }> {
  const running = createHash('sha256');
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (options.maxBytes != null && size > options.maxBytes) throw new DocumentTooLarge(options.maxBytes);
    running.update(chunk);
  }
  return { sha256: running.digest(), size };
}
