import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  concat,
  isPdf,
  MAX_PROOF_LENGTH,
  MAX_PROOF_SOURCE,
  parsePolicy,
  parseProof,
  parseProofOrCertificate,
  PENDING_FORMAT,
  ProofError,
  proofOfCertificate,
  utf8,
  verify,
} from '../../src/proof/index.js';
import { randomRuns } from '../support/random-runs.js';
import { loadVectors, proofBytes } from '../vectors/load.js';

const [vector] = loadVectors('valid').filter(({ name }) => name === 'with-details-and-account');
if (vector === undefined) throw new Error('the vector is gone');
const proof = proofBytes(vector);

/** The lines of docs/proof-format.md, "Files", which a certificate begins with. */
const LINES = [
  '%PDF-1.7',
  '%\xc3\xa9\xff\x80',
  '8 0 obj',
  '<<',
  '/Type /EmbeddedFile',
  '/Params <<',
  '/CreationDate (D:20260102030406Z)',
  '/ModDate (D:20260102030406Z)',
  '/CheckSum (0123456789abcdef0123456789abcdef)',
  '/Size LENGTH',
  '>>',
  '/Subtype /application#2Fvnd.ingam.proof+json',
  '/Length LENGTH',
  '>>',
  'stream',
];
const TAIL = '\nendstream\nendobj\n';

interface Wish {
  readonly lines?: readonly string[];
  readonly content?: Uint8Array;
  readonly length?: string;
  readonly tail?: string;
}

function certificate({
  lines = LINES,
  content = proof,
  length = String(content.length),
  tail = TAIL,
}: Wish = {}) {
  const head = `${lines.join('\n')}\n`.replaceAll('LENGTH', length);
  return concat(latin1(head), content, latin1(tail), latin1('xref and whatever else a PDF has'));
}

const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const withLine = (index: number, ...replacements: string[]) => LINES.toSpliced(index, 1, ...replacements);

function refusal(read: () => unknown): string | null {
  try {
    read();
    return null;
  } catch (error) {
    if (error instanceof ProofError) return error.code;
    throw error;
  }
}

describe('a certificate', () => {
  it('is read as the proof that it contains', () => {
    expect(proofOfCertificate(certificate())).toEqual(proof);
    expect(parseProofOrCertificate(certificate())).toEqual(parseProof(proof));
  });

  it('begins with the lines of the specification', () => {
    const specification = readFileSync(join(import.meta.dirname, '../../docs/proof-format.md'), 'utf8');
    const fence = specification.split('```text\n').find((part) => part.startsWith('%PDF')) ?? '';
    const shown = fence
      .split('\n```')[0]
      ?.split('\n')
      .map((line) => line.split('   ')[0]);
    const meant = LINES.map((line) =>
      line
        .replace(/^%[^P].*/, '%BBBB')
        .replace('8 0', 'N 0')
        .replace(/D:[0-9]{14}/, 'D:YYYYMMDDHHMMSS')
        .replace(/[0-9a-f]{32}/, 'MD5'),
    );
    expect(shown).toEqual(meant);
  });

  it('may be truncated after the proof, or continue with anything', () => {
    const whole = certificate();
    const end = whole.length - 'xref and whatever else a PDF has'.length;
    expect(proofOfCertificate(whole.subarray(0, end))).toEqual(proof);
    expect(proofOfCertificate(concat(whole, certificate({ content: latin1('{}') })))).toEqual(proof);
  });

  it('is recognized by its first MAX_PROOF_SOURCE bytes', () => {
    const content = new Uint8Array(MAX_PROOF_LENGTH).fill(0x20);
    const longest = certificate({ content, lines: withLine(2, '9999999999 0 obj') });
    const found = proofOfCertificate(longest.subarray(0, MAX_PROOF_SOURCE));
    // `toEqual` would take seconds for a million bytes.
    expect(Buffer.compare(found, content)).toBe(0);
  });

  it.each(LINES.map((line, index) => [line, index] as const))(
    'is refused without the line %j',
    (_, index) => {
      expect(refusal(() => proofOfCertificate(certificate({ lines: withLine(index) })))).toBe(
        'malformed_certificate',
      );
    },
  );

  it.each([
    ['another version', withLine(0, '%PDF-2.0')],
    ['no line of high bytes', withLine(1, '%abcd')],
    ['object 0', withLine(2, '0 0 obj')],
    ['another generation', withLine(2, '8 1 obj')],
    ['another type', withLine(4, '/Type /XObject')],
    ['a filter', withLine(12, '/Length LENGTH', '/Filter /FlateDecode')],
    ['an outside file', withLine(12, '/Length LENGTH', '/F (proof.json)')],
    ['another media type', withLine(11, '/Subtype /application#2Fjson')],
    ['a length elsewhere', withLine(12, '/Length 9 0 R')],
    ['a negative length', withLine(12, '/Length -1')],
    ['a length of nothing', withLine(12, '/Length 0')],
    ['leading zeros', withLine(12, '/Length 0LENGTH')],
    ['two lengths', withLine(9, '/Size 12')],
    ['carriage returns', LINES.map((line) => `${line}\r`)],
    [
      'members in another order',
      withLine(12, '/Length LENGTH')
        .toSpliced(4, 1)
        .toSpliced(12, 0, LINES[4] ?? ''),
    ],
    ['white space in front', withLine(0, ' %PDF-1.7')],
  ])('is refused with %s', (_, lines) => {
    expect(refusal(() => proofOfCertificate(certificate({ lines })))).toBe('malformed_certificate');
  });

  it.each([
    ['one byte less', { length: String(proof.length - 1) }],
    ['one byte more', { length: String(proof.length + 1) }],
    ['more bytes than there are', { length: '1048576' }],
    ['more bytes than a proof may have', { length: '1048577' }],
    ['more bytes than anything has', { length: '9'.repeat(16) }],
    ['no end of the stream', { tail: '' }],
    ['no end of the object', { tail: '\nendstream\n' }],
  ])('is refused when it states %s', (_, wish) => {
    expect(refusal(() => proofOfCertificate(certificate(wish)))).toBe('malformed_certificate');
  });

  it('is refused with the code of its malformed proof', () => {
    expect(refusal(() => parseProofOrCertificate(certificate({ content: latin1('{') })))).toBe(
      'malformed_json',
    );
    expect(refusal(() => parseProofOrCertificate(certificate({ content: latin1('{}') })))).toBe(
      'unsupported_format',
    );
  });

  it('is refused for a pending proof', () => {
    const [pending] = loadVectors('pending');
    const content = pending === undefined ? proof : proofBytes(pending);
    expect(parseProof(content).format).toBe(PENDING_FORMAT);
    expect(refusal(() => parseProofOrCertificate(certificate({ content })))).toBe('malformed_certificate');
  });

  it('is not searched for inside a certificate', () => {
    expect(refusal(() => parseProofOrCertificate(certificate({ content: certificate() })))).toBe(
      'malformed_text',
    );
  });
});

