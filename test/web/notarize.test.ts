import './browser.js';
import { describe, expect, it } from 'vitest';
import {
  detailsFor,
  readDetails,
  sizeFault,
  tagsFault,
  textFault,
  writeDetails,
} from '../../src/web/pages/notarize/details.js';
import { partTags } from '../../src/web/lib/tags.js';
import { CosignWatch, type CosignSource } from '../../src/web/lib/watch.js';
import { Item, type Mode, type State, firstKnown } from '../../src/web/pages/notarize/item.js';
import { arranged, byName } from '../../src/web/pages/notarize/arranged.js';
import { zipNames } from '../../src/web/lib/zip-download.js';
import { progressOf, summaryOf } from '../../src/web/pages/notarize/summary.js';
import type { Cosigned, Notarization } from '../../src/web/lib/api.js';

function item(size: number, state: State, wanted: Mode | null = null): Item {
  const file = new File([new Uint8Array(size)], 'a');
  const created = new Item({ file, path: 'a' });
  const before = ['waiting', 'hashing', 'failed', 'cancelled'].includes(state.phase);
  return Object.assign(created, { state, wanted, sha256: before ? null : '00' });
}

describe('the file names in the zip', () => {
  it('are the normalized paths, numbered where two would be the same', () => {
    const decomposed = '계약서'.normalize('NFD');
    expect(decomposed).not.toBe('계약서');
    expect(zipNames(['a.txt', `x/${decomposed}.pdf`, 'A.TXT', 'a.txt', 'x/계약서.pdf'])).toEqual([
      'a.txt',
      'x/계약서.pdf',
      'A.TXT (2)',
      'a.txt (3)',
      'x/계약서.pdf (2)',
    ]);
  });

  it('stay inside the folder and are valid on every system', () => {
    expect(zipNames(['../../etc/passwd', '/a', 'c:\\b', 'x?.txt', 'dir./f ', '..'])).toEqual([
      'etc/passwd',
      'a',
      'c__b',
      'x_.txt',
      'dir_/f_',
      'document',
    ]);
  });
});

describe('details', () => {
  it('of one document override those of all documents key by key, and empty ones are not sent', () => {
    const all = { details: { title: 'All', author: 'Kim' }, withName: true };
    expect(detailsFor({ title: 'One' }, all, 'a.txt')).toEqual({
      name: 'a.txt',
      title: 'One',
      author: 'Kim',
    });
    expect(detailsFor(null, { details: null, withName: false }, 'a.txt')).toBeNull();
    expect(readDetails({ title: '', author: '', reference: '', note: '', tags: ' , ' })).toBeNull();
  });

  it('are parsed back to what was entered', () => {
    const texts = { title: 'T', author: '', reference: 'R-1', note: 'a\nb', tags: 'x, y' };
    expect(readDetails(texts)).toEqual({ title: 'T', reference: 'R-1', note: 'a\nb', tags: ['x', 'y'] });
    expect(writeDetails(readDetails(texts))).toEqual(texts);
    expect(partTags(' 계약 ,, x,계약')).toEqual(['계약', 'x']);
  });

  it('are rejected before sending when the service would reject them', () => {
    expect(textFault('fine – 좋음', 20)).toBeNull();
    expect([textFault('a\u202eb', 9), textFault('a\nb', 9), textFault('a\nb', 9, true)]).toEqual([
      'forbidden',
      'forbidden',
      null,
    ]);
    expect([textFault('\ud800', 9), textFault('abc', 2)]).toEqual(['forbidden', 'too_long']);
    const many = Array.from({ length: 65 }, (_, i) => `t${i}`).join();
    expect([tagsFault(many), tagsFault('x'.repeat(101)), tagsFault('x, y')]).toEqual([
      'too_many_tags',
      'too_long',
      null,
    ]);
    expect([sizeFault({ note: '가'.repeat(6000) }), sizeFault({ note: 'a' })]).toEqual(['too_large', null]);
  });
});

describe('the overall progress', () => {
  it('counts hashing, then uploading, and ignores what was canceled', () => {
    const ready = item(10, { phase: 'ready' });
    const hashing = item(30, { phase: 'hashing', bytes: 12 });
    const cancelled = item(1000, { phase: 'cancelled', sent: false });
    expect(progressOf([ready, hashing, item(5, { phase: 'waiting' }), cancelled])).toEqual({
      work: 'hashing',
      files: 1,
      allFiles: 3,
      bytes: 22,
      allBytes: 45,
    });
    expect(progressOf([ready, cancelled])).toBeNull();
    const uploads = [
      item(20, { phase: 'uploading', bytes: 25 }, 'upload'),
      item(7, { phase: 'accepted' }, 'upload'),
      item(3, { phase: 'ready' }, 'upload'),
      hashing,
    ];
    expect(progressOf(uploads)).toEqual({
      work: 'uploading',
      files: 1,
      allFiles: 3,
      bytes: 27,
      allBytes: 30,
    });
  });
});

