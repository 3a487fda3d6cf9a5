// @vitest-environment happy-dom
import { signal } from '@preact/signals';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import {
  claimDigest,
  fromHex,
  parseEvent,
  parseNote,
  verifyEventSignatures,
  verifyKeyOffer,
} from '../../src/proof/index.js';
import { makeKeyFile } from '../../src/web/lib/record-keys.js';
import { setLanguage } from '../../src/web/lib/language.js';
import type { SigningStatus } from '../../src/messages/signing.js';
import type { Asked } from '../../src/web/pages/sign/asked.js';
import { SignPage } from '../../src/web/pages/sign/sign-page.js';
import { button, changes, fireEvent, press, screen, show, type } from './view.js';

interface Sent {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const TOKEN = 'a'.repeat(43);
const DIGEST = 'ab'.repeat(32);
const ID = 'srq_aaaaaaaaaaaaaaaaaaaa';
const KEY = makeKeyFile('Kim');
const LESSOR = makeKeyFile('lessor');
const sent: Sent[] = [];
/** What the service answers next, by the last part of the path. */
let answers: Record<string, unknown>;

const asked = (status: SigningStatus, others: Partial<Asked> = {}): Asked => ({
  ...{
    id: ID,
    kind: 'contract',
    status,
    closedBy: null,
    subject: null,
    origin: 'ingam.example/log',
    organization: { name: 'Leasing' },
    title: 'Car lease',
  },
  ...{
    message: 'As discussed.',
    document: { sha256: DIGEST, name: 'lease.pdf', size: 5 },
    name: 'Kim Minji',
  },
  ...{ createdAt: '2026-05-01T00:00:00.000Z', expiresAt: '2026-05-03T12:00:00.000Z', key: null },
  ...{ keyGivenAt: null, passkeyDomain: null, successor: null, handover: null, contract: null },
  ...others,
});

const CONTRACT: NonNullable<Asked['contract']> = {
  ...{ record: '11'.repeat(32), sequence: 3, value: '22'.repeat(32), status: 'open', deadline: null },
  ...{ party: 1, replaces: null, turn: true },
  terms: { title: 'Car lease', conditions: [{ name: 'paid', by: 1 }], when: { fulfilled: 'paid' } },
  parties: [
    { name: 'Lessor', key: LESSOR.verifierKey, order: 1, answer: 'signed' },
    { name: 'Kim', key: KEY.verifierKey, order: 1, answer: null },
  ],
};
const TO_SIGN = asked('to_sign', {
  key: KEY.verifierKey,
  keyGivenAt: '2026-05-01T10:00:00.000Z',
  contract: CONTRACT,
});

beforeEach(() => {
  answers = {};
  sent.length = 0;
  setLanguage('en');
  vi.stubGlobal('fetch', (input: unknown, { body }: RequestInit = {}) => {
    const path = new URL(String(input), 'http://localhost/').pathname.split('/').at(-1) ?? '';
    sent.push({ path, body: JSON.parse(body as string) as Sent['body'] });
    return Promise.resolve(Response.json(answers[path]));
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** Shows what the service answers to the link. */
async function open(first: Asked): Promise<void> {
  answers['open'] = first;
  const worker = {
    postMessage: () => undefined,
    addEventListener: () => undefined,
    terminate: () => undefined,
  };
  await show(<SignPage token={signal(TOKEN)} workers={{ open: () => worker as never }} />);
  await screen.findByRole('heading', { level: 1 });
}

/** Chooses a file in the dialog that this button opens. */
async function choose(name: string, text: string): Promise<void> {
  const input = document.querySelector<HTMLInputElement>(`input[type=file][aria-label="${name}"]`);
  if (input === null) throw new Error(`there is no button ${name}`);
  Object.defineProperty(input, 'files', { configurable: true, value: [new File([text], 'kim.key')] });
  await changes(() => fireEvent.change(input));
}

const lastBody = (path: string) => sent.findLast((each) => each.path === path)?.body ?? {};

it('says who asks, for what and until when, before anything else', async () => {
  await open(asked('opened'));
  screen.getByRole('heading', { name: 'Leasing asks you to sign “Car lease”' });
  screen.getByText('lease.pdf');
  screen.getByText('As discussed.');
  expect(document.querySelector('time')?.dateTime).toBe('2026-05-03T12:00:00.000Z');
});

it('gives the key of a file, which signs the offer for this request and document', async () => {
  await open(asked('opened'));
  answers['key'] = asked('key_given', { key: KEY.verifierKey, keyGivenAt: '2026-05-01T10:00:00.000Z' });
  await choose('Use a key file that I have', KEY.text);
  await screen.findByText(/You gave your key/);
  const { token, key, offer } = lastBody('key');
  expect([token, key]).toEqual([TOKEN, KEY.verifierKey]);
  const meant = { origin: 'ingam.example/log', request: ID, document: fromHex(DIGEST, 32, 'the document') };
  verifyKeyOffer(String(offer), meant, KEY.verifierKey);
  screen.getByText(/Leasing vouches that this was you/);
});

it('refuses a file that is no key file, and says nothing of its content', async () => {
  await open(asked('opened'));
  await choose('Use a key file that I have', 'PRIVATE+KEY+secret words');
  expect((await screen.findByRole('alert')).textContent).toBe('This is not a key file.');
  expect(sent.map(({ path }) => path)).toEqual(['open']);
});

it('signs the next event of the contract with the key file, once the document is known', async () => {
  await open(TO_SIGN);
  // The name that a key has been given beside the one that the organization writes.
  screen.getByText(/^Lessor: has signed/);
  screen.getByText(LESSOR.verifierKey.split('+').slice(0, 2).join('+'));
  screen.getByText(/^Kim \(you\): has not answered/);
  screen.getByText('all 2');
  screen.getByText('paid (stated by Kim)');
  screen.getByText('“paid” is stated as fulfilled');
  expect(button('Sign with your key file').getAttribute('aria-disabled')).toBe('true');
  await changes(() => fireEvent.click(screen.getByLabelText(/I know the document with this fingerprint/)));
  answers['event'] = { asked: { ...TO_SIGN, status: 'signed' }, event: {} };
  await choose('Sign with your key file', KEY.text);
  await screen.findByRole('heading', { name: 'You have signed' });
  const { note, body } = lastBody('event');
  const { event } = parseEvent(String(note));
  expect(event).toMatchObject({ origin: 'ingam.example/log', sequence: 4, type: 'contract.sign' });
  expect(body).toMatchObject({ party: 1 });
  verifyEventSignatures(parseNote(String(note)), [KEY.verifierKey]);
  screen.getByRole('button', { name: 'Save the history file' });
});

it('does not sign with another key file than the contract names', async () => {
  await open(TO_SIGN);
  await changes(() => fireEvent.click(screen.getByLabelText(/I know the document with this fingerprint/)));
  await choose('Sign with your key file', makeKeyFile('Kim').text);
  await screen.findByText(/another key than the one that you gave here/);
  expect(sent.map(({ path }) => path)).toEqual(['open']);
});

it('declines with a reason of one line, signed in the contract', async () => {
  await open(TO_SIGN);
  await press('Decline…');
  await type(/Reason/, '  Too dear.\nReally. ');
  answers['event'] = { asked: { ...TO_SIGN, status: 'declined' }, event: {} };
  await choose('Decline', KEY.text);
  await screen.findByRole('heading', { name: 'You have declined' });
  expect(lastBody('event')['body']).toMatchObject({ party: 1, reason: 'Too dear. Really.' });
});

it('declines before there is a contract without a signature', async () => {
  await open(asked('opened'));
  await press('Decline…');
  answers['decline'] = asked('declined');
  await press('Decline');
  await screen.findByRole('heading', { name: 'You have declined' });
  expect(lastBody('decline')).toEqual({ token: TOKEN });
});

it('names somebody else, and shows the link for them', async () => {
  await open(asked('opened'));
  await press('Somebody else signs…');
  await type('Name', 'Lee');
  answers['delegation'] = { asked: asked('delegated'), link: { token: 'b'.repeat(43), mailed: false } };
  await press('Name this person');
  await screen.findByRole('heading', { name: 'Somebody else was asked' });
  const link = screen.getByRole<HTMLInputElement>('textbox', { name: 'Link for this person' });
  expect(link.value).toMatch(/\/sign\.html#token=b{43}$/);
  expect(lastBody('delegation')).toEqual({ token: TOKEN, name: 'Lee' });
});

it('signs no handover to another key than one’s own', async () => {
  const own = makeKeyFile('Lee');
  const contract = { ...CONTRACT, party: null, replaces: 1 };
  const handover = { note: 'nothing', body: { nonce: '00'.repeat(16), party: 1, to: KEY.verifierKey } };
  await open(asked('key_given', { key: own.verifierKey, contract, handover }));
  await choose('Take the place', own.text);
  await screen.findByRole('alert');
  expect(sent.map(({ path }) => path)).toEqual(['open']);
});

it.each<[SigningStatus, string]>([
  ['withdrawn', 'The organization has withdrawn the request.'],
  ['expired', 'The time for an answer is over. Ask the organization for a new request.'],
])('says why there is nothing to sign when it is %s', async (status, sentence) => {
  await open(asked(status));
  screen.getByText(sentence);
  expect(screen.queryByRole('button', { name: /Sign|Decline/ })).toBeNull();
});

it('says that the place is handed over once that is signed, and asks for nothing more', async () => {
  const successor = { name: 'Lee', key: LESSOR.verifierKey, handedOver: true };
  await open({ ...TO_SIGN, successor });
  screen.getByRole('heading', { name: 'Lee takes your place' });
  screen.getByText(/^You have signed that the key of Lee takes the place of yours/);
  expect(screen.queryByRole('button', { name: 'Sign the handover' })).toBeNull();
});

it('speaks Korean', async () => {
  setLanguage('ko');
  await open(asked('opened'));
  screen.getByRole('heading', { name: 'Leasing에서 ‘Car lease’에 서명을 요청했습니다' });
  screen.getByRole('button', { name: '키 파일 만들기' });
});

const ITEM: NonNullable<Asked['subject']> = {
  record: {
    ...{ id: '44'.repeat(32), kind: 'item', status: 'offered', sequence: 1, value: '55'.repeat(32) },
    holder: LESSOR.verifierKey,
  },
  body: { nonce: '00'.repeat(16), title: 'Moon jar', serial: '7' },
  offer: { until: '2026-06-01T00:00:00.000Z', on: null },
  licence: null,
};
const OTHER = {
  title: 'Moon jar',
  document: null,
  key: KEY.verifierKey,
  keyGivenAt: '2026-05-01T10:00:00.000Z',
};

it('accepts an item that is offered to the key, and says before what will be so', async () => {
  await open(asked('to_sign', { ...OTHER, kind: 'transfer', subject: ITEM }));
  screen.getByRole('heading', { name: 'Leasing offers “Moon jar” to you' });
  screen.getByText('7');
  screen.getByText(/your key is the holder’s key/);
  screen.getByText('The offer stands until');
  expect(screen.queryByRole('button', { name: /Somebody else/ })).toBeNull();
  const record = { ...ITEM.record, status: 'held', holder: KEY.verifierKey } as NonNullable<
    typeof ITEM.record
  >;
  const done = asked('signed', { ...OTHER, kind: 'transfer', subject: { ...ITEM, record, offer: null } });
  answers['event'] = { asked: done, event: {} };
  await choose('Accept with your key file', KEY.text);
  await screen.findByRole('heading', { name: 'You have accepted' });
  screen.getByRole('heading', { name: 'Leasing offered “Moon jar” to you' });
  screen.getByText(/From then on your key holds it/);
  expect(screen.queryByText('Answer until')).toBeNull();
  const { note, body } = lastBody('event');
  expect(parseEvent(String(note)).event).toMatchObject({ sequence: 2, type: 'item.accept' });
  expect(Object.keys(body as object)).toEqual(['nonce']);
  verifyEventSignatures(parseNote(String(note)), [KEY.verifierKey]);
  screen.getByRole('button', { name: 'Save the history file' });
});

it('says of an offer with a condition that the item is promised', async () => {
  const offer = { until: null, on: { record: '66'.repeat(32), is: 'executed' } };
  await open(asked('to_sign', { ...OTHER, kind: 'transfer', subject: { ...ITEM, offer } }));
  screen.getByText(/the item is promised to your key/);
  screen.getByText(/^record 6{16}… has the status “Executed”$/);
});

it.each([
  [{ until: null, on: { record: '66'.repeat(32), is: 'executed' } }, /when the condition of the offer holds/],
  [null, 'Another key holds it now.'],
])('says of what was accepted whose it is now: %o', async (offer, sentence) => {
  await open(asked('signed', { ...OTHER, kind: 'transfer', subject: { ...ITEM, offer } }));
  screen.getByText(sentence);
});

it('claims a work as it was written down, with the key as its holder', async () => {
  const claim = { title: 'Tide', kind: 'photograph', documents: [{ sha256: DIGEST }] };
  const subject = { record: null, body: claim, offer: null, licence: null };
  await open(
    asked('opened', { ...OTHER, kind: 'claim', title: 'Tide', key: null, keyGivenAt: null, subject }),
  );
  answers['key'] = asked('to_sign', { ...OTHER, kind: 'claim', title: 'Tide', subject });
  await choose('Use a key file that I have', KEY.text);
  const meant = { origin: 'ingam.example/log', request: ID, document: claimDigest(claim) };
  verifyKeyOffer(String(lastBody('key')['offer']), meant, KEY.verifierKey);
  await screen.findByText(/^When you have signed, the chain shows/);
  answers['event'] = { asked: asked('signed', { ...OTHER, kind: 'claim', subject }), event: {} };
  await choose('Sign the claim with your key file', KEY.text);
  await screen.findByRole('heading', { name: 'You have claimed the work' });
  const { note, body } = lastBody('event');
  const { event } = parseEvent(String(note));
  expect(event).toMatchObject({ record: null, sequence: 0, type: 'work.claim' });
  expect(body).toMatchObject({ ...claim, holder: KEY.verifierKey });
});

it('shows the licence that names the key, and that the key signed nothing of it', async () => {
  const licence = { nonce: '00'.repeat(16), terms: 'Print it once.', exclusive: false };
  const record = { ...ITEM.record, kind: 'work', status: 'claimed' } as NonNullable<typeof ITEM.record>;
  const subject = { ...ITEM, record, offer: null, licence };
  await open(asked('granted', { ...OTHER, kind: 'licence', subject }));
  screen.getByRole('heading', { name: 'The holder of “Moon jar” has signed a licence for your key' });
  screen.getByRole('heading', { name: 'The licence names your key' });
  screen.getByText(/It counts once a block holds it/);
  screen.getByText('Print it once.');
  screen.getByText(/Your key signs nothing there/);
  screen.getByRole('button', { name: 'Save the history file' });
});

it('says of a licence with a condition that it begins when that holds', async () => {
  const record = { ...ITEM.record, kind: 'work', status: 'claimed' } as NonNullable<typeof ITEM.record>;
  const licence = { nonce: '00'.repeat(16), terms: 'Print it.', on: { after: Date.UTC(2030, 0, 1) } };
  const subject = { ...ITEM, record, offer: null, licence };
  await open(asked('granted', { ...OTHER, kind: 'licence', subject }));
  screen.getByText(/It begins by itself when its condition holds/);
});

it.each([
  ['holder_changed', /Another key holds it now/],
  ['taken', /Somebody else has accepted it/],
  ['over', /was reported as destroyed/],
] as const)('says why an item cannot be had any more: %s', async (closedBy, sentence) => {
  await open(asked('closed', { ...OTHER, kind: 'transfer', subject: { ...ITEM, offer: null }, closedBy }));
  screen.getByText(sentence);
  screen.getByRole('heading', { name: 'Leasing wanted to transfer “Moon jar” to you' });
  expect(screen.queryByRole('button', { name: /Accept|Decline|history/ })).toBeNull();
});
