import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { audit } from '../../src/audit/audit.js';
import { loadSecrets } from '../../src/service/keys.js';
import { openStore } from '../../src/store/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { LOG_KEY, SECRET } from '../support/parts.js';
import { bearer, createKey, createOrganization } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

const cleanUp: (() => PromiseLike<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

/** The statements of the section "When sealing stops", for another position than the one in the text. */
async function removal(position: number): Promise<string> {
  const text = await readFile(join(import.meta.dirname, '../../docs/receipts.md'), 'utf8');
  const [, sql = ''] = /```sql\n(.*?)```/s.exec(text) ?? [];
  expect(sql.split('812')).toHaveLength(2);
  return sql.replace('812', String(position));
}

interface Shown {
  readonly id: string;
  readonly position: number;
}

async function submit(
  at: TestService,
  texts: readonly string[],
  headers: Readonly<Record<string, string>>,
): Promise<Shown[]> {
  const body = new FormData();
  for (const text of texts) body.append('file', new Blob([text]), `${text}.txt`);
  body.append('details', JSON.stringify({ title: `About ${texts.join(' ')}`, tags: ['seoul'] }));
  const response = await fetch(`${at.url}/v1/notarizations`, { method: 'POST', headers, body });
  expect(response.status).toBe(201);
  return ((await response.json()) as { notarizations: Shown[] }).notarizations;
}

/** As somebody who can write rows, but has no key. */
const FORGED = `
  SET session_replication_role = replica;
  INSERT INTO entry (position, accepted_at, kind, digest, salt)
  SELECT next_position, latest_time, 0, sha256('a forged contract'), decode(md5('salt'), 'hex') FROM head;
  INSERT INTO details SELECT next_position, '{"title":"forged"}' FROM head;
  UPDATE head SET next_position = next_position + 1;`;

/** A row that is updated goes to another place of its table: the rows are not in the order of positions. */
const DISORDER = Object.entries({
  entry: 'position',
  receipt: 'first_position',
  details: 'position',
  details_words: 'position',
  register_run: 'first_position',
}).map(([table, column]) => `UPDATE ${table} SET ${column} = ${column} WHERE ${column} = 3`);

async function start(database: TestDatabase, before?: TestService): Promise<TestService> {
  const service = await startService({
    databaseUrl: database.url,
    sealing: before !== undefined,
    ...(before === undefined ? {} : { beside: before }),
  });
  cleanUp.push(() => service[Symbol.asyncDispose]());
  return service;
}

test('the statements of docs/receipts.md remove an added row, and sealing goes on as if it had never been there', async () => {
  const database = await createDatabase();
  cleanUp.push(() => database.drop());
  const service = await start(database);
  const organization = await createOrganization(service, 'Kim');
  const { secret: token } = await createKey(service, organization.id);
  const headers = { ...bearer(token), 'Idempotency-Key': 'after-it' };

  await submit(service, ['one', 'two'], bearer(token));
  await database.query(FORGED);
  const later = [
    ...(await submit(service, ['three', 'four'], headers)),
    ...(await submit(service, ['five'], bearer(token))),
    ...(await submit(service, ['six'], {})),
  ];
  expect(later.map(({ position }) => position)).toEqual([3, 4, 5, 6]);
  await database.query(['SET session_replication_role = replica', ...DISORDER].join(';\n'));

  // What was accepted before the row is sealed; what was accepted after it waits.
  service.startSealing();
  const { message } = await until('sealing to stop', () => service.deps.sealer.status.problem);
  expect(message).toContain('the entry at position 2 cannot be sealed, because no receipt is stored');
  expect((await service.store.sealingState()).firstUnsealed).toBe(2);
  service.beginStop();
  await service[Symbol.asyncDispose]();

  await database.query(await removal(2));

  const again = await start(database, service);
  await until('everything to be sealed', async () => (await again.store.sealingState()).firstUnsealed, 6);
  expect(again.deps.sealer.status.problem).toBeNull();
  // The later documents are found by their digest, and by a repeated request.
  const repeated = await submit(again, ['three', 'four'], headers);
  expect(repeated.map(({ position }) => position)).toEqual([2, 3]);
  const found = await fetch(`${again.url}/v1/notarizations?q=five`, { headers: bearer(token) });
  expect(
    ((await found.json()) as { notarizations: Shown[] }).notarizations.map(({ position }) => position),
  ).toEqual([4]);

  const store = await openStore({ url: database.url });
  cleanUp.push(() => store.close());
  const rowKeys = (await loadSecrets({ dataDir: null, secret: SECRET }))?.rows ?? null;
  const result = await audit({ store, logKey: LOG_KEY.key, rowKeys });
  expect(result.findings).toEqual([]);
  expect(result.database.findings).toEqual([]);
  expect(result.entries).toBe(6);
});

test('the statements of docs/receipts.md move every table that names a position of what waits', async () => {
  await using database = await createDatabase();
  const rows = await database.query<{ place: string }>(`
    SELECT table_name || '.' || column_name AS place FROM information_schema.columns
    WHERE table_schema = current_schema() AND column_name LIKE '%position%' AND is_updatable = 'YES' ORDER BY 1`);
  const sql = await removal(2);
  const named = rows
    .map(({ place }) => place)
    .filter((place) => {
      const [table = '', column = ''] = place.split('.');
      return sql.includes(`('${table}', '${column}')`) || sql.includes(`UPDATE ${table} SET ${column}`);
    });
  const rest = rows.map(({ place }) => place).filter((place) => !named.includes(place));
  // Only what is sealed is in these.
  expect(rest).toEqual([
    'block.first_position',
    'body_erasure.position',
    'erasure.position',
    'erasure_certificate.position',
    'lost_entry.position',
  ]);
});
