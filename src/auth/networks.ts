import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';
import { AccessError } from './context.js';

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
