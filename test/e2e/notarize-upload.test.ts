import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createRelay } from '../cli/relay.js';
import { calls, choose, chooseSent, openPage, textFile, useService, waitForRows } from './support.js';

const service = useService({ maxUploadBytes: 100 });

async function notarized(text: string) {
  const sha256 = new Uint8Array(createHash('sha256').update(text).digest());
  return (await service.deps.notarizations.byDigest(sha256, 5)).notarizations;
}

describe('the upload', () => {
  it('sends files with their names, and leaves out one that is already notarized', async () => {
    await using opened = await openPage(service.url);
    const { page, requests } = opened;
    await chooseSent(page, 'Upload the file');
    await choose(page, [textFile('계약서 1.pdf', 'uploaded one'), textFile('2.txt', 'uploaded two')]);
    await waitForRows(page, 'ready', 2);
    expect(calls(requests)).not.toContain('POST /v1/notarizations');
    await page.getByRole('button', { name: 'Notarize 2 documents' }).click();
    await waitForRows(page, 'sealed', 2);
    const many = Array.from({ length: 12 }, (_, i) => textFile(`${i}.txt`, `uploaded ${i}`));
    await choose(page, [...many, textFile('known.txt', 'uploaded two')]);
    await waitForRows(page, 'known', 1);
    await page.getByRole('button', { name: 'Notarize 12 documents' }).click();
    await waitForRows(page, 'sealed', 14);
    await page.getByRole('button', { name: 'Notarize again: known.txt' }).click();
    await waitForRows(page, 'sealed', 15);
    expect(calls(requests).filter((call) => call === 'POST /v1/notarizations')).toHaveLength(15);
    const shown = (await notarized('uploaded one')).map(({ details, entry }) => [details, entry.size]);
    expect(shown).toEqual([[{ name: '계약서 1.pdf' }, 12]]);
    const again = (await notarized('uploaded two')).map(({ details }) => details);
    expect(again).toEqual([{ name: '2.txt' }, { name: 'known.txt' }]);
    opened.assertClean();
  });

  it('says what to do about a rejected file, and continues with the others', async () => {
    await using opened = await openPage(service.url);
    const { page } = opened;
    await chooseSent(page, 'Upload the file');
    await choose(page, [textFile('long.txt', 'x'.repeat(500)), textFile('short.txt', 'x')]);
    await page.getByRole('button', { name: 'Notarize 2 documents' }).click();
    await waitForRows(page, 'failed', 1);
    await waitForRows(page, 'sealed', 1);
    await page.getByText('The file is larger than this service accepts.').waitFor();
    await chooseSent(page, 'Fingerprint only');
    await page.getByRole('button', { name: 'Try again' }).click();
    await waitForRows(page, 'sealed', 2);
    opened.assertClean({ mayFailToLoad: true });
  });

  it('names a proxy that refuses the size of a file', async () => {
    await using proxy = await createRelay(service.url, (line) =>
      line === 'POST /v1/notarizations' ? { status: 413 } : 'pass',
    );
    await using opened = await openPage(proxy.url);
    const { page } = opened;
    await chooseSent(page, 'Upload the file');
    await choose(page, [textFile('long.txt', 'too long for a proxy')]);
    await page.locator('.list-actions .is-primary').click();
    await waitForRows(page, 'failed', 1);
    await page.getByText('A proxy in front of this service refuses requests of this size.').waitFor();
    await page.getByRole('button', { name: '한국어' }).click();
    await page.getByText('서비스 앞에 있는 프록시가 이 크기의 요청을 거부합니다.').waitFor();
    opened.assertClean({ mayFailToLoad: true });
  });
});
