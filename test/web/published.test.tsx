// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { PublishedRecord } from '../../src/http/schemas/records.js';
import { fromHex, PUBLISHABLE, readPublication, type Shown } from '../../src/proof/index.js';
import { setLanguage } from '../../src/web/lib/language.js';
import { addOwnKey, forgetOwnKey, makeKeyFile, ownKeys } from '../../src/web/lib/record-keys.js';
import { Publication } from '../../src/web/pages/records/publication.js';
import { RecordPage } from '../../src/web/pages/record/record-page.js';
import { until } from '../support/until.js';
import { button, changes, fireEvent, press, screen, show } from './view.js';

const ORIGIN = 'log.example';
const ID = 'ab'.repeat(32);
const SEALED = '2026-11-30T03:00:00.000Z';
const alice = makeKeyFile('alice');
const holder = { id: '0badc0de', kind: 'passkey', name: null } as const;

const event = (sequence: number, type: string, more: object = {}) => ({
  ...{ sequence, type, automatic: false, signers: [holder], height: sequence + 3, sealedAt: SEALED },
  ...more,
});

/** As the service answers. */
const published = (changed: object = {}): PublishedRecord =>
  PublishedRecord.parse({
    ...{ record: ID, kind: 'item', status: 'stolen', title: 'Ring', holder, sequence: 3, note: 'note' },
    ...{ shows: ['title', 'features', 'appraisals', 'history'], signedAt: SEALED },
    asOf: { height: 9, sealedAt: SEALED },
    events: [
      event(0, 'item.register', {
        body: { title: 'Ring', features: [{ name: 'stone', value: 'ruby' }] },
      }),
      event(1, 'item.appraise', { body: { value: '1200', currency: 'KRW' } }),
      event(2, 'item.offer'),
      event(3, 'item.report', { erased: true }),
      event(4, 'item.accept'),
    ],
    next: null,
    links: { page: `/r/${ID}`, history: null, map: '' },
    ...changed,
  });

let answer: PublishedRecord | null = null;
interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}
const sent: Sent[] = [];

beforeEach(() => {
  answer = null;
  sent.length = 0;
  vi.stubGlobal('fetch', (input: unknown, { body, method = 'GET' }: RequestInit = {}) => {
    const { pathname } = new URL(String(input), 'http://localhost/');
    if (pathname === '/v1/chain') return Promise.resolve(Response.json({ origin: ORIGIN }));
    if (pathname.endsWith('/publication') && method !== 'GET') {
      sent.push({ method, path: pathname, body: typeof body === 'string' ? body : '' });
      return Promise.resolve(method === 'PUT' ? Response.json({}) : new Response(null, { status: 204 }));
    }
    if (pathname.endsWith('/publication'))
      return Promise.resolve(
        answer === null
          ? Response.json({ code: 'not_published', status: 404 }, { status: 404 })
          : Response.json(answer),
      );
    return Promise.resolve(
      Response.json({
        principal: { kind: 'anonymous' },
        memberships: [],
        policy: { anonymousSubmission: true, privateVerification: false },
      }),
    );
  });
});
afterEach(() => {
  for (const { verifierKey } of ownKeys()) forgetOwnKey(verifierKey);
  setLanguage('en');
  vi.unstubAllGlobals();
});

const seen = (heading: string) =>
  until(`the heading ${heading}`, () => screen.queryByRole('heading', { name: heading }));
const sectionOf = (heading: string) =>
  screen.getByRole('heading', { name: heading }).closest('section')?.textContent ?? '';

async function showPage(id: string | null = ID): Promise<readonly string[]> {
  const titles: string[] = [];
  await show(<RecordPage id={id} onTitle={(title) => titles.push(title)} />);
  return titles;
}

it('shows what the holder has chosen, and what is always shown', async () => {
  answer = published();
  const titles = await showPage();
  await seen('Ring');
  expect(titles).toEqual(['Ring']);
  expect(sectionOf('Where it stands')).toMatch(/Reported stolen.*key 0badc0de, a passkey.*block 9/s);
  expect(sectionOf('What it is')).toContain('stone: ruby');
  expect(sectionOf('Appraisals')).toContain('1200');
  expect(screen.queryByRole('heading', { name: 'Reports' })).toBeNull();
  const history = sectionOf('History');
  // Of the offer. The acceptance states nothing that could be shown.
  expect(history.split('What it states is not shown here.')).toHaveLength(2);
  expect(history).toContain('was erased');
  expect(sectionOf('What the keys prove')).toMatch(/It does not show who holds a key.*A passkey: whoever/s);
  expect(screen.getByRole('link', { name: 'Download the history' }).getAttribute('href')).toBe(
    `./v1/records/${ID}/publication/history`,
  );
});