describe('the list', () => {
  const named = (path: string, size: number, state: State) =>
    Object.assign(new Item({ file: new File([new Uint8Array(size)], path), path }), { state });
  const items = [
    named('b 10.pdf', 1, { phase: 'accepted' }),
    named('b 9.pdf', 3, { phase: 'cancelled', sent: false }),
    named('계약서.pdf'.normalize('NFD'), 2, { phase: 'ready' }),
  ];
  const by = (order: 'name' | 'size' | 'state', words = '', view: 'all' | 'under_way' = 'all') =>
    arranged(byName(items), { view, order, words }).map(({ path }) => path.normalize('NFC'));

  it('is sorted by name as people count, by size, or by what needs attention', () => {
    expect(by('name')).toEqual(['b 9.pdf', 'b 10.pdf', '계약서.pdf']);
    expect(by('size')).toEqual(['b 9.pdf', '계약서.pdf', 'b 10.pdf']);
    expect(by('state')).toEqual(['b 9.pdf', 'b 10.pdf', '계약서.pdf']);
  });

  it('is searched by parts of the name, in any spelling of Hangul, and filtered by state', () => {
    expect([by('name', '약서'), by('name', 'PDF 1'), by('name', '', 'under_way')]).toEqual([
      ['계약서.pdf'],
      ['b 10.pdf'],
      ['b 10.pdf', '계약서.pdf'],
    ]);
  });

  it('knows what would be lost: proofs that were not downloaded, and details that were typed', () => {
    const [accepted] = items;
    expect(summaryOf(items, null)).toMatchObject({ unsaved: 1, typed: false, unsubmitted: 1, known: 0 });
    if (accepted !== undefined) accepted.saved = true;
    const typed = named('c.pdf', 1, { phase: 'ready' });
    typed.details = { title: 'C' };
    expect(summaryOf([...items, typed], null)).toMatchObject({ unsaved: 0, typed: true });
  });
});

describe('an already notarized document', () => {
  it('shows its earliest seal', () => {
    const of = (position: number, status: Notarization['status']): Notarization => {
      return { id: '', sha256: '', size: null, acceptedAt: '', status, position };
    };
    const notarizations = [of(1, 'accepted'), of(2, 'cosigned'), of(3, 'sealed')];
    expect(firstKnown({ notarizations, more: true })).toMatchObject({
      notarization: { position: 2 },
      count: 3,
    });
    expect(firstKnown({ notarizations: [of(1, 'accepted')], more: false })?.notarization.position).toBe(1);
    expect(firstKnown({ notarizations: [], more: false })).toBeNull();
  });
});

describe('the watch for cosignatures', () => {
  const count = (signed: number): Cosigned => ({ signed, of: 3, needed: 2 });

  it('polls the lowest block until its quorum, then the next one, and counts late cosignatures for all', async () => {
    const requested: string[] = [];
    let late = 0;
    const source: CosignSource = {
      untilCosigned: async (id, onLook) => {
        requested.push(id);
        onLook(count(1));
        await Promise.resolve();
        onLook(count(2));
      },
      look: (id) => {
        requested.push(`late ${id}`);
        return Promise.resolve(count((late += 1) + 1));
      },
      pause: () => Promise.resolve(),
    };
    const watch = new CosignWatch(source);
    const reported: Record<string, number[]> = { first: [], same: [], next: [] };
    await Promise.all(
      Object.entries({ first: 4, same: 4, next: 5 }).map(
        ([name, height]) =>
          new Promise<void>((resolve) => {
            watch.add(height, `in ${height}`, count(0), ({ signed }) => {
              reported[name]?.push(signed);
              if (signed === 3) resolve();
            });
          }),
      ),
    );
    expect(requested).toEqual(['in 4', 'in 5', 'late in 5', 'late in 5']);
    expect(reported).toEqual({ first: [1, 2, 2, 3], same: [1, 2, 2, 3], next: [1, 2, 2, 3] });
  });

  it('continues with the others when one is erased', async () => {
    const source: CosignSource = {
      untilCosigned: (id, onLook) => {
        if (id === 'erased') return Promise.reject(new Error('erased'));
        onLook(count(3));
        return Promise.resolve();
      },
      look: () => Promise.reject(new Error('must not be requested')),
      pause: () => Promise.resolve(),
    };
    const watch = new CosignWatch(source);
    watch.add(1, 'erased', count(0), () => {
      throw new Error('must not be called');
    });
    const signed = await new Promise<number>((resolve) => {
      watch.add(2, 'here', count(0), (cosigned) => {
        resolve(cosigned.signed);
      });
    });
    expect(signed).toBe(3);
  });
});
