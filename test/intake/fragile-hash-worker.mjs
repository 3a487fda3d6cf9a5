import { hashDeliveries as hash } from '../../dist/intake/hash-worker.js';

/** The thread that hashes documents, except that it dies of some, and stops for ever at others. */
export function hashDeliveries(order) {
  order.port.on('message', (delivery) => {
    const start =
      delivery?.[0] === undefined ? '' : Buffer.from(delivery[0].subarray(0, 16)).toString('latin1');
    if (start.startsWith('deadly')) process.exit(7);
    if (start.startsWith('stopping')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
  return hash(order);
}
