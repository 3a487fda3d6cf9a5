import { describe, expect, it } from 'vitest';
import { API_ERRORS } from '../../src/http/schemas/error-codes.js';
import { readProblem, ProblemError } from '../../src/web/lib/request.js';

describe('a problem document', () => {
  it('is parsed with its code and request id', () => {
    const body = JSON.stringify({ code: 'too_large', detail: 'Too large.', requestId: 'r1', status: 413 });
    expect(readProblem(413, body, '7')).toEqual({
      status: 413,
      code: 'too_large',
      detail: 'Too large.',
      requestId: 'r1',
      retryAfterSeconds: 7,
    });
  });

  it.each(['', '<html>', 'null', '[]', '{"code":1}'])('is optional: the body may be %s', (body) => {
    expect(readProblem(502, body, 'Wed, 21 Oct 2015 07:28:00 GMT')).toEqual({
      status: 502,
      code: 'http_502',
      detail: 'HTTP 502',
      requestId: null,
      retryAfterSeconds: null,
    });
  });

  it('is temporary only when the service says so', () => {
    const passing = Object.entries(API_ERRORS)
      .filter(
        ([code, { status }]) =>
          new ProblemError(readProblem(status, JSON.stringify({ code }), null)).temporary,
      )
      .map(([, { status }]) => status);
    expect(new Set(passing)).toEqual(new Set([429, 503]));
  });

  it.each([
    ['a minute', '60', true],
    ['a day', '86400', false],
    ['for ever', null, false],
  ])('does not make anybody wait before an open page: %s', (_, retryAfter, passing) => {
    const problem = readProblem(429, '{"code":"limit_exceeded"}', retryAfter);
    expect(new ProblemError(problem).temporary).toBe(passing);
  });
});
