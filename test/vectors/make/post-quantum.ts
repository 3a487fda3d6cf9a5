import {
  formatProof,
  ML_DSA_44,
  ML_DSA_44_TEXT,
  type NoteSignature,
  type NoteSigner,
  signNote,
  toBase64,
  utf8,
} from '../../../src/proof/index.js';
import type { Vector } from '../load.js';
import { makeProof, proofText } from './chain.js';
import { invalid, pending, refused, untrusted, verified } from './expect.js';
import { LOG, ORIGIN, RECEIPT, signer, vkey } from './keys.js';
import { makePending } from './pending.js';

const PQ_LOG = signer(ORIGIN, ML_DSA_44);
/** The same key in the form that signs texts. */
const PQ_TEXT = signer(ORIGIN, ML_DSA_44_TEXT);
const PQ_RECEIPT = signer(`${ORIGIN}/receipt`, ML_DSA_44_TEXT);
const PQ_WITNESS = signer('pq.example', ML_DSA_44);

const PQ_TRUST = `log ${vkey(PQ_LOG)}\nquorum none\n`;
const BOTH_TRUST = `log ${vkey(LOG)}\nlog ${vkey(PQ_LOG)}\nquorum none\n`;
/** Both signatures of the log are demanded. */
const DEMAND_BOTH = `log ${vkey(LOG)}\nwitness self ${vkey(PQ_LOG)}\nquorum self\n`;
const WITNESS_TRUST = `log ${vkey(LOG)}\nwitness pq ${vkey(PQ_WITNESS)}\nquorum pq\n`;
const SEALED_AT = 1767323047n;
const BAD = '8 bad_log_signature';
const NO_LOG = '8 untrusted_log';
const NO_QUORUM = '9 quorum_missing';

const TEXT = () => makeProof().log.note.text;

function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

/** c2sp.org/tlog-cosignature, written out. */
function cosigned(by: NoteSigner, time = SEALED_AT, change: { name?: string; start?: bigint; label?: string } = {}): Buffer {
  const [origin = '', size = '', root = ''] = TEXT().split('\n');
  const name = change.name ?? by.key.name;
  return Buffer.concat([
    Buffer.from(change.label ?? 'subtree/v1\n\0'),
    Buffer.of(name.length),
    Buffer.from(name),
    uint64(time),
    Buffer.of(origin.length),
    Buffer.from(origin),
    uint64(change.start ?? 0n),
    uint64(BigInt(size)),
    Buffer.from(root, 'base64'),
  ]);
}

function line(by: NoteSigner, time = SEALED_AT, message: Uint8Array = cosigned(by, time)): NoteSignature {
  const { name, keyId } = by.key;
  return { name, keyId, signature: Uint8Array.from([...uint64(time), ...by.sign(message)]) };
}

const plain = () => makeProof().log.note.signatures;

function withSignatures(...signatures: readonly NoteSignature[]): string {
  const proof = makeProof();
  return formatProof({ ...proof, log: { ...proof.log, note: { text: TEXT(), signatures } } });
}

/** The good line with its signature changed. */
function changed(edit: (signature: Uint8Array) => Uint8Array): string {
  const good = line(PQ_LOG);
  return withSignatures({ ...good, signature: edit(good.signature) });
}

const flipped = (at: number) => (signature: Uint8Array) => signature.with(at, (signature[at] ?? 0) ^ 1);

export function validPostQuantumCases(): Record<string, Vector> {
  return {
    'ml-dsa-log': verified('a log signs with ML-DSA-44', withSignatures(line(PQ_LOG)), { trust: PQ_TRUST }),
    'ml-dsa-log-without-time': verified('the log states no time', withSignatures(line(PQ_LOG, 0n)), { trust: PQ_TRUST }),
    'ml-dsa-log-latest-time': verified('2^53 - 1 seconds', withSignatures(line(PQ_LOG, 2n ** 53n - 1n)), { trust: PQ_TRUST }),
    'ml-dsa-and-ed25519': verified('both keys of the log sign, and both are trusted', withSignatures(...plain(), line(PQ_LOG)), { trust: BOTH_TRUST }),
    'ml-dsa-and-ed25519-one-trusted': verified('both sign, and the policy knows one', withSignatures(...plain(), line(PQ_LOG)), { trust: PQ_TRUST }),
    'ml-dsa-and-ed25519-one-signs': verified('any one key of a policy suffices', withSignatures(...plain()), { trust: BOTH_TRUST }),
    'ml-dsa-and-ed25519-demanded': verified('both are demanded: the second key stands as a witness', withSignatures(...plain(), line(PQ_LOG)), { trust: DEMAND_BOTH }),
    'ml-dsa-retired-log': verified('a retired key of type 6', withSignatures(line(PQ_LOG)), { trust: `#retired-log ${vkey(PQ_LOG)} 6\nquorum none\n` }),
    'ml-dsa-witness': verified('a witness cosigns with ML-DSA-44', withSignatures(...plain(), line(PQ_WITNESS)), { trust: WITNESS_TRUST }),
  };
}