it('says in Korean that there is no history file to check, and shows a record without a title', async () => {
  setLanguage('ko');
  answer = published({ title: null, shows: ['features'] });
  const titles = await showPage();
  await seen(`물품 ${ID.slice(0, 12)}`);
  expect(titles).toEqual([`물품 ${ID.slice(0, 12)}`]);
  expect(sectionOf('이 서비스 없이 확인하기')).toContain('보유자가 이력 파일을 공개하지 않아');
});

it('says that a record is not published, and that a link is incomplete', async () => {
  await showPage();
  await seen('This record is not published');
  expect(screen.getByRole('link', { name: 'Check a history file' })).toBeDefined();
  await showPage(null);
  await until('the other page', () => screen.queryByText(/The address is incomplete/));
});

const panel = ({ canPublish = true, by = alice.verifierKey } = {}) =>
  show(<Publication id={ID} kind="item" holder={by} canPublish={canPublish} />);

const boxes = () => screen.getAllByRole<HTMLInputElement>('checkbox');

it('publishes what is chosen with the key file of the holder', async () => {
  addOwnKey(alice.verifierKey);
  const place = await panel();
  await until('the choices', () => screen.queryByText('Serial number'));
  expect(boxes().map(({ name }) => name)).toEqual(PUBLISHABLE.item);
  expect(boxes().flatMap(({ name, checked }) => (checked ? [] : [name]))).toEqual([
    'keys',
    'history',
    'search',
  ]);
  expect(button('Sign and publish').getAttribute('aria-disabled')).toBe('true');
  const input = place.querySelector('input[type=file]') ?? expect.fail();
  const give = (text: string) =>
    changes(() => fireEvent.change(input, { target: { files: [new File([text], 'a.key')] } }));
  await give(makeKeyFile('mallory').text);
  await until('the refusal', () => screen.queryByText(/another key than the one of the holder/));
  await give(alice.text);
  await until('the key', () => button('Sign and publish').getAttribute('aria-disabled') !== 'true');
  await changes(() => fireEvent.click(screen.getByLabelText('Serial number')));
  answer = published({ shows: ['title'] });
  await press('Sign and publish');
  const [put] = await until(
    'the request',
    () => sent,
    ({ length }) => length > 0,
  );
  expect(put).toMatchObject({ method: 'PUT', path: `/v1/records/${ID}/publication` });
  const { note } = JSON.parse(put?.body ?? '') as { note: string };
  const of = { origin: ORIGIN, record: fromHex(ID, 32), kind: 'item', holder: alice.verifierKey } as const;
  const shows: readonly Shown[] = ['title', 'features', 'documents', 'appraisals', 'reports'];
  expect(readPublication(note, of).shows).toEqual(shows);
  await until('the link', () => screen.queryByLabelText('Link'));
  await until('the code', () => screen.queryByRole('img', { name: 'QR code of the link' }));
  expect(screen.queryByRole('checkbox')).toBeNull();
});

it('withdraws after asking', async () => {
  answer = published();
  await panel();
  await until('the link', () => screen.queryByLabelText('Link'));
  await press('Withdraw');
  expect(sent).toEqual([]);
  answer = null;
  await changes(() => {
    fireEvent.click(screen.getAllByRole('button', { name: 'Withdraw' }).at(-1) ?? expect.fail());
  });
  await until('the request', () => sent.length > 0);
  expect(sent[0]).toMatchObject({ method: 'DELETE', path: `/v1/records/${ID}/publication` });
  await until('the link to go', () => screen.queryByLabelText('Link') === null);
});

it('tells others than the holder, and auditors, that they cannot publish it', async () => {
  await panel({ by: makeKeyFile('bob').verifierKey });
  await until('the hint', () => screen.queryByText(/Only the holder can publish it/));
  answer = published();
  const place = await panel({ canPublish: false });
  await until('the link', () => place.querySelector('.copyable'));
  expect(place.querySelector('.form-actions')?.textContent).toBe('Open the page');
});
