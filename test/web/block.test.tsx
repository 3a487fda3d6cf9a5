// @vitest-environment happy-dom
import { afterEach, expect, it, vi } from 'vitest';
import { leafHash, merkleRoot, toBase64 } from '../../src/proof/index.js';
import { encodeHeader, NO_PREVIOUS_HASH, NO_STATE } from '../../src/proof/header.js';
import { BlockView } from '../../src/web/pages/explorer/block.js';
import { Search } from '../../src/web/pages/explorer/search.js';
import { button, press, screen, show, type } from './view.js';

const LEAVES = [1, 2, 3].map((i) => leafHash(Uint8Array.of(i)));
const headerAt = (height: number) =>
  encodeHeader({
    height,
    previousHash: NO_PREVIOUS_HASH,
    merkleRoot: merkleRoot(LEAVES),
    state: NO_STATE,
    firstPosition: 0,
    entryCount: LEAVES.length,
    sealedAt: 1_800_000_000_000,
    difficulty: 0,
    nonce: 0n,
  });
const TILE = LEAVES.flatMap((leaf) => [...leaf]);
const NOT_FOUND = { code: 'notarization_not_found', detail: 'There is no such notarization.' };

/** The answers of the service, by path. */
const answers = new Map<string, () => Response>();
vi.stubGlobal('fetch', (url: string) => {
  const path = new URL(url).pathname;
  return Promise.resolve(answers.get(path)?.() ?? new Response('', { status: 500 }));
});

/** The width of every picture. */
class FixedWidth {
  readonly #tell: ResizeObserverCallback;
  constructor(tell: ResizeObserverCallback) {
    this.#tell = tell;
  }
  observe(): void {
    const entry = { contentRect: { width: 800 } } as ResizeObserverEntry;
    queueMicrotask(() => {
      this.#tell([entry], this as unknown as ResizeObserver);
    });
  }
  disconnect(): void {
    // Nothing to stop.
  }
}
vi.stubGlobal('ResizeObserver', FixedWidth);
document.documentElement.style.fontSize = '16px';

afterEach(() => {
  location.hash = '';
});

/** Of one of the checks that are shown. */
const outcome = (name: string) =>
  document.querySelector<HTMLElement>(`[data-check=${name}]`)?.dataset['outcome'];

it('shows what of a block could be loaded, says what could not, and tries that again', async () => {
  answers.set('/v1/blocks/0', () => Response.json({ header: toBase64(headerAt(0)) }));
  await show(<BlockView height={0} entry={2} />);
  await screen.findByText('Try again');
  screen.getByText('3 entries, sealed on', { exact: false });
  expect([outcome('work'), outcome('succession'), outcome('root')]).toEqual(['passed', 'passed', 'skipped']);
  answers.set('/v1/blocks/0/tile/0/000.p/3', () => new Response(Uint8Array.from(TILE)));
  await press('Try again');
  await screen.findByText(/^The path of entry 2 leads to the root/);
  expect(screen.queryByText('Try again')).toBeNull();
  await vi.waitUntil(() => outcome('root') === 'passed');
  const link = await screen.findByRole('link', { name: /^Entry 3, hash [0-9a-f]{8}$/ });
  expect(link.getAttribute('href')).toBe('#block=0&entry=3');
});

it('fails the check of a block whose published tree was tampered with', async () => {
  answers.set('/v1/blocks/1', () => Response.json({ header: toBase64(headerAt(1)) }));
  const tampered = TILE.map((byte, i) => (i === 40 ? byte ^ 1 : byte));
  answers.set('/v1/blocks/1/tile/0/000.p/3', () => new Response(Uint8Array.from(tampered)));
  await show(<BlockView height={1} entry={2} />);
  await screen.findAllByText('The path of entry 2 does not lead to the root in the header.');
  await vi.waitUntil(() => outcome('root') === 'failed');
});

it('finds blocks and notarizations, and says what it did not find', async () => {
  const sha256 = 'ab'.repeat(32);
  const sealed = (id: string, height: number) => ({ id, sha256, block: { height, index: 1 }, sealedAt: 0 });
  const find = async (what: string) => {
    await type('Find a block or a notarization', what);
    await press('Find');
    await vi.waitUntil(() => button('Find').getAttribute('aria-disabled') === 'false');
  };
  await show(<Search />);
  await find('x');
  screen.getByText(/^Enter a block number, a notarization ID/);
  await find('https://elsewhere.example/p/1-0123456789abcdef');
  screen.getByText('This link leads to another service. Open it there.');
  await find('12');
  expect(location.hash).toBe('#block=12');
  answers.set(`/v1/verify/${sha256}`, () =>
    Response.json({ notarizations: [sealed('1-a', 7)], more: false }),
  );
  await find(sha256);
  expect(location.hash).toBe('#block=7&entry=2');
  const two = [sealed('1-a', 7), sealed('2-b', 8)];
  answers.set(`/v1/verify/${sha256}`, () => Response.json({ notarizations: two, more: false }));
  await find(sha256);
  await screen.findByText('2 notarizations of this document:');
  expect(screen.getByText('Entry 2 of block 8').getAttribute('href')).toBe('#block=8&entry=2');
  answers.set('/v1/notarizations/5-0123456789abcdef', () => Response.json(NOT_FOUND, { status: 404 }));
  await find('5-0123456789abcdef');
  await screen.findByText(/^This service has no notarization with this ID/);
  expect(screen.queryByText('Entry 2 of block 8')).toBeNull();
});
