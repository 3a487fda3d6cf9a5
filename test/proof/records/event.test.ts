import { describe, expect, it } from 'vitest';
import {
  canonicalJson,
  KIND_EVENT,
  ML_DSA_44_TEXT,
  encodeEntry,
  ANONYMOUS,
  sha256,
  toBase64,
  toHex,
  utf8,
  checkSignature,
  type JsonObject,
} from '../../../src/proof/index.js';
import {
  bodyDigestOf,
  canonicalBody,
  entryOfEvent,
  eventDigest,
  formatEvent,
  MAX_EVENT_LENGTH,
  parseEvent,
  signEvent,
  withBody,
  type EventHead,
} from '../../../src/proof/records/event.js';
import { RecordRefusal } from '../../../src/proof/records/refusal.js';
import { signer } from '../../vectors/make/keys.js';

const ALICE = signer('alice.example');
const BOB = signer('bob.example', ML_DSA_44_TEXT);
const body: JsonObject = { nonce: '00112233445566778899aabbccddeeff', title: 'The lighthouse', what: [1, 2] };
const first: EventHead = {
  origin: 'log.example',
  record: null,
  sequence: 0,
  before: new Uint8Array(32),
  type: 'item.register',
  bodyDigest: bodyDigestOf(body),
};
const second: EventHead = { ...first, record: sha256(utf8('a')), sequence: 7, before: sha256(utf8('b')) };

/** The code of the refusal that `act` throws. */
function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof RecordRefusal) return error.code;
    throw error;
  }
  return 'none';
}

const zeros = '0'.repeat(64);
const lines = [
  'ingam/event/v1',
  'log.example',
  zeros,
  '0',
  zeros,
  'item.register',
  toBase64(first.bodyDigest),
];
const line = '\u2014 alice.example AAAAAAAA\n';
/** A note with these lines as its text. */
const noteOf = (text: readonly string[]) => `${text.join('\n')}\n\n${line}`;
const withLine = (at: number, text: string) => noteOf(lines.map((each, i) => (i === at ? text : each)));

describe('an event note', () => {
  it('has seven lines', () => {
    expect(formatEvent(first)).toBe(`${lines.join('\n')}\n`);
  });

  it('is read back', () => {
    for (const event of [first, second])
      expect(parseEvent(`${formatEvent(event)}\n${line}`).event).toEqual(event);
  });

  it('is signed with Ed25519 and ML-DSA-44, and its digest is that of the whole note', () => {
    const note = signEvent({ ...second, body }, [ALICE, BOB]);
    const parsed = parseEvent(utf8(note));
    expect(parsed.event).toEqual(second);
    for (const { key } of [ALICE, BOB]) expect(checkSignature(parsed.note, key).state).toBe('good');
    expect(toHex(eventDigest(note))).toBe(toHex(sha256(utf8(note))));
    expect(withBody(parsed.event, body).body).toBe(body);
  });

  it('becomes an entry of its own kind, with its length and its body', () => {
    const note = signEvent({ ...first, body }, [ALICE]);
    const salt = new Uint8Array(16).fill(7);
    const entry = { ...entryOfEvent(note, body, salt), acceptedAt: 1, salt, accountTag: ANONYMOUS };
    expect(entry.kind).toBe(KIND_EVENT);
    expect(entry.size).toBe(utf8(note).length);
    expect(encodeEntry(entry)[1]).toBe(1);
  });

  it.each<[string, string]>([
    ['another first line', withLine(0, 'ingam/event/v2')],
    ['no log', withLine(1, '')],
    ['a record in capitals', noteOf(lines.with(2, 'A'.repeat(64)).with(3, '1').with(4, 'a'.repeat(64)))],
    ['a record that is too short', withLine(2, zeros.slice(1))],
    ['a first event with a sequence', withLine(3, '1')],
    ['a sequence with a leading zero', withLine(3, '00')],
    ['a sequence with a sign', withLine(3, '-1')],
    ['a first event with a value before', withLine(4, 'a'.repeat(64))],
    ['a first event with a record', withLine(2, 'a'.repeat(64))],
    ['a later event without a value before', noteOf(lines.with(2, 'a'.repeat(64)).with(3, '1'))],
    ['a type in capitals', withLine(5, 'Item.register')],
    ['a type of one word', withLine(5, 'register')],
    ['a type of three words', withLine(5, 'item.register.now')],
    ['a digest in hexadecimal', withLine(6, toHex(first.bodyDigest))],
    ['a digest of 31 bytes', withLine(6, toBase64(first.bodyDigest.slice(1)))],
    ['a line too many', noteOf([...lines, 'more'])],
    ['a blank line too many', noteOf([...lines, ''])],
    ['a line missing', noteOf(lines.slice(0, -1))],
    ['no signature', `${lines.join('\n')}\n`],
    ['carriage returns', noteOf(lines).replaceAll('\n', '\r\n')],
    ['a byte order mark', `\ufeff${noteOf(lines)}`],
    ['more bytes than an event may have', noteOf(lines) + line.repeat(MAX_EVENT_LENGTH / line.length)],
    ['nothing', ''],
  ])('is refused with %s', (_, note) => {
    expect(codeOf(() => parseEvent(note))).toBe('malformed_event');
  });

  it('is not written when it would not be read back', () => {
    expect(() => formatEvent({ ...first, sequence: 1 })).toThrow(RangeError);
    expect(() => formatEvent({ ...first, origin: 'two\nlines' })).toThrow(RangeError);
  });
});

describe('the body of an event', () => {
  it('is hashed in its canonical form', () => {
    expect(canonicalBody({ z: 1, nonce: body['nonce'] ?? '', a: 2 })).toBe(
      canonicalJson({ a: 2, nonce: body['nonce'] ?? '', z: 1 }),
    );
  });

  it.each<[string, string, JsonObject]>([
    ['no nonce', 'malformed_body', { title: 'x' }],
    ['a nonce in capitals', 'malformed_body', { nonce: 'A'.repeat(32) }],
    ['a nonce that is too short', 'malformed_body', { nonce: 'a'.repeat(31) }],
    ['a fraction', 'malformed_body', { ...body, value: 0.5 }],
    ['a lone surrogate', 'malformed_body', { ...body, title: '\ud800' }],
    ['17 levels', 'malformed_body', { ...body, deep: JSON.parse('['.repeat(16) + ']'.repeat(16)) as [] }],
    ['more than 32 kB', 'too_large', { ...body, title: 'x'.repeat(32 * 1024) }],
    ['another content than the note names', 'body_mismatch', { ...body, title: 'The castle' }],
  ])('is refused with %s', (_, code, other) => {
    expect(codeOf(() => withBody(first, other))).toBe(code);
  });
});
