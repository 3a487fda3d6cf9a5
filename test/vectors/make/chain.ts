import {
  accountTagOf,
  ANONYMOUS,
  blockHash,
  detailsDigestOf,
  encodeEntry,
  encodeHeader,
  formatCheckpoint,
  formatNote,
  formatProof,
  hasProofOfWork,
  inclusionPath,
  leafHash,
  merkleRoot,
  NO_DETAILS,
  NO_PREVIOUS_HASH,
  NO_STATE,
  NONCE_OFFSET,
  PROOF_FORMAT,
  signNote,
  type AnchoredNote,
  type Entry,
  type Header,
  type JsonObject,
  type NoteSigner,
  type ProofFile,
} from '../../../src/proof/index.js';
import { cosign, LOG, ORIGIN, sha256, WITNESSES } from './keys.js';

export const DOCUMENT = Buffer.from('Agreed: the lighthouse is sold for one silver coin.\n');
export const DETAILS: JsonObject = {
  name: 'contract \u2013 최종.pdf',
  tags: ['sale', 'lighthouse'],
  pages: 12,
  signed: true,
  '\u20ac': null,
};
export const ACCOUNT = 'account-7f3e';
/** 2026-01-02T03:04:05.678Z */
export const ACCEPTED = 1767323045678;
export const SEALED = ACCEPTED + 1111;
const COSIGNED = 1767323050n;

export interface Wish {
  readonly document?: Uint8Array;
  readonly size?: number | null;
  readonly details?: JsonObject;
  /** 1: the document is the note of an event. */
  readonly kind?: number;
  readonly account?: string;
  /** Entries of the block, and which of them is ours. */
  readonly entries?: number;
  readonly index?: number;
  /** Blocks of the log, and which of them is ours. */
  readonly blocks?: number;
  readonly height?: number;
  readonly acceptedAt?: number;
  readonly sealedAt?: number;
  readonly difficulty?: number;
  /** What the header says when it says something else than the truth; it is mined all the same. */
  readonly header?: Partial<Header>;
  /** Taken as it is, instead of mining our block. */
  readonly nonce?: bigint;
  readonly signer?: NoteSigner;
  readonly origin?: string;
  /** Which of the three witnesses cosign. */
  readonly cosigners?: readonly number[];
}

export function makeEntry(wish: Wish = {}): Entry {
  const document = wish.document ?? DOCUMENT;
  const salt = sha256('vector salt').slice(0, 16);
  return {
    kind: wish.kind ?? 0,
    digest: sha256(document),
    size: wish.size === undefined ? document.length : wish.size,
    acceptedAt: wish.acceptedAt ?? ACCEPTED,
    salt,
    accountTag: wish.account === undefined ? ANONYMOUS : accountTagOf(salt, wish.account),
    detailsDigest: wish.details === undefined ? NO_DETAILS : detailsDigestOf(salt, wish.details),
  };
}

function otherEntry(i: number): Entry {
  return {
    ...makeEntry(),
    digest: sha256(`other document ${i}`),
    size: null,
    salt: sha256(`salt ${i}`).slice(0, 16),
  };
}

/** The same header with the first nonce that gives it its proof of work. */
export function mine(header: Header): Header {
  const bytes = Buffer.from(encodeHeader({ ...header, nonce: 0n }));
  for (let nonce = 0n; ; nonce++) {
    bytes.writeBigUInt64BE(nonce, NONCE_OFFSET);
    if (hasProofOfWork(blockHash(bytes, sha256), header.difficulty)) return { ...header, nonce };
  }
}

const plain: ProofFile[] = [];

/** A true proof, unless the wish is for something else. Most cases wish for nothing: that proof is made once. */
export function makeProof(wish: Wish = {}): ProofFile {
  if (Object.keys(wish).length > 0) return build(wish);
  const proof = plain[0] ?? build(wish);
  plain[0] = proof;
  return proof;
}

const build = (wish: Wish) => makeLog(wish).proof;

/** A true proof with its log: `note` gives the log's note over its first `size` blocks, and the path of our block. */
export function makeLog(wish: Wish) {
  const { entries: count = 5, index = 2, blocks = 6, height = 3 } = wish;
  const entry = makeEntry(wish);
  const leaves = Array.from({ length: count }, (_, i) =>
    leafHash(encodeEntry(i === index ? entry : otherEntry(i)), sha256),
  );
  const headers: Header[] = [];
  let previousHash = NO_PREVIOUS_HASH;
  for (let i = 0; i < blocks; i++) {
    const template: Header = {
      height: i,
      previousHash,
      merkleRoot: i === height ? merkleRoot(leaves, sha256) : sha256(`root ${i}`),
      state: NO_STATE,
      firstPosition: i <= height ? i : i - 1 + count,
      entryCount: i === height ? count : 1,
      sealedAt: (wish.sealedAt ?? SEALED) + (i - height) * 1000,
      difficulty: wish.difficulty ?? 8,
      nonce: 0n,
      ...(i === height ? wish.header : {}),
    };
    const header =
      i === height && wish.nonce !== undefined ? { ...template, nonce: wish.nonce } : mine(template);
    previousHash = blockHash(encodeHeader(header), sha256);
    headers.push(header);
  }
  const logLeaves = headers.map((header) => leafHash(encodeHeader(header), sha256));
  const checkpoint = {
    origin: wish.origin ?? ORIGIN,
    size: blocks,
    root: merkleRoot(logLeaves, sha256),
    extensions: [],
  };
  const note = signNote(formatCheckpoint(checkpoint), wish.signer ?? LOG);
  const cosignatures = WITNESSES.filter((_, i) => wish.cosigners?.includes(i + 1)).map((witness) =>
    cosign(note.text, witness, COSIGNED),
  );
  const header = headers[height];
  if (header === undefined) throw new RangeError('height is outside the log');
  const proof: ProofFile = {
    format: PROOF_FORMAT,
    document: { sha256: entry.digest, ...(entry.size === null ? {} : { size: entry.size }) },
    entry,
    ...(wish.details === undefined ? {} : { details: wish.details }),
    ...(wish.account === undefined ? {} : { account: wish.account }),
    block: { header, index, path: inclusionPath(index, leaves) },
    log: {
      path: inclusionPath(height, logLeaves),
      checkpoint,
      note: { text: note.text, signatures: [...note.signatures, ...cosignatures] },
    },
    anchors: [],
  };
  const noteOf = (size: number, signer = wish.signer ?? LOG): AnchoredNote => {
    const part = logLeaves.slice(0, size);
    const text = formatCheckpoint({ ...checkpoint, size, root: merkleRoot(part, sha256) });
    return { note: formatNote(signNote(text, signer)), path: height < size ? inclusionPath(height, part) : [] };
  };
  return { proof, note: noteOf };
}

export const proofText = (wish: Wish = {}) => formatProof(makeProof(wish));
