import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseVerifierKey, parseWitnesses } from '../../src/proof/index.js';
import { createDatabase } from '../support/database.js';
import { LOG_KEY } from '../support/parts.js';
import { startService } from '../support/service.js';
import { startTsa } from '../support/time-sources.js';
import { startWitness } from '../support/witness.js';
import { builtPages, choose, openPage, startRelay, textFile, useService, waitForRows } from './support.js';

const service = useService();

const digest = (text: string) => new Uint8Array(createHash('sha256').update(text).digest());

describe('while the service is unreachable', () => {
  it('keeps the documents and sends them when the service is back, each once', async () => {
    await using relay = await startRelay(service.port);
    await using opened = await openPage(relay.url);
    const { page } = opened;
    await choose(page, textFile('a.txt', 'while it is away'));
    await waitForRows(page, 'ready', 1);
    await relay.disconnect();
    await page.getByRole('button', { name: 'Notarize 1 document' }).click();
    await waitForRows(page, 'retrying', 1);
    await page.getByText('The service cannot be reached.').waitFor();
    // Documents added in the meantime are hashed, and looked up later.
    await choose(page, textFile('later.txt', 'added while it is away'));
    await page.getByText('Offline. We’ll check whether it is already notarized when you’re back.').waitFor();
    await page.getByRole('button', { name: 'Notarize 1 document' }).click();
    await relay.reconnect();
    await waitForRows(page, 'sealed', 2);
    await page.getByText('The service cannot be reached.').waitFor({ state: 'detached' });
    opened.assertClean({ mayFailToLoad: true });
  });

  it('repeats a request unchanged when its response was lost', async () => {
    await using opened = await openPage(service.url);
    const { page, requests } = opened;
    let lost = 0;
    await page.route('**/v1/notarizations', async (route) => {
      if (lost++ > 0) return route.continue();
      // The service accepts; the response never reaches the page.
      await route.fetch();
      return route.abort();
    });
    await choose(page, textFile('b.txt', 'accepted, and not heard of'));
    await page.getByRole('button', { name: 'Notarize 1 document' }).click();
    await waitForRows(page, 'sealed', 1);
    const keys = requests.filter((r) => r.method() === 'POST').map((r) => r.headers()['idempotency-key']);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
    const known = await service.deps.notarizations.byDigest(digest('accepted, and not heard of'), 5);
    expect(known.notarizations).toHaveLength(1);
    opened.assertClean({ mayFailToLoad: true });
  });
});

describe('a restart of the service', () => {
  it('keeps accepted rows accepted until they are sealed, without showing a failure', async () => {
    await using database = await createDatabase();
    const common = { publicDir: builtPages(), databaseUrl: database.url };
    const first = await startService({ ...common, sealing: false });
    await using relay = await startRelay(first.port);
    await using opened = await openPage(relay.url);
    const { page } = opened;
    const phases: string[] = [];
    await page.exposeFunction('tellPhase', (phase: string) => phases.push(phase));
    await page.evaluate(() => {
      const { tellPhase } = window as unknown as { tellPhase: (phase: string) => void };
      new MutationObserver((changes) => {
        for (const { target } of changes) tellPhase((target as HTMLElement).dataset['phase'] ?? '');
      }).observe(document.body, { subtree: true, attributeFilter: ['data-phase'] });
    });
    const files = Array.from({ length: 30 }, (_, i) => textFile(`${i}.txt`, `in the middle ${i}`));
    await choose(page, files);
    await page.getByRole('button', { name: 'Notarize 30 documents' }).click();
    await waitForRows(page, 'accepted', 30);
    await relay.disconnect();
    await first[Symbol.asyncDispose]();
    await page.getByText('The service cannot be reached.').waitFor();
    await waitForRows(page, 'accepted', 30);
    await choose(page, textFile('meanwhile.txt', 'added in the middle'));
    await page.getByRole('button', { name: 'Notarize 1 document' }).click();
    await using second = await startService(common);
    await relay.reconnect(second.port);
    await waitForRows(page, 'sealed', 31);
    await page.getByText('All 31 documents are sealed.').first().waitFor();
    expect(phases.filter((phase) => ['failed', 'cancelled'].includes(phase))).toEqual([]);
    expect(phases.filter((phase) => phase === 'sealed')).toHaveLength(31);
    opened.assertClean({ mayFailToLoad: true });
  });
});

describe('cosignatures of members, and anchors', () => {
  it('are shown as they arrive, also after an interruption', async () => {
    await using tsa = await startTsa();
    await using one = await startWitness('w0', () => LOG_KEY.key);
    await using two = await startWitness('w1', () => LOG_KEY.key);
    two.behaviour = (_, res) => res.writeHead(503).end();
    const policy = [one.line, two.line, 'group g 2 w0 w1', 'quorum g'].join('\n');
    await using asking = await startService({
      publicDir: builtPages(),
      members: parseWitnesses(policy),
      timeSources: { anchors: [tsa.source()] },
    });
    expect(parseVerifierKey(asking.verifierKey)).toEqual(LOG_KEY.key);
    await using relay = await startRelay(asking.port);
    await using opened = await openPage(relay.url);
    const { page } = opened;
    await choose(page, [textFile('a.txt', 'to be cosigned'), textFile('b.txt', 'this too')]);
    await page.getByRole('button', { name: 'Notarize 2 documents' }).click();
    await waitForRows(page, 'sealed', 2);
    await page.getByText('Cosigned by 1 of 2 members so far, 2 needed').nth(1).waitFor();
    // There is no certificate without the quorum, and the page says so.
    await page.getByRole('button', { name: 'Download certificate of a.txt' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Download' }).click();
    await page.getByText('Too few members have cosigned so far, so there is no certificate yet.').waitFor();
    await relay.disconnect();
    await page.getByText('The service cannot be reached.').waitFor();
    two.behaviour = null;
    await relay.reconnect();
    await page.getByText('Cosigned by 2 of 2 members').nth(1).waitFor();
    expect(await page.locator('.row[data-cosigned=met]').count()).toBe(2);
    await page.getByText('Anchored: its time is confirmed from outside').nth(1).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download certificate of a.txt' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('a.txt.certificate.pdf');
    opened.assertClean({ mayFailToLoad: true });
  });
});
