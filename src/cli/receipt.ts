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
import { counted, formatTime, type Io, isoTime } from './io.js';
import type { Trust } from './trust-store.js';

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
  throw usageError(
    `${path} is a final proof, which contains no receipt`,
    'Give the pending proof that you kept from the time before the seal: ingam verify FILE PROOF --receipt PENDING',
  );
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
  const promise = `${path}: ${origin} promised to seal this entry by ${formatTime(deadline)}`;
  const keep = `Keep ${path} and ${proofPath} unchanged: together they show it.`;
  const unsigned = signed
    ? []
    : [
        `But no key that you trust has signed ${path}, so it shows nothing to others. Add the receipt key of ${origin}: --trust FILE --key VKEY ("receiptKeys" in GET /v1/chain).`,
      ];
  switch (outcome) {
    case 'kept':
      return [`${promise}, and did: the promise was kept.`, ...unsigned];
    case 'late':
      return [
        `${promise}, and sealed it ${formatDelay(lateMs)} later: the promise was not kept.`,
        `For the time before the seal, there is only the word of ${origin}.`,
        keep,
        ...unsigned,
      ];
    case 'changed_entry':
      return [
        `${promise}, and sealed another entry in its place: the promise was broken.`,
        `${differences(pending.entry, proof.entry)} The salt is the same, so this is not another notarization of the document.`,
        keep,
        ...unsigned,
      ];
    case 'other_entry':
      return [
        `${path} is for another notarization of this document: accepted ${formatTime(pending.entry.acceptedAt)}, while this proof is for the one accepted ${formatTime(proof.entry.acceptedAt)}.`,
        `So this proof does not show whether the promise was kept. Get the receipt's own proof: ingam upgrade ${path}`,
        `If ${origin} has none after ${formatTime(deadline)}, it broke its promise. Then keep ${path} and the document: the receipt shows what was accepted, and everybody who has the whole chain, such as a member, can show that no block contains it.`,
        ...unsigned,
      ];
    case 'other_document':
      return [`${path} is for another document than this proof: it says nothing about it.`];
    case 'other_log':
      return [
        `${path} is a receipt of ${origin}, and the proof is of another log: it says nothing about it.`,
      ];
    case 'invalid':
      return [
        `${path} was not compared: ${verification.steps.find((step) => step.outcome === 'failed')?.message ?? ''}`,
      ];
    case 'not_compared':
      return [
        proof.format === PENDING_FORMAT
          ? `${path} was not compared: ${proofPath} is not sealed yet.`
          : `${path} was not compared: ${proofPath} is not verified.`,
      ];
  }
}

const FIELDS = [
  ['kind', 'kind'],
  ['acceptedAt', 'time of acceptance'],
  ['size', 'size'],
  ['accountTag', 'organization'],
  ['detailsDigest', 'details'],
] as const satisfies readonly (readonly [keyof Entry, string])[];

function differences(promised: Entry, sealed: Entry): string {
  const names = FIELDS.filter(([field]) => !same(promised[field], sealed[field])).map(([, name]) => name);
  return `Different: ${names.join(', ')}.`;
}

function same(a: Entry[keyof Entry], b: Entry[keyof Entry]): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array ? equal(a, b) : a === b;
}

/** In whole seconds; below one in milliseconds. */
function formatDelay(ms: number): string {
  return ms < 1000 ? counted(ms, 'millisecond') : counted(Math.floor(ms / 1000), 'second');
}
