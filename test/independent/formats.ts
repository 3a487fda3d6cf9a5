import { createHash, createPublicKey, verify as verifySignature } from 'node:crypto';
import { verifyMlDsa44 } from './ml-dsa.js';
import { canonical, depthOf, Malformed, parseJson, type Value } from './strict-json.js';

/** Readers for the formats of docs/proof-format.md. They throw Malformed. */

const LIMIT = 2n ** 53n;

export function refuse(reason: string): never {
  throw new Malformed(reason);
}

export const sha256 = (...parts: (string | Uint8Array)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

function text(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refuse('not UTF-8');
  }
}

export function hex(value: Value | undefined, length: number): Buffer {
  if (typeof value !== 'string' || value.length !== 2 * length || /[^0-9a-f]/.test(value))
    return refuse('hexadecimal');
  return Buffer.from(value, 'hex');
}

export function base64(value: Value | undefined, length?: number): Buffer {
  if (typeof value !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) return refuse('base64');
  const bytes = Buffer.from(value, 'base64');
  if (bytes.toString('base64') !== value) refuse('base64 in another spelling');
  if (length !== undefined && bytes.length !== length) refuse('another length');
  return bytes;
}

export function decimal(value: string): bigint {
  if (!/^(0|[1-9][0-9]*)$/.test(value) || value.length > 16 || BigInt(value) >= LIMIT) refuse('decimal');
  return BigInt(value);
}

function count(bytes: Buffer, offset: number): bigint {
  const value = bytes.readBigUInt64BE(offset);
  return value < LIMIT ? value : refuse('beyond 2^53 - 1');
}

export function readEntry(value: Value | undefined) {
  const bytes = base64(value, 114);
  if (bytes[0] !== 1 || (bytes[1] !== 0 && bytes[1] !== 1)) refuse('version or kind');
  const unknownSize = bytes.readBigUInt64BE(34) === 2n ** 64n - 1n;
  if (bytes[1] === 1 && (unknownSize || bytes.subarray(82).every((byte) => byte === 0))) refuse('an event');
  return {
    bytes,
    digest: bytes.subarray(2, 34),
    size: unknownSize ? null : count(bytes, 34),
    acceptedAt: count(bytes, 42),
    salt: bytes.subarray(50, 66),
    accountTag: bytes.subarray(66, 82),
    detailsDigest: bytes.subarray(82),
  };
}

export function readHeader(value: Value | undefined) {
  const bytes = base64(value, 134);
  if (bytes[0] !== 1) refuse('version');
  const entryCount = BigInt(bytes.readUInt32BE(113));
  if (entryCount < 1n || entryCount > 2n ** 20n) refuse('entry count');
  const [height, firstPosition] = [count(bytes, 1), count(bytes, 105)];
  if (height === 0n && (firstPosition !== 0n || bytes.subarray(9, 41).some((byte) => byte !== 0)))
    refuse('the first block');
  if (firstPosition + entryCount >= LIMIT) refuse('positions');
  return {
    bytes,
    height,
    root: bytes.subarray(41, 73),
    entryCount,
    state: bytes.subarray(73, 105),
    sealedAt: count(bytes, 117),
    difficulty: bytes.readUInt8(125),
  };
}

export function readDetails(value: Value | undefined): string | null {
  if (value === undefined) return null;
  if (!(value instanceof Map) || depthOf(value) > 16) return refuse('details');
  const form = canonical(value);
  return Buffer.byteLength(form) <= 32768 ? form : refuse('details are too long');
}

export interface Key {
  readonly name: string;
  readonly id: Buffer;
  readonly type: number;
  readonly publicKey: Buffer;
}

const isName = (name: string) => name !== '' && !/[+\p{White_Space}]/u.test(name);

/** What stands before the public key, and its length. */
const TYPES = new Map<number, readonly [string, number]>([
  [1, ['01', 32]],
  [4, ['04', 32]],
  [6, ['06', 1312]],
  [255, [`ff${Buffer.from('ingam/ml-dsa-44/v1\n').toString('hex')}`, 1312]],
]);

export function makeKey(name: string, type: number, publicKey: Buffer): Key {
  const [before] = TYPES.get(type) ?? refuse('key type');
  const id = sha256(name, '\n', Buffer.from(before, 'hex'), publicKey).subarray(0, 4);
  return { name, type, publicKey, id };
}

export function textForm(key: Key): Key {
  return key.type === 6 ? makeKey(key.name, 255, key.publicKey) : key;
}

export function readKey(vkey: string): Key {
  const match = /^([^+]*)\+([^+]*)\+(.*)$/s.exec(vkey) ?? refuse('verifier key');
  const material = base64(match[3]);
  const type = material[0] ?? 0;
  const [before, length] = TYPES.get(type) ?? refuse('key type');
  const start = before.length / 2;
  if (material.subarray(0, start).toString('hex') !== before || material.length !== start + length)
    refuse('a key of another type or length');
  const key = makeKey(match[1] ?? '', type, material.subarray(start));
  if (type === 6 && Buffer.byteLength(key.name) > 255) refuse('a long name');
  if (!isName(key.name) || !hex(match[2], 4).equals(key.id)) refuse('name or id of a key');
  return key;
}

export interface Note {
  readonly text: string;
  readonly lines: readonly { readonly name: string; readonly id: Buffer; readonly signature: Buffer }[];
}

