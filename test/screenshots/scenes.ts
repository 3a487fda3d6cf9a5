import { createHash } from 'node:crypto';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { BuiltNode } from '../support/built.js';
import { bearer } from '../support/people.js';
import { until } from '../support/until.js';
import { LEASE, LINK_STATES } from './links.js';
import { type PicturedRecords, prepareRecords } from './records.js';
import { prepareWebhooks, type Receivers } from './webhooks.js';

/** What the pictures show. Selectors, not texts: each scene is seen in both languages. */

export interface World {
  /** The cookies of the owner of an organization. */
  readonly signedIn: Exclude<BrowserContextOptions['storageState'], undefined | string>;
  /** The proof of the lease, and its id in the register. */
  readonly proof: string;
  readonly id: string;
  readonly records: PicturedRecords;
}

export interface Scene {
  readonly name: string;
  readonly isSignedIn?: true;
  path(world: World): string;
  prepare(page: Page, world: World): Promise<void>;
}

const EMAIL = 'kim.minji@hanbit.example';
const PASSWORD = 'a long enough password';

function file(name: string, text: string) {
  return { name, mimeType: 'application/octet-stream', buffer: Buffer.from(`${text}\n`.repeat(4000)) };
}

const lease = file('Lease, 12 Harbour Street.pdf', 'The harbour house is let from the first of March.');
const minutes = file('Board minutes 2026-11.docx', 'Present: all. Agreed: the budget.');
const DOCUMENTS = [
  lease,
  minutes,
  file('Drawing A-104, revision C.dwg', 'section through the staircase'),
  file('Photographs of the site.zip', 'before the work began'),
];
const sha256 = ({ buffer }: { readonly buffer: Buffer }) => createHash('sha256').update(buffer).digest('hex');

/** What the organization has in its register. */
const REGISTERED = [
  ['임대차계약서_서초동.pdf', '서초동 사무실 임대차 계약', 'HB-2026-118', ['계약', '서초동']],
  [
    'Share purchase agreement, signed.pdf',
    'Share purchase agreement',
    'HB-2026-121',
    ['contracts', 'Harbour'],
  ],
  ['특허명세서_v3.docx', '접이식 전동 킥보드 특허명세서', 'HB-2026-097', ['특허']],
  ['Expert opinion on the fire.pdf', 'Expert opinion', 'HB-2025-310', ['litigation']],
  ['회의록 2026-11-12.hwpx', '이사회 회의록', 'HB-2026-004', ['회의록']],
  ['Site photographs before works.zip', 'Photographs', 'HB-2026-121', ['Harbour']],
] as const;

