import { afterAll, beforeAll, expect, test } from 'vitest';
import { audit } from '../../src/audit/audit.js';
import { AcceptedEvent, PublishedRecord, RecordPublication } from '../../src/http/schemas/records.js';
import { Chain, Problem } from '../../src/http/schemas/resources.js';
import { type JsonObject, parseHistory, parsePolicy, type Shown } from '../../src/proof/index.js';
import { verifyHistory } from '../../src/proof/records/history.js';
import { query } from '../support/database.js';
import { LOG_KEY } from '../support/parts.js';
import { bearer, createKey, createOperator, createOrganization, createUser } from '../support/people.js';
import {
  digestOf,
  documentBody,
  firstEvent,
  type Holder,
  newHolder,
  nextEvent,
  type Place,
  publicationNote,
  type SentEvent,
} from '../support/records.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
const tokens = { owner: '', notary: '', auditor: '', notarize: '', read: '', stranger: '' };
let organization: string;
beforeAll(async () => {
  service = await startService({ policy: { anonymousSubmission: false } });
  organization = (await createOrganization(service, 'Own')).id;
  for (const role of ['owner', 'notary', 'auditor'] as const)
    tokens[role] = (await createUser(service, organization, role)).accessToken;
  tokens.notarize = (await createKey(service, organization, ['notarize'])).secret;
  tokens.read = (await createKey(service, organization, ['read'])).secret;
  const others = (await createOrganization(service, 'Other')).id;
  tokens.stranger = (await createUser(service, others, 'owner')).accessToken;
});
afterAll(() => service[Symbol.asyncDispose]());

const alice = newHolder('alice.example');
const bob = newHolder('bob.example');

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

