// What the sealing worker does with a block, without the search for a nonce: leaf hashes, tree and tiles.
import { randomBytes } from 'node:crypto';
import { ENTRY_LENGTH, NO_PREVIOUS_HASH } from '../../../src/proof/index.js';
import sealTask from '../../../src/seal/worker.js';

const { leaves } = JSON.parse(process.argv[2] ?? '') as { leaves: number };
// A hash does not look at what it hashes.
const entries = randomBytes(leaves * ENTRY_LENGTH);
const header = {
  height: 0,
  previousHash: NO_PREVIOUS_HASH,
  firstPosition: 0,
  sealedAt: Date.now(),
  difficulty: 0,
};
const started = performance.now();
sealTask({ entries, header });
console.log(JSON.stringify({ seconds: (performance.now() - started) / 1000 }));
