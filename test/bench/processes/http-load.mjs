// HTTP load by autocannon, in its own process. The requests of each connection are built beforehand, so that
// the server is measured and not the client; the time until the first response does not count.
import { randomBytes, randomInt } from 'node:crypto';
import autocannon from 'autocannon';
import { digestOf } from './digest.mjs';

const {
  url,
  seconds,
  connections,
  work,
  key,
  authorization: own,
  requests,
  rate,
} = JSON.parse(process.argv[2]);

const sent = own ?? (key ? `Bearer ${key}` : undefined);
const authorization = sent === undefined ? {} : { authorization: sent };

// Each connection has its own digests: a repeated digest would be a special case in the index.
const newDocument = () => ({
  method: 'POST',
  path: '/v1/notarizations',
  headers: { 'content-type': 'application/json', ...authorization },
  body: JSON.stringify({ documents: [{ sha256: randomBytes(32).toString('hex') }] }),
});
const entry = () => ({ method: 'POST', path: '/add', body: randomBytes(32) });
const row = () => ({
  method: 'POST',
  path: '/api/db/set',
  headers: authorization,
  body: JSON.stringify({ KVs: [{ key: randomBytes(32).toString('base64'), value: 'AQ==' }] }),
});
const unknownDigest = () => ({ method: 'GET', path: `/v1/verify/${randomBytes(32).toString('hex')}` });
const knownDigest = () => ({ method: 'GET', path: `/v1/verify/${digestOf(randomInt(work.verifyAmong))}` });
const one = () => ({ method: 'GET', path: work.get[randomInt(work.get.length)], headers: authorization });
// A TimeStampReq (RFC 3161) of version 1, for a SHA-256, with a nonce of 8 bytes, that asks for certificates.
const QUERY = Buffer.from('3043020101' + '3031300d060960864801650304020105000420', 'hex');
const timeStamp = () => ({
  method: 'POST',
  path: '/tsa',
  headers: { 'content-type': 'application/timestamp-query', ...authorization },
  body: Buffer.concat([
    QUERY,
    randomBytes(32),
    Buffer.from([0x02, 0x08, 0x01]),
    randomBytes(7),
    Buffer.from('0101ff', 'hex'),
  ]),
});
const named = {
  notarize: newDocument,
  'add to Tessera': entry,
  'add to immudb': row,
  'verify unknown': unknownDigest,
  'time-stamp': timeStamp,
};
const makeRequest = named[work] ?? (work.get === undefined ? knownDigest : one);

let first = null;
const result = await autocannon({
  url,
  connections,
  duration: seconds,
  // Only what was measured: with a rate, autocannon would add a response that it never saw for each millisecond of a slow one.
  ...(rate === undefined ? {} : { overallRate: rate, ignoreCoordinatedOmission: true }),
  setupClient: (client) => {
    client.once('response', () => (first ??= performance.now()));
    client.setRequests(Array.from({ length: Math.ceil(requests / connections) }, makeRequest));
  },
});
console.log(JSON.stringify({ ...result, duration: (performance.now() - first) / 1000 }));
