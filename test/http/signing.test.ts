import { audit } from '../../src/audit/audit.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  AskedSigning,
  DelegatedSigning,
  SigningRequest,
  SigningRequests,
} from '../../src/http/schemas/signing.js';
import {
  formatNote,
  type JsonObject,
  parseHistory,
  parseNote,
  parsePolicy,
  signNote,
} from '../../src/proof/index.js';
import { verifyHistory } from '../../src/proof/records/history.js';
import { query } from '../support/database.js';
import { createKey, createOrganization } from '../support/people.js';
import { LOG_KEY } from '../support/parts.js';
import { digestOf, firstEvent, newHolder, nextEvent, type Holder, type Place } from '../support/records.js';
import { startService, type TestService } from '../support/service.js';
import {
  ask,
  DOCUMENT,
  giveKey,
  keyOffer,
  newRequest,
  policyOf,
  propose,
  send,
  signContract,
} from '../support/signing.js';
import { until } from '../support/until.js';

let service: TestService;
let key: string;
let stranger: string;
let reader: string;
/** Of the organization too, and reads nothing. */
let submitter: string;
let time = Date.now();
beforeAll(async () => {
  service = await startService({ policy: { anonymousSubmission: false }, clock: () => time });
  const own = (await createOrganization(service, 'Leasing')).id;
  key = (await createKey(service, own)).secret;
  reader = (await createKey(service, own, ['read'])).secret;
  submitter = (await createKey(service, own, ['notarize'])).secret;
  stranger = (await createKey(service, (await createOrganization(service, 'Other')).id)).secret;
});
afterAll(() => service[Symbol.asyncDispose]());

const lessor = newHolder('lessor.example');

const open = async (token: string) =>
  AskedSigning.parse((await send(service, 'POST', '/v1/signing/open', { token })).body);
const find = async (id: string, as = key) =>
  SigningRequest.parse((await send(service, 'GET', `/v1/signing-requests/${id}`, undefined, as)).body);
const codeOf = async (answer: Promise<{ status: number; body: JsonObject }>) => {
  const { status, body } = await answer;
  return [status, body['code']];
};
const party = (name: string, holder: Holder, order = 1) => ({ name, key: holder.text, order });

/** Where the contract is, for its next event. */
async function placeOf(token: string): Promise<Place> {
  const { contract } = await open(token);
  return contract ?? expect.fail('no contract is named');
}

const sendEvent = async (token: string, type: string, members: JsonObject, signers: readonly Holder[]) =>
  send(service, 'POST', '/v1/signing/event', {
    token,
    ...nextEvent(await placeOf(token), type, members, signers),
  });

const name = (id: string, record: string) =>
  send(service, 'POST', `/v1/signing-requests/${id}/contract`, { record }, key);

test('asks for a key, then for a signature under the same link, until the history shows both', async () => {
  const kim = newHolder('kim');
  const asked = await ask(service, key, 'Kim Minji', { message: 'As discussed.' });
  expect(asked.mailed).toBe(false);
  expect(await find(asked.id)).toMatchObject({ status: 'invited', name: 'Kim Minji', key: null });
  expect(await open(asked.token)).toMatchObject({
    status: 'opened',
    organization: { name: 'Leasing' },
    title: 'Car lease',
    message: 'As discussed.',
    document: { sha256: DOCUMENT, name: 'lease.pdf', size: 1234 },
    contract: null,
  });
  expect(await giveKey(service, asked, kim)).toMatchObject({ status: 'key_given', key: kim.text });
  const record = await propose(service, key, lessor, [party('Lessor', lessor), party('Kim', kim)]);
  expect((await name(asked.id, record)).status).toBe(200);
  expect(await open(asked.token)).toMatchObject({
    status: 'to_sign',
    contract: {
      record,
      party: 1,
      turn: true,
      status: 'open',
      parties: [{ name: 'Lessor' }, { name: 'Kim' }],
    },
  });
  const signed = await sendEvent(asked.token, 'contract.sign', { party: 1 }, [kim]);
  expect(signed).toMatchObject({
    status: 200,
    body: { event: { type: 'contract.sign' }, asked: { status: 'signed' } },
  });
  expect(await find(asked.id)).toMatchObject({ status: 'signed', party: 1, record });
  const history = await until('the history to show the signature', async () => {
    const res = await fetch(`${service.url}/v1/signing/history`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: asked.token }),
    });
    const text = await res.text();
    return res.status === 200 && text.includes('contract.sign') ? text : null;
  });
  const report = verifyHistory({
    history: parseHistory(Buffer.from(history)),
    policy: parsePolicy(await policyOf(service)),
  });
  expect(report).toMatchObject({
    verdict: 'verified',
    state: { parties: [{ answer: null }, { answer: 'signed' }] },
  });
});

