import { describe, expect, it } from 'vitest';
import { violations, VIEWS } from './account-support.js';
import { give, openPage, statement, textFile, trustOwn, useService } from './support.js';

const service = useService();

describe.each(VIEWS)('the verify page is accessible (%s)', (_, options) => {
  it('in every state', async () => {
    await using opened = await openPage(`${service.url}/verify.html`, options);
    const { page } = opened;
    expect(await violations(page)).toEqual([]);
    await trustOwn(page, 'neither');
    expect(await violations(page)).toEqual([]);
    await page.locator('.trust-choice input').first().check();
    await give(page, textFile('paper.txt', 'never seen before'));
    expect(await statement(page)).toBe('unknown');
    expect(await violations(page)).toEqual([]);
    await fetch(`${service.url}/v1/notarizations?wait=sealed`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/octet-stream' },
      body: 'seen',
    });
    await page.reload();
    await give(page, textFile('paper.txt', 'seen'));
    await page.locator('[data-statement=alone]').waitFor();
    for (const summary of await page.locator('.result summary').all()) await summary.click();
    expect(await violations(page)).toEqual([]);
    await give(page, textFile('paper.ingam.json', '{}'));
    await page.locator('[data-statement=unreadable]').waitFor();
    expect(await violations(page)).toEqual([]);
    await give(page, textFile('other.txt', 'never seen before'), textFile('third.txt', 'seen'));
    await page.locator('.report').waitFor();
    expect(await violations(page)).toEqual([]);
  });
});
