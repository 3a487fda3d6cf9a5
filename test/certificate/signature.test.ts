import { describe, expect, it } from 'vitest';
import { certificateSigner, type CertificateSigner } from '../../src/certificate/signature.js';
import { CertificateError } from '../../src/certificate/facts.js';
import { formatProof, parseProofOrCertificate } from '../../src/proof/index.js';
import { withOpenssl } from '../support/openssl.js';
import { Pdf } from './pdf-reader.js';
import { certificateOf, inputOf, logoPng, makeKey, signedParts } from './support.js';

async function signed(signer: CertificateSigner): Promise<Uint8Array> {
  const signature = { name: signer.name, at: Date.UTC(2026, 10, 29, 12, 3, 2) };
  return signer.sign(await certificateOf({}, { signature }));
}

describe('a signed certificate', () => {
  it.each(['rsa', 'p256', 'p384', 'p521'] as const)('is accepted by openssl: %s', async (kind) => {
    await withOpenssl(async (openssl) => {
      const { key, chain, root } = makeKey(openssl, kind);
      const { content, cms } = signedParts(await signed(certificateSigner(key, chain, null)));
      const verify = (bytes: Buffer) =>
        openssl.run(
          ...['cms', '-verify', '-binary', '-inform', 'DER', '-in', openssl.file('cms', cms)],
          ...['-content', openssl.file('content', bytes), '-CAfile', root, '-purpose', 'any', '-out', 'out'],
        );
      expect(verify(content)).toMatchObject({ passed: true });
      for (const at of [0, 2000, content.length - 1]) {
        const changed = Buffer.from(content);
        changed[at] = (changed[at] ?? 0) ^ 1;
        expect(verify(changed), `byte ${at}`).toMatchObject({ passed: false });
      }
    });
  });

  it('is a proof like any other, and names its signer', async () => {
    await withOpenssl(async (openssl) => {
      const { key, chain } = makeKey(openssl, 'p256');
      const signer = certificateSigner(key, chain, null);
      const pdf = await signed(signer);
      expect(formatProof(parseProofOrCertificate(pdf))).toBe(formatProof(inputOf().proof));
      expect(new Pdf(pdf).pages).toHaveLength(2);
      const text = Buffer.from(pdf).toString('latin1');
      expect(text).toContain('/SubFilter /ETSI.CAdES.detached');
      expect(text).toContain('/M (D:20261129120302Z)');
      expect(text).toContain('/SigFlags 3');
      // PDF/A forbids it.
      expect(text).not.toContain('NeedAppearances');
      expect(signer.name).toBe('법무법인 인감');
    });
  });

  it('has a time-stamp of its signature when there is one', async () => {
    await withOpenssl(async (openssl) => {
      const { key, chain } = makeKey(openssl, 'rsa');
      const asked: Uint8Array[] = [];
      const token = new Uint8Array([0x30, 0x03, 0x02, 0x01, 0x07]);
      const stamper = (bytes: Uint8Array) => Promise.resolve((asked.push(bytes), token));
      const { cms } = signedParts(await signed(certificateSigner(key, chain, stamper)));
      const [signature = new Uint8Array()] = asked;
      expect(signature).toHaveLength(256);
      // signatureTimeStampToken, behind the signature that it is about.
      const attribute = Buffer.from('060b2a864886f70d010910020e31053003020107', 'hex');
      expect(cms.indexOf(attribute)).toBeGreaterThan(cms.indexOf(signature));
      const late = certificateSigner(key, chain, () => Promise.resolve(null));
      expect(signedParts(await signed(late)).cms.includes(attribute)).toBe(false);
    });
  });

  it('is signed where the room is, whatever the proof contains', async () => {
    await withOpenssl(async (openssl) => {
      const { key, chain, root } = makeKey(openssl, 'p256');
      const signer = certificateSigner(key, chain, null);
      const name = `/ByteRange [0 9999999999 9999999999 9999999999]/Contents <${'0'.repeat(3000)}>`;
      const signature = { name: signer.name, at: 0 };
      const pdf = await signer.sign(await certificateOf({ details: { name } }, { signature }));
      const { content, cms } = signedParts(pdf);
      const result = openssl.run(
        ...['cms', '-verify', '-binary', '-inform', 'DER', '-in', openssl.file('cms', cms)],
        ...['-content', openssl.file('content', content), '-CAfile', root, '-purpose', 'any', '-out', 'out'],
      );
      expect(result).toMatchObject({ passed: true });
    });
  });
});

describe('a key that cannot sign', () => {
  const refusal = (key: string, chain: string): string => {
    try {
      certificateSigner(key, chain, null);
    } catch (error) {
      if (error instanceof CertificateError && error.code === 'bad_signing_key') return error.message;
      throw error;
    }
    return expect.fail('the key was accepted');
  };

  it('is refused with what it must be', () => {
    withOpenssl((openssl) => {
      const { key, chain } = makeKey(openssl, 'p256');
      expect(refusal('', chain)).toContain('must be PEM and not encrypted');
      openssl.run('pkey', '-in', 'own.key', '-aes256', '-passout', 'pass:x', '-out', 'locked');
      expect(refusal(openssl.read('locked'), chain)).toContain('not encrypted');
      expect(refusal(key, '')).toContain('with the certificate of the private key first');
      expect(refusal(key, chain.replaceAll('MII', 'AAA'))).toContain(
        'must be PEM, with the certificate of the private key first: ',
      );
      const [own = '', root = ''] = chain.split(/(?<=-----END CERTIFICATE-----\n)/);
      expect(refusal(key, root + own)).toBe(
        'the first certificate of the chain must be that of the private key',
      );
      for (const kind of ['small', 'edwards'] as const) {
        const other = makeKey(openssl, kind);
        expect(refusal(other.key, other.chain)).toMatch(/must be RSA with 2048 bits or more|must be PEM/);
      }
    });
  });
});

describe('the issuer', () => {
  const issuer = { name: '법무법인 가나다', contact: '02-123-4567', logo: logoPng() };
  const verifier = { address: 'https://ingam.example.co.kr/verifier.html', sha256: 'ab'.repeat(32) };
  const linesOf = (pdf: Uint8Array) =>
    new Pdf(pdf).pages.flatMap(({ pieces }) => pieces.map(({ text }) => text));

  it('is printed with contact, logo and where the verifier can be had', async () => {
    const pdf = await certificateOf({}, { issuer, verifier });
    const lines = linesOf(pdf);
    expect(lines).toContain('Issued by 법무법인 가나다');
    expect(lines).toContain('Contact: 02-123-4567');
    expect(lines.join(' ')).toContain(verifier.address);
    const text = Buffer.from(pdf).toString('latin1');
    expect(text).toContain('/Subtype /Image');
    const none = await certificateOf({}, { issuer: { ...issuer, contact: null, logo: null } });
    expect(linesOf(none)).toContain('Issued by 법무법인 가나다');
    expect(linesOf(none).join(' ')).not.toContain('Contact');
    expect(Buffer.from(none).toString('latin1')).not.toContain('/Subtype /Image');
  });

  it('is not printed when nobody is configured', async () => {
    expect(linesOf(await certificateOf()).join(' ')).not.toContain('Issued');
  });

  it('has a PNG as logo', async () => {
    const logo = Buffer.from('no picture').toString('base64');
    await expect(certificateOf({}, { issuer: { ...issuer, logo } })).rejects.toMatchObject({
      code: 'bad_logo',
    });
  });
});
