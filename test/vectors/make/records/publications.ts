import { formatNote, formatVerifierKey, ML_DSA_44_TEXT, type NoteSignature, type NoteSigner, signNote, utf8 } from '../../../../src/proof/index.js';
import { parseEventKey } from '../../../../src/proof/records/keys.js';
import { ORIGIN, sha256, signer } from '../keys.js';
import { Authenticator } from './authenticator.js';

export interface PublicationVector {
  readonly about: string;
  /** What is published: the log, the record's id and kind, and the verifier key of its holder. */
  readonly origin: string;
  readonly record: string;
  readonly kind: 'work' | 'item';
  readonly holder: string;
  readonly note: string;
  /** What a good note says; null: it is not to be accepted. */
  readonly expected: { readonly shows: readonly string[]; readonly time: number } | null;
}

const RECORD = Buffer.from(sha256('the first note of a record')).toString('hex');
const TIME = 1_764_460_800_000;
const kim = signer('kim');
const lee = signer('lee');
const quantum = signer('kim', ML_DSA_44_TEXT);
const passkey = new Authenticator('kim', 'ingam.example');
const lines = (shows: string) => `ingam/publish/v1\n${ORIGIN}\n${RECORD}\n${shows}\n${TIME}\n`;
const WORK = ['title', 'authors', 'licences', 'history'];
const TEXT = lines(WORK.join(','));

const noteBy = (by: NoteSigner, text = TEXT) => formatNote(signNote(text, by));

function byPasskey(text = TEXT, signed = text): string {
  const { name, keyId } = parseEventKey(passkey.vkey);
  const signature: NoteSignature = { name, keyId, signature: passkey.sign(signed) };
  return formatNote({ text, signatures: [signature] });
}

interface Published {
  readonly holder?: string;
  readonly kind?: PublicationVector['kind'];
  readonly shows?: readonly string[];
}

function good(about: string, note: string, { holder = formatVerifierKey(kim.key), kind = 'work', shows = WORK }: Published = {}): PublicationVector {
  return { about, origin: ORIGIN, record: RECORD, kind, holder, note, expected: { shows, time: TIME } };
}
const bad = (about: string, note: string, holder = formatVerifierKey(kim.key), kind: 'work' | 'item' = 'work'): PublicationVector => ({
  ...good(about, note, { holder, kind }),
  expected: null,
});
const text = (about: string, changed: string) => bad(about, noteBy(kim, changed));

export function publicationVectors(): Record<string, PublicationVector> {
  const [line] = signNote(TEXT, kim).signatures;
  const [other] = signNote(TEXT, lee).signatures;
  if (line === undefined || other === undefined) throw new Error('a signed note has a signature');
  const allOfItem = ['title', 'serial', 'features', 'documents', 'appraisals', 'reports', 'keys', 'history', 'search'];
  return {
    work: good('a work, signed with the Ed25519 key of its holder', noteBy(kim)),
    item: good('all of an item', noteBy(kim, lines(allOfItem.join(','))), { kind: 'item', shows: allOfItem }),
    one: good('one thing alone', noteBy(kim, lines('keys')), { shows: ['keys'] }),
    'ml-dsa-44': good('with an ML-DSA-44 key', noteBy(quantum), { holder: formatVerifierKey(quantum.key) }),
    passkey: good('with a passkey', byPasskey(), { holder: passkey.vkey }),
    'other-key': bad('signed with another key than the holder’s', noteBy(lee)),
    'other-key-same-name': bad('signed with another key of the same name', noteBy(signer('kim', 1, 'another kim'))),
    'two-keys': bad('another key has signed as well', formatNote({ text: TEXT, signatures: [line, other] })),
    twice: bad('the key has signed twice', formatNote({ text: TEXT, signatures: [line, line] })),
    'bad-signature': bad('a signature of another text', formatNote({ text: TEXT, signatures: [{ ...line, signature: kim.sign(utf8('ingam/publish/v1\n')) }] })),
    'passkey-of-another-text': bad('the assertion of a passkey is for another choice', byPasskey(TEXT, lines('title')), passkey.vkey),
    'other-log': text('of another log', TEXT.replace(ORIGIN, 'other.example/log')),
    'other-record': text('another record', TEXT.replace(RECORD, '11'.repeat(32))),
    'record-in-capitals': text('hexadecimal has small letters', TEXT.replace(RECORD, RECORD.toUpperCase())),
    'other-version': text('another first line', TEXT.replace('/v1', '/v2')),
    'reading-note': text('a note that lets somebody read a record', `ingam/read/v1\n${ORIGIN}\n${RECORD}\n${TIME / 1000}\n`),
    'nothing-shown': text('it shows nothing', lines('')),
    'unknown-choice': text('it shows something that there is not', lines('title,price')),
    'choice-of-an-item': text('a work has no serial number', lines('title,serial')),
    'choice-of-a-work': bad('an item has no authors', noteBy(kim), formatVerifierKey(kim.key), 'item'),
    'choice-twice': text('the same twice', lines('title,title')),
    'other-order': text('in another order', lines('authors,title')),
    'space-between': text('a space behind the comma', lines('title, authors')),
    'choice-in-capitals': text('in capital letters', lines('Title')),
    'time-with-zero': text('the time has a leading zero', TEXT.replace(`\n${TIME}`, `\n0${TIME}`)),
    'time-negative': text('the time is negative', TEXT.replace(`\n${TIME}`, `\n-${TIME}`)),
    'time-too-large': text('the time is beyond 2^53', TEXT.replace(`\n${TIME}`, '\n9007199254740993')),
    'line-less': text('a line is missing', TEXT.replace(`${RECORD}\n`, '')),
    'line-more': text('a line more', `${TEXT}kim\n`),
    'space-at-the-end': text('a space at the end of a line', TEXT.replace(`${TIME}\n`, `${TIME} \n`)),
    unsigned: bad('no signature', `${TEXT}\n`),
    'no-note': bad('no note', 'ingam/publish/v1\n'),
    'holder-without-id': bad('the key of the holder is none', noteBy(kim), 'kim'),
  };
}
