// The work of the sealer's threads for a block, without mining: leaf hashes, tree and tiles.
import { randomFillSync } from 'node:crypto';
import { ENTRY_LENGTH } from '../../../src/proof/index.js';
import { RUN_ENTRIES, SealWorkers } from '../../../src/sealer/workers.js';

const { leaves, threads } = JSON.parse(process.argv[2] ?? '') as { leaves: number; threads: number };
const workers = new SealWorkers(threads);
// The threads of a running service are warm, so a first block is not measured.
await workers.buildTree(block());
const runs = block();
const started = performance.now();
await workers.buildTree(runs);
console.log(JSON.stringify({ seconds: (performance.now() - started) / 1000 }));
await workers.close();

/** The content does not matter to a hash function. */
function block(): Uint8Array<ArrayBuffer>[] {
  return Array.from({ length: leaves / RUN_ENTRIES }, () =>
    randomFillSync(new Uint8Array(RUN_ENTRIES * ENTRY_LENGTH)),
  );
}
