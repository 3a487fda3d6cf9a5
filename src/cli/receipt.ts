import { resolve } from 'node:path';
import { NODE } from '../crypto/primitives.js';
import {
  comparePromise,
  type DocumentFacts,
  type Entry,
  equal,
  PENDING_FORMAT,
  type PendingProof,
  type PromiseOutcome,
  type ProofFile,
  type Verification,
  verify,
} from '../proof/index.js';
import { usageError } from './failure.js';
import { readProof } from './files.js';
import { formatTime, grouped, type Io, isoTime } from './io.js';
import type { Trust } from './trust-store.js';
import { receiptsMessages } from './messages/receipts.js';
import { verifyMessages } from './messages/verify.js';

/**
 * A kept receipt beside a proof. This module is a part of `ingam verify`: it imports nothing that could reach
 * a network.
 */
export interface KeptReceipt {
  readonly path: string;
  readonly pending: PendingProof;
  /**
   * - invalid: the receipt is not for this document, or is damaged or forged.
   * - not_compared: the proof is not sealed yet, or not verified, so it shows nothing about the promise.
   */
  readonly outcome: PromiseOutcome | 'invalid' | 'not_compared';
  readonly lateMs: number;
  /** Whether a key that the user trusts has signed it: only then it is evidence. */
  readonly signed: boolean;
  /** Of the receipt itself. */
  readonly verification: Verification;
}

/** @throws {Failure} unreadable, malformed, usage */
export async function readReceipt(path: string, io: Io): Promise<PendingProof> {
  const receipt = await readProof(resolve(io.cwd, path), path);
  if (receipt.format === PENDING_FORMAT) return receipt;
  throw usageError(receiptsMessages().finalHasNone(path), receiptsMessages().giveKept);
}

export function compareReceipt(
  path: string,
  pending: PendingProof,
  {
    proof,
    document,
    verification,
    trust,
  }: {
    readonly proof: ProofFile | PendingProof;
    readonly document: DocumentFacts;
    readonly verification: Verification;
    readonly trust: Trust;
  },
): KeptReceipt {
  const own = verify({
    proof: pending,
    document,
    policy: null,
    receiptKeys: trust.receiptKeys,
    primitives: NODE,
  });
  const signed = own.steps.some(({ name, outcome }) => name === 'receipt_signature' && outcome === 'passed');
  const common = { path, pending, signed, verification: own };
  if (own.verdict === 'invalid') return { ...common, outcome: 'invalid', lateMs: 0 };
  if (proof.format === PENDING_FORMAT || verification.verdict !== 'verified')
    return { ...common, outcome: 'not_compared', lateMs: 0 };
  return { ...common, ...comparePromise(pending, proof) };
}

/** Whether the service did not do what the receipt promises, or nothing can be said about it. */
export function isBroken({ outcome }: KeptReceipt): boolean {
  return outcome !== 'kept' && outcome !== 'not_compared';
}

/** The receipt in the `--json` output. */
export function receiptJson({ path, pending, outcome, lateMs, signed }: KeptReceipt) {
  return {
    receipt: path,
    outcome,
    signed,
    acceptedAt: isoTime(pending.entry.acceptedAt),
    sealedBy: isoTime(pending.receipt.deadline),
    lateMs,
  };
}

/** Sentences about the promise, and what to keep. */
export function promiseSentences(
  kept: KeptReceipt,
  proof: ProofFile | PendingProof,
  proofPath: string,
): string[] {
  const { path, pending, outcome, lateMs, signed, verification } = kept;
  const { origin, deadline } = pending.receipt;
  const failed = verification.steps.find((step) => step.outcome === 'failed');
  const promise = receiptsMessages().promised(path, origin, formatTime(deadline));
  const keep = receiptsMessages().keep(path, proofPath);
  const unsigned = signed ? [] : [receiptsMessages().unsigned(path, origin)];
  switch (outcome) {
    case 'kept':
      return [receiptsMessages().kept(promise), ...unsigned];
    case 'late':
      return [
        receiptsMessages().late(promise, formatDelay(lateMs)),
        receiptsMessages().onlyWord(origin),
        keep,
        ...unsigned,
      ];
    case 'changed_entry':
      return [
        receiptsMessages().broken(promise),
        receiptsMessages().sameSalt(differences(pending.entry, proof.entry)),
        keep,
        ...unsigned,
      ];
    case 'other_entry':
      return [
        receiptsMessages().otherNotarization(
          path,
          formatTime(pending.entry.acceptedAt),
          formatTime(proof.entry.acceptedAt),
        ),
        receiptsMessages().getOwn(path),
        receiptsMessages().ifNone(origin, formatTime(deadline), path),
        ...unsigned,
      ];
    case 'other_document':
      return [receiptsMessages().otherDocument(path)];
    case 'other_log':
      return [receiptsMessages().otherLog(path, origin)];
    case 'invalid':
      return [
        receiptsMessages().notCompared(path, failed === undefined ? '' : verifyMessages().failure(failed)),
      ];
    case 'not_compared':
      return [
        proof.format === PENDING_FORMAT
          ? receiptsMessages().notComparedPending(path, proofPath)
          : receiptsMessages().notComparedUnverified(path, proofPath),
      ];
  }
}

const FIELDS = [
  'kind',
  'acceptedAt',
  'size',
  'accountTag',
  'detailsDigest',
] as const satisfies readonly (keyof Entry)[];

function differences(promised: Entry, sealed: Entry): string {
  const { fields } = receiptsMessages();
  const names = FIELDS.filter((field) => !same(promised[field], sealed[field])).map((field) => fields[field]);
  return receiptsMessages().different(names.join(', '));
}

function same(a: Entry[keyof Entry], b: Entry[keyof Entry]): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array ? equal(a, b) : a === b;
}

/** In whole seconds; below one in milliseconds. */
function formatDelay(ms: number): string {
  const { milliseconds, seconds } = receiptsMessages();
  return ms < 1000 ? milliseconds(grouped(ms)) : seconds(grouped(Math.floor(ms / 1000)));
}
