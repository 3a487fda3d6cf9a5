import { createHash, randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { audit } from '../../src/audit/audit.js';
import { ErasureKeys } from '../../src/crypto/erasure-keys.js';
import { Erasure } from '../../src/http/schemas/erasure.js';
import {
  Accepted,
  Chain,
  type Notarization,
  Problem,
  Register,
  Verification,
} from '../../src/http/schemas/resources.js';
import { decodeEntry, fromBase64, parsePolicy, parseProof, toHex, verify } from '../../src/proof/index.js';
import { ErasureKeyFile } from '../../src/store/index.js';
import { createFolder, type TestFolder } from '../cli/invoke.js';
import { createDatabase, query } from '../support/database.js';
import { createLogger, LOG_KEY } from '../support/parts.js';
import { bearer, createKey, createOrganization, createUser } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

let folder: TestFolder;
let keyFile: string;
let service: TestService;
/** Another instance, which shares database and file. */
let other: TestService;
let organization: string;
const token = { owner: '', key: '', none: '' };
beforeAll(async () => {
  folder = await createFolder();
  keyFile = folder.at('erasure.keys');
  await writeFile(keyFile, ErasureKeys.create(Date.now()).format(), { mode: 0o600 });
  service = await startService({ erasureKeys: keyFile });
  other = await startService({ erasureKeys: keyFile, beside: service, sealing: false });
  organization = (await createOrganization(service, 'Own')).id;
  token.owner = (await createUser(service, organization, 'owner')).accessToken;
  token.key = (await createKey(service, organization)).secret;
});
afterAll(async () => {
  await other[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

type Who = keyof typeof token;

async function call(who: Who, method: string, path: string, body?: object, at = service) {
  const res = await fetch(at.url + path, {
    method,
    headers: {
      ...(token[who] === '' ? {} : bearer(token[who])),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await res.text();
  const isProblem = res.headers.get('content-type')?.startsWith('application/problem+json') === true;
  return { status: res.status, text, code: isProblem ? Problem.parse(JSON.parse(text)).code : null };
}

async function json(who: Who, method: string, path: string, body?: object, at = service): Promise<unknown> {
  const { status, text } = await call(who, method, path, body, at);
  expect(status, `${method} ${path}: ${text}`).toBeLessThan(300);
  return JSON.parse(text) as unknown;
}

async function notarize(details: object, who: Who = 'key', at = service): Promise<Notarization> {
  const sha256 = createHash('sha256').update(randomBytes(8)).digest('hex');
  const documents = [{ sha256, details }];
  const body = Accepted.parse(await json(who, 'POST', '/v1/notarizations?wait=sealed', { documents }, at));
  return body.notarizations[0] ?? expect.fail();
}

const erase = async ({ id }: Notarization, at = service) =>
  Erasure.parse(await json('owner', 'DELETE', `/v1/notarizations/${id}`, undefined, at));

const search = async (query: string, at = service) =>
  Register.parse(await json('owner', 'GET', `/v1/notarizations?${query}`, undefined, at)).notarizations.map(
    ({ details }) => details?.['name'],
  );

/** Every row of every table, as text: what a dump of the database has. Without unlogged tables, which none need have. */
async function dump(): Promise<string> {
  const tables = await query<{ name: string }>(
    service.adminUrl,
    `SELECT relname AS name FROM pg_class
     WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relpersistence = 'p'`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const rows = await query<{ text: string }>(
      service.adminUrl,
      `SELECT row.*::text AS text FROM ${name} AS row`,
    );
    texts.push(...rows.map(({ text }) => text));
  }
  return texts.join('\n').toLowerCase();
}

const SECRET = { name: 'Vertraulich-Kim.pdf', title: 'Quetzal 기밀', tags: ['vogelfrei'], note: 'axolotl' };

test('details, words and salts are in no table that backups have, and everything shows them as ever', async () => {
  const made = await notarize(SECRET);
  const { salt } = decodeEntry(fromBase64(made.entry));
  const text = await dump();
  for (const secret of ['vertraulich', 'quetzal', '기밀', 'vogelfrei', 'axolotl', toHex(salt)])
    expect(text).not.toContain(secret);
  // What is not covered.
  expect(text).toContain(made.sha256);

  for (const at of [service, other]) {
    for (const found of [
      'q=quetz',
      'q=기밀',
      'tag=vogelfrei',
      `sha256=${made.sha256.slice(0, 10)}`,
      'q=axolotl',
    ])
      expect(await search(found, at), found).toEqual([SECRET.name]);
    expect(await search('q=nothing', at)).toEqual([]);
  }
  expect((await call('owner', 'GET', '/v1/notarizations?format=csv')).text).toContain('Quetzal 기밀');

  const proof = parseProof(
    (await call('owner', 'GET', `/v1/notarizations/${made.id}/proof?disclose=all`)).text,
  );
  expect(proof.details).toEqual(SECRET);
  const policy = parsePolicy(Chain.parse(await json('none', 'GET', '/v1/chain')).policy);
  const { verdict } = verify({ proof, document: { sha256: proof.document.sha256 }, policy });
  expect(verdict).toBe('verified');
  const pdf = await call('owner', 'GET', `/v1/notarizations/${made.id}/certificate.pdf?tz=UTC`);
  expect([pdf.status, pdf.text.slice(0, 4)]).toEqual([200, '%PDF']);

  await json('owner', 'PATCH', `/v1/notarizations/${made.id}`, { published: true });
  const verified = Verification.parse(await json('none', 'GET', `/v1/verify/${made.sha256}`));
  expect(verified.notarizations[0]?.details).toEqual(SECRET);

  const anonymous = await notarize({ name: 'anonymous.txt' }, 'none');
  expect(await json('none', 'GET', `/v1/notarizations/${anonymous.id}`)).toMatchObject({
    details: { name: 'anonymous.txt' },
  });
});

test('a tag that is added later does not bring the words of the details into a table that backups have', async () => {
  const made = await notarize({ name: 'Wombat.pdf', tags: ['first'] });
  const bare = await notarize({ name: 'bare.pdf' });
  const added = { notarizations: [made.id, bare.id], add: ['Nachtrag'] };
  expect(await json('owner', 'POST', '/v1/tags', added)).toEqual({ changed: 2 });
  expect(await dump()).not.toContain('wombat');
  const found = async () => [
    await search('tag=nachtrag&order=oldest'),
    await search('q=womb'),
    await search('tag=first&q=nacht'),
  ];
  const expected = [['Wombat.pdf', 'bare.pdf'], ['Wombat.pdf'], ['Wombat.pdf']];
  expect(await found()).toEqual(expected);
  await query(service.adminUrl, 'TRUNCATE unlogged_words');
  await service.store.restoreWords(() => false);
  expect(await found()).toEqual(expected);
  expect(await search(`tag=nachtrag&sha256=${made.sha256.slice(0, 8)}`)).toEqual(['Wombat.pdf']);
  await erase(bare);
  expect(await search('tag=nachtrag')).toEqual(['Wombat.pdf']);
});

test('the register orders encrypted texts as it orders plain ones', async () => {
  const names = ['Beta', 'alpha', 'Ämter', 'gamma', '가나다'];
  for (const [i, name] of names.entries()) await notarize({ name, tags: ['sorted'], reference: `r${i % 2}` });
  await notarize({ note: 'without a name', tags: ['sorted'] });
  const sorted = ['alpha', 'Beta', 'gamma', 'Ämter', '가나다', undefined];
  expect(await search('tag=sorted&order=name')).toEqual(sorted);
  const backwards = [...sorted.slice(0, -1).reverse(), undefined];
  expect(await search('tag=sorted&order=name-reversed')).toEqual(backwards);
  expect(await search('tag=sorted&order=name&skip=1&limit=2')).toEqual(['Beta', 'gamma']);
  expect(await search('tag=sorted&order=reference&limit=3')).toEqual(['가나다', 'Ämter', 'Beta']);
});

test('an erasure destroys the key: a backup from before it has the content no more', async () => {
  const gone = await notarize({ name: 'gone.pdf', tags: ['pair'] });
  const kept = await notarize({ name: 'kept.pdf', tags: ['pair'] });
  const keysBefore = ErasureKeys.parse(await readFile(keyFile, 'utf8'));
  // The backup: its rows, and not the file of keys.
  await query(
    service.adminUrl,
    `CREATE TABLE old_entry AS SELECT * FROM entry WHERE position = ${gone.position};
     CREATE TABLE old_details AS SELECT * FROM details WHERE position = ${gone.position}`,
  );
  const [row] = await query<{ salt: Uint8Array; json: string }>(
    service.adminUrl,
    'SELECT salt, json FROM old_entry JOIN old_details USING (position)',
  );
  if (row === undefined) expect.fail();
  expect(keysBefore.open(row.json)).toContain('gone.pdf');

  await erase(gone, other);
  const keysAfter = ErasureKeys.parse(await readFile(keyFile, 'utf8'));
  expect([keysAfter.stateOf(row.salt), keysAfter.open(row.json)]).toEqual(['destroyed', null]);
  expect(await query(service.adminUrl, 'SELECT * FROM key_destruction')).toEqual([]);
  // No cache of any instance has it.
  for (const at of [service, other]) {
    const { id } = gone;
    expect((await call('owner', 'GET', `/v1/notarizations/${id}`, undefined, at)).code).toBe('erased');
    expect((await call('owner', 'GET', `/v1/notarizations/${id}/proof`, undefined, at)).code).toBe('erased');
    expect(await search('tag=pair', at)).toEqual(['kept.pdf']);
  }

  // The old rows are restored, with the file of now.
  await query(
    service.adminUrl,
    `SET session_replication_role = replica;
     DELETE FROM erasure_certificate WHERE position = ${gone.position}; DELETE FROM erasure WHERE position = ${gone.position};
     DELETE FROM entry WHERE position = ${gone.position};
     INSERT INTO entry SELECT * FROM old_entry; INSERT INTO details SELECT * FROM old_details`,
  );
  await using restored = await startService({ erasureKeys: keyFile, beside: service, sealing: false });
  for (const path of ['', '/proof', '/certificate.pdf?tz=UTC']) {
    const answer = await call('owner', 'GET', `/v1/notarizations/${gone.id}${path}`, undefined, restored);
    expect([answer.status, answer.code], path).toEqual([410, 'key_missing']);
  }
  expect(await search('tag=pair', restored)).toEqual(['kept.pdf']);
  const looked = await json('owner', 'GET', `/v1/verify/${gone.sha256}`, undefined, restored);
  expect(Verification.parse(looked).verdict).toBe('unknown');
  expect(await json('owner', 'GET', `/v1/notarizations/${kept.id}`, undefined, restored)).toMatchObject({
    details: { name: 'kept.pdf' },
  });
  const { findings } = await audit({ store: restored.store, logKey: LOG_KEY.key });
  expect(findings.map(({ key, problem }) => [key['position'], problem])).toEqual([
    [String(gone.position), 'key_missing'],
  ]);
  // As docs/erasure.md tells: the erasure is repeated.
  await query(
    service.adminUrl,
    `SELECT erase_notarization(${gone.position}); DROP TABLE old_entry, old_details`,
  );
  expect((await audit({ store: restored.store, logKey: LOG_KEY.key })).findings).toEqual([]);
});

test('a key for whose destruction there was no time is destroyed by the next service that starts', async () => {
  const made = await notarize({ name: 'killed.pdf' });
  const [row] = await query<{ salt: Uint8Array }>(
    service.adminUrl,
    `SELECT salt FROM entry WHERE position = ${made.position}`,
  );
  // As if the service had been killed after the commit.
  await service.store.erase(made.position);
  const stateNow = async () =>
    ErasureKeys.parse(await readFile(keyFile, 'utf8')).stateOf(row?.salt ?? expect.fail());
  expect(await stateNow()).toBe('present');
  await using next = await startService({ erasureKeys: keyFile, beside: service });
  expect(next.url).not.toBe(service.url);
  await until('the key to be destroyed', stateNow, 'destroyed');
  const due = () => query(service.adminUrl, 'SELECT * FROM key_destruction');
  await until('its destruction to be noted', async () => (await due()).length === 0);
  // A process that was killed after it had destroyed the key does so again, without harm.
  await query(
    service.adminUrl,
    `INSERT INTO key_destruction VALUES ('\\x${toHex(row?.salt ?? expect.fail())}')`,
  );
  const file = await ErasureKeyFile.open(keyFile);
  await service.store.destroyErasureKeys((due) => file.change((keys) => keys.without(due)));
  expect(await due()).toEqual([]);
  expect(await service.store.destroyErasureKeys(() => Promise.reject(new Error('nothing is due')))).toBe(0);
});

test('when the file cannot be written, the erasure stands, and the key is destroyed later', async () => {
  const made = await notarize({ name: 'full-disk.pdf' });
  const [row] = await query<{ salt: Uint8Array }>(
    service.adminUrl,
    `SELECT salt FROM entry WHERE position = ${made.position}`,
  );
  const log = createLogger();
  const path = folder.at('vanishing.keys');
  await writeFile(path, await readFile(keyFile, 'utf8'), { mode: 0o600 });
  {
    await using broken = await startService({
      ...{ erasureKeys: path, beside: service, sealing: false, logger: log.logger },
    });
    await rm(path);
    await erase(made, broken);
  }
  expect(log.lines.join('\n')).toMatch(/destroying data keys stalled: .*ENOENT/);
  const file = await ErasureKeyFile.open(keyFile);
  await service.store.destroyErasureKeys((due) => file.change((keys) => keys.without(due)));
  await file.reload();
  expect(file.keys.stateOf(row?.salt ?? expect.fail())).toBe('destroyed');
});

test('the words that a crash of PostgreSQL takes away come back from the details', async () => {
  const made = await notarize({ name: 'phoenix.pdf', tags: ['ashes'] });
  const erased = await notarize({ name: 'icarus.pdf', tags: ['ashes'] });
  await erase(erased);
  await until('the words are complete', async () => (await service.store.restoreWords(() => false)) === null);
  // What PostgreSQL does with an unlogged table after a crash.
  await query(service.adminUrl, 'TRUNCATE unlogged_words');
  expect(await search('tag=ashes')).toEqual([]);
  expect(await service.store.restoreWords(() => false)).toBeGreaterThan(0);
  expect(await search('tag=ashes')).toEqual(['phoenix.pdf']);
  expect(await search('q=phoe')).toEqual(['phoenix.pdf']);
  expect(await service.store.restoreWords(() => false)).toBeNull();
  await erase(made);
  expect(await search('tag=ashes')).toEqual([]);
});

test('without its file the service goes on, names what cannot be read, and reads everything else', async () => {
  const keyed = await notarize({ name: 'keyed.pdf', tags: ['lost'] });
  const log = createLogger();
  await using off = await startService({ beside: service, sealing: false, logger: log.logger });
  expect(
    log.lines.some((line) => line.includes('under data keys that INGAM_ERASURE_KEYS does not have')),
  ).toBe(true);
  const refused = await call('owner', 'GET', `/v1/notarizations/${keyed.id}`, undefined, off);
  expect([refused.status, refused.code]).toEqual([410, 'key_missing']);
  const plain = await notarize({ name: 'plain.pdf', tags: ['lost'] }, 'key', off);
  for (const at of [off, service]) {
    expect(await json('owner', 'GET', `/v1/notarizations/${plain.id}`, undefined, at)).toMatchObject({
      details: { name: 'plain.pdf' },
    });
  }
  expect(await search('tag=lost', off)).toEqual(['plain.pdf']);
  expect(await search('tag=lost&order=name', off)).toEqual(['plain.pdf']);
  expect(await search('tag=lost&order=name')).toEqual(['keyed.pdf', 'plain.pdf']);
  const { findings } = await audit({ store: off.store, logKey: LOG_KEY.key });
  expect(findings.every(({ problem }) => problem === 'key_missing')).toBe(true);
  expect(findings.some(({ key }) => key['position'] === String(keyed.position))).toBe(true);
});

test('what waits for its block without its key stops the sealing, until the file is back', async () => {
  await using database = await createDatabase();
  const at = { databaseUrl: database.url };
  {
    await using accepts = await startService({ ...at, sealing: false, erasureKeys: keyFile });
    const { notarizations } = Accepted.parse(
      await json('none', 'POST', '/v1/notarizations', { documents: [{ sha256: '7'.repeat(64) }] }, accepts),
    );
    expect(notarizations[0]?.status).toBe('accepted');
  }
  {
    await using without = await startService(at);
    await until('sealing to stop for the key', async () => {
      const { problem } = without.deps.sealer.status;
      return Promise.resolve(problem?.message.includes('the data key of the entry at position 0 is missing'));
    });
  }
  await using found = await startService({ ...at, erasureKeys: keyFile });
  await until('the entry to be sealed', async () => (await found.store.tip())?.entryCount === 1);
});

test('the audit finds nothing after all of this, and names rows with data keys that were changed', async () => {
  await until('nothing waits for its block', async () => {
    const { firstUnsealed, nextPosition } = await service.store.sealingState();
    return firstUnsealed === nextPosition;
  });
  const concerned = ['details_words', 'publication', 'idempotency', 'register_run'];
  const problems = async () => {
    const { findings, database } = await audit({ store: service.store, logKey: LOG_KEY.key });
    return [...findings, ...database.findings.filter(({ table }) => concerned.includes(table))].map(
      ({ table, problem }) => `${table} ${problem}`,
    );
  };
  expect(await problems()).toEqual([]);
  const [first, second] = [await notarize({ name: 'one.pdf' }), await notarize({ name: 'two.pdf' })];
  const run = (sql: string) => query(service.adminUrl, `SET session_replication_role = replica; ${sql}`);
  // The encrypted details of one under the other.
  const swap = `UPDATE details SET json = (SELECT json FROM details AS other WHERE position = ${second.position})
    WHERE position = ${first.position}`;
  await run(`CREATE TABLE saved AS SELECT * FROM details WHERE position = ${first.position}; ${swap}`);
  expect(await problems()).toEqual(['details details_mismatch']);
  await run(
    `UPDATE details SET json = saved.json FROM saved WHERE details.position = saved.position; DROP TABLE saved`,
  );
  // The run of another organization.
  const { number } = await createOrganization(service, 'Else');
  const to = (to: string) =>
    `UPDATE register_run SET organization_number = ${to} WHERE first_position = ${first.position}`;
  const [own] = await query<{ number: number }>(
    service.adminUrl,
    `SELECT organization_number AS number FROM register_run WHERE first_position = ${first.position}`,
  );
  await run(to(String(number)));
  expect(await problems()).toContain('register_run register_mismatch');
  await run(to(String(own?.number ?? expect.fail())));
  expect(await problems()).toEqual([]);
});
