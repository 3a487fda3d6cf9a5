import { parseProof, PENDING_FORMAT } from '../proof/index.js';
import { createCertificate, CertificateError, type CertificateErrorCode } from './certificate.js';
import type { CertificateInput } from './facts.js';

/** What a certificate is made of, as it travels between threads: the proof as the text of its file. */
export type CertificateOrder = Omit<CertificateInput, 'proof'> & { readonly proof: string };

/** An error's code does not survive the way between threads, so it goes as a value. */
export type CertificateResult =
  | { readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly code: CertificateErrorCode; readonly message: string };

/** Runs in worker threads: the 0.2 s that a certificate takes are not 0.2 s in which nobody is answered. */
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
