import { NODE, nodeSha256 } from '../crypto/primitives.js';
import {
  concat,
  parseHistory,
  type Policy,
  ProofError,
  type TimeReport,
  toHex,
  verify,
  type Verification,
  type VerifyInput,
} from '../proof/index.js';
import { historyReport } from '../proof/records/history-report.js';
import { verifyHistory } from '../proof/records/history.js';
import { judgeAnchors } from '../proof/time/anchors.js';
import { parseSignedToken } from '../proof/time/cms.js';
import { askCrl } from '../proof/time/crl.js';
import { DerError } from '../proof/time/der.js';
import { digestOf } from '../proof/time/digests.js';
import { verifyDrandRound, type DrandChain, type DrandRound } from '../proof/time/drand.js';
import { TokenRefusal } from '../proof/time/refusal.js';
import { parseCertificate, verifyToken, type Certificate, type TokenInput } from '../proof/time/rfc3161.js';
import { parseTstInfo } from '../proof/time/tst-info.js';

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
  return { counts: true, validUntil, links: linksOf(chain) };
}

function linksOf(chain: readonly Certificate[]): Link[] {
  return chain.flatMap((certificate, i): Link[] => {
    const issuer = chain[i + 1];
    if (issuer === undefined) return [];
    const urls = certificate.extensions.crlPoints.flatMap((point) => point.urls);
    return [{ certificate: certificate.der, issuer: issuer.der, urls }];
  });
}

export type ChainQuestion = Pick<TokenQuestion, 'token' | 'roots'>;

/** By all certificates: thousands of tokens share a chain, which takes milliseconds to check. */
const chains = new Map<string, readonly Link[]>();
const MAX_CHAINS = 64;

/** The chain of a token, whatever it is about; empty: it does not count for one of these roots. */
export function chainOf({ token, roots }: ChainQuestion): readonly Link[] {
  try {
    const { content, certificates } = parseSignedToken(token);
    const key = toHex(nodeSha256(concat(...certificates, ...roots)));
    const known = chains.get(key);
    if (known !== undefined) return known;
    const { digest, imprint } = parseTstInfo(content);
    const name = digestOf(digest).algorithm?.name;
    if (name === undefined) return [];
    const stamped = { digest: name, value: imprint };
    const verdict = verifyToken({ token, stamped, roots: roots.map(parseCertificate) });
    if (!verdict.counts) return [];
    if (chains.size >= MAX_CHAINS) chains.clear();
    const links = linksOf(verdict.stamp.chain);
    chains.set(key, links);
    return links;
  } catch (error) {
    if (error instanceof DerError || error instanceof TokenRefusal) return [];
    throw error;
  }
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

export interface HistoryQuestion {
  /** The bytes of the history file. */
  readonly source: Uint8Array;
  readonly policy: Policy;
}

/** `json`: the text of the report; `malformed`: why the file cannot be read. */
export type HistoryAnswer = { readonly json: string } | { readonly malformed: string };

/**
 * `verifyHistory`, with its anchors, as `historyReport` in JSON. An event's time is without the anchors that
 * it rests on: all events of a block have the same ones, so the report could be many times longer than the file.
 */
export function judgeHistory({ source, policy }: HistoryQuestion): HistoryAnswer {
  try {
    const history = parseHistory(source);
    const time = { judge: judgeAnchors, now: Date.now() };
    const report = historyReport(verifyHistory({ history, policy, primitives: NODE, time }), policy);
    const timeline = report.timeline.map((event) => ({ ...event, time: withoutAnchors(event.time) }));
    return { json: JSON.stringify({ ...report, timeline }) };
  } catch (error) {
    if (error instanceof ProofError) return { malformed: error.message };
    throw error;
  }
}

function withoutAnchors(time: TimeReport | null): Omit<TimeReport, 'anchors'> | null {
  if (time === null) return null;
  const { notBefore, notAfter, sources, of, conflict } = time;
  return { notBefore, notAfter, sources, of, conflict };
}
