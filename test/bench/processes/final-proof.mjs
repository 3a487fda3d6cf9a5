// Notarizes documents at irregular times, as people do, and measures the time until the final proof is
// available.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const { url, documents, everyMs } = JSON.parse(process.argv[2]);
const times = await Promise.all(
  Array.from({ length: documents }, async (_, i) => {
    // At a random point of the sealing interval, not in step with it.
    await sleep((i + Math.random()) * everyMs);
    return timeOf({ documents: [{ sha256: randomBytes(32).toString('hex') }] });
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
