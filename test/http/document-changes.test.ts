import { createHash } from 'node:crypto';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { audit } from '../../src/audit/audit.js';
import { History, type HistoryEvent } from '../../src/http/schemas/history.js';
import { Accepted, type Notarization, Problem, Register } from '../../src/http/schemas/resources.js';
import { query } from '../support/database.js';
import { LOG_KEY } from '../support/parts.js';
import { bearer, createKey, createOrganization, createUser, type Someone } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

/** What an organization does with its notarizations after they were made: their history, and tags. */

let service: TestService;
let owner: Someone;
let key: { readonly id: string; readonly secret: string };
const token: Record<string, string> = { anonymous: '' };
beforeAll(async () => {
  service = await startService();
  const { id } = await createOrganization(service, 'Own');
  const other = await createOrganization(service, 'Other');
  owner = await createUser(service, id, 'owner');
  key = await createKey(service, id);
  token['owner'] = owner.accessToken;
  token['second owner'] = (await createUser(service, id, 'owner')).accessToken;
  token['notary'] = (await createUser(service, id, 'notary')).accessToken;
  token['auditor'] = (await createUser(service, id, 'auditor')).accessToken;
  token['key'] = key.secret;
  token['stranger'] = (await createUser(service, other.id, 'owner')).accessToken;
});
afterAll(() => service[Symbol.asyncDispose]());