test('answers the same note again after a lost answer', async () => {
  const kim = newHolder('kim');
  const asked = await ask(service, key, 'Kim');
  await giveKey(service, asked, kim);
  await name(asked.id, await propose(service, key, lessor, [party('Kim', kim), party('Lessor', lessor)]));
  const event = nextEvent(await placeOf(asked.token), 'contract.sign', { party: 0 }, [kim]);
  const both = [];
  for (let i = 0; i < 2; i++) {
    both.push(
      (await send(service, 'POST', '/v1/signing/event', { token: asked.token, ...event })).body['event'],
    );
  }
  expect(both[0]).not.toBeNull();
  expect(both[1]).toMatchObject({ notarization: (both[0] as JsonObject)['notarization'] });
});

test('is a submitter that the audit knows', async () => {
  const { database } = await audit({ store: service.store, logKey: LOG_KEY.key });
  expect(database.findings.filter(({ table }) => table === 'register_run')).toEqual([]);
});

test('takes a key only with an offer that the key itself has signed for this request and document', async () => {
  const [kim, lee] = [newHolder('kim'), newHolder('lee')];
  const asked = await ask(service, key, 'Kim');
  const offers: readonly string[] = [
    keyOffer(asked.id, lee),
    keyOffer('srq_aaaaaaaaaaaaaaaaaaaa', kim),
    keyOffer(asked.id, kim, '44'.repeat(32)),
    keyOffer(asked.id, kim, DOCUMENT, 'other.example/log'),
    'nothing',
  ];
  for (const offer of offers) {
    const { token } = asked;
    const answer = send(service, 'POST', '/v1/signing/key', { token, key: kim.text, offer });
    expect(await codeOf(answer)).toEqual([422, 'invalid_key_offer']);
  }
  const bad = { token: asked.token, key: 'kim', offer: keyOffer(asked.id, kim) };
  expect(await codeOf(send(service, 'POST', '/v1/signing/key', bad))).toEqual([422, 'invalid_key_offer']);
  expect(await find(asked.id)).toMatchObject({ key: null });
});

test('names only a contract of the organization, for the document, with the key', async () => {
  const [kim, lee] = [newHolder('kim'), newHolder('lee')];
  const asked = await ask(service, key, 'Kim');
  const record = await propose(service, key, lessor, [party('Kim', kim)]);
  expect(await codeOf(name(asked.id, record))).toEqual([409, 'signing_not_ready']);
  await giveKey(service, asked, kim);
  const others = await propose(service, stranger, lessor, [party('Kim', kim)]);
  expect(await codeOf(name(asked.id, others))).toEqual([404, 'unknown_record']);
  expect(await codeOf(name(asked.id, '55'.repeat(32)))).toEqual([404, 'unknown_record']);
  const without = await propose(service, key, lessor, [party('Lee', lee)]);
  expect(await codeOf(name(asked.id, without))).toEqual([409, 'contract_differs']);
  const other = await propose(service, key, lessor, [party('Kim', kim)], {
    document: { sha256: digestOf('x') },
  });
  expect(await codeOf(name(asked.id, other))).toEqual([409, 'contract_differs']);
  expect((await name(asked.id, record)).status).toBe(200);
});

