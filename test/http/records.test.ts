import { audit } from '../../src/audit/audit.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type JsonObject, parseHistory, parsePolicy, parseProof, verify } from '../../src/proof/index.js';
import { verifyHistory } from '../../src/proof/records/history.js';
import {
  AcceptedEvent,
  EventResultLine,
  RecordEvents,
  RecordResource,
  Records,
  RecordStateResource,
} from '../../src/http/schemas/records.js';
import { Chain, Notarization, Problem } from '../../src/http/schemas/resources.js';
import { bearer, createKey, createOperator, createOrganization, createUser } from '../support/people.js';
import {
  digestOf,
  documentBody,
  firstEvent,
  type Holder,
  newHolder,
  nextEvent,
  type Place,
  recordKey,
  type SentEvent,
  withNonce,
} from '../support/records.js';
import { createLogger, LOG_KEY } from '../support/parts.js';
import { query } from '../support/database.js';
import { until } from '../support/until.js';
import { startService, type TestService } from '../support/service.js';

const log = createLogger();
let service: TestService;
let other: TestService;
let organization: string;
let key: string;
let stranger: string;
beforeAll(async () => {
  service = await startService({ policy: { anonymousSubmission: false }, logger: log.logger });
  other = await startService({ beside: service, sealing: false });
  organization = (await createOrganization(service, 'Own')).id;
  key = (await createKey(service, organization)).secret;
  stranger = (await createKey(service, (await createOrganization(service, 'Other')).id)).secret;
});
afterAll(async () => {
  await other[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
});

const alice = newHolder('alice.example');
const bob = newHolder('bob.example');

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

async function call(
  method: string,
  path: string,
  {
    token = key,
    headers = {},
    body,
    at = service,
  }: { token?: string | null; headers?: Record<string, string>; body?: unknown; at?: TestService } = {},
): Promise<Answer> {
  const res = await fetch(at.url + path, {
    method,
    headers: {
      ...(token === null ? {} : bearer(token)),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await res.text();
  return {
    status: res.status,
    headers: res.headers,
    body: text === '' ? null : (JSON.parse(text) as unknown),
  };
}

const pathOf = (event: SentEvent, place: Place | null): string =>
  place === null ? '/v1/records' : `/v1/records/${place.record}/events`;

async function accept(
  event: SentEvent,
  place: Place | null = null,
  options: Parameters<typeof call>[2] = {},
): Promise<AcceptedEvent> {
  const answer = await call('POST', pathOf(event, place), { ...options, body: event });
  expect(answer).toMatchObject({ status: 201 });
  return AcceptedEvent.parse(answer.body);
}

async function refused(
  event: SentEvent,
  place: Place | null = null,
  options: Parameters<typeof call>[2] = {},
): Promise<{ status: number; code: string; current: unknown; detail: string }> {
  const { status, body } = await call('POST', pathOf(event, place), { ...options, body: event });
  const { code, current, detail } = Problem.parse(body);
  return { status, code, current: current ?? null, detail };
}

const create = (title: string, holder = alice) =>
  firstEvent('document.create', documentBody(holder, title), [holder]);
const version = (place: Place, text: string, signer = alice) =>
  nextEvent(place, 'document.version', { document: documentBody(alice, text)['document'] ?? null }, [signer]);

/** With the signature of another note. */
const forge = (event: SentEvent): SentEvent => {
  const [, signature = ''] = create('Another').note.split('\n\n');
  return { ...event, note: `${event.note.split('\n\n')[0] ?? ''}\n\n${signature}` };
};

/** The members of the event that begins a contract. */
const contract = (parties: number): JsonObject => ({
  title: 'Lease',
  document: { sha256: '33'.repeat(32) },
  parties: Array.from({ length: parties }, (_, i) => ({ name: `Party ${i}`, key: bob.text, order: 1 })),
  holder: alice.text,
});

/** The terms alone. */
const amendment = (body: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(body).filter(([name]) => name !== 'holder'));

test('accepts the events of a record, and shows the record as its next event finds it', async () => {
  const made = await accept(create('Lease'));
  expect(made).toMatchObject({ sequence: 0, type: 'document.create' });
  const changed = await accept(version(made, 'Lease, amended'), made);
  expect(changed).toMatchObject({ record: made.record, sequence: 1 });
  const shown = RecordResource.parse((await call('GET', made.links.record)).body);
  expect(shown).toMatchObject({
    id: made.record,
    kind: 'document',
    status: 'current',
    holder: alice.text,
    sequence: 1,
    value: changed.value,
    title: 'Lease',
    state: { versions: 2 },
    next: [{ type: 'document.version' }, { type: 'document.withdraw' }, { type: 'record.rekey' }],
  });
  const { events, next } = RecordEvents.parse((await call('GET', made.links.events)).body);
  expect(next).toBeNull();
  expect(events.map(({ sequence, type, value }) => [sequence, type, value])).toEqual([
    [0, 'document.create', made.value],
    [1, 'document.version', changed.value],
  ]);
  expect(events[1]).toMatchObject({
    before: made.value,
    body: { document: {} },
    notarization: changed.notarization,
  });
});

test('of 100 parallel transfers of one item in two processes one is accepted, and the others learn the present value', async () => {
  const [issuer, ...buyers] = ['issuer', 'a', 'b'].map((name) => newHolder(`${name}.example`));
  const signers = [alice, issuer ?? expect.fail()];
  const item = { title: 'Stone', serial: 'S-1', features: [], documents: [], issuer: signers[1]?.text ?? '' };
  const made = await accept(firstEvent('item.register', { ...item, holder: alice.text }, signers));
  const answers = await Promise.all(
    Array.from({ length: 100 }, async (_, i) => {
      const to = buyers[i % 2] ?? expect.fail();
      const event = nextEvent(made, 'item.offer', { to: to.text }, [alice]);
      const at = i % 3 === 0 ? other : service;
      for (;;) {
        const answer = await call('POST', pathOf(event, made), { body: event, at });
        // The service sheds load on a slow machine.
        if (answer.status !== 503) return answer;
      }
    }),
  );
  const won = answers.filter(({ status }) => status === 201).map(({ body }) => AcceptedEvent.parse(body));
  expect(won).toHaveLength(1);
  const lost = answers.filter(({ status }) => status === 409).map(({ body }) => Problem.parse(body));
  expect(lost).toHaveLength(99);
  for (const { code, current } of lost) {
    expect([code, current]).toEqual(['stale_value', { sequence: 1, value: won[0]?.value }]);
  }
});

describe('refuses, with the code of every verifier,', () => {
  const first = create('Refusals');
  let place: AcceptedEvent;
  let open: AcceptedEvent;
  beforeAll(async () => {
    place = await accept(first);
    open = await accept(firstEvent('contract.propose', contract(1), [alice]));
  });

  test.each<[string, number, string, () => { event: SentEvent; to?: Place | null }]>([
    [
      'an event for another log',
      422,
      'wrong_log',
      () => ({ event: nextEvent(place, 'document.withdraw', {}, [alice], { origin: 'other.example/log' }) }),
    ],
    ['an event that was sent before', 409, 'stale_value', () => ({ event: first, to: null })],
    [
      'a gap in the sequence',
      409,
      'wrong_sequence',
      () => ({ event: nextEvent(place, 'document.withdraw', {}, [alice], { sequence: 2 }) }),
    ],
    [
      'an event that follows another one',
      409,
      'stale_value',
      () => ({ event: nextEvent(place, 'document.withdraw', {}, [alice], { before: '11'.repeat(32) }) }),
    ],
    [
      'an event without a signature of the holder',
      403,
      'missing_signature',
      () => ({ event: nextEvent(place, 'document.withdraw', {}, [bob]) }),
    ],
    [
      'a signature of somebody else as well',
      403,
      'unexpected_signature',
      () => ({ event: nextEvent(place, 'document.withdraw', {}, [alice, bob]) }),
    ],
    [
      'a signature of another note',
      403,
      'bad_signature',
      () => ({ event: forge(nextEvent(place, 'document.withdraw', {}, [alice])) }),
    ],
    [
      'another body than the note names',
      422,
      'body_mismatch',
      () => ({
        event: { ...nextEvent(place, 'document.withdraw', {}, [alice]), body: { nonce: '00'.repeat(16) } },
      }),
    ],
    [
      'a body without a nonce',
      422,
      'malformed_body',
      () => ({ event: { ...nextEvent(place, 'document.withdraw', {}, [alice]), body: {} } }),
    ],
    [
      'a body with a member that nothing knows',
      422,
      'malformed_body',
      () => ({ event: nextEvent(place, 'document.withdraw', { because: 'x' }, [alice]) }),
    ],
    [
      'an event of a type that there is not',
      422,
      'unknown_type',
      () => ({ event: nextEvent(place, 'document.burn', {}, [alice]) }),
    ],
    [
      'an event of another kind of record',
      409,
      'wrong_kind',
      () => ({ event: nextEvent(place, 'item.retract', {}, [alice]) }),
    ],
    [
      'a note that is none',
      422,
      'malformed_event',
      () => ({ event: { note: 'ingam/event/v1\n', body: {} } }),
    ],
    [
      'an event that the record does not take now',
      409,
      'wrong_status',
      () => ({ event: nextEvent(place, 'document.reinstate', {}, [alice]) }),
    ],
    ['the version that it has', 409, 'no_change', () => ({ event: version(place, 'Refusals') })],
    [
      'an event of another record than the URL names',
      422,
      'wrong_record',
      () => ({
        event: nextEvent(place, 'document.withdraw', {}, [alice]),
        to: { ...place, record: '22'.repeat(32) },
      }),
    ],
    [
      'a later event as the first of a record',
      422,
      'wrong_record',
      () => ({ event: nextEvent(place, 'document.withdraw', {}, [alice]), to: null }),
    ],
    [
      'an event of a record that there is not',
      404,
      'unknown_record',
      () => {
        const nowhere = { ...place, record: '22'.repeat(32) };
        return { event: nextEvent(nowhere, 'document.withdraw', {}, [alice]), to: nowhere };
      },
    ],
    [
      'a key that cannot sign',
      422,
      'malformed_key',
      () => ({
        event: firstEvent('document.create', { ...documentBody(alice, 'x'), holder: 'alice' }, [alice]),
        to: null,
      }),
    ],
    [
      'a text that looks like another one',
      422,
      'malformed_body',
      () => ({
        event: firstEvent('document.create', documentBody(alice, 'paid\u202e10'), [alice]),
        to: null,
      }),
    ],
    [
      'a hundred parties',
      413,
      'too_large',
      () => ({ event: firstEvent('contract.propose', contract(100), [alice]), to: null }),
    ],
    [
      'a body of 64 kB',
      413,
      'too_large',
      () => ({
        event: {
          ...nextEvent(place, 'document.withdraw', {}, [alice]),
          body: withNonce({ reason: 'x'.repeat(64 * 1024) }),
        },
      }),
    ],
    [
      'a contract whose effect is its own',
      422,
      'cyclic_effect',
      () => ({
        event: nextEvent(
          open,
          'contract.amend',
          { ...amendment(contract(1)), effects: [{ item: open.record, to: 0 }] },
          [alice],
        ),
        to: open,
      }),
    ],
  ])('%s', async (_, status, code, make) => {
    const { event, to = place } = make();
    const answer = await refused(event, to);
    expect([answer.status, answer.code, answer.detail]).toEqual([
      status,
      code,
      expect.stringMatching(/^[A-Z"].*[.]$/s),
    ]);
    // Nothing of it is there.
    expect((await call('GET', place.links.record)).body).toMatchObject({ sequence: 0, value: place.value });
  });
});

describe('to whom a record is not shown', () => {
  test('there is none: neither by reading nor by submitting', async () => {
    const made = await accept(create('Private'));
    const missing = `/v1/records/${'44'.repeat(32)}`;
    for (const path of ['', '/events', '/history', '/state']) {
      const answers = await Promise.all([
        call('GET', made.links.record + path, { token: stranger }),
        call('GET', made.links.record + path, { token: null }),
        call('GET', missing + path),
      ]);
      expect(answers.map(({ status, body }) => [status, Problem.parse(body).detail])).toEqual(
        answers.map(() => [404, 'There is no record with this id that you may see.']),
      );
    }
    // What a stranger sends says nothing of the record either, though they know its value.
    const events = [
      nextEvent(made, 'document.withdraw', {}, [bob]),
      nextEvent(made, 'document.withdraw', {}, [bob], { before: '11'.repeat(32) }),
      nextEvent({ ...made, record: '44'.repeat(32) }, 'document.withdraw', {}, [bob]),
    ];
    const refusals = await Promise.all(
      events.map((event, i) =>
        refused(event, i === 2 ? { ...made, record: '44'.repeat(32) } : made, { token: stranger }),
      ),
    );
    expect(refusals.map(({ status, code, current }) => [status, code, current])).toEqual(
      refusals.map(() => [404, 'unknown_record', null]),
    );
    expect(new Set(refusals.map(({ detail }) => detail)).size).toBe(1);
    expect(
      Records.parse((await call('GET', '/v1/records?limit=200', { token: stranger })).body).records,
    ).not.toContainEqual(expect.objectContaining({ id: made.record }));
  });

  test('an organization sees it from its first event on', async () => {
    const made = await accept(create('Shared'));
    await accept(nextEvent(made, 'record.rekey', { holder: bob.text }, [alice, bob]), made, {
      token: stranger,
    });
    expect((await call('GET', made.links.events, { token: stranger })).status).toBe(200);
  });
});

describe('Ingam-Record-Key', () => {
  let made: AcceptedEvent;
  beforeAll(async () => {
    made = await accept(create('For parties'));
  });

  test.each<[string, number, () => string]>([
    ['shows the record to a party', 200, () => recordKey(made.record, alice)],
    ['of somebody else shows nothing', 404, () => recordKey(made.record, bob)],
    ['of another record shows nothing', 404, () => recordKey('55'.repeat(32), alice)],
    [
      'for another log shows nothing',
      404,
      () => recordKey(made.record, alice, { origin: 'other.example/log' }),
    ],
    [
      'of six minutes ago shows nothing',
      404,
      () => recordKey(made.record, alice, { time: (Date.now() / 1000 - 360) | 0 }),
    ],
    ['that is no note is refused', 400, () => Buffer.from('x').toString('base64')],
    ['that is no base64 is refused', 400, () => '%%'],
  ])('%s', async (_, status, make) => {
    const headers = { 'ingam-record-key': make() };
    const answer = await call('GET', made.links.record, { token: null, headers });
    expect(answer.status).toBe(status);
    if (status === 400) expect(Problem.parse(answer.body).code).toBe('invalid_record_key');
    // It does not tell whether there is a record either.
    const missing = await call('GET', `/v1/records/${'44'.repeat(32)}`, { token: null, headers });
    expect(missing.status).toBe(status === 400 ? 400 : 404);
  });
});

test('a repeated request gets the same response, and the same key with another event is refused', async () => {
  const headers = { 'idempotency-key': 'once' };
  const event = create('Once');
  const made = await accept(event, null, { headers });
  const again = await call('POST', '/v1/records', { body: event, headers });
  expect(again.status).toBe(201);
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(AcceptedEvent.parse(again.body)).toMatchObject({
    value: made.value,
    notarization: made.notarization,
  });
  expect(await refused(create('Twice'), null, { headers })).toMatchObject({
    status: 422,
    code: 'idempotency_mismatch',
  });
});

test('events count as documents for the limits of their submitter, refused ones do not', async () => {
  const limited = await createOrganization(service, 'Limited', { digestsPerDay: 1 });
  const token = (await createKey(service, limited.id)).secret;
  expect((await refused(forge(create('None')), null, { token })).status).toBe(403);
  await accept(create('One'), null, { token });
  expect((await refused(create('Two'), null, { token })).code).toBe('limit_exceeded');
});

test('API keys need their scopes, and anonymous callers may submit only where they may notarize', async () => {
  const reading = (await createKey(service, organization, ['read'])).secret;
  const writing = (await createKey(service, organization, ['notarize'])).secret;
  expect((await refused(create('x'), null, { token: reading })).code).toBe('forbidden');
  expect((await refused(create('x'), null, { token: null })).code).toBe('unauthenticated');
  const made = await accept(create('Written'), null, { token: writing });
  expect((await call('GET', made.links.record, { token: writing })).status).toBe(404);
  expect((await call('GET', '/v1/records', { token: writing })).status).toBe(403);
  expect((await call('GET', made.links.record, { token: reading })).status).toBe(200);
  const nobodys = await accept(create('Nobody’s'), null, { token: null, at: other });
  expect((await call('GET', nobodys.links.record)).status).toBe(404);
  const headers = { 'ingam-record-key': recordKey(nobodys.record, alice) };
  expect((await call('GET', nobodys.links.record, { headers, token: null })).status).toBe(200);
});

test('lists the organization’s records, by kind, status and words, in pages', async () => {
  const { id } = await createOrganization(service, 'Listing');
  const token = (await createKey(service, id)).secret;
  const made = [];
  for (const title of ['Tulip', 'Rose', 'Tulip tree'])
    made.push(await accept(create(title), null, { token }));
  const list = async (query: string) =>
    Records.parse((await call('GET', `/v1/records${query}`, { token })).body);
  const ids = made.map(({ record }) => record).reverse();
  expect((await list('')).records.map((each) => each.id)).toEqual(ids);
  expect((await list('?q=tul')).records.map((each) => each.id)).toEqual([ids[0], ids[2]]);
  const page = await list('?limit=2');
  expect(page.records.map((each) => each.id)).toEqual(ids.slice(0, 2));
  expect((await list(`?limit=2&cursor=${page.next ?? ''}`)).records.map((each) => each.id)).toEqual([ids[2]]);
});

test('a stream takes events of any records, one on each line, and a refused line costs the others nothing', async () => {
  const made = await accept(create('Streamed'));
  const lines = [
    JSON.stringify(create('Line 1')),
    JSON.stringify(version(made, 'Line 2')),
    JSON.stringify(version(made, 'Line 3')),
    '{"note":1}',
    'x',
    JSON.stringify(forge(create('Line 6'))),
    JSON.stringify(create('Line 7')),
  ];
  const headers = { ...bearer(key), 'content-type': 'application/x-ndjson', 'idempotency-key': 'stream' };
  const send = async () => {
    const res = await fetch(`${service.url}/v1/records/events`, {
      method: 'POST',
      headers,
      body: lines.join('\n'),
    });
    expect(res.status).toBe(200);
    return (await res.text())
      .trim()
      .split('\n')
      .map((line) => EventResultLine.parse(JSON.parse(line)));
  };
  const results = await send();
  const summary = results.map((each) => [each.line, 'error' in each ? each.error.code : each.sequence]);
  expect(summary).toEqual([
    [1, 0],
    [2, 1],
    [3, 'stale_value'],
    [4, 'invalid_body'],
    [5, 'malformed_json'],
    [6, 'bad_signature'],
    [7, 0],
  ]);
  // Repeated, each line is what it was.
  const again = await send();
  expect(again.map((each) => ('error' in each ? each.error.code : each.value))).toEqual(
    results.map((each) => ('error' in each ? each.error.code : each.value)),
  );
});

test('an event is a notarization of its organization, whose proof verifies with the note as the document', async () => {
  const event = create('Proven');
  const made = await accept(event, null, { headers: { prefer: 'wait=30' } });
  const proof = await fetch(`${service.url}${made.links.proof}`, { headers: bearer(key) });
  expect(proof.status).toBe(200);
  const { entry, details } = parseProof(await proof.text());
  expect(entry).toMatchObject({ kind: 1, size: Buffer.byteLength(event.note) });
  expect(details).toEqual(event.body);
  expect(Buffer.from(entry.digest).toString('hex')).toBe(digestOf(event.note));
});

test('an event is applied by its block', async () => {
  const made = await accept(create('Sealed'), null, { headers: { prefer: 'wait=30' } });
  expect(made.status).toBe('applied');
  const shown = RecordResource.parse((await call('GET', made.links.record)).body);
  expect(shown).toMatchObject({
    waiting: 0,
    sealed: { height: made.height, sequence: 0, value: made.value },
  });
  const applied = Records.parse((await call('GET', '/v1/records?kind=document&status=current&limit=1')).body);
  expect(applied.records).toMatchObject([{ id: made.record }]);
  expect(Records.parse((await call('GET', '/v1/records?kind=work')).body).records).toEqual([]);
});

test('the list finds the records in which a key has a role', async () => {
  const holder = newHolder('list"er');
  const made = await accept(create('Found by its key', holder), null, { headers: { prefer: 'wait=30' } });
  const idsOf = async (key: string) => {
    const { body } = await call('GET', `/v1/records?key=${encodeURIComponent(key)}`);
    return Records.parse(body).records.map(({ id }) => id);
  };
  expect(await idsOf(holder.text)).toEqual([made.record]);
  expect(await idsOf(newHolder('list"er').text)).toEqual([]);
  const { status } = await call('GET', '/v1/records?key=nobody');
  expect(status).toBe(400);
});

describe('following a record', () => {
  const sealed = { headers: { prefer: 'wait=30' } };

  /** The events of a stream, as they come; `end`: the service has ended it. */
  async function follow(place: Place, headers: Record<string, string>) {
    const controller = new AbortController();
    const res = await fetch(`${service.url}/v1/records/${place.record}/events`, {
      headers: { accept: 'text/event-stream', ...headers },
      signal: controller.signal,
    });
    if (res.body === null) throw new Error('no body');
    const chunks = res.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    async function* parts() {
      for (;;) {
        const end = text.indexOf('\n\n');
        if (end >= 0) {
          const part = text.slice(0, end);
          text = text.slice(end + 2);
          if (part.startsWith('id: ')) yield part;
          continue;
        }
        const { done, value } = await chunks.read();
        if (done) return;
        text += value;
      }
    }
    const all = parts();
    return {
      status: res.status,
      type: res.headers.get('content-type'),
      async next() {
        const { value, done } = await all.next();
        if (done === true) return 'end';
        const [id = '', name = '', data = ''] = value.split('\n').map((line) => line.replace(/^\w+: /, ''));
        const { events } = RecordEvents.parse({ events: [JSON.parse(data)], next: null });
        return [id, name, events[0]?.type, events[0]?.automatic !== undefined];
      },
      stop: () => {
        controller.abort();
      },
    };
  }

  test('shows what was applied, and each later event when its block has it, automatic ones too', async () => {
    const made = await accept(
      firstEvent(
        'contract.propose',
        { ...contract(1), parties: [{ name: 'Buyer', key: bob.text, order: 1 }] },
        [alice],
      ),
      null,
      sealed,
    );
    const stream = await follow(made, bearer(key));
    expect(stream.type).toBe('text/event-stream; charset=utf-8');
    expect(await stream.next()).toEqual(['0', 'applied', 'contract.propose', false]);
    // By a process that does not seal.
    await accept(nextEvent(made, 'contract.sign', { party: 0 }, [bob]), made, { at: other });
    expect(await stream.next()).toEqual(['1', 'applied', 'contract.sign', false]);
    expect(await stream.next()).toEqual(['2', 'applied', 'contract.executed', true]);
    stream.stop();
    const again = await follow(made, { ...bearer(key), 'last-event-id': '1' });
    expect(await again.next()).toEqual(['2', 'applied', 'contract.executed', true]);
    again.stop();
  });

  test('ends for a key with the event that takes its role away', async () => {
    const made = await accept(create('To be handed over'), null, sealed);
    const stream = await follow(made, { 'ingam-record-key': recordKey(made.record, alice) });
    expect(await stream.next()).toEqual(['0', 'applied', 'document.create', false]);
    const handed = await accept(
      nextEvent(made, 'record.rekey', { holder: bob.text }, [alice, bob]),
      made,
      sealed,
    );
    await accept(version(handed, 'Not for Alice', bob), handed, sealed);
    expect(await stream.next()).toEqual(['1', 'applied', 'record.rekey', false]);
    expect(await stream.next()).toBe('end');
  });

  test('is for those who may read the record, and a list for whoever asks for no stream', async () => {
    const made = await accept(create('Followed'), null, sealed);
    expect((await follow(made, bearer(stranger))).status).toBe(404);
    expect((await follow({ ...made, record: '44'.repeat(32) }, bearer(key))).status).toBe(404);
    expect((await follow(made, { ...bearer(key), 'last-event-id': 'x' })).status).toBe(400);
    const list = await call('GET', made.links.events, { headers: { accept: 'text/html, */*;q=0.1' } });
    expect(RecordEvents.parse(list.body).events).toHaveLength(1);
  });
});

describe('erasing the body of an event', () => {
  const secret = 'Terms that nobody must see';
  let made: AcceptedEvent;
  let next: AcceptedEvent;
  beforeAll(async () => {
    const sealed = { headers: { prefer: 'wait=30', 'idempotency-key': 'erased' } };
    made = await accept(
      firstEvent('document.create', { ...documentBody(alice, 'x'), title: secret }, [alice]),
      null,
      sealed,
    );
    const event = nextEvent(made, 'record.rekey', { holder: bob.text }, [alice, bob]);
    next = await accept(event, made, { token: stranger, headers: { prefer: 'wait=30' } });
  });

  const body = (sequence: number) => `${made.links.events}/${sequence}/body`;

  test('is for its organization and for operators, and for nobody else', async () => {
    expect((await call('DELETE', body(0))).status).toBe(403);
    const elsewhere = await createUser(service, (await createOrganization(service, 'Third')).id, 'owner');
    expect((await call('DELETE', body(0), { token: elsewhere.accessToken })).status).toBe(404);
    const owner = await createUser(service, organization, 'owner');
    expect((await call('DELETE', body(1), { token: owner.accessToken })).status).toBe(403);
    expect((await call('DELETE', body(7), { token: owner.accessToken })).status).toBe(404);
    expect((await call('DELETE', body(0), { token: owner.accessToken })).status).toBe(204);
    // Again, and by an operator, who sees nothing of the record.
    const operator = await createOperator(service);
    expect((await call('DELETE', body(0), { token: operator.accessToken })).status).toBe(204);
    expect((await call('GET', made.links.record, { token: operator.accessToken })).status).toBe(404);
  });

  test('leaves the note, the entry, and every proof', async () => {
    const { events } = RecordEvents.parse((await call('GET', made.links.events)).body);
    expect(events).toMatchObject([
      { sequence: 0, erased: true, status: 'applied', value: made.value },
      { sequence: 1, body: { holder: bob.text }, value: next.value },
    ]);
    expect(events[0]).not.toHaveProperty('body');
    expect(JSON.stringify(events)).not.toContain(secret);
    const proofs = await Promise.all(
      [made, next].map(async ({ links }, i) => {
        const headers = bearer(i === 0 ? key : stranger);
        return parseProof(await (await fetch(service.url + links.proof, { headers })).text());
      }),
    );
    expect(proofs.map(({ details }) => details === undefined)).toEqual([true, false]);
    const trust = parsePolicy(await policy());
    for (const [i, proof] of proofs.entries()) {
      const { verdict } = verify({ document: proof.document, proof, policy: trust });
      expect([i, verdict]).toEqual([i, 'verified']);
    }
    expect(Records.parse((await call('GET', '/v1/records?q=Terms')).body).records).toEqual([]);
    // The record goes on.
    await accept(nextEvent(next, 'document.withdraw', {}, [bob]), next);
  });

  test('takes every word of it from all that the service keeps and shows, and the rules go on without', async () => {
    const words = ['Zirkonia', 'Uebergabe', 'Vermieterin'] as const;
    const wait = { headers: { prefer: 'wait=30' } };
    const terms = {
      title: `The ${words[0]} lease`,
      document: { sha256: digestOf('lease') },
      parties: [{ name: words[2], key: bob.text, order: 1 }],
      conditions: [{ name: words[1], by: 0 }],
      holder: alice.text,
    };
    const contract = await accept(firstEvent('contract.propose', terms, [alice]), null, wait);
    const record = `/v1/records/${contract.record}`;
    const before = RecordResource.parse((await call('GET', record)).body);
    expect(before).toMatchObject({ title: terms.title });
    expect(before.next).toContainEqual(expect.objectContaining({ condition: words[1] }));
    const found = await call('GET', `/v1/records?q=${words[0]}`);
    expect(Records.parse(found.body).records).toMatchObject([{ title: terms.title }]);
    const height = String(contract.height);

    const owner = await createUser(service, organization, 'owner');
    const tags = { notarizations: [contract.notarization], add: [`tagged ${words[0]}`] };
    expect((await call('POST', '/v1/tags', { token: owner.accessToken, body: tags })).body).toEqual({
      changed: 1,
    });
    const erase = `${record}/events/0/body`;
    expect((await call('DELETE', erase, { token: owner.accessToken })).status).toBe(204);
    const shown = RecordResource.parse((await call('GET', record)).body);
    expect(shown).toMatchObject({ title: null, status: 'open' });
    expect(shown.next).toContainEqual(
      expect.objectContaining({ type: 'contract.fulfil', condition: digestOf(words[1]) }),
    );
    // What later events are judged by is there.
    const fulfil = { name: words[1], evidence: { sha256: digestOf('handed over') } };
    const done = await accept(nextEvent(contract, 'contract.fulfil', fulfil, [bob]), contract, wait);
    expect(done).toMatchObject({ status: 'applied' });
    const own = `${record}/events/1/body`;
    const seen = await call('DELETE', own, { token: (await createOperator(service)).accessToken });
    expect(seen.status).toBe(204);
    const again = await refused(nextEvent(done, 'contract.fulfil', fulfil, [bob]), done);
    expect(again.code).toBe('already_fulfilled');

    const paths = [
      ...[record, `${record}/events`, `${record}/state`, `${record}/state?at=${height}`, `${record}/history`],
      ...['/v1/records', ...words.map((word) => `/v1/records?q=${word}`)],
      ...[
        contract.links.notarization,
        contract.links.proof,
        '/v1/notarizations',
        '/v1/notarizations?format=csv',
      ],
    ];
    for (const path of paths) {
      const text = new TextDecoder().decode(await bytesOf(path));
      expect([path, words.filter((word) => text.toLowerCase().includes(word.toLowerCase()))]).toEqual([
        path,
        [],
      ]);
    }
    for (const word of words)
      expect(Records.parse((await call('GET', `/v1/records?q=${word}`)).body).records).toEqual([]);
    const history = parseHistory(await bytesOf(`${record}/history`));
    expect(verifyHistory({ history, policy: parsePolicy(await policy()) })).toMatchObject({
      verdict: 'incomplete',
      texts: { title: null, conditions: [] },
    });
    const tables = await query<{ name: string }>(
      service.adminUrl,
      `SELECT quote_ident(table_name) AS name FROM information_schema.tables
       WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'`,
    );
    for (const { name } of tables) {
      const rows = await query(
        service.adminUrl,
        `SELECT FROM ${name} AS row WHERE row::text ~* '${words.join('|')}'`,
      );
      expect([name, rows.length]).toEqual([name, 0]);
    }
    expect(log.lines.filter((line) => words.some((word) => line.includes(word)))).toEqual([]);
  });

  test('is refused by a legal hold, and of the whole notarization always', async () => {
    const held = await accept(create('Held'));
    const owner = (await createUser(service, organization, 'owner')).accessToken;
    const ask = (method: string, path: string, body?: unknown) => call(method, path, { token: owner, body });
    const id = held.notarization;
    await until('the event is sealed', async () => {
      const { body } = await ask('GET', `/v1/notarizations/${id}`);
      return Notarization.parse(body).block !== undefined;
    });
    const whole = await ask('DELETE', `/v1/notarizations/${id}`);
    expect(Problem.parse(whole.body).code).toBe('not_erasable');
    expect((await ask('POST', '/v1/holds', { reason: 'case', notarizations: [id] })).status).toBe(201);
    const body = await ask('DELETE', `/v1/records/${held.record}/events/0/body`);
    expect([body.status, Problem.parse(body.body).code]).toEqual([409, 'legal_hold']);
  });

  test('is what the audit finds, and finds explained', async () => {
    const { findings, database: before } = await audit({ store: service.store, logKey: LOG_KEY.key });
    const tables = ['body_erasure', 'details', 'details_words', 'entry', 'idempotency', 'register_run'];
    expect(findings).toEqual([]);
    expect(before.findings.filter(({ table }) => tables.includes(table))).toEqual([]);
    await query(service.adminUrl, `SELECT erase_event_body(${next.position})`);
    const { database } = await audit({ store: service.store, logKey: LOG_KEY.key });
    expect(database.findings.map(({ table, problem }) => [table, problem])).toContainEqual([
      'body_erasure',
      'unexplained',
    ]);
    await query(
      service.adminUrl,
      `SET session_replication_role = replica; DELETE FROM body_erasure WHERE position = ${made.position}`,
    );
    const chain = await audit({ store: service.store, logKey: LOG_KEY.key });
    expect(chain.findings.map(({ table, problem }) => [table, problem])).toEqual([['details', 'missing']]);
  });
});

async function bytesOf(path: string): Promise<Uint8Array> {
  const res = await fetch(service.url + path, { headers: bearer(key) });
  return new Uint8Array(await res.arrayBuffer());
}

async function policy(): Promise<string> {
  const chain = await call('GET', '/v1/chain');
  return Chain.parse(chain.body).policy;
}

describe('the history of a record', () => {
  const historyOf = async (id: string, query = '', token = key) => {
    const res = await fetch(`${service.url}/v1/records/${id}/history${query}`, { headers: bearer(token) });
    return { status: res.status, bytes: new Uint8Array(await res.arrayBuffer()) };
  };
  const sealed = { headers: { prefer: 'wait=30' } };

  test('has its events with their proofs, and the records that they name', async () => {
    const carol = newHolder('carol.example');
    const issuer = newHolder('issuer.example');
    const stone = { title: 'Stone', serial: 'S-2', features: [], documents: [], issuer: issuer.text };
    const item = await accept(
      firstEvent('item.register', { ...stone, holder: alice.text }, [issuer, alice]),
      null,
      sealed,
    );
    const terms = {
      ...contract(1),
      parties: [{ name: 'Buyer', key: carol.text, order: 1 }],
      deadline: Date.now() + 3_600_000,
      effects: [{ item: item.record, to: 0 }],
    };
    const sale = await accept(firstEvent('contract.propose', terms, [alice]), null, sealed);
    const on = { record: sale.record, is: 'executed' };
    const offer = await accept(nextEvent(item, 'item.offer', { to: carol.text, on }, [alice]), item, sealed);
    const promised = await accept(nextEvent(offer, 'item.accept', {}, [carol]), offer, sealed);
    await accept(nextEvent(sale, 'contract.sign', { party: 0 }, [carol]), sale, sealed);
    for (const id of [item.record, sale.record]) {
      const { status, bytes } = await historyOf(id);
      expect(status).toBe(200);
      const history = parseHistory(bytes);
      const { verdict, steps, state, asOf, missing } = verifyHistory({
        history,
        policy: parsePolicy(await policy()),
      });
      expect([missing, steps.filter(({ outcome }) => outcome === 'failed')]).toEqual([[], []]);
      expect(verdict).toBe('verified');
      expect(state).toMatchObject(
        id === item.record ? { holder: carol.text, status: 'held' } : { status: 'executed' },
      );
      expect(asOf?.height).toBeGreaterThanOrEqual(promised.height ?? 0);
      expect([...history.records.keys()].sort()).toEqual([item.record, sale.record].sort());
    }
    const certificate = async (query: string, token: string) => {
      const address = `${service.url}/v1/records/${sale.record}/certificate.pdf${query}`;
      const res = await fetch(address, { headers: bearer(token) });
      return { status: res.status, headers: res.headers, bytes: Buffer.from(await res.arrayBuffer()) };
    };
    const pdf = await certificate('?lang=ko-en&tz=Asia/Seoul', key);
    expect([pdf.status, pdf.headers.get('content-type'), pdf.headers.get('content-disposition')]).toEqual([
      ...[200, 'application/pdf', `attachment; filename="${sale.record.slice(0, 16)}.certificate.pdf"`],
    ]);
    // The history is inside, whole and readable.
    const inside = /stream\n(\{"format":"ingam-history-v1"[^]*?)\nendstream/.exec(
      pdf.bytes.toString('utf8'),
    )?.[1];
    expect(
      verifyHistory({
        history: parseHistory(Buffer.from(inside ?? '')),
        policy: parsePolicy(await policy()),
      }),
    ).toMatchObject({ verdict: 'verified', record: sale.record });
    const stranger = (await createKey(service, (await createOrganization(service)).id)).secret;
    expect((await certificate('', stranger)).status).toBe(404);
    expect((await certificate('?tz=Nowhere/Atall', key)).status).toBe(400);
    const stateAt = async (query: string) =>
      RecordStateResource.parse((await call('GET', `/v1/records/${item.record}/state${query}`)).body);
    expect(await stateAt('')).toMatchObject({ state: { holder: carol.text }, sequence: 3 });
    expect(await stateAt(`?at=${offer.height ?? 0}`)).toMatchObject({
      asOf: { height: offer.height },
      ...{ sequence: 1, value: offer.value, state: { status: 'offered', holder: alice.text } },
    });
    const before = parseHistory((await historyOf(item.record, `?at=${offer.height ?? 0}`)).bytes);
    expect(verifyHistory({ history: before, policy: parsePolicy(await policy()) })).toMatchObject({
      verdict: 'verified',
      state: { status: 'offered', holder: alice.text },
      asOf: { height: offer.height },
    });
  });

  test('leaves out records of others that somebody only names', async () => {
    const made = await accept(create('A secret of others'), null, sealed);
    const terms = { ...contract(1), when: { record: made.record, is: 'current' } };
    const nosy = await accept(firstEvent('contract.propose', terms, [alice]), null, {
      headers: sealed.headers,
      token: stranger,
    });
    const { bytes } = await historyOf(nosy.record, '', stranger);
    const history = parseHistory(bytes);
    expect([...history.records.keys()]).toEqual([nosy.record]);
    expect(Buffer.from(bytes).toString()).not.toContain('A secret of others');
    const { verdict, missing } = verifyHistory({ history, policy: parsePolicy(await policy()) });
    expect([verdict, missing]).toMatchObject(['incomplete', [{ what: 'record', record: made.record }]]);
    // Who reads by a key sees the other record if the key has a role in it.
    const verdictFor = async (holder: Holder) => {
      const headers = { 'ingam-record-key': recordKey(nosy.record, holder) };
      const res = await fetch(`${service.url}${nosy.links.history}`, { headers });
      const read = parseHistory(new Uint8Array(await res.arrayBuffer()));
      return verifyHistory({ history: read, policy: parsePolicy(await policy()) }).verdict;
    };
    expect(await verdictFor(bob)).toBe('incomplete');
    expect(await verdictFor(alice)).toBe('verified');
  });

  test('is for those who may read the record, and there is none before its first block', async () => {
    const made = await accept(create('With a history'), null, sealed);
    expect((await historyOf(made.record, '', stranger)).status).toBe(404);
    const { status, bytes } = await historyOf(made.record, '?at=0');
    expect([status, Problem.parse(JSON.parse(Buffer.from(bytes).toString())).code]).toEqual([
      409,
      'not_sealed',
    ]);
  });
});
