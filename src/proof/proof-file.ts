import { fromBase64, fromHex, isZero, toBase64, toHex, utf8, utf8Decode } from './bytes.js';
import { type JsonObject, parseStrictJson } from './canonical-json.js';
import { type Checkpoint, parseCheckpointNote } from './checkpoint.js';
import { canonicalDetails, decodeEntry, encodeEntry, type Entry } from './entry.js';
import { ProofError } from './errors.js';
import { decodeHeader, encodeHeader, type Header } from './header.js';
import { formatNote, type Note, parseNote } from './note.js';
import { HASH_LENGTH } from './hash.js';
import { parseReceipt, type Receipt } from './receipt.js';
import { memberReader } from './members.js';
import type { Anchor } from './time/anchor.js';

/** A proof file (docs/proof-format.md, "Files"). */
export const PROOF_FORMAT = 'ingam-proof-v1';
/** A pending proof, for a document that is not sealed yet (docs/proof-format.md, "Files"). */
export const PENDING_FORMAT = 'ingam-pending-v1';
export const PROOF_MEDIA_TYPE = 'application/vnd.ingam.proof+json';
/** In bytes. A real proof has some kilobytes. */
export const MAX_PROOF_LENGTH = 1024 * 1024;

const { objectAt, stringAt, integerAt, pathAt, anchorsAt, assertKeys, malformed } =
  memberReader('malformed_proof');

export interface DocumentClaim {
  readonly sha256: Uint8Array;
  /** Absent when only a digest was given. */
  readonly size?: number;
}

/** What a proof may disclose in addition to the entry, which commits to it. */
export interface Disclosure {
  readonly details?: JsonObject;
  readonly account?: string;
}

export interface ProofFile extends Disclosure {
  readonly format: typeof PROOF_FORMAT;
  readonly document: DocumentClaim;
  readonly entry: Entry;
  readonly block: { readonly header: Header; readonly index: number; readonly path: readonly Uint8Array[] };
  readonly log: {
    readonly path: readonly Uint8Array[];
    readonly checkpoint: Checkpoint;
    /** The signed note whose text is `checkpoint`. */
    readonly note: Note;
  };
  /** Outside evidence of time, from anybody and not looked into. */
  readonly anchors: readonly Anchor[];
}

export interface PendingProof extends Disclosure {
  readonly format: typeof PENDING_FORMAT;
  readonly document: DocumentClaim;
  readonly entry: Entry;
  /** The entry's position in the chain, as the service states it: to find the final proof. Not signed. */
  readonly position: number;
  /** For the group of entries that this one was accepted with. */
  readonly receipt: Receipt;
  /** The signed note whose text is `receipt`. */
  readonly note: Note;
  /** The entry's place in its group. */
  readonly index: number;
  /** Inclusion path from the entry to the receipt's root. */
  readonly path: readonly Uint8Array[];
}

/** The text of a proof file, with a final LF. */
export function formatProof(proof: ProofFile | PendingProof): string {
  const claim = {
    format: proof.format,
    document: {
      sha256: toHex(proof.document.sha256),
      ...(proof.document.size === undefined ? {} : { size: proof.document.size }),
    },
    entry: toBase64(encodeEntry(proof.entry)),
    ...(proof.details === undefined ? {} : { details: proof.details }),
    ...(proof.account === undefined ? {} : { account: proof.account }),
  };
  const evidence =
    proof.format === PENDING_FORMAT
      ? {
          position: proof.position,
          receipt: { note: formatNote(proof.note), index: proof.index, path: proof.path.map(toBase64) },
        }
      : {
          block: {
            header: toBase64(encodeHeader(proof.block.header)),
            index: proof.block.index,
            path: proof.block.path.map(toBase64),
          },
          log: { path: proof.log.path.map(toBase64), checkpoint: formatNote(proof.log.note) },
          anchors: proof.anchors,
        };
  return `${JSON.stringify({ ...claim, ...evidence }, null, 2)}\n`;
}

/**
 * Reads a proof file or a pending proof. Both are untrusted input: every value must have its canonical
 * spelling, and no key may be missing or unknown.
 * @param source the file's text, or its bytes in UTF-8 without byte order mark
 * @throws {ProofError} with the code of the malformed part; unsupported_format for any other format
 */
