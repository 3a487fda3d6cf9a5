import { createHash, type Hash, randomBytes } from 'node:crypto';
import { Slices } from '../background/slices.js';
import type { DrawnKey } from '../crypto/erasure-keys.js';
import { nodeSha256 } from '../crypto/primitives.js';
import {
  accountTagOf,
  canonicalDetails,
  detailsHash,
  type Entry,
  type JsonObject,
  KIND_DOCUMENT,
  KIND_EVENT,
  NO_DETAILS,
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
  /** Of a document that is an event of a record. */
  readonly event?: DocumentEvent;
}

/** What makes a document an event; its details are the event's body. */
export interface DocumentEvent {
  /** The record's id, 32 bytes. */
  readonly record: Uint8Array;
  readonly sequence: number;
  readonly type: string;
  /** The signed note. */
  readonly note: string;
  /** The record's value before, 32 bytes. */
  readonly before: Uint8Array;
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
   * Looks at the submission once more, before its quota is reserved, unless it repeats an earlier one. Its
   * rejection rejects the submission.
   */
  readonly admit?: () => Promise<void>;
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
  /** The canonical form of each document's details; null: none. */
  readonly details: readonly (string | null)[];
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
  /** The canonical form of each document's details; null: none. */
  readonly details: readonly (string | null)[];
  /** `index` counts within `entries`. */
  readonly detailsTexts: readonly {
    readonly index: number;
    readonly json: string;
    /** Search terms of the organization's register. */
    readonly words: readonly string[];
  }[];
  /** Characters of all details. */
  readonly detailsLength: number;
  /** Those of `entries` that are events; `index` counts within `entries`. */
  readonly events: readonly (DocumentEvent & { readonly index: number })[];
  readonly idempotency: {
    readonly scope: string;
    readonly key: string;
    readonly fingerprint: Uint8Array;
  } | null;
}

/** Draws a data key for a new document: the salt of its entry follows from it. */
export type DrawKey = () => DrawnKey;

/** Lets other requests run in between: a submission can have megabytes of details. */
export async function prepare(
  { documents, submitter, idempotencyKey, acceptedAt }: Submission,
  drawKey: DrawKey | null = null,
): Promise<PreparedSubmission> {
  const slices = new Slices();
  const organizationId = submitter?.organizationId ?? null;
  const salts = randomBytes(SALT_LENGTH * documents.length);
  const entries: NewEntry[] = [];
  const details: (string | null)[] = [];
  const detailsTexts: { index: number; json: string; words: readonly string[] }[] = [];
  const events: (DocumentEvent & { readonly index: number })[] = [];
  const fingerprint = idempotencyKey === null ? null : new Fingerprint(organizationId, documents.length);
  for (const [i, document] of documents.entries()) {
    if (slices.isOver) await slices.next();
    // What a record's event says is in the record's state too: its body needs no data key.
    const drawn = document.event === undefined ? drawKey?.() : undefined;
    const salt = drawn?.salt ?? new Uint8Array(salts.buffer, salts.byteOffset + i * SALT_LENGTH, SALT_LENGTH);
    const json = document.details === null ? null : canonicalDetails(document.details);
    const bytes = json === null ? null : utf8(json);
    entries.push({
      kind: document.event === undefined ? KIND_DOCUMENT : KIND_EVENT,
      digest: document.sha256,
      size: document.size,
      salt,
      accountTag: accountTagOf(salt, organizationId, nodeSha256),
      detailsDigest: bytes === null ? NO_DETAILS : detailsHash(salt, bytes, nodeSha256),
      reference: drawn?.reference,
    });
    details.push(json);
    if (json !== null && document.details !== null) {
      const words = submitter === null ? [] : lexemesOf(submitter.organizationNumber, document.details);
      detailsTexts.push({ index: i, json: drawn?.seal(json) ?? json, words });
    }
    if (document.event !== undefined) events.push({ ...document.event, index: i });
    fingerprint?.add(document.sha256, document.size, bytes);
  }
  return {
    submitter,
    acceptedAt: acceptedAt ?? null,
    entries,
    details,
    detailsTexts,
    events,
    detailsLength: detailsTexts.reduce((sum, { json }) => sum + json.length, 0),
    idempotency:
      idempotencyKey === null || fingerprint === null
        ? null
        : idempotencyOf(fingerprint.digest(), organizationId, idempotencyKey),
  };
}

function idempotencyOf(fingerprint: Uint8Array, organizationId: string | null, key: string) {
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
export class Fingerprint {
  readonly #running: Hash;

  constructor(organization: string | null, count: number) {
    this.#running = createHash('sha256').update(JSON.stringify([organization, count]));
  }

  /** @param details their canonical form in UTF-8; null: none */
  add(sha256: Uint8Array, size: number | null, details: Uint8Array | null): void {
    this.#running.update(sha256).update(`${size ?? '-'} ${details?.length ?? 0} `);
    if (details !== null) this.#running.update(details);
  }

  digest(): Uint8Array {
    return this.#running.digest();
  }
}
