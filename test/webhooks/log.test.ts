import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseWitnesses } from '../../src/proof/index.js';
import { LOG_KEY } from '../support/parts.js';
import { createKey, createOrganization, createUser } from '../support/people.js';
import { digestOf } from '../support/records.js';
import { startService, type TestService } from '../support/service.js';
import { startTsa, type TestTsa } from '../support/time-sources.js';
import { until } from '../support/until.js';
import { makeWebhook, notarize, type Receiver, startReceiver, verified } from '../support/webhooks.js';
import { startWitness, type TestWitness } from '../support/witness.js';

/** Messages about what others do for the log: a member and a time source. */

let witness: TestWitness;
let tsa: TestTsa;
let service: TestService;
let receiver: Receiver;
let key: string;
let secret: string;
beforeAll(async () => {
  witness = await startWitness('bank', () => LOG_KEY.key);
  tsa = await startTsa();
  receiver = await startReceiver();
  service = await startService({
    members: parseWitnesses(`${witness.line}\nquorum bank`),
    timeSources: { anchors: [tsa.source()] },
    anchoring: { lateMarginMs: 1, alarmAfterMs: 1 },
    webhookPrivate: ['127.0.0.0/8'],
  });
  const { id } = await createOrganization(service, 'Archive');
  key = (await createKey(service, id)).secret;
  const { accessToken } = await createUser(service, id, 'owner');
  ({ secret } = await makeWebhook(service, accessToken, receiver.url, [
    ...(['notarization.sealed', 'notarization.cosigned', 'notarization.anchored'] as const),
    ...(['anchor.late', 'member.alarm'] as const),
  ]));
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
  await tsa[Symbol.asyncDispose]();
  await witness[Symbol.asyncDispose]();
});

const of = (type: string) => receiver.received.filter((message) => message.type === type);
const toldOf = (type: string) => of(type).flatMap(({ data }) => data.notarizations ?? []);

test('what is cosigned, and what is anchored, is told when it is, and not before', async () => {
  const ids = await notarize(service, key, ['a', 'b', 'c'].map(digestOf));
  await until('all to be anchored', () => toldOf('notarization.anchored').length, 3);
  for (const type of ['notarization.sealed', 'notarization.cosigned', 'notarization.anchored'])
    expect([type, toldOf(type)]).toEqual([type, ids]);
  for (const message of receiver.received)
    expect(verified(secret, message)).toMatchObject({ type: message.type, data: message.data });
  // Each message says when that happened: the seal, the quorum, the time-stamp.
  const [sealed = NaN, cosigned = NaN, anchored = NaN] = ['sealed', 'cosigned', 'anchored'].map((status) =>
    Date.parse(of(`notarization.${status}`).at(-1)?.timestamp ?? ''),
  );
  expect(cosigned).toBeGreaterThanOrEqual(Math.floor(sealed / 1000) * 1000);
  expect(anchored).toBeGreaterThanOrEqual(sealed);
});

test('a member that refuses, and a time source that is late, are alarms; what they do not confirm is told as sealed alone', async () => {
  witness.behaviour = (_, res) => {
    res.writeHead(422).end();
  };
  tsa.behaviour = () => undefined;
  const cosignedBefore = witness.signed.at(-1)?.size ?? 0;
  const ids = await notarize(service, key, [digestOf('d')]);
  const alarm = await until('the alarm of the member', () => of('member.alarm')[0] ?? null);
  expect(verified(secret, alarm)).toEqual({
    type: 'member.alarm',
    timestamp: alarm.timestamp,
    data: { member: 'bank', reason: 'refused', cosigned: cosignedBefore },
  });
  const late = await until('the alarm of the time source', () => of('anchor.late').at(-1) ?? null);
  expect(verified(secret, late)).toMatchObject({
    type: 'anchor.late',
    data: { source: 'seoul', type: 'tsa' },
  });
  expect(late.data['blocks']).toBeLessThanOrEqual(cosignedBefore);
  await until('the document to be told of as sealed', () =>
    toldOf('notarization.sealed').includes(ids[0] ?? ''),
  );
  for (const type of ['notarization.cosigned', 'notarization.anchored'])
    expect(toldOf(type)).not.toContain(ids[0]);
});
