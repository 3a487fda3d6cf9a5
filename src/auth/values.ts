import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';
import { isMailAddress, MAIL_ADDRESS_RULE } from '../messages/mail-address.js';
import { type Limits, type Scope, SCOPES } from '../store/index.js';
import { AccessError } from './context.js';

const MAX_NAME_LENGTH = 200;

/** An absent limit stays as it is, or is null. */
export type LimitsInput = { readonly [K in keyof Limits]?: Limits[K] | undefined };

const LIMIT_NAMES = ['requestsPerMinute', 'digestsPerDay', 'bytesPerDay'] as const;
/** The first is stored in 32 bits. */
const MAXIMUM: Readonly<Limits> = {
  requestsPerMinute: 2 ** 31 - 1,
  digestsPerDay: Number.MAX_SAFE_INTEGER,
  bytesPerDay: Number.MAX_SAFE_INTEGER,
};

/**
 * The name of an organization, a person or a key: one line of text.
 * @throws {AccessError} invalid_value
 */
export function parseName(text: string): string {
  const name = text.trim().normalize('NFC');
  if (name === '' || name.length > MAX_NAME_LENGTH || /[\p{Cc}\p{Cs}\u2028\u2029]/u.test(name)) {
    throw invalid(`a name is one line of 1 to ${MAX_NAME_LENGTH} characters`);
  }
  return name;
}

/**
 * The canonical spelling of an address, so that two spellings are one person. Whether the address receives
 * mail is not checked.
 * @throws {AccessError} invalid_email
 */
export function normaliseEmail(text: string): string {
  const email = text.trim().toLowerCase();
  if (!isMailAddress(email)) throw new AccessError('invalid_email', MAIL_ADDRESS_RULE);
  return email;
}

/** @throws {AccessError} invalid_value */
export function parseLimits(input: LimitsInput = {}): Partial<Limits> {
  const limits: { -readonly [K in keyof Limits]?: Limits[K] } = {};
  for (const name of LIMIT_NAMES) {
    const value = input[name];
    if (value === undefined) continue;
    if (value !== null && !(Number.isSafeInteger(value) && value >= 0 && value <= (MAXIMUM[name] ?? 0))) {
      throw invalid(`${name} is null or a whole number from 0 to ${String(MAXIMUM[name])}`);
    }
    limits[name] = value;
  }
  return limits;
}

/** All limits; absent ones are null. */
export function allLimits(input: LimitsInput = {}): Limits {
  return { requestsPerMinute: null, digestsPerDay: null, bytesPerDay: null, ...parseLimits(input) };
}

/** @throws {AccessError} invalid_value */
export function parseScopes(scopes: readonly string[]): Scope[] {
  const known = SCOPES.filter((scope) => scopes.includes(scope));
  if (known.length === 0 || known.length !== new Set(scopes).size) {
    throw invalid(`scopes are one or more of ${SCOPES.join(', ')}`);
  }
  return known;
}

/** @throws {AccessError} invalid_value */
export function parseExpiry(time: number | null, now: number): number | null {
  if (time !== null && !(Number.isSafeInteger(time) && time > now)) {
    throw invalid('an expiry must be in the future');
  }
  return time;
}

function invalid(message: string): AccessError {
  return new AccessError('invalid_value', message);
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
/** 100 bits, so that ids do not collide. */
const ID_CHARACTERS = 20;
/** 256 bits in base64url. */
const SECRET = /^[A-Za-z0-9_-]{43}$/;

export type IdKind = 'org' | 'psn' | 'ses' | 'sig' | 'hld' | 'pky' | 'srq' | 'whk' | 'pwr' | 'inv' | 'dig';

/** For example org_k7zq… */
export function newId(kind: IdKind): string {
  return idFrom(kind, randomBytes(ID_CHARACTERS));
}

/** Always the same for the same text. */
export function idOf(kind: IdKind, text: string): string {
  return idFrom(kind, createHash('sha256').update(text).digest());
}

function idFrom(kind: IdKind, bytes: Uint8Array): string {
  // 256 is a multiple of 32, so all characters are equally likely.
  const characters = [...bytes.subarray(0, ID_CHARACTERS)].map((byte) => BASE32.charAt(byte % BASE32.length));
  return `${kind}_${characters.join('')}`;
}

/** Ids are untrusted input: malformed ones are not looked up. */
export function isId(kind: IdKind, text: string): boolean {
  return text.startsWith(`${kind}_`) && /^[a-z]+_[a-z2-7]{20}$/.test(text);
}

/** 32 random bytes as text: refresh tokens, invitations, the secret part of API keys. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

export function isSecret(text: string): boolean {
  return SECRET.test(text);
}

/** What is stored of a secret. Its 256 random bits cannot be guessed, so plain SHA-256 is enough. */
export function hashSecret(secret: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(secret).digest());
}