test('takes no other event than the person’s own answers, with the codes of the rules', async () => {
  const [kim, lee] = [newHolder('kim'), newHolder('lee')];
  const asked = await ask(service, key, 'Kim');
  await giveKey(service, asked, kim);
  const parties = [party('Kim', kim, 2), party('Lee', lee, 1)];
  await name(asked.id, await propose(service, key, lessor, parties));
  const { token } = asked;
  expect((await open(token)).contract).toMatchObject({ party: 0, turn: false });
  const cases: readonly [Promise<{ status: number; body: JsonObject }>, number, string][] = [
    [sendEvent(token, 'contract.sign', { party: 0 }, [kim]), 409, 'not_your_turn'],
    [sendEvent(token, 'contract.sign', { party: 1 }, [lee]), 403, 'event_not_asked'],
    [sendEvent(token, 'contract.cancel', {}, [lessor]), 403, 'event_not_asked'],
    [sendEvent(token, 'contract.sign', { party: 0 }, [lee]), 403, 'missing_signature'],
    [
      send(service, 'POST', '/v1/signing/event', {
        token,
        ...firstEvent('contract.sign', { party: 0 }, [kim]),
      }),
      422,
      'malformed_event',
    ],
  ];
  for (const [answer, status, code] of cases) {
    const got = await codeOf(answer);
    if (code === 'malformed_event') expect(got[0]).toBe(422);
    else expect(got).toEqual([status, code]);
  }
  expect(await find(asked.id)).toMatchObject({ status: 'to_sign' });
});

test('shows a refusal with a reason in the contract, and lets the organization ask somebody else', async () => {
  const [kim, lee] = [newHolder('kim'), newHolder('lee')];
  const first = await ask(service, key, 'Kim');
  await giveKey(service, first, kim);
  const record = await propose(service, key, lessor, [party('Kim', kim), party('Lessor', lessor)], {
    quorum: 1,
  });
  await name(first.id, record);
  const declined = await sendEvent(first.token, 'contract.decline', { party: 0, reason: 'Too dear.' }, [kim]);
  expect(declined.body).toMatchObject({ asked: { status: 'declined' } });
  const second = await ask(service, key, 'Lee');
  await giveKey(service, second, lee);
  const terms = {
    title: 'Car lease',
    document: { sha256: DOCUMENT },
    parties: [party('Lee', lee), party('Lessor', lessor)],
  };
  const amended = nextEvent(await placeOf(first.token), 'contract.amend', terms, [lessor]);
  expect((await send(service, 'POST', `/v1/records/${record}/events`, amended, key)).status).toBe(201);
  expect((await name(second.id, record)).status).toBe(200);
  expect(await find(first.id)).toMatchObject({ status: 'closed' });
  // Who is no party any more does not read the new terms.
  expect(await open(first.token)).toMatchObject({ status: 'closed', contract: null });
  const signed = await sendEvent(second.token, 'contract.sign', { party: 0 }, [lee]);
  expect(signed.body).toMatchObject({ asked: { status: 'signed' } });
});

test('asks the others again under the same links when a contract came to nothing', async () => {
  const [kim, park, choi] = [newHolder('kim'), newHolder('park'), newHolder('choi')];
  const [first, second, third] = [
    await ask(service, key, 'Kim'),
    await ask(service, key, 'Park'),
    await ask(service, key, 'Choi'),
  ];
  await giveKey(service, first, kim);
  await giveKey(service, second, park);
  await giveKey(service, third, choi);
  const record = await propose(service, key, lessor, [party('Kim', kim), party('Park', park)]);
  for (const { id } of [first, second]) await name(id, record);
  await signContract(service, first.token, kim);
  const again = await propose(service, key, lessor, [party('Kim', kim), party('Choi', choi)]);
  // As long as the contract is open, a signature of it stands.
  expect(await codeOf(name(first.id, again))).toEqual([409, 'signing_request_closed']);
  await sendEvent(second.token, 'contract.decline', { party: 1, reason: 'Too dear.' }, [park]);
  for (const { id } of [first, third]) expect((await name(id, again)).status).toBe(200);
  for (const [{ token }, holder] of [
    [first, kim],
    [third, choi],
  ] as const)
    expect(await signContract(service, token, holder)).toMatchObject({ status: 'signed' });
});

