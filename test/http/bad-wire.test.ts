import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import request from 'supertest';
import { describe, expect, test } from 'vitest';
import { badInputService, END, expectProblem, filePart, FORM, GOOD, part } from '../support/bad-input.js';
import { parseResponse, sendRaw } from '../support/raw-http.js';
import { startService } from '../support/service.js';

const bad = badInputService();

describe('bytes on the wire', () => {
  const head = (length: number | string, type = FORM) =>
    `POST /v1/notarizations HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`;
  const whole = filePart + END;

  test('returns 408 for a body shorter than its Content-Length once the connection is idle', async () => {
    await using impatient = await startService({ sealing: false, idleTimeoutMs: 2000 });
    const sent = [
      [FORM, filePart.slice(0, -10)],
      ['application/octet-stream', 'abc'],
      ['application/json', '{"documents":'],
    ] as const;
    const texts = sent.map(([type, body]) => sendRaw(impatient.port, [head(10_000, type), body]));
    for (const text of await Promise.all(texts)) {
      const { status, body } = parseResponse(text);
      expectProblem(status, body, 'request_timeout');
    }
  });

  test('a body longer than its Content-Length is truncated', async () => {
    const { status, body } = parseResponse(
      await sendRaw(bad.service.port, [head(whole.length - 5), whole], { thenClose: 'end' }),
    );
    expectProblem(status, body, 'truncated_multipart');
  });

  test.each([['-1'], ['abc'], ['5, 6'], ['99999999999999999999999']])(
    'Content-Length %s is rejected',
    async (length) => {
      const { status, body } = parseResponse(
        await sendRaw(bad.service.port, [head(length), whole], { thenClose: 'end' }),
      );
      expectProblem(status, body, 'malformed_request');
    },
  );

  test('rejects bytes that are not HTTP, and oversized headers', async () => {
    const noise = parseResponse(await sendRaw(bad.service.port, ['\u0016\u0003\u0001 hello\r\n\r\n']));
    expectProblem(noise.status, noise.body, 'malformed_request');
    const long = parseResponse(
      await sendRaw(bad.service.port, [
        `GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'a'.repeat(100_000)}\r\n\r\n`,
      ]),
    );
    expectProblem(long.status, long.body, 'headers_too_large');
    // A response to HEAD has no body.
    const head = await sendRaw(bad.service.port, [
      `HEAD / HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'a'.repeat(100_000)}\r\n\r\n`,
    ]);
    expect(head).toMatch(/^HTTP\/1\.1 431 [^]*\r\n\r\n$/);
  });

  test.each([
    ['a form', FORM, filePart.slice(0, -2)],
    ['a raw file', 'application/octet-stream', 'abc'],
    ['JSON', 'application/json', '{"documents":[{"sha256":'],
  ])('a client that disconnects in the middle of %s leaves nothing behind', async (_, type, body) => {
    await sendRaw(bad.service.port, [head(10_000, type), body], { thenClose: 'destroy' });
    const ended = parseResponse(
      await sendRaw(bad.service.port, [head(10_000, type), body], { thenClose: 'end' }),
    );
    expectProblem(ended.status, ended.body, 'incomplete_body');
  });

  test('returns 400 for a body with a malformed chunk, without waiting for the rest', async () => {
    const types = [FORM, 'application/octet-stream', 'application/json', 'application/x-ndjson'];
    const texts = types.map((type) => {
      const chunked = `POST /v1/notarizations HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`;
      return sendRaw(bad.service.port, [chunked, '1\r\n{\r\n', 'no chunk\r\n']);
    });
    for (const text of await Promise.all(texts)) {
      const { status, body } = parseResponse(text);
      expectProblem(status, body, 'malformed_request');
    }
  });

  test('malformed bytes after a request that waits for its response are handled once', async () => {
    await using service = await startService({ sealing: false });
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    const body = JSON.stringify(GOOD);
    const socket = connect(service.port, '127.0.0.1').setEncoding('latin1').setNoDelay();
    let text = '';
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    const closed = new Promise((resolve) => socket.on('error', () => undefined).on('close', resolve));
    socket.write(
      `POST /v1/notarizations?wait=sealed HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    for (let i = 0; i < 20; i++) {
      socket.write('no HTTP\r\n\r\n');
      // In a segment of its own.
      await delay(2);
    }
    service.startSealing();
    await closed;
    process.off('warning', onWarning);
    expect(parseResponse(text).status).toBe(201);
    expect(warnings).toEqual([]);
  });

  test('bad requests do not affect requests of other clients', async () => {
    const others = Array.from({ length: 5 }, () =>
      request(bad.service.url)
        .post('/v1/notarizations?wait=sealed')
        .send(GOOD)
        .then((res) => res.status),
    );
    const attacks = [
      sendRaw(bad.service.port, [head(10_000), filePart], { thenClose: 'destroy' }),
      sendRaw(bad.service.port, ['nonsense\r\n\r\n']),
      bad.send({ type: 'application/json', body: '['.repeat(100_000) }),
      bad.send({ type: FORM, body: part('name="f"').repeat(100_000) }),
    ];
    expect(await Promise.all(others)).toEqual([201, 201, 201, 201, 201]);
    await Promise.all(attacks);
    bad.expectAccepted(5);
  });
});
