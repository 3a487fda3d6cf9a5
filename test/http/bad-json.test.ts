import { describe, expect, test } from 'vitest';
import { Problem } from '../../src/http/schemas/resources.js';
import { badInputService, DIGEST, expectProblem } from '../support/bad-input.js';

const bad = badInputService();

describe('a bad JSON body', () => {
  const deep = 100_000;
  const json: readonly (readonly [string, string, string])[] = [
    ['not JSON', 'hello', 'malformed_json'],
    ['nothing', '', 'malformed_json'],
    ['truncated', '{"documents":[', 'malformed_json'],
    ['duplicate key', `{"documents":[],"documents":[{"sha256":"${DIGEST}"}]}`, 'malformed_json'],
    ['nesting 10^5 deep', '['.repeat(deep) + ']'.repeat(deep), 'malformed_json'],
    ['nesting 10^5 deep, objects', `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`, 'malformed_json'],
    ['number past 2^53', `{"documents":[{"sha256":"${DIGEST}","size":9007199254740992}]}`, 'malformed_json'],
    ['fraction', `{"documents":[{"sha256":"${DIGEST}","size":1.5}]}`, 'malformed_json'],
    ['exponent', `{"documents":[{"sha256":"${DIGEST}","size":1e3}]}`, 'malformed_json'],
    [
      'half a surrogate pair',
      `{"documents":[{"sha256":"${DIGEST}","details":{"name":"\\ud800"}}]}`,
      'malformed_json',
    ],
    ['millions of escapes', `"${'\\n'.repeat(7_000_000)}"`, 'invalid_body'],
    ['not an object', '[]', 'invalid_body'],
    ['no documents', '{}', 'invalid_body'],
    ['empty list', '{"documents":[]}', 'invalid_body'],
    ['31-byte digest', `{"documents":[{"sha256":"${DIGEST.slice(2)}"}]}`, 'invalid_body'],
    ['33-byte digest', `{"documents":[{"sha256":"${DIGEST}00"}]}`, 'invalid_body'],
    ['a digest of another algorithm', `{"documents":[{"sha256":"sha512:${DIGEST}"}]}`, 'invalid_body'],
    ['65 digits', `{"documents":[{"sha256":"${DIGEST}0"}]}`, 'invalid_body'],
    ['negative size', `{"documents":[{"sha256":"${DIGEST}","size":-1}]}`, 'invalid_body'],
    ['size as text', `{"documents":[{"sha256":"${DIGEST}","size":"1"}]}`, 'invalid_body'],
    ['unknown key', `{"documents":[{"sha256":"${DIGEST}"}],"extra":1}`, 'invalid_body'],
    ['unknown key of a document', `{"documents":[{"sha256":"${DIGEST}","extra":1}]}`, 'invalid_body'],
    ['__proto__', `{"__proto__":{},"documents":[{"sha256":"${DIGEST}"}]}`, 'invalid_body'],
    [
      '__proto__ of a document',
      `{"documents":[{"sha256":"${DIGEST}","__proto__":{"size":1}}]}`,
      'invalid_body',
    ],
    ['__proto__ escaped', `{"documents":[{"sha256":"${DIGEST}","\\u005f_proto__":1}]}`, 'invalid_body'],
    ['constructor', `{"documents":[{"sha256":"${DIGEST}","constructor":1}]}`, 'invalid_body'],
    [
      'control character in a name',
      `{"documents":[{"sha256":"${DIGEST}","details":{"name":"a\\u0000"}}]}`,
      'invalid_body',
    ],
    ['path as name', `{"documents":[{"sha256":"${DIGEST}","details":{"name":"../a"}}]}`, 'invalid_body'],
    [
      'too many details',
      `{"documents":[{"sha256":"${DIGEST}","details":{"tags":${JSON.stringify(Array.from({ length: 64 }, () => 'ü'.repeat(100)))},"note":"${'n'.repeat(8000)}"}}]}`,
      'invalid_body',
    ],
    [
      '10,001 documents',
      JSON.stringify({ documents: Array.from({ length: 10_001 }, () => ({ sha256: DIGEST })) }),
      'invalid_body',
    ],
    ['17 MiB', `"${'x'.repeat(17 * 2 ** 20)}"`, 'too_large'],
  ];
  test.each(json)('is rejected: %s', async (_, body, code) => {
    const res = await bad.send({ type: 'application/json', body });
    expectProblem(res.status, res.body, code);
  });

  test('the problem document names the path of each mistake', async () => {
    const body = JSON.stringify({
      documents: [{ sha256: DIGEST }, { sha256: 'x' }, { sha256: DIGEST, size: -1 }],
    });
    const res = await bad.send({ type: 'application/json', body });
    expect(Problem.parse(res.body).errors?.map(({ path }) => path)).toEqual([
      'documents[1].sha256',
      'documents[2].size',
    ]);
  });

  test('is rejected: bytes that are not UTF-8', async () => {
    const res = await bad.send({ type: 'application/json', body: new Uint8Array([0x22, 0xff, 0x22]) });
    expectProblem(res.status, res.body, 'malformed_json');
  });
});
