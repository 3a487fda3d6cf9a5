import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { S3Storage } from '../../src/vault/index.js';
import { until } from '../support/until.js';

// What a working S3 server does is tested with one (s3.interop.ts).

const SILENCE_MS = 100;
const NAME = '0f'.repeat(16);

const storageAt = (port: number, silenceMs = SILENCE_MS) =>
  new S3Storage({
    endpoint: `http://127.0.0.1:${port}`,
    ...{ region: 'us-east-1', bucket: 'vault', prefix: '', accessKey: 'key', secretKey: 'secret', silenceMs },
  });

async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.dispose]: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function* content(length: number): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(new Uint8Array(length));
}

const SILENT = {
  code: 'unavailable',
  message: expect.stringContaining('does not answer: nothing for 0.1 seconds') as string,
};

async function read(storage: S3Storage, onPart: () => Promise<void> = () => Promise.resolve()) {
  let length = 0;
  for await (const bytes of storage.read(NAME, { first: 0, last: 999_999 })) {
    length += bytes.length;
    await onPart();
  }
  return length;
}

test('a server that accepts connections and says nothing is unavailable, and is not asked again', async () => {
  let connections = 0;
  const server = createTcpServer(() => connections++).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const storage = storageAt((server.address() as AddressInfo).port);
  await expect(storage.check()).rejects.toMatchObject(SILENT);
  await expect(storage.write(NAME, content(10), 10)).rejects.toMatchObject(SILENT);
  // More than the system takes for the connection.
  const large = 40 * 1024 * 1024;
  await expect(storage.write(NAME, content(large), large)).rejects.toMatchObject(SILENT);
  await expect(storage.remove(NAME)).rejects.toMatchObject(SILENT);
  await expect(read(storage)).rejects.toMatchObject(SILENT);
  // It may not have seen the last one yet.
  await until('five connections', () => connections, 5);
  server.close();
});

test('a server that stops in the middle of an object, and then says nothing, is unavailable', async () => {
  let asked = 0;
  using server = await serve((_, res) => {
    if (++asked === 1) res.writeHead(206, { 'content-length': 1_000_000 }).write(new Uint8Array(100_000));
  });
  await expect(read(storageAt(server.port))).rejects.toMatchObject(SILENT);
  await until('the rest to be asked for, once', () => asked, 2);
});

test('a connection that breaks in the middle of an object costs what was under way, and not the read', async () => {
  const object = randomBytes(1_000_000);
  const ranges: (string | undefined)[] = [];
  using server = await serve((req, res) => {
    ranges.push(req.headers.range);
    const first = Number(/^bytes=(\d+)-999999$/.exec(req.headers.range ?? '')?.[1]);
    res.writeHead(206, { 'content-length': 1_000_000 - first });
    if (ranges.length === 3) res.destroy();
    else if (ranges.length < 8) res.write(object.subarray(first, first + 150_000), () => res.destroy());
    else res.end(object.subarray(first));
  });
  const parts: Uint8Array[] = [];
  for await (const part of storageAt(server.port, 30_000).read(NAME, { first: 0, last: 999_999 }))
    parts.push(part);
  expect(Buffer.concat(parts).equals(object)).toBe(true);
  // Each time from where it was, also after a try without any byte.
  expect(ranges.length).toBe(8);
  expect(new Set(ranges).size).toBe(7);
});

test('an answer that breaks off is asked for again, so that an upload goes on', async () => {
  const length = 17 * 1024 * 1024;
  const asked: string[] = [];
  using server = await serve((req, res) => {
    const what = `${req.method ?? ''} ${new URL(req.url ?? '', 'http://s3').search}`;
    asked.push(what);
    req.resume().once('end', () => {
      const text = what.includes('uploads=') ? '<UploadId>u</UploadId>' : '<Result/>';
      res.writeHead(200, { etag: '"e"', 'content-length': text.length });
      if (asked.filter((each) => each === what).length > 1) res.end(text);
      else res.write(text.slice(1), () => res.destroy());
    });
  });
  await storageAt(server.port, 30_000).write(NAME, content(length), length);
  const requests = [
    ...['POST ?uploads=', 'PUT ?partNumber=1&uploadId=u', 'PUT ?partNumber=2&uploadId=u'],
    'POST ?uploadId=u',
  ];
  expect(asked).toEqual(requests.flatMap((each) => [each, each]));
});

test('a server that breaks off again and again before the first byte is unavailable', async () => {
  let asked = 0;
  using server = await serve((_, res) => {
    asked++;
    res.writeHead(206, { 'content-length': 1_000_000 });
    res.flushHeaders();
    setImmediate(() => res.destroy());
  });
  await expect(read(storageAt(server.port, 30_000))).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('cannot be reached (ECONNRESET)') as string,
  });
  expect(asked).toBeGreaterThanOrEqual(4);
});

test('a reader may take longer than the server', async () => {
  using server = await serve((_, res) => {
    res.writeHead(206, { 'content-length': 1_000_000 }).end(new Uint8Array(1_000_000));
  });
  let paused = false;
  const length = await read(storageAt(server.port), async () => {
    if (paused) return;
    paused = true;
    await delay(3 * SILENCE_MS);
  });
  expect(length).toBe(1_000_000);
});

test('a redirect to another server is not followed', async () => {
  let asked = 0;
  using other = await serve((_, res) => {
    asked++;
    res.writeHead(206).end('of another server');
  });
  using server = await serve((_, res) => {
    res.writeHead(307, { location: `http://127.0.0.1:${other.port}/vault/${NAME}` }).end();
  });
  const storage = storageAt(server.port, 30_000);
  await expect(read(storage)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('answered 307') as string,
  });
  await expect(storage.write(NAME, content(10), 10)).rejects.toMatchObject({ code: 'unavailable' });
  expect(asked).toBe(0);
});
