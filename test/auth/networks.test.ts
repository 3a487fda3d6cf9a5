import { expect, test } from 'vitest';
import { foldAddress, isWithin, networkOf, parseNetworks } from '../../src/auth/values.js';

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:192.0.2.1', '192.0.2.1'],
  ['::ffff:c000:201', '192.0.2.1'],
  ['::ffff:0:1', '0.0.0.1'],
  ['2001:DB8::1', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['::1', '::1'],
  ['', ''],
  [undefined, ''],
  ['not an address', 'not an address'],
])('%s is written %s', (raw, folded) => {
  expect(foldAddress(raw)).toBe(folded);
});

test.each([
  ['192.0.2.1', '192.0.2.0/24'],
  ['192.0.2.255', '192.0.2.0/24'],
  ['2001:db8:1:2233:4:5:6:7', '2001:db8:1:2200::/56'],
  ['2001:db8:1:22ff::', '2001:db8:1:2200::/56'],
  ['2001:db8::1', '2001:db8:0:0::/56'],
  ['::1', '0:0:0:0::/56'],
  ['::', '0:0:0:0::/56'],
  ['1::2:3:4:5:6:7', '1:0:2:0::/56'],
  ['64:ff9b::192.0.2.33', '64:ff9b:0:0::/56'],
  ['1:2:3:4:5:6:192.0.2.33', '1:2:3:0::/56'],
  ['', ''],
  ['somewhere', 'somewhere'],
])('%s is of the network %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test('networks are stored in canonical form and without duplicates', () => {
  expect(
    parseNetworks(['10.0.0.0/8', ' 10.0.0.0/8 ', '192.0.2.7', '2001:DB8::/32', '::1', '0.0.0.0/0']),
  ).toEqual(['10.0.0.0/8', '192.0.2.7/32', '2001:db8::/32', '::1/128', '0.0.0.0/0']);
});

test('an IPv4 network contains no IPv6 address, and the reverse', () => {
  expect(isWithin('192.0.2.1', ['0.0.0.0/0'])).toBe(true);
  expect(isWithin('2001:db8::1', ['0.0.0.0/0'])).toBe(false);
  expect(isWithin('2001:db8::1', ['::/0'])).toBe(true);
  expect(isWithin('192.0.2.1', ['::/0'])).toBe(false);
  expect(isWithin('192.0.2.1', [])).toBe(true);
  expect(isWithin('nowhere', ['0.0.0.0/0', '::/0'])).toBe(false);
});
