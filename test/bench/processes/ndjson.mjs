// Sends digests by NDJSON in one request, and counts the response lines that accept one.
import { request } from 'node:http';
import { digestOf } from './digest.mjs';

const LINES_PER_WRITE = 1000;

const { url, lines, first, key } = JSON.parse(process.argv[2]);
const chunks = [];
for (let at = 0; at < lines; at += LINES_PER_WRITE) {
  const count = Math.min(LINES_PER_WRITE, lines - at);
  const texts = Array.from({ length: count }, (_, i) => `{"sha256":"${digestOf(first + at + i)}"}\n`);
  chunks.push(Buffer.from(texts.join('')));
}

const started = performance.now();
const sent = request(`${url}/v1/notarizations`, {
  method: 'POST',
  headers: {
    'content-type': 'application/x-ndjson',
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  },
});
const answered = new Promise((resolve, reject) => sent.on('response', resolve).on('error', reject));
const sending = send();
const response = await answered;
const accepted = await count(response);
await sending;
const seconds = (performance.now() - started) / 1000;
console.log(JSON.stringify({ seconds, accepted: response.statusCode === 200 ? accepted : 0 }));

async function send() {
  for (const chunk of chunks) {
    if (!sent.write(chunk)) await new Promise((resolve) => sent.once('drain', resolve));
  }
  sent.end();
}

/** Counts in the bytes: parsing every line would make this process the bottleneck. */
async function count(stream) {
  const needle = Buffer.from('"status":"accepted"');
  let rest = Buffer.alloc(0);
  let found = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.concat([rest, chunk]);
    let end = 0;
    for (let at = bytes.indexOf(needle); at !== -1; at = bytes.indexOf(needle, end)) {
      found++;
      end = at + needle.length;
    }
    rest = bytes.subarray(Math.max(end, bytes.length - needle.length + 1));
  }
  return found;
}
