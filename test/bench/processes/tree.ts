// What the sealer's threads do with a block, without the search for a nonce: leaf hashes, tree and tiles.
import { randomFillSync } from 'node:crypto';
import { entryRuns, SealWorkers } from '../../../src/seal/workers.js';

const { leaves, threads } = JSON.parse(process.argv[2] ?? '') as { leaves: number; threads: number };
const workers = new SealWorkers(threads);
// A service's threads run already, and know their work: a block before the one that is measured.
await workers.buildTree(block());
const runs = block();
const started = performance.now();
await workers.buildTree(runs);
console.log(JSON.stringify({ seconds: (performance.now() - started) / 1000 }));
await workers.destroy();

/** A hash does not look at what it hashes. */
function block(): Uint8Array<ArrayBuffer>[] {
  return entryRuns(leaves).map((run) => randomFillSync(run));
}
