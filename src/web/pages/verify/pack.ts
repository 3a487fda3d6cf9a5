import { equal } from '../../../proof/bytes.js';
import { proofOfCertificate } from '../../../proof/certificate.js';
import { formatProof, type ProofFile } from '../../../proof/proof-file.js';
import { printedName } from '../../lib/certificate.js';
import { type ChosenFile, saveBlob, zipBlob } from '../../lib/files.js';
import { localProblem, ProblemError } from '../../lib/request.js';
import { messages } from '../../messages/verify.js';
import { isPending } from './arrange.js';
import { type CheckedProof, type Directory, idOf, isHere } from './check.js';
import type { VerifyContext } from './checks.js';

/**
 * Saves the evidence pack of a verified document. It is made here: the document is sent nowhere.
 * @returns what to know of it
 */
export async function savePack(
  checked: CheckedProof,
  { file }: ChosenFile,
  sha256: Uint8Array,
  { directory, pack }: Pick<VerifyContext, 'directory' | 'pack'>,
): Promise<string> {
  const { proof, verification, trust } = checked;
  if (isPending(proof)) throw new RangeError('a pending proof is no evidence');
  const [{ buildPack, MAX_PACKED_DOCUMENT, zipPack }, verifier, certificate] = await Promise.all([
    pack.load(),
    pack.verifier(),
    certificateOf(checked, proof, directory, file.name),
  ]);
  const { name, size } = file;
  const isLarge = size > MAX_PACKED_DOCUMENT;
  const files = buildPack({
    proofs: [{ proof, verification, certificate }],
    document: { facts: { sha256, size }, name, bytes: isLarge ? null : await bytesOf(file) },
    policy: trust.policy,
    verifier,
  });
  const saved = `${name}.evidence.zip`;
  saveBlob(saved, await zipBlob(zipPack(files, proof.block.header.sealedAt)));
  const t = messages();
  return [
    t.packSaved(saved),
    ...(isLarge ? [t.packWithoutDocument] : []),
    ...(certificate === null ? [t.packWithoutCertificate] : []),
  ].join(' ');
}

/** Browsers refuse to read a file that has changed since it was chosen. */
async function bytesOf(file: File): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    throw localProblem('unreadable_document');
  }
}

/** The service's certificate, if it is about this very proof: what is in the pack must be one. null: none. */
async function certificateOf(
  checked: CheckedProof,
  proof: ProofFile,
  directory: Directory | null,
  documentName: string,
): Promise<Uint8Array | null> {
  if (directory === null || !isHere(checked)) return null;
  try {
    const bytes = new Uint8Array(
      await (await directory.certificate({ id: idOf(proof), name: printedName(documentName) })).arrayBuffer(),
    );
    const own = new TextEncoder().encode(formatProof(proof));
    return equal(proofOfCertificate(bytes), own) ? bytes : null;
  } catch (error) {
    // Not for everybody, or not now.
    if (error instanceof ProblemError) return null;
    throw error;
  }
}
