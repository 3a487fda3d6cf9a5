import {
  concat,
  formatAnchor,
  formatProof,
  inclusionPath,
  leafHash,
  merkleRoot,
  renewedBytes,
  toBase64,
  utf8,
  type Anchor,
  type AnchoredNote,
  type KeptToken,
  type Renewal,
  type Rfc3161Anchor,
} from '../../../src/proof/index.js';
import { nullValue, octetString, oid, sequence } from '../../../src/proof/time/der-writer.js';
import { DIGESTS } from '../../../src/proof/time/digests.js';
import { formatOts, type Timestamp } from '../../../src/proof/time/ots.js';
import { after } from '../../../src/proof/time/ots-tree.js';
import { TIME_STAMPING } from '../../../src/proof/time/x509.js';
import type { StatedTime, Vector } from '../load.js';
import { DOCUMENT, makeLog, type Wish as ProofWish } from './chain.js';
import { LOG, NAMESAKE, OTHER_LOG, sha256, TRUST, vkey } from './keys.js';
import { bitcoinVectors } from './time/bitcoin.js';
import { drandVectors } from './time/drand.js';
import * as x from './tokens/certificates.js';
import { ecKey } from './tokens/keys.js';
import { stated as generalizedTime, tokenOf, type Wish } from './tokens/token.js';

/** Proofs with anchors: what counts, and many that do not. */

const SEOUL_ROOT = x.ROOT;
const SEOUL = x.tsa({ until: '2029-12-31T23:59:59Z' });
const BUSAN_ROOT = x.certificate({ subject: x.name('Busan Root'), key: ecKey('busan root'), issuer: null, until: '2049-01-01T00:00:00Z', extensions: [x.ca(), x.CA_USAGE] });
const BUSAN = x.tsa({ subject: x.name('Busan TSA'), key: ecKey('busan tsa'), issuer: BUSAN_ROOT, serial: 5, until: '2040-12-31T23:59:59Z' });
const STRANGER_ROOT = x.certificate({ subject: x.name('Stranger Root'), key: ecKey('stranger root'), issuer: null, extensions: [x.ca(), x.CA_USAGE] });
const STRANGER = x.tsa({ subject: x.name('Stranger TSA'), key: ecKey('stranger tsa'), issuer: STRANGER_ROOT });

const SEOUL_LINE = `#tsa seoul ${toBase64(SEOUL_ROOT.der)}\n`;
const BUSAN_LINE = `#tsa busan ${toBase64(BUSAN_ROOT.der)}\n`;
const BOTH = TRUST + SEOUL_LINE + BUSAN_LINE;

/** A token over `message`, of a time such as 20260102030500Z. */
function stamp(message: Uint8Array, time: string, signer = SEOUL, wish: Wish = {}): Uint8Array {
  const imprint = sequence(sequence(oid(DIGESTS.sha256.oid), nullValue()), octetString(sha256(message)));
  return tokenOf({ signer, ...wish, info: { imprint, nonce: null, time: generalizedTime(time), ...wish.info } });
}

const LOG_OF = (wish: ProofWish = {}) => makeLog({ blocks: 8, ...wish });
const { proof: PROOF, note } = LOG_OF();

const FIRST = '20260102030500Z';
const LATER = '20260102031000Z';
/** The time of a token, and its accuracy of a second. */
const AT = { first: '2026-01-02T03:05:01.000Z', later: '2026-01-02T03:10:01.000Z' };

function rfc3161(signer = SEOUL, time = FIRST, change: Partial<Rfc3161Anchor> = {}, wish: Wish = {}): Anchor {
  const anchored = { ...note(5), ...change };
  return formatAnchor({ type: 'rfc3161', token: stamp(utf8(anchored.note), time, signer, wish), crls: [], renewals: [], ...anchored });
}

/** A renewal of the last token of an anchor, in a tree with others. */
function renewal(before: KeptToken, time: string, signer = BUSAN, change: Partial<Renewal> = {}): Renewal {
  const renewedCrls = change.renewedCrls ?? [];
  const leaves = [utf8('another token'), renewedBytes(before, renewedCrls), utf8('a third')].map((leaf) => leafHash(leaf));
  const root = merkleRoot(leaves);
  return { size: 3, index: 1, path: inclusionPath(1, leaves), renewedCrls, token: stamp(root, time, signer), crls: [], ...change };
}

const proofWith = (anchors: readonly Anchor[], proof = PROOF) => formatProof({ ...proof, anchors });

type Expected = StatedTime['anchors'][number] extends infer E ? (E extends unknown ? Omit<E, 'anchor'> : never) : never;
const NOTHING = { notBefore: null, notAfter: null, owners: [] };
const counted = (source: string, time: string): Expected => ({ source, time });
const not = (fault: string): Expected => ({ fault });

function vector(about: string, proof: string, time: Omit<StatedTime, 'anchors'>, anchors: readonly Expected[], more: Partial<Vector> = {}): Vector {
  const stated = anchors.map((each, i) => ({ anchor: i, ...each })) as StatedTime['anchors'];
  return {
    about,
    proof,
    document: DOCUMENT.toString('hex'),
    trust: BOTH,
    expected: { verdict: 'verified', failed: [], time: { ...time, anchors: stated } },
    ...more,
  };
}

/** One anchor that does not count. The proof stays verified. */
const spoiled = (about: string, anchor: Anchor, fault: string, more: Partial<Vector> = {}) =>
  vector(about, proofWith([anchor]), NOTHING, [not(fault)], more);
/** One anchor that counts. */
const good = (about: string, anchor: Anchor, source = 'seoul', time = AT.first, more: Partial<Vector> = {}) =>
  vector(about, proofWith([anchor]), { ...NOTHING, notAfter: time, owners: [source] }, [counted(source, time)], more);
