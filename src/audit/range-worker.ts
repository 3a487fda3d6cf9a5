import { parentPort, workerData } from 'node:worker_threads';
import type { SharedSnapshot } from '../store/index.js';
import { StoreError } from '../store/errors.js';
import { joinSnapshot } from '../store/snapshot.js';
import { checkRange, type BlockClaim } from './plain-range.js';
import type { RangeMessage } from './range-thread.js';

/** Answers each run of blocks that it is sent. Ends with the thread that started it. */
const tell = (message: RangeMessage): void => {
  parentPort?.postMessage(message);
};

const fail = (error: unknown): void => {
  const message = error instanceof Error ? error.message : String(error);
  tell({ failed: { code: error instanceof StoreError ? error.code : null, message } });
};

joinSnapshot(workerData as SharedSnapshot, async (snapshot) => {
  await new Promise<void>((resolve) => {
    parentPort
      ?.on('message', (claims: readonly BlockClaim[]) => {
        checkRange(snapshot, claims, (entries) => {
          tell({ entries });
        }).then((blocks) => {
          tell({ blocks });
        }, fail);
      })
      .on('close', resolve);
  });
}).catch(fail);
