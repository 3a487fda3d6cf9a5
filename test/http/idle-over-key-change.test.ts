import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import { generateKey } from '../../src/crypto/keys.js';
import { ANONYMOUS, NO_DETAILS, sha256, signKeyStatement, utf8 } from '../../src/proof/index.js';
import { LogSigners } from '../../src/sealer/index.js';
import { receiptOf } from '../support/chain.js';
import { createDirectory, LOG_KEY, ORIGIN, sealerOver } from '../support/parts.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

const NEW_KEY = generateKey(ORIGIN);
/** Longer than a process may use keys that it has read. */
const LIFETIME_MS = 1000;

/** The log is signed by its first key, then by both, then by the new one alone; `document` is sealed after that. */
async function changeKeys({ store }: TestService, submit: () => Promise<void>): Promise<void> {
  await using directory = await createDirectory();
  const sealer = sealerOver(store, directory.path, { signers: new LogSigners([LOG_KEY, NEW_KEY]) });
  const sealed = () =>
    until('every entry to be sealed', async () => {
      const [{ nextPosition }, tip] = await Promise.all([store.head(), store.tip()]);
      return tip !== null && tip.firstPosition + tip.entryCount === nextPosition;
    });
  sealer.start();
  try {
    for (const [ordinal, keys] of [[LOG_KEY, NEW_KEY], [NEW_KEY]].entries()) {
      const note = signKeyStatement(keys);
      const bytes = utf8(note);
      const entry = {
        ...{ kind: 0, digest: sha256(bytes), size: bytes.length, acceptedAt: Date.now() },
        ...{ salt: new Uint8Array(randomBytes(16)), accountTag: ANONYMOUS, detailsDigest: NO_DETAILS },
      };
      expect(
        await store.acceptKeyStatement({
          ordinal,
          entry,
          note,
          receipt: receiptOf([entry], entry.acceptedAt),
        }),
      ).toBe(true);
      await sealed();
    }
    await submit();
    await sealed();
  } finally {
    await sealer.stop();
  }
}

test('processes that were idle over a change of the log’s keys verify by the new key at once', async () => {
  await using busy = await startService({ sealing: false });
  await using verifies = await startService({ sealing: false, beside: busy });
  await using certifies = await startService({ sealing: false, beside: busy });
  const started = performance.now();
  let links = { self: '', proof: '' };
  await changeKeys(busy, async () => {
    const response = await fetch(`${busy.url}/v1/notarizations`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ documents: [{ sha256: randomBytes(32).toString('hex') }] }),
    });
    const { notarizations } = (await response.json()) as { notarizations: { links: typeof links }[] };
    links = notarizations[0]?.links ?? expect.fail();
  });
  await until('the keys that were read at the start to be out of date', () =>
    Promise.resolve(performance.now() - started > LIFETIME_MS),
  );
  const proof: unknown = await (await fetch(`${busy.url}${links.proof}`)).json();
  // Each is the first request that needs the keys in its process.
  const verified = await fetch(`${verifies.url}/v1/verify`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ proof }),
  });
  expect(await verified.json()).toMatchObject({ verdict: 'verified' });
  const certificate = await fetch(`${certifies.url}${links.self}/certificate.pdf`);
  expect([certificate.status, await certificate.text()]).toEqual([200, expect.stringContaining('%PDF')]);
});