export function parseProof(source: string | Uint8Array): ProofFile | PendingProof {
  // A text never has more characters than bytes, so a long one needs no encoding to be refused.
  if (source.length > MAX_PROOF_LENGTH || lengthOf(source) > MAX_PROOF_LENGTH)
    throw malformed(`a proof must have at most ${MAX_PROOF_LENGTH} bytes`);
  const text = typeof source === 'string' ? source : utf8Decode(source);
  const file = objectAt(parseStrictJson(text), 'the proof');
  switch (file['format']) {
    case PROOF_FORMAT:
      assertKeys(
        file,
        'the proof',
        ['format', 'document', 'entry', 'block', 'log', 'anchors'],
        ['details', 'account'],
      );
      return { format: PROOF_FORMAT, ...parseClaim(file), ...parseEvidence(file) };
    case PENDING_FORMAT:
      assertKeys(
        file,
        'the proof',
        ['format', 'document', 'entry', 'position', 'receipt'],
        ['details', 'account'],
      );
      return { format: PENDING_FORMAT, ...parseClaim(file), ...parsePromise(file) };
    default:
      throw new ProofError('unsupported_format', `not a proof: "format" must be "${PROOF_FORMAT}"`);
  }
}

function parseClaim(file: JsonObject): Disclosure & { document: DocumentClaim; entry: Entry } {
  const document = objectAt(file['document'], 'document');
  assertKeys(document, 'document', ['sha256'], ['size']);
  return {
    document: {
      sha256: fromHex(stringAt(document, 'sha256'), HASH_LENGTH, 'document.sha256'),
      ...('size' in document ? { size: integerAt(document, 'size') } : {}),
    },
    entry: decodeEntry(fromBase64(stringAt(file, 'entry'), 'entry')),
    ...('details' in file ? { details: detailsAt(file) } : {}),
    ...('account' in file ? { account: stringAt(file, 'account') } : {}),
  };
}

/** The header of a block that there can be: it breaks no rule that it alone shows to be broken. */
export function possibleHeader(bytes: Uint8Array): Header {
  const header = decodeHeader(bytes);
  const { height, previousHash, firstPosition, entryCount } = header;
  if (height === 0 && (!isZero(previousHash) || firstPosition !== 0)) {
    throw new ProofError(
      'malformed_header',
      'the first block has no previous hash, and begins at position 0',
    );
  }
  if (!Number.isSafeInteger(firstPosition + entryCount))
    throw new ProofError('malformed_header', 'the positions of its entries are beyond 2^53 − 1');
  return header;
}

function parseEvidence(file: JsonObject): Pick<ProofFile, 'block' | 'log' | 'anchors'> {
  const block = objectAt(file['block'], 'block');
  assertKeys(block, 'block', ['header', 'index', 'path']);
  const log = objectAt(file['log'], 'log');
  assertKeys(log, 'log', ['path', 'checkpoint']);
  const { note, checkpoint } = parseCheckpointNote(stringAt(log, 'checkpoint'));
  if (checkpoint.extensions.length > 0) {
    throw new ProofError('malformed_checkpoint', 'the checkpoint of a proof must not have extension lines');
  }
  return {
    block: {
      header: possibleHeader(fromBase64(stringAt(block, 'header'), 'block.header')),
      index: integerAt(block, 'index'),
      path: pathAt(block, 'block.path'),
    },
    log: { path: pathAt(log, 'log.path'), checkpoint, note },
    anchors: anchorsAt(file, 'a proof'),
  };
}

function parsePromise(
  file: JsonObject,
): Pick<PendingProof, 'position' | 'receipt' | 'note' | 'index' | 'path'> {
  const receipt = objectAt(file['receipt'], 'receipt');
  assertKeys(receipt, 'receipt', ['note', 'index', 'path']);
  const note = parseNote(stringAt(receipt, 'note'));
  return {
    position: integerAt(file, 'position'),
    receipt: parseReceipt(note.text),
    note,
    index: integerAt(receipt, 'index'),
    path: pathAt(receipt, 'receipt.path'),
  };
}

function detailsAt(file: JsonObject): JsonObject {
  const details = objectAt(file['details'], 'details');
  canonicalDetails(details); // refuses details that cannot be notarized, so that verification can hash them
  return details;
}

const lengthOf = (source: string | Uint8Array) =>
  typeof source === 'string' ? utf8(source).length : source.length;
