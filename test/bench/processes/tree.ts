// What the sealer's threads do with a block, without the search for a nonce: leaf hashes, tree and tiles.
import { randomFillSync } from 'node:crypto';
import { ENTRY_LENGTH } from '../../../src/proof/index.js';
import { RUN_ENTRIES, SealWorkers } from '../../../src/sealer/workers.js';

const { leaves, threads } = JSON.parse(process.argv[2] ?? '') as { leaves: number; threads: number };
const workers = new SealWorkers(threads);
// A service's threads run already, and know their work: a block before the one that is measured.
await workers.buildTree(block());
const runs = block();
const started = performance.now();
await workers.buildTree(runs);
console.log(JSON.stringify({ seconds: (performance.now() - started) / 1000 }));
await workers.close();

/** A hash does not look at what it hashes. */
function block(): Uint8Array<ArrayBuffer>[] {
  return Array.from({ length: leaves / RUN_ENTRIES }, () =>
    randomFillSync(new Uint8Array(RUN_ENTRIES * ENTRY_LENGTH)),
  );
}
