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
import type { OwnReceipt } from './receipts.js';

/** A document as it is submitted, without its bytes. */
export interface NewDocument {
  /** 32 bytes. */
  readonly sha256: Uint8Array;
  /** Length in bytes; null when the client sent only a digest. */
  readonly size: number | null;
  readonly details: JsonObject | null;
}

/** Who submits, and on behalf of which organization. */
export interface Submitter {
  readonly organizationId: string;
  /** The organization's number in database rows. */
  readonly organizationNumber: number;
  /** For the organization's register: `key:<id>` or `person:<id>`. */
  readonly actor: string;
}

/** What a submission costs its submitter. */
export interface Quota {
  /** Takes the cost. Its rejection rejects the submission. */
  reserve(): Promise<void>;
  /** Gives back what `reserve` took. Never rejects. */
  release(): Promise<void>;
}

/** What is accepted completely or not at all. */
export interface Submission {
  /** At least one. */
  readonly documents: readonly NewDocument[];
  /** null: anonymous. */
  readonly submitter: Submitter | null;
  readonly idempotencyKey: string | null;
  /** null: free. */
  readonly quota: Quota | null;
  /**
   * The time of acceptance, in milliseconds since the Unix epoch, for documents that state it themselves and so
   * were made for it a moment ago. Absent: the time at which they are written.
   */
  readonly acceptedAt?: number;
}

export interface Accepted {
  /** The entries have consecutive positions, from this one on. */
  readonly firstPosition: number;
  /** In the order of the submission's documents. */
  readonly entries: readonly Entry[];
  /** The entries encoded one after the other, ENTRY_LENGTH bytes each. */
  readonly encoded: Uint8Array;
  readonly details: readonly (JsonObject | null)[];
  /** null: not stored any more, because a block holds the entries. Only in a replay. */
  readonly receipt: OwnReceipt | null;
  /** Whether this is the acceptance of an earlier request with the same idempotency key. */
  readonly replayed: boolean;
}

/** A submission ready for its commit, which adds positions and time. */
export interface PreparedSubmission {
  readonly entries: readonly NewEntry[];
  readonly submitter: Submitter | null;
  /** null: the time at which the group is formed. */
  readonly acceptedAt: number | null;
  readonly details: readonly (JsonObject | null)[];
  /** `index` counts within `entries`. */
  readonly detailsTexts: readonly {
    readonly index: number;
    readonly json: string;
    /** Search terms of the organization's register. */
    readonly words: readonly string[];
  }[];
  readonly idempotency: {
    readonly scope: string;
    readonly key: string;
    readonly fingerprint: Uint8Array;
  } | null;
}

export function prepare({
  documents,
  submitter,
  idempotencyKey,
  acceptedAt,
}: Submission): PreparedSubmission {
  const organizationId = submitter?.organizationId ?? null;
  const salts = randomBytes(SALT_LENGTH * documents.length);
  return {
    submitter,
    acceptedAt: acceptedAt ?? null,
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
    idempotency: idempotencyKey === null ? null : idempotencyOf(documents, organizationId, idempotencyKey),
  };
}

function idempotencyOf(documents: readonly NewDocument[], organizationId: string | null, key: string) {
  const fingerprint = fingerprintOf(documents, organizationId);
  // Anonymous clients cannot be told apart, and must not be able to claim each other's keys: the same key
  // with other documents is another submission.
  const scope =
    organizationId === null
      ? `anonymous:${Buffer.from(fingerprint).toString('hex')}`
      : idempotencyScope(organizationId);
  return { scope, key, fingerprint };
}

/** Idempotency keys are unique within an organization. */
export function idempotencyScope(organizationId: string): string {
  return organizationId;
}

/** Equal for two submissions exactly when they ask for the same. */
function fingerprintOf(documents: readonly NewDocument[], organization: string | null): Uint8Array {
  return fingerprintOfTexts(
    documents.map(({ details, ...rest }) => ({
      ...rest,
      json: details === null ? '' : canonicalJson(details),
    })),
    organization,
  );
}

/** The same of documents whose details are text; empty: none. */
export function fingerprintOfTexts(
  documents: readonly { readonly sha256: Uint8Array; readonly size: number | null; readonly json: string }[],
  organization: string | null,
): Uint8Array {
  const running = createHash('sha256').update(JSON.stringify([organization, documents.length]));
  for (const { sha256, size, json } of documents) {
    running
      .update(sha256)
      .update(`${size ?? '-'} ${json.length} `)
      .update(utf8(json));
  }
  return running.digest();
}

/** Thrown by `hashDocument` when the document exceeds its limit. */
export class DocumentTooLarge extends Error {
  readonly maxBytes: number;

  constructor(maxBytes: number) {
    super(`the document has more than ${maxBytes} bytes`);
    this.name = 'DocumentTooLarge';
    this.maxBytes = maxBytes;
  }
}

/**
 * The SHA-256 and the length in bytes of what `source` yields. Holds one chunk at a time. Rejects with the
 * stream's own error when it breaks off, and with DocumentTooLarge as soon as the limit is exceeded.
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
