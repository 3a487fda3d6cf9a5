import { createPrivateKey, sign as signBytes, X509Certificate, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { concat, ProofError, utf8 } from '../proof/index.js';
import { detachedData, prepareSignedData, type CmsSigner } from '../proof/time/cms-writer.js';
import { DerError } from '../proof/time/der.js';
import { certificatesOfPem } from '../proof/time/rfc3161.js';
import { CertificateError, type SignatureClaim } from './facts.js';

/**
 * The operator's signature on certificates: PAdES baseline B-B, and B-T with a time-stamp (ETSI EN 319 142-1).
 * The PDF is made with room for it, so there is one revision, and the proof stays the first object.
 */

/** For the CMS structure: a chain of large certificates and a time-stamp with its own fit in. In bytes. */
const ROOM = 24_000;
/** Ten digits, replaced by the offsets of the signed bytes. */
const OFFSET = 9_999_999_999;

/** A time-stamp token over the bytes. null: none can be had now. */
export type TimeStamper = (bytes: Uint8Array) => Promise<Uint8Array | null>;

/** What the library's types lack. */
interface Internals {
  ref(data: object): { end(): void };
  annotate(x: number, y: number, width: number, height: number, options: object): void;
  initForm(): void;
  readonly page: { readonly annotations: readonly unknown[] };
  readonly _root: { readonly data: { readonly AcroForm: { readonly data: Record<string, unknown> } } };
}

/**
 * Adds an empty signature to the current page: a field that is not shown, because the pages say who issued the
 * certificate, and only the PDF reader can say whether a signature is valid.
 */
export function reserveSignature(document: PDFKit.PDFDocument, { name, at }: SignatureClaim): void {
  const doc = document as unknown as Internals;
  const value = doc.ref({
    Type: 'Sig',
    Filter: 'Adobe.PPKLite',
    SubFilter: 'ETSI.CAdES.detached',
    ByteRange: [0, OFFSET, OFFSET, OFFSET],
    Contents: Buffer.alloc(ROOM),
    M: new Date(at),
    Name: text(name),
  });
  value.end();
  // Printed, and locked.
  const field = { Subtype: 'Widget', FT: 'Sig', T: text('Signature'), V: value, F: 132 };
  doc.annotate(0, 0, 0, 0, field);
  doc.initForm();
  const form = doc._root.data.AcroForm.data;
  form['Fields'] = [doc.page.annotations.at(-1)];
  // PDF/A does not allow readers to make the appearance of fields.
  form['NeedAppearances'] = undefined;
  // There are signatures, and saving anything but an appended revision would break them.
  form['SigFlags'] = 3;
}

/** A text of the PDF; a plain string would be a name. */
function text(value: string): string {
  // oxlint-disable-next-line no-new-wrappers, typescript/no-wrapper-object-types -- the library tells them apart so
  return new String(value) as string;
}

export interface CertificateSigner {
  /** As the signer's certificate states it. */
  readonly name: string;
  /** SHA-256 of the signer's certificate, in hexadecimal. */
  readonly fingerprint: string;
  /** Milliseconds since the Unix epoch: when the signer's certificate ends. */
  readonly notAfter: number;
  /** @param pdf made with room for a signature @returns the same file, signed */
  sign(pdf: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * @param keyPem a private key, RSA or on a NIST curve, not encrypted
 * @param chainPem its certificate first, and those above it
 * @throws {CertificateError} bad_signing_key, with what to do
 */
export function certificateSigner(
  keyPem: string,
  chainPem: string,
  timeStamper: TimeStamper | null,
): CertificateSigner {
  const key = readKey(keyPem);
  const certificates = readChain(chainPem);
  const own = new X509Certificate(certificates[0]);
  if (!own.checkPrivateKey(key))
    throw unusable('the first certificate of the chain must be that of the private key');
  const cms: CmsSigner = { certificates, ...schemeOf(key) };
  const signAsync = promisify(signBytes);
  return {
    name: nameOf(own),
    fingerprint: own.fingerprint256.replaceAll(':', '').toLowerCase(),
    notAfter: Date.parse(own.validTo),
    async sign(pdf) {
      const { bytes, start, end } = openRoom(pdf);
      const content = concat(bytes.subarray(0, start), bytes.subarray(end));
      const { toSign, finish } = prepareSignedData(detachedData(content), cms, true);
      const signature = new Uint8Array(await signAsync(cms.digest, toSign, key));
      const token = (await timeStamper?.(signature)) ?? undefined;
      const hex = Buffer.from(finish(signature, token)).toString('hex');
      if (hex.length > end - start - 2)
        throw unusable('the chain of certificates is too long for the signature of a PDF');
      bytes.set(utf8(hex), start + 1);
      return bytes;
    },
  };
}

function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw unusable('the private key must be PEM and not encrypted', error);
  }
}

function readChain(pem: string): [Uint8Array, ...Uint8Array[]] {
  try {
    return certificatesOfPem(pem).map(({ der }) => der) as [Uint8Array, ...Uint8Array[]];
  } catch (error) {
    if (!(error instanceof DerError || error instanceof ProofError)) throw error;
    throw unusable(
      `the chain must be PEM, with the certificate of the private key first: ${error.message}`,
      error,
    );
  }
}

function schemeOf(key: KeyObject): Pick<CmsSigner, 'signature' | 'digest'> {
  if (key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048)
    return { signature: 'rsa', digest: 'sha256' };
  switch (key.asymmetricKeyDetails?.namedCurve) {
    case 'prime256v1':
      return { signature: 'ecdsa', digest: 'sha256' };
    case 'secp384r1':
      return { signature: 'ecdsa', digest: 'sha384' };
    case 'secp521r1':
      return { signature: 'ecdsa', digest: 'sha512' };
    default:
      throw unusable('the private key must be RSA with 2048 bits or more, or on P-256, P-384 or P-521');
  }
}

/** The most telling of the names in the certificate's subject. */
function nameOf({ subject, serialNumber }: X509Certificate): string {
  const names = new Map(
    subject.split('\n').map((line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)]),
  );
  return names.get('CN') ?? names.get('O') ?? serialNumber;
}

/** Fills in which bytes are signed. @returns the offsets of `<` of the room and of what follows its `>` */
function openRoom(pdf: Uint8Array): { bytes: Uint8Array<ArrayBuffer>; start: number; end: number } {
  const bytes = Buffer.from(pdf);
  // The proof, which anybody may have written, stands before; no text on the pages is as long as the room.
  const room = `/Contents <${'0'.repeat(2 * ROOM)}>`;
  const at = bytes.lastIndexOf(room, undefined, 'latin1');
  const range = bytes.lastIndexOf(`/ByteRange [0 ${OFFSET} ${OFFSET} ${OFFSET}]`, at, 'latin1');
  if (at === -1 || range === -1) throw new Error('the PDF has no room for a signature');
  const [start, end] = [at + '/Contents '.length, at + room.length];
  const offsets = [start, end, bytes.length - end].map((value) => String(value).padEnd(10)).join(' ');
  bytes.write(offsets, range + '/ByteRange [0 '.length, 'latin1');
  return { bytes: new Uint8Array(bytes), start, end };
}

function unusable(message: string, cause?: unknown): CertificateError {
  return new CertificateError('bad_signing_key', message, { cause });
}