test('asks for no signature of a contract that was amended to be for another document', async () => {
  const kim = newHolder('kim');
  const asked = await ask(service, key, 'Kim');
  await giveKey(service, asked, kim);
  const parties = [party('Kim', kim)];
  const record = await propose(service, key, lessor, parties);
  await name(asked.id, record);
  const terms = { title: 'Car lease', document: { sha256: digestOf('Another lease.') }, parties };
  const place = await placeOf(asked.token);
  const amended = nextEvent(place, 'contract.amend', terms, [lessor]);
  const res = await send(service, 'POST', `/v1/records/${record}/events`, amended, key);
  expect(res.status).toBe(201);
  expect(await open(asked.token)).toMatchObject({ status: 'closed', contract: null });
  const { value, sequence } = res.body as unknown as Place;
  const event = nextEvent({ record, value, sequence }, 'contract.sign', { party: 0 }, [kim]);
  const answer = send(service, 'POST', '/v1/signing/event', { token: asked.token, ...event });
  expect(await codeOf(answer)).toEqual([409, 'signing_request_closed']);
});

test('declines before there is a contract, with a reason that the organization sees', async () => {
  const asked = await ask(service, key, 'Kim');
  const { token } = asked;
  const answer = await send(service, 'POST', '/v1/signing/decline', { token, reason: 'No thanks.' });
  expect(answer.body).toMatchObject({ status: 'declined' });
  expect(await find(asked.id)).toMatchObject({ status: 'declined', reason: 'No thanks.' });
  const again = giveKeyRaw(asked, newHolder('kim'));
  expect(await codeOf(again)).toEqual([409, 'signing_request_closed']);
});

const giveKeyRaw = ({ id, token }: { id: string; token: string }, holder: Holder) =>
  send(service, 'POST', '/v1/signing/key', { token, key: holder.text, offer: keyOffer(id, holder) });

test('passes a request on before there is a contract, four times at most', async () => {
  let { token } = await ask(service, key, 'Kim');
  for (let i = 0; i < 4; i++) {
    const { body } = await send(service, 'POST', '/v1/signing/delegation', { token, name: `Person ${i}` });
    const { asked, link } = DelegatedSigning.parse(body);
    expect(asked).toMatchObject({ status: 'delegated', successor: { name: `Person ${i}`, key: null } });
    const before = token;
    token = link?.token ?? expect.fail();
    const again = send(service, 'POST', '/v1/signing/delegation', { token: before, name: 'Me' });
    expect(await codeOf(again)).toEqual([409, 'signing_request_closed']);
  }
  const fifth = send(service, 'POST', '/v1/signing/delegation', { token, name: 'Person 5' });
  expect(await codeOf(fifth)).toEqual([409, 'signing_request_closed']);
  expect(await open(token)).toMatchObject({ status: 'opened', name: 'Person 3' });
});

test('lets somebody else be named once who was named is withdrawn or erased, and shows those nothing more', async () => {
  const kim = newHolder('kim');
  const asked = await ask(service, key, 'Kim');
  await giveKey(service, asked, kim);
  await name(asked.id, await propose(service, key, lessor, [party('Kim', kim)]));
  const delegate = async (to: string) => {
    const { body } = await send(service, 'POST', '/v1/signing/delegation', { token: asked.token, name: to });
    const { token } = DelegatedSigning.parse(body).link ?? expect.fail();
    return { token, id: (await open(token)).id };
  };
  const withdrawn = await delegate('Lee');
  expect((await open(withdrawn.token)).contract).not.toBeNull();
  await send(service, 'POST', `/v1/signing-requests/${withdrawn.id}/withdrawal`, undefined, key);
  expect(await open(withdrawn.token)).toMatchObject({ status: 'withdrawn', contract: null });
  const erased = await delegate('Choi');
  await send(service, 'DELETE', `/v1/signing-requests/${erased.id}`, undefined, key);
  expect(await open(asked.token)).toMatchObject({ status: 'to_sign', successor: null });
  expect(await open((await delegate('Park')).token)).toMatchObject({ name: 'Park' });
});

