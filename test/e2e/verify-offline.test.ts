import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContextOptions, Locator, Page, Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseVerifierKey, parseWitnesses, type VerifierKey } from '../../src/proof/index.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';
import { readZipBytes } from '../support/zip.js';
import { startWitness, type TestWitness } from '../support/witness.js';
import {
  type HistoryVector,
  loadHistories,
  loadVectors,
  proofBytes,
  type NamedVector,
} from '../vectors/load.js';
import { sidewaysScroll, violations } from './account-support.js';
import {
  builtPages,
  bytesOf,
  failedSteps,
  give,
  openPage,
  type OpenPage,
  textFile,
  trustOwn,
} from './support.js';

let service: TestService;
const witnesses: TestWitness[] = [];
let folder: string;
/** The file as it was saved from the page. */
let saved: string;
/** Of "agreed": with the cosignatures of two of three members, with that of one, and before the seal. */
const proofs = { cosigned: '', lacking: '', pending: '' };
let certificate: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingam-offline-'));
  let key: VerifierKey | null = null;
  const logKey = () => key ?? parseVerifierKey(service.verifierKey);
  for (const name of ['lawyers', 'bank', 'archive']) witnesses.push(await startWitness(name, logKey));
  const [, bank, archive] = witnesses;
  if (bank === undefined || archive === undefined) throw new Error('three members were started');
  for (const witness of [bank, archive]) witness.behaviour = (_, res) => res.writeHead(503).end();
  const lines = witnesses.map(({ line }) => line);
  const policy = [...lines, 'group members 2 lawyers bank archive', 'quorum members'].join('\n');
  service = await startService({
    publicDir: builtPages(),
    members: parseWitnesses(policy),
    sealing: false,
  });
  key = parseVerifierKey(service.verifierKey);
  const answer = await fetch(`${service.url}/v1/notarizations`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/octet-stream' },
    body: 'agreed',
  });
  const { notarizations } = (await answer.json()) as { notarizations: { links: { self: string } }[] };
  const self = service.url + (notarizations[0]?.links.self ?? '');
  const text = async () => (await fetch(`${self}/proof`)).text();
  proofs.pending = await text();
  service.startSealing();
  proofs.lacking = await until('the cosignature of lawyers.example', async () => {
    const proof = await text();
    return proof.includes('lawyers.example') ? proof : null;
  });
  bank.behaviour = null;
  proofs.cosigned = await until('the cosignature of bank.example', async () => {
    const proof = await text();
    return proof.includes('bank.example') ? proof : null;
  });
  certificate = Buffer.from(await (await fetch(`${self}/certificate.pdf`)).arrayBuffer());
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  for (const witness of witnesses) await witness[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const agreed = textFile('agreed.txt', 'agreed');
const anchored = (name: string) =>
  loadVectors('time').find((vector) => vector.name === name) ?? expect.fail(name);
const textOf = (vector: NamedVector) => Buffer.from(proofBytes(vector)).toString();
const documentOf = ({ document }: NamedVector) =>
  textFile('agreed.txt', Buffer.from(document ?? '', 'hex').toString());
const proofFile = (text: string) => textFile('agreed.txt.ingam.json', text);

/** The first vector that is verified and has an event of this type. */
function historyWith(type: string): HistoryVector {
  return (
    loadHistories().find(
      ({ expected }) => expected.verdict === 'verified' && expected.timeline?.includes(type) === true,
    ) ?? expect.fail(type)
  );
}

const historyNamed = (name: string) =>
  loadHistories().find((vector) => vector.name === name) ?? expect.fail(name);

const waitForStatement = (page: Page, statement: string) =>
  page.locator(`[data-statement=${statement}]`).waitFor();

describe('the page of the service', () => {
  it('requires the quorum of its policy, shows the cosignatures, and links to the block', async () => {
    await using opened = await openPage(`${service.url}/verify.html`);
    const { page } = opened;
    await give(page, agreed, proofFile(proofs.lacking));
    await waitForStatement(page, 'uncosigned');
    expect(await page.locator('.result h2').textContent()).toBe('Not verified');
    expect(await failedSteps(page)).toEqual(['cosignatures: quorum_missing']);
    await page
      .locator('.answers')
      .getByText('Not enough: 1 of 3 members signed, at least 2 required.')
      .waitFor();
    expect(await page.locator('.signer[data-signed=true] .signer-name').allTextContents()).toEqual([
      'lawyers',
    ]);
    // The service has had another cosignature since.
    await page.locator('[data-action=extend]').click();
    await waitForStatement(page, 'verified');
    await page.getByText('Newer evidence has been added.').waitFor();
    const extended = (
      await downloaded(page, page.getByRole('button', { name: 'Download proof' }))
    ).toString();
    expect(extended).toContain('bank.example');
    await page.locator('[data-action=extend]').click();
    await page.getByText('The service has no newer evidence for this proof yet.').waitFor();
    const pack = readZipBytes(await downloaded(page, page.locator('[data-action=pack]')));
    await page.getByText('Your document was not sent anywhere.').waitFor();
    expect(pack.get('document/agreed.txt')?.toString()).toBe('agreed');
    expect(pack.get('proof-1/proof.ingam.json')?.toString()).toBe(extended);
    expect(pack.get('proof-1/certificate.pdf')?.includes(extended)).toBe(true);
    expectIntact(pack);
    await page.getByRole('button', { name: 'Remove agreed.txt.ingam.json' }).click();
    await page.getByText('From this service, checked in this browser').waitFor();
    await waitForStatement(page, 'verified');
    const facts = page.locator('.facts');
    await page.locator('.answers').getByText('2 of 3 members signed.').waitFor();
    expect(await page.locator('.signer[data-signed=true]').allInnerTexts()).toEqual([
      expect.stringMatching(/^lawyers\nSigned before \d+ \w+ \d{4}, [\d:]+ GMT\+9$/),
      expect.stringMatching(/^bank\nSigned before \d+ \w+ \d{4}, [\d:]+ GMT\+9$/),
    ]);
    await page.locator('.checks > summary').click();
    await page
      .locator('[data-step=cosignatures]')
      .getByText('Enough members you trust have cosigned: lawyers, bank.')
      .waitFor();
    expect(await violations(page)).toEqual([]);
    await facts.getByRole('link', { name: 'View in the explorer' }).click();
    await page.waitForURL(/explorer\.html#block=0&entry=1$/);
    opened.assertClean();
  });

  it('checks with a pasted policy and its quorum', async () => {
    await using opened = await openPage(`${service.url}/verify.html`, { locale: 'ko-KR' });
    const { page } = opened;
    const { policy } = (await (await fetch(`${service.url}/v1/chain`)).json()) as { policy: string };
    await trustOwn(page, policy.replace(/^quorum .*$/m, 'group more 1 members\nquorum more'));
    await page.getByText('3곳 중 최소 2곳이 공동 서명해야 합니다: lawyers, bank, archive').waitFor();
    await give(page, proofFile(proofs.cosigned));
    await waitForStatement(page, 'holds');
    await page.locator('.answers').getByText('참여 기관 3곳 중 2곳이 서명했습니다.').waitFor();
    await trustOwn(page, policy.replace(/^quorum .*$/m, 'quorum archive'));
    await waitForStatement(page, 'uncosigned');
    await page.getByText('참여 기관 1곳 중 0곳이 서명했으며, 최소 1곳이 필요합니다.').waitFor();
    await trustOwn(page, policy.replace(/^quorum .*$/m, 'quorum none'));
    await waitForStatement(page, 'holds');
    opened.assertClean();
  });

  it('loads what it needs for the history of a record, shows it, and can be downloaded as a file', async () => {
    await using opened = await openPage(`${service.url}/verify.html`);
    const { page } = opened;
    const { history, trust } = historyWith('contract.executed');
    await give(page, textFile('lease.ingam-history.json', JSON.stringify(history)));
    await waitForStatement(page, 'untrusted');
    await trustOwn(page, trust ?? '');
    await waitForStatement(page, 'history');
    await page.locator('[data-type="contract.executed"]').getByText('Contract executed').waitFor();

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download the offline verifier' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^ingam-verify-test\.example-log-\d{4}-\d\d-\d\d\.html$/);
    saved = join(folder, download.suggestedFilename());
    await download.saveAs(saved);
    expect(await readdir(folder)).toHaveLength(1);
    opened.assertClean();
  });
});

/** What a press of this button saves. */
async function downloaded(page: Page, pressed: Locator): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent('download'), pressed.click()]);
  return bytesOf(download);
}

