import { createHash } from 'node:crypto';
import { type MessagePort, parentPort } from 'node:worker_threads';
import type { HashingAnswer, HashingRequest } from './hashing-thread.js';

/** Hashes documents: each comes by a port of its own, and is forgotten when that closes. */
parentPort?.on('message', (port: MessagePort) => {
  const running = createHash('sha256');
  port.on('message', (request: HashingRequest) => {
    if (request === null) {
      port.postMessage({ sha256: running.digest() } satisfies HashingAnswer);
    } else {
      const { buffer, length } = request;
      running.update(new Uint8Array(buffer, 0, length));
      port.postMessage({ buffer } satisfies HashingAnswer, [buffer]);
    }
  });
});
