import { describe, expect, it } from 'vitest';
import { NODE_VERIFIERS } from '../../../src/crypto/primitives.js';
import {
  formatPublication,
  fromHex,
  parseNote,
  PORTABLE_VERIFIERS,
  ProofError,
  publishedBody,
  readPublication,
  RecordRefusal,
} from '../../../src/proof/index.js';
import { publicationOf } from '../../independent/publication.js';
import { loadPublications } from '../../vectors/load.js';

it.each(Object.entries(loadPublications()))('judges the publication of a record: %s', (_, vector) => {
  const { note, expected, ...of } = vector;
  const record = fromHex(of.record, 32, 'the record');
  for (const verifiers of [PORTABLE_VERIFIERS, NODE_VERIFIERS]) {
    const read = readOrNull(() => readPublication(note, { ...of, record }, verifiers));
    expect(read === null ? null : { shows: read.shows, time: read.time }).toEqual(expected);
    if (read !== null) expect(formatPublication(read)).toBe(parseNote(note).text);
  }
  expect(publicationOf(note, of)).toEqual(expected);
});

function readOrNull<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProofError || error instanceof RecordRefusal) return null;
    throw error;
  }
}

describe('what is shown of a body', () => {
  const body = {
    nonce: '00'.repeat(16),
    title: 'Ring',
    serial: 'A 1',
    holder: 'kim+…',
    recovery: { days: 3 },
  };

  it('is what the holder has chosen', () => {
    expect(publishedBody('item.register', body, ['title', 'keys'])).toEqual({
      title: 'Ring',
      holder: 'kim+…',
    });
  });

  it('is nothing of a body that was erased, or of which nothing was chosen', () => {
    expect(publishedBody('item.register', null, ['title'])).toBeNull();
    expect(publishedBody('item.register', body, ['reports', 'history', 'search'])).toBeNull();
  });

  it('is never the nonce, the recovery key, or a member that no choice names', () => {
    const all = [
      'title',
      'serial',
      'features',
      'documents',
      'appraisals',
      'reports',
      'keys',
      'history',
      'search',
    ] as const;
    expect(publishedBody('item.register', body, all)).toEqual({
      title: 'Ring',
      serial: 'A 1',
      holder: 'kim+…',
    });
    expect(publishedBody('item.accept', body, all)).toBeNull();
    expect(publishedBody('constructor', body, all)).toBeNull();
    expect(publishedBody('item.report', { what: 'lost', constructor: 'x' }, all)).toEqual({ what: 'lost' });
  });
});
