// @vitest-environment happy-dom
import { makeZip } from 'client-zip';
import { afterEach, expect, it, vi } from 'vitest';
import { formatProof, parsePolicy, parseVerifierKey } from '../../src/proof/index.js';
import type { Lookup } from '../../src/web/lib/api.js';
import type { ChosenFile } from '../../src/web/lib/files.js';
import { InPageHashWorker } from '../../src/web/lib/hash-slices.js';
import { setLanguage } from '../../src/web/lib/language.js';
import { connection, onDemand } from '../../src/web/lib/request.js';
import { Checks, type VerifyContext } from '../../src/web/pages/verify/checks.js';
import { VerifyPage } from '../../src/web/pages/verify/verify-page.js';
import { DETAILS, DOCUMENT, makeProof, type Wish } from '../vectors/make/chain.js';
import { QUORUM_TRUST, RECEIPT, TRUST, vkey } from '../vectors/make/keys.js';
import { makePending } from '../vectors/make/pending.js';
import { changes, press, screen, show, type } from './view.js';

const NOT_FOUND: Lookup = { notarizations: [], more: false };
const directory = {
  lookUp: vi.fn(() => Promise.resolve(NOT_FOUND)),
  proofText: vi.fn((): Promise<string> => Promise.reject(new Error('unexpected'))),
  certificate: () => Promise.reject(new Error('unexpected')),
};

afterEach(() => {
  localStorage.clear();
  setLanguage('en');
});

/** The page with what the service's page has, but for the service. */
async function open(given: Partial<VerifyContext> = {}): Promise<Checks> {
  const checks = new Checks({
    workers: { open: () => new InPageHashWorker() },
    judgeAnchors: () => Promise.reject(new Error('unexpected')),
    histories: () => Promise.reject(new Error('unexpected')),
    trust: () =>
      Promise.resolve({
        source: 'service',
        policy: parsePolicy(TRUST),
        receiptKeys: [parseVerifierKey(vkey(RECEIPT))],
        waives: false,
      }),
    directory,
    pack: { load: () => Promise.reject(new Error()), verifier: () => Promise.reject(new Error()) },
    entryLink: () => './explorer.html',
    notarize: () => Promise.resolve(),
    ...given,
  });
  await show(<VerifyPage checks={checks} about={null} />);
  return checks;
}

const chosen = (path: string, content: string | Uint8Array<ArrayBuffer>): ChosenFile => ({
  file: new File([content], path.split('/').at(-1) ?? path),
  path,
});
const document = (path = 'contract.pdf') => chosen(path, new Uint8Array(DOCUMENT));
const proof = (wish: Wish = {}, path = 'contract.pdf.ingam.json') =>
  chosen(path, formatProof(makeProof(wish)));

async function give(checks: Checks, ...files: readonly ChosenFile[]): Promise<void> {
  await changes(async () => {
    await checks.add(files);
    await vi.waitUntil(() => checks.isDone);
  });
}

/** The last result's headline. */
const heading = () => [...globalThis.document.querySelectorAll('.statement h2')].at(-1)?.textContent;
/** Question, mark and answer. */
const answers = () =>
  screen
    .getAllByRole('listitem')
    .filter((item) => item.classList.contains('answer'))
    .map((item) => `${item.dataset['mark'] ?? ''}: ${item.querySelector('p')?.textContent ?? ''}`);

it('answers three questions, and is never green without restriction when only the service vouches', async () => {
  const checks = await open();
  await give(checks, document(), proof({ details: DETAILS }));
  expect(heading()).toBe('Verified, by the service alone');
  expect(answers()).toEqual([
    'yes: Exactly this file.',
    expect.stringMatching(/^yes: Sealed .* 2026, .*, according to log\.example\/vectors\.$/),
    'doubt: Nobody outside the service has confirmed the time.',
  ]);
  screen.getByText('All 8 checks passed');
  screen.getByText('sale, lighthouse');
  expect(directory.lookUp).not.toHaveBeenCalled();
  await changes(() => {
    setLanguage('ko');
  });
  expect(heading()).toBe('서비스의 보증만으로 확인되었습니다');
});