test('hands a place in a contract over with the signatures of both keys', async () => {
  const [kim, lee] = [newHolder('kim'), newHolder('lee')];
  const asked = await ask(service, key, 'Kim');
  await giveKey(service, asked, kim);
  const record = await propose(service, key, lessor, [party('Kim', kim), party('Lessor', lessor)]);
  await name(asked.id, record);
  const { token } = asked;
  const early = sendEvent(token, 'contract.delegate', { party: 0, to: lee.text }, [kim]);
  expect(await codeOf(early)).toEqual([409, 'signing_not_ready']);
  const delegated = await send(service, 'POST', '/v1/signing/delegation', { token, name: 'Lee' });
  const { asked: waiting, link } = DelegatedSigning.parse(delegated.body);
  expect(waiting).toMatchObject({
    status: 'to_sign',
    successor: { name: 'Lee', key: null, handedOver: false },
  });
  const next = { id: '', token: link?.token ?? expect.fail() };
  next.id = (await open(next.token)).id;
  expect(await giveKey(service, next, lee)).toMatchObject({
    status: 'key_given',
    contract: { record, party: null, replaces: 0 },
    handover: null,
  });
  const onward = send(service, 'POST', '/v1/signing/delegation', { token: next.token, name: 'Choi' });
  expect(await codeOf(onward)).toEqual([409, 'signing_not_ready']);
  const half = await sendEvent(token, 'contract.delegate', { party: 0, to: lee.text }, [kim]);
  expect(half).toMatchObject({
    status: 200,
    body: { event: null, asked: { status: 'to_sign', successor: { name: 'Lee', handedOver: true } } },
  });
  const { handover } = await open(next.token);
  const { note, body } = handover ?? expect.fail('the first signature is not kept');
  const first = parseNote(note);
  const [own] = signNote(first.text, lee).signatures;
  const both = formatNote({ text: first.text, signatures: [...first.signatures, own ?? expect.fail()] });
  const done = await send(service, 'POST', '/v1/signing/event', { token: next.token, note: both, body });
  expect(done).toMatchObject({
    status: 200,
    body: { event: { type: 'contract.delegate' }, asked: { status: 'to_sign', handover: null } },
  });
  expect(await open(token)).toMatchObject({ status: 'delegated' });
  const signed = await sendEvent(next.token, 'contract.sign', { party: 0 }, [lee]);
  expect(signed.body).toMatchObject({ asked: { status: 'signed' } });
});

test('replaces a link, and opens nothing with the one before', async () => {
  const asked = await ask(service, key, 'Kim');
  const remind = (body: JsonObject) =>
    send(service, 'POST', `/v1/signing-requests/${asked.id}/reminder`, body, key);
  expect((await remind({})).body).toEqual({ link: { token: asked.token, mailed: false } });
  const { link } = (await remind({ newLink: true })).body as { link: { token: string } };
  expect(link.token).not.toBe(asked.token);
  const before = send(service, 'POST', '/v1/signing/open', { token: asked.token });
  expect(await codeOf(before)).toEqual([400, 'invalid_signing_link']);
  expect(await open(link.token)).toMatchObject({ status: 'opened' });
});

test('expires, and is withdrawn', async () => {
  const [late, taken] = [
    await ask(service, key, 'Kim', { expiresAt: new Date(time + 60_000).toISOString() }),
    await ask(service, key, 'Lee'),
  ];
  time += 60_000;
  expect(await open(late.token)).toMatchObject({ status: 'expired' });
  expect(await codeOf(giveKeyRaw(late, newHolder('kim')))).toEqual([409, 'signing_request_closed']);
  const path = `/v1/signing-requests/${taken.id}/withdrawal`;
  expect((await send(service, 'POST', path, undefined, key)).status).toBe(204);
  expect(await codeOf(send(service, 'POST', path, undefined, key))).toEqual([409, 'signing_request_closed']);
  expect(await open(taken.token)).toMatchObject({ status: 'withdrawn' });
  const past = newRequest('Kim', { expiresAt: new Date(time).toISOString() });
  expect(await codeOf(send(service, 'POST', '/v1/signing-requests', past, key))).toEqual([
    400,
    'invalid_value',
  ]);
});

