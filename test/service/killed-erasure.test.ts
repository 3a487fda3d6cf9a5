import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { audit } from '../../src/audit/audit.js';
import { ErasureKeys } from '../../src/crypto/erasure-keys.js';
import { Erasure, Holds } from '../../src/http/schemas/erasure.js';
import { Accepted, Register } from '../../src/http/schemas/resources.js';
import { isErasureOf, readErasure, decodeEntry, entryLeafHash, fromBase64 } from '../../src/proof/index.js';
import { ErasureKeyFile, migrate, openStore } from '../../src/store/index.js';
import { createFolder } from '../cli/invoke.js';
import { startBuilt } from '../support/built.js';
import { createDatabase, query } from '../support/database.js';
import { createLog, LOG_KEY, ORIGIN, RECEIPT_KEY, SECRET } from '../support/parts.js';
import { bearer, createOrganization, createUser } from '../support/people.js';
import { startTestServer } from '../support/postgres.js';
import { startService } from '../support/service.js';
import { until } from '../support/until.js';

const COUNT = 12;

// Each erasure is one transaction, and its certificate is notarized after it: the process is killed among them.
test('a service killed with -9 while it erases leaves no half erasure, destroys every key, and notarizes every certificate later', async () => {
  await using folder = await createFolder();
  await using database = await createDatabase();
  const keyFile = folder.at('erasure.keys');
  await writeFile(keyFile, ErasureKeys.create(Date.now()).format(), { mode: 0o600 });
  const env = {
    INGAM_ERASURE_KEYS: keyFile,
    HOME: folder.path,
    DATABASE_URL: database.url,
    INGAM_DATA_DIR: join(folder.path, 'data'),
    INGAM_LOG_KEY: LOG_KEY.text,
    INGAM_RECEIPT_KEY: RECEIPT_KEY.text,
    INGAM_SECRET: SECRET,
    INGAM_WORKERS: '1',
    INGAM_SEAL_INTERVAL_MS: '200',
    INGAM_MINING_TARGET_MS: '1',
    INGAM_MIN_DIFFICULTY: '1',
    INGAM_SEAL_WITHOUT_KEPT_CHECKPOINT: 'on',
  };
  let token = '';
  let notarizations: Accepted['notarizations'] = [];
  {
    await using service = await startService({ databaseUrl: database.url, erasureKeys: keyFile });
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

  const references = await query<{ position: string; salt: Uint8Array }>(
    database.url,
    'SELECT position, salt FROM entry WHERE kind = 256',
  );
  const referenceOf = (id: string) =>
    references.find(({ position }) => position === id.split('-')[0])?.salt ?? expect.fail(id);
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
  // The key of what is erased is destroyed, also when the process was killed between the two; no other is.
  for (const [id, status] of states) {
    await until(`the key of ${id} is as its content`, async () => {
      const keys = ErasureKeys.parse(await readFile(keyFile, 'utf8'));
      return keys.stateOf(referenceOf(id)) === (status === 410 ? 'destroyed' : 'present');
    });
  }
  // What was erased without an answer has its certificate notarized without being asked.
  const store = await openStore({ url: database.url, erasureKeys: await ErasureKeyFile.open(keyFile) });
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

test('PostgreSQL killed with -9 among erasures and holds loses none that was answered, and search finds what is left', async () => {
  await using folder = await createFolder();
  const keyFile = folder.at('erasure.keys');
  await writeFile(keyFile, ErasureKeys.create(Date.now()).format(), { mode: 0o600 });
  const { server } = await startTestServer({ directory: folder.at('server'), log: createLog() });
  try {
    await migrate(server);
    await using service = await startService({ databaseUrl: server.url, erasureKeys: keyFile });
    const { id: organization } = await createOrganization(service, 'Own');
    const { accessToken } = await createUser(service, organization, 'owner');
    const call = async (method: string, path: string, body?: object, key?: string) => {
      const res = await fetch(service.url + path, {
        method,
        headers: {
          ...{ ...bearer(accessToken), 'content-type': 'application/json' },
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: res.status, body: (await res.json()) as unknown };
    };
    const documents = Array.from({ length: 9 }, (_, i) => ({
      sha256: createHash('sha256').update(`stopped ${i}`).digest('hex'),
      details: { name: `stopped-${i}.pdf`, tags: ['stopped'] },
    }));
    const made = Accepted.parse((await call('POST', '/v1/notarizations?wait=sealed', { documents })).body);
    const ids = made.notarizations.map(({ id }) => id);
    const references = new Map(
      (
        await query<{ position: string; salt: Uint8Array }>(
          server.ownerUrl,
          'SELECT position, salt FROM entry',
        )
      ).map(({ position, salt }) => [position, salt] as const),
    );
    // Each until it has an answer that is no "not now", as a client does.
    const answered = (what: string, send: () => ReturnType<typeof call>) =>
      until(what, async () => {
        const { status } = await send();
        return status < 500 && status !== 401 ? status : null;
      });
    const attempts = ids.map((id, i) =>
      i % 3 === 0
        ? answered(`hold ${i}`, () =>
            call('POST', '/v1/holds', { reason: 'case', notarizations: [id] }, `k${i}`),
          )
        : i % 3 === 1
          ? answered(`erasure ${i}`, () => call('DELETE', `/v1/notarizations/${id}`))
          : Promise.resolve(0),
    );
    await Promise.race(attempts.filter((_, i) => i % 3 === 1));
    process.kill(server.pid() ?? expect.fail(), 'SIGKILL');
    expect(await Promise.all(attempts)).toEqual(ids.map((_, i) => [201, 200, 0][i % 3]));

    const list = async () =>
      Register.parse((await call('GET', '/v1/notarizations?tag=stopped')).body).notarizations.map(
        ({ id }) => id,
      );
    await service.store.restoreWords(() => false);
    expect((await list()).sort()).toEqual(ids.filter((_, i) => i % 3 !== 1).sort());
    for (const [i, id] of ids.entries()) {
      const held = Holds.parse((await call('GET', `/v1/holds?limit=10`)).body).holds;
      expect(held).toHaveLength(3);
      const isErased = i % 3 === 1;
      expect((await call('GET', `/v1/notarizations/${id}`)).status).toBe(isErased ? 410 : 200);
      if (i % 3 === 0) expect((await call('DELETE', `/v1/notarizations/${id}`)).status).toBe(409);
      await until(`the key of ${id} is as its content`, async () => {
        const keys = ErasureKeys.parse(await readFile(keyFile, 'utf8'));
        return (
          (keys.stateOf(references.get(id.split('-')[0] ?? '') ?? expect.fail()) === 'destroyed') === isErased
        );
      });
    }
    await until('every certificate is sealed', async () => {
      const { firstUnsealed, nextPosition } = await service.store.sealingState();
      return firstUnsealed === nextPosition && (await service.store.unnotarizedErasures(1)).length === 0;
    });
    const { findings, database: beside } = await audit({ store: service.store, logKey: LOG_KEY.key });
    expect(findings).toEqual([]);
    const tables = ['erasure_certificate', 'legal_hold', 'access_event', 'register_run', 'idempotency'];
    expect(beside.findings.filter(({ table }) => tables.includes(table))).toEqual([]);
  } finally {
    await server.stop();
  }
});