export function invalidPostQuantumCases(): Record<string, Vector> {
  const bad = (about: string, proof: string) => invalid(about, proof, [BAD], { trust: PQ_TRUST });
  return {
    'ml-dsa-flip-in-time': bad('another time than the signed one', changed(flipped(7))),
    'ml-dsa-time-beyond-2-53': bad('2^53 seconds', withSignatures(line(PQ_LOG, 2n ** 53n))),
    'ml-dsa-flip-first': bad('one bit of the challenge flipped', changed(flipped(8))),
    'ml-dsa-flip-middle': bad('one bit of z flipped', changed(flipped(1500))),
    'ml-dsa-flip-last': bad('one bit of the hints flipped', changed(flipped(2427))),
    'ml-dsa-byte-short': bad('a byte is missing', changed((signature) => signature.slice(0, -1))),
    'ml-dsa-byte-long': bad('a byte too many', changed((signature) => Uint8Array.of(...signature, 0))),
    'ml-dsa-no-time': bad('the time is missing', changed((signature) => signature.slice(8))),
    'ml-dsa-only-time': bad('there is nothing but the time', changed((signature) => signature.slice(0, 8))),
    'ml-dsa-other-name-signed': bad('the message names another signer', withSignatures(line(PQ_LOG, SEALED_AT, cosigned(PQ_LOG, SEALED_AT, { name: 'other.example' })))),
    'ml-dsa-subtree-signed': bad('the message is about a subtree that does not begin at 0', withSignatures(line(PQ_LOG, SEALED_AT, cosigned(PQ_LOG, SEALED_AT, { start: 2n })))),
    'ml-dsa-other-label-signed': bad('another label', withSignatures(line(PQ_LOG, SEALED_AT, cosigned(PQ_LOG, SEALED_AT, { label: 'subtree/v2\n\0' })))),
    'ml-dsa-text-signed': bad('signed over the text, as a key of type 1 signs', withSignatures(line(PQ_LOG, SEALED_AT, utf8(TEXT())))),
    'ml-dsa-cosignature-v1-signed': bad('signed over what a key of type 4 signs', withSignatures(line(PQ_LOG, SEALED_AT, utf8(`cosignature/v1\ntime ${SEALED_AT}\n${TEXT()}`)))),
    'ml-dsa-bad-beside-good': invalid('the other key of the log has signed well', withSignatures(...plain(), { ...line(PQ_LOG), signature: line(PQ_WITNESS).signature }), [BAD], { trust: BOTH_TRUST }),
    'ml-dsa-good-beside-bad': invalid('and the other way round', withSignatures(...plain().map((each) => ({ ...each, signature: flipped(3)(each.signature) })), line(PQ_LOG)), [BAD], { trust: BOTH_TRUST }),
    'ml-dsa-bad-witness': invalid('one bit of a cosignature flipped', withSignatures(...plain(), { ...line(PQ_WITNESS), signature: flipped(99)(line(PQ_WITNESS).signature) }), ['9 bad_cosignature'], {
      trust: WITNESS_TRUST,
    }),
    'ml-dsa-not-signed': untrusted('only the Ed25519 key has signed, and it is not trusted', proofText(), [NO_LOG], { trust: PQ_TRUST }),
    'ml-dsa-not-signed-but-demanded': untrusted('both are demanded, and one has signed', proofText(), [NO_QUORUM], { trust: DEMAND_BOTH }),
    'ml-dsa-witness-without-time': untrusted('a witness must state a time', withSignatures(...plain(), line(PQ_WITNESS, 0n)), [NO_QUORUM], { trust: WITNESS_TRUST }),
    'ml-dsa-text-form-signed': untrusted('a line of the text form of the key is a line of another key', withSignatures(...signNote(TEXT(), PQ_TEXT).signatures), [NO_LOG], { trust: PQ_TRUST }),
    'ml-dsa-retired-before': untrusted('the key was given up before this checkpoint', withSignatures(line(PQ_LOG)), [NO_LOG], { trust: `#retired-log ${vkey(PQ_LOG)} 5\nquorum none\n` }),
    'ml-dsa-receipt-flip': invalid('one bit of a receipt signature flipped', formatProof(receiptWith(flipped(700))), ['5 bad_receipt_signature'], { trust: null, receiptKeys: [vkey(PQ_RECEIPT)] }),
    'ml-dsa-receipt-of-checkpoint-kind': invalid('a time stands before the receipt signature', formatProof(receiptWith((signature) => Uint8Array.of(...uint64(SEALED_AT), ...signature))), ['5 bad_receipt_signature'], {
      trust: null,
      receiptKeys: [vkey(PQ_RECEIPT)],
    }),
  };
}

