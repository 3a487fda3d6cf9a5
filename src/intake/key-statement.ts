import { randomBytes } from 'node:crypto';
import {
  ANONYMOUS,
  encodeEntry,
  KIND_DOCUMENT,
  NO_DETAILS,
  type NoteSigner,
  SALT_LENGTH,
  sha256,
  signKeyStatement,
  utf8,
} from '../proof/index.js';
import type { Store } from '../store/index.js';
import type { Receipts } from './receipts.js';

/**
 * Records in the chain that these keys sign the log from the next block on. It is one transaction, so it can be
 * repeated after an interruption.
 * @param ordinal how many statements there are already
 * @returns false: somebody else was faster
 * @throws {StoreError}
 */
export async function stateLogKeys(
  store: Pick<Store, 'acceptKeyStatement'>,
  receipts: Receipts,
  ordinal: number,
  signers: readonly NoteSigner[],
): Promise<boolean> {
  const note = signKeyStatement(signers);
  const bytes = utf8(note);
  const entry = {
    kind: KIND_DOCUMENT,
    digest: sha256(bytes),
    size: bytes.length,
    acceptedAt: Date.now(),
    salt: new Uint8Array(randomBytes(SALT_LENGTH)),
    accountTag: ANONYMOUS,
    detailsDigest: NO_DETAILS,
  };
  const receipt = (await receipts.sign(encodeEntry(entry), entry.acceptedAt)).note;
  return store.acceptKeyStatement({ ordinal, entry, note, receipt });
}
