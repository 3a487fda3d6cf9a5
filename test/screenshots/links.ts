import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { claimDigest, type JsonObject, toHex } from '../../src/proof/index.js';
import { AskedSigning } from '../../src/http/schemas/signing.js';
import { bearer } from '../support/people.js';
import { digestOf, firstEvent, type Holder, newHolder, nextEvent, type Place } from '../support/records.js';
import { ask, keyOffer, propose, send, signContract } from '../support/signing.js';
import { until } from '../support/until.js';

/** Links to sign, as people have them in front of them: each state of each kind of request. */

/** The content of the document that they are asked to sign. */
export const LEASE = 'The harbour house is let from the first of March.\n';
const DOCUMENT = digestOf(LEASE);
/** A document that the organization keeps on the service. */
const scan = {
  name: 'Lease, scanned.png',
  bytes: readFileSync(join(import.meta.dirname, '../../docs/images/verify.png')),
};
const MAY = Date.UTC(2030, 4, 1);

export const LINK_STATES = [
  'contract-invited',
  'contract-key-given',
  'contract-to-sign',
  'contract-signed',
  'contract-declined',
  'contract-declined-early',
  'contract-closed',
  'contract-withdrawn',
  'contract-expired',
  'contract-passed-on',
  'contract-hand-over',
  'contract-handed-over',
  'contract-take-over-waits',
  'contract-take-over',
  'contract-kept',
  'transfer-invited',
  'transfer-key-given',
  'transfer-to-sign',
  'transfer-accepted',
  'transfer-to-promise',
  'transfer-promised',
  'transfer-taken',
  'transfer-holder-changed',
  'transfer-declined',
  'licence-invited',
  'licence-key-given',
  'licence-granted',
  'licence-over',
  'claim-invited',
  'claim-to-sign',
  'claim-signed',
] as const;
type LinkState = (typeof LINK_STATES)[number];
export type Links = ReadonlyMap<LinkState, string>;

interface Link {
  readonly id: string;
  readonly token: string;
}