test('erases all that a request tells of a person, in the database too', async () => {
  const asked = await ask(service, key, 'Erika Mustermann', {
    email: 'erika@example.com',
    message: 'Secret words',
  });
  await giveKey(service, asked, newHolder('erika'));
  const path = `/v1/signing-requests/${asked.id}`;
  expect((await send(service, 'DELETE', path, undefined, key)).status).toBe(204);
  expect(await find(asked.id)).toMatchObject({
    status: 'erased',
    name: null,
    email: null,
    key: null,
    title: null,
  });
  const opened = send(service, 'POST', '/v1/signing/open', { token: asked.token });
  expect(await codeOf(opened)).toEqual([400, 'invalid_signing_link']);
  const rows = await query<{ row: string }>(
    service.databaseUrl,
    `SELECT row_to_json(signing_request)::text AS row FROM signing_request WHERE id = $1
     UNION ALL SELECT detail FROM access_event WHERE detail LIKE '%' || $1 || '%'`,
    [asked.id],
  );
  expect(rows.length).toBeGreaterThan(3);
  for (const { row } of rows) expect(row).not.toMatch(/erika|mustermann|secret words|car lease/i);
});

test('shows requests to their own organization alone', async () => {
  time += 1;
  const asked = await ask(service, key, 'Kim');
  const calls: readonly [string, string, JsonObject | undefined][] = [
    ['GET', '', undefined],
    ['DELETE', '', undefined],
    ['POST', '/reminder', {}],
    ['POST', '/withdrawal', undefined],
    ['POST', '/contract', { record: '55'.repeat(32) }],
  ];
  for (const [method, rest, body] of calls) {
    const path = `/v1/signing-requests/${asked.id}${rest}`;
    for (const other of method === 'GET' ? [stranger] : [stranger, submitter])
      expect(await codeOf(send(service, method, path, body, other))).toEqual([
        404,
        'signing_request_not_found',
      ]);
    expect((await send(service, method, path, body)).status).toBe(401);
    if (method !== 'GET') expect((await send(service, method, path, body, reader)).status).toBe(403);
  }
  const listed = async (as: string) =>
    SigningRequests.parse((await send(service, 'GET', '/v1/signing-requests?limit=1', undefined, as)).body);
  expect((await listed(reader)).requests).toMatchObject([{ id: asked.id, status: 'invited' }]);
  const { next } = await listed(key);
  const path = `/v1/signing-requests?limit=1&cursor=${next ?? ''}`;
  const page = SigningRequests.parse((await send(service, 'GET', path, undefined, key)).body);
  expect(page.requests[0]?.id).not.toBe(asked.id);
  expect(await listed(stranger)).toEqual({ requests: [], next: null });
  expect(await find(asked.id, reader)).toMatchObject({ id: asked.id });
  const ofSubmitter = await ask(service, submitter, 'Lee');
  const reminder = `/v1/signing-requests/${ofSubmitter.id}/reminder`;
  expect((await send(service, 'POST', reminder, {}, submitter)).status).toBe(200);
});

test('refuses addresses that a mail server could read otherwise', async () => {
  for (const email of [
    'a@b\r\nRcpt To:<x@y>',
    'a b@c.de',
    '"a"@b.de',
    'a@b.de,c@d.de',
    'ä@b.de',
    '<a@b.de>',
  ]) {
    const answer = send(service, 'POST', '/v1/signing-requests', newRequest('Kim', { email }), key);
    expect(await codeOf(answer)).toEqual([400, 'invalid_mail_address']);
  }
});

test('keeps what a link opens out of database and log', async () => {
  const { id, token } = await ask(service, key, 'Kim');
  const [row] = await query<{ row: string }>(
    service.databaseUrl,
    'SELECT row_to_json(signing_request)::text AS row FROM signing_request WHERE id = $1',
    [id],
  );
  expect(row?.row).not.toContain(token);
  for (const wrong of ['', 'x', token.slice(1), `${token}a`, token.toUpperCase()]) {
    const [status, code] = await codeOf(send(service, 'POST', '/v1/signing/open', { token: wrong }));
    expect([status, code]).toEqual([400, wrong === '' ? 'invalid_body' : 'invalid_signing_link']);
  }
});