const failing = (expected: Vector['expected'], verdict: string, ...failed: [number, string][]): Vector['expected'] => ({
  ...expected,
  verdict,
  failed: failed.map(([step, code]) => ({ step, code })),
});
const edited = (anchor: Anchor, change: Record<string, unknown>) => ({ ...anchor, ...change }) as Anchor;
const without = (anchor: Anchor, member: string) => Object.fromEntries(Object.entries(anchor).filter(([key]) => key !== member)) as Anchor;

function tokenCases(): Record<string, Vector> {
  const plain = rfc3161();
  const two = [rfc3161(), rfc3161(BUSAN, LATER, note(6))];
  const both = { ...NOTHING, notAfter: AT.first, owners: ['seoul', 'busan'] };
  const twoOf = (about: string, trust: string, owners: string[], names = ['seoul', 'busan']) =>
    vector(about, proofWith(two), { ...both, owners }, [counted(names[0] ?? '', AT.first), counted(names[1] ?? '', AT.later)], { trust });
  const missing = twoOf('two demanded, and one of two is there', `${BOTH}#times 2\n`, ['seoul']);
  const anchored = note(5);
  return {
    'token': good('a token of an authority', plain),
    'token-over-largest-note': good('over the newest checkpoint', rfc3161(SEOUL, FIRST, note(8))),
    'token-over-smallest-note': good('over the first checkpoint that covers the block', rfc3161(SEOUL, FIRST, note(4))),
    'token-expired-since': good('the certificates have ended long ago', plain, 'seoul', AT.first, { now: '2060-01-01T00:00:00Z' }),
    'token-of-leaf-pinned': good('the certificate of the authority itself is pinned', plain, 'seoul', AT.first, { trust: `${TRUST}#tsa seoul ${toBase64(SEOUL.der)}\n` }),
    'token-source-named-by-owner': good('a source with an owner', plain, 'seoul', AT.first, {
      trust: `${TRUST}#tsa seoul ${toBase64(SEOUL_ROOT.der)} owner korea # since 2026\n`,
      expected: { verdict: 'verified', failed: [], time: { ...NOTHING, notAfter: AT.first, owners: ['korea'], anchors: [{ anchor: 0, source: 'seoul', time: AT.first }] } },
    }),
    'two-tokens': twoOf('two authorities; the earlier time is the bound', BOTH, ['seoul', 'busan']),
    'two-tokens-demanded': twoOf('two are demanded', `${BOTH}#times 2\n`, ['seoul', 'busan']),
    'two-sources-of-one-owner': twoOf('two authorities of one owner are one source', `${TRUST + SEOUL_LINE}#tsa busan ${toBase64(BUSAN_ROOT.der)} owner seoul\n`, ['seoul']),
    'two-sources-of-one-owner-demanded': (() => {
      const one = twoOf('two are demanded, two authorities of one owner have stamped', `${TRUST + SEOUL_LINE}#tsa busan ${toBase64(BUSAN_ROOT.der)} owner seoul\n#tsa tokyo ${toBase64(STRANGER_ROOT.der)}\n#times 2\n`, ['seoul']);
      return { ...one, expected: failing(one.expected, 'untrusted', [10, 'time_missing']) };
    })(),
    'two-tokens-of-one-source': vector('one authority twice is one source', proofWith([plain, rfc3161(SEOUL, LATER)]), { ...NOTHING, notAfter: AT.first, owners: ['seoul'] }, [counted('seoul', AT.first), counted('seoul', AT.later)]),
    'two-demanded-one-present': {
      ...missing,
      proof: proofWith([plain]),
      expected: { verdict: 'untrusted', failed: [{ step: 10, code: 'time_missing' }], time: { ...NOTHING, notAfter: AT.first, owners: ['seoul'], anchors: [{ anchor: 0, source: 'seoul', time: AT.first }] } },
    },
    'one-demanded-none-present': { ...missing, about: 'one demanded, and no anchor at all', proof: proofWith([]), trust: `${BOTH}#times 1\n`, expected: { verdict: 'untrusted', failed: [{ step: 10, code: 'time_missing' }] } },
    'one-demanded-foreign-present': { ...spoiled('one demanded, and the anchor is of a stranger', rfc3161(STRANGER), 'untrusted_root'), trust: `${BOTH}#times 1\n`, expected: { verdict: 'untrusted', failed: [{ step: 10, code: 'time_missing' }], time: { ...NOTHING, anchors: [{ anchor: 0, fault: 'untrusted_root' }] } } },
    'sealed-too-late': vector('the stated time of sealing is after the token', proofWith([rfc3161(SEOUL, '20260102030405Z')]), { ...NOTHING, notAfter: '2026-01-02T03:04:06.000Z', owners: ['seoul'], conflict: 'sealed_too_late' }, [counted('seoul', '2026-01-02T03:04:06.000Z')]),
    'no-policy': { ...spoiled('nobody is trusted', plain, 'untrusted_note'), trust: null, expected: { verdict: 'untrusted', failed: [{ step: 8, code: 'no_trusted_key' }], time: { ...NOTHING, anchors: [{ anchor: 0, fault: 'untrusted_note' }] } } },
    'no-authority-trusted': spoiled('the policy names no authority', plain, 'untrusted_source', { trust: TRUST }),
    'token-of-a-stranger': spoiled('an authority that the policy does not name', rfc3161(STRANGER), 'untrusted_root'),
    'token-of-another-note': spoiled('the token is over another checkpoint', edited(plain, { token: rfc3161(SEOUL, FIRST, note(6))['token'] }), 'imprint_mismatch'),
    'token-over-the-root-alone': spoiled('the token is over the root, not the signed note', edited(plain, { token: toBase64(stamp(Buffer.from(anchored.note.split('\n')[2] ?? '', 'base64'), FIRST)) }), 'imprint_mismatch'),
    'token-over-the-text-alone': spoiled('the token is over the text without its signature', edited(plain, { token: toBase64(stamp(utf8(anchored.note.slice(0, anchored.note.indexOf('\n\n') + 1)), FIRST)) }), 'imprint_mismatch'),
    'token-changed': spoiled('one bit of the token flipped', edited(plain, { token: flipLast(tokenOfAnchor(plain)) }), 'bad_signature'),
    'token-empty': spoiled('no bytes', edited(plain, { token: '' }), 'not_der'),
    'token-not-der': spoiled('a token with a byte behind it', edited(plain, { token: toBase64(concat(Buffer.from(tokenOfAnchor(plain), 'base64'), Uint8Array.of(0))) }), 'not_der'),
    'token-too-large': { ...spoiled('a token of more than half a megabyte', plain, 'too_large'), proof: hugeToken(plain) },
    'token-for-code-signing': spoiled('its certificate is for another purpose', rfc3161(x.tsa({ extensions: [x.SIGNING, x.purposes(true, x.CODE_SIGNING)] })), 'purpose_other'),
    'token-purpose-not-critical': spoiled('its purpose is not critical', rfc3161(x.tsa({ extensions: [x.SIGNING, x.purposes(false, TIME_STAMPING)] })), 'purpose_not_critical'),
    'token-expired': spoiled('its certificate had ended at its time', rfc3161(x.tsa({ until: '2025-12-31T00:00:00Z' })), 'expired'),
    'token-not-yet-valid': spoiled('its certificate was not valid yet', rfc3161(x.tsa({ from: '2026-06-01T00:00:00Z' })), 'not_yet_valid'),
    'token-revoked-before': spoiled('its certificate was revoked before', rfc3161(SEOUL, FIRST, { crls: [x.crl(SEOUL_ROOT, '2026-02-01T00:00:00Z', [{ serial: 77, at: '2026-01-01T00:00:00Z', reason: x.REASON.superseded }])] }), 'revoked'),
    'token-revoked-later': good('its certificate was given up later', rfc3161(SEOUL, FIRST, { crls: [x.crl(SEOUL_ROOT, '2026-02-01T00:00:00Z', [{ serial: 77, at: '2026-01-20T00:00:00Z', reason: x.REASON.superseded }])] })),
    'crl-of-a-stranger': good('a revocation list that a stranger has signed says nothing', rfc3161(SEOUL, FIRST, { crls: [x.crl(SEOUL_ROOT, '2026-02-01T00:00:00Z', [{ serial: 77, at: '2025-01-01T00:00:00Z' }], [], ecKey('stranger root'))] })),
    'crl-malformed': good('a revocation list that is none says nothing', rfc3161(SEOUL, FIRST, { crls: [utf8('a list')] })),
    'note-of-another-log': spoiled('a checkpoint of another log, genuine and trusted', rfc3161(SEOUL, FIRST, makeLog({ blocks: 8, origin: OTHER_LOG.key.name, signer: OTHER_LOG }).note(5)), 'note_of_another_log', { trust: `${BOTH}log ${vkey(OTHER_LOG)}\n` }),
    'note-of-a-namesake': spoiled('a checkpoint that another key of the name has signed', rfc3161(SEOUL, FIRST, note(5, NAMESAKE)), 'untrusted_note'),
    'note-forged': spoiled('a checkpoint whose signature is not good', rfc3161(SEOUL, FIRST, { note: flipSignatureOf(anchored.note) }), 'bad_note_signature'),
    'note-signed-by-a-stranger': spoiled('a line of a key that nobody knows', rfc3161(SEOUL, FIRST, { note: anchored.note.replaceAll(`— ${LOG.key.name} `, '— stranger ') }), 'untrusted_note'),
    'note-unsigned': spoiled('a checkpoint without signature lines', rfc3161(SEOUL, FIRST, { note: anchored.note.slice(0, anchored.note.indexOf('\n\n') + 2) }), 'malformed_anchor'),
    'note-of-retired-key': spoiled('of a key that was retired before', plain, 'untrusted_note', {
      trust: `${SEOUL_LINE}#retired-log ${vkey(LOG)} 4\nlog ${vkey(NAMESAKE)}\nquorum none\n`,
      expected: { verdict: 'untrusted', failed: [{ step: 8, code: 'untrusted_log' }], time: { ...NOTHING, anchors: [{ anchor: 0, fault: 'untrusted_note' }] } },
    }),
    'note-before-retirement': {
      ...good('the anchored checkpoint is of a time when the key was in force', plain),
      trust: `${SEOUL_LINE}#retired-log ${vkey(LOG)} 5\nlog ${vkey(NAMESAKE)}\nquorum none\n`,
      expected: { verdict: 'untrusted', failed: [{ step: 8, code: 'untrusted_log' }], time: { ...NOTHING, notAfter: AT.first, owners: ['seoul'], anchors: [{ anchor: 0, source: 'seoul', time: AT.first }] } },
    },
    'note-smaller-than-the-block': spoiled('a checkpoint from before the block', rfc3161(SEOUL, FIRST, note(3)), 'note_too_small'),
    'note-without-the-block': spoiled('another history of the same log, signed with the same key', rfc3161(SEOUL, FIRST, makeLog({ blocks: 8, sealedAt: 1767323046790 }).note(5)), 'note_path_mismatch'),
    'note-with-extension': spoiled('a checkpoint with a fourth line', rfc3161(SEOUL, FIRST, { note: anchored.note.replace('\n\n', '\nmore\n\n') }), 'malformed_anchor'),
    'note-not-a-checkpoint': spoiled('a note that is no checkpoint', rfc3161(SEOUL, FIRST, { note: anchored.note.replace('\n5\n', '\n05\n') }), 'malformed_anchor'),
    'note-with-cosignature': spoiled('a line more than what was stamped', edited(plain, { note: `${anchored.note}— w1.example AAAAAAA=\n` }), 'imprint_mismatch'),
    'path-too-short': spoiled('a hash is missing', edited(plain, { path: anchored.path.slice(1).map(toBase64) }), 'note_path_mismatch'),
    'path-too-long': spoiled('a hash too many', edited(plain, { path: [...anchored.path, anchored.path[0] ?? new Uint8Array(32)].map(toBase64) }), 'note_path_mismatch'),
    'path-wrong': spoiled('a wrong hash', edited(plain, { path: anchored.path.map(() => toBase64(new Uint8Array(32))) }), 'note_path_mismatch'),
    'anchor-of-another-proof': spoiled('a genuine anchor of another block', copied(), 'note_path_mismatch'),
    'one-good-among-bad': vector('a good anchor between broken ones', proofWith([edited(plain, { token: '?' }), plain, { type: 'sundial' }]), { ...NOTHING, notAfter: AT.first, owners: ['seoul'] }, [not('malformed_anchor'), counted('seoul', AT.first), not('unknown_type')]),
    'invalid-with-anchor': (() => {
      const given = good('the anchor counts, and the proof is of another document', plain, 'seoul', AT.first, { document: '00' });
      return { ...given, expected: failing(given.expected, 'invalid', [1, 'document_digest_mismatch']) };
    })(),
    'token-33rd': vector('more stamps than are looked at', proofWith(Array<Anchor>(33).fill(rfc3161(STRANGER))), NOTHING, [...Array<Expected>(32).fill(not('untrusted_root')), not('too_many_stamps')]),
  };
}

