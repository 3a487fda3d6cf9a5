// Raw hashing: calls of crypto.hash over as many bytes as a node has, with a string as result, which is the
// cheapest way in Node.
import { hash, randomBytes } from 'node:crypto';

const NODE_LENGTH = 65;

const { count } = JSON.parse(process.argv[2]);
const node = randomBytes(NODE_LENGTH);
const started = performance.now();
for (let i = 0; i < count; i++) {
  node.writeUInt32LE(i, 1);
  hash('sha256', node, 'binary');
}
console.log(JSON.stringify({ seconds: (performance.now() - started) / 1000 }));
