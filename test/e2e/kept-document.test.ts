import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOrganization, createUser, type Someone } from '../support/people.js';
import { openRegister } from './register-support.js';
import { bytesOf, choose, chooseSent, textFile, useService, waitForRows } from './support.js';

// Documents that the service keeps: chosen on the page, shown there, downloaded, erased.

const path = mkdtempSync(join(tmpdir(), 'ingam-kept-'));
const service = useService({
  vault: { place: { kind: 'folder', path }, keys: '11'.repeat(32), quota: 100_000 },
});
let owner: Someone;
beforeAll(async () => {
  owner = await createUser(service, (await createOrganization(service)).id, 'owner');
});
afterAll(() => {
  rmSync(path, { recursive: true });
});

function chunk(type: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type), content]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(content.length);
  frame.set(body, 4);
  frame.writeUInt32BE(crc32(body), body.length + 4);
  return frame;
}

/** A square of one grey, as PNG. */
function picture(width: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(width, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const pixels = Buffer.alloc(width * (width + 1), 0x99);
  for (let row = 0; row < width; row++) pixels[row * (width + 1)] = 0;
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

it('keeps what is uploaded to be kept, shows and downloads it in the register, and erases it', async () => {
  const image = picture(200);
  const html = '<!doctype html><script>parent.document.title = "run"</script>';
  await using opened = await openRegister(service.url, owner.email);
  const { page } = opened;

  await page.goto(service.url);
  await chooseSent(page, 'Upload and keep the file');
  await choose(page, [
    { name: 'plan.png', mimeType: 'image/png', buffer: image },
    textFile('page.png', html),
  ]);
  await page.getByRole('button', { name: 'Notarize 2 documents' }).click();
  await waitForRows(page, 'sealed', 2);
  expect(await page.getByText('kept by the service').count()).toBe(2);

  await page.goto(`${service.url}/register.html`);
  await page.getByRole('link', { name: 'plan.png' }).click();
  await page.getByRole('button', { name: 'View document' }).click();
  const shown = page.getByRole('dialog').getByRole('img', { name: 'plan.png' });
  await shown.waitFor();
  expect(
    await shown.evaluate((img) =>
      (img as HTMLImageElement).decode().then(() => (img as HTMLImageElement).naturalWidth),
    ),
  ).toBe(200);
  await page.getByText('Checked: the fingerprint matches.').waitFor();
  await page.getByRole('button', { name: 'Close' }).click();

  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download document' }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe('plan.png');
  expect((await bytesOf(download)).equals(image)).toBe(true);
  await page.getByText('Kept document downloaded by').waitFor();

  // What states to be an image, and is a page.
  await page.goto(`${service.url}/register.html`);
  await page.getByRole('link', { name: 'page.png' }).click();
  await page.getByRole('button', { name: 'View document' }).click();
  await page.getByText('Only PDF files and images can be shown here.').waitFor();
  const sha256 = createHash('sha256').update(html).digest('hex');
  const { notarizations } = await service.deps.notarizations.byDigest(Buffer.from(sha256, 'hex'), 1);
  const position = notarizations[0]?.position ?? expect.fail();
  // Opened by its address, it is a download; it does not become a page of the service.
  const id = new URLSearchParams(new URL(page.url()).hash.slice(1)).get('id') ?? '';

  const opening = page.waitForEvent('download');
  await page.goto(`${service.url}/v1/notarizations/${id}/document`).catch(() => undefined);
  await (await opening).cancel();

  expect(new URL(page.url()).pathname).toBe('/register.html');

  await page.getByRole('button', { name: 'Erase…' }).click();

  await page.getByText('the document itself').waitFor();
  await page.locator('[data-form=erase] [name=confirmation]').fill(String(position));
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Save certificate' }).waitFor();

  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: 'Erased document', level: 1 }).waitFor();
  expect(await service.deps.vault?.ofNotarization(position)).toBeNull();
  opened.assertClean({ mayFailToLoad: true });
});

it('says what to do when there is no room left', async () => {
  await using opened = await openRegister(service.url, owner.email);
  const { page } = opened;

  await page.goto(service.url);
  await chooseSent(page, 'Upload and keep the file');
  await choose(page, [textFile('long.txt', 'x'.repeat(200_000))]);
  await page.getByRole('button', { name: 'Notarize' }).click();
  await waitForRows(page, 'failed', 1);
  await page.getByText('Your organization has no room left').waitFor();
  await chooseSent(page, 'Upload the file');
  await page.getByRole('button', { name: 'Try again' }).click();
  await waitForRows(page, 'sealed', 1);
  opened.assertClean({ mayFailToLoad: true });
});