export async function prepareLinks(url: string, token: string, origin: string): Promise<Links> {
  const service = { url };
  const links = new Map<LinkState, string>();
  const owner = newHolder('kim.minji');
  const post = async (path: string, body: unknown, key: string | null = token): Promise<JsonObject> => {
    const answer = await send(service, 'POST', path, body, key);
    if (answer.status >= 300) throw new Error(`${path} was refused: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const opened = async (link: Link) =>
    AskedSigning.parse(await post('/v1/signing/open', { token: link.token }, null));
  const begin = async (...[type, members, signers]: Parameters<typeof firstEvent>) =>
    (await post('/v1/records', firstEvent(type, members, signers, origin))) as unknown as Place;
  const next = async (after: Place, type: string, members: JsonObject, signer: Holder) =>
    (await post(
      `/v1/records/${after.record}/events`,
      nextEvent(after, type, members, [signer], { origin }),
    )) as unknown as Place;
  const giveKey = (link: Link, holder: Holder, document: string) =>
    post(
      '/v1/signing/key',
      { token: link.token, key: holder.text, offer: keyOffer(link.id, holder, document, origin) },
      null,
    );
  const answer = async (link: Link, type: string, members: JsonObject, signer: Holder) => {
    const { contract, subject } = await opened(link);
    const place = contract ?? subject?.record;
    if (place == null) throw new Error('there is no record');
    const at = { record: 'record' in place ? place.record : place.id, sequence: place.sequence };
    const event = nextEvent({ ...at, value: place.value }, type, members, [signer], { origin });
    await post('/v1/signing/event', { token: link.token, ...event }, null);
  };
  const terms = {
    title: 'Lease of the harbour house',
    document: { sha256: DOCUMENT, name: 'Lease, 12 Harbour Street.pdf', size: LEASE.length },
  };
  const asked = async (state: LinkState, name: string, others: JsonObject = {}): Promise<Link> => {
    const message = 'As discussed on the phone: please read it and sign by Friday.';
    const link = await ask(service, token, name, { ...terms, message, ...others });
    links.set(state, link.token);
    return link;
  };

  // A lease: to each of these states with a contract of its own, which Hanbit Law signs last.
  const contractWith = async (link: Link, name: string, holder: Holder) => {
    await giveKey(link, holder, DOCUMENT);
    const parties = [
      { name: 'Hanbit Law', key: owner.text, order: 2 },
      { name, key: holder.text, order: 1 },
      { name: 'Gil Sohee', key: newHolder('sohee').text, order: 1 },
    ];
    const conditions = [{ name: 'keys handed over', by: 0 }];
    const signed = { title: terms.title, document: terms.document, deadline: MAY, conditions };
    const record = await propose(service, token, owner, parties, signed, origin);
    await post(`/v1/signing-requests/${link.id}/contract`, { record });
    return record;
  };
  await asked('contract-invited', 'Lee Jihoon');
  await giveKey(await asked('contract-key-given', 'Choi Yuna'), newHolder('yuna'), DOCUMENT);
  await contractWith(await asked('contract-to-sign', 'Jung Haerin'), 'Jung Haerin', newHolder('haerin'));
  const signer = newHolder('dohyun.han');
  const signed = await asked('contract-signed', 'Han Dohyun');
  await contractWith(signed, 'Han Dohyun', signer);
  await signContract(service, signed.token, signer, origin);
  const refuses = newHolder('sua');
  const declined = await asked('contract-declined', 'Yoon Sua');
  await contractWith(declined, 'Yoon Sua', refuses);
  await answer(declined, 'contract.decline', { party: 1, reason: 'The rent is wrong.' }, refuses);
  const early = await asked('contract-declined-early', 'Oh Nari');
  await post('/v1/signing/decline', { token: early.token, reason: 'I have moved.' }, null);
  const late = newHolder('taeyang');
  const closed = await asked('contract-closed', 'Moon Taeyang');
  const record = await contractWith(closed, 'Moon Taeyang', late);
  const { contract: open } = await opened(closed);
  if (open === null) throw new Error('no contract is named');
  await next({ record, sequence: open.sequence, value: open.value }, 'contract.cancel', {}, owner);
  const withdrawn = await asked('contract-withdrawn', 'Seo Minjae');
  await post(`/v1/signing-requests/${withdrawn.id}/withdrawal`, undefined);
  const expired = await asked('contract-expired', 'Bae Jiwoo', {
    expiresAt: new Date(Date.now() + 5000).toISOString(),
  });
  const passOn = async (link: Link, name: string): Promise<Link> => {
    const { link: made } = (await post('/v1/signing/delegation', { token: link.token, name }, null)) as {
      link: { token: string };
    };
    return { token: made.token, id: (await opened({ id: '', token: made.token })).id };
  };
  await passOn(await asked('contract-passed-on', 'Kang Sora'), 'Kang Minho');
  const [from, to] = [newHolder('haneul'), newHolder('gaon')];
  const hands = await asked('contract-hand-over', 'Im Haneul');
  await contractWith(hands, 'Im Haneul', from);
  const takes = await passOn(hands, 'Im Gaon');
  await giveKey(takes, to, DOCUMENT);
  links.set('contract-take-over-waits', takes.token);
  const [from2, to2] = [newHolder('bom'), newHolder('areum')];
  const handed = await asked('contract-handed-over', 'Nam Bom');
  await contractWith(handed, 'Nam Bom', from2);
  const ready = await passOn(handed, 'Nam Areum');
  await giveKey(ready, to2, DOCUMENT);
  await answer(handed, 'contract.delegate', { party: 1, to: to2.text }, from2);
  links.set('contract-take-over', ready.token);

  const form = new FormData();
  form.append('file', new Blob([scan.bytes]), scan.name);
  const kept = await fetch(`${url}/v1/notarizations?vault=keep`, {
    method: 'POST',
    headers: bearer(token),
    body: form,
  });
  if (!kept.ok) throw new Error(`the document was not kept: ${await kept.text()}`);
  const sha256 = createHash('sha256').update(scan.bytes).digest('hex');
  const document = { sha256, name: scan.name, size: scan.bytes.length };
  const reads = newHolder('yejun');
  const looks = await asked('contract-kept', 'Ahn Yejun', { document });
  await giveKey(looks, reads, sha256);
  const parties = [{ name: 'Ahn Yejun', key: reads.text, order: 1 }];
  const seen = await propose(service, token, owner, parties, { title: terms.title, document }, origin);
  await post(`/v1/signing-requests/${looks.id}/contract`, { record: seen });

  // Items and works.
  const expiresAt = new Date(Date.now() + 7 * 86_400_000).toISOString();
  const askFor = async (state: LinkState, name: string, members: JsonObject): Promise<Link> => {
    const made = (await post('/v1/signing-requests', { name, expiresAt, ...members })) as unknown as {
      request: { id: string };
      link: { token: string };
    };
    links.set(state, made.link.token);
    return { id: made.request.id, token: made.link.token };
  };
  const jar = (serial: string) =>
    begin(
      'item.register',
      {
        ...{ title: 'White porcelain moon jar', serial, issuer: owner.text, holder: owner.text },
        features: [
          { name: 'Height', value: '41 cm' },
          { name: 'Kiln', value: 'Gwangju' },
        ],
        documents: [{ sha256: digestOf(serial), size: 48_213, name: 'Photograph of the jar.jpg' }],
      },
      [owner],
    );
  const transfer = async (state: LinkState, serial: string) => {
    const item = await jar(serial);
    const link = await askFor(state, 'Park Seojun', { kind: 'transfer', record: item.record });
    const holder = newHolder('seojun');
    return { item, link, holder };
  };
  await transfer('transfer-invited', 'MJ-1');
  const given = await transfer('transfer-key-given', 'MJ-2');
  await giveKey(given.link, given.holder, given.item.record);
  const sold = await transfer('transfer-to-sign', 'MJ-3');
  await giveKey(sold.link, sold.holder, sold.item.record);
  await next(sold.item, 'item.offer', { to: sold.holder.text, until: MAY }, owner);
  const accepted = await transfer('transfer-accepted', 'MJ-4');
  await giveKey(accepted.link, accepted.holder, accepted.item.record);
  await next(accepted.item, 'item.offer', { to: accepted.holder.text }, owner);
  await answer(accepted.link, 'item.accept', {}, accepted.holder);
  const promised = await transfer('transfer-to-promise', 'MJ-5');
  await giveKey(promised.link, promised.holder, promised.item.record);
  const waiting = await begin(
    'contract.propose',
    {
      ...{ title: 'Sale of the moon jar', holder: owner.text, deadline: MAY },
      document: { sha256: digestOf('sale of the jar'), size: 48_213, name: 'Sale.pdf' },
      parties: [{ name: 'Seller', key: owner.text, order: 1 }],
    },
    [owner],
  );
  const on = { record: waiting.record, is: 'executed' };
  await next(promised.item, 'item.offer', { to: promised.holder.text, on }, owner);
  const waits = await transfer('transfer-promised', 'MJ-6');
  await giveKey(waits.link, waits.holder, waits.item.record);
  await next(waits.item, 'item.offer', { to: waits.holder.text, on }, owner);
  await answer(waits.link, 'item.accept', {}, waits.holder);
  const other = newHolder('dohyun');
  const taken = await transfer('transfer-taken', 'MJ-7');
  await next(await next(taken.item, 'item.offer', { to: other.text, on }, owner), 'item.accept', {}, other);
  const changed = await transfer('transfer-holder-changed', 'MJ-8');
  await next(await next(changed.item, 'item.offer', { to: other.text }, owner), 'item.accept', {}, other);
  const refused = await transfer('transfer-declined', 'MJ-9');
  await post('/v1/signing/decline', { token: refused.link.token, reason: 'Too dear.' }, null);

  const claim = {
    ...{ title: 'Tide at the harbour', kind: 'Photograph', createdOn: '2026-05', published: null },
    ...{ madeForHire: false, basis: 'I took it.', authors: [{ name: 'Lee Jihoon', role: 'Photographer' }] },
    documents: [{ sha256: digestOf('tide'), size: 18_402, name: 'Tide.jpg' }],
  };
  const work = async () => begin('work.claim', { ...claim, holder: owner.text }, [owner]);
  const licence = async (state: LinkState) => {
    const of = await work();
    const link = await askFor(state, 'Harbour Press', { kind: 'licence', record: of.record });
    return { of, link, holder: newHolder('harbour-press') };
  };
  await licence('licence-invited');
  const asks = await licence('licence-key-given');
  await giveKey(asks.link, asks.holder, asks.of.record);
  const granted = await licence('licence-granted');
  await giveKey(granted.link, granted.holder, granted.of.record);
  await next(
    granted.of,
    'work.license',
    {
      ...{ to: { name: 'Harbour Press', key: granted.holder.text } },
      ...{ terms: 'First edition, in print', exclusive: true },
    },
    owner,
  );
  const over = await licence('licence-over');
  await next(over.of, 'work.withdraw', {}, owner);
  const author = newHolder('jihoon');
  const subject = toHex(claimDigest(claim));
  await askFor('claim-invited', 'Lee Jihoon', { kind: 'claim', claim });
  await giveKey(await askFor('claim-to-sign', 'Lee Jihoon', { kind: 'claim', claim }), author, subject);
  const claimed = await askFor('claim-signed', 'Lee Jihoon', { kind: 'claim', claim });
  await giveKey(claimed, author, subject);
  const event = firstEvent('work.claim', { ...claim, holder: author.text }, [author], origin);
  await post('/v1/signing/event', { token: claimed.token, ...event }, null);
  await until('the time to answer to be over', async () => (await opened(expired)).status, 'expired');
  return links;
}
