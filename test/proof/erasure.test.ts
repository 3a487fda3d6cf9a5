import { describe, expect, test } from 'vitest';
import { generateKey } from '../../src/crypto/keys.js';
import { isErasureOf, parseErasure, readErasure, sha256, signErasure, utf8 } from '../../src/proof/index.js';

const KEY = generateKey('log.example');
const OTHER = generateKey('log.example');
const ERASURE = {
  origin: 'log.example',
  position: 17,
  leafHash: sha256(utf8('leaf')),
  erasedAt: 1_700_000_000_000,
};
const NOTE = signErasure(ERASURE, [KEY]);
const TEXT = NOTE.slice(0, NOTE.indexOf('\n\n') + 1);

describe('the certificate of an erasure', () => {
  test('is read as it was signed, and says who signed it', () => {
    expect(readErasure(NOTE, [KEY.key, OTHER.key])).toEqual({ ...ERASURE, signedBy: [KEY.key] });
    expect(readErasure(utf8(NOTE), [KEY.key]).position).toBe(17);
  });

  test('has five lines', () => {
    expect(TEXT.split('\n')).toHaveLength(6);
    expect(TEXT.startsWith('ingam/erasure/v1\nlog.example\n17\n')).toBe(true);
  });

  test('is about one leaf of one log', () => {
    expect(isErasureOf(ERASURE, ERASURE)).toBe(true);
    expect(isErasureOf(ERASURE, { ...ERASURE, origin: 'other.example' })).toBe(false);
    expect(isErasureOf(ERASURE, { ...ERASURE, leafHash: sha256(utf8('other')) })).toBe(false);
  });

  test.each([
    ['of an unknown key', NOTE, [OTHER.key]],
    ['of no key', NOTE, []],
    ['with another position', NOTE.replace('\n17\n', '\n18\n'), [KEY.key]],
    ['with a line more', NOTE.replace('\n\n', '\nmore\n\n'), [KEY.key]],
    ['that is no note', TEXT, [KEY.key]],
  ])('is refused %s', (_, note, keys) => {
    expect(() => readErasure(note, keys)).toThrow(expect.objectContaining({ code: 'malformed_note' }));
  });

  test.each([
    ['unsupported_format', TEXT.replace('v1', 'v2')],
    ['malformed_number', TEXT.replace('\n17\n', '\n017\n')],
    ['malformed_number', TEXT.replace('1700000000000', '-1')],
    ['malformed_base64', TEXT.replace('=\n', '\n')],
    ['malformed_note', TEXT.replace('log.example', '')],
    ['malformed_note', TEXT.slice(0, -1)],
    ['malformed_note', `${TEXT}\n`],
  ])('is refused with %s when its text is %j', (code, text) => {
    expect(() => parseErasure(text)).toThrow(expect.objectContaining({ code }));
  });
});
