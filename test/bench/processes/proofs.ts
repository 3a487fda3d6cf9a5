// Judges proofs over and over: whole, as `ingam verify` does, or only from the entry to the root of its block.
import { readFileSync } from 'node:fs';
import { nodeSha256 } from '../../../src/node-crypto.js';
import {
  encodeEntry,
  leafHash,
  parseProof,
  parseVerifierKey,
  policyOfKeys,
  PROOF_FORMAT,
  rootFromInclusionPath,
  verify,
  type ProofFile,
} from '../../../src/proof/index.js';

interface Input {
  readonly file: string;
  readonly key: string;
  readonly count: number;
  readonly whole: boolean;
}

const { file, key, count, whole } = JSON.parse(process.argv[2] ?? '') as Input;
const policy = policyOfKeys([parseVerifierKey(key)]);
const texts = JSON.parse(readFileSync(file, 'utf8')) as string[];
const proofs = texts.map((text) => parseProof(text)).filter((proof) => proof.format === PROOF_FORMAT);
const hashes = proofs.map(({ block, log }) => block.path.length + 1 + (whole ? log.path.length + 2 : 0));

const started = performance.now();
let wrong = 0;
let nodes = 0;
for (let i = 0; i < count; i++) {
  const proof = proofs[i % proofs.length];
  if (proof === undefined || !(whole ? isVerified(proof) : isInBlock(proof))) wrong++;
  nodes += hashes[i % hashes.length] ?? 0;
}
const seconds = (performance.now() - started) / 1000;
console.log(JSON.stringify({ seconds, wrong, nodes }));

function isVerified(proof: ProofFile): boolean {
  return verify({ proof, document: proof.document, policy }).verdict === 'verified';
}

function isInBlock({ entry, block: { header, index, path } }: ProofFile): boolean {
  const leaf = leafHash(encodeEntry(entry), nodeSha256);
  const root = rootFromInclusionPath(leaf, index, header.entryCount, path, nodeSha256);
  return Buffer.compare(root, header.merkleRoot) === 0;
}
