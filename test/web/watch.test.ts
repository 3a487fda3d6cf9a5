import './browser.js';
import { describe, expect, it, vi } from 'vitest';
import { AnchorWatch, SealWatch } from '../../src/web/lib/watch.js';
import type { Block, Notarization } from '../../src/web/lib/api.js';

const TIME = '2026-11-23T00:00:00.000Z';

function accepted(position: number): Notarization {
  return { id: `${position}-00`, sha256: '', size: null, acceptedAt: TIME, status: 'accepted', position };
}

/** A chain of blocks of ten, which records the requests. */
function chain() {
  const requested: string[] = [];
  return {
    requested,
    untilSealed: (id: string): Promise<Notarization> => {
      requested.push(id);
      const position = Number.parseInt(id);
      const block = { height: Math.floor(position / 10), index: position % 10 };
      return Promise.resolve({ ...accepted(position), status: 'sealed', sealedAt: TIME, block });
    },
    block: (height: number): Promise<Block> =>
      Promise.resolve({ height, firstPosition: height * 10, entryCount: 10, sealedAt: TIME }),
  };
}

async function sealedHeights(watch: SealWatch, positions: readonly number[]): Promise<number[]> {
  return Promise.all(
    positions.map(
      (position) =>
        new Promise<number>((resolve) => {
          watch.add(accepted(position), ({ height, index }) => {
            expect(height * 10 + index).toBe(position);
            resolve(height);
          });
        }),
    ),
  );
}

describe('the watch for seals', () => {
  it('requests each block once, whatever the number and order of documents', async () => {
    const source = chain();
    const positions = Array.from({ length: 35 }, (_, i) => (i * 12) % 35);
    const heights = await sealedHeights(new SealWatch(source), positions);
    expect(heights).toEqual(positions.map((position) => Math.floor(position / 10)));
    // The first was requested before the others were added.
    expect(new Set(source.requested.map((id) => Math.floor(Number.parseInt(id) / 10))).size).toBe(4);
    expect(source.requested.length).toBe(4);
  });

  it('continues when one document is erased, and starts again for later ones', async () => {
    const source = chain();
    const broken = {
      ...source,
      untilSealed: (id: string) =>
        id === '3-00' ? Promise.reject(new Error('erased')) : source.untilSealed(id),
    };
    const watch = new SealWatch(broken);
    watch.add(accepted(3), () => {
      throw new Error('never sealed');
    });
    expect(await sealedHeights(watch, [14])).toEqual([1]);
    expect(await sealedHeights(watch, [25])).toEqual([2]);
  });
});

describe('anchors', () => {
  /** A log whose blocks up to a height are anchored at the second look at any of them. */
  function log(sources: boolean, anchored: number) {
    const looks: string[] = [];
    return {
      looks,
      hasSources: () => Promise.resolve(sources),
      isAnchored: (id: string) => {
        looks.push(id);
        return Promise.resolve(looks.length > 1 && Number.parseInt(id) <= anchored);
      },
      pause: () => Promise.resolve(),
    };
  }

  const reported = (watch: AnchorWatch, heights: readonly number[]) =>
    Promise.all(
      heights.map(
        (height) =>
          new Promise<number>((resolve) => {
            watch.add(height, `${height}-00`, () => {
              resolve(height);
            });
          }),
      ),
    );

  it('are reported for every document of a block, the lowest block first', async () => {
    const source = log(true, 9);
    const watch = new AnchorWatch(source);
    expect(await reported(watch, [1, 2, 1])).toEqual([1, 2, 1]);
    expect(source.looks).toEqual(['1-00', '1-00', '2-00']);
  });

  it('are looked for slowly after ten minutes, and often again when a document is added', async () => {
    const pauses: string[] = [];
    let seen: () => void = () => undefined;
    const source = {
      ...log(true, -1),
      pause: (attempt: number) => {
        pauses.push(`quick ${attempt}`);
        return Promise.resolve();
      },
      longPause: (signal: AbortSignal) =>
        new Promise<void>((resolve) => {
          pauses.push('long');
          signal.addEventListener('abort', () => {
            resolve();
          });
          seen();
        }),
    };
    const untilLong = new Promise<void>((resolve) => {
      seen = resolve;
    });
    const watch = new AnchorWatch(source);
    const never = () => expect.fail('nothing has anchored it');
    watch.add(1, '1-00', never);
    await untilLong;
    expect(pauses.slice(-2)).toEqual(['quick 42', 'long']);
    const untilLongAgain = new Promise<void>((resolve) => {
      seen = resolve;
    });
    watch.add(2, '2-00', never);
    await untilLongAgain;
    expect(pauses.slice(43)).toEqual([...pauses.slice(0, 42), 'long']);
    watch.stop();
    await new Promise((resolve) => setImmediate(resolve));
    expect(pauses).toHaveLength(86);
  });

  it('are looked for every five minutes while the page can be seen', async () => {
    vi.useFakeTimers();
    const page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
    vi.stubGlobal('document', page);
    const source = log(true, -1);
    const watch = new AnchorWatch(source);
    try {
      watch.add(1, '1-00', () => expect.fail('nothing has anchored it'));
      const after = async (minutes: number) => {
        await vi.advanceTimersByTimeAsync(minutes * 60_000);
        return source.looks.length;
      };
      expect(await after(4)).toBe(42);
      expect(await after(1)).toBe(43);
      page.visibilityState = 'hidden';
      expect(await after(60)).toBe(43);
      page.visibilityState = 'visible';
      page.dispatchEvent(new Event('visibilitychange'));
      expect(await after(0)).toBe(44);
      expect(await after(10)).toBe(46);
    } finally {
      watch.stop();
      vi.useRealTimers();
      vi.stubGlobal('document', undefined);
    }
  });

  it('are not looked for in a log without time sources', async () => {
    const source = log(false, 9);
    const watch = new AnchorWatch(source);
    watch.add(1, '1-00', () => expect.fail('nothing has anchored it'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(source.looks).toEqual([]);
  });
});
