import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  randomBytes,
  sign,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';
import { ProofError, toBase64 } from '../proof/index.js';
import {
  certificatesOfPem,
  DerError,
  DIGESTS,
  prepareCertificate,
  prepareCertificateRequest,
  prepareToken,
  verifyToken,
  type Certificate,
  type CertificateName,
  type DigestName,
  type TokenIssuer,
  type Unsigned,
} from '../proof/time/rfc3161.js';

/**
 * The key of a time-stamping authority, with its certificates. One PEM file holds both, so that a change
 * replaces both at once: the private key, the certificate that signs, and those above it.
 */
export interface TsaKey {
  /** The file. Secret. */
  readonly pem: string;
  readonly issuer: TokenIssuer;
  /** The certificate that signs first, the highest one last. */
  readonly certificates: readonly [Certificate, ...Certificate[]];
  /** When the first certificate of the chain ends, and when the last one begins; milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Signs in a thread of Node's pool. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

/** RSA with 3072 bits, which the oldest clients know, or ECDSA over P-256, which is faster. */
export const KEY_ALGORITHMS = ['rsa', 'p256'] as const;
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

const generate = promisify(generateKeyPair);

/** A new private key, as PKCS #8 PEM. Takes up to some seconds. */
export async function generateTsaKey(algorithm: KeyAlgorithm): Promise<string> {
  const { privateKey } =
    algorithm === 'rsa'
      ? await generate('rsa', { modulusLength: 3072 })
      : await generate('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

/** The algorithm of a private key. @throws {ProofError} malformed_key */
export function algorithmOf(pem: string): KeyAlgorithm {
  return kindOf(readPrivateKey(pem)).signature === 'rsa' ? 'rsa' : 'p256';
}

/**
 * Reads a file of a key and its certificates, and has it sign a trial token: what the verifier of this very
 * program would not accept is refused here.
 * @throws {ProofError} malformed_key. The message never contains the key.
 */
export function parseTsaKey(pem: string): TsaKey {
  const secret = readPrivateKey(pem);
  const certificates = chainOf(secret, readCertificates(pem));
  const issuer = { certificates: derOf(certificates), ...kindOf(secret) };
  const notBefore = Math.max(...certificates.map((each) => each.notBefore));
  // The whole last second is valid.
  const notAfter = Math.min(...certificates.map((each) => each.notAfter)) + 999;
  tryOut(secret, issuer, certificates, notBefore);
  const digest = issuer.digest;
  return {
    pem,
    issuer,
    certificates,
    notBefore,
    notAfter,
    sign: (bytes) =>
      new Promise((resolve, reject) => {
        sign(digest, bytes, secret, (error, signature) => {
          if (error === null) resolve(signature);
          else reject(error);
        });
      }),
  };
}

/**
 * The certificates of a PEM text.
 * @throws {ProofError} malformed_key
 */
export function readCertificates(pem: string): Certificate[] {
  try {
    return certificatesOfPem(pem);
  } catch (error) {
    if (!(error instanceof DerError || error instanceof ProofError)) throw error;
    throw malformed(`no certificates can be read from it: ${error.message}`);
  }
}

export function pemOfCertificates(certificates: readonly Pick<Certificate, 'der'>[]): string {
  return certificates.map(({ der }) => pemOf('CERTIFICATE', der)).join('');
}

/** A root of one's own, for this private key. */
export function selfSigned(pem: string, subject: CertificateName, notBefore: number): string {
  const secret = readPrivateKey(pem);
  const publicKey = publicKeyOf(secret);
  const unsigned = prepareCertificate({
    kind: 'root',
    ...{ subject, issuer: subject, publicKey, issuerKey: publicKey, notBefore },
    signature: kindOf(secret).signature,
    serial: newSerial(),
    notAfter: inYears(notBefore, ROOT_YEARS),
  });
  return pemOf('CERTIFICATE', finish(unsigned, secret));
}

/**
 * A certificate for time-stamping, and for nothing else, by a root of one's own.
 * @param pem of the private key that it is for
 * @param rootPem private key and certificate of the root
 * @throws {ProofError} malformed_key
 */
export function issue(pem: string, rootPem: string, subject: CertificateName, notBefore: number): string {
  const root = readPrivateKey(rootPem);
  const [certificate] = readCertificates(rootPem);
  if (certificate === undefined) throw malformed('the root has no certificate');
  const unsigned = prepareCertificate({
    kind: 'time-stamping',
    ...{ subject, notBefore, issuer: certificate.subject },
    publicKey: publicKeyOf(readPrivateKey(pem)),
    issuerKey: publicKeyOf(root),
    signature: kindOf(root).signature,
    serial: newSerial(),
    notAfter: Math.min(inYears(notBefore, SIGNER_YEARS), certificate.notAfter),
  });
  return pemOf('CERTIFICATE', finish(unsigned, root));
}

/** PEM of a request for a certificate for time-stamping by another authority (PKCS #10). */
export function requestCertificate(pem: string, subject: CertificateName): string {
  const secret = readPrivateKey(pem);
  const unsigned = prepareCertificateRequest(subject, publicKeyOf(secret), kindOf(secret).signature);
  return pemOf('CERTIFICATE REQUEST', finish(unsigned, secret));
}

/** Organization and country that a certificate names. */
export function organizationIn({ der }: Pick<Certificate, 'der'>): Omit<CertificateName, 'commonName'> {
  const { O: organization, C: country } = new X509Certificate(der).toLegacyObject().subject;
  return {
    ...(typeof organization === 'string' ? { organization } : {}),
    ...(typeof country === 'string' ? { country } : {}),
  };
}

/** Whether the certificate is for this private key. @throws {ProofError} malformed_key */
export function belongsTo(certificate: Pick<Certificate, 'der'>, pem: string): boolean {
  return new X509Certificate(certificate.der).checkPrivateKey(readPrivateKey(pem));
}

/** Tokens outlive the key: clients check them today against the validity of the certificate. */
const SIGNER_YEARS = 10;
const ROOT_YEARS = 20;

function inYears(from: number, years: number): number {
  const date = new Date(from);
  date.setUTCFullYear(date.getUTCFullYear() + years);
  return date.getTime();
}

/** Positive, and with the length that RFC 5280 allows. */
function newSerial(): Uint8Array {
  const serial = new Uint8Array(randomBytes(16));
  serial[0] = 0x40 | ((serial[0] ?? 0) & 0x3f);
  return serial;
}

function finish({ toSign, finish: complete }: Unsigned, secret: KeyObject): Uint8Array {
  return complete(sign('sha256', toSign, secret));
}

function publicKeyOf(secret: KeyObject): Uint8Array {
  return new Uint8Array(createPublicKey(secret).export({ type: 'spki', format: 'der' }));
}

function readPrivateKey(pem: string): KeyObject {
  const blocks = pem.match(/-----BEGIN [A-Z ]*PRIVATE KEY-----/g) ?? [];
  if (blocks.length !== 1) throw malformed(`it has ${blocks.length} private keys, not one`);
  if (/-----BEGIN ENCRYPTED|^Proc-Type: .*ENCRYPTED/m.test(pem))
    throw malformed('the private key is encrypted: decrypt it first, with "openssl pkey"');
  try {
    return createPrivateKey(pem);
  } catch {
    // The message of the library may quote what it read.
    throw malformed('the private key cannot be read');
  }
}

/** How the key signs tokens: a digest of the strength of its curve. */
function kindOf(secret: KeyObject): Pick<TokenIssuer, 'signature' | 'digest'> {
  if (secret.asymmetricKeyType === 'rsa') return { signature: 'rsa', digest: 'sha256' };
  const digest = CURVES.get(secret.asymmetricKeyDetails?.namedCurve ?? '');
  if (digest !== undefined) return { signature: 'ecdsa', digest };
  throw malformed('the private key must be RSA, or ECDSA over P-256, P-384 or P-521: clients know no others');
}

const CURVES: ReadonlyMap<string, DigestName> = new Map([
  ['prime256v1', 'sha256'],
  ['secp384r1', 'sha384'],
  ['secp521r1', 'sha512'],
]);

/**
 * The certificate of this key, and those above it, each issued by the next.
 * @throws {ProofError} malformed_key when there are others
 */
function chainOf(secret: KeyObject, found: readonly Certificate[]): readonly [Certificate, ...Certificate[]] {
  const own = found.find(({ der }) => new X509Certificate(der).checkPrivateKey(secret));
  if (own === undefined) throw malformed('none of the certificates is for the private key');
  const chain: [Certificate, ...Certificate[]] = [own];
  const left = found.filter((each) => each !== own);
  while (left.length > 0) {
    const below = new X509Certificate(chain.at(-1)?.der ?? own.der);
    const next = left.findIndex(({ der }) => isIssued(below, new X509Certificate(der)));
    const [issuer] = next === -1 ? [] : left.splice(next, 1);
    if (issuer === undefined)
      throw malformed(`${left.length} of the certificates issued none of the others: leave them out`);
    chain.push(issuer);
  }
  return chain;
}

function isIssued(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function derOf([own, ...above]: TsaKey['certificates']): TokenIssuer['certificates'] {
  return [own.der, ...above.map(({ der }) => der)];
}

function tryOut(
  secret: KeyObject,
  issuer: TokenIssuer,
  certificates: readonly Certificate[],
  time: number,
): void {
  const imprint = new Uint8Array(DIGESTS.sha256.length);
  const info = {
    ...{ policy: '2.25.0', digest: DIGESTS.sha256, imprint, time, nonce: null },
    serial: Uint8Array.of(1),
    accuracy: 1,
  };
  const { toSign, finish: complete } = prepareToken(info, issuer, true);
  const verdict = verifyToken({
    token: complete(sign(issuer.digest, toSign, secret)),
    stamped: { digest: 'sha256', value: imprint },
    roots: certificates.slice(-1),
  });
  if (!verdict.counts) throw malformed(`its tokens would not count: ${verdict.message}`);
}

function pemOf(what: string, der: Uint8Array): string {
  return `-----BEGIN ${what}-----\n${toBase64(der).replaceAll(/.{1,64}/g, '$&\n')}-----END ${what}-----\n`;
}

function malformed(message: string): ProofError {
  return new ProofError('malformed_key', message);
}
