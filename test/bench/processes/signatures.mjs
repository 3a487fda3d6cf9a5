// Signs as often as one thread can, with the first private key of a PEM file.
import { createPrivateKey, randomBytes, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';

const { file, seconds } = JSON.parse(process.argv[2]);
const key = createPrivateKey(readFileSync(file));
// As long as the signed attributes of a token.
const message = randomBytes(200);
const until = performance.now() + seconds * 1000;
const started = performance.now();
let count = 0;
while (performance.now() < until) {
  sign('sha256', message, key);
  count++;
}
console.log(JSON.stringify({ perSecond: count / ((performance.now() - started) / 1000) }));