it('says who confirmed it, and what is wrong where it is wrong', async () => {
  const trust = {
    source: 'service',
    policy: parsePolicy(QUORUM_TRUST),
    receiptKeys: [],
    waives: false,
  } as const;
  const checks = await open({ trust: () => Promise.resolve(trust) });
  await give(checks, document(), proof({ cosigners: [1, 2] }));
  expect(heading()).toBe('Verified');
  expect(answers()[2]).toBe('yes: 2 of 3 members signed.');
  await press('Start over');
  await give(checks, document(), proof({ cosigners: [1] }));
  expect(heading()).toBe('Not verified');
  expect(answers()[2]).toBe('no: Not enough: 1 of 3 members signed, at least 2 required.');
  await press('Start over');
  await give(checks, chosen('contract.pdf', 'another'), proof({ cosigners: [1, 2] }));
  expect(answers()[0]).toBe('no: No. Its fingerprint is not the one in the proof.');
  expect(screen.getByText(/^1 of \d checks failed$/).closest('details')?.open).toBe(true);
});

it('keeps a result, and says so, until a key of one’s own can be read', async () => {
  const checks = await open();
  await give(checks, document(), proof());
  await changes(() => {
    screen.getByLabelText('My own key or policy').click();
  });
  await type('Public key or trust policy', 'not a key');
  screen.getByText('This is neither a key nor a policy. Check that you copied all of it.');
  screen.getAllByText('No key of your own yet: results are by the keys this service publishes');
  expect(heading()).toBe('Verified, by the service alone');
  await type('Public key or trust policy', TRUST);
  await vi.waitUntil(() => screen.queryByRole('heading', { name: 'Verified' }) !== null);
  expect(answers()[2]).toBe(
    'open: Nobody outside the service has confirmed the time; your policy requires none.',
  );
});

it('makes a pending proof final as soon as the service has sealed it, and offers it', async () => {
  // Its deadline is far away.
  const now = Date.now();
  const pending = makePending({ acceptedAt: now });
  const final = formatProof(makeProof({ acceptedAt: now, sealedAt: now + 1000 }));
  directory.proofText.mockResolvedValueOnce(formatProof(pending)).mockResolvedValueOnce(final);
  const checks = await open();
  await give(checks, document(), chosen('contract.pdf.ingam.json', formatProof(pending)));
  expect(heading()).toBe('Pending');
  await changes(async () => {
    connection.retryNow();
    await vi.waitUntil(() => checks.cases[0]?.outcome.peek()?.statement === 'alone');
  });
  screen.getByText(/Your pending proof has become a final one/);
  screen.getByText(/^The promise was kept/);
  screen.getByRole('button', { name: 'Download proof' });
});

it('says when a promise was broken, and cannot say so without the service', async () => {
  const pending = chosen('contract.pdf.ingam.json', formatProof(makePending()));
  directory.proofText.mockResolvedValueOnce(formatProof(makePending()));
  const checks = await open();
  await give(checks, document(), pending);
  expect(heading()).toBe('The promise was broken');
  const offline = await open({ directory: null });
  await give(offline, document(), pending);
  expect(heading()).toBe('Pending');
});

it('checks all files, those in a zip of proofs as well, and lists every verdict', async () => {
  const zip = makeZip([
    { name: 'in/contract.pdf', input: DOCUMENT },
    { name: 'in/contract.pdf.ingam.json', input: formatProof(makeProof()) },
  ]);
  const checks = await open();
  await give(
    checks,
    chosen('ours.zip', new Uint8Array(await new Response(zip).arrayBuffer())),
    chosen('new.pdf', 'never notarized'),
    chosen('cut.ingam.json', '{'),
    ...Array.from({ length: 60 }, (_, i) => chosen(`more/${i}.txt`, `more ${i}`)),
  );
  screen.getByRole('heading', { name: '63 results: 1 verified, 1 of them by the service alone' });
  expect(screen.getAllByRole('row')).toHaveLength(51);
  screen.getByText('Unreadable proof');
  screen.getByRole('button', { name: 'Notarize the 61 files not found' });
  // Paper has all rows.
  await changes(() => window.dispatchEvent(new Event('beforeprint')));
  expect(screen.getAllByRole('row')).toHaveLength(64);
  await press('Show new.pdf');
  screen.getByRole('heading', { name: 'Not found' });
  await press('Start over');
  expect(screen.queryByRole('table')).toBeNull();
});

it('says why code that a history needs could not be loaded', async () => {
  const history = chosen('deed.ingam-history.json', '{}');
  const failed = () => onDemand<never>(Promise.reject(new TypeError('Failed to fetch')));
  const checks = await open({ histories: failed });
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
  await give(checks, history);
  expect(heading()).toBe('The service cannot be reached');
  // A new version of the service has other files.
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json({})));
  await press('Try again');
  await screen.findByText(/from a different version of it\. Reload the page\./);
  vi.unstubAllGlobals();
});
