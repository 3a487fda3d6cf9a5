// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Role } from '../../src/web/lib/session.js';
import { session } from '../../src/web/lib/session.js';
import { EraseDialog } from '../../src/web/pages/register/erase.js';
import { HoldsView } from '../../src/web/pages/register/holds.js';
import { EVERYTHING } from '../../src/web/pages/register/query.js';
import { type Registered, Results } from '../../src/web/pages/register/results.js';
import { button, press, screen, show, type } from './view.js';

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

const sent: Sent[] = [];
const saved: string[] = [];
/** What the service answers, by method and path. */
let answers: Record<string, () => Response>;

function answer(input: unknown, { method = 'GET', body }: RequestInit = {}): Response {
  const path = new URL(String(input), 'http://localhost/').pathname;
  sent.push({ method, path, body: typeof body === 'string' ? (JSON.parse(body) as unknown) : null });
  return answers[`${method} ${path}`]?.() ?? Response.json({ users: [], keys: [] });
}

beforeEach(() => {
  answers = {};
  vi.stubGlobal('fetch', (input: unknown, init?: RequestInit) => Promise.resolve(answer(input, init)));
  vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:');
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    saved.push(this.download);
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  sent.length = 0;
  saved.length = 0;
});

/** Somebody is signed in whose id is psn_me. */
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
  ...{ position: Number(id.split('-')[0]), entry: 'AAAA', published: false, held: false },
  block: { height: 1, index: 0 },
  ...others,
});

const { block: _block, ...UNSEALED } = row('4-aa', { details: { name: 'waiting.pdf' }, status: 'accepted' });

const erasure = (position: number) => ({
  position,
  leafHash: 'cd'.repeat(32),
  erasedAt: '2026-02-01T00:00:00.000Z',
  certificate: 'ingam/erasure/v1\n',
  sha256: 'ef'.repeat(32),
  notarization: null,
});

const problem = (status: number, code: string) =>
  Response.json({ type: '', title: '', status, code, detail: code, requestId: 'r' }, { status });

async function showErase(rows: readonly Registered[]) {
  signIn('owner');
  const results = new Results(EVERYTHING, () => undefined);
  results.put(rows);
  results.selected.value = new Set(rows.map(({ id }) => id));
  const closed: boolean[] = [];
  await show(<EraseDialog rows={rows} results={results} onClose={(erased) => closed.push(erased)} />);
  return { results, closed };
}

const erasing = () => sent.filter(({ method }) => method === 'DELETE').map(({ path }) => path);

it('erases one document after its reference is typed, and offers the certificate', async () => {
  answers['DELETE /v1/notarizations/7-aa'] = () => Response.json(erasure(7));
  const { results, closed } = await showErase([
    row('7-aa', { details: { reference: 'HB-1', name: 'a.pdf' } }),
  ]);
  screen.getByText(/so that all other proofs stay valid/);
  await press('Erase');
  await type('Type HB-1 to confirm', 'HB-2');
  await press('Erase');
  screen.getByText('Type exactly: HB-1');
  expect(erasing()).toEqual([]);
  await type('Type HB-1 to confirm', 'HB-1');
  await press('Erase');
  await screen.findByText('1 document erased.');
  await press('Save certificate');
  expect(saved).toEqual(['erasure-7.txt']);
  await press('Close');
  expect(closed).toEqual([true]);
  expect(results.row('7-aa')).toBeNull();
  expect(results.selected.value.size).toBe(0);
});

it('leaves out what is under a hold or waits, and says what became of each of the others', async () => {
  answers['DELETE /v1/notarizations/1-aa'] = () => Response.json(erasure(1));
  answers['DELETE /v1/notarizations/2-aa'] = () => problem(409, 'legal_hold');
  const rows = [
    row('1-aa', { details: { name: 'first.pdf' } }),
    row('2-aa', { details: { name: 'held-since.pdf' } }),
    row('3-aa', { details: { name: 'held.pdf' }, held: true }),
    UNSEALED,
  ];
  const { results } = await showErase(rows);
  screen.getByText('1 document under a legal hold cannot be erased:');
  screen.getByText('1 document not sealed yet cannot be erased. Try again in a moment:');
  await type('Type 2 to confirm', '2');
  await press('Erase');
  await screen.findByText(/1 document erased. 1 document not erased./);
  screen.getByText('A legal hold keeps this document from being erased. Two owners can lift the hold.');
  expect(erasing()).toEqual(['/v1/notarizations/1-aa', '/v1/notarizations/2-aa']);
  await press('Close');
  expect([...results.selected.value]).toEqual(['2-aa', '3-aa', '4-aa']);
});

it('offers nothing to erase when all documents are under a hold', async () => {
  await showErase([row('3-aa', { held: true })]);
  expect(screen.queryByRole('button', { name: 'Erase' })).toBeNull();
  button('Close');
});

const hold = (id: string, others: object = {}) => ({
  ...{ id, reason: `case ${id}`, status: 'in_force', placedAt: '2026-01-01T00:00:00.000Z' },
  ...{ placedBy: 'psn_other', notarizations: 3 },
  ...others,
});
const request = (by: string) => ({
  status: 'lift_requested',
  liftRequest: { at: '2026-01-02T00:00:00.000Z', by, reason: 'closed' },
});

async function showHolds(as: Role, holds: readonly object[]) {
  answers['GET /v1/holds'] = () => Response.json({ holds, names: { psn_other: 'Mina' }, next: null });
  signIn(as);
  await show(<HoldsView query={EVERYTHING} />);
}

it('lets an owner request to lift a hold, and only another owner approve', async () => {
  await showHolds('owner', [hold('hld_1')]);
  await screen.findByText('case hld_1');
  screen.getByText('Mina');
  await press('Request lifting…');
  await type('Why it is no longer needed', 'settled');
  answers['GET /v1/holds'] = () =>
    Response.json({ holds: [hold('hld_1', request('psn_me'))], names: {}, next: null });
  const dialog = screen.getByRole('dialog');
  const submit = [...dialog.querySelectorAll('button')].find(({ type: kind }) => kind === 'submit');
  submit?.click();
  await screen.findByText('Another owner has to approve.');
  expect(sent.find(({ path }) => path === '/v1/holds/hld_1/lift')?.body).toEqual({ reason: 'settled' });
  expect(screen.queryByRole('button', { name: 'Approve lifting' })).toBeNull();
  button('Withdraw request');
});

it('offers the second owner to approve or to reject', async () => {
  await showHolds('owner', [hold('hld_2', request('psn_other'))]);
  await screen.findByText('case hld_2');
  await press('Approve lifting');
  screen.getByText(/The hold ends for 3 documents/);
  await press('Cancel');
  await press('Reject');
  expect(sent).toContainEqual({ method: 'DELETE', path: '/v1/holds/hld_2/lift', body: null });
});

it('only shows holds to auditors', async () => {
  await showHolds('auditor', [hold('hld_3'), hold('hld_4', request('psn_other'))]);
  await screen.findByText('case hld_3');
  expect(screen.queryAllByRole('button')).toEqual([]);
});
