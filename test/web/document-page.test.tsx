// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Role } from '../../src/web/lib/session.js';
import { session } from '../../src/web/lib/session.js';
import { CopyLinks, linksOf } from '../../src/web/pages/notarize/copy-links.js';
import { Item } from '../../src/web/pages/notarize/item.js';
import { History } from '../../src/web/pages/register/history-panel.js';
import { EVERYTHING } from '../../src/web/pages/register/query.js';
import { type Registered, Results } from '../../src/web/pages/register/results.js';
import { Search } from '../../src/web/pages/register/search.js';
import { TagDialog } from '../../src/web/pages/register/tag-dialog.js';
import { changes, fireEvent, press, screen, show, type } from './view.js';

const sent: { readonly path: string; readonly body: unknown }[] = [];
/** What the service answers, by path and query. */
let answers: Record<string, unknown>;

beforeEach(() => {
  answers = {};
  vi.stubGlobal('fetch', (input: unknown, { body }: RequestInit = {}) => {
    const { pathname, search } = new URL(String(input), 'http://localhost/');
    sent.push({
      path: pathname + search,
      body: typeof body === 'string' ? (JSON.parse(body) as unknown) : null,
    });
    return Promise.resolve(Response.json(answers[pathname + search] ?? { users: [], keys: [] }));
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  sent.length = 0;
});

function signIn(role: Role): void {
  const organization = { id: 'org_1', name: 'Office' };
  vi.spyOn(session, 'current', 'get').mockReturnValue({
    user: { id: 'psn_me', email: 'me@example.com', name: 'Me', operator: false, organization, role },
    memberships: [{ organization, role }],
    policy: { anonymousSubmission: false, privateVerification: false },
    signIn: { passkeys: false, reset: false, provider: null },
    expiresAt: null,
  });
}

const row = (id: string, others: Partial<Registered> = {}): Registered => ({
  ...{ id, sha256: 'ab'.repeat(32), size: 1, acceptedAt: '2026-01-01T00:00:00.000Z', status: 'sealed' },
  ...{ position: 7, entry: 'AAAA', published: false, block: { height: 1, index: 0 } },
  ...others,
});

const at = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, '0')}.000Z`;

it('shows what happened to a document, by names, the newest first, page by page', async () => {
  signIn('owner');
  answers['/v1/notarizations/7-aa/history'] = {
    events: [
      { at: at(9), kind: 'certificate_downloaded', by: 'person:psn_b' },
      { at: at(8), kind: 'proof_downloaded', by: 'person:psn_me' },
      { at: at(7), kind: 'anchored', by: null, source: 'seoul' },
    ],
    names: { 'person:psn_b': 'Mina' },
    next: '5',
  };
  answers['/v1/notarizations/7-aa/history?cursor=5'] = {
    events: [
      { at: at(2), kind: 'sealed', by: null, block: 3 },
      { at: at(1), kind: 'notarized', by: 'key:k1' },
    ],
    names: { 'key:k1': 'archive' },
    next: null,
  };
  const place = await show(<History id="7-aa" row={row('7-aa')} version={0} />);
  await screen.findByText('Mina');
  const items = () => [...place.querySelectorAll('li > p:first-child')].map(({ textContent }) => textContent);
  expect(items()).toEqual([
    'Certificate downloaded by Mina',
    'Proof downloaded by you',
    'Anchored: time confirmed by seoul',
  ]);
  await press('Show older');
  await screen.findByText(/archive/);
  expect(items().slice(3)).toEqual(['Sealed in block 3', 'Notarized by API key “archive”']);
  expect(place.querySelectorAll('time')).toHaveLength(5);
  expect(screen.queryByRole('button', { name: 'Show older' })).toBeNull();
});

it('calls those whose names are not shown colleagues and keys', async () => {
  signIn('notary');
  answers['/v1/notarizations/7-aa/history'] = {
    events: [
      { at: at(3), kind: 'details_published', by: 'person:psn_b' },
      { at: at(1), kind: 'notarized', by: 'key:k1' },
    ],
    names: {},
    next: null,
  };
  await show(<History id="7-aa" row={row('7-aa')} version={0} />);
  await screen.findByText('a colleague');
  screen.getByText('an API key');
});

it('adds tags to documents and removes those that were added', async () => {
  signIn('notary');
  answers['/v1/tags'] = { changed: 2 };
  const results = new Results(EVERYTHING, () => undefined);
  const rows = [
    row('1-aa', { details: { tags: ['Contract'] }, addedTags: ['old'] }),
    row('2-aa', { addedTags: [] }),
  ];
  results.put(rows);
  const closed = vi.fn();
  await show(<TagDialog rows={rows} results={results} onClose={closed} />);
  await type('Add tags', 'contract, 2026');
  await changes(() => fireEvent.click(screen.getByLabelText('old')));
  await press('Save');
  await vi.waitFor(() => {
    expect(closed).toHaveBeenCalled();
  });
  expect(sent.find(({ path }) => path === '/v1/tags')?.body).toEqual({
    notarizations: ['1-aa', '2-aa'],
    add: ['contract', '2026'],
    remove: ['old'],
  });
  expect(['1-aa', '2-aa'].map((id) => results.row(id)?.addedTags)).toEqual([['2026'], ['2026', 'contract']]);
});

it('shows each condition of a search, with the link that leaves it out', async () => {
  signIn('owner');
  const query = { ...EVERYTHING, words: 'lease', tag: '계약', by: 'key:k1', hold: 'any', page: 3 };
  await show(<Search query={query} names={new Map([['key:k1', 'archive']])} go={() => undefined} />);
  const links = screen.getAllByRole('link');
  const chips = links
    .slice(0, -3)
    .map((chip) => [chip.getAttribute('aria-label'), chip.getAttribute('href')]);
  const tag = `tag=${encodeURIComponent('계약')}`;
  expect(chips).toEqual([
    ['Remove filter: Tag 계약', '#q=lease&by=key%3Ak1&hold=any'],
    ['Remove filter: Submitted by API key “archive”', `#q=lease&${tag}&hold=any`],
    ['Remove filter: Legal hold Under a legal hold', `#q=lease&${tag}&by=key%3Ak1`],
  ]);
  expect(links.slice(-3).map(({ textContent }) => textContent)).toEqual([
    'This month',
    'This year',
    'Last year',
  ]);
});

