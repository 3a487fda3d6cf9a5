import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AcceptedEvent, RecordEvents, Records } from '../../src/http/schemas/records.js';
import type { Scope } from '../../src/store/index.js';
import { bearer, createKey, createOrganization } from '../support/people.js';
import { documentBody, firstEvent, newHolder, nextEvent, type Place, recordKey } from '../support/records.js';
import { startService, type TestService } from '../support/service.js';

/** Random calls about records by keys of several organizations, each compared with a model of who may see what. */

const CALLS_IN_A_RUN = 100;
const RUNS = 2;
const ORGANIZATIONS = 3;
const SCOPES: readonly (readonly Scope[])[] = [['notarize'], ['read'], ['notarize', 'read']];

interface Actor {
  readonly organization: number;
  readonly scopes: readonly Scope[];
  readonly token: string;
}

interface Known {
  place: Place;
  readonly title: string;
  /** Which organizations have submitted an event. */
  readonly readers: Set<number>;
  /** By sequence: who submitted. */
  readonly submitters: number[];
}

const holders = ['alice.example', 'bob.example'].map((name) => newHolder(name));

let service: TestService;
const actors: Actor[] = [];
beforeAll(async () => {
  service = await startService({ sealing: false, policy: { anonymousSubmission: false } });
  for (let organization = 0; organization < ORGANIZATIONS; organization++) {
    const { id } = await createOrganization(service, `Organization ${organization}`);
    for (const scopes of SCOPES)
      actors.push({ organization, scopes, token: (await createKey(service, id, scopes)).secret });
  }
});
afterAll(() => service[Symbol.asyncDispose]());

const draw = fc.record({
  call: fc.constantFrom('begin', 'add', 'add by a stranger', 'read', 'read', 'events', 'prove a key', 'list'),
  actor: fc.nat(),
  target: fc.nat(),
});
type Draw = typeof draw extends fc.Arbitrary<infer T> ? T : never;

async function ask(
  token: string | null,
  path: string,
  options: { body?: unknown; headers?: Record<string, string> } = {},
) {
  const { body, headers = {} } = options;
  const res = await fetch(service.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(token === null ? {} : bearer(token)),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: res.status, text: await res.text() };
}

async function make(known: Known[], { call, actor: which, target }: Draw): Promise<void> {
  const actor = actors[which % actors.length] ?? expect.fail();
  const { token, organization, scopes } = actor;
  const holder = holders[target % holders.length] ?? expect.fail();
  const record = known[target % known.length];
  const mayRead = ({ readers }: Known) => scopes.includes('read') && readers.has(organization);
  const visible = known.filter(mayRead);
  /** No title of a record that the actor may not see, in no place of the answer. */
  const check = (text: string, others: readonly string[] = []) => {
    const shown = known.filter(({ title }) => text.includes(title)).map(({ title }) => title);
    expect(
      shown.filter((title) => !others.includes(title) && !visible.some((each) => each.title === title)),
    ).toEqual([]);
  };
  if (call === 'begin') {
    const title = `record-${known.length}-${token.slice(-6)}-${target}`;
    const { status, text } = await ask(token, '/v1/records', {
      body: firstEvent('document.create', documentBody(holder, title), [holder]),
    });
    expect(status).toBe(scopes.includes('notarize') ? 201 : 403);
    check(text);
    if (status === 201)
      known.push({
        place: AcceptedEvent.parse(JSON.parse(text)),
        title,
        readers: new Set([organization]),
        submitters: [organization],
      });
    return;
  }
  if (call === 'list') {
    const { status, text } = await ask(token, '/v1/records?limit=200');
    expect(status).toBe(scopes.includes('read') ? 200 : 403);
    check(text);
    if (status !== 200) return;
    const ids = new Set(Records.parse(JSON.parse(text)).records.map(({ id }) => id));
    expect(known.filter(({ place }) => ids.has(place.record))).toEqual(visible);
    return;
  }
  if (record === undefined) return;
  const path = `/v1/records/${record.place.record}`;
  if (call === 'add' || call === 'add by a stranger') {
    // Of the holder, which the model does not know: the record says it to those who may see it.
    const found = await service.deps.records.find(Buffer.from(record.place.record, 'hex'));
    const own = holders.find(({ text }) => text === found.current?.state.holder) ?? expect.fail();
    const next = holders.find((each) => each !== own) ?? expect.fail();
    const isForged = call !== 'add';
    const stranger = newHolder('stranger.example');
    const event = isForged
      ? nextEvent(record.place, 'document.withdraw', {}, [stranger], { before: '11'.repeat(32) })
      : nextEvent(record.place, 'record.rekey', { holder: next.text }, [own, next]);
    const { status, text } = await ask(token, `${path}/events`, { body: event });
    check(text);
    if (!scopes.includes('notarize')) expect(status).toBe(403);
    else if (isForged) {
      // Its organization may know why, as far as any of its keys may read.
      expect(status).toBe(record.readers.has(organization) ? 409 : 404);
      if (status === 404) expect(text).not.toContain(record.place.value);
    } else {
      expect(status).toBe(201);
      record.place = AcceptedEvent.parse(JSON.parse(text));
      record.readers.add(organization);
      record.submitters.push(organization);
    }
    return;
  }
  const proves = call === 'prove a key';
  const found = await service.deps.records.find(Buffer.from(record.place.record, 'hex'));
  const isParty = proves && found.current?.state.holder === holder.text;
  const headers = proves ? { 'ingam-record-key': recordKey(record.place.record, holder) } : {};
  const { status, text } = await ask(proves ? null : token, call === 'read' ? path : `${path}/events`, {
    headers,
  });
  const sees = proves ? isParty : mayRead(record);
  expect(status).toBe(sees ? 200 : 404);
  check(text, isParty ? [record.title] : []);
  if (status === 404 || call === 'read') return;
  expect(RecordEvents.parse(JSON.parse(text)).events).toHaveLength(record.submitters.length);
}

test('random calls about records get the responses of the model and never show a record of others', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(draw, { minLength: CALLS_IN_A_RUN, maxLength: CALLS_IN_A_RUN }),
      async (draws) => {
        const known: Known[] = [];
        for (const each of draws) await make(known, each);
      },
    ),
    { numRuns: RUNS, endOnFailure: true },
  );
});
