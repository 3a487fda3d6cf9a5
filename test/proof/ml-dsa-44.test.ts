import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';
import { describe, expect, it } from 'vitest';
import { generateKey, parsePrivateKey, type PrivateKey } from '../../src/crypto/keys.js';
import { NODE_VERIFIERS } from '../../src/crypto/primitives.js';
import {
  checkCosignature,
  checkSignature,
  cosign,
  COSIGNATURE,
  ED25519,
  formatNote,
  formatVerifierKey,
  fromBase64,
  isSignedBy,
  LogKeys,
  ML_DSA_44,
  ML_DSA_44_TEXT,
  type Note,
  parseNote,
  parsePolicy,
  parseVerifierKey,
  policyOfKeys,
  PORTABLE_VERIFIERS,
  ProofError,
  readKeyStatement,
  signCheckpoint,
  signKeyStatement,
  signNote,
  signStatement,
  textKey,
  toBase64,
  utf8,
  verifierKey,
  verifyMlDsa44,
} from '../../src/proof/index.js';
import { verifyMlDsa44 as verifySlowly } from '../independent/ml-dsa.js';
import { standard } from './support.js';

const NAME = 'log.example/keys';
const key = (fill: number, type: number, name = NAME) =>
  generateKey(name, type, new Uint8Array(32).fill(fill));
const LOG = key(1, ML_DSA_44);
const TEXT = key(2, ML_DSA_44_TEXT, `${NAME}/receipt`);
const CHECKPOINT = `${NAME}\n7\n${toBase64(new Uint8Array(32).fill(9))}\n`;
const TIME = 1_800_000_000;

describe('ML-DSA-44', () => {
  const { groups, signatures } = standard('signed-note/mldsa44-wycheproof.json') as {
    groups: {
      publicKey: string;
      cases: { tcId: number; comment: string; message: string; signature: string; valid: boolean }[];
    }[];
    signatures: {
      tcId: number;
      comment: string;
      seed: string;
      publicKey: string;
      message: string;
      signature: string;
    }[];
  };

  it.each(groups.flatMap(({ publicKey, cases }) => cases.map((each) => ({ publicKey, ...each }))))(
    'judges case $tcId of Wycheproof: $comment',
    ({ publicKey, message, signature, valid }) => {
      const input = [fromBase64(signature), fromBase64(message), fromBase64(publicKey)] as const;
      for (const verifiers of [PORTABLE_VERIFIERS, NODE_VERIFIERS])
        expect(verifiers.verifyMlDsa44(...input)).toBe(valid);
      const [signed, text, by] = input.map((bytes) => Buffer.from(bytes)) as [Buffer, Buffer, Buffer];
      expect(verifySlowly(signed, text, by)).toBe(valid);
    },
  );

  it.each(signatures)('makes the key of seed $tcId', ({ seed, publicKey, message, signature }) => {
    const made = generateKey('x', ML_DSA_44_TEXT, fromBase64(seed));
    expect(toBase64(made.key.publicKey)).toBe(publicKey);
    const secret = ml_dsa44.keygen(fromBase64(seed)).secretKey;
    expect(toBase64(ml_dsa44.sign(fromBase64(message), secret, { extraEntropy: false }))).toBe(signature);
    expect(verifyMlDsa44(made.sign(fromBase64(message)), fromBase64(message), made.key.publicKey)).toBe(true);
  });

  it('never throws, whatever the lengths', () => {
    for (const length of [0, 1, 32, 1311, 1313, 2419, 2421]) {
      const other = new Uint8Array(length);
      expect(verifyMlDsa44(other, other, LOG.key.publicKey)).toBe(false);
      expect(verifyMlDsa44(new Uint8Array(2420), other, other)).toBe(false);
    }
  });
});

