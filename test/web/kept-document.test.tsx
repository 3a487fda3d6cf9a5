// @vitest-environment happy-dom
import pageConsole from 'node:console';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { KeptDocument } from '../../src/web/components/kept-document.js';
import { keptAt, MOST_SHOWN, typeOf } from '../../src/web/lib/kept-document.js';
import { button, press, screen, show } from './view.js';

const bytes = (text: string) => Uint8Array.from(text, (each) => each.charCodeAt(0));
const PNG = '\x89PNG\r\n\x1a\n\0\0\0\rIHDR';

it.each([
  [PNG, 'image/png'],
  ['\xff\xd8\xff\xe0', 'image/jpeg'],
  ['GIF89a', 'image/gif'],
  ['RIFF\x10\x20\x30\nWEBPVP8 ', 'image/webp'],
  ['\0\0\0\x20ftypavif', 'image/avif'],
  ['%PDF-1.7', 'application/pdf'],
])('shows what begins with %j as %s', (text, type) => {
  expect(typeOf(bytes(text))).toBe(type);
});

it.each([
  '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
  '<!doctype html><script>alert(1)</script>',
  ' %PDF-1.7',
  '<html>%PDF-1.7',
  'PK\x03\x04',
  '',
])('does not show what begins with %j', (text) => {
  expect(typeOf(bytes(text))).toBeNull();
});

let kept: Uint8Array<ArrayBuffer>;
let made: Blob[];
beforeEach(() => {
  made = [];
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(kept)));
  vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => `blob:test/${made.push(blob as Blob)}`);
  // happy-dom loads no frames, and says so.
  vi.spyOn(pageConsole, 'error').mockReturnValue();
  // Hashes as the worker of the page does.
  vi.stubGlobal('Worker', TestWorker);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

class TestWorker extends EventTarget {
  postMessage({ job, file }: { readonly job: number; readonly file: File }): void {
    void file.arrayBuffer().then((buffer) => {
      const sha256 = Uint8Array.from(createHash('sha256').update(new Uint8Array(buffer)).digest());
      this.dispatchEvent(
        new MessageEvent('message', { data: { kind: 'done', job, sha256, size: buffer.byteLength } }),
      );
    });
  }

  terminate(): void {
    // It has no thread.
  }
}

const digest = () => createHash('sha256').update(kept).digest('hex');
const shown = (sha256 = digest(), size = kept.length) =>
  show(<KeptDocument of={keptAt('v1/notarizations/7-aa/document', sha256)} name="plan.svg" size={size} />);

it('shows an image with the type of its bytes, whatever its name', async () => {
  kept = bytes(PNG);
  await shown();
  await press('View document');
  const image = await screen.findByRole('img', { name: 'plan.svg' });
  expect(image.getAttribute('src')).toBe('blob:test/1');
  expect(made.map(({ type }) => type)).toEqual(['image/png']);
});

it('shows a PDF in a frame, and says so when the browser has no viewer', async () => {
  kept = bytes('%PDF-1.7');
  let hasViewer = false;
  Object.defineProperty(navigator, 'pdfViewerEnabled', { configurable: true, get: () => hasViewer });
  await shown();
  await press('View document');
  await screen.findByText(/Your browser cannot show PDF files/);
  expect(made).toEqual([]);
  hasViewer = true;
  // This environment loads no frames, and says so.
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  await press('View document');
  expect((await screen.findByTitle('plan.svg')).getAttribute('src')).toBe('blob:test/1');
  expect(made.map(({ type }) => type)).toEqual(['application/pdf']);
});

it('shows nothing that could run', async () => {
  kept = bytes('<svg xmlns="http://www.w3.org/2000/svg"/>');
  await shown();
  await press('View document');
  await screen.findByText(/Only PDF files and images can be shown/);
  expect(made).toEqual([]);
});

it('shows nothing that is another document', async () => {
  kept = bytes(PNG);
  await shown('00'.repeat(32));
  await press('View document');
  await screen.findByText(/a document with another fingerprint/);
  expect(made).toEqual([]);
});

it('offers only the download of what is too large for a page', async () => {
  kept = new Uint8Array();
  await shown(digest(), MOST_SHOWN + 1);
  expect(screen.queryByRole('button', { name: 'View document' })).toBeNull();
  expect(button('Download document')).toBeTruthy();
  expect(screen.getByText(/too large to be shown/)).toBeTruthy();
});