/** In constant time. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Longer lists belong in a firewall. */
const MAX_NETWORKS = 64;
const MAPPED = /^::ffff:(?:(\d+\.\d+\.\d+\.\d+)|([0-9a-f]{1,4}):([0-9a-f]{1,4}))$/i;

/** Whether only this machine can reach the host. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * The canonical spelling of an address from a socket or a proxy: IPv4-mapped IPv6 as IPv4, without a zone, in
 * lower case.
 */
export function foldAddress(raw: string | undefined): string {
  const address = (raw ?? '').replace(/%.*$/s, '').toLowerCase();
  const [, dotted, high, low] = MAPPED.exec(address) ?? [];
  if (dotted !== undefined) return dotted;
  if (high === undefined || low === undefined) return address;
  const [a, b] = [parseInt(high, 16), parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join('.');
}

/**
 * What one customer of a network provider usually has: the /24 of an IPv4 address, the /56 of an IPv6
 * address. Anything else is returned unchanged.
 */
export function networkOf(address: string): string {
  if (isIPv4(address)) return `${address.split('.').slice(0, 3).join('.')}.0/24`;
  if (!isIPv6(address)) return address;
  const [first = 0, second = 0, third = 0, fourth = 0] = groupsOf(address);
  return `${[first, second, third, fourth & 0xff00].map((group) => group.toString(16)).join(':')}::/56`;
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  // An embedded IPv4 address is at the end, beyond the /56: any two groups can stand for it.
  const [head = '', tail] = address.replace(/\d+\.\d+\.\d+\.\d+$/, '0:0').split('::');
  const groups = (text: string | undefined) =>
    text === undefined || text === '' ? [] : text.split(':').map((group) => parseInt(group, 16));
  const [start, end] = [groups(head), groups(tail)];
  return tail === undefined
    ? start
    : [...start, ...Array<number>(8 - start.length - end.length).fill(0), ...end];
}

/**
 * Networks in CIDR form, as they are stored; an address becomes a network with one address.
 * @throws {AccessError} invalid_network
 */
export function parseNetworks(texts: readonly string[]): string[] {
  if (texts.length > MAX_NETWORKS) {
    throw new AccessError('invalid_network', `an API key can have at most ${MAX_NETWORKS} networks`);
  }
  return [...new Set(texts.map(parseNetwork))];
}

function parseNetwork(text: string): string {
  const [address = '', prefix, ...rest] = text.trim().toLowerCase().split('/');
  const family = isIP(address);
  const widest = family === 4 ? 32 : 128;
  const length =
    prefix === undefined ? widest : /^(0|[1-9][0-9]{0,2})$/.test(prefix) ? Number(prefix) : Infinity;
  // Includes addresses that foldAddress writes differently: no client would ever match them.
  if (family === 0 || address !== foldAddress(address) || rest.length > 0 || length > widest) {
    throw new AccessError(
      'invalid_network',
      `a network has the form ADDRESS or ADDRESS/LENGTH, such as 192.0.2.0/24 or 2001:db8::/32; got ${JSON.stringify(text.slice(0, 64))}`,
    );
  }
  return `${address}/${length}`;
}

/** @param networks as `parseNetworks` returns them; none: any */
export function isWithin(address: string, networks: readonly string[]): boolean {
  if (networks.length === 0) return true;
  const family = isIP(address);
  if (family === 0) return false;
  const allowed = new BlockList();
  for (const network of networks) {
    const [base = '', length = ''] = network.split('/');
    // Networks of the other family are skipped: a BlockList would find 192.0.2.1 in ::/0.
    if (isIP(base) === family) allowed.addSubnet(base, Number(length), typeOf(family));
  }
  return allowed.check(address, typeOf(family));
}

function typeOf(family: number): 'ipv4' | 'ipv6' {
  return family === 4 ? 'ipv4' : 'ipv6';
}
