import type { DocumentState } from '../../../../../src/proof/records/state.js';
import { accepted, ALICE, BOB, CAROL, DAY, digest, happens, HELD, ID, keyOf, NOW, type Part, refused, SAFE, waits } from './rule-vector.js';

// Documents, and what all records have: holders, members of bodies, types.

const document: DocumentState = { ...HELD, kind: 'document', status: 'current', document: digest('v1'), versions: 1 };
const recoverable: DocumentState = { ...document, recovery: { key: SAFE, days: 30 } };
const states = {
  document,
  withdrawn: { ...document, status: 'withdrawn' },
  recoverable,
  recovering: { ...recoverable, recovering: { holder: BOB, at: NOW + 30 * DAY } },
  'recovering-to-safe': { ...recoverable, recovering: { holder: SAFE, at: NOW + 30 * DAY } },
} satisfies Part['states'];

const DUE = { sealedAt: NOW + 30 * DAY };
const v2 = { document: { sha256: digest('v2') } };

const create = (body: object) => ({ document: { sha256: digest('v1') }, holder: ALICE, ...body });
const badCreate = (rule: string, about: string, body: object, code: 'malformed_body' | 'malformed_key' | 'too_large' = 'malformed_body') =>
  refused(rule, code, about, null, 'document.create', create(body));
const badNote = (about: string, note: unknown, code: 'malformed_body' | 'too_large' = 'malformed_body') =>
  refused('B2', code, about, 'document', 'document.version', { ...v2, note: note as string });
const goodNote = (about: string, note: string) =>
  accepted('B2', about, 'document', 'document.version', { ...v2, note }, [ALICE], { document: digest('v2'), versions: 2 });

