import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { audit } from '../../src/audit/audit.js';
import { Erasure } from '../../src/http/schemas/erasure.js';
import { Accepted } from '../../src/http/schemas/resources.js';
import { isErasureOf, readErasure, decodeEntry, entryLeafHash, fromBase64 } from '../../src/proof/index.js';
import { openStore } from '../../src/store/index.js';
import { createFolder } from '../cli/invoke.js';
import { startBuilt } from '../support/built.js';
import { createDatabase } from '../support/database.js';
import { LOG_KEY, ORIGIN, RECEIPT_KEY, SECRET } from '../support/parts.js';
import { bearer, createOrganization, createUser } from '../support/people.js';
import { startService } from '../support/service.js';
import { until } from '../support/until.js';

const COUNT = 12;

// Each erasure is one transaction, and its certificate is notarized after it: the process is killed among them.
test('a service killed with -9 while it erases leaves no half erasure, and notarizes every certificate later', async () => {
  await using folder = await createFolder();
  await using database = await createDatabase();
  const env = {
    HOME: folder.path,
    DATABASE_URL: database.url,
    INGAM_DATA_DIR: join(folder.path, 'data'),
    INGAM_LOG_KEY: LOG_KEY.text,
    INGAM_RECEIPT_KEY: RECEIPT_KEY.text,
    INGAM_SECRET: SECRET,
    INGAM_WORKERS: '1',
    INGAM_SEAL_INTERVAL_MS: '50',
    INGAM_MINING_TARGET_MS: '1',
    INGAM_MIN_DIFFICULTY: '1',
    INGAM_SEAL_WITHOUT_KEPT_CHECKPOINT: 'on',
  };
  let token = '';
  let notarizations: Accepted['notarizations'] = [];
  {
    await using service = await startService({ databaseUrl: database.url });
    const { id } = await createOrganization(service, 'Own');
    token = (await createUser(service, id, 'owner')).accessToken;
    const documents = Array.from({ length: COUNT }, (_, i) => ({
      sha256: createHash('sha256').update(`killed ${i}`).digest('hex'),
      details: { name: `killed-${i}.pdf` },
    }));
    const res = await fetch(`${service.url}/v1/notarizations?wait=sealed`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearer(token) },
      body: JSON.stringify({ documents }),
    });
    ({ notarizations } = Accepted.parse(await res.json()));
  }
  const erase = async (url: string, id: string) => {
    const res = await fetch(`${url}/v1/notarizations/${id}`, { method: 'DELETE', headers: bearer(token) });
    return { status: res.status, body: (await res.json()) as unknown };
  };

  const answered = new Set<string>();
  {
    await using killed = await startBuilt(['serve'], { env });
    const kills: Promise<void>[] = [];
    const attempts = notarizations.map(async ({ id }) => {
      const { status } = await erase(killed.url, id);
      expect(status).toBe(200);
      answered.add(id);
      // Among the others, some of which have begun.
      if (kills.length === 0) kills.push(killed.kill());
    });
    await Promise.allSettled(attempts);
    await Promise.all(kills);
  }
  expect(answered.size).toBeGreaterThan(0);

  await using service = await startBuilt(['serve'], { env });
  const states = new Map<string, number>();
  for (const { id } of notarizations) {
    const res = await fetch(`${service.url}/v1/notarizations/${id}`, { headers: bearer(token) });
    states.set(id, res.status);
    await res.body?.cancel();
  }
  for (const [id, status] of states) expect([200, 410], id).toContain(status);
  for (const id of answered) expect(states.get(id)).toBe(410);
  // What was erased without an answer has its certificate notarized without being asked.
  const store = await openStore({ url: database.url });
  try {
    await until(
      'every certificate is notarized',
      async () => (await store.unnotarizedErasures(1)).length === 0,
    );
    for (const { id, entry } of notarizations) {
      const { status, body } = await erase(service.url, id);
      expect(status).toBe(200);
      const { certificate } = Erasure.parse(body);
      const signed = readErasure(certificate, [LOG_KEY.key]);
      const leafHash = entryLeafHash(decodeEntry(fromBase64(entry)));
      expect(isErasureOf(signed, { origin: ORIGIN, leafHash })).toBe(true);
    }
    await until('every certificate is sealed', async () => {
      const { firstUnsealed, nextPosition } = await store.sealingState();
      return firstUnsealed === nextPosition;
    });
    const { findings, database: beside } = await audit({ store, logKey: LOG_KEY.key });
    expect(findings).toEqual([]);
    const tables = ['erasure_certificate', 'access_event', 'register_run', 'idempotency', 'details_words'];
    expect(beside.findings.filter(({ table }) => tables.includes(table))).toEqual([]);
  } finally {
    await store.close();
  }
});