describe('a checkpoint of another implementation', () => {
  const { vkey, signedNote } = standard('signed-note/mldsa44-checkpoint.json') as Record<
    'vkey' | 'signedNote',
    string
  >;

  it('is verified, with the time 0 that states no time', () => {
    const read = parseVerifierKey(vkey);
    expect(formatVerifierKey(read)).toBe(vkey);
    expect(read).toMatchObject({ type: ML_DSA_44, name: 'example.com/mldsa-log' });
    const note = parseNote(signedNote);
    expect(formatNote(note)).toBe(signedNote);
    expect(checkSignature(note, read)).toEqual({ state: 'good', time: null });
    expect(checkCosignature(note, read)).toEqual({ state: 'absent' });
    expect(parsePolicy(`log ${vkey}\nquorum none\n`).logs).toEqual([read]);
  });

  it.each([
    ['another size', (note: string) => note.replace('\n1\n', '\n2\n')],
    ['another root', (note: string) => note.replace('+zoE', '+zoF')],
    [
      'another origin',
      (note: string) => note.replace('example.com/mldsa-log\n1', 'example.com/mldsa-lof\n1'),
    ],
    ['a line more in the text', (note: string) => note.replace('=\n\n', '=\nextension\n\n')],
    ['a text that is no checkpoint', (note: string) => note.replace('\n1\n', '\n01\n')],
  ])('is bad with %s', (_, edit) => {
    const edited = edit(signedNote);
    expect(edited).not.toBe(signedNote);
    expect(checkSignature(parseNote(edited), parseVerifierKey(vkey))).toEqual({ state: 'bad' });
  });
});

describe('a signature of type 6', () => {
  const note = signCheckpoint(CHECKPOINT, [LOG], TIME);
  const [line = expect.fail()] = note.signatures;
  const checked = (signature: Uint8Array, text = CHECKPOINT) =>
    checkSignature({ text, signatures: [{ ...line, signature }] }, LOG.key);

  it('is over the structure of the specification, byte for byte', () => {
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(BigInt(TIME));
    const message = Buffer.concat([
      Buffer.from('subtree/v1\n\0'),
      Buffer.from([NAME.length]),
      Buffer.from(NAME),
      time,
      Buffer.from([NAME.length]),
      Buffer.from(NAME),
      Buffer.alloc(8),
      Buffer.from([0, 0, 0, 0, 0, 0, 0, 7]),
      Buffer.alloc(32, 9),
    ]);
    expect(Buffer.from(line.signature.slice(0, 8))).toEqual(time);
    expect(verifyMlDsa44(line.signature.slice(8), message, LOG.key.publicKey)).toBe(true);
    expect(checkSignature(note, LOG.key)).toEqual({ state: 'good', time: TIME });
    expect(Buffer.from(LOG.key.keyId).toString('hex')).toHaveLength(8);
  });

  it.each<[string, (signature: Uint8Array) => Uint8Array]>([
    ['without its time', (signature) => signature.slice(8)],
    ['with another time', (signature) => signature.with(7, (signature[7] ?? 0) ^ 1)],
    ['with a time beyond 2^53 - 1', (signature) => signature.with(0, 1)],
    ['one byte short', (signature) => signature.slice(0, -1)],
    ['one byte long', (signature) => Uint8Array.of(...signature, 0)],
    ['with one bit flipped', (signature) => signature.with(1000, (signature[1000] ?? 0) ^ 4)],
    ['of Ed25519', (signature) => signature.slice(0, 72)],
  ])('is bad %s', (_, edit) => {
    expect(checked(edit(line.signature))).toEqual({ state: 'bad' });
  });

  it('does not pass for a signature over the text, nor the other way round', () => {
    const text = textKey(LOG.key);
    expect(text).not.toEqual(LOG.key);
    const asText: Note = {
      text: CHECKPOINT,
      signatures: [{ ...line, keyId: text.keyId, signature: line.signature.slice(8) }],
    };
    expect(checkSignature(asText, text)).toEqual({ state: 'bad' });
    const overText = signStatement(CHECKPOINT, [LOG]).signatures[0] ?? expect.fail();
    expect(checked(Uint8Array.of(...new Uint8Array(8), ...overText.signature))).toEqual({ state: 'bad' });
  });

  it('cannot be made over anything but a checkpoint of three lines, or with a name of 256 bytes', () => {
    for (const text of [
      'a text\n',
      `${CHECKPOINT}extension\n`,
      `${'o'.repeat(256)}\n1\n${CHECKPOINT.slice(-45)}`,
    ])
      expect(() => cosign(text, LOG, TIME)).toThrow(RangeError);
    expect(() => cosign(CHECKPOINT, LOG, 0)).toThrow(RangeError);
    expect(() => signNote(CHECKPOINT, LOG)).toThrow(RangeError);
    expect(() => signCheckpoint(CHECKPOINT, [TEXT], TIME)).toThrow(RangeError);
    const { publicKey } = LOG.key;
    expect(verifierKey('n'.repeat(255), ML_DSA_44, publicKey).name).toHaveLength(255);
    for (const name of ['n'.repeat(256), '\uac00'.repeat(86)])
      expect(() => verifierKey(name, ML_DSA_44, publicKey)).toThrow(/at most 255 bytes/);
  });

  it('counts for a witness only if it states a time', () => {
    const message = Buffer.concat([
      Buffer.from('subtree/v1\n\0'),
      Buffer.from([NAME.length]),
      Buffer.from(NAME),
      Buffer.alloc(8),
      Buffer.from([NAME.length]),
      Buffer.from(NAME),
      Buffer.alloc(15),
      Buffer.from([7]),
      Buffer.alloc(32, 9),
    ]);
    const untimed = {
      text: CHECKPOINT,
      signatures: [{ ...line, signature: Uint8Array.of(...new Uint8Array(8), ...LOG.sign(message)) }],
    };
    expect(checkSignature(untimed, LOG.key)).toEqual({ state: 'good', time: null });
    expect(checkCosignature(untimed, LOG.key)).toEqual({ state: 'absent' });
    expect(checkCosignature(note, LOG.key)).toEqual({ state: 'good', time: TIME });
  });
});

