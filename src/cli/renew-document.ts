import { resolve } from 'node:path';
import { Checker, RevocationLists, stamp } from '../anchoring/index.js';
import { SourceError } from '../anchoring/request.js';
import { NODE } from '../crypto/primitives.js';
import {
  formatProof,
  MAX_ANCHORS,
  MAX_PROOF_LENGTH,
  PENDING_FORMAT,
  utf8,
  verify,
  type ProofFile,
} from '../proof/index.js';
import { DOCUMENT_RENEWAL, formatDocumentRenewal } from '../proof/time/anchor.js';
import { documentRenewalBytes, documentRenewalFault } from '../proof/time/document-renewal.js';
import { parseCertificate } from '../proof/time/rfc3161.js';
import { Failure } from './failure.js';
import { digestFile, hashDocument, readProof, writeWhole } from './files.js';
import type { Io } from './io.js';
import { renewalMessages } from './messages/renewal.js';

type Source = Parameters<typeof stamp>[0];

/**
 * Has a document and its proof stamped together without SHA-256, and keeps the token in the proof. The renewals
 * before are in the proof that is stamped, and so are not kept a second time.
 * @throws {Failure}
 */
export async function renewDocument(shown: string, proofPath: string, source: Source, io: Io): Promise<void> {
  const path = resolve(io.cwd, proofPath);
  const proof = await readProof(path, proofPath);
  if (proof.format === PENDING_FORMAT)
    throw new Failure('conflict', renewalMessages().renewPending(proofPath));
  const document = await hashDocument(resolve(io.cwd, shown), shown, io);
  const { steps } = verify({ proof, document, policy: null, primitives: NODE });
  const wrong = steps.find(({ code }) => code !== null && code !== 'no_trusted_key');
  if (wrong !== undefined)
    throw new Failure('conflict', renewalMessages().renewWith(proofPath, shown, wrong.message));
  const { digest: sha3 } = await digestFile(resolve(io.cwd, shown), shown, 'sha3-512', io.signal);
  const covered = utf8(formatProof(proof));
  const kept = await stampBoth(documentRenewalBytes(sha3, covered), source, io);
  const renewal = { proof: covered, ...kept };
  const roots = source.roots.map(parseCertificate);
  const fault = documentRenewalFault(renewal, sha3, { roots, crls: [], existedBy: Date.now() });
  if (fault !== null)
    throw new Failure('unreachable', renewalMessages().noTimeStamp(fault), {
      hint: renewalMessages().strongerAuthority,
    });
  const others = proof.anchors.filter(({ type }) => type !== DOCUMENT_RENEWAL);
  const renewed: ProofFile = { ...proof, anchors: [...others, formatDocumentRenewal(renewal)] };
  const text = formatProof(renewed);
  if (renewed.anchors.length > MAX_ANCHORS || utf8(text).length > MAX_PROOF_LENGTH)
    throw new Failure('conflict', renewalMessages().renewTooLong(proofPath));
  await writeWhole(path, proofPath, text, true);
}

async function stampBoth(message: Uint8Array, source: Source, { signal }: Io) {
  const checker = new Checker();
  try {
    const lists = new RevocationLists(checker);
    const { token, crls } = await stamp(source, message, checker, lists, { signal }, 'sha512');
    return { token, crls };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw new Failure('unreachable', renewalMessages().noTimeStamp(error.message), {
      cause: error,
    });
  } finally {
    await checker.close();
  }
}
