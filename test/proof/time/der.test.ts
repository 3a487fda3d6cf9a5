import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/proof/index.js';
import { generalizedTime, readMoment, readX509Time } from '../../../src/proof/time/asn1-time.js';
import { DerError, openDer, TAG, type DerErrorCode } from '../../../src/proof/time/der.js';
import {
  element,
  integer,
  namedBits,
  oid,
  sequence,
  setOf,
  unsigned,
} from '../../../src/proof/time/der-writer.js';
import { randomRuns } from '../../support/random-runs.js';

const bytes = (hex: string) => fromHex(hex.replaceAll(' ', ''), hex.replaceAll(' ', '').length / 2);
const open = (hex: string) => openDer(bytes(hex), 'the input', 1000);

function codeOf(work: () => unknown): DerErrorCode | null {
  try {
    work();
    return null;
  } catch (error) {
    if (error instanceof DerError) return error.code;
    throw error;
  }
}

describe('openDer', () => {
  it.each([
    ['an empty sequence', '30 00'],
    ['a length of 127 in one octet', `04 7f ${'00'.repeat(127)}`],
    ['a length of 128 in two', `04 81 80 ${'00'.repeat(128)}`],
    ['a length of 256 in three', `04 82 01 00 ${'00'.repeat(256)}`],
    ['TRUE and FALSE', '30 06 01 01 ff 01 01 00'],
    ['integers of one octet and more', '30 0b 02 01 80 02 02 00 80 02 02 ff 7f'],
    ['an empty bit string', '03 01 00'],
    [
      '31 nested sequences',
      Array.from({ length: 31 }, (_, i) => `30${toHex(Uint8Array.of(60 - 2 * i))}`).join(''),
    ],
  ])('takes %s', (_, hex) => {
    expect(codeOf(() => open(hex))).toBeNull();
  });

  it.each([
    ['nothing', ''],
    ['a tag without a length', '30'],
    ['a length beyond the end', '04 02 00'],
    ['a length of an inner element beyond its outer one', '30 03 04 02 00 00'],
    ['bytes left over', '05 00 00'],
    ['an inner element that leaves bytes over', '30 03 05 00 05'],
    ['an indefinite length', '30 80 00 00'],
    ['a length of one octet too many', '04 81 01 00'],
    ['a length with a zero before it', `04 82 00 80 ${'00'.repeat(128)}`],
    ['a length of four octets', '04 84 00 00 00 01 00'],
    ['a length with octets that are missing', '04 82 01'],
    ['a tag number above 30', '1f 1f 00'],
    ['end-of-contents', '00 00'],
    ['a constructed string', '24 02 04 00'],
    ['a primitive sequence', '10 00'],
    ['a primitive set', '11 00'],
    ['TRUE as 01', '01 01 01'],
    ['a boolean of two octets', '01 02 ff ff'],
    ['an empty integer', '02 00'],
    ['a positive integer with a zero too many', '02 02 00 7f'],
    ['a negative integer with an octet too many', '02 02 ff 80'],
    ['an empty bit string without its first octet', '03 00'],
    ['eight unused bits', '03 02 08 00'],
    ['unused bits of nothing', '03 01 01'],
    ['unused bits that are set', '03 02 01 01'],
    ['NULL with content', '05 01 00'],
    ['an empty object identifier', '06 00'],
    ['an object identifier that breaks off', '06 02 2a 81'],
    ['an arc with a zero octet before it', '06 03 2a 80 01'],
    [
      '32 nested sequences',
      Array.from({ length: 32 }, (_, i) => `30${toHex(Uint8Array.of(62 - 2 * i))}`).join(''),
    ],
  ])('refuses %s', (_, hex) => {
    expect(codeOf(() => open(hex))).toBe('not_der');
  });

  it('refuses too many bytes before it reads one', () => {
    expect(codeOf(() => openDer(new Uint8Array(11), 'the input', 10))).toBe('too_large');
  });
});