describe('keys', () => {
  it.each([LOG, TEXT])('read back as they were written: type $key.type', (made) => {
    expect(parseVerifierKey(formatVerifierKey(made.key))).toEqual(made.key);
    expect(parsePrivateKey(`${made.text}\n`).key).toEqual(made.key);
    expect(Buffer.from(made.text.split('+').slice(4).join('+'), 'base64').subarray(-32)).toEqual(
      Buffer.alloc(32, made === LOG ? 1 : 2),
    );
  });

  const vkey = formatVerifierKey(LOG.key);
  const text = formatVerifierKey(TEXT.key);
  const material = (of: string) => Buffer.from(of.split('+').slice(2).join('+'), 'base64');
  const withMaterial = (of: string, bytes: Uint8Array) =>
    `${of.split('+').slice(0, 2).join('+')}+${toBase64(bytes)}`;
  it.each([
    ['a byte less', withMaterial(vkey, material(vkey).subarray(0, -1))],
    ['a byte more', withMaterial(vkey, Buffer.concat([material(vkey), Buffer.of(0)]))],
    ['another type', withMaterial(vkey, material(vkey).with(0, 5))],
    ['the length of Ed25519', withMaterial(vkey, material(vkey).subarray(0, 33))],
    ['the type of Ed25519', withMaterial(vkey, material(vkey).with(0, 1))],
    [
      'the id of another form',
      vkey.replace(/\+[0-9a-f]{8}\+/, `+${Buffer.from(textKey(LOG.key).keyId).toString('hex')}+`),
    ],
    ['a flipped bit', withMaterial(vkey, material(vkey).with(700, (material(vkey)[700] ?? 0) ^ 1))],
    ['another identifier', withMaterial(text, material(text).with(5, 65))],
    ['no identifier', withMaterial(text, Buffer.concat([Buffer.of(255), TEXT.key.publicKey]))],
    ['half an identifier', withMaterial(text, material(text).subarray(0, 9))],
    ['nothing after the type', withMaterial(text, Buffer.of(255))],
    ['nothing', withMaterial(text, Buffer.of())],
  ])('are refused with %s', (_, of) => {
    expect(() => parseVerifierKey(of)).toThrow(ProofError);
  });

  it('of each type sign for what they are made for', () => {
    const cosigner = formatVerifierKey(key(3, COSIGNATURE).key);
    expect(() => parsePolicy(`log ${text}\nquorum none\n`)).toThrow(/type 1 \(Ed25519\) or 6/);
    expect(() => parsePolicy(`log ${cosigner}\nquorum none\n`)).toThrow(ProofError);
    expect(() => parsePolicy(`#retired-log ${text} 5\nquorum none\n`)).toThrow(ProofError);
    expect(() => parsePolicy(`witness w ${text}\nquorum w\n`)).toThrow(/a witness key must be of type/);
    expect(() => policyOfKeys([TEXT.key])).toThrow(ProofError);
    expect(() => parsePolicy(`log ${vkey}\nlog ${vkey}\nquorum none\n`)).toThrow(/listed twice/);
    const policy = parsePolicy(`log ${vkey}\nwitness w ${vkey}\nquorum w\n`);
    expect(policy.witnesses.get('w')).toEqual(LOG.key);
  });
});

