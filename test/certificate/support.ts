import { crc32, deflateSync } from 'node:zlib';
import { expect } from 'vitest';
import { createCertificate } from '../../src/certificate/certificate.js';
import { type CertificateInput, membersOf } from '../../src/certificate/facts.js';
import { parsePolicy, verify } from '../../src/proof/index.js';
import type { OpensslRun } from '../support/openssl.js';
import { makeProof, type Wish } from '../vectors/make/chain.js';
import { QUORUM_TRUST, TRUST } from '../vectors/make/keys.js';

export const VERIFY_PAGE = 'https://ingam.example.co.kr/verify';

/**
 * What a certificate is made of, about a proof of the vectors; with cosigners, two of three are asked for.
 */
export function inputOf(wish: Wish = {}, more: Partial<CertificateInput> = {}): CertificateInput {
  const proof = makeProof(wish);
  const policy = parsePolicy(wish.cosigners === undefined ? TRUST : QUORUM_TRUST);
  return {
    proof,
    verification: verify({ proof, document: null, policy }),
    members: membersOf(policy, proof.log.checkpoint.origin),
    language: 'en',
    timeZone: 'Asia/Seoul',
    verifyPage: VERIFY_PAGE,
    ...more,
  };
}

/** The plain one, which many tests look at: it takes a third of a second. */
let plain: Promise<Uint8Array> | undefined;

export function certificateOf(wish?: Wish, more?: Partial<CertificateInput>): Promise<Uint8Array> {
  if (wish !== undefined || more !== undefined) return createCertificate(inputOf(wish, more));
  return (plain ??= createCertificate(inputOf()));
}

/** A picture of 2 by 1 points, half transparent, in base64. */
export function logoPng(): string {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    ends.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const header = Buffer.from([0, 0, 0, 2, 0, 0, 0, 1, 8, 6, 0, 0, 0]);
  const line = Buffer.from([0, 200, 30, 30, 255, 200, 30, 30, 128]);
  const magic = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([
    magic,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(line)),
    chunk('IEND', Buffer.alloc(0)),
  ]).toString('base64');
}

const KEYS = {
  rsa: ['RSA', 'rsa_keygen_bits:2048'],
  p256: ['EC', 'ec_paramgen_curve:P-256'],
  p384: ['EC', 'ec_paramgen_curve:P-384'],
  p521: ['EC', 'ec_paramgen_curve:P-521'],
  small: ['RSA', 'rsa_keygen_bits:1024'],
  edwards: ['ED25519'],
} as const;

/** A root and a key that it certifies, made by openssl. */
export function makeKey(
  { run, read }: OpensslRun,
  kind: keyof typeof KEYS,
  subject = '/O=법무법인/CN=법무법인 인감',
) {
  const done = (...args: string[]) => {
    const { passed, output } = run(...args);
    expect(output, args.join(' ')).toSatisfy(() => passed);
  };
  const [algorithm, option] = KEYS[kind];
  const options = option === undefined ? [] : ['-pkeyopt', option];
  done('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', 'root.key');
  done('req', '-x509', '-key', 'root.key', '-subj', '/CN=Root', '-days', '9', '-out', 'root.pem');
  done('genpkey', '-algorithm', algorithm, ...options, '-out', 'own.key');
  done('req', '-new', '-utf8', '-key', 'own.key', '-subj', subject, '-out', 'own.csr');
  done(
    ...['x509', '-req', '-in', 'own.csr', '-CA', 'root.pem', '-CAkey', 'root.key'],
    ...['-CAcreateserial', '-days', '9', '-out', 'own.pem'],
  );
  return { key: read('own.key'), chain: read('own.pem') + read('root.pem'), root: 'root.pem' };
}

/** What the PDF says is signed, and the CMS structure beside it. */
export function signedParts(pdf: Uint8Array): { content: Buffer; cms: Buffer } {
  const bytes = Buffer.from(pdf);
  const found = /\/ByteRange \[0 (\d+) +(\d+) +(\d+) *\]\n\/Contents </.exec(bytes.toString('latin1'));
  const [start = 0, end = 0, rest = 0] = (found ?? expect.fail('there is no signature')).slice(1).map(Number);
  expect(end + rest).toBe(bytes.length);
  const hex = bytes.toString('latin1', start, end);
  expect(hex).toMatch(/^<[0-9a-f]+>$/);
  const room = Buffer.from(hex.slice(1, -1), 'hex');
  // The rest of the room is zero; the length of DER is in its first bytes: 30 82 hh ll.
  const cms = room.subarray(0, 4 + room.readUInt16BE(2));
  expect(room.subarray(cms.length).every((byte) => byte === 0)).toBe(true);
  return { content: Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]), cms };
}