export function readNote(value: Value | undefined): Note {
  if (typeof value !== 'string') return refuse('a note is a string');
  if (Array.from(value).some((character) => character < ' ' && character !== '\n'))
    refuse('control characters');
  const end = value.lastIndexOf('\n\n');
  const rest = value.slice(end + 2);
  if (end === -1 || !rest.endsWith('\n')) refuse('note');
  const lines = rest.slice(0, -1).split('\n');
  if (lines.length > 100) refuse('more than 100 signature lines');
  return {
    text: value.slice(0, end + 1),
    lines: lines.map((line) => {
      const match = /^\u2014 ([^ ]+) ([^ ]+)$/u.exec(line) ?? refuse('signature line');
      const bytes = base64(match[2]);
      if (!isName(match[1] ?? '') || bytes.length < 5) refuse('signature line');
      return { name: match[1] ?? '', id: bytes.subarray(0, 4), signature: bytes.subarray(4) };
    }),
  };
}

/** Whether the note's line of this key is absent, bad, or holds; `untimed`: it holds, but with the time 0. */
export function lineOf(note: Note, key: Key): 'absent' | 'bad' | 'holds' | 'untimed' {
  const line = note.lines.find(({ name, id }) => name === key.name && id.equals(key.id));
  if (line === undefined) return 'absent';
  let { signature } = line;
  let message: Uint8Array = Buffer.from(note.text);
  let isUntimed = false;
  if (key.type === 4 || key.type === 6) {
    if (signature.length < 8) return 'bad';
    const time = signature.readBigUInt64BE(0);
    if (time >= LIMIT) return 'bad';
    const cosigned =
      key.type === 4
        ? Buffer.from(`cosignature/v1\ntime ${time}\n${note.text}`)
        : subtree(note, key, signature);
    if (cosigned === null) return 'bad';
    message = cosigned;
    isUntimed = key.type === 6 && time === 0n;
    signature = signature.subarray(8);
  }
  if (key.type === 6 || key.type === 255) {
    if (!verifyMlDsa44(signature, message, key.publicKey)) return 'bad';
    return isUntimed ? 'untimed' : 'holds';
  }
  if (signature.length !== 64 || !isAcceptable(key.publicKey)) return 'bad';
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key.publicKey]);
  const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  return verifySignature(null, message, publicKey, signature) ? 'holds' : 'bad';
}

/** What a key of type 6 signs; null: the text is no checkpoint. */
function subtree({ text }: Note, { name }: Key, signature: Buffer): Buffer | null {
  const [origin = '', size = '', root = '', end, ...more] = text.split('\n');
  const isCheckpoint =
    origin !== '' &&
    /^(0|[1-9][0-9]{0,15})$/.test(size) &&
    BigInt(size) < LIMIT &&
    /^[A-Za-z0-9+/]{43}=$/.test(root) &&
    Buffer.from(root, 'base64').toString('base64') === root &&
    end === '' &&
    more.length === 0;
  if (!isCheckpoint || Buffer.byteLength(origin) > 255) return null;
  const numbers = Buffer.alloc(16);
  numbers.writeBigUInt64BE(BigInt(size), 8);
  return Buffer.concat([
    Buffer.from('subtree/v1\n\0'),
    Buffer.of(Buffer.byteLength(name)),
    Buffer.from(name),
    signature.subarray(0, 8),
    Buffer.of(Buffer.byteLength(origin)),
    Buffer.from(origin),
    numbers,
    Buffer.from(root, 'base64'),
  ]);
}

const P = 2n ** 255n - 19n;
const Y = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;

function isAcceptable(publicKey: Buffer): boolean {
  const y = BigInt(`0x${Buffer.from(publicKey).reverse().toString('hex')}`) & (2n ** 255n - 1n);
  return y < P && ![0n, 1n, P - 1n, Y, P - Y].includes(y);
}

/** A note's text of exactly `count` lines. */
function linesOf(note: Note, number: number): string[] {
  const lines = note.text.slice(0, -1).split('\n');
  return lines.length === number ? lines : refuse(`not ${number} lines`);
}

export function readCheckpoint(value: Value | undefined) {
  const note = readNote(value);
  const [origin = '', size = '', root = ''] = linesOf(note, 3);
  return { note, origin: origin || refuse('no origin'), size: decimal(size), root: base64(root, 32) };
}

export function readReceipt(value: Value | undefined) {
  const note = readNote(value);
  const [first, origin, number = '', root = '', time = '', deadline = ''] = linesOf(note, 6);
  if (first !== 'ingam/receipt/v1' || origin === '') refuse('receipt');
  const acceptedAt = decimal(time);
  if (decimal(deadline) < acceptedAt || decimal(number) < 1n) refuse('receipt');
  return { note, count: decimal(number), root: base64(root, 32), acceptedAt };
}

export function readFile(bytes: Uint8Array): Map<string, Value> {
  if (bytes.length > 1048576) refuse('too long');
  return object(parseJson(text(bytes)));
}

export function object(
  value: Value | undefined,
  required?: string[],
  optional: string[] = [],
): Map<string, Value> {
  if (!(value instanceof Map)) return refuse('not an object');
  if (required?.some((key) => !value.has(key))) refuse('a member is missing');
  if (required !== undefined && [...value.keys()].some((key) => ![...required, ...optional].includes(key))) {
    refuse('an unknown member');
  }
  return value;
}

export function integer(value: Value | undefined): bigint {
  return typeof value === 'number' && value >= 0 ? BigInt(value) : refuse('not an integer of 0 or more');
}

export function array(value: Value | undefined, most = Infinity): Value[] {
  return Array.isArray(value) && value.length <= most ? value : refuse('not an array, or too long');
}
