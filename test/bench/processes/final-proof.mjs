// Notarizes documents at irregular times, as people do, and measures the time until the final proof is
// available.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const { url, documents, everyMs, log } = JSON.parse(process.argv[2]);
const times = await Promise.all(
  Array.from({ length: documents }, async (_, i) => {
    // At a random point of the sealing interval, not in step with it.
    await sleep((i + Math.random()) * everyMs);
    const digest = randomBytes(32);
    return log === 'Tessera'
      ? timeByTessera(digest)
      : timeOf({ documents: [{ sha256: digest.toString('hex') }] });
  }),
);
console.log(JSON.stringify({ times }));

async function timeOf(body) {
  const started = performance.now();
  const answer = await fetch(`${url}/v1/notarizations?wait=sealed`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { notarizations } = await answer.json();
  const proof = await fetch(`${url}${notarizations[0].links.proof}`);
  await proof.arrayBuffer();
  // 202 would mean a pending proof.
  if (!answer.ok || proof.status !== 200) throw new Error(`answers ${answer.status} and ${proof.status}`);
  return (performance.now() - started) / 1000;
}

/** Until a checkpoint covers the entry, and the hashes of the tree beside it can be had. */
async function timeByTessera(digest) {
  const started = performance.now();
  const answer = await fetch(`${url}/add`, { method: 'POST', body: digest });
  const index = Number(await answer.text());
  if (!answer.ok) throw new Error(`answer ${answer.status}`);
  for (;;) {
    const size = Number((await (await fetch(`${url}/checkpoint`)).text()).split('\n')[1]);
    if (size > index) {
      const tile = Math.floor(index / 256);
      const width = Math.min(256, size - tile * 256);
      const path = `${tile < 1000 ? '' : `x${pad(Math.floor(tile / 1000))}/`}${pad(tile % 1000)}`;
      const hashes = await fetch(`${url}/tile/0/${path}${width < 256 ? `.p/${width}` : ''}`);
      await hashes.arrayBuffer();
      if (hashes.status !== 200) throw new Error(`answer ${hashes.status} for tile ${path}`);
      return (performance.now() - started) / 1000;
    }
    await sleep(20);
  }
}

/** A part of a tile's path (C2SP tlog-tiles): three digits. */
function pad(number) {
  return String(number).padStart(3, '0');
}
