import { describe, expect, it } from 'vitest';
import { violations, VIEWS } from './account-support.js';
import { openPage, statement, textFile, useService } from './support.js';

const service = useService();

describe.each(VIEWS)('the verify page is accessible (%s)', (_, options) => {
  it('in every state', async () => {
    await using opened = await openPage(`${service.url}/verify.html`, options);
    const { page } = opened;
    expect(await violations(page)).toEqual([]);
    const give = async (text: string) => {
      await page.reload();
      await page.locator('#document-input input').setInputFiles(textFile('paper.txt', text));
    };
    await give('never seen before');
    expect(await statement(page)).toBe('unknown');
    expect(await violations(page)).toEqual([]);
    await fetch(`${service.url}/v1/notarizations?wait=sealed`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/octet-stream' },
      body: 'seen',
    });
    await give('seen');
    await page.locator('[data-statement=verified]').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.locator('#proof-input input').setInputFiles(textFile('paper.ingam.json', '{}'));
    await page.locator('[data-statement]:not([data-statement=verified])').waitFor();
    expect(await violations(page)).toEqual([]);
  });
});
