import { equal } from '../../../proof/bytes.js';
import { proofOfCertificate } from '../../../proof/certificate.js';
import { formatProof, type ProofFile } from '../../../proof/proof-file.js';
import { problemLine } from '../../components/loaded.js';
import { button, type Child, element, setText } from '../../lib/dom.js';
import { type ChosenFile, saveBlob } from '../../lib/files.js';
import { localProblem, ProblemError } from '../../lib/request.js';
import { type CheckedProof, idOf, isPending, type Outcome, type VerifyContext } from './examination.js';
import { isHere } from './result.js';
import { messages } from '../../messages/verify.js';

/** Offers the evidence pack of a verified document. It is made here: the document is sent nowhere. */
export function packButton(
  { statement, document, checked }: Outcome,
  chosen: ChosenFile | null,
  { directory, pack }: Pick<VerifyContext, 'directory' | 'pack'>,
): { readonly button: Child; readonly line: Child }[] {
  if (statement !== 'verified' || document === null || checked === null || chosen === null) return [];
  const { proof, verification, trust } = checked;
  if (isPending(proof)) return [];
  const t = messages();
  const problem = problemLine(() => ({ unreadable_document: messages().unreadableDocument }));
  const said = element('p', { class: 'hint', role: 'status' });
  const make = async (): Promise<string[]> => {
    const [{ buildPack, MAX_PACKED_DOCUMENT, zipPack }, verifier, certificate] = await Promise.all([
      pack.load(),
      pack.verifier(),
      certificateOf(checked, proof, directory),
    ]);
    const { name, size, sha256 } = document;
    const isLarge = size > MAX_PACKED_DOCUMENT;
    const bytes = isLarge ? null : await bytesOf(chosen.file);
    const files = buildPack({
      proofs: [{ proof, verification, certificate }],
      document: { facts: { sha256, size }, name, bytes },
      policy: trust.policy,
      verifier,
    });
    const zip = new Response(zipPack(files, proof.block.header.sealedAt), {
      headers: { 'Content-Type': 'application/zip' },
    });
    const file = `${name}.evidence.zip`;
    saveBlob(file, await zip.blob());
    const now = messages();
    return [
      now.packSaved(file),
      ...(isLarge ? [now.packWithoutDocument] : []),
      ...(certificate === null ? [now.packWithoutCertificate] : []),
    ];
  };
  const save = async () => {
    press.setAttribute('aria-busy', 'true');
    setText(said, '');
    await problem.during(async () => {
      setText(said, (await make()).join(' '));
    });
    press.removeAttribute('aria-busy');
  };
  const press = button(t.savePack, () => void save(), { class: 'button', 'data-action': 'pack' });
  return [{ button: press, line: element('div', {}, said, problem.element) }];
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
  directory: VerifyContext['directory'],
): Promise<Uint8Array | null> {
  if (directory === null || !isHere(checked)) return null;
  try {
    const bytes = new Uint8Array(await (await directory.certificate(idOf(proof))).arrayBuffer());
    const own = new TextEncoder().encode(formatProof(proof));
    return equal(proofOfCertificate(bytes), own) ? bytes : null;
  } catch (error) {
    // Not for everybody, or not now.
    if (error instanceof ProblemError) return null;
    throw error;
  }
}