/** Fills the service as a user would: sets it up, notarizes, and gives the chain some blocks. */
export async function prepareService(
  { url, stdout }: BuiltNode,
  browser: Browser,
  receivers: Receivers,
): Promise<World> {
  for (const count of [14, 52, 7, 31, 120, 9]) {
    const digests = Array.from({ length: count }, (_, i) => ({
      sha256: (count * 1000 + i).toString(16).padStart(64, 'c'),
    }));
    await post(url, { documents: digests });
  }
  const link = stdout.map((line) => /http\S+#setup=\S+/.exec(line)?.[0]).find((each) => each !== undefined);
  if (link === undefined) throw new Error('the service has printed no link to set it up');
  const context = await browser.newContext({ locale: 'en-GB' });
  const page = await context.newPage();
  await page.goto(link);
  await page.getByLabel('E-mail address').fill(EMAIL);
  await page.getByLabel('Your name').fill('Kim Minji');
  await page.getByLabel('New password', { exact: true }).fill(PASSWORD);
  await page.getByLabel('Confirm password').fill(PASSWORD);
  await page.getByLabel('Organization name').fill('Hanbit Law 한빛');
  await page.getByRole('button', { name: 'Set up', exact: true }).click();
  await page.getByText('Welcome. Drop your first file.').waitFor();
  const documents = REGISTERED.map(([name, title, reference, tags]) => ({
    sha256: sha256(file(name, title)),
    size: 48_213,
    details: { name, title, reference, tags },
  }));
  const named = {
    sha256: sha256(lease),
    size: lease.buffer.length,
    details: { name: lease.name, title: 'Lease' },
  };
  const session = await fetch(`${url}/v1/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: EMAIL, password: PASSWORD }),
  });
  const { tokens } = (await session.json()) as { tokens: { accessToken: string } };
  const registered = await post(url, { documents: [...documents, named] }, tokens.accessToken);
  const id = registered.at(-1) ?? '';
  await until(
    'the members to cosign',
    async () => {
      const found = (await (
        await fetch(`${url}/v1/notarizations/${id}`, { headers: bearer(tokens.accessToken) })
      ).json()) as { status: string };
      return found.status;
    },
    'cosigned',
  );
  const proof = await (await fetch(`${url}/v1/notarizations/${id}/proof`)).text();
  const records = await prepareRecords(url, tokens.accessToken);
  await prepareWebhooks(url, tokens.accessToken, receivers);
  await page.evaluate((key) => {
    localStorage.setItem('ingam.record-keys', JSON.stringify([{ verifierKey: key }]));
  }, records.key);
  const signedIn = await context.storageState();
  await context.close();
  return { signedIn, proof, id, records };
}

async function post(url: string, body: unknown, token?: string): Promise<string[]> {
  const answer = await fetch(`${url}/v1/notarizations?wait=sealed`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(token === undefined ? {} : bearer(token)),
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`the service returned ${answer.status}: ${await answer.text()}`);
  const { notarizations } = (await answer.json()) as { notarizations: { id: string }[] };
  return notarizations.map(({ id }) => id);
}

async function choose(
  page: Page,
  files: readonly { readonly name: string; readonly buffer: Buffer }[],
): Promise<void> {
  const given = files.map((each) => ({ mimeType: 'application/octet-stream', ...each }));
  await page.locator('main input[type=file]').first().setInputFiles(given);
}

const settled = (page: Page) =>
  page.waitForFunction(() => document.querySelector('[aria-busy=true]') === null);

const toTop = (page: Page) =>
  page.evaluate(() => {
    scrollTo(0, 0);
  });

/** Waits for a part of the page. */
const shows =
  (...selectors: readonly string[]) =>
  async (page: Page) => {
    for (const selector of selectors) await page.locator(selector).first().waitFor();
  };

const proofFile = (proof: string) => ({ name: `${lease.name}.ingam.json`, buffer: Buffer.from(proof) });

const signPath =
  (state: (typeof LINK_STATES)[number]) =>
  ({ records }: World) =>
    `sign.html#token=${records.links.get(state) ?? ''}`;

export const scenes: readonly Scene[] = [
  { name: 'notarize', path: () => '', prepare: shows('main h1', '.chain-status:not(:empty)') },
  {
    name: 'notarize-chosen',
    isSignedIn: true,
    path: () => '',
    async prepare(page) {
      await choose(page, DOCUMENTS);
      await page
        .locator('.row')
        .nth(DOCUMENTS.length - 1)
        .waitFor();
      await page.locator('.row[data-phase=hashing]').waitFor({ state: 'detached' });
    },
  },
  {
    name: 'notarize-receipt',
    isSignedIn: true,
    path: () => '',
    async prepare(page) {
      const fresh = DOCUMENTS.map((each) => ({
        ...each,
        // Not those of the picture before: a notarized document is another state of the page.
        buffer: Buffer.concat([each.buffer, Buffer.from(String(Math.random()))]),
      }));
      await choose(page, fresh);
      await page
        .locator('.row')
        .nth(fresh.length - 1)
        .waitFor();
      await page.locator('.list-actions .is-primary').click();
      await until(
        'every document to be sealed',
        () => page.locator('.row[data-phase=sealed]').count(),
        fresh.length,
      );
      await page
        .locator('.row', { hasText: /2 of 2|2곳 중 2곳/ })
        .nth(fresh.length - 1)
        .waitFor();
      // The sentence follows at a pace at which it can be read.
      await page.locator('.bar .is-primary').waitFor();
      await toTop(page);
    },
  },
  { name: 'verify-empty', path: () => 'verify.html', prepare: shows('main h1', '.chain-status:not(:empty)') },
  {
    name: 'verify',
    path: () => 'verify.html',
    async prepare(page, { proof }) {
      await choose(page, [lease, proofFile(proof)]);
      await shows('[data-statement=verified]')(page);
      await toTop(page);
    },
  },
  {
    name: 'verify-many',
    path: () => 'verify.html',
    async prepare(page, { proof }) {
      await choose(page, [
        lease,
        proofFile(proof),
        minutes,
        { ...minutes, name: 'Forged.docx', buffer: Buffer.from('x') },
      ]);
      await shows('[data-verdict]')(page);
      await settled(page);
    },
  },
  {
    name: 'verify-not-found',
    path: () => 'verify.html',
    async prepare(page) {
      await choose(page, [{ name: 'Never notarized.pdf', buffer: Buffer.from('never') }]);
      await shows('[data-statement=unknown]')(page);
    },
  },
  { name: 'proof', path: ({ id }) => `p/${id}`, prepare: shows('[data-statement]') },
  { name: 'register', isSignedIn: true, path: () => 'register.html', prepare: shows('.register tbody tr') },
  {
    name: 'records',
    isSignedIn: true,
    path: () => 'records.html',
    prepare: shows('.record-waits', '.records-table'),
  },
  ...(['contract', 'item', 'work'] as const).map((kind): Scene => ({
    name: `records-one-${kind}`,
    isSignedIn: true,
    path: ({ records }) => `records.html#id=${records[kind]}`,
    prepare: shows('.timeline', '.state-box'),
  })),
  {
    name: 'records-sign',
    isSignedIn: true,
    path: ({ records }) => `records.html#id=${records.contract}&do=contract.sign&party=0`,
    async prepare(page) {
      await page.locator('[data-form=event] button[type=submit]').click();
      await shows('.signing-keys')(page);
    },
  },
  {
    name: 'records-amend',
    isSignedIn: true,
    path: ({ records }) => `records.html#id=${records.contract}&do=contract.amend`,
    prepare: shows('.record-rows'),
  },
  {
    name: 'records-license',
    isSignedIn: true,
    path: ({ records }) => `records.html#id=${records.work}&do=work.license`,
    async prepare(page) {
      await page.locator('.condition-group .button').last().click();
      await shows('.condition-lines select')(page);
    },
  },
  {
    name: 'records-publish',
    isSignedIn: true,
    path: ({ records }) => `records.html#id=${records.hidden}`,
    prepare: shows('.timeline', '[name=history]'),
  },
  {
    name: 'records-published',
    isSignedIn: true,
    path: ({ records }) => `records.html#id=${records.item}`,
    prepare: shows('.timeline', '.qr'),
  },
  {
    name: 'records-withdraw',
    isSignedIn: true,
    path: ({ records }) => `records.html#id=${records.item}`,
    async prepare(page) {
      await page.locator('.form-actions .is-danger').click();
      await shows('dialog[open]')(page);
    },
  },
  {
    name: 'records-asks',
    isSignedIn: true,
    path: () => 'records.html#view=asks',
    prepare: shows('main h1', 'main li'),
  },
  ...(['item', 'work'] as const).map((kind): Scene => ({
    name: `public-${kind}`,
    path: ({ records }) => `r/${records[kind]}`,
    prepare: shows('.timeline'),
  })),
  { name: 'public-missing', path: ({ records }) => `r/${records.hidden}`, prepare: shows('.empty-state') },
  ...LINK_STATES.map((state): Scene => ({
    name: `sign-${state}`,
    path: signPath(state),
    prepare: shows('main dl'),
  })),
  ...[
    ['right', LEASE, '.is-good'],
    ['wrong', `${LEASE} `, '.problem'],
  ].map(([name = '', text = '', said = '']): Scene => ({
    name: `sign-${name}-copy`,
    path: signPath('contract-to-sign'),
    async prepare(page) {
      await page
        .locator('main .drop-area input[type=file], main input[type=file]')
        .first()
        .setInputFiles([{ ...minutes, name: 'My copy of the lease.pdf', buffer: Buffer.from(text) }]);
      await page.locator(`main ${said}`, { hasText: 'My copy' }).waitFor();
    },
  })),
  ...(['decline', 'delegate'] as const).map((name, i): Scene => ({
    name: `sign-${name}`,
    path: signPath(name === 'decline' ? 'contract-to-sign' : 'contract-invited'),
    async prepare(page) {
      await page.locator('main .form-actions').last().locator('.button').nth(i).click();
      await shows('main [name=reason], main [name=their-name]')(page);
    },
  })),
  {
    name: 'sign-view-kept',
    path: signPath('contract-kept'),
    async prepare(page) {
      await page.locator('main .panel .button').first().click();
      await shows('dialog[open] img')(page);
    },
  },
  { name: 'sign-bad-link', path: () => 'sign.html#token=x', prepare: shows('main .lead') },
  {
    name: 'more-links',
    isSignedIn: true,
    path: () => 'how.html',
    async prepare(page) {
      const more = page.locator('.more-links > .button');
      if (await more.isVisible()) await more.click();
    },
  },
  {
    name: 'records-keys',
    isSignedIn: true,
    path: () => 'records.html#view=keys',
    prepare: shows('[data-form=make-key]'),
  },
  {
    name: 'records-contract',
    isSignedIn: true,
    path: () => 'records.html#new=contract',
    prepare: shows('.record-rows'),
  },
  {
    name: 'records-contract-conditions',
    isSignedIn: true,
    path: () => 'records.html#new=contract',
    async prepare(page) {
      const add = page.locator('.condition-group > .button');
      for (const kind of ['signed', 'record', 'group']) {
        await add.last().click();
        await page.locator('.condition-lines [name=line]').last().selectOption(kind);
      }
      await add.first().click();
      await page.locator('.condition-lines .condition-lines [name=line]').first().waitFor();
    },
  },
  ...(['item', 'work', 'document'] as const).map((kind): Scene => ({
    name: `records-new-${kind}`,
    isSignedIn: true,
    path: () => `records.html#new=${kind}`,
    prepare: shows('[data-form=event] button[type=submit]'),
  })),
  {
    name: 'records-offer',
    isSignedIn: true,
    path: ({ records }) => `records.html#id=${records.hidden}&do=item.offer`,
    prepare: shows('[data-form=event] [name=to]'),
  },
  {
    name: 'records-file',
    isSignedIn: true,
    path: () => 'records.html#view=file',
    prepare: shows('main .drop-area, main .drop-zone'),
  },
  {
    name: 'records-search',
    isSignedIn: true,
    path: () => 'records.html#q=crane&kind=item',
    prepare: shows('.records-table'),
  },
  {
    name: 'records-nothing',
    isSignedIn: true,
    path: () => 'records.html#q=lighthouse',
    prepare: shows('.empty-state'),
  },
  ...(['transfer', 'licence', 'claim'] as const).map((kind): Scene => ({
    name: `records-ask-${kind}`,
    isSignedIn: true,
    path: () => `records.html#view=asks&ask=${kind}`,
    prepare: shows('[data-form=ask]', '.own-keys li'),
  })),
  {
    name: 'register-document',
    isSignedIn: true,
    path: () => 'register.html',
    async prepare(page) {
      await page.locator('.register tbody tr a').first().click();
      await shows('main h1', 'main dl')(page);
      await settled(page);
      await toTop(page);
    },
  },
  { name: 'account', isSignedIn: true, path: () => 'account.html', prepare: shows('main h1') },
  {
    name: 'account-users',
    isSignedIn: true,
    path: () => 'account.html#users',
    prepare: shows('main h1', 'main table, main li'),
  },
  {
    name: 'account-webhooks-none',
    isSignedIn: true,
    path: () => 'account.html#webhooks',
    async prepare(page) {
      await page.route('**/v1/webhooks', (route) => route.fulfill({ json: { webhooks: [] } }));
      await page.reload();
      await shows('main .is-empty')(page);
    },
  },
  ...Object.entries({
    '': shows('.entry .tag.is-bad'),
    // Which was not taken, and said so.
    '-tested': async (page: Page) => {
      for (const i of [0, 1]) {
        await page.locator('.entry').nth(i).locator('.button').first().click();
        await settled(page);
      }
      await shows(
        '.entry:nth-child(1) .entry-facts li:nth-child(3)',
        '.entry:nth-child(2) .entry-facts li:nth-child(3)',
      )(page);
    },
    '-attempts': async (page: Page) => {
      await page.locator('.entry').first().locator('.button').nth(1).click();
      await shows('main .event')(page);
    },
    '-replay': async (page: Page) => {
      await page.locator('.entry').first().locator('.button').nth(1).click();
      await page.locator('main .panel .form-actions .button').first().click();
      await shows('[data-form=replay]')(page);
    },
    '-form': async (page: Page) => {
      await page.locator('[data-add]').click();
      await page.locator('[data-form=webhook] [name=name]').fill('Invoices');
      await page.locator('[data-form=webhook] [name=url]').fill('https://10.0.0.1/');
      await page.locator('[data-form=webhook] .is-primary').click();
      await shows('[aria-invalid=true]')(page);
    },
    '-rotate': async (page: Page) => {
      await page.locator('.entry').first().locator('.button').nth(4).click();
      await shows('dialog[open]')(page);
    },
    '-secret': async (page: Page) => {
      await page.locator('.entry').first().locator('.button').nth(4).click();
      await page.locator('dialog .is-danger').click();
      await shows('.is-once')(page);
      await toTop(page);
    },
  }).map(([name, prepare]): Scene => ({
    name: `account-webhooks${name}`,
    isSignedIn: true,
    path: () => 'account.html#webhooks',
    async prepare(page) {
      await page.locator('.entry').first().waitFor();
      await prepare(page);
    },
  })),
  {
    name: 'account-log',
    isSignedIn: true,
    path: () => 'account.html#log',
    prepare: shows('main h1', 'main table, main li'),
  },
  { name: 'sign-in', path: () => 'account.html', prepare: shows('[data-form=sign-in]') },
  { name: 'forgot', path: () => 'account.html#forgot', prepare: shows('[data-form=forgot]') },
  { name: 'reset', path: () => 'account.html#reset=x', prepare: shows('[data-form=reset]') },
  { name: 'unsubscribe', path: () => 'account.html#unsubscribe=x', prepare: shows('main h1') },
  { name: 'explorer', path: () => 'explorer.html', prepare: shows('main svg') },
  {
    name: 'explorer-entry',
    path: () => 'explorer.html#block=4&entry=77',
    async prepare(page) {
      await page.locator('main svg text', { hasText: '77' }).first().waitFor();
      await page.evaluate(() => {
        scrollBy(0, -24);
      });
    },
  },
  { name: 'how', path: () => 'how.html', prepare: shows('main h1', 'main svg') },
  { name: 'docs', path: () => 'docs', prepare: shows('main h1', 'main h2') },
  { name: 'not-found', path: () => 'nothing-here', prepare: shows('h1') },
];