function malformedCases(): Record<string, Vector> {
  const plain = rfc3161();
  const beacon = formatAnchor({ type: 'beacon', statement: '{}', headerPath: [] });
  const renewed = { size: 1, index: 0, path: [], renewedCrls: [], token: '', crls: [] };
  const cases: Record<string, Vector> = {
    'document-renewal': { ...vector('a document renewal, which says nothing of the block', proofWith([{ type: 'document-renewal', proof: '', token: '', crls: [] }]), NOTHING, []), expected: { verdict: 'verified', failed: [] } },
    'unknown-type': spoiled('a type that nobody knows', { type: 'sundial', data: 'AQI=' }, 'unknown_type'),
    'type-of-another-spelling': spoiled('another spelling of a type', edited(plain, { type: 'RFC3161' }), 'unknown_type'),
    'anchor-nothing-else': spoiled('a type and nothing else', { type: 'rfc3161' }, 'malformed_anchor'),
    'anchor-with-more': spoiled('a member that the type does not have', edited(plain, { time: 1 }), 'malformed_anchor'),
    'anchor-proto': spoiled('a member that is special in JavaScript only', JSON.parse(JSON.stringify({ ...plain, token: 1 }).replace('"token"', '"__proto__"')) as Anchor, 'malformed_anchor'),
    'token-number': spoiled('a number for a string', edited(plain, { token: 1 }), 'malformed_anchor'),
    'token-url-alphabet': spoiled('base64 for addresses', edited(plain, { token: '-_-_' }), 'malformed_anchor'),
    'path-string': spoiled('a string for an array', edited(plain, { path: 'AAAA' }), 'malformed_anchor'),
    'path-hash-short': spoiled('a hash of 31 bytes', edited(plain, { path: [toBase64(new Uint8Array(31))] }), 'malformed_anchor'),
    'path-54': spoiled('more hashes than there may be', edited(plain, { path: Array<string>(54).fill(toBase64(new Uint8Array(32))) }), 'malformed_anchor'),
    'crls-9': spoiled('more lists than there may be', edited(plain, { crls: Array<string>(9).fill('') }), 'malformed_anchor'),
    'renewed-crls-9': spoiled('more lists of a renewal than there may be', edited(plain, { renewals: [{ ...renewed, renewedCrls: Array<string>(9).fill('') }] }), 'malformed_anchor'),
    'renewal-without-renewed-crls': spoiled('a renewal without a member', edited(plain, { renewals: [without(renewed as unknown as Anchor, 'renewedCrls')] }), 'malformed_anchor'),
    'renewals-65': spoiled('more renewals than there may be', edited(plain, { renewals: Array<unknown>(65).fill(renewed) }), 'malformed_anchor'),
    'renewal-string': spoiled('a renewal that is no object', edited(plain, { renewals: [''] }), 'malformed_anchor'),
    'renewal-null': spoiled('a renewal that is null', edited(plain, { renewals: [null] }), 'malformed_anchor'),
    'renewal-with-more': spoiled('a renewal with a member too many', edited(plain, { renewals: [{ ...renewed, note: '' }] }), 'malformed_anchor'),
    'renewal-index-negative': spoiled('an index below 0', edited(plain, { renewals: [{ ...renewed, index: -1 }] }), 'malformed_anchor'),
    'beacon-statement-object': spoiled('a statement that is no string', edited(beacon, { statement: {} }), 'malformed_anchor'),
  };
  for (const member of ['note', 'path', 'token', 'crls', 'renewals'])
    cases[`without-${member}`] = spoiled(`no ${member}`, without(plain, member), 'malformed_anchor');
  return cases;
}