it('copies the link of one document, and a line with its name for each of several', () => {
  const item = (path: string, id: string | null) => ({
    path,
    sha256: 'ab'.repeat(32),
    proven: id === null ? null : { id, sealedAt: 1, name: null },
  });
  const base = 'https://notary.example/ingam/';
  const link = (id: string) => `${base}p/${id}#sha256=${'ab'.repeat(32)}`;
  // Without the part that shows the details of an anonymous notarization.
  expect(linksOf([item('a.pdf', '7-00ff-0011')], base)).toBe(link('7-00ff'));
  expect(linksOf([item('a.pdf', '7-00ff'), item('b', null), item('c.pdf', '8-00ff')], base)).toBe(
    `a.pdf\t${link('7-00ff')}\nc.pdf\t${link('8-00ff')}`,
  );
});

it('shows the links where the browser does not let the page copy them', async () => {
  const item = Object.assign(new Item({ file: new File([], 'a.pdf'), path: 'a.pdf' }), {
    sha256: 'ab'.repeat(32),
    notarization: row('7-00ff'),
    state: {
      phase: 'sealed' as const,
      ...{ seal: { height: 1, index: 0, sealedAt: 1 }, cosigned: null, anchored: false },
    },
  });
  vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new Error('denied'));
  await show(<CopyLinks items={[item]} count={1} />);
  await press('Copy link');
  const shown = await screen.findByRole('group', { name: 'Links to the proofs' });
  expect(shown.textContent).toContain(`p/7-00ff#sha256=${'ab'.repeat(32)}`);
});