async function call(method: string, path: string, token: string | null, body?: unknown): Promise<Answer> {
  const res = await fetch(service.url + path, {
    method,
    headers: {
      ...(token === null ? {} : bearer(token)),
      ...(body === undefined ? {} : { 'content-type': 'application/json', prefer: 'wait=60' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    redirect: 'manual',
  });
  return { status: res.status, headers: res.headers, text: await res.text() };
}

async function verdictOf({ text }: Answer): Promise<string> {
  const { policy } = Chain.parse(JSON.parse((await call('GET', '/v1/chain', null)).text));
  const history = parseHistory(Buffer.from(text));
  return verifyHistory({ history, policy: parsePolicy(policy) }).verdict;
}

const codeOf = ({ status, text }: Answer) => [status, Problem.parse(JSON.parse(text)).code] as const;

/** Submits an event, and waits for its block. */
async function add(event: SentEvent, place: Place | null = null, token = tokens.notary): Promise<Place> {
  const path = place === null ? '/v1/records' : `/v1/records/${place.record}/events`;
  const answer = await call('POST', path, token, event);
  expect(answer).toMatchObject({ status: 201 });
  const accepted = AcceptedEvent.parse(JSON.parse(answer.text));
  expect(accepted.status).toBe('applied');
  return accepted;
}

const ring = (title: string, holder: Holder = alice): JsonObject => ({
  title,
  serial: `${title} 1`,
  features: [{ name: 'stone', value: `${title} ruby` }],
  documents: [{ sha256: digestOf(title), name: `${title}.jpg` }],
  issuer: holder.text,
  holder: holder.text,
});
const register = (title: string) => add(firstEvent('item.register', ring(title), [alice]));

const publish = (record: string, note: string, token: string | null = tokens.notary) =>
  call('PUT', `/v1/records/${record}/publication`, token, { note });
const show = (record: string, rest = '') => call('GET', `/v1/records/${record}/publication${rest}`, null);
const shown = async (record: string) => {
  const answer = await show(record);
  expect(answer.status).toBe(200);
  return PublishedRecord.parse(JSON.parse(answer.text));
};
const gone = async (record: string) => {
  expect(codeOf(await show(record))).toEqual([404, 'not_published']);
  expect(codeOf(await show(record, '/history'))).toEqual([404, 'not_published']);
};

async function published(title: string, shows: readonly Shown[]): Promise<Place> {
  const made = await register(title);
  const answer = await publish(made.record, publicationNote(made.record, alice, shows));
  expect(answer).toMatchObject({ status: 200 });
  return made;
}

test('shows everybody what the holder has chosen, and nothing else', async () => {
  const made = await register('Ring');
  await gone(made.record);
  const note = publicationNote(made.record, alice, ['title', 'features']);
  const answer = await publish(made.record, note);
  expect(RecordPublication.parse(JSON.parse(answer.text))).toMatchObject({
    record: made.record,
    shows: ['title', 'features'],
    links: { page: `/r/${made.record}` },
  });
  const found = await shown(made.record);
  expect(found).toMatchObject({
    ...{ kind: 'item', status: 'held', title: 'Ring', shows: ['title', 'features'], note, sequence: 0 },
    holder: { kind: 'ed25519', name: null },
    events: [
      {
        ...{ sequence: 0, type: 'item.register', automatic: false },
        body: { title: 'Ring', features: [{ name: 'stone', value: 'Ring ruby' }] },
      },
    ],
    next: null,
    links: { history: null },
  });
  expect(Object.keys(found.events[0]?.body ?? {})).toEqual(['features', 'title']);
  expect(found.events[0]?.signers).toEqual([found.holder]);
  const { text } = await show(made.record);
  expect(text.replaceAll(JSON.stringify(note), '')).not.toMatch(/Ring 1|jpg|alice|nonce/);
  expect(codeOf(await show(made.record, '/history'))).toEqual([404, 'not_published']);
});

test('shows the names of keys, and the whole history, if the holder wants that', async () => {
  const made = await published('Brooch', ['keys', 'history']);
  const found = await shown(made.record);
  expect(found).toMatchObject({ title: null, holder: { name: 'alice.example' } });
  expect(found.events[0]).toMatchObject({
    signers: [{ name: 'alice.example', kind: 'ed25519' }],
    body: { issuer: alice.text, holder: alice.text },
  });
  const history = await show(made.record, '/history');
  expect(history).toMatchObject({ status: 200 });
  expect(history.headers.get('content-disposition')).toContain(
    `${made.record.slice(0, 16)}.ingam-history.json`,
  );
  expect(await verdictOf(history)).toBe('verified');
});

test('is for people and keys of an organization that has the record, with the signature of its holder', async () => {
  const made = await register('Necklace');
  const { record } = made;
  const note = () => publicationNote(record, alice, ['title']);
  expect(codeOf(await publish(record, note(), null))).toEqual([401, 'unauthenticated']);
  expect(codeOf(await publish(record, note(), tokens.auditor))).toEqual([403, 'forbidden']);
  expect(codeOf(await publish(record, note(), tokens.read))).toEqual([403, 'forbidden']);
  expect(codeOf(await publish(record, note(), tokens.stranger))).toEqual([404, 'unknown_record']);
  const missing = '5'.repeat(64);
  expect(codeOf(await publish(missing, publicationNote(missing, alice, ['title'])))).toEqual([
    404,
    'unknown_record',
  ]);
  await gone(record);
  const refused = [
    publicationNote(record, bob, ['title']),
    publicationNote(record, alice, ['authors']),
    publicationNote(record, alice, []),
    publicationNote(missing, alice, ['title']),
    publicationNote(record, alice, ['title'], { origin: 'other.example/log' }),
    publicationNote(record, alice, ['title'], { time: Date.now() - 330_000 }),
    publicationNote(record, alice, ['title'], { time: Date.now() + 330_000 }),
    'no note',
  ];
  for (const each of refused)
    expect([each, ...codeOf(await publish(record, each))]).toEqual([each, 422, 'invalid_publication']);
  await gone(record);
  for (const token of [tokens.owner, tokens.notary, tokens.notarize])
    expect(await publish(record, note(), token)).toMatchObject({ status: 200 });
});

test('refuses records that are no works or items', async () => {
  const made = await add(firstEvent('document.create', documentBody(alice, 'Lease'), [alice]));
  const note = publicationNote(made.record, alice, ['title']);
  expect(codeOf(await publish(made.record, note))).toEqual([409, 'wrong_kind']);
});

test('is withdrawn by the organization that has published it, and its note is not accepted again', async () => {
  const made = await register('Earring');
  const { record } = made;
  const withdraw = (token: string | null) => call('DELETE', `/v1/records/${record}/publication`, token);
  const first = publicationNote(record, alice, ['title']);
  const older = publicationNote(record, alice, ['title', 'serial'], { time: Date.now() - 60_000 });
  // Whoever has lost the answer sends it again.
  for (let times = 0; times < 2; times++) expect(await publish(record, first)).toMatchObject({ status: 200 });
  expect(codeOf(await publish(record, older))).toEqual([422, 'invalid_publication']);
  expect(codeOf(await withdraw(null))).toEqual([401, 'unauthenticated']);
  expect(codeOf(await withdraw(tokens.auditor))).toEqual([403, 'forbidden']);
  expect(codeOf(await withdraw(tokens.stranger))).toEqual([404, 'not_published']);
  expect((await shown(record)).title).toBe('Earring');
  expect((await withdraw(tokens.notary)).status).toBe(204);
  await gone(record);
  expect(codeOf(await withdraw(tokens.notary))).toEqual([404, 'not_published']);
  for (const each of [first, older])
    expect(codeOf(await publish(record, each))).toEqual([422, 'invalid_publication']);
  await gone(record);
  const events = await query<{ kind: string }>(
    service.databaseUrl,
    `SELECT kind FROM access_event WHERE detail LIKE '%${record}%' ORDER BY id`,
  );
  expect(events.map(({ kind }) => kind)).toEqual(['record_published', 'record_withdrawn']);
  const findings = async () => {
    const { database } = await audit({ store: service.store, logKey: LOG_KEY.key });
    return database.findings.filter(({ table }) => table === 'record_publication');
  };
  expect(await findings()).toEqual([]);
  await query(
    service.databaseUrl,
    `UPDATE record_publication SET note = '${first}' WHERE record = '\\x${record}'`,
  );
  expect(await findings()).toMatchObject([{ problem: 'unexplained', key: { record } }]);
});

test('is withdrawn by operators too', async () => {
  const { record } = await published('Locket', ['title']);
  const operator = (await createOperator(service)).accessToken;
  const note = publicationNote(record, alice, ['title']);
  expect(codeOf(await publish(record, note, operator))).toEqual([403, 'forbidden']);
  expect((await call('DELETE', `/v1/records/${record}/publication`, operator)).status).toBe(204);
  await gone(record);
});

test('ends when the record has another holder, who can publish it anew', async () => {
  const made = await published('Watch', ['title', 'serial']);
  const { record } = made;
  const offered = await add(nextEvent(made, 'item.offer', { to: bob.text }, [alice]), made);
  expect((await shown(record)).status).toBe('offered');
  await add(nextEvent(offered, 'item.accept', {}, [bob]), offered);
  await gone(record);
  expect(codeOf(await publish(record, publicationNote(record, alice, ['title'])))).toEqual([
    422,
    'invalid_publication',
  ]);
  expect(await publish(record, publicationNote(record, bob, ['title']))).toMatchObject({ status: 200 });
  expect(await shown(record)).toMatchObject({ title: 'Watch', sequence: 2, status: 'held' });
});

test('shows nothing by a row that no present holder has signed', async () => {
  const made = await published('Bracelet', ['title']);
  const forged = publicationNote(made.record, bob, ['title', 'serial']);
  await query(
    service.databaseUrl,
    `UPDATE record_publication SET note = '${forged}' WHERE record = '\\x${made.record}'`,
  );
  await gone(made.record);
});

test('does not show what was erased', async () => {
  const made = await published('Tiara', ['title', 'serial', 'history']);
  const erase = await call('DELETE', `/v1/records/${made.record}/events/0/body`, tokens.owner);
  expect(erase.status).toBe(204);
  const found = await shown(made.record);
  expect(found).toMatchObject({ title: null, events: [{ sequence: 0, erased: true }] });
  expect(found.events[0]?.body).toBeUndefined();
  const history = await show(made.record, '/history');
  expect(history.text).not.toMatch(/Tiara/);
  expect(await verdictOf(history)).toBe('incomplete');
});

test('shows a work with its licences and disputes; another work that contests it stays with its own holder', async () => {
  const claim = (title: string, holder: Holder): JsonObject => ({
    title,
    kind: 'song',
    authors: [{ name: `Author of ${title}`, role: 'composer' }],
    published: null,
    madeForHire: false,
    basis: 'own work',
    documents: [{ sha256: digestOf(title) }],
    holder: holder.text,
  });
  const made = await add(firstEvent('work.claim', claim('Tune', alice), [alice]));
  const licence = { to: { name: 'Radio' }, terms: 'broadcast', exclusive: false };
  const licensed = await add(nextEvent(made, 'work.license', licence, [alice]), made);
  const rival = await add(firstEvent('work.claim', claim('Melody', bob), [bob]), null, tokens.stranger);
  const contest = { by: rival.record, holder: bob.text, reason: 'written before' };
  await add(nextEvent(licensed, 'work.contest', contest, [bob]), licensed);
  const { record } = made;
  const shows: readonly Shown[] = ['title', 'licences', 'disputes', 'history'];
  expect(await publish(record, publicationNote(record, alice, shows))).toMatchObject({ status: 200 });
  const found = await shown(record);
  expect(found).toMatchObject({ kind: 'work', status: 'contested', title: 'Tune' });
  expect(found.events.map(({ body }) => body)).toEqual([
    { title: 'Tune' },
    { exclusive: false, terms: 'broadcast' },
    { by: rival.record, reason: 'written before' },
  ]);
  const history = await show(record, '/history');
  expect(history.text).not.toMatch(/Melody/);
  expect(await verdictOf(history)).toBe('incomplete');
});

test('has events in pages', async () => {
  const made = await published('Cup', ['reports']);
  await add(nextEvent(made, 'item.report', { what: 'lost' }, [alice]), made);
  const first = PublishedRecord.parse(JSON.parse((await show(made.record, '?limit=1')).text));
  expect(first.events.map(({ type }) => type)).toEqual(['item.register']);
  const second = PublishedRecord.parse(
    JSON.parse((await show(made.record, `?limit=1&cursor=${first.next ?? ''}`)).text),
  );
  expect(second).toMatchObject({ status: 'lost', events: [{ type: 'item.report', body: { what: 'lost' } }] });
});

test('search engines are told not to list it, unless the holder wants that', async () => {
  const listed = (await published('Listed', ['title', 'search'])).record;
  const hidden = (await published('Hidden', ['title'])).record;
  const robots = async (path: string) => (await call('GET', path, null)).headers.get('x-robots-tag');
  expect(await robots(`/record.html?id=${listed}`)).toBeNull();
  expect(await robots(`/v1/records/${listed}/publication`)).toBeNull();
  for (const path of [
    `/record.html?id=${hidden}`,
    '/record.html',
    '/record?id=x',
    `/v1/records/${hidden}/publication`,
  ])
    expect([path, await robots(path)]).toEqual([path, 'noindex']);
  const link = await call('GET', `/r/${hidden}`, null);
  expect([link.status, link.headers.get('location')]).toEqual([302, `../record.html?id=${hidden}`]);
  expect((await call('GET', '/r/no-id', null)).status).toBe(404);
});
