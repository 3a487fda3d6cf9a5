import { describe, expect, it } from 'vitest';
import { concat, sha256, toHex, utf8 } from '../../../src/proof/index.js';
import {
  type AutomaticEvent,
  automaticLeaf,
  formatAutomatic,
  MAX_AUTOMATIC,
  parseAutomatic,
} from '../../../src/proof/records/automatic.js';
import {
  type Change,
  changesDigest,
  encodeChanges,
  FULL_AUTOMATIC,
  isFull,
  MAX_SIGNED_CHANGES,
  nextValue,
  NO_CHANGES,
  NO_VALUE,
  parseChanges,
} from '../../../src/proof/records/changes.js';
import { Random } from '../../fuzz/random.js';
import { mutated } from '../time/support.js';

const hash = (byte: number) => new Uint8Array(32).fill(byte);
const isMalformed = expect.objectContaining({ name: 'ProofError', code: 'malformed_changes' }) as Error;
const EVENT: AutomaticEvent = {
  origin: 'log.example/records',
  record: hash(1),
  sequence: 3,
  before: hash(2),
  type: 'contract.executed',
  height: 17,
  facts: [`notarized ${'0a'.repeat(32)}`, `record ${'0b'.repeat(32)} ${'0c'.repeat(32)}`],
};
const TEXT = formatAutomatic(EVENT);
const CHANGES: readonly Change[] = [
  { key: hash(1), value: hash(2), index: 0 },
  { key: hash(3), value: hash(4), index: 7 },
  { key: hash(1), value: hash(5), index: 0xffff_ffff },
  { key: hash(1), value: hash(6), text: TEXT },
  { key: hash(3), value: hash(7), text: TEXT },
];

describe('a change list', () => {
  it('is read as it was written', () => {
    const list = encodeChanges(CHANGES);
    expect(list.length).toBe(3 * 69 + 2 * (67 + TEXT.length));
    expect(parseChanges(list)).toEqual(CHANGES);
    expect(changesDigest(list)).toEqual(sha256(list));
    expect(parseChanges(encodeChanges([]))).toEqual([]);
    expect(changesDigest(encodeChanges([]))).toEqual(NO_CHANGES);
  });

  const [first = [] as never, second = [] as never, , automatic = [] as never] = CHANGES;
  const whole = encodeChanges([first, automatic]);
  it('is full with the event that brings the automatic events to a mebibyte, and ends with it', () => {
    const facts = Array.from({ length: 470 }, (_, i) => `notarized ${i.toString(16).padStart(64, '0')}`);
    const large: Change = { key: hash(1), value: hash(6), text: formatAutomatic({ ...EVENT, facts }) };
    const count = Math.ceil(FULL_AUTOMATIC / large.text.length);
    const full = [first, ...Array.from({ length: count }, () => large)];
    expect([isFull(full.slice(0, -1)), isFull(full)]).toEqual([false, true]);
    expect(parseChanges(encodeChanges(full))).toHaveLength(count + 1);
    expect(() => encodeChanges([...full, automatic])).toThrow(RangeError);
    expect(() => parseChanges(concat(encodeChanges(full), encodeChanges([automatic])))).toThrow(isMalformed);
  });
  it.each<readonly [string, Uint8Array]>([
    ['that ends within a signed event', whole.slice(0, 68)],
    ['that ends within an automatic event', whole.slice(0, -1)],
    ['that goes on behind its end', concat(whole, Uint8Array.of(0))],
    ['with an event of an unknown kind', concat(Uint8Array.of(2), whole.slice(1))],
    ['whose leaves descend', concat(encodeChanges([second]), encodeChanges([first]))],
    ['that names a leaf twice', concat(encodeChanges([first]), encodeChanges([first]))],
    [
      'with a signed event behind an automatic one',
      concat(encodeChanges([automatic]), encodeChanges([first])),
    ],
    ['with an automatic event without text', concat(whole.slice(0, 69 + 65), new Uint8Array(20))],
    ['with too many signed events', tooMany()],
  ])('%s is refused', (_, list) => {
    expect(() => parseChanges(list)).toThrow(isMalformed);
  });

  it('is refused when a text is not UTF-8', () => {
    const list = whole.slice();
    list[list.length - 2] = 0xff;
    expect(() => parseChanges(list)).toThrow(expect.objectContaining({ code: 'malformed_text' }) as Error);
  });

  it('is not written when it could not be read', () => {
    for (const bad of [
      [second, first],
      [automatic, first],
      [{ ...first, key: hash(1).slice(1) }],
      [{ ...first, index: 2 ** 32 }],
      [{ key: hash(1), value: hash(1), text: '' }],
      [{ key: hash(1), value: hash(1), text: 'x'.repeat(MAX_AUTOMATIC + 1) }],
    ])
      expect(() => encodeChanges(bad)).toThrow(RangeError);
  });

  it('is read or refused, never anything else, after random changes', () => {
    const random = new Random(5);
    const list = encodeChanges(CHANGES);
    for (let round = 0; round < 2000; round++) {
      const bytes = mutated(list, random);
      try {
        expect(Buffer.from(encodeChanges(parseChanges(bytes)))).toEqual(Buffer.from(bytes));
      } catch (error) {
        expect(error).toMatchObject({ name: 'ProofError' });
      }
    }
  });
});

