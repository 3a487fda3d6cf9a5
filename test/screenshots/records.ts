import type { Shown } from '../../src/proof/index.js';
import { bearer } from '../support/people.js';
import {
  digestOf,
  firstEvent,
  newHolder,
  nextEvent,
  type Place,
  publicationNote,
  type SentEvent,
} from '../support/records.js';
import { send as sendTo } from '../support/signing.js';
import { type Links, prepareLinks } from './links.js';

/** Records for the pictures: a contract that waits, an item promised for it, a work in dispute, both public; and links. */
export interface PicturedRecords {
  /** The public key of the person who looks. */
  readonly key: string;
  readonly contract: string;
  readonly item: string;
  readonly work: string;
  /** An item that is not public. */
  readonly hidden: string;
  /** What opens the links of people who have come to these states. */
  readonly links: Links;
}

export async function prepareRecords(url: string, token: string): Promise<PicturedRecords> {
  const { origin } = (await (await fetch(`${url}/v1/chain`)).json()) as { origin: string };
  const [kim, park, insurer] = [newHolder('kim.minji'), newHolder('박서준'), newHolder('hanbit-insurance')];
  const send = async (path: string, event: SentEvent): Promise<Place> => {
    const answer = await fetch(`${url}/v1/records${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Prefer: 'wait=30', ...bearer(token) },
      body: JSON.stringify(event),
    });
    if (!answer.ok) throw new Error(`the service returned ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Place;
  };
  const begin = (...[type, members, signers]: Parameters<typeof firstEvent>) =>
    send('', firstEvent(type, members, signers, origin));
  const next = (after: Place, ...[type, members, signers]: Parameters<typeof firstEvent>) =>
    send(`/${after.record}/events`, nextEvent(after, type, members, signers, { origin }));

  const item = await begin(
    'item.register',
    {
      ...{ title: 'Harbour crane no. 4', serial: 'HC-4-1987', issuer: kim.text, holder: kim.text },
      features: [
        { name: 'Maker', value: 'Nordkran' },
        { name: 'Lifting capacity', value: '12 t' },
      ],
      documents: [{ sha256: digestOf('crane'), size: 48_213, name: 'Photograph of the crane.jpg' }],
    },
    [kim],
  );
  const contract = await begin(
    'contract.propose',
    {
      ...{ title: 'Sale of the harbour crane', holder: kim.text, deadline: Date.UTC(2030, 2, 1) },
      document: { sha256: digestOf('sale'), size: 48_213, name: 'Sale of the harbour crane.pdf' },
      parties: [
        { name: 'Seller', key: kim.text, order: 1 },
        { name: 'Buyer 박서준', key: park.text, order: 2 },
        { name: 'Insurer', key: insurer.text, order: 2 },
      ],
      conditions: [{ name: 'handover', by: 1 }],
      effects: [{ item: item.record, to: 1 }],
    },
    [kim],
  );
  const offered = await next(
    item,
    'item.offer',
    { to: park.text, until: Date.UTC(2030, 5, 1), on: { record: contract.record, is: 'executed' } },
    [kim],
  );
  await next(offered, 'item.accept', {}, [park]);
  const work = await begin('work.claim', workOf('Songs of the harbour', kim.text), [kim]);
  const other = await begin('work.claim', workOf('항구의 노래', park.text), [park]);
  const licensed = await next(
    work,
    'work.license',
    { to: { name: 'Harbour Press' }, terms: 'First edition, in print', exclusive: true },
    [kim],
  );
  await next(
    licensed,
    'work.contest',
    { by: other.record, holder: park.text, reason: 'I wrote the second song.' },
    [park],
  );
  const publish = (record: string, shows: readonly Shown[]) =>
    sendTo(
      { url },
      'PUT',
      `/v1/records/${record}/publication`,
      { note: publicationNote(record, kim, shows, { origin }) },
      token,
    );
  await publish(item.record, [
    'title',
    'serial',
    'features',
    'documents',
    'appraisals',
    'reports',
    'keys',
    'history',
  ]);
  await publish(work.record, ['title', 'kind', 'authors', 'creation', 'licences', 'licensees', 'disputes']);
  const hidden = await begin(
    'item.register',
    {
      ...{ title: 'Harbour crane no. 5', serial: 'HC-5-1988', issuer: kim.text, holder: kim.text },
      ...{ features: [], documents: [{ sha256: digestOf('crane 5'), size: 51_007, name: 'Crane 5.jpg' }] },
    },
    [kim],
  );
  return {
    ...{ key: kim.text, contract: contract.record, item: item.record, work: work.record },
    hidden: hidden.record,
    links: await prepareLinks(url, token, origin),
  };
}

function workOf(title: string, holder: string) {
  return {
    ...{ title, kind: 'Songs', createdOn: '2026-05', published: null, madeForHire: false, holder },
    ...{ basis: 'I wrote them.', authors: [{ name: 'Kim Minji', role: 'Words and music' }] },
    documents: [{ sha256: digestOf(title), size: 18_402, name: `${title}.pdf` }],
  };
}
