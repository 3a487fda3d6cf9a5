// @vitest-environment happy-dom
import { createPublicKey } from 'node:crypto';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { generateKey, parsePrivateKey } from '../../src/crypto/keys.js';
import {
  ED25519,
  formatNote,
  formatVerifierKey,
  ML_DSA_44_TEXT,
  parseNote,
  verifyEventSignatures,
} from '../../src/proof/index.js';
import {
  addOwnKey,
  compressedPoint,
  forgetOwnKey,
  isEventKey,
  isKeyName,
  keyName,
  kindOfKey,
  makeKeyFile,
  makePasskey,
  nameOfKey,
  ownKeys,
  passkeySigner,
  readKeyFile,
} from '../../src/web/lib/record-keys.js';
import { ProblemError } from '../../src/web/lib/request.js';
import { Authenticator } from '../support/authenticator.js';

const TEXT = 'ingam/event/v1\nsome text\n';
const PLACE = { rpId: 'localhost', origin: 'http://localhost:3000' };

/** A device of the browser: the calls of WebAuthn, answered in software. */
function plugIn(device: Authenticator, strange: Partial<Record<'create' | 'get', Error>> = {}): void {
  const spki = createPublicKey(device.privateKey).export({ type: 'spki', format: 'der' });
  const bytes = (of: Uint8Array) => Uint8Array.from(of).buffer;
  const credentials = {
    create: () => {
      if (strange.create !== undefined) return Promise.reject(strange.create);
      return Promise.resolve({
        rawId: bytes(device.credentialId),
        response: { getPublicKey: () => bytes(spki) },
      });
    },
    get: ({ publicKey }: { readonly publicKey: { readonly challenge: Uint8Array } }) => {
      if (strange.get !== undefined) return Promise.reject(strange.get);
      const answer = device.answer(Buffer.from(publicKey.challenge).toString('base64url'));
      return Promise.resolve({
        rawId: bytes(answer.credentialId),
        response: {
          clientDataJSON: bytes(answer.clientData),
          authenticatorData: bytes(answer.authenticatorData),
          signature: bytes(answer.signature),
        },
      });
    },
  };
  Object.defineProperty(navigator, 'credentials', { configurable: true, value: credentials });
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ProblemError) return error.problem.code;
    throw error;
  }
  return 'none';
}

beforeEach(() => {
  vi.stubGlobal('location', { hostname: PLACE.rpId });
});
afterEach(() => {
  for (const { verifierKey } of ownKeys()) forgetOwnKey(verifierKey);
  Reflect.deleteProperty(navigator, 'credentials');
  vi.unstubAllGlobals();
});

it('makes key files that the command line reads, and signs with them what the rules accept', async () => {
  const { verifierKey, text } = makeKeyFile(' Kim  Mina+1 ');
  expect(nameOfKey(verifierKey)).toBe('Kim-Mina-1');
  expect(formatVerifierKey(parsePrivateKey(text.trim()).key)).toBe(verifierKey);
  const signer = readKeyFile(text);
  expect(signer.verifierKey).toBe(verifierKey);
  const note = parseNote(formatNote({ text: TEXT, signatures: [await signer.sign(TEXT)] }));
  expect(() => {
    verifyEventSignatures(note, [verifierKey]);
  }).not.toThrow();
});

it.each([ED25519, ML_DSA_44_TEXT])('signs with key files of the command line, of type %i', async (type) => {
  const made = generateKey('from-the-command-line', type);
  const signer = readKeyFile(`${made.text}\n`);
  expect(signer.verifierKey).toBe(formatVerifierKey(made.key));
  const note = parseNote(formatNote({ text: TEXT, signatures: [await signer.sign(TEXT)] }));
  expect(() => {
    verifyEventSignatures(note, [signer.verifierKey]);
  }).not.toThrow();
});

it('refuses other files without quoting them', () => {
  const { text } = makeKeyFile('kim');
  const log = generateKey('kim', 0x06).text;
  const line = text.trim();
  const otherKey = line.slice(0, -1) + (line.endsWith('A') ? 'B' : 'A');
  for (const wrong of ['', 'hello', text.replace('PRIVATE', 'PUBLIC'), otherKey, log]) {
    expect(() => readKeyFile(wrong)).toThrow('not_a_key_file');
  }
  const otherId = text.replace(/\+[0-9a-f]{8}\+/, '+00000000+');
  expect(() => readKeyFile(otherId)).toThrow('not_a_key_file');
});

it('makes a passkey whose signatures the rules accept', async () => {
  plugIn(new Authenticator(PLACE));
  const key = await makePasskey('kim@example.com');
  expect(kindOfKey(key.verifierKey)).toBe('passkey');
  expect(ownKeys()).toEqual([key]);
  const line = await passkeySigner(key).sign(TEXT);
  const note = parseNote(formatNote({ text: TEXT, signatures: [line] }));
  expect(() => {
    verifyEventSignatures(note, [key.verifierKey]);
  }).not.toThrow();
});

it('says that it was another passkey, or that there was none', async () => {
  plugIn(new Authenticator(PLACE));
  const key = await makePasskey('kim');
  plugIn(new Authenticator(PLACE));
  expect(await codeOf(passkeySigner(key).sign(TEXT))).toBe('other_passkey');
  const cancelled = new DOMException('no', 'NotAllowedError');
  plugIn(new Authenticator(PLACE), { create: cancelled, get: cancelled });
  expect(await codeOf(passkeySigner(key).sign(TEXT))).toBe('passkey_cancelled');
  expect(await codeOf(makePasskey('kim'))).toBe('passkey_cancelled');
  plugIn(new Authenticator(PLACE, 'RS256'));
  expect(await codeOf(makePasskey('kim'))).toBe('passkey_failed');
});

it('compresses points of P-256 alone', () => {
  const point = new Authenticator(PLACE);
  const spki = createPublicKey(point.privateKey).export({ type: 'spki', format: 'der' });
  const compressed = compressedPoint(new Uint8Array(spki)) ?? expect.fail();
  expect(compressed).toHaveLength(33);
  expect(compressed[0]).toBe(2 + ((spki.at(-1) ?? 0) & 1));
  expect(compressedPoint(new Uint8Array(spki.subarray(1)))).toBeNull();
});

it('remembers public keys only, and leaves out what it cannot read', () => {
  const { verifierKey, text } = makeKeyFile('kim');
  addOwnKey(verifierKey);
  addOwnKey(verifierKey);
  expect(ownKeys()).toEqual([{ verifierKey, credential: null }]);
  const stored = localStorage.getItem('ingam.record-keys') ?? '';
  expect(JSON.parse(stored)).toEqual([{ verifierKey, credential: null }]);
  expect(stored).not.toContain(text.trim().split('+').at(-1));
  expect(() => addOwnKey('kim')).toThrow();
  expect([isEventKey(verifierKey), isEventKey('kim')]).toEqual([true, false]);
  forgetOwnKey(verifierKey);
  expect(ownKeys()).toEqual([]);
  expect(keyName('  a\tb ')).toBe('a-b');
  // What the rules would refuse in every event.
  expect(['Kim Minji', '김', 'a\u200bb', ' ', 'x'.repeat(101)].map(isKeyName)).toEqual([
    ...[true, true, false, false, false],
  ]);
  expect(isEventKey(makeKeyFile('a\u200bb').verifierKey)).toBe(false);
});