function tooMany(): Uint8Array {
  const list = new Uint8Array((MAX_SIGNED_CHANGES + 1) * 69);
  const view = new DataView(list.buffer);
  for (let i = 0; i <= MAX_SIGNED_CHANGES; i++) view.setUint32(i * 69 + 65, i);
  return list;
}

describe('an automatic event', () => {
  it('is read as it was written, with its facts in order', () => {
    expect(parseAutomatic(TEXT)).toEqual(EVENT);
    expect(parseAutomatic(utf8(TEXT))).toEqual(EVENT);
    const { facts } = EVENT;
    expect(formatAutomatic({ ...EVENT, facts: [...facts, ...facts].reverse() })).toBe(TEXT);
    expect(formatAutomatic({ ...EVENT, facts: [] })).toBe(
      `ingam/automatic/v1\nlog.example/records\n${'01'.repeat(32)}\n3\n${'02'.repeat(32)}\ncontract.executed\n17\n`,
    );
  });

  it.each([
    ['without its last line feed', TEXT.slice(0, -1)],
    ['of another version', TEXT.replace('/v1', '/v2')],
    ['without origin', TEXT.replace(EVENT.origin, '')],
    ['without height', TEXT.split('\n').slice(0, 6).join('\n') + '\n'],
    ['with an empty line', `${TEXT}\n`],
    ['that is the first of its record', TEXT.replace('\n3\n', '\n0\n')],
    ['that follows no value', TEXT.replace('02'.repeat(32), '00'.repeat(32))],
    ['of no type', TEXT.replace('contract.executed', 'executed')],
    ['with a fact twice', TEXT + `record ${'0b'.repeat(32)} ${'0c'.repeat(32)}\n`],
    ['whose facts are not in order', TEXT + `notarized ${'0b'.repeat(32)}\n`],
    ['with an unknown fact', TEXT + 'weather fine\n'],
  ])('%s is refused', (_, text) => {
    expect(() => parseAutomatic(text)).toThrow(isMalformed);
  });

  it.each([
    ['a record in upper case', TEXT.replace('01'.repeat(32), 'AB'.repeat(32)), 'malformed_hex'],
    ['a sequence with a zero in front', TEXT.replace('\n3\n', '\n03\n'), 'malformed_number'],
  ])('with %s is refused', (_, text, code) => {
    expect(() => parseAutomatic(text)).toThrow(expect.objectContaining({ code }) as Error);
  });

  it('is not written when it could not be read', () => {
    for (const bad of [
      { sequence: 0 },
      { type: 'x' },
      { origin: 'a\nb' },
      { facts: ['weather fine'] },
      { before: NO_VALUE },
    ])
      expect(() => formatAutomatic({ ...EVENT, ...bad })).toThrow(RangeError);
  });
});

describe('the value of a record', () => {
  it('commits to its events in their order', () => {
    const one = nextValue(NO_VALUE, hash(9));
    expect(toHex(one)).toBe(toHex(sha256(concat(Uint8Array.of(5), new Uint8Array(32), hash(9)))));
    const two = nextValue(one, automaticLeaf(TEXT));
    expect(toHex(two)).toBe(
      toHex(sha256(concat(Uint8Array.of(5), one, sha256(concat(Uint8Array.of(0), utf8(TEXT)))))),
    );
    expect(nextValue(nextValue(NO_VALUE, automaticLeaf(TEXT)), hash(9))).not.toEqual(two);
  });
});