export const documents: Part = {
  states,
  events: [
    accepted('D1', 'a document begins', null, 'document.create', create({}), [ALICE], document),
    accepted('D1', 'with everything', null, 'document.create', create({ title: 'Terms', recovery: { key: SAFE, days: 365 }, document: { sha256: digest('v1'), size: 0, name: 'terms.pdf' } }), [ALICE], {
      ...document, recovery: { key: SAFE, days: 365 },
    }),
    accepted('D2', 'a version', 'document', 'document.version', v2, [ALICE], { document: digest('v2'), versions: 2 }),
    refused('D2', 'no_change', 'the same version again', 'document', 'document.version', { document: { sha256: digest('v1'), name: 'other.pdf' } }),
    accepted('D3', 'a withdrawal', 'document', 'document.withdraw', { reason: 'out of date' }, [ALICE], { status: 'withdrawn' }),
    accepted('D3', 'back again', 'withdrawn', 'document.reinstate', {}, [ALICE], { status: 'current' }),
    refused('D3', 'wrong_status', 'a version of a withdrawn document', 'withdrawn', 'document.version', v2),
    refused('D3', 'wrong_status', 'withdrawn twice', 'withdrawn', 'document.withdraw', {}),
    refused('D3', 'wrong_status', 'reinstated without need', 'document', 'document.reinstate', {}),

    refused('R2', 'unknown_record', 'a record that is not there', null, 'document.version', v2, {}, { record: ID }),
    refused('R2', 'unknown_record', 'a first event that names a record', null, 'document.create', create({}), {}, { record: ID }),
    refused('R2', 'wrong_record', 'an event for another record', 'document', 'document.version', v2, {}, { record: digest('other') }),
    refused('R2', 'wrong_record', 'an event for no record', 'document', 'document.version', v2, {}, { record: null }),
    refused('R5', 'unknown_type', 'an unknown type', 'document', 'document.burn', {}),
    refused('R5', 'unknown_type', 'an unknown type of all records', 'document', 'record.burn', {}),
    refused('R5', 'unknown_type', 'an unknown first type', null, 'document.begin', create({})),
    refused('R5', 'unknown_type', 'a type that begins no record', null, 'document.version', v2),
    refused('R5', 'unknown_type', 'a type for all records begins none', null, 'record.rekey', { holder: BOB }),
    refused('R5', 'unknown_type', 'nobody signs an automatic event', 'recovering', 'record.recovered', {}, DUE),
    refused('R5', 'wrong_sequence', 'a record begins once', 'document', 'document.create', create({})),
    refused('R5', 'wrong_sequence', 'a record does not become another kind', 'document', 'item.register', {}),
    refused('R6', 'wrong_kind', 'an event of items', 'document', 'item.retract', {}),
    refused('R6', 'wrong_kind', 'an event of works', 'document', 'work.withdraw', {}),
    refused('R6', 'wrong_kind', 'an event of contracts', 'document', 'contract.cancel', {}),
    badCreate('R8', 'a member that no table has', { owner: 'alice' }),
    badCreate('R8', 'a member in capitals', { Title: 'Terms' }),
    badCreate('R8', 'null is not "left out"', { title: null }),
    badCreate('R8', 'a number as a title', { title: 12 }),
    badCreate('R8', 'a document as a string', { document: digest('v1') }),
    badCreate('R8', 'a document in a list', { document: [{ sha256: digest('v1') }] }),
    badCreate('R8', 'a further member of the document', { document: { sha256: digest('v1'), type: 'pdf' } }),
    badCreate('R8', 'a name that every object of JavaScript has', { constructor: 'x' }),
    badCreate('R8', 'the name of the prototype', { ['__proto__']: {} }),
    refused('R8', 'malformed_body', 'a missing member', null, 'document.create', { holder: ALICE }),
    refused('R8', 'malformed_body', 'a member of an empty body', 'withdrawn', 'document.reinstate', { reason: 'x' }),
    refused('B1', 'malformed_body', 'no nonce', 'document', 'document.version', v2, {}, { noNonce: true }),
    refused('B1', 'malformed_body', 'a nonce of 15 bytes', 'document', 'document.version', { ...v2, nonce: '00'.repeat(15) }),
    refused('B1', 'malformed_body', 'a nonce in capitals', 'document', 'document.version', { ...v2, nonce: 'AB'.repeat(16) }),
    goodNote('2000 characters', 'x'.repeat(2000)),
    goodNote('Korean, Persian with a non-joiner, an emoji with a joiner', '계약서 می‌خواهم 👩‍⚖️'),
    goodNote('a Chinese character with a variation selector', '葛\u{e0100}'),
    badNote('2001 characters', 'x'.repeat(2001), 'too_large'),
    badNote('an empty text', ''),
    badNote('a space at the end', 'note '),
    badNote('an ideographic space at the front', '\u3000note'),
    badNote('two lines', 'one\ntwo'),
    badNote('a tab', 'one\ttwo'),
    badNote('NUL', 'one\u0000'),
    badNote('a C1 control', 'one\u0085two'),
    badNote('text from right to left', '\u202eexe.fdp'),
    badNote('a letter that is not seen', 'Alice\u3164'),
    badNote('an isolate', '\u2067x\u2069'),
    badNote('a zero-width space', 'a\u200bb'),
    badNote('a soft hyphen', 'a\u00adb'),
    badNote('a byte order mark', '\ufeffnote'),
    badNote('a line separator', 'a\u2028b'),
    badNote('a tag character', 'a\u{e0041}b'),
    badNote('half of a character', 'a\ud83d'),
    badNote('decomposed letters', 'Zu\u0308rich'),
    badNote('decomposed Hangul', '\u1100\u1161'),
    badCreate('B2', 'a title of 301 characters', { title: 'x'.repeat(301) }, 'too_large'),
    badCreate('B2', 'a file name of 201 characters', { document: { sha256: digest('v1'), name: 'x'.repeat(201) } }, 'too_large'),
    badCreate('B3', 'a digest in capitals', { document: { sha256: digest('v1').toUpperCase() } }),
    badCreate('B3', 'a digest of 31 bytes', { document: { sha256: digest('v1').slice(2) } }),
    badCreate('B3', 'a digest with a prefix', { document: { sha256: `sha256:${digest('v1')}` } }),
    badCreate('B4', 'a name instead of a key', { holder: 'alice' }, 'malformed_key'),
    badCreate('B4', 'a key with another id', { holder: ALICE.replace(/\+[0-9a-f]{8}\+/, '+00000000+') }, 'malformed_key'),
    badCreate('B4', 'a key that cosigns', { holder: keyOf('alice', 4) }, 'malformed_key'),
    badCreate('B4', 'a key as an object', { holder: { key: ALICE } }, 'malformed_key'),
    badCreate('B4', 'a hidden character in the name of a key', { holder: keyOf('ali\u200bce') }, 'malformed_key'),
    badCreate('B4', 'a name of 101 characters', { holder: keyOf('x'.repeat(101)) }, 'malformed_key'),
    badCreate('B4', 'a key of 5000 characters', { holder: `alice+${'0'.repeat(5000)}` }, 'malformed_key'),
    badCreate('B9', 'a negative size', { document: { sha256: digest('v1'), size: -1 } }),
    badCreate('B9', 'a size as a string', { document: { sha256: digest('v1'), size: '12' } }),
    badCreate('B9', 'a document without a digest', { document: { name: 'terms.pdf' } }),
    badCreate('B10', 'the recovery key is the holder’s', { recovery: { key: ALICE, days: 30 } }),
    badCreate('B10', 'no waiting time', { recovery: { key: SAFE, days: 0 } }),
    badCreate('B10', '366 days', { recovery: { key: SAFE, days: 366 } }),
    badCreate('B10', 'a key alone', { recovery: SAFE }),
    badCreate('B10', 'without days', { recovery: { key: SAFE } }),

    accepted('H1', 'another key', 'document', 'record.rekey', { holder: BOB }, [ALICE, BOB], { holder: BOB }),
    accepted('H1', 'the recovery key stays', 'recoverable', 'record.rekey', { holder: BOB }, [ALICE, BOB], { holder: BOB }),
    accepted('H1', 'another recovery key alone', 'recoverable', 'record.rekey', { holder: ALICE, recovery: { key: CAROL, days: 1 } }, [ALICE], { recovery: { key: CAROL, days: 1 } }),
    accepted('H1', 'no recovery key from now on', 'recoverable', 'record.rekey', { holder: BOB, recovery: null }, [ALICE, BOB], { holder: BOB, recovery: null }),
    accepted('H1', 'a recovery ends', 'recovering', 'record.rekey', { holder: CAROL }, [ALICE, CAROL], { holder: CAROL, recovering: null }),
    refused('H1', 'no_change', 'the key that it is', 'document', 'record.rekey', { holder: ALICE }),
    refused('B10', 'malformed_body', 'the recovery key becomes the holder’s', 'recoverable', 'record.rekey', { holder: SAFE }),
    accepted('H2', 'a recovery starts', 'recoverable', 'record.recover', { holder: BOB }, [SAFE, BOB], { recovering: { holder: BOB, at: NOW + 30 * DAY } }),
    accepted('H2', 'to the recovery key itself', 'recoverable', 'record.recover', { holder: SAFE }, [SAFE], { recovering: { holder: SAFE, at: NOW + 30 * DAY } }),
    refused('H2', 'not_recoverable', 'without a recovery key', 'document', 'record.recover', { holder: BOB }),
    refused('H3', 'wrong_status', 'a second recovery', 'recovering', 'record.recover', { holder: CAROL }),
    refused('H3', 'no_change', 'to the holder', 'recoverable', 'record.recover', { holder: ALICE }),
    accepted('H4', 'the holder is there', 'recovering', 'record.keep', {}, [ALICE], { recovering: null }),
    refused('H4', 'not_recoverable', 'nothing to end', 'recoverable', 'record.keep', {}),
    refused('H5', 'too_late', 'the holder comes too late', 'recovering', 'record.keep', {}, DUE),
    refused('H5', 'too_late', 'a new key comes too late', 'recovering', 'record.rekey', { holder: CAROL }, DUE),
    accepted('H5', 'a millisecond before', 'recovering', 'record.keep', {}, [ALICE], { recovering: null }, { sealedAt: NOW + 30 * DAY - 1 }),
  ],
  automatic: [
    waits('H6', 'the waiting time is not over', 'recovering', { sealedAt: NOW + 30 * DAY - 1 }),
    happens('H6', 'the waiting time is over', 'recovering', DUE, 'record.recovered', { holder: BOB, recovering: null }),
    happens('H6', 'long over', 'recovering', { sealedAt: NOW + 999 * DAY }, 'record.recovered', { holder: BOB, recovering: null }),
    happens('H6', 'the recovery key is now the holder’s', 'recovering-to-safe', DUE, 'record.recovered', { holder: SAFE, recovery: null, recovering: null }),
    waits('H6', 'nothing has started', 'recoverable', { sealedAt: NOW + 999 * DAY }),
  ],
};