/** An anchor of block 3 of another log with the same blocks before it. */
function copied(): Anchor {
  const anchored = LOG_OF({ index: 1 }).note(5);
  return rfc3161(SEOUL, FIRST, anchored);
}

const tokenOfAnchor = ({ token }: Anchor) => (typeof token === 'string' ? token : '');

function flipLast(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  return bytes.toString('base64');
}

function flipSignatureOf(text: string): string {
  return text.replace(/(?<= )\S+(?=\n$)/, (encoded) => flipLast(encoded));
}

function hugeToken(anchor: Anchor): Vector['proof'] {
  const [before = '', after = ''] = proofWith([edited(anchor, { token: '@' })]).split('@');
  return { pieces: [[before, 1], ['MIAA', 200_000], [after, 1]] };
}

const RENEWED = '20280601000000Z';
const LEAK = '2029-03-01T00:00:00Z';

/** In 2031. The first authority's certificate ended with 2029, and its key was stolen before. */
function renewalCases(): Record<string, Vector> {
  const now = '2031-05-01T00:00:00Z';
  const leakedList = x.crl(SEOUL_ROOT, '2030-01-01T00:00:00Z', [{ serial: 77, at: LEAK, reason: x.REASON.keyCompromise }]);
  const leaked = toBase64(leakedList);
  const anchored: AnchoredNote = note(5);
  const kept = { token: stamp(utf8(anchored.note), FIRST), crls: [x.crl(SEOUL_ROOT, '2026-01-03T00:00:00Z', [])] };
  const anchor = (...renewals: Renewal[]) => formatAnchor({ type: 'rfc3161', ...anchored, ...kept, renewals });
  const first = renewal(kept, RENEWED);
  const at2031 = { now, crls: [leaked] };
  const late = renewal(kept, '20290601000000Z');
  const shortLived = x.tsa({ subject: x.name('Busan TSA'), key: ecKey('busan tsa'), issuer: BUSAN_ROOT, serial: 6, until: '2028-01-01T00:00:00Z' });
  const second = renewal(first, '20300601000000Z', BUSAN);
  const listAt = (asOf: string, at: string, reason: number) => x.crl(SEOUL_ROOT, asOf, [{ serial: 77, at, reason }]);
  const withList = (list: Uint8Array, time = RENEWED) => renewal(kept, time, BUSAN, { renewedCrls: [list] });
  const newer = x.crl(SEOUL_ROOT, '2028-05-31T00:00:00Z', []);
  const givenUp = listAt('2028-05-31T00:00:00Z', '2027-01-01T00:00:00Z', x.REASON.superseded);
  const busanLeaked = toBase64(x.crl(BUSAN_ROOT, '2031-01-01T00:00:00Z', [{ serial: 5, at: '2029-01-01T00:00:00Z', reason: x.REASON.keyCompromise }]));
  return {
    'renewed-before-the-leak': good('renewed before the key was stolen', anchor(first), 'seoul', AT.first, at2031),
    'not-renewed': spoiled('the key was stolen, and nothing shows that the token is older', anchor(), 'revoked', at2031),
    'not-renewed-list-in-anchor': spoiled('the same list, in the anchor', edited(anchor(), { crls: [leaked] }), 'revoked', { now }),
    'not-renewed-and-not-known': good('the same, and the verifier has no list', anchor(), 'seoul', AT.first, { now }),
    'renewed-after-the-leak': spoiled('renewed after the key was stolen', anchor(late), 'revoked', at2031),
    'renewed-with-list': good('renewed with a list of that time', anchor(withList(newer)), 'seoul', AT.first, at2031),
    'renewed-with-list-given-up': good('a list of the renewal says that the certificate was given up after the token', anchor(withList(givenUp)), 'seoul', AT.first, { now }),
    'renewed-with-list-of-theft': spoiled('a list of the renewal says that the key was stolen before the renewal', anchor(withList(listAt('2028-05-31T00:00:00Z', '2027-01-01T00:00:00Z', x.REASON.keyCompromise))), 'revoked', { now }),
    'renewed-with-list-of-later-theft': good('the list says that the key was stolen, and the renewal is older', anchor(withList(leakedList)), 'seoul', AT.first, { now }),
    'renewed-with-list-of-theft-broken': spoiled('a renewal that does not count: its list counts all the same', anchor({ ...withList(leakedList), path: [] }), 'revoked', { now }),
    'renewed-with-list-removed': spoiled('the list of the renewal is not there, so the renewal is of something else', anchor({ ...withList(newer), renewedCrls: [] }), 'revoked', at2031),
    'renewed-with-list-swapped': spoiled('another list in the place of that of the renewal', anchor({ ...withList(newer), renewedCrls: [x.crl(SEOUL_ROOT, '2028-05-30T00:00:00Z', [])] }), 'revoked', at2031),
    'renewed-with-list-added': spoiled('a list that the renewal does not cover', anchor({ ...first, renewedCrls: [newer] }), 'revoked', at2031),
    'renewed-with-list-of-a-stranger': good('a list that a stranger has signed says nothing', anchor(withList(x.crl(SEOUL_ROOT, '2028-05-31T00:00:00Z', [{ serial: 77, at: '2025-01-01T00:00:00Z' }], [], ecKey('stranger root')))), 'seoul', AT.first, { now }),
    'renewed-twice-list-of-second': spoiled('the second renewal says that the key of the first was stolen between them', anchor(first, renewal(first, '20300601000000Z', BUSAN, { renewedCrls: [x.crl(BUSAN_ROOT, '2030-05-31T00:00:00Z', [{ serial: 5, at: '2029-01-01T00:00:00Z', reason: x.REASON.keyCompromise }])] })), 'revoked', at2031),
    'renewed-twice': good('renewed by two authorities, one after the other', anchor(first, second), 'seoul', AT.first, at2031),
    'renewed-twice-second-broken': good('the second renewal is malformed, and changes nothing', anchor(first, { ...second, token: utf8('?') }), 'seoul', AT.first, at2031),
    'renewed-twice-first-broken': spoiled('the first renewal is of a stranger, so the second renews nothing', anchor(...(() => {
      const foreign = renewal(kept, RENEWED, STRANGER);
      return [foreign, renewal(foreign, '20300601000000Z')];
    })()), 'revoked', at2031),
    'renewals-in-wrong-order': spoiled('the renewals are swapped', anchor(second, first), 'revoked', at2031),
    'renewal-leaked-too': spoiled('the key of the renewal was stolen before it was renewed', anchor(first), 'revoked', { now, crls: [leaked, toBase64(x.crl(BUSAN_ROOT, '2031-01-01T00:00:00Z', [{ serial: 5, at: '2028-01-01T00:00:00Z', reason: x.REASON.keyCompromise }]))] }),
    'renewal-leaked-after-second': spoiled('two renewals of one key, which was stolen between them', anchor(first, second), 'revoked', { now, crls: [leaked, busanLeaked] }),
    'renewal-expired': spoiled('the certificate of the renewal had ended', anchor(renewal(kept, RENEWED, shortLived)), 'revoked', at2031),
    'renewal-of-a-stranger': spoiled('renewed by an authority that the policy does not name', anchor(renewal(kept, RENEWED, STRANGER)), 'revoked', at2031),
    'renewal-without-the-lists': spoiled('the renewal is over the token without its lists', anchor(renewal({ ...kept, crls: [] }, RENEWED)), 'revoked', at2031),
    'renewal-path-wrong': spoiled('the path of the renewal is of another leaf', anchor({ ...first, index: 0 }), 'revoked', at2031),
    'renewal-index-outside': spoiled('the index of the renewal is outside its tree', anchor({ ...first, index: 3 }), 'revoked', at2031),
    'renewal-path-empty': spoiled('the renewal has no path', anchor({ ...first, path: [] }), 'revoked', at2031),
    'renewal-broken-without-leak': good('a renewal that does not count spoils nothing', anchor({ ...first, path: [] }), 'seoul', AT.first, { now }),
    'renewal-before-the-token': spoiled('the renewal is older than what it renews', anchor(renewal(kept, '20250601000000Z')), 'renewal_too_early', { now }),
  };
}

