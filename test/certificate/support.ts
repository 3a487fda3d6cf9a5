import { createCertificate } from '../../src/certificate/certificate.js';
import type { CertificateInput } from '../../src/certificate/facts.js';
import { parsePolicy, verify } from '../../src/proof/index.js';
import { makeProof, type Wish } from '../vectors/make/chain.js';
import { QUORUM_TRUST, TRUST } from '../vectors/make/keys.js';

export const VERIFY_PAGE = 'https://ingam.example.co.kr/verify';

/**
 * What a certificate is made of, about a proof of the vectors; with cosigners, two of three are asked for.
 */
export function inputOf(wish: Wish = {}, more: Partial<CertificateInput> = {}): CertificateInput {
  const proof = makeProof(wish);
  const policy = parsePolicy(wish.cosigners === undefined ? TRUST : QUORUM_TRUST);
  return {
    proof,
    verification: verify({ proof, document: null, policy }),
    language: 'en',
    timeZone: 'Asia/Seoul',
    verifyPage: VERIFY_PAGE,
    ...more,
  };
}

export function certificateOf(wish: Wish = {}, more: Partial<CertificateInput> = {}): Promise<Uint8Array> {
  return createCertificate(inputOf(wish, more));
}
