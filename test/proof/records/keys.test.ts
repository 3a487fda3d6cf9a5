import { describe, expect, it } from 'vitest';
import {
  COSIGNATURE,
  formatNote,
  ML_DSA_44_TEXT,
  parseNote,
  ProofError,
  sha256,
  signNote,
  utf8,
} from '../../../src/proof/index.js';
import {
  formatReadNote,
  parseEventKey,
  READ_NOTE_AGE,
  readerOf,
  verifyEventSignatures,
} from '../../../src/proof/records/keys.js';
import { RecordRefusal } from '../../../src/proof/records/refusal.js';
import { Authenticator } from '../../vectors/make/records/authenticator.js';
import { signer, vkey } from '../../vectors/make/keys.js';

const ALICE = signer('alice');
const BOB = signer('bob', ML_DSA_44_TEXT);
const CAROL = new Authenticator('carol', 'ingam.example');
const OTHER_ALICE = signer('alice', undefined, 'another key of alice');

const TEXT = 'a text\n';
const signedBy = (...signers: readonly (typeof ALICE)[]) => formatNote(signNote(TEXT, ...signers));
const all = signedBy(ALICE, BOB) + CAROL.line(TEXT);

function outcome(note: string, ...keys: readonly string[]): string {
  try {
    verifyEventSignatures(parseNote(note), keys);
  } catch (error) {
    if (error instanceof RecordRefusal) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'good';
}

describe('the signatures of an event', () => {
  it('are good with Ed25519, ML-DSA-44 and a passkey, in any order', () => {
    expect(outcome(all, vkey(ALICE), vkey(BOB), CAROL.vkey)).toBe('good');
    expect(outcome(all, CAROL.vkey, vkey(BOB), vkey(ALICE), vkey(ALICE))).toBe('good');
  });

  it('are refused when one is missing', () => {
    expect(outcome(signedBy(ALICE), vkey(ALICE), vkey(BOB))).toMatch(
      /^missing_signature: .*bob\+[0-9a-f]{8}/,
    );
    expect(outcome(signedBy(ALICE), vkey(ALICE), CAROL.vkey)).toMatch(/^missing_signature/);
    expect(outcome(signedBy(OTHER_ALICE), vkey(ALICE))).toMatch(/^missing_signature/);
  });

  it('are refused when there is a further one, also of a key that nobody knows', () => {
    expect(outcome(all, vkey(ALICE), vkey(BOB))).toMatch(/^unexpected_signature: .*carol/);
    expect(outcome(signedBy(ALICE, OTHER_ALICE), vkey(ALICE))).toMatch(/^unexpected_signature/);
    expect(outcome(signedBy(ALICE, ALICE), vkey(ALICE))).toMatch(/^unexpected_signature: .*more than once/);
    expect(outcome(signedBy(ALICE))).toMatch(/^unexpected_signature/);
  });

  it('are refused when one is bad', () => {
    const note = parseNote(all);
    for (const [i, { name }] of note.signatures.entries()) {
      const signatures = note.signatures.map((line, at) =>
        at === i ? { ...line, signature: line.signature.with(-1, (line.signature.at(-1) ?? 0) ^ 1) } : line,
      );
      expect(outcome(formatNote({ ...note, signatures }), vkey(ALICE), vkey(BOB), CAROL.vkey)).toMatch(
        new RegExp(`^bad_signature: .*${name}`),
      );
    }
  });

  it('are refused when they are of another text', () => {
    const moved = `${TEXT}more\n\n${all.slice(TEXT.length + 1)}`;
    expect(outcome(moved, vkey(ALICE), vkey(BOB), CAROL.vkey)).toMatch(/^bad_signature/);
  });
});

describe('the key of a holder', () => {
  it('is of one of three algorithms', () => {
    expect([vkey(ALICE), vkey(BOB), CAROL.vkey].map((key) => parseEventKey(key).algorithm)).toEqual([
      'ed25519',
      'ml-dsa-44',
      'passkey',
    ]);
  });

  it('is none that cosigns', () => {
    expect(() => parseEventKey(vkey(signer('w', COSIGNATURE)))).toThrow('cannot sign events');
    expect(() => parseEventKey('alice')).toThrow(ProofError);
  });
});

describe('a note that asks to read a record', () => {
  const record = sha256(utf8('a record'));
  const now = 1_800_000_000;
  const keys = [vkey(BOB), vkey(ALICE), CAROL.vkey];
  const request = { origin: 'log.example', record, keys, now };
  const text = (time = now, origin = 'log.example', id = record) => formatReadNote(origin, id, time);
  const note = (of: string, by = ALICE) => formatNote(signNote(of, by));

  it('shows which party asks', () => {
    expect(readerOf(note(text()), request)).toBe(vkey(ALICE));
    expect(readerOf(note(text(), BOB), request)).toBe(vkey(BOB));
    expect(readerOf(`${text()}\n${CAROL.line(text())}`, request)).toBe(CAROL.vkey);
  });

  it('is good for some minutes, also by a clock that is slow', () => {
    for (const time of [now - READ_NOTE_AGE, now + READ_NOTE_AGE])
      expect(readerOf(note(text(time)), request)).not.toBeNull();
    for (const time of [now - READ_NOTE_AGE - 1, now + READ_NOTE_AGE + 1])
      expect(readerOf(note(text(time)), request)).toBeNull();
  });

  it('is for one log and one record, and of a party', () => {
    expect(readerOf(note(text(now, 'other.example')), request)).toBeNull();
    expect(readerOf(note(text(now, 'log.example', sha256(utf8('another')))), request)).toBeNull();
    expect(readerOf(note(text(), OTHER_ALICE), request)).toBeNull();
    expect(readerOf(note(text()), { ...request, keys: [] })).toBeNull();
    expect(readerOf(note(text()).replace(`${now}`, `${now + 1}`), request)).toBeNull();
  });

  it.each([
    ['another first line', note(text().replace('read', 'write'))],
    ['a line too many', note(`${text()}more\n`)],
    ['no time', note(text().replace(`${now}`, ''))],
    ['two signatures', formatNote(signNote(text(), ALICE, BOB))],
    ['no note', 'x'],
  ])('is refused with %s', (_, source) => {
    expect(() => readerOf(source, request)).toThrow(ProofError);
  });
});
