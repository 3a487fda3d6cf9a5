import {
  array,
  base64,
  hex,
  integer,
  lineOf,
  object,
  readCheckpoint,
  readDetails,
  readEntry,
  readFile,
  readHeader,
  readKey,
  readReceipt,
  refuse,
  sha256,
} from './formats.js';
import { readPolicy, type Policy } from './policy.js';
import type { Value } from './strict-json.js';
import { Anchors, type TimeAnswer } from './time.js';
import { leaf, pathLength, rootOf } from './trees.js';

/**
 * A second verifier, written from docs/proof-format.md alone: nothing of src/ is imported, and Node's own SHA-256 and
 * Ed25519 are used. Where it and src/proof disagree, one of the three is wrong.
 */

export interface Question {
  readonly proof: Uint8Array;
  readonly document: Uint8Array | null;
  readonly trust: string | null;
  readonly receiptKeys: readonly string[];
  /** Milliseconds since the Unix epoch. */
  readonly now: number | null;
  readonly crls: readonly Buffer[];
}

export interface Answer {
  readonly verdict: string;
  readonly failed: { readonly step: number; readonly code: string }[];
  readonly time?: TimeAnswer;
}

/** @throws {Malformed} */
export function verifyIndependently({ proof, document, trust, receiptKeys, now, crls }: Question): Answer {
  const file = readFile(proof);
  const format = file.get('format');
  const evidence =
    format === 'ingam-proof-v1'
      ? ['block', 'log', 'anchors']
      : format === 'ingam-pending-v1'
        ? ['position', 'receipt']
        : refuse('format');
  object(file, ['format', 'document', 'entry', ...evidence], ['details', 'account']);
  const claim = object(file.get('document'), ['sha256'], ['size']);
  const entry = readEntry(file.get('entry'));
  const details = readDetails(file.get('details'));
  const account = file.get('account');
  if (account !== undefined && typeof account !== 'string') return refuse('account');
  const claimed = {
    digest: hex(claim.get('sha256'), 32),
    size: claim.has('size') ? integer(claim.get('size')) : null,
  };

  const failed: Answer['failed'] = [];
  // The first code whose condition is true is why the step failed.
  const step = (number: number, reasons: Record<string, () => boolean>) => {
    const code = Object.keys(reasons).find((reason) => reasons[reason]?.() === true);
    if (code !== undefined) failed.push({ step: number, code });
  };
  const firstSteps = () => {
    step(1, {
      document_digest_mismatch: () => document !== null && !sha256(document).equals(claimed.digest),
      document_size_mismatch: () =>
        document !== null && claimed.size !== null && BigInt(document.length) !== claimed.size,
    });
    step(2, {
      entry_digest_mismatch: () => !entry.digest.equals(claimed.digest),
      entry_size_mismatch: () => entry.size !== claimed.size,
    });
    step(3, {
      details_mismatch: () =>
        details !== null && !sha256(Buffer.of(2), entry.salt, details).equals(entry.detailsDigest),
      account_mismatch: () =>
        account !== undefined &&
        !sha256(Buffer.of(3), entry.salt, account).subarray(0, 16).equals(entry.accountTag),
    });
  };

  if (format === 'ingam-pending-v1') {
    integer(file.get('position'));
    const given = object(file.get('receipt'), ['note', 'index', 'path']);
    const receipt = readReceipt(given.get('note'));
    const place = integer(given.get('index'));
    const path = readPath(given.get('path'));
    if (trust !== null) readPolicy(trust);
    const keys = receiptKeys.map(readKey).filter(({ type }) => type === 1 || type === 255);
    firstSteps();
    step(4, {
      receipt_mismatch: () =>
        place >= receipt.count ||
        BigInt(path.length) !== pathLength(place, receipt.count) ||
        !receipt.root.equals(rootOf(leaf(entry.bytes), place, receipt.count, path)) ||
        receipt.acceptedAt !== entry.acceptedAt,
    });
    step(5, { bad_receipt_signature: () => keys.some((key) => lineOf(receipt.note, key) === 'bad') });
    return { verdict: failed.length === 0 ? 'pending' : 'invalid', failed };
  }

  const inBlock = object(file.get('block'), ['header', 'index', 'path']);
  const header = readHeader(inBlock.get('header'));
  const index = integer(inBlock.get('index'));
  const blockPath = readPath(inBlock.get('path'));
  const log = object(file.get('log'), ['path', 'checkpoint']);
  const logPath = readPath(log.get('path'));
  const checkpoint = readCheckpoint(log.get('checkpoint'));
  const anchors = array(file.get('anchors'), 64).map((anchor) =>
    anchor instanceof Map && typeof anchor.get('type') === 'string' ? anchor : refuse('anchor'),
  );
  const policy: Policy | null = trust === null ? null : readPolicy(trust);
  receiptKeys.forEach(readKey);

  firstSteps();
  step(4, {
    index_outside_block: () => index >= header.entryCount,
    block_path_length: () => BigInt(blockPath.length) !== pathLength(index, header.entryCount),
    merkle_root_mismatch: () =>
      !rootOf(leaf(entry.bytes), index, header.entryCount, blockPath).equals(header.root),
  });
  step(5, { proof_of_work_missing: () => zeroBits(sha256(header.bytes)) < header.difficulty });
  step(6, { sealed_before_accepted: () => header.sealedAt < entry.acceptedAt });
  step(7, {
    height_outside_log: () => header.height >= checkpoint.size,
    log_path_length: () => BigInt(logPath.length) !== pathLength(header.height, checkpoint.size),
    log_root_mismatch: () =>
      !rootOf(leaf(header.bytes), header.height, checkpoint.size, logPath).equals(checkpoint.root),
  });
  const keysFor = (origin: string, size: bigint) => {
    const retired = (policy?.retired ?? []).filter(({ until }) => size <= until).map(({ key }) => key);
    return [...(policy?.logs ?? []), ...retired].filter(({ name }) => name === origin);
  };
  const keys = keysFor(checkpoint.origin, checkpoint.size);
  const lines = keys.map((key) => lineOf(checkpoint.note, key));
  step(8, {
    no_trusted_key: () => policy === null || policy.logs.length + policy.retired.length === 0,
    bad_log_signature: () => lines.includes('bad'),
    untrusted_log: () => !lines.includes('holds') && !lines.includes('untimed'),
  });
  const cosigned = [...(policy?.witnesses ?? [])].map(([name, key]) => ({
    name,
    line: lineOf(checkpoint.note, key),
  }));
  const met = new Set(cosigned.filter(({ line }) => line === 'holds').map(({ name }) => name));
  step(9, {
    bad_cosignature: () => cosigned.some(({ line }) => line === 'bad'),
    quorum_missing: () => policy?.asksForCosignatures === true && !policy.isMet(met),
  });
  const block = { ...header, header: header.bytes, origin: checkpoint.origin };
  const nobody = { sources: [], pins: [], chains: [], demanded: null };
  const time = new Anchors(block, keysFor, policy?.time ?? nobody, now, crls).answer(anchors);
  const demanded = policy?.time.demanded ?? null;
  step(10, { time_missing: () => demanded !== null && BigInt(time.owners.length) < demanded });
  const trustOnly = ['no_trusted_key', 'untrusted_log', 'quorum_missing', 'time_missing'];
  return {
    verdict:
      failed.length === 0
        ? 'verified'
        : failed.every(({ code }) => trustOnly.includes(code))
          ? 'untrusted'
          : 'invalid',
    failed,
    ...(time.anchors.length === 0 ? {} : { time }),
  };
}

const readPath = (value: Value | undefined) => array(value, 53).map((hash) => base64(hash, 32));

function zeroBits(hash: Buffer): number {
  const bits = [...hash].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return bits.includes('1') ? bits.indexOf('1') : 256;
}
