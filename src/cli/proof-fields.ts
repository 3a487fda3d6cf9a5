import {
  blockHash,
  type Checkpoint,
  encodeHeader,
  type Entry,
  entryLeafHash,
  hasDetails,
  type Header,
  isAnonymous,
  type Note,
  toBase64,
  toHex,
} from '../proof/index.js';
import type { Fields } from './fields.js';
import { isoTime } from './io.js';

/** Parts of proofs and histories, for people. */

export function entryFields(entry: Entry): Fields {
  return {
    kind: entry.kind,
    digest: toHex(entry.digest),
    size: entry.size,
    acceptedAt: isoTime(entry.acceptedAt),
    salt: toHex(entry.salt),
    accountTag: isAnonymous(entry) ? null : toHex(entry.accountTag),
    detailsDigest: hasDetails(entry) ? toHex(entry.detailsDigest) : null,
    leafHash: toHex(entryLeafHash(entry)),
  };
}

export function headerFields(header: Header): Fields {
  return {
    hash: toHex(blockHash(encodeHeader(header))),
    height: header.height,
    previousHash: toHex(header.previousHash),
    merkleRoot: toHex(header.merkleRoot),
    state: toHex(header.state),
    firstPosition: header.firstPosition,
    entryCount: header.entryCount,
    sealedAt: isoTime(header.sealedAt),
    difficulty: header.difficulty,
    // A string, because JSON readers would round numbers beyond 2^53.
    nonce: header.nonce.toString(),
  };
}

export function checkpointFields({
  checkpoint,
  note,
}: {
  readonly checkpoint: Checkpoint;
  readonly note: Note;
}): Fields {
  return {
    origin: checkpoint.origin,
    size: checkpoint.size,
    root: toHex(checkpoint.root),
    signatures: signatureFields(note),
  };
}

export function signatureFields(note: Note): Fields[] {
  return note.signatures.map(({ name, keyId, signature }) => ({
    name,
    keyId: toHex(keyId),
    signature: toBase64(signature),
  }));
}
