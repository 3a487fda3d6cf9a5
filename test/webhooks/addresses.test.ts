import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { AddressRules } from '../../src/webhooks/address.js';
import { type Resolve, Sender, type SenderOptions } from '../../src/webhooks/send.js';
import { until } from '../support/until.js';
import { startReceiver } from '../support/webhooks.js';

const BODY = Buffer.from('{"type":"x","timestamp":"2026-01-01T00:00:00.000Z","data":{}}');
const NEVER = new AbortController().signal;

const senders: Sender[] = [];
afterEach(() => {
  for (const sender of senders.splice(0)) sender.close();
});

function createSender(allowed: readonly string[] | null, options: Partial<SenderOptions> = {}): Sender {
  const sender = new Sender({ rules: new AddressRules(allowed), ...options });
  senders.push(sender);
  return sender;
}

/** A name server on loopback that answers what it is told, the addresses of the next entry for each query. */
async function startNameServer(answers: string[][]): Promise<{ resolve: Resolve } & AsyncDisposable> {
  const server = createSocket('udp4');
  server.on('message', (query, { port, address }) => {
    const addresses = answers.shift() ?? [];
    const end = query.indexOf(0, 12) + 5;
    const header = Buffer.from(query.subarray(0, 12));
    // A response without errors, or one that says that there is no such name.
    header.writeUInt16BE(addresses.length === 0 ? 0x8183 : 0x8180, 2);
    header.writeUInt16BE(addresses.length, 6);
    header.writeUInt32BE(0, 8);
    const records = addresses.map((each) =>
      Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...each.split('.').map(Number)]),
    );
    server.send(Buffer.concat([header, query.subarray(12, end), ...records]), port, address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  const resolver = new Resolver();
  resolver.setServers([`127.0.0.1:${server.address().port}`]);
  return {
    resolve: (host) => resolver.resolve4(host),
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

test.each([
  ['an address of the metadata of clouds', 'https://169.254.169.254/latest/meta-data'],
  ['loopback', 'https://127.0.0.1/'],
  ['loopback as one number', 'https://2130706433/'],
  ['loopback in hexadecimal', 'https://0x7f000001/'],
  ['loopback, shortened', 'https://127.1/'],
  ['loopback of IPv6', 'https://[::1]/'],
  ['no address', 'https://[::]/'],
  ['IPv4 in IPv6', 'https://[::ffff:7f00:1]/'],
  ['IPv4 in IPv6, in decimal', 'https://[::ffff:10.0.0.1]/'],
  ['IPv4-compatible IPv6', 'https://[::7f00:1]/'],
  ['NAT64', 'https://[64:ff9b::7f00:1]/'],
  ['local NAT64', 'https://[64:ff9b:1::7f00:1]/'],
  ['6to4', 'https://[2002:7f00:1::]/'],
  ['Teredo', 'https://[2001::1]/'],
  ['unique local addresses', 'https://[fd00::1]/'],
  ['link-local addresses', 'https://[fe80::1]/'],
  ['site-local addresses', 'https://[fec0::1]/'],
  ['multicast of IPv6', 'https://[ff02::1]/'],
  ['private networks', 'https://10.1.2.3/'],
  ['private networks', 'https://172.31.0.1/'],
  ['private networks', 'https://192.168.1.1/'],
  ['networks of providers', 'https://100.64.0.1/'],
  ['networks for tests', 'https://198.19.0.1/'],
  ['addresses of protocols', 'https://192.0.0.8/'],
  ['this network', 'https://0.0.0.0/'],
  ['multicast', 'https://224.0.0.1/'],
  ['broadcast', 'https://255.255.255.255/'],
  ['no TLS', 'http://example.com/'],
  ['another protocol', 'ftp://example.com/'],
  ['a user name', 'https://user@example.com/'],
  ['a password', 'https://:secret@example.com/'],
  ['the port of mail servers', 'https://example.com:25/'],
  ['the port of remote shells', 'https://example.com:22/'],
  ['a fragment', 'https://example.com/#part'],
  ['a line break', 'https://example.com/\r\nHost: other'],
  ['no URL', 'example.com'],
])('refuses %s: %s', (_, url) => {
  expect(() => new AddressRules(null).parseUrl(url)).toThrow(
    expect.objectContaining({ code: 'invalid_webhook_url' }),
  );
});

test('takes addresses of the Internet, and those that the operator allows', () => {
  const rules = new AddressRules(null);
  expect(rules.parseUrl('https://example.com:8443/hook?key=1')).toBe('https://example.com:8443/hook?key=1');
  for (const address of ['1.1.1.1', '172.32.0.1', '2606:4700:4700::1111', '2a00::1'])
    expect([address, rules.mayReach(address)]).toEqual([address, true]);
  const inside = new AddressRules(['10.0.0.0/8', 'fd00::/8']);
  expect(inside.parseUrl('http://10.1.2.3/hook')).toBe('http://10.1.2.3/hook');
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', 'fd00::1', '1.1.1.1'])
    expect([address, inside.mayReach(address)]).toEqual([address, true]);
  for (const address of ['127.0.0.1', '192.168.0.1', 'fe80::1', '::1', 'nonsense'])
    expect([address, inside.mayReach(address)]).toEqual([address, false]);
});

test('connects to the address that was judged, and to none when a name has one that is refused', async () => {
  await using receiver = await startReceiver();
  const port = new URL(receiver.url).port;
  await using names = await startNameServer([
    ['127.0.0.1'],
    ['169.254.169.254'],
    ['127.0.0.1', '127.0.0.2'],
    ['10.0.0.1'],
    [],
  ]);
  const sender = createSender(['127.0.0.1/32'], { resolve: names.resolve });
  const post = async (host: string) =>
    (await sender.post(`http://${host}:${port}/`, {}, BODY, NEVER)).outcome;
  expect(await post('a.example')).toBe('delivered');
  // It has another address a moment later.
  for (const host of ['b.example', 'c.example', 'd.example'])
    expect(await post(host)).toBe('address_refused');
  expect(await post('e.example')).toBe('unknown_host');
  expect(receiver.received).toHaveLength(1);
  expect(receiver.connections).toBe(1);
});

test('refuses addresses without a look-up too, and HTTP without TLS outside of what is allowed', async () => {
  await using receiver = await startReceiver();
  const outcome = async (url: string, allowed: readonly string[] | null, options?: Partial<SenderOptions>) =>
    (await createSender(allowed, options).post(url, {}, BODY, NEVER)).outcome;
  expect(await outcome(receiver.url, null)).toBe('address_refused');
  expect(await outcome(receiver.url, ['10.0.0.0/8'])).toBe('address_refused');
  expect(await outcome(receiver.url.replace('127.0.0.1', '[::ffff:127.0.0.1]'), ['10.0.0.0/8'])).toBe(
    'address_refused',
  );
  const global = { resolve: () => Promise.resolve(['1.1.1.1']) };
  expect(await outcome('http://public.example/', ['127.0.0.0/8'], global)).toBe('address_refused');
  expect(receiver.connections).toBe(0);
});

test('says how it failed: no TLS, no connection, no answer in time; and reads no more of a body than it must', async () => {
  await using receiver = await startReceiver();
  const sockets = new Set<Socket>();
  let written = 0;
  /** Says the beginning of an answer, and then more and more of it. */
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', (head) => {
      if (head.includes('/drip')) {
        socket.write('HTTP/1.1 200 OK\r\n');
        const drip = setInterval(() => socket.write('x-more: y\r\n'), 5);
        socket.on('close', () => {
          clearInterval(drip);
        });
      } else {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        const flood = () => {
          while (!socket.destroyed && socket.write(Buffer.alloc(65_536))) written += 65_536;
        };
        socket.on('drain', flood);
        flood();
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sender = createSender(['127.0.0.0/8'], { timeoutMs: 1000 });
  const outcome = async (address: string) => (await sender.post(address, {}, BODY, NEVER)).outcome;
  expect(await outcome(receiver.url.replace('http:', 'https:'))).toBe('tls');
  expect(await outcome(`${url}/drip`)).toBe('timeout');
  expect(await outcome(`${url}/flood`)).toBe('delivered');
  await until('the connections to be closed', () => [...sockets].every(({ destroyed }) => destroyed));
  expect(written).toBeLessThan(100 * 1024 * 1024);
  server.close();
  await once(server, 'close');
  expect(await outcome(`${url}/`)).toBe('connection');
});