describe('receipts', () => {
  const ed = key(4, ED25519, `${NAME}/receipt`);
  const receipt = 'ingam/receipt/v1\nlog.example\n1\nAAAA\n1\n2\n';

  it('are signed with one key of each algorithm', () => {
    const note = signNote(receipt, ed, TEXT);
    expect(checkSignature(note, ed.key)).toEqual({ state: 'good', time: null });
    expect(checkSignature(note, TEXT.key)).toEqual({ state: 'good', time: null });
    expect(
      verifyMlDsa44(note.signatures[1]?.signature ?? new Uint8Array(), utf8(receipt), TEXT.key.publicKey),
    ).toBe(true);
    expect(checkSignature({ ...note, text: `${receipt}x\n` }, TEXT.key)).toEqual({ state: 'bad' });
  });
});

describe('key statements', () => {
  const [A, B] = [5, 6].map((fill) => key(fill, ED25519)) as [PrivateKey, PrivateKey];
  const [M, N] = [7, 8].map((fill) => key(fill, ML_DSA_44)) as [PrivateKey, PrivateKey];
  const keysOf = (...changes: readonly (readonly PrivateKey[])[]) =>
    LogKeys.of(
      null,
      changes.map((signers, i) => ({ text: signKeyStatement(signers), firstSize: i + 1 })),
    );

  it('add a key of type 6, which stays, and change the others beside it', () => {
    const keys = keysOf([A, M], [A, M, B], [M, B], [M, B, N], [B, N], [N]);
    expect([1, 2, 3, 4, 5, 6].map((size) => keys.at(size).length)).toEqual([2, 3, 2, 3, 2, 1]);
    expect(keys.latest).toEqual([N.key]);
    expect(keys.trusted.retired.map(({ until }) => until)).toEqual([2, 4, 5]);
  });

  it.each<[string, readonly (readonly PrivateKey[])[]]>([
    ['the loss of the only key of type 6', [[A, M], [A]]],
    [
      'its exchange without a step between',
      [
        [A, M],
        [A, N],
      ],
    ],
    [
      'its return',
      [
        [A, M],
        [A, M, N],
        [A, N],
        [A, M, N],
      ],
    ],
    [
      'no change',
      [
        [A, M],
        [M, A],
      ],
    ],
    ['a fifth key', [[A, M, B, N, key(9, ML_DSA_44)]]],
    ['one key twice', [[A, M, M]]],
  ])('are refused for %s', (_, changes) => {
    expect(() => keysOf(...changes)).toThrow(ProofError);
  });

  it('are signed with the text form of a key of type 6', () => {
    const text = signKeyStatement([A, M]);
    expect(readKeyStatement(text)).toEqual([A.key, M.key]);
    const note = parseNote(text);
    expect(checkSignature(note, textKey(M.key)).state).toBe('good');
    expect(checkSignature(note, M.key).state).toBe('absent');
    const [first = expect.fail(), second = expect.fail()] = note.signatures;
    const other = (signature: typeof second) => formatNote({ ...note, signatures: [first, signature] });
    const bad = [
      other({ ...second, keyId: M.key.keyId }),
      other({ ...second, signature: second.signature.with(9, (second.signature[9] ?? 0) ^ 1) }),
      other({ ...second, signature: Uint8Array.of(...new Uint8Array(8), ...second.signature) }),
      formatNote({ ...note, signatures: [second, first] }),
      formatNote({ ...note, signatures: [first] }),
    ];
    for (const each of bad) expect(() => readKeyStatement(each)).toThrow(ProofError);
    const named = text.replace(formatVerifierKey(M.key), formatVerifierKey(textKey(M.key)));
    expect(() => readKeyStatement(named)).toThrow(/type 1 or 6/);
  });

  it('demand the signatures of both keys under a checkpoint', () => {
    const both = signCheckpoint(CHECKPOINT, [A, M], TIME);
    expect(isSignedBy(both, [A.key, M.key])).toBe(true);
    expect(isSignedBy(both, [A.key, M.key], NODE_VERIFIERS)).toBe(true);
    expect(isSignedBy(both, [A.key])).toBe(false);
    expect(isSignedBy(signCheckpoint(CHECKPOINT, [A], TIME), [A.key, M.key])).toBe(false);
    expect(isSignedBy(signCheckpoint(CHECKPOINT, [M], TIME), [A.key, M.key])).toBe(false);
  });
});