/** Its list names every file as it is, and its verifier is the one that was built. */
function expectIntact(pack: ReadonlyMap<string, Buffer>): void {
  const sum = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  const others = [...pack].filter(([name]) => name !== 'SHA256SUMS');
  const lines = others.map(([name, bytes]) => `${sum(bytes)}  ${name}\n`);
  expect(pack.get('SHA256SUMS')?.toString()).toBe(lines.sort(byName).join(''));
  const verifier = readFileSync(join(builtPages(), 'verify-offline.html'), 'utf8');
  expect(pack.get('verify.html')?.toString()).toBe(verifier);
}

const byName = (a: string, b: string) => (a.slice(66) < b.slice(66) ? -1 : 1);

/** The file, opened from disk with the network off. */
async function openSaved(options: BrowserContextOptions = {}): Promise<OpenPage> {
  return openPage(pathToFileURL(saved).href, { ...options, offline: true });
}

/** Nothing but the file was requested, neither from the network nor from disk. */
function assertAlone({ requests }: { readonly requests: readonly Request[] }): void {
  const asked = requests.map((request) => request.url()).filter((url) => !/^(data|blob):/.test(url));
  expect(asked).toEqual([pathToFileURL(saved).href]);
}

describe('the offline file', () => {
  it('verifies with the embedded policy and without a network, and makes no evidence pack of a document that has changed since', async () => {
    await using opened = await openSaved();
    const { page } = opened;
    expect(await violations(page)).toEqual([]);
    await give(page, agreed);
    await waitForStatement(page, 'no_lookup');
    await give(page, proofFile(proofs.cosigned));
    await waitForStatement(page, 'verified');
    expect(await page.locator('.step').count()).toBe(10);
    expect(await failedSteps(page)).toEqual([]);
    await page.getByText('Checked with the trust policy in this file.').waitFor();
    expect(await page.locator('.result a').count()).toBe(0);
    expect(await page.locator('[data-action=extend]').count()).toBe(0);
    const pack = readZipBytes(await downloaded(page, page.locator('[data-action=pack]')));
    await page.getByText('It has no PDF certificate: only the service makes those.').waitFor();
    expect(pack.get('proof-1/proof.ingam.json')?.toString()).toBe(proofs.cosigned);
    expect(pack.has('proof-1/certificate.pdf')).toBe(false);
    expectIntact(pack);
    await page.getByText(/^Issued by the service test\.example\/log on \d+ \w+ \d{4},/).waitFor();
    await page.getByText('Trust policy in this file', { exact: true }).click();
    expect(await page.locator('.offline-offer pre').textContent()).toContain('quorum members');
    expect(await violations(page)).toEqual([]);

    await page.getByRole('button', { name: 'Start over' }).click();
    const file = join(folder, 'agreed.txt');
    await writeFile(file, 'agreed');
    await give(page, file);
    await give(page, proofFile(proofs.cosigned));
    await waitForStatement(page, 'verified');
    await writeFile(file, 'agreed otherwise');
    await page.locator('[data-action=pack]').click();
    await page.locator('.result').getByText('The file can no longer be read.').waitFor();
    await rm(file);
    assertAlone(opened);
    opened.assertClean();
  });

  it('tells tampered, pending, unknown and uncosigned proofs apart, and shows when a document was registered, by which sources, and which anchors do not count', async () => {
    await using opened = await openSaved({ locale: 'en-US' });
    const { page } = opened;
    const remove = async (name: string) => {
      await page.getByRole('button', { name: `Remove ${name}` }).click();
    };
    await give(page, textFile('agreed.txt', 'agreed!'), proofFile(proofs.cosigned));
    await waitForStatement(page, 'other_document');
    await remove('agreed.txt.ingam.json');
    await waitForStatement(page, 'no_lookup');
    await remove('agreed.txt');
    await give(page, agreed, proofFile(proofs.lacking));
    await waitForStatement(page, 'uncosigned');
    await remove('agreed.txt.ingam.json');
    await give(page, proofFile(proofs.pending));
    await waitForStatement(page, 'pending');
    expect(await failedSteps(page)).toEqual([]);
    await remove('agreed.txt.ingam.json');
    const forged = proofs.cosigned.replace(
      /(— test\.example\/log .{40})(.)/,
      (_, head: string, next: string) => head + (next === 'A' ? 'B' : 'A'),
    );
    await give(page, proofFile(forged));
    await waitForStatement(page, 'invalid');
    expect(await failedSteps(page)).toEqual(['log_signature: bad_log_signature']);
    await remove('agreed.txt.ingam.json');
    await give(page, { name: 'agreed.pdf', mimeType: 'application/pdf', buffer: certificate });
    await waitForStatement(page, 'verified');
    await trustOwn(page, '');
    await page.locator('.is-unsettled [data-statement=verified]').waitFor();
    await trustOwn(page, service.verifierKey);
    await waitForStatement(page, 'alone');

    // Between two times, in both languages.
    await page.getByRole('button', { name: 'Start over' }).click();
    await page.locator('.result').waitFor({ state: 'detached' });
    const vector = anchored('interval');
    await trustOwn(page, vector.trust ?? '');
    await give(page, documentOf(vector), proofFile(textOf(vector)));
    await waitForStatement(page, 'verified');
    const shown = async () => [
      await page.locator('.time-interval').textContent(),
      await page.locator('.time-sources').textContent(),
    ];
    expect(await shown()).toEqual([
      'Between Sep 15, 2023, 20:00:03 GMT+9 and Jan 2, 2026, 12:05:01 GMT+9.',
      'Confirmed by 1 of 3 independent time sources that you trust: seoul.',
    ]);
    expect(await page.locator('.time-remark').count()).toBe(0);
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: '한국어' }).click();
    await expect
      .poll(shown)
      .toEqual([
        expect.stringMatching(/2023\. 9\. 15\..* 이후, 2026\. 1\. 2\..* 이전\.$/),
        '신뢰하는 독립 시각 출처 3곳 중 1곳이 확인: seoul',
      ]);

    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('button', { name: 'Start over' }).click();
    const [bad, lacking] = [anchored('one-good-among-bad'), anchored('two-demanded-one-present')];
    await trustOwn(page, bad.trust ?? '');
    await give(page, proofFile(textOf(bad)));
    await waitForStatement(page, 'holds');
    expect(await page.locator('.time-remark').allTextContents()).toEqual([
      'Anchor 1 (rfc3161) does not count. It is malformed.',
      'Anchor 3 (sundial) does not count. Its type is not known here.',
    ]);
    await page.getByRole('button', { name: 'Remove agreed.txt.ingam.json' }).click();
    await trustOwn(page, lacking.trust ?? '');
    await give(page, proofFile(textOf(lacking)));
    await waitForStatement(page, 'untimed');
    expect(await failedSteps(page)).toEqual(['times: time_missing']);
    assertAlone(opened);
    opened.assertClean();
  });

  it('fits a phone, in Korean too, and shows there the history of a record along a line, to screen readers as well', async () => {
    await using opened = await openSaved({
      locale: 'ko-KR',
      colorScheme: 'dark',
      viewport: { width: 360, height: 700 },
    });
    const { page } = opened;
    await give(page, agreed, proofFile(proofs.cosigned));
    await waitForStatement(page, 'verified');
    await page.locator('.checks > summary').click();
    expect(await page.locator('.steps').innerText()).toContain('통과');
    expect(await page.locator('.steps').innerText()).not.toMatch(/[a-z]{4,} [a-z]{3,}/i);
    expect(await page.title()).toBe('증명 확인 · 인감 Ingam');
    expect(await violations(page)).toEqual([]);
    expect(await sidewaysScroll(page)).toBe(0);
    await page.getByRole('button', { name: 'English' }).click();
    expect(await page.locator('.result h2').textContent()).toBe('Verified');

    await page.getByRole('button', { name: 'Start over' }).click();
    await page.locator('.result').waitFor({ state: 'detached' });
    const { history, trust } = historyWith('item.transferred');
    await trustOwn(page, trust ?? '');
    await give(page, textFile('stone.ingam-history.json', JSON.stringify(history)));
    await waitForStatement(page, 'history');
    const facts = page.locator('.facts');
    await page.getByText(/^As of block \d+, sealed .*, according to .*: nothing later\.$/).waitFor();
    expect(await facts.locator('[data-status]').textContent()).toBe('Held');
    const events = page.locator('ol.timeline > li');
    expect(await events.first().getAttribute('data-type')).toBe('item.register');
    const transfer = page.locator('[data-type="item.transferred"]');
    await transfer.getByText('By itself: the rules make it so, and nobody signed it.').waitFor();
    expect(await events.first().locator('dd bdi').first().textContent()).toMatch(
      /^\S+\+[0-9a-f]{8}, a key in a file \((Ed25519|ML-DSA-44)\)$/,
    );
    await page.getByText('A key is not a person.').waitFor();
    // The keyboard opens what an event states.
    await events.first().locator('summary').focus();
    await page.keyboard.press('Enter');
    await events.first().getByText('Serial number', { exact: true }).waitFor();
    expect(await failedSteps(page)).toEqual([]);
    expect(await page.locator('.result .step').count()).toBe(10);
    expect(await violations(page)).toEqual([]);
    expect(await sidewaysScroll(page)).toBe(0);
    await page.getByRole('button', { name: '한국어' }).click();
    expect(await page.locator('.result h2').textContent()).toBe('확인되었습니다');
    await page
      .locator('.answers')
      .getByText(/이후 변경 없음/)
      .waitFor();
    await transfer.getByText('물품 이전').waitFor();
    assertAlone(opened);
    opened.assertClean();
  });

  it('says in Korean why a history is not valid and what is missing in it, and finds a document in one that is', async () => {
    await using opened = await openSaved();
    const { page } = opened;
    await page.getByRole('button', { name: '한국어' }).click();
    const invalid = historyNamed('rule-broken');
    await trustOwn(page, invalid.trust ?? '');
    await give(page, textFile('a.ingam-history.json', JSON.stringify(invalid.history)));
    await waitForStatement(page, 'history_invalid');
    const failures = page.locator('.result .step[data-outcome=failed]');
    expect(await failedSteps(page)).toEqual(['rules: wrong_status']);
    expect(await failures.locator('p').allTextContents()).toEqual([
      expect.stringMatching(/^\d번 이벤트: 기록의 상태상 할 수 없는 이벤트였습니다\.$/),
    ]);
    // No event of it is marked as good, and no state is claimed.
    const marks = page.locator('.timeline-event');
    expect(await marks.evaluateAll((all) => all.map((each) => each.getAttribute('data-mark')))).toEqual([
      ...['unknown', 'unknown', 'fault'],
    ]);
    expect(await page.locator('.facts').textContent()).not.toContain('이후 변경 없음');
    await page.getByText('아래는 파일에 적힌 내용이며, 증명된 것이 아닙니다.').waitFor();
    await page.getByRole('button', { name: 'a.ingam-history.json' }).click();
    const erased = historyNamed('body-erased');
    await trustOwn(page, erased.trust ?? '');
    await give(page, textFile('b.ingam-history.json', JSON.stringify(erased.history)));
    await waitForStatement(page, 'history_incomplete');
    await page.getByText('1번 이벤트의 내용', { exact: true }).waitFor();
    expect(await page.locator('.result .step[data-step=rules] p').textContent()).toMatch(
      /^끝까지 확인할 수 없습니다/,
    );

    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('button', { name: 'Start over' }).click();
    const { history, trust } = historyWith('document.version');
    await trustOwn(page, trust ?? '');
    const file = textFile('plan.ingam-history.json', JSON.stringify(history));
    await give(page, textFile('first.pdf', 'first'), file);
    await waitForStatement(page, 'history');
    await page.getByText('Event 0 of this record names exactly this file.').waitFor();
    await page.getByRole('button', { name: 'Remove first.pdf' }).click();
    await give(page, textFile('other.pdf', 'other'));
    await waitForStatement(page, 'not_named');
    await page.getByRole('button', { name: 'Remove other.pdf' }).click();
    await page.getByRole('button', { name: 'Remove plan.ingam-history.json' }).click();
    const text = JSON.stringify(history).replace(/("note":"[^"]*item|"note":"[^"]*document)\./, '$1x.');
    await give(page, textFile('forged.ingam-history.json', text));
    await waitForStatement(page, 'history_invalid');
    expect(await failedSteps(page)).not.toEqual([]);
    await page.getByRole('button', { name: 'Remove forged.ingam-history.json' }).click();
    await give(page, textFile('cut.ingam-history.json', '{"format":"ingam-hist'));
    await waitForStatement(page, 'unreadable');
    opened.assertClean();
  });

  it('hashes in a worker, or in the page where workers are not available', async () => {
    // Of more than one slice.
    const large = join(folder, 'large.bin');
    await writeFile(large, Buffer.alloc(5e6, 7));
    await using opened = await openSaved();
    await give(opened.page, large);
    await give(opened.page, proofFile(proofs.cosigned));
    await waitForStatement(opened.page, 'other_document');
    expect(opened.page.workers().map((worker) => worker.url())).toEqual([expect.stringMatching(/^blob:/)]);
    const digest = await opened.page.locator('.facts .digest').first().textContent();
    await opened.page.addInitScript('delete globalThis.Worker');
    await opened.page.goto(pathToFileURL(saved).href);
    await give(opened.page, large);
    await give(opened.page, proofFile(proofs.cosigned));
    await waitForStatement(opened.page, 'other_document');
    expect(await opened.page.locator('.facts .digest').first().textContent()).toBe(digest);
    expect(opened.page.workers()).toEqual([]);
    opened.assertClean();
  });
});
