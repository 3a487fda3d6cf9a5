import { parseProof, PENDING_FORMAT } from '../proof/index.js';
import { createCertificate } from './certificate.js';
import { CertificateError, type CertificateErrorCode, type CertificateInput } from './facts.js';

/** A CertificateInput that can be passed between threads: the proof is the text of its file. */
export type CertificateOrder = Omit<CertificateInput, 'proof'> & { readonly proof: string };

/** Errors lose their code between threads, so the code is returned as a value. */
export type CertificateResult =
  | { readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly code: CertificateErrorCode; readonly message: string };

/** Runs in a worker thread, so that the process keeps answering requests. */
export async function make({ proof: text, ...rest }: CertificateOrder): Promise<CertificateResult> {
  const proof = parseProof(text);
  if (proof.format === PENDING_FORMAT) throw new TypeError('a pending proof has no certificate');
  try {
    return { bytes: new Uint8Array(await createCertificate({ ...rest, proof })) };
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    return { code: error.code, message: error.message };
  }
}
