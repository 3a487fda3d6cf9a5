import { createHash } from 'node:crypto';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Accepted, Problem, Verification } from '../../src/http/schemas/resources.js';
import { startService, type TestService } from '../support/service.js';

const FILE = Buffer.from('%PDF-1.4\nthe lease itself, which is a PDF as well\n');

let service: TestService;
let certificate: Buffer;
beforeAll(async () => {
  service = await startService();
  certificate = await certified(FILE, { name: 'lease.pdf', title: 'Lease' });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

async function certified(document: Buffer, details: object): Promise<Buffer> {
  const sha256 = createHash('sha256').update(document).digest('hex');
  const res = await request(service.url)
    .post('/v1/notarizations?wait=sealed')
    .send({ documents: [{ sha256, size: document.length, details }] });
  const [made] = Accepted.parse(res.body).notarizations;
  const address = `${made?.links.self ?? expect.fail()}/certificate.pdf`;
  return (await request(service.url).get(address).responseType('blob').expect(200)).body as Buffer;
}

describe('POST /v1/verify with a certificate as the proof', () => {
  const post = () => request(service.url).post('/v1/verify');
  const withProof = (bytes: Buffer, document: Buffer | null = FILE) =>
    document === null
      ? post().attach('proof', bytes, 'c.pdf')
      : post().attach('file', document, 'd.pdf').attach('proof', bytes, 'c.pdf');
  const verdictOf = async (sent: request.Test) => {
    const { verdict, steps } = Verification.parse((await sent.expect(200)).body);
    return [verdict, steps.find(({ outcome }) => outcome === 'failed')?.code];
  };
  const codeOf = async (sent: request.Test) => {
    const { code, errors } = Problem.parse((await sent).body);
    return [code, errors?.[0]?.message.split(':')[0]];
  };

  test('verifies with and without the document, also if the PDF has been extended', async () => {
    expect(await verdictOf(withProof(certificate))).toEqual(['verified', undefined]);
    expect(await verdictOf(withProof(certificate, null))).toEqual(['verified', undefined]);
    const longer = Buffer.concat([certificate, Buffer.alloc(3_000_000, 'x')]);
    expect(await verdictOf(withProof(longer))).toEqual(['verified', undefined]);
  });

  test('reports what is wrong with the certificate', async () => {
    expect(await verdictOf(withProof(certificate, Buffer.from('other')))).toEqual([
      'invalid',
      'document_digest_mismatch',
    ]);
    const name = certificate.indexOf('Lease');
    const forged = Buffer.concat([
      certificate.subarray(0, name),
      Buffer.from('Peace'),
      certificate.subarray(name + 5),
    ]);
    expect(await verdictOf(withProof(forged))).toEqual(['invalid', 'details_mismatch']);
    const noCertificate = ['malformed_proof', 'malformed_certificate'];
    for (const pdf of [FILE, certificate.subarray(0, 900), Buffer.alloc(2_000_000, '%PDF-')])
      expect(await codeOf(withProof(pdf))).toEqual(noCertificate);
    expect(await codeOf(withProof(Buffer.alloc(1_048_577, ' ')))).toEqual(['too_large', undefined]);
  });

  test('verifies a certificate as a document with a proof of its own', async () => {
    const second = await certified(certificate, { name: 'certificate.pdf' });
    expect(await verdictOf(withProof(second, certificate))).toEqual(['verified', undefined]);
    expect(await verdictOf(post().attach('file', certificate, 'c.pdf'))).toEqual(['verified', undefined]);
  });
});