/** Headers that no miner has made: below a pin, the pin speaks for them. */
function bitcoinCases(): Record<string, Vector> {
  const anchored = note(5);
  const end: Timestamp = { attestations: [{ type: 'bitcoin', height: 2 }], branches: [] };
  const operations = [{ name: 'append', argument: utf8('a nonce') }, { name: 'sha256' }] as const;
  const otsOf = (text: string, timestamp = end, steps: readonly ({ name: 'append'; argument: Uint8Array } | { name: 'sha256' | 'sha1' })[] = operations) =>
    formatOts({ digest: sha256(utf8(text)), timestamp: after(steps, timestamp) });
  const merkle = sha256(concat(sha256(utf8(anchored.note)), utf8('a nonce')));
  // 2026-01-02 04:00:00
  const header = headerOf(merkle, 1767326400);
  const headers = [headerOf(sha256('0'), 1), headerOf(sha256('1'), 2), header, headerOf(sha256('3'), 4), headerOf(sha256('4'), 5)];
  const leaves = headers.map((each) => leafHash(each));
  const pin = `#bitcoin 4 ${toBase64(merkleRoot(leaves))}\n`;
  const trust = TRUST + pin;
  const parts = { ...anchored, ots: otsOf(anchored.note), header, height: 2, headerPath: inclusionPath(2, leaves), following: [] };
  const anchor = (change: object = {}) => formatAnchor({ type: 'bitcoin', ...parts, ...change });
  const time = '2026-01-02T06:00:00.000Z';
  const bad = (about: string, change: object, fault: string, more: Partial<Vector> = {}) => spoiled(about, anchor(change), fault, { trust, ...more });
  const real = bitcoinVectors().headers['block-562463'];
  const realHeader = new Uint8Array(Buffer.from(real?.header ?? '', 'hex'));
  const deep = Array.from({ length: 300 }, () => ({ name: 'sha256' }) as const);
  const tooDeep = Buffer.concat([otsOf(anchored.note).subarray(0, 65), Buffer.alloc(300, 8), Buffer.from('000588960d73d719010102', 'hex')]);
  return {
    bitcoin: good('a Bitcoin block whose header is pinned', anchor(), 'bitcoin', time, { trust }),
    'bitcoin-demanded': good('Bitcoin is one source', anchor(), 'bitcoin', time, { trust: `${trust}#times 1\n` }),
    'bitcoin-and-token': vector('Bitcoin and an authority are two sources', proofWith([anchor(), rfc3161()]), { ...NOTHING, notAfter: AT.first, owners: ['bitcoin', 'seoul'] }, [counted('bitcoin', time), counted('seoul', AT.first)], { trust: `${trust + SEOUL_LINE}#times 2\n` }),
    'bitcoin-two-pins': good('one of two pins', anchor(), 'bitcoin', time, { trust: `${TRUST}#bitcoin 3 ${toBase64(merkleRoot(leaves.slice(0, 4)))}\n${pin}` }),
    'bitcoin-not-trusted': spoiled('the policy has no pin', anchor(), 'untrusted_source'),
    'bitcoin-other-pin': bad('the pin is over other headers', {}, 'not_in_pinned_tree', { trust: `${TRUST}#bitcoin 4 ${toBase64(sha256('other headers'))}\n` }),
    'bitcoin-pin-of-other-height': bad('the same root with another height', {}, 'not_in_pinned_tree', { trust: `${TRUST}#bitcoin 8 ${toBase64(merkleRoot(leaves))}\n` }),
    'bitcoin-above-the-pin-without-work': bad('above the pin, and made by anybody', {}, 'proof_of_work', { trust: `${TRUST}#bitcoin 1 ${toBase64(merkleRoot(leaves.slice(0, 2)))}\n` }),
    'bitcoin-above-the-pin-of-2019': bad('above the pin, a genuine header of 2019 with another root', { header: realHeader }, 'merkle_root_mismatch', { trust: `${TRUST}#bitcoin 1 ${toBase64(merkleRoot(leaves.slice(0, 2)))}\n` }),
    'bitcoin-header-path-missing': bad('no path to the pin', { headerPath: [] }, 'not_in_pinned_tree'),
    'bitcoin-header-path-wrong': bad('a path of another header', { headerPath: inclusionPath(1, leaves) }, 'not_in_pinned_tree'),
    'bitcoin-other-height': bad('a height that the file does not name', { height: 3 }, 'no_attestation'),
    'bitcoin-other-header': bad('another header of the tree', { header: headers[1] }, 'merkle_root_mismatch'),
    'bitcoin-header-time-changed': bad('an earlier time in the header', { header: headerOf(merkle, 1767322800) }, 'not_in_pinned_tree'),
    'bitcoin-header-target': bad('a target that Bitcoin would not write', { header: headerOf(merkle, 1767326400, 0x00ffff1d) }, 'malformed_bitcoin_header'),
    'bitcoin-of-another-note': bad('the file is of another checkpoint', { ots: otsOf(note(6).note) }, 'digest_mismatch'),
    'bitcoin-pending': bad('a calendar has promised, and no more', { ots: otsOf(anchored.note, { attestations: [{ type: 'pending', url: 'https://a.calendar.example' }], branches: [] }) }, 'no_attestation'),
    'bitcoin-by-sha1': bad('the way leads over SHA-1', { ots: otsOf(anchored.note, end, [{ name: 'sha1' }, { name: 'sha256' }]) }, 'no_attestation'),
    'bitcoin-ots-garbage': bad('no OpenTimestamps file', { ots: utf8('ots') }, 'malformed_ots'),
    'bitcoin-ots-trailing': bad('a byte behind the file', { ots: concat(otsOf(anchored.note), Uint8Array.of(0)) }, 'malformed_ots'),
    'bitcoin-ots-too-deep': bad('300 operations one after the other', { ots: new Uint8Array(tooDeep) }, 'malformed_ots'),
    'bitcoin-ots-too-long': bad('a file of 70,000 bytes', { ots: new Uint8Array(70_000) }, 'malformed_ots'),
    'bitcoin-header-81': spoiled('a header of 81 bytes', edited(anchor(), { header: toBase64(new Uint8Array(81)) }), 'malformed_anchor', { trust }),
    'bitcoin-height-string': spoiled('a height that is a string', edited(anchor(), { height: '2' }), 'malformed_anchor', { trust }),
    'bitcoin-following-2017': spoiled('more headers behind it than there may be', edited(anchor(), { following: Array<string>(2017).fill('') }), 'malformed_anchor', { trust }),
    'bitcoin-note-smaller-than-the-block': bad('a checkpoint from before the block', { ...note(3), ots: otsOf(note(3).note) }, 'note_too_small'),
    [`bitcoin-ots-${deep.length - 50}-operations`]: bad('as deep as may be, and to no block of this header', { ots: otsOf(anchored.note, end, deep.slice(0, 250)) }, 'merkle_root_mismatch'),
  };
}

