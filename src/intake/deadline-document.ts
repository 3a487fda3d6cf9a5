import { randomBytes } from 'node:crypto';
import { nodeSha256 } from '../crypto/primitives.js';
import {
  ANONYMOUS,
  canonicalDetails,
  detailsDigestOf,
  encodeEntry,
  KIND_DOCUMENT,
  SALT_LENGTH,
  utf8,
} from '../proof/index.js';
import type { Store } from '../store/index.js';
import type { Receipts } from './receipts.js';

const DETAILS = { for: 'deadlines' };

/**
 * Accepts a small document of the service's own, so that a block is sealed though nobody submits anything: a
 * record waits for a time that has come.
 * @param height of the block that will hold it
 * @throws {StoreError}
 */
export async function acceptForDeadlines(
  store: Pick<Store, 'accept'>,
  receipts: Receipts,
  origin: string,
  height: number,
): Promise<void> {
  const bytes = utf8(`ingam/deadlines/v1\n${origin}\n${height}\n`);
  const salt = new Uint8Array(randomBytes(SALT_LENGTH));
  const entry = {
    kind: KIND_DOCUMENT,
    digest: nodeSha256(bytes),
    size: bytes.length,
    acceptedAt: Date.now(),
    salt,
    accountTag: ANONYMOUS,
    detailsDigest: detailsDigestOf(salt, DETAILS),
  };
  await store.accept({
    acceptedAt: entry.acceptedAt,
    entries: [entry],
    receipt: (await receipts.sign(encodeEntry(entry), entry.acceptedAt)).note,
    details: [{ index: 0, json: canonicalDetails(DETAILS), words: [] }],
    idempotency: [],
    register: [],
  });
}