function receiptWith(edit: (signature: Uint8Array) => Uint8Array) {
  const made = makePending({}, {}, PQ_RECEIPT);
  const signatures = made.note.signatures.map((each) => ({ ...each, signature: edit(each.signature) }));
  return { ...made, note: { ...made.note, signatures } };
}

export function pendingPostQuantumCases(): Record<string, Vector> {
  const made = makePending();
  const both = formatProof({ ...made, note: signNote(made.note.text, RECEIPT, PQ_RECEIPT) });
  return {
    'ml-dsa-receipt': pending('a receipt of an ML-DSA-44 key', formatProof(makePending({}, {}, PQ_RECEIPT)), { receiptKeys: [vkey(PQ_RECEIPT)] }),
    'ml-dsa-and-ed25519-receipt': pending('a receipt with signatures of both algorithms', both, { receiptKeys: [vkey(RECEIPT), vkey(PQ_RECEIPT)] }),
    'ml-dsa-log-key-for-receipts': pending('a key of type 6 signs no receipts', both, { receiptKeys: [vkey(PQ_LOG)] }),
  };
}

/** A key that is not spelled as it must be. */
export function malformedPostQuantumCases(): Record<string, Vector> {
  const trust = (about: string, text: string, error = 'malformed_key') => refused(about, proofText(), error, { trust: `${text}\n` });
  const log = (of: string) => `log ${of}\nquorum none`;
  const material = (of: string) => Buffer.from(of.split('+').slice(2).join('+'), 'base64');
  const remade = (of: string, bytes: Uint8Array) => `${of.split('+').slice(0, 2).join('+')}+${toBase64(bytes)}`;
  const [key, text] = [vkey(PQ_LOG), vkey(PQ_RECEIPT)];
  return {
    'ml-dsa-key-short': trust('a byte is missing', log(remade(key, material(key).subarray(0, -1)))),
    'ml-dsa-key-long': trust('a byte too many', log(remade(key, Buffer.concat([material(key), Buffer.of(0)])))),
    'ml-dsa-key-of-32-bytes': trust('the length of an Ed25519 key', log(remade(key, material(key).subarray(0, 33)))),
    'ml-dsa-key-flip': trust('one bit of the key flipped, so the id does not fit', log(remade(key, flipped(600)(material(key))))),
    'ml-dsa-key-id-of-text-form': trust('the id of the text form', log(key.replace(/\+[0-9a-f]{8}\+/, `+${Buffer.from(PQ_TEXT.key.keyId).toString('hex')}+`))),
    'ml-dsa-key-other-type': trust('type 7', log(remade(key, material(key).with(0, 7)))),
    'ml-dsa-key-other-identifier': trust('type ff with another identifier', log(remade(text, flipped(3)(material(text))))),
    'ml-dsa-key-without-identifier': trust('type ff without an identifier', log(remade(text, Buffer.of(255, ...PQ_RECEIPT.key.publicKey)))),
    'ml-dsa-text-key-for-a-log': trust('a key of type ff does not sign checkpoints', log(text), 'malformed_policy'),
    'ml-dsa-text-key-for-a-witness': trust('nor cosigns them', `witness w ${text}\nquorum w`, 'malformed_policy'),
    'ml-dsa-text-key-retired': trust('nor has signed them', `#retired-log ${text} 1\nquorum none`, 'malformed_policy'),
    'ml-dsa-log-twice': trust('one key twice', `log ${key}\nlog ${key}\nquorum none`, 'malformed_policy'),
    'ml-dsa-receipt-key-short': refused('a receipt key with a byte less', formatProof(makePending()), 'malformed_key', { trust: null, receiptKeys: [remade(text, material(text).subarray(0, -1))] }),
  };
}
