// Verifies proofs repeatedly: completely, with either kind of primitives, or only the path from the entry to
// the root of its block.
import { readFileSync } from 'node:fs';
import { NODE, nodeSha256, nodeVerifyEd25519 } from '../../../src/crypto/primitives.js';
import {
  entryLeafHash,
  parseProof,
  parseVerifierKey,
  policyOfKeys,
  PORTABLE,
  PROOF_FORMAT,
  rootFromInclusionPath,
  verify,
  verifyMlDsa44,
  type Primitives,
  type ProofFile,
} from '../../../src/proof/index.js';

interface Input {
  readonly file: string;
  readonly key: string;
  readonly count: number;
  readonly work: 'path' | keyof typeof PRIMITIVES;
}

const PRIMITIVES = {
  server: NODE,
  /** No signature is cached. */
  forgetful: { sha256: nodeSha256, verifyEd25519: nodeVerifyEd25519, verifyMlDsa44 },
  portable: PORTABLE,
} satisfies Record<string, Primitives>;

const { file, key, count, work } = JSON.parse(process.argv[2] ?? '') as Input;
const policy = policyOfKeys([parseVerifierKey(key)]);
const texts = JSON.parse(readFileSync(file, 'utf8')) as string[];
const proofs = texts.map((text) => parseProof(text)).filter((proof) => proof.format === PROOF_FORMAT);
const hashes = proofs.map(
  ({ block, log }) => block.path.length + 1 + (work === 'path' ? 0 : log.path.length + 2),
);

const started = performance.now();
let wrong = 0;
let nodes = 0;
for (let i = 0; i < count; i++) {
  const proof = proofs[i % proofs.length];
  if (proof === undefined || !holds(proof)) wrong++;
  nodes += hashes[i % hashes.length] ?? 0;
}
const seconds = (performance.now() - started) / 1000;
console.log(JSON.stringify({ seconds, wrong, nodes }));

function holds(proof: ProofFile): boolean {
  if (work === 'path') return isInBlock(proof);
  const { verdict } = verify({ proof, document: proof.document, policy, primitives: PRIMITIVES[work] });
  return verdict === 'verified';
}

function isInBlock({ entry, block: { header, index, path } }: ProofFile): boolean {
  const leaf = entryLeafHash(entry, nodeSha256);
  const root = rootFromInclusionPath(leaf, index, header.entryCount, path, nodeSha256);
  return Buffer.compare(root, header.merkleRoot) === 0;
}