describe('a file that is not a PDF', () => {
  it('is read as a proof', () => {
    expect(isPdf(proof)).toBe(false);
    expect(parseProofOrCertificate(proof)).toEqual(parseProof(proof));
    expect(refusal(() => parseProofOrCertificate(new Uint8Array()))).toBe('malformed_json');
    expect(refusal(() => parseProofOrCertificate(latin1('%PD')))).toBe('malformed_json');
  });
});

describe('a damaged certificate', () => {
  const whole = certificate();
  const policy = parsePolicy(vector.trust ?? '');
  const honest = parseProof(proof);

  /** Whatever was done to it: refused with a code, or a proof; and verified only as the proof that it was. */
  function judge(bytes: Uint8Array): void {
    let found;
    try {
      found = parseProofOrCertificate(bytes);
    } catch (error) {
      if (error instanceof ProofError) return;
      throw error;
    }
    if (verify({ proof: found, document: null, policy }).verdict === 'verified')
      expect(found).toEqual(honest);
  }

  it('is never verified as a different proof when bytes are changed', () => {
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = whole.slice();
        for (const [at, value] of changes) bytes[at] = value;
        judge(bytes);
      }),
      randomRuns(300),
    );
  });

  it('is never verified as a different proof when pieces are removed, repeated or inserted', () => {
    const place = fc.nat(whole.length);
    fc.assert(
      fc.property(place, place, fc.uint8Array({ maxLength: 40 }), (from, to, more) => {
        judge(concat(whole.subarray(0, from), more, whole.subarray(to)));
      }),
      randomRuns(300),
    );
  });

  it('is never verified as a different proof when random bytes follow the first bytes of a PDF', () => {
    const junk = fc.oneof(
      fc.uint8Array({ maxLength: 2000 }),
      fc
        .array(fc.constantFrom(...LINES, '>>', 'stream', 'endstream', '\n'), { maxLength: 30 })
        .map((lines) => latin1(lines.join('\n'))),
    );
    fc.assert(
      fc.property(junk, (bytes) => {
        judge(concat(utf8('%PDF-'), bytes));
        judge(concat(utf8('%PDF-1.7\n'), bytes));
      }),
      randomRuns(300),
    );
  });
});