/** A header of Bitcoin, unmined. */
function headerOf(root: Uint8Array, time: number, bits = 0x1d00ffff): Uint8Array {
  const bytes = Buffer.alloc(80);
  bytes.writeInt32LE(2, 0);
  bytes.set(root, 36);
  bytes.writeUInt32LE(time, 68);
  bytes.writeUInt32LE(bits, 72);
  return new Uint8Array(bytes);
}

const ZERO = '00'.repeat(32);

function beaconCases(): Record<string, Vector> {
  const { chains, rounds, forged } = drandVectors();
  const quicknet = chains['quicknet'];
  if (quicknet === undefined) throw new Error('no such chain');
  const { hash, publicKey, genesis, period, seed, id } = quicknet;
  const line = `#beacon drand ${hash} ${publicKey} ${genesis} ${period} ${seed} ${id}\n`;
  const round = rounds.at(-1) ?? { round: 0, signature: '', time: 0 };
  const drand = (number = round.round, signature = round.signature, chain = hash) => `{"chain":"${chain}","round":${number},"signature":"${signature}","type":"drand"}`;
  const header = headerOf(sha256('a block'), 1767319200); // 2026-01-02 02:00:00
  const bitcoin = `{"header":"${Buffer.from(header).toString('hex')}","height":1,"type":"bitcoin"}`;
  const leaves = [headerOf(sha256('0'), 1), header, headerOf(sha256('2'), 3)].map((each) => leafHash(each));
  const pin = `#bitcoin 2 ${toBase64(merkleRoot(leaves))}\n`;
  const statementOf = (beacons: string, map = `{"changes":"${ZERO}","records":0,"root":"${ZERO}"}`) => `{"beacons":[${beacons}],"format":"ingam-state-v1","map":${map}}`;
  const trust = BOTH + line + pin;
  const make = (statement: string, more: readonly Anchor[] = [], headerPath: readonly Uint8Array[] = inclusionPath(1, leaves), sealed: ProofWish = {}) => {
    const { proof } = LOG_OF({ ...sealed, header: { state: sha256(utf8(statement)) } });
    return proofWith([formatAnchor({ type: 'beacon', statement, headerPath }), ...more], proof);
  };
  const at = new Date(round.time).toISOString();
  const bitcoinAt = '2026-01-02T00:00:00.000Z';
  const lower = (about: string, proof: string, notBefore: string, anchors: Expected[], more: Partial<Vector> = {}) =>
    vector(about, proof, { ...NOTHING, notBefore }, anchors, { trust, ...more });
  const bad = (about: string, statement: string, fault: string, more: Partial<Vector> = {}) =>
    vector(about, make(statement), NOTHING, [not(fault)], { trust, ...more });
  const { proof: stated, note: noteOf } = LOG_OF({ header: { state: sha256(utf8(statementOf(drand()))) } });
  const genuine = formatAnchor({ type: 'beacon', statement: statementOf(drand()), headerPath: [] });
  const forgedRound = forged['round-after'] ?? { round: 0, signature: '' };
  return {
    'beacon-drand': lower('a round of drand', make(statementOf(drand())), at, [counted('drand', at)]),
    'beacon-bitcoin': lower('a pinned header of Bitcoin', make(statementOf(bitcoin)), bitcoinAt, [counted('bitcoin', bitcoinAt)]),
    'beacon-both': {
      ...lower('both; the later one is the bound', make(statementOf(`${bitcoin},${drand()}`)), bitcoinAt, []),
      expected: { verdict: 'verified', failed: [], time: { ...NOTHING, notBefore: bitcoinAt, anchors: [{ anchor: 0, source: 'bitcoin', time: bitcoinAt }, { anchor: 0, source: 'drand', time: at }] } },
    },
    'beacon-with-map': lower('a beacon beside a map', make(statementOf(drand(), `{"changes":"${'2e'.repeat(32)}","records":3,"root":"${'1f'.repeat(32)}"}`)), at, [counted('drand', at)]),
    'beacon-is-no-source': {
      ...lower('one source demanded: a beacon is none', make(statementOf(drand())), at, []),
      trust: `${trust}#times 1\n`,
      expected: { verdict: 'untrusted', failed: [{ step: 10, code: 'time_missing' }], time: { ...NOTHING, notBefore: at, anchors: [{ anchor: 0, source: 'drand', time: at }] } },
    },
    interval: {
      about: 'a beacon and a token: registered between two times',
      proof: proofWith([genuine, rfc3161(SEOUL, FIRST, noteOf(5))], stated),
      document: DOCUMENT.toString('hex'),
      trust,
      expected: { verdict: 'verified', failed: [], time: { notBefore: at, notAfter: AT.first, owners: ['seoul'], anchors: [{ anchor: 0, source: 'drand', time: at }, { anchor: 1, source: 'seoul', time: AT.first }] } },
    },
    'beacon-twice': lower('the same beacon twice', make(statementOf(drand()), [genuine]), at, [counted('drand', at), counted('drand', at)]),
    'sealed-too-early': vector('the stated time of sealing is before the beacon', make(statementOf(drand()), [], [], { sealedAt: round.time - 1, acceptedAt: round.time - 2 }), { ...NOTHING, notBefore: at, conflict: 'sealed_too_early' }, [counted('drand', at)], { trust }),
    'sources-contradict': (() => {
      const { proof, note: other } = LOG_OF({ header: { state: sha256(utf8(statementOf(bitcoin))) } });
      const early = x.tsa({ from: '2020-01-01T00:00:00Z' });
      const anchors = [formatAnchor({ type: 'beacon', statement: statementOf(bitcoin), headerPath: inclusionPath(1, leaves) }), rfc3161(early, '20250601000000Z', other(5))];
      return vector('a token from before the beacon', proofWith(anchors, proof), { notBefore: bitcoinAt, notAfter: '2025-06-01T00:00:01.000Z', owners: ['seoul'], conflict: 'sources' }, [counted('bitcoin', bitcoinAt), counted('seoul', '2025-06-01T00:00:01.000Z')], { trust });
    })(),
    'beacon-of-another-block': vector('the statement is not the one that the header names', proofWith([genuine]), NOTHING, [not('statement_mismatch')], { trust }),
    'beacon-without-state': vector('the block has no statement', proofWith([edited(genuine, { statement: '' })]), NOTHING, [not('statement_mismatch')], { trust }),
    'beacon-later-round-in-statement': vector('another round than the block has named', proofWith([edited(genuine, { statement: statementOf(drand(1000, rounds[1]?.signature)) })], stated), NOTHING, [not('statement_mismatch')], { trust }),
    'beacon-statement-reformatted': vector('the same statement in another spelling', proofWith([edited(genuine, { statement: `${statementOf(drand())} ` })], stated), NOTHING, [not('statement_mismatch')], { trust }),
    'beacon-forged': bad('a round whose signature is of another', statementOf(drand(forgedRound.round, forgedRound.signature)), 'bad_signature'),
    'beacon-no-point': bad('a signature that is no point', statementOf(drand(7, '00'.repeat(48))), 'bad_signature'),
    'beacon-unknown-chain': bad('a chain that the policy does not name', statementOf(drand(7, round.signature, '11'.repeat(32))), 'unknown_chain'),
    'beacon-no-chain-trusted': bad('the policy names no chain', statementOf(drand()), 'untrusted_source', { trust: TRUST }),
    'beacon-no-pin': bad('the policy has no pin', statementOf(bitcoin), 'untrusted_source', { trust: BOTH + line }),
    'beacon-bitcoin-not-pinned': bad('a header that is not in the pinned tree', statementOf(bitcoin), 'not_in_pinned_tree', { trust: `${TRUST}#bitcoin 2 ${toBase64(sha256('other headers'))}\n` }),
    'beacon-bitcoin-without-work': bad('above the pin, a header that nobody has mined', statementOf(bitcoin), 'proof_of_work', { trust: `${TRUST}#bitcoin 0 ${toBase64(merkleRoot(leaves.slice(0, 1)))}\n` }),
    'statement-without-beacon': bad('a statement about the map alone', statementOf('', `{"changes":"${ZERO}","records":1,"root":"${'1f'.repeat(32)}"}`), 'no_beacon'),
    'statement-malformed': bad('a statement that the log should not have sealed', '{"format":"ingam-state-v1"}', 'malformed_state'),
    'statement-of-two-rounds': bad('two beacons of one type', statementOf(`${drand()},${drand()}`), 'malformed_state'),
    'statement-too-long': bad('a statement of more than 4096 bytes', statementOf(`${drand()}${' '.repeat(4096)}`), 'malformed_state'),
  };
}

export function timeCases(): Record<string, Vector> {
  return { ...tokenCases(), ...malformedCases(), ...renewalCases(), ...bitcoinCases(), ...beaconCases() };
}
