import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { equal, formatProof, PENDING_FORMAT, type PendingProof, type ProofFile } from '../../proof/index.js';
import { Failure, fileFailure, systemCode } from '../failure.js';
import { PROOF_SUFFIX, readProof } from '../input/read-proof.js';
import { isoTime } from '../output/text.js';

/** What lies where the proof of a document belongs. */
export type Occupant =
  | { readonly kind: 'nothing' }
  /** The final proof of this very document. */
  | { readonly kind: 'final'; readonly proof: ProofFile }
  | { readonly kind: 'pending'; readonly proof: PendingProof }
  /** A proof of other bytes: as a rule of an earlier version of the same file. */
  | { readonly kind: 'earlier'; readonly proof: ProofFile | PendingProof }
  /** Not a proof: not ours to replace. */
  | { readonly kind: 'foreign'; readonly failure: Failure };

/** @param path absolute */
export async function occupantOf(path: string, sha256: Uint8Array): Promise<Occupant> {
  try {
    const proof = await readProof(path);
    if (!equal(proof.document.sha256, sha256)) return { kind: 'earlier', proof };
    return proof.format === PENDING_FORMAT ? { kind: 'pending', proof } : { kind: 'final', proof };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (systemCode(error.cause) === 'ENOENT') return { kind: 'nothing' };
    return { kind: 'foreign', failure: error };
  }
}

/**
 * Writes a proof so that at every moment there is either no file of that name or a whole one, on disk.
 * @param replace whether a file of that name may be replaced; otherwise it is a `conflict`
 */
export async function writeProof(
  path: string,
  proof: ProofFile | PendingProof,
  replace: boolean,
): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await mkdir(folder, { recursive: true });
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(formatProof(proof));
      await file.sync();
    } finally {
      await file.close();
    }
    if (replace) await rename(temporary, path);
    else await linkOrRename(temporary, path);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') {
      throw new Failure('conflict', `${path} appeared in the meantime, and was left as it is`);
    }
    throw fileFailure(error, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** A link never replaces a file; a rename does. Where there are no links (FAT, some network disks), the moment is accepted. */
async function linkOrRename(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw error;
    await rename(temporary, path);
  }
}

/**
 * Keeps the proof of an earlier version under a name with its time, so that the plain name can go to the current one.
 * @returns the absolute path of the copy
 */
export async function keepEarlier(path: string, proof: ProofFile | PendingProof): Promise<string> {
  const stem = path.endsWith(PROOF_SUFFIX) ? path.slice(0, -PROOF_SUFFIX.length) : path;
  const time = isoTime(proof.entry.acceptedAt).replaceAll(/[:.]/g, '-');
  for (let n = 1; ; n++) {
    const copy = `${stem}.${time}${n === 1 ? '' : `-${n}`}${PROOF_SUFFIX}`;
    try {
      await copyFile(path, copy, constants.COPYFILE_EXCL);
      return copy;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw fileFailure(error, copy);
    }
  }
}
