import { Readable } from 'node:stream';
import type { Request } from 'express';
import { describe, expect, test } from 'vitest';
import { readDocuments } from '../../src/http/requests/documents.js';
import { Problem } from '../../src/http/schemas/resources.js';
import { badInputService, DIGEST, expectProblem } from '../support/bad-input.js';
import { startMember } from '../support/member.js';

const bad = badInputService();

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `"${i}":0`).join(',');

/** What would keep a process busy for long if it were read as a whole before anything is checked. */
const VERIFICATIONS: readonly (readonly [string, string, string])[] = [
  ['a proof of 900,000 keys', `{"proof":{${numbered(900_000)}}}`, 'too_large'],
  ['a proof of 5,000 keys', `{"proof":{${numbered(5000)}}}`, 'malformed_json'],
  ['a list of 30,000 items', `{"proof":{"a":[${'[],'.repeat(30_000)}[]]}}`, 'malformed_json'],
  ['a proof of more than 1 MiB as a string', `{"proof":"${'x'.repeat(1_100_000)}"}`, 'malformed_proof'],
  ['more than the largest proof can be', `{"proof":"${'\\n'.repeat(1_100_000)}"}`, 'too_large'],
];

describe('a verification is rejected before its length costs anything', () => {
  test.each(VERIFICATIONS)('%s', async (_, body, code) => {
    const res = await bad.send({ path: '/v1/verify', type: 'application/json', body });
    expectProblem(res.status, res.body, code);
  });

  test('by a member too', async () => {
    await using member = await startMember({ upstream: bad.service.url });
    for (const [, body, code] of VERIFICATIONS) {
      const res = await fetch(`${member.url}/v1/verify`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      expectProblem(res.status, await res.json(), code);
    }
  });
});

describe('documents in JSON', () => {
  test.each([
    [
      'details with 5,000 keys',
      `{"documents":[{"sha256":"${DIGEST}","details":{${numbered(5000)}}}]}`,
      'malformed_json',
    ],
    [
      'details with 3,000 keys',
      `{"documents":[{"sha256":"${DIGEST}","details":{${numbered(3000)}}}]}`,
      'invalid_body',
    ],
    [
      'a document of 200 KiB',
      `{"documents":[{"sha256":"${DIGEST}","details":{"note":"${'n'.repeat(200_000)}"}}]}`,
      'invalid_body',
    ],
    ['300,000 documents', `{"documents":[${'{},'.repeat(300_000)}{}]}`, 'invalid_body'],
    ['300,000 numbers', `{"documents":[${'0,'.repeat(300_000)}0]}`, 'invalid_body'],
    ['a list in a list', `{"documents":[[{"sha256":"${DIGEST}"}]]}`, 'invalid_body'],
    ['documents in an object', `{"documents":{"a":{"sha256":"${DIGEST}"}}}`, 'invalid_body'],
    [
      'documents beside others',
      `{"documents":[{"sha256":"${DIGEST}"}],"more":[{"sha256":"${DIGEST}"}]}`,
      'invalid_body',
    ],
    ['a bracket of another kind', `{"documents":[{"sha256":"${DIGEST}"]}`, 'malformed_json'],
    ['brackets that close twice', `{"documents":[{"sha256":"${DIGEST}"}}]}`, 'malformed_json'],
    ['something behind the end', `{"documents":[{"sha256":"${DIGEST}"}]}{}`, 'malformed_json'],
  ])('are rejected: %s', async (_, body, code) => {
    const res = await bad.send({ type: 'application/json', body });
    expectProblem(res.status, res.body, code);
  });

  test('name at most twenty mistakes', async () => {
    const body = JSON.stringify({ documents: Array.from({ length: 10_000 }, () => ({ sha256: 'x' })) });
    const res = await bad.send({ type: 'application/json', body });
    expect(Problem.parse(res.body).errors).toHaveLength(20);
  });

  test('let other work run while a long body is read, and are the same as if read at once', async () => {
    const documents = Array.from({ length: 8000 }, (_, i) => ({
      sha256: DIGEST,
      size: i,
      details: { note: `"}]{[,\\\\ ${'ü'.repeat(600)}` },
    }));
    const body = Buffer.from(JSON.stringify({ documents }));
    let turns = 0;
    const ended = new AbortController();
    const count = () => {
      turns++;
      if (!ended.signal.aborted) setImmediate(count);
    };
    const req = Object.assign(Readable.from([body]), { headers: {} }) as unknown as Request;
    setImmediate(count);
    const read = await readDocuments(req);
    ended.abort();
    expect(read.map(({ size, details }) => ({ sha256: DIGEST, size, details }))).toEqual(documents);
    // Without pauses it takes two: one for the stream.
    expect(turns).toBeGreaterThan(4);
  });
});
