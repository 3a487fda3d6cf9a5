import { resolve } from 'node:path';
import {
  blockHash,
  encodeHeader,
  entryLeafHash,
  hasDetails,
  isAnonymous,
  PENDING_FORMAT,
  toBase64,
  toHex,
  type Note,
  type PendingProof,
  type ProofFile,
} from '../proof/index.js';
import { anchorFields } from './anchors.js';
import { defineCommand } from './command.js';
import { type Fields, printFields } from './fields.js';
import { readProofOrCertificate } from './files.js';
import { EXIT, isoTime, printJson, printNote } from './io.js';

const NO_VERDICT =
  'Nothing was verified: these are the claims of the proof. To verify them: ingam verify FILE PROOF';

export const inspectCommand = defineCommand({
  name: 'inspect',
  summary: 'show every field of a proof, without verifying it',
  usage: 'PROOF [--json]',
  text: `Decodes a proof (final, pending, or embedded in a certificate) and shows its fields. Nothing is verified: use
"ingam verify" for that.`,
  options: { json: { type: 'boolean', help: 'print JSON' } },
  positionals: { min: 1, max: 1, missing: 'missing PROOF' },
  async run({ values, positionals: [path = ''] }, io) {
    const fields = decoded(await readProofOrCertificate(resolve(io.cwd, path), path));
    if (values.json) printJson(io.stdout, { ...fields, note: NO_VERDICT });
    else {
      printFields(fields, io.stdout);
      printNote(io, NO_VERDICT);
    }
    return EXIT.ok;
  },
});

function decoded(proof: ProofFile | PendingProof): Fields {
  const { entry } = proof;
  const claim: Fields = {
    format: proof.format,
    document: { sha256: toHex(proof.document.sha256), size: proof.document.size ?? null },
    entry: {
      kind: entry.kind,
      digest: toHex(entry.digest),
      size: entry.size,
      acceptedAt: isoTime(entry.acceptedAt),
      salt: toHex(entry.salt),
      accountTag: isAnonymous(entry) ? null : toHex(entry.accountTag),
      detailsDigest: hasDetails(entry) ? toHex(entry.detailsDigest) : null,
      leafHash: toHex(entryLeafHash(entry)),
    },
    ...(proof.details === undefined ? {} : { details: proof.details }),
    ...(proof.account === undefined ? {} : { account: proof.account }),
  };
  return { ...claim, ...(proof.format === PENDING_FORMAT ? promise(proof) : evidence(proof)) };
}

function promise({ position, receipt, note, index, path }: PendingProof): Fields {
  return {
    position,
    receipt: {
      origin: receipt.origin,
      count: receipt.count,
      root: toHex(receipt.root),
      acceptedAt: isoTime(receipt.acceptedAt),
      deadline: isoTime(receipt.deadline),
      index,
      path: path.map(toHex),
      signatures: signatures(note),
    },
  };
}

function evidence({ block, log, anchors }: ProofFile): Fields {
  const { header } = block;
  return {
    block: {
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
      index: block.index,
      path: block.path.map(toHex),
    },
    log: {
      path: log.path.map(toHex),
      checkpoint: {
        origin: log.checkpoint.origin,
        size: log.checkpoint.size,
        root: toHex(log.checkpoint.root),
        signatures: signatures(log.note),
      },
    },
    anchors: anchors.map(anchorFields),
  };
}

function signatures(note: Note): Fields[] {
  return note.signatures.map(({ name, keyId, signature }) => ({
    name,
    keyId: toHex(keyId),
    signature: toBase64(signature),
  }));
}
