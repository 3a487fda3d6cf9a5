import { createHash } from 'node:crypto';
import request from 'supertest';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { API_ERRORS } from '../../src/http/schemas/error-codes.js';
import { Accepted, Problem } from '../../src/http/schemas/resources.js';
import { startService, type TestService } from './service.js';

export const DIGEST = createHash('sha256').update('x').digest('hex');
export const GOOD = { documents: [{ sha256: DIGEST }] };

export const FORM = 'multipart/form-data; boundary=b';
export const part = (head: string, content = 'x') =>
  `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`;
export const filePart = part('name="file"; filename="a.txt"');
export const END = '--b--\r\n';

export interface Sent {
  readonly type?: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
  readonly method?: string;
  readonly path?: string;
}

export interface BadInputService {
  readonly service: TestService;
  /** Sends a request that must be rejected. */
  send(sent: Sent): Promise<{ status: number; body: unknown; headers: Headers }>;
  /** Declares that a test had this many documents accepted. */
  expectAccepted(count: number): void;
}

/**
 * A service for the tests of one file. Checks after each test that none of its bad input was accepted, and that the service still
 * works.
 */
export function badInputService(): BadInputService {
  let service: TestService;
  let accepted = 0;
  beforeAll(async () => {
    service = await startService({ maxUploadBytes: 1_000_000 });
  });
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
  });
  afterEach(async () => {
    expect((await service.store.head()).nextPosition).toBe(accepted);
    const res = await request(service.url).post('/v1/notarizations').send(GOOD).expect(201);
    accepted += Accepted.parse(res.body).notarizations.length;
  });
  return {
    get service() {
      return service;
    },
    expectAccepted: (count) => {
      accepted += count;
    },
    send: async ({ type, body, headers = {}, method = 'POST', path = '/v1/notarizations' }) => {
      const res = await fetch(service.url + path, {
        method,
        headers: { ...(type === undefined ? {} : { 'content-type': type }), ...headers },
        ...(body === undefined ? {} : { body }),
      });
      expect(res.headers.get('content-type')).toBe('application/problem+json');
      expect(res.headers.get('x-request-id')).toMatch(/./);
      return { status: res.status, body: (await res.json()) as unknown, headers: res.headers };
    },
  };
}

/** A problem document with this code and a 4xx status that explains the mistake and leaks no internals. */
export function expectProblem(status: number, body: unknown, code: string): void {
  const problem = Problem.parse(body);
  expect({ code: problem.code, detail: problem.detail }).toMatchObject({ code });
  expect(status).toBe(API_ERRORS[problem.code].status);
  expect(problem.status).toBe(status);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
  expect(problem.detail).toMatch(/^[^\n]{10,400}$/);
  expect(JSON.stringify(problem)).not.toMatch(/node_modules|\.ts:|\.js:|at .*\(/);
}
