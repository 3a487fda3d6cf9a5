import { formatNote, formatVerifierKey, ML_DSA_44_TEXT, type NoteSignature, type NoteSigner, signNote, utf8 } from '../../../../src/proof/index.js';
import { parseEventKey } from '../../../../src/proof/records/keys.js';
import { ORIGIN, sha256, signer } from '../keys.js';
import { Authenticator } from './authenticator.js';

export interface KeyOfferVector {
  readonly about: string;
  /** The verifier key that is given. */
  readonly key: string;
  /** What it is given for: the log, the id of the request, the SHA-256 of the document. */
  readonly origin: string;
  readonly request: string;
  readonly document: string;
  readonly note: string;
  readonly expected: 'good' | 'bad';
}

const REQUEST = 'srq_k7zq2m4xw6yh3c5vb8na';
const DOCUMENT = Buffer.from(sha256('the document to sign')).toString('hex');
const kim = signer('kim');
const lee = signer('lee');
/** Signs checkpoints. */
const witness = signer('kim', 4);
const quantum = signer('kim', ML_DSA_44_TEXT);
const passkey = new Authenticator('kim', 'ingam.example');
const TEXT = `ingam/key/v1\n${ORIGIN}\n${REQUEST}\n${DOCUMENT}\n`;

const noteBy = (by: NoteSigner, text = TEXT) => formatNote(signNote(text, by));

function byPasskey(text = TEXT, signed = text): string {
  const { name, keyId } = parseEventKey(passkey.vkey);
  const signature: NoteSignature = { name, keyId, signature: passkey.sign(signed) };
  return formatNote({ text, signatures: [signature] });
}

function vector(about: string, expected: 'good' | 'bad', note: string, key = formatVerifierKey(kim.key)): KeyOfferVector {
  return { about, key, origin: ORIGIN, request: REQUEST, document: DOCUMENT, note, expected };
}
const bad = (about: string, note: string, key?: string) => vector(about, 'bad', note, key);
const text = (about: string, changed: string) => bad(about, noteBy(kim, changed));

export function keyOfferVectors(): Record<string, KeyOfferVector> {
  const [line] = signNote(TEXT, kim).signatures;
  const [other] = signNote(TEXT, lee).signatures;
  if (line === undefined || other === undefined) throw new Error('a signed note has a signature');
  return {
    ed25519: vector('signed with the Ed25519 key that is given', 'good', noteBy(kim)),
    'ml-dsa-44': vector('with an ML-DSA-44 key', 'good', noteBy(quantum), formatVerifierKey(quantum.key)),
    passkey: vector('with a passkey', 'good', byPasskey(), passkey.vkey),
    'other-key': bad('signed with another key than the one that is given', noteBy(lee)),
    'other-key-same-name': bad('signed with another key of the same name', noteBy(signer('kim', 1, 'another kim'))),
    'two-keys': bad('another key has signed as well', formatNote({ text: TEXT, signatures: [line, other] })),
    twice: bad('the key has signed twice', formatNote({ text: TEXT, signatures: [line, line] })),
    'bad-signature': bad('a signature of another text', formatNote({ text: TEXT, signatures: [{ ...line, signature: kim.sign(utf8('ingam/key/v1\n')) }] })),
    'passkey-of-another-text': bad('the assertion of a passkey is for another offer', byPasskey(TEXT, TEXT.replace('srq_', 'srp_')), passkey.vkey),
    'other-log': text('for another log', TEXT.replace(ORIGIN, 'other.example/log')),
    'other-request': text('for another request', TEXT.replace(REQUEST, 'srq_aaaaaaaaaaaaaaaaaaaa')),
    'other-document': text('for another document', TEXT.replace(DOCUMENT, '00'.repeat(32))),
    'document-in-capitals': text('hexadecimal has small letters', TEXT.replace(DOCUMENT, DOCUMENT.toUpperCase())),
    'other-version': text('another first line', TEXT.replace('/v1', '/v2')),
    'reading-note': text('a note that lets somebody read a record', `ingam/read/v1\n${ORIGIN}\n${DOCUMENT}\n1764460800\n`),
    'event-note': text('an event', `ingam/event/v1\n${ORIGIN}\n${DOCUMENT}\n1\n${DOCUMENT}\ncontract.sign\n${'A'.repeat(43)}=\n`),
    'line-less': text('a line is missing', TEXT.replace(`${REQUEST}\n`, '')),
    'line-more': text('a line more', `${TEXT}kim\n`),
    'space-at-the-end': text('a space at the end of a line', TEXT.replace(`${REQUEST}\n`, `${REQUEST} \n`)),
    'log-key': bad('a key that signs checkpoints for a witness gives no key of a holder', formatNote({ text: TEXT, signatures: [{ name: 'kim', keyId: witness.key.keyId, signature: witness.sign(utf8(TEXT)) }] }), formatVerifierKey(witness.key)),
    unsigned: bad('no signature', `${TEXT}\n`),
    'no-note': bad('no note', 'ingam/key/v1\n'),
    'key-without-id': bad('the key that is given is none', noteBy(kim), 'kim'),
  };
}

