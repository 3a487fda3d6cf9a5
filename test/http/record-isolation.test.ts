import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AcceptedEvent, RecordEvents, Records } from '../../src/http/schemas/records.js';
import type { Role, Scope } from '../../src/store/index.js';
import { Problem } from '../../src/http/schemas/resources.js';
import { bearer, createKey, createOperator, createOrganization, createUser } from '../support/people.js';
import { randomRuns } from '../support/random-runs.js';
import { documentBody, firstEvent, newHolder, nextEvent, type Place, recordKey } from '../support/records.js';
import { startService, type TestService } from '../support/service.js';

/**
 * Random calls about records by keys and people of several organizations, by operators, and by holders without an
 * account, each compared with a model of who may see what.
 */

const CALLS_IN_A_RUN = 100;
const RUNS = 2;
const ORGANIZATIONS = 3;
const SCOPES: readonly (readonly Scope[])[] = [['notarize'], ['read'], ['notarize', 'read']];

const ROLES: Readonly<Record<Role, readonly Right[]>> = {
  owner: ['notarize', 'read', 'publish'],
  notary: ['notarize', 'read', 'publish'],
  auditor: ['read'],
};

/** In the organization that they act for. */
type Right = Scope | 'publish';

interface Actor {
  /** null: none. */
  readonly organization: number | null;
  readonly rights: readonly Right[];
  readonly operator: boolean;
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

/** No title is part of another, also not of one from an earlier run, whose records are still there. */
let titles = 0;

const holders = ['alice.example', 'bob.example'].map((name) => newHolder(name));

let service: TestService;
const actors: Actor[] = [];
beforeAll(async () => {
  service = await startService({ sealing: false, policy: { anonymousSubmission: false } });
  for (let organization = 0; organization < ORGANIZATIONS; organization++) {
    const { id } = await createOrganization(service, `Organization ${organization}`);
    for (const rights of SCOPES) {
      const token = (await createKey(service, id, rights)).secret;
      actors.push({ organization, rights, operator: false, token });
    }
    // A person of each role in one organization or another.
    const role = (['owner', 'notary', 'auditor'] as const)[organization] ?? 'owner';
    const token = (await createUser(service, id, role)).accessToken;
    actors.push({ organization, rights: ROLES[role], operator: false, token });
  }
  const token = (await createOperator(service)).accessToken;
  actors.push({ organization: null, rights: [], operator: true, token });
});
afterAll(() => service[Symbol.asyncDispose]());

const draw = fc.record({
  call: fc.constantFrom(
    ...(['begin', 'add', 'add by a stranger', 'read', 'events', 'follow', 'history', 'state'] as const),
    ...(['prove a key', 'prove a key', 'list', 'erase', 'missing'] as const),
  ),
  actor: fc.nat(),
  target: fc.nat(),
});
type Draw = typeof draw extends fc.Arbitrary<infer T> ? T : never;

async function ask(
  token: string | null,
  path: string,
  options: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
) {
  const { body, headers = {}, method = body === undefined ? 'GET' : 'POST' } = options;
  const res = await fetch(service.url + path, {
    method,
    headers: {
      ...(token === null ? {} : bearer(token)),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (res.headers.get('content-type')?.startsWith('text/event-stream') === true) {
    // Nothing is sealed here, so nothing comes.
    await res.body?.cancel();
    return { status: res.status, text: '' };
  }
  return { status: res.status, text: await res.text() };
}

const codeOf = (text: string) => Problem.parse(JSON.parse(text)).code;

async function make(known: Known[], { call, actor: which, target }: Draw): Promise<void> {
  const actor = actors[which % actors.length] ?? expect.fail();
  const { token, organization, rights, operator } = actor;
  const holder = holders[target % holders.length] ?? expect.fail();
  const record = known[target % known.length];
  const isOwn = ({ readers }: Known) => organization !== null && readers.has(organization);
  const mayRead = (each: Known) => rights.includes('read') && isOwn(each);
  const visible = known.filter(mayRead);
  /** No title of a record that the actor may not see, in no place of the answer. */
  const check = (text: string, others: readonly string[] = []) => {
    const shown = known.filter(({ title }) => text.includes(title)).map(({ title }) => title);
    expect(
      shown.filter((title) => !others.includes(title) && !visible.some((each) => each.title === title)),
    ).toEqual([]);
  };
  if (call === 'begin') {
    const title = `record ${titles++} of ${token.slice(-6)}`;
    const { status, text } = await ask(token, '/v1/records', {
      body: firstEvent('document.create', documentBody(holder, title), [holder]),
    });
    expect(status).toBe(rights.includes('notarize') ? 201 : 403);
    check(text);
    if (status === 201 && organization !== null)
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
    expect(status).toBe(rights.includes('read') ? 200 : 403);
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
    if (!rights.includes('notarize') || organization === null) expect(status).toBe(403);
    else if (isForged) {
      // Its organization may know why, as far as any of its keys may read.
      expect(status).toBe(isOwn(record) ? 409 : 404);
      if (status === 404) expect(text).not.toContain(record.place.value);
    } else {
      expect(status).toBe(201);
      record.place = AcceptedEvent.parse(JSON.parse(text));
      record.readers.add(organization);
      record.submitters.push(organization);
    }
    return;
  }
  if (call === 'erase') {
    const sequence = target % (record.submitters.length + 1);
    const { status, text } = await ask(token, `${path}/events/${sequence}/body`, { method: 'DELETE' });
    const code = status === 204 ? null : codeOf(text);
    const isThere = sequence < record.submitters.length;
    // An operator may, of any event; but none of them has a block yet.
    if (operator) expect(code).toBe(isThere ? 'not_sealed' : 'unknown_record');
    else if (!rights.includes('publish')) expect(code).toBe('forbidden');
    else if (!mayRead(record) || !isThere) expect(code).toBe('unknown_record');
    else expect(code).toBe(record.submitters[sequence] === organization ? 'not_sealed' : 'forbidden');
    return;
  }
  if (call === 'missing') {
    // The answer about a record of others is that about none.
    const asks = (id: string) =>
      ask(token, `/v1/records/${id}${['', '/events', '/history', '/state'][target % 4] ?? ''}`);
    const { status, text } = await asks('44'.repeat(32));
    expect([status, codeOf(text)]).toEqual([404, 'unknown_record']);
    if (mayRead(record)) return;
    const foreign = await asks(record.place.record);
    const stable = (answer: string) => ({ ...Problem.parse(JSON.parse(answer)), requestId: '' });
    expect([foreign.status, stable(foreign.text)]).toEqual([404, stable(text)]);
    return;
  }
  if (call === 'history' || call === 'state') {
    const { status, text } = await ask(token, `${path}/${call}`);
    check(text);
    // No block has an event of it.
    if (mayRead(record)) expect(codeOf(text)).toBe(call === 'history' ? 'not_sealed' : 'block_not_found');
    else expect([status, codeOf(text)]).toEqual([404, 'unknown_record']);
    return;
  }
  const proves = call === 'prove a key';
  const found = await service.deps.records.find(Buffer.from(record.place.record, 'hex'));
  const isParty = proves && found.current?.state.holder === holder.text;
  const headers = {
    ...(proves ? { 'ingam-record-key': recordKey(record.place.record, holder) } : {}),
    ...(call === 'follow' ? { accept: 'text/event-stream' } : {}),
  };
  const { status, text } = await ask(proves ? null : token, call === 'read' ? path : `${path}/events`, {
    headers,
  });
  const sees = proves ? isParty : mayRead(record);
  expect(status).toBe(sees ? 200 : 404);
  check(text, isParty ? [record.title] : []);
  if (status === 404 || call === 'read' || call === 'follow') return;
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
    { ...randomRuns(RUNS), endOnFailure: true },
  );
});