describe('DerReader', () => {
  it.each([
    ['another tag', () => open('05 00').content(TAG.integer)],
    ['a missing element', () => open('30 00').sequence().raw()],
    [
      'an element too many',
      () => {
        open('05 00').finish();
      },
    ],
    ['a negative small integer', () => open('02 01 ff').smallInteger(255)],
    ['a small integer above the maximum', () => open('02 02 01 00').smallInteger(255)],
    ['an integer of five octets', () => open('02 05 01 00 00 00 00').smallInteger(2 ** 31 - 1)],
    ['an implicit integer with a zero too many', () => open('80 02 00 01').smallInteger(255, 0x80)],
    ['an implicit integer without octets', () => open('80 00').smallInteger(255, 0x80)],
    ['an object identifier of 65 octets', () => open(`06 41 ${'81'.repeat(64)}01`).oid()],
    ['a bit string that is not whole octets', () => open('03 02 01 02').octetsOfBitString()],
  ])('refuses %s', (_, work) => {
    expect(codeOf(work)).toBe('wrong_structure');
  });

  it.each([
    '0.0',
    '1.39.0',
    '2.0',
    '2.999.1',
    '1.2.840.113549.1.9.16.1.4',
    '2.25.329800735698586629295641978511506172918',
  ])('reads the object identifier %s as it was written', (dotted) => {
    expect(openDer(oid(dotted), 'the input', 100).oid()).toBe(dotted);
  });

  it.each(['', '1', '3.1', '1.40', '1.2.', '1.02', '1.-2', '1.2.x'])(
    'cannot be given the object identifier "%s"',
    (dotted) => {
      expect(() => oid(dotted)).toThrow(RangeError);
    },
  );

  it('reads what was written', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31 - 1), fc.uniqueArray(fc.nat(40)), (number, bits) => {
        const reader = openDer(sequence(integer(number), namedBits(bits)), 'the input', 100).sequence();
        expect(reader.smallInteger(2 ** 31 - 1)).toBe(number);
        expect([...reader.namedBits()]).toEqual(bits.toSorted((a, b) => a - b));
        reader.finish();
      }),
      randomRuns(),
    );
  });
});

describe('writing', () => {
  it('sorts a SET OF by its bytes, and a beginning before what it begins', () => {
    const [a, ab, b] = [bytes('04 01 61'), bytes('04 02 61 62'), bytes('04 01 62')];
    expect(toHex(setOf(ab, b, a))).toBe(toHex(element(TAG.set, a, b, ab)));
  });

  it.each([
    ['', '00'],
    ['00 00', '00'],
    ['00 7f', '7f'],
    ['80', '0080'],
    ['00 00 ff 01', '00ff01'],
  ])('makes of the magnitude "%s" the integer %s', (magnitude, content) => {
    expect(toHex(unsigned(bytes(magnitude)))).toBe(content);
  });

  it('refuses integers that are negative or not whole', () => {
    for (const value of [-1, 0.5, 2 ** 53, Number.NaN]) expect(() => integer(value)).toThrow(RangeError);
  });
});

describe('times', () => {
  const moment = (text: string) =>
    readMoment(openDer(element(TAG.generalizedTime, new TextEncoder().encode(text)), 'the input', 100));
  const x509 = (tag: number, text: string) =>
    readX509Time(openDer(element(tag, new TextEncoder().encode(text)), 'the input', 100));

  it.each([
    [Date.UTC(2026, 5, 1, 12), '20260601120000Z'],
    [Date.UTC(2026, 5, 1, 12, 0, 0, 120), '20260601120000.12Z'],
    [Date.UTC(2026, 5, 1, 12, 0, 20, 7), '20260601120020.007Z'],
    [Date.UTC(2000, 1, 29, 23, 59, 59, 999), '20000229235959.999Z'],
  ])('%d is written as %s, and read again', (milliseconds, text) => {
    const written = generalizedTime(milliseconds);
    expect(new TextDecoder().decode(written.subarray(2))).toBe(text);
    expect(readMoment(openDer(written, 'the input', 100))).toEqual({ milliseconds, hasMore: false });
  });

  it('keeps apart what is beyond milliseconds', () => {
    expect(moment('20260601120000.1234Z')).toEqual({
      milliseconds: Date.UTC(2026, 5, 1, 12, 0, 0, 123),
      hasMore: true,
    });
    expect(codeOf(() => moment('20260601120000.1234567891Z'))).toBe('wrong_structure');
  });

  it('takes two digits of a year as 1950 to 2049', () => {
    expect(x509(TAG.utcTime, '491231235959Z')).toBe(Date.UTC(2049, 11, 31, 23, 59, 59));
    expect(x509(TAG.utcTime, '500101000000Z')).toBe(Date.UTC(1950, 0, 1));
    expect(x509(TAG.generalizedTime, '20500101000000Z')).toBe(Date.UTC(2050, 0, 1));
    expect(x509(TAG.generalizedTime, '99991231235959Z')).toBe(Date.UTC(9999, 11, 31, 23, 59, 59));
  });

  it.each([
    [TAG.utcTime, '2601010000Z'],
    [TAG.utcTime, '260101000000+0900'],
    [TAG.utcTime, '260229000000Z'],
    [TAG.generalizedTime, '20260101000000.5Z'],
    [TAG.generalizedTime, '00500101000000Z'],
    [TAG.integer, '1'],
  ])('refuses the certificate time %d %s', (tag, text) => {
    expect(codeOf(() => x509(tag, text))).toBe('wrong_structure');
  });

  it('cannot write a time that is none', () => {
    for (const time of [Number.NaN, Date.UTC(10_000, 0), Date.UTC(900, 0)]) {
      expect(() => generalizedTime(time)).toThrow(RangeError);
    }
  });
});
