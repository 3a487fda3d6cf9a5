import { ED25519, formatProof, toBase64, verifierKey } from '../../../src/proof/index.js';
import type { Vector } from '../load.js';
import { makeProof, proofText, type Wish } from './chain.js';
import { edited, flip, flipSignature, withLine } from './edit.js';
import { invalid } from './expect.js';
import { cosign, LOG, NAMESAKE, ORIGIN, QUORUM_TRUST, sha256, vkey, WITNESSES } from './keys.js';

const LOGGED = '7 log_root_mismatch';
const SIGNED = '8 bad_log_signature';

export function logCases(): Record<string, Vector> {
  const path = (about: string, edit: (path: unknown[]) => unknown[], failed: string[]) =>
    invalid(about, edited((file) => (file.log.path = edit(file.log.path))), failed);
  const note = (about: string, edit: (note: string) => string, failed: string[], wish?: Wish, more?: Partial<Vector>) =>
    invalid(about, edited((file) => (file.log.checkpoint = edit(file.log.checkpoint)), wish), failed, more);
  const cosigned: [Wish, Partial<Vector>] = [{ cosigners: [1, 2, 3] }, { trust: QUORUM_TRUST }];
  const hash = toBase64(sha256('one more'));
  const neutral = {
    key: verifierKey(ORIGIN, ED25519, Uint8Array.of(1, ...new Uint8Array(31))),
    sign: () => Uint8Array.of(1, ...new Uint8Array(63)),
  };
  const forged = { key: LOG.key, sign: NAMESAKE.sign.bind(NAMESAKE) };
  return {
    'log-path-too-short': path('the last hash is missing', (hashes) => hashes.slice(0, -1), ['7 log_path_length']),
    'log-path-too-long': path('one hash too many', (hashes) => [...hashes, hash], ['7 log_path_length']),
    'log-path-swapped': path('two hashes have changed places', ([a, b, ...rest]) => [b, a, ...rest], [LOGGED]),
    'log-path-flip': path('one bit of a hash flipped', ([a, ...rest]) => [flip(String(a), 0, 7), ...rest], [LOGGED]),
    'checkpoint-flip-size': note('size 7 instead of 6: the path of block 3 is good for both, so only the signature tells', (text) => withLine(text, 1, '7'), [SIGNED]),
    'checkpoint-size-smaller': note('size 4 makes a shorter path', (text) => withLine(text, 1, '4'), ['7 log_path_length', SIGNED]),
    'checkpoint-size-equals-height': note('size 3 does not have block 3', (text) => withLine(text, 1, '3'), ['7 height_outside_log', SIGNED]),
    'checkpoint-size-0': note('an empty log', (text) => withLine(text, 1, '0'), ['7 height_outside_log', SIGNED]),
    'checkpoint-size-largest': note('size 2^53 - 1', (text) => withLine(text, 1, '9007199254740991'), ['7 log_path_length', SIGNED]),
    'checkpoint-flip-root': note('one bit of the root flipped', (text) => withLine(text, 2, flip(text.split('\n')[2] ?? '', 0)), [LOGGED, SIGNED]),
    'signature-flip-first': note('one bit of the signature flipped', (text) => flipSignature(text, 0, 4), [SIGNED]),
    'signature-flip-last': note('one bit of its last byte flipped', (text) => flipSignature(text, 0, 67), [SIGNED]),
    'signature-by-other-key-same-id': invalid('signed by another key, under name and key id of the trusted one', proofText({ signer: forged }), [SIGNED]),
    'signature-of-another-checkpoint': invalid('a good signature, of another size', foreignSignature(), [SIGNED]),
    'signature-of-63-bytes': note('a byte is missing', (text) => resized(text, 67), [SIGNED]),
    'signature-of-65-bytes': note('a byte too many', (text) => resized(text, 69), [SIGNED]),
    'signature-not-canonical': note('S plus the order of the group, which lenient verifiers take', malleable, [SIGNED]),
    'key-of-small-order': invalid('the neutral point as a key: under it, anybody signs anything', proofText({ signer: neutral }), [SIGNED], {
      trust: `log ${vkey(neutral)}\nquorum none\n`,
    }),
    'cosignature-flip': note('one bit of a cosignature flipped, though two others hold', (text) => flipSignature(text, 1, 20), ['9 bad_cosignature'], ...cosigned),
    'cosignature-time-changed': note('a second later', (text) => flipSignature(text, 2, 11), ['9 bad_cosignature'], ...cosigned),
    'cosignature-without-time': note('64 bytes, as of a plain signature', (text) => resized(text, 68, 3), ['9 bad_cosignature'], ...cosigned),
    'cosignature-bad-without-quorum': note('a known witness, though no quorum is asked for', (text) => flipSignature(text, 1, 20), ['9 bad_cosignature'], { cosigners: [1] }, { trust: QUORUM_TRUST.replace('quorum members', 'quorum none') }),
    'cosignature-time-beyond-2-53': invalid('well signed, but no clock says so', timedBeyond(), ['9 bad_cosignature'], { trust: QUORUM_TRUST }),
  };
}

function foreignSignature(): string {
  const proof = makeProof();
  const { signatures } = makeProof({ blocks: 7 }).log.note;
  return formatProof({ ...proof, log: { ...proof.log, note: { ...proof.log.note, signatures } } });
}

/** Signature line `line` made `length` bytes long, key id included: cut, or filled up with zeros. */
function resized(note: string, length: number, line = 0): string {
  return mapSignature(note, line, (bytes) => Buffer.concat([bytes, Buffer.alloc(length)]).subarray(0, length));
}

/** RFC 8032 §5.1.7: S must be below the order of the group; the same equation holds for S + order. */
function malleable(note: string): string {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  return mapSignature(note, 0, (bytes) => {
    const s = BigInt(`0x${Buffer.from(bytes.subarray(-32)).reverse().toString('hex')}`) + order;
    const raised = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse();
    return Buffer.concat([bytes.subarray(0, -32), raised]);
  });
}

function mapSignature(note: string, line: number, map: (bytes: Buffer) => Buffer): string {
  const lines = note.split('\n');
  const at = lines.indexOf('') + 1 + line;
  const [dash, name, encoded] = (lines[at] ?? '').split(' ');
  lines[at] = [dash, name, map(Buffer.from(encoded ?? '', 'base64')).toString('base64')].join(' ');
  return lines.join('\n');
}

function timedBeyond(): string {
  const proof = makeProof({ cosigners: [2, 3] });
  const { text, signatures } = proof.log.note;
  const [witness = LOG] = WITNESSES;
  const note = { text, signatures: [...signatures, cosign(text, witness, 2n ** 53n)] };
  return formatProof({ ...proof, log: { ...proof.log, note } });
}