function call(who: string, method: string, path: string, body?: object): Promise<Response> {
  const known = token[who] ?? expect.fail(who);
  return fetch(service.url + path, {
    method,
    headers: {
      ...(known === '' ? {} : bearer(known)),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function json(who: string, method: string, path: string, body?: object): Promise<unknown> {
  const res = await call(who, method, path, body);
  const text = await res.text();
  expect(res.status, `${method} ${path}: ${text}`).toBeLessThan(300);
  return JSON.parse(text) as unknown;
}

async function refused(who: string, method: string, path: string, body?: object): Promise<string> {
  const res = await call(who, method, path, body);
  return Problem.parse(await res.json()).code;
}

let made = 0;
async function notarize(details?: object): Promise<Notarization> {
  const sha256 = createHash('sha256').update(`document ${made++}`).digest('hex');
  const documents = [{ sha256, ...(details === undefined ? {} : { details }) }];
  const answer = await json('key', 'POST', '/v1/notarizations?wait=sealed', { documents });
  return Accepted.parse(answer).notarizations[0] ?? expect.fail();
}

describe('the history of a notarization', () => {
  const history = async (who: string, id: string, query = '') =>
    History.parse(await json(who, 'GET', `/v1/notarizations/${id}/history${query}`));
  const kinds = async (who: string, id: string) => (await history(who, id)).events.map(({ kind }) => kind);

  test('has who notarized, sealed, published, downloaded, exported, held and erased it, the newest first', async () => {
    const { id } = await notarize({ name: 'lease.pdf' });
    const path = `/v1/notarizations/${id}`;
    await json('notary', 'PATCH', path, { published: true });
    await json('auditor', 'GET', `${path}/proof`);
    expect((await call('key', 'GET', `${path}/certificate.pdf`)).status).toBe(200);
    await (await call('auditor', 'GET', '/v1/notarizations?format=csv')).text();
    await (await call('owner', 'GET', '/v1/notarizations?format=csv&q=lease')).text();
    const hold = (await json('owner', 'POST', '/v1/holds', { reason: 'case', notarizations: [id] })) as {
      id: string;
    };
    await json('owner', 'POST', `/v1/holds/${hold.id}/lift`, { reason: 'over' });
    await json('second owner', 'POST', `/v1/holds/${hold.id}/lift/approval`);
    const before = await history('auditor', id);
    expect(before.events.map(({ kind }) => kind)).toEqual([
      'hold_lifted',
      'hold_lift_requested',
      'hold_placed',
      'register_exported',
      'certificate_downloaded',
      'proof_downloaded',
      'details_published',
      'sealed',
      'notarized',
    ]);
    const by = new Map(before.events.map((each) => [each.kind, each.by]));
    expect(by.get('notarized')).toBe(`key:${key.id}`);
    expect(by.get('certificate_downloaded')).toBe(`key:${key.id}`);
    expect(by.get('hold_placed')).toBe(`person:${owner.personId}`);
    expect(by.get('sealed')).toBeNull();
    expect(before.names[`key:${key.id}`]).toBe('key');
    expect(before.names[`person:${owner.personId}`]).toBe('Somebody');

    // Holds and names are for owners and auditors.
    const asNotary = await history('notary', id);
    expect(asNotary.names).toEqual({});
    expect(asNotary.events.map(({ kind }) => kind)).toEqual([
      'register_exported',
      'certificate_downloaded',
      'proof_downloaded',
      'details_published',
      'sealed',
      'notarized',
    ]);
    // Another document was not published or downloaded.
    const later = await notarize();
    expect(await kinds('owner', later.id)).toEqual(['sealed', 'notarized']);

    await json('owner', 'DELETE', path);
    const after = await history('owner', id);
    expect(after.events[0]).toMatchObject({ kind: 'notarization_erased', by: `person:${owner.personId}` });
    expect(after.events.slice(1)).toEqual(before.events);
    for (const each of [id, later.id]) {
      expect(await refused('stranger', 'GET', `/v1/notarizations/${each}/history`)).toBe(
        'notarization_not_found',
      );
    }
    expect(await refused('anonymous', 'GET', `${path}/history`)).toBe('unauthenticated');
  });

  test('comes in pages that have each event once', async () => {
    const { id } = await notarize({ name: 'paged.pdf' });
    for (const who of ['owner', 'notary', 'auditor', 'key'])
      await json(who, 'GET', `/v1/notarizations/${id}/proof`);
    for (const published of [true, false, true]) {
      await json('owner', 'PATCH', `/v1/notarizations/${id}`, { published });
    }
    const { events: all, next: none } = await history('owner', id);
    expect([all.length, none]).toEqual([9, null]);
    for (const limit of [1, 2, 7]) {
      const found: HistoryEvent[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const page: z.infer<typeof History> = await history(
          'owner',
          id,
          `?limit=${limit}${cursor === '' ? '' : `&cursor=${cursor}`}`,
        );
        found.push(...page.events);
        cursor = page.next;
      }
      expect(found).toEqual(all);
    }
  });

  test('has a download once, however often a program polls, and none that was none', async () => {
    const { id } = await notarize();
    const proof = `/v1/notarizations/${id}/proof`;
    await Promise.all(Array.from({ length: 20 }, () => json('key', 'GET', proof)));
    expect(await kinds('owner', id)).toEqual(['proof_downloaded', 'sealed', 'notarized']);
    for (const who of ['anonymous', 'stranger']) await json(who, 'GET', proof);
    await call('owner', 'HEAD', proof);
    const certificate = `/v1/notarizations/${id}/certificate.pdf`;
    const res = await call('anonymous', 'GET', certificate);
    // Node's fetch would add Cache-Control, which asks for the file.
    await request(service.url)
      .get(certificate)
      .set({ ...bearer(token['owner'] ?? ''), 'If-None-Match': res.headers.get('etag') ?? '' })
      .expect(304);
    expect(await kinds('owner', id)).toEqual(['proof_downloaded', 'sealed', 'notarized']);
  });
});

describe('tags', () => {
  const change = (who: string, body: object) => json(who, 'POST', '/v1/tags', body);
  const found = async (query: string) =>
    Register.parse(await json('auditor', 'GET', `/v1/notarizations?${query}`)).notarizations;
  const positions = async (query: string) => (await found(query)).map(({ position }) => position);

  test('that were added are found, shown and exported like those in the details, and in no proof', async () => {
    const first = await notarize({ name: 'deed.pdf', tags: ['Contract'] });
    const second = await notarize();
    const body = { notarizations: [first.id, second.id], add: ['서초동', 'board 2026', 'CONTRACT'] };
    expect(await change('notary', body)).toEqual({ changed: 2 });
    expect(await change('owner', body)).toEqual({ changed: 0 });
    const both = [second.position, first.position];
    for (const query of ['tag=BOARD+2026', 'q=boar', 'q=서초']) {
      expect(await positions(query), query).toEqual(both);
    }
    // It is in the details of the first.
    expect(await positions('tag=contract')).toEqual(both);
    const [of2, of1] = await found('tag=board+2026');
    expect(of1?.addedTags).toEqual(['board 2026', '서초동']);
    expect(of2?.addedTags).toEqual(['CONTRACT', 'board 2026', '서초동']);
    expect(await json('key', 'GET', `/v1/notarizations/${first.id}`)).toMatchObject({
      addedTags: ['board 2026', '서초동'],
      details: { tags: ['Contract'] },
    });
    expect(
      await (await call('owner', 'GET', '/v1/notarizations?format=csv&tag=board+2026')).text(),
    ).toContain('Contract,"board 2026; 서초동",');
    const proof = await (
      await call('owner', 'GET', `/v1/notarizations/${first.id}/proof?disclose=all`)
    ).text();
    expect(proof).not.toContain('2026"');
    expect(await json('anonymous', 'GET', `/v1/verify/${first.sha256}`)).not.toHaveProperty(
      'notarizations.0.addedTags',
    );

    expect(await change('owner', { notarizations: [first.id], remove: ['Board 2026', 'contract'] })).toEqual({
      changed: 1,
    });
    expect(await positions('tag=board+2026')).toEqual([second.position]);
    expect(await positions('q=2026')).toEqual([second.position]);
    expect(await positions('tag=contract')).toEqual(both);
    expect(await positions('q=deed')).toEqual([first.position]);
    const { events } = (await json('owner', 'GET', '/v1/access-log?kind=tags_changed')) as {
      events: { detail: object }[];
    };
    expect(events.map(({ detail }) => detail)).toEqual([{ notarizations: 1 }, { notarizations: 2 }]);
  });

  test('are erased with the content', async () => {
    const { id, position } = await notarize({ name: 'gone.pdf' });
    await change('owner', { notarizations: [id], add: ['vanishing'] });
    expect(await positions('tag=vanishing')).toEqual([position]);
    await json('owner', 'DELETE', `/v1/notarizations/${id}`);
    expect(await positions('tag=vanishing')).toEqual([]);
    expect(await refused('owner', 'POST', '/v1/tags', { notarizations: [id], add: ['again'] })).toBe(
      'notarization_not_found',
    );
    const texts = await service.store.marksOf([position]);
    expect(texts.get(position)?.addedTags ?? []).toEqual([]);
  });

  test('are for owners and notaries, on notarizations of their organization, all or none', async () => {
    const { id } = await notarize({ name: 'mine.pdf' });
    const body = { notarizations: [id], add: ['x'] };
    for (const who of ['auditor', 'key'])
      expect(await refused(who, 'POST', '/v1/tags', body), who).toBe('forbidden');
    expect(await refused('anonymous', 'POST', '/v1/tags', body)).toBe('unauthenticated');
    expect(await refused('stranger', 'POST', '/v1/tags', body)).toBe('notarization_not_found');
    const unknown = { notarizations: [id, '0-0000000000000000'], add: ['x'] };
    expect(await refused('owner', 'POST', '/v1/tags', unknown)).toBe('notarization_not_found');
    const many = (from: number) => Array.from({ length: 64 }, (_, i) => `tag ${from + i}`);
    await change('owner', { notarizations: [id], add: many(0) });
    expect(await refused('owner', 'POST', '/v1/tags', { notarizations: [id], add: ['x'] })).toBe(
      'invalid_body',
    );
    expect(await refused('owner', 'POST', '/v1/tags', { notarizations: [id] })).toBe('invalid_body');
    await change('owner', { notarizations: [id], add: ['x'], remove: many(1).slice(0, 63) });
    expect(await found('tag=x')).toMatchObject([{ addedTags: ['tag 0', 'x'] }]);
  });

  test('of one notarization, changed by two at once, are all there', async () => {
    const { id } = await notarize();
    await Promise.all(
      ['owner', 'notary', 'second owner'].map((who) =>
        change(who, { notarizations: [id], add: [`by ${who}`] }),
      ),
    );
    const [row] = await found('q=by');
    expect(row?.addedTags).toEqual(['by notary', 'by owner', 'by second owner']);
  });

  test('are what the audit expects in the register’s words', async () => {
    const { id, position } = await notarize({ name: 'audited.pdf' });
    await change('owner', { notarizations: [id, (await notarize()).id], add: ['audited'] });
    const words = async () => {
      const { database } = await audit({ store: service.store, logKey: LOG_KEY.key });
      return database.findings.filter(({ table }) => table === 'details_words').map(({ problem }) => problem);
    };
    expect(await words()).toEqual([]);
    await change('owner', { notarizations: [id], remove: ['audited'] });
    expect(await words()).toEqual([]);
    await query(service.adminUrl, `INSERT INTO notarization_tag VALUES (${position}, 'planted', 1, 'p')`);
    expect(await words()).toEqual(['words_mismatch']);
  });
});

test('the register is searched by who submitted', async () => {
  const mine = await json('owner', 'POST', '/v1/notarizations?wait=sealed', {
    documents: [{ sha256: 'ab'.repeat(32), details: { name: 'typed by hand.pdf' } }],
  });
  const { position } = Accepted.parse(mine).notarizations[0] ?? expect.fail();
  const list = async (who: string, query: string) =>
    Register.parse(await json(who, 'GET', `/v1/notarizations?${query}`)).notarizations.map(
      (each) => each.position,
    );
  const by = `submittedBy=person:${owner.personId}`;
  // The certificate of an erasure is submitted by who has erased.
  expect((await list('auditor', by)).includes(position)).toBe(true);
  expect(await list('auditor', `${by}&q=typed`)).toEqual([position]);
  expect(await list('auditor', `${by}&sha256=abababab`)).toEqual([position]);
  expect(await list('auditor', `${by}&q=typed&skip=0&order=name`)).toEqual([position]);
  expect(await list('auditor', `submittedBy=key:${key.id}&q=typed`)).toEqual([]);
  expect(await list('stranger', by)).toEqual([]);
  expect(await refused('auditor', 'GET', '/v1/notarizations?submittedBy=x')).toBe('invalid_parameter');
});
