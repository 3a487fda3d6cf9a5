import { NODE } from '../crypto/primitives.js';
import { verify, type Verification, type VerifyInput } from '../proof/index.js';
import { judgeAnchors } from '../proof/time/anchors.js';
import { askCrl } from '../proof/time/crl.js';
import { verifyDrandRound, type DrandChain, type DrandRound } from '../proof/time/drand.js';
import { parseCertificate, verifyToken, type TokenInput } from '../proof/time/rfc3161.js';

/** Runs in a worker thread: a drand round alone takes a fifth of a second. */

/** Parsed certificates cannot be sent to a thread. */
export interface TokenQuestion extends Omit<TokenInput, 'roots'> {
  /** DER. */
  readonly roots: readonly Uint8Array[];
}

/** Two certificates of a chain, in DER, and where a list is that would revoke the first. */
export interface Link {
  readonly certificate: Uint8Array;
  readonly issuer: Uint8Array;
  readonly urls: readonly string[];
}

export type TokenAnswer =
  | { readonly counts: true; readonly validUntil: number; readonly links: readonly Link[] }
  | { readonly counts: false; readonly message: string };

/** @throws {DerError} for a malformed root */
export function judgeToken({ roots, ...question }: TokenQuestion): TokenAnswer {
  const verdict = verifyToken({ ...question, roots: roots.map(parseCertificate) });
  if (!verdict.counts) return verdict;
  const { chain, validUntil } = verdict.stamp;
  const links = chain.flatMap((certificate, i): Link[] => {
    const issuer = chain[i + 1];
    if (issuer === undefined) return [];
    const urls = certificate.extensions.crlPoints.flatMap((point) => point.urls);
    return [{ certificate: certificate.der, issuer: issuer.der, urls }];
  });
  return { counts: true, validUntil, links };
}

export interface RoundQuestion {
  readonly chain: DrandChain;
  readonly round: DrandRound;
}

export function judgeRound({ chain, round }: RoundQuestion): boolean {
  return verifyDrandRound(chain, round);
}

export interface ListQuestion extends Omit<Link, 'urls'> {
  readonly list: Uint8Array;
}

/** Whether the list is one of the issuer of the certificate. */
export function judgeList({ list, certificate, issuer }: ListQuestion): boolean {
  return askCrl(list, parseCertificate(certificate), parseCertificate(issuer)) !== null;
}

export type ProofQuestion = Pick<VerifyInput, 'proof' | 'document' | 'policy' | 'receiptKeys'>;

/** `verify`, with its anchors. */
export function judgeProof(question: ProofQuestion): Verification {
  return verify({ ...question, primitives: NODE, time: { judge: judgeAnchors, now: Date.now() } });
}
