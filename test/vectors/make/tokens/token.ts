import { concat, utf8 } from '../../../../src/proof/index.js';
import { CMS } from '../../../../src/proof/time/cms.js';
import { element, integer, nullValue, octetString, oid, sequence, setOf } from '../../../../src/proof/time/der-writer.js';
import { constructed, TAG } from '../../../../src/proof/time/der.js';
import { DIGESTS, type DigestName } from '../../../../src/proof/time/digests.js';
import { createHash } from 'node:crypto';
import { TSA, type Holder } from './certificates.js';

/** Tokens for vectors, good or broken as a case wishes. */

export const MESSAGE = utf8('the bytes that are stamped\n');
export const POLICY = '1.3.6.1.4.1.55555.1';
export const NONCE = Uint8Array.from([0xb1, 0xd4, 0xbf, 0x40, 0x9c, 0xee, 0x6a, 0x3e]);
/** The content of its INTEGER: a zero says that it is positive. */
const NONCE_INTEGER = concat(Uint8Array.of(0), NONCE);

/** The elements of a TSTInfo by name, in their order; null leaves one out. */
export type Info = {
  readonly version: Uint8Array;
  readonly policy: Uint8Array;
  readonly imprint: Uint8Array;
  readonly serial: Uint8Array;
  readonly time: Uint8Array;
  readonly accuracy: Uint8Array | null;
  readonly ordering: Uint8Array | null;
  readonly nonce: Uint8Array | null;
  readonly authority: Uint8Array | null;
  readonly extensions: Uint8Array | null;
};

export const stated = (text: string): Uint8Array => element(TAG.generalizedTime, utf8(text));

export function imprint(algorithm: string, digest: Uint8Array): Uint8Array {
  return sequence(sequence(oid(algorithm), nullValue()), octetString(digest));
}

export const imprintOf = (digest: DigestName): Uint8Array => imprint(DIGESTS[digest].oid, DIGESTS[digest].hash(MESSAGE));

export function accuracy(seconds: number | null, millis: number | null = null, micros: number | null = null): Uint8Array {
  const part = (tag: number, value: number | null) =>
    value === null ? [] : [element(tag, integer(value).subarray(2))];
  return sequence(...part(TAG.integer, seconds), ...part(0x80, millis), ...part(0x81, micros));
}

const INFO: Info = {
  version: integer(1),
  policy: oid(POLICY),
  imprint: imprintOf('sha256'),
  serial: element(TAG.integer, Uint8Array.from({ length: 16 }, (_, i) => i + 1)),
  time: stated('20260601120000Z'),
  accuracy: accuracy(1),
  ordering: null,
  nonce: element(TAG.integer, NONCE_INTEGER),
  authority: null,
  extensions: null,
};

export interface Wish {
  readonly signer?: Holder;
  readonly info?: Partial<Info>;
  /** Changes the DER of the TSTInfo, before it is signed. */
  readonly content?: (content: Uint8Array) => Uint8Array;
  readonly contentType?: string;
  /** Of the signed attributes, by name; null leaves one out. */
  readonly attributes?: Partial<Attributes>;
  /** Changes the list of signed attributes; what it returns stands in the token as it is. */
  readonly order?: (attributes: Uint8Array[]) => Uint8Array[];
  readonly digest?: DigestName;
  /** AlgorithmIdentifier of the signature; absent: that of the key. */
  readonly algorithm?: Uint8Array;
  readonly digestAlgorithm?: Uint8Array;
  /** Changes the signature. */
  readonly signature?: (signature: Uint8Array) => Uint8Array;
  readonly unsigned?: Uint8Array;
  /** null: no certificates in the token; absent: that of the signer. */
  readonly certificates?: readonly Uint8Array[] | null;
  readonly crls?: readonly Uint8Array[];
  readonly version?: number;
  /** Changes the list of signers. */
  readonly signers?: (signers: Uint8Array[]) => Uint8Array[];
  readonly type?: string;
}

type Attributes = {
  readonly contentType: Uint8Array | null;
  readonly messageDigest: Uint8Array | null;
  readonly v1: Uint8Array | null;
  readonly v2: Uint8Array | null;
};

export function attribute(type: string, ...values: Uint8Array[]): Uint8Array {
  return sequence(oid(type), setOf(...values));
}

export const v1Of = ({ der }: Holder): Uint8Array =>
  attribute(
    CMS.signingCertificate,
    sequence(sequence(sequence(octetString(new Uint8Array(createHash('sha1').update(der).digest()))))),
  );

/** @param named the certificate that the name and serial number are of */
export function v2Of({ der }: Holder, digest: DigestName | null = null, named: Holder | null = null): Uint8Array {
  const algorithm = digest === null ? [] : [sequence(oid(DIGESTS[digest].oid))];
  const hash = octetString(DIGESTS[digest ?? 'sha256'].hash(der));
  const issuer =
    named === null ? [] : [sequence(sequence(element(constructed(4), named.issuerName)), named.serial)];
  return attribute(CMS.signingCertificateV2, sequence(sequence(sequence(...algorithm, hash, ...issuer))));
}

export function tokenOf(wish: Wish = {}): Uint8Array {
  const { signer = TSA, digest = 'sha256' } = wish;
  const info: Info = { ...INFO, ...wish.info };
  const fields = Object.values<Uint8Array | null>(info);
  const plain = sequence(...fields.filter((field) => field !== null));
  const content = wish.content?.(plain) ?? plain;
  const attributes: Attributes = {
    contentType: attribute(CMS.contentType, oid(CMS.timeStamp)),
    messageDigest: attribute(CMS.messageDigest, octetString(DIGESTS[digest].hash(content))),
    v1: null,
    v2: v2Of(signer, null, signer),
    ...wish.attributes,
  };
  const list = Object.values<Uint8Array | null>(attributes).filter((each) => each !== null);
  const sorted = setOf(...list);
  const signed = wish.order === undefined ? sorted : element(TAG.set, ...wish.order(list));
  const implicit = signed.slice();
  implicit[0] = constructed(0);
  const digestAlgorithm = wish.digestAlgorithm ?? sequence(oid(DIGESTS[digest].oid));
  const signature = signer.key.sign(signed, digest);
  const signerInfo = sequence(
    integer(1),
    sequence(signer.issuerName, signer.serial),
    digestAlgorithm,
    ...(signed.length === 2 ? [] : [implicit]),
    wish.algorithm ?? signer.key.algorithm(digest),
    octetString(wish.signature?.(signature) ?? signature),
    ...(wish.unsigned === undefined ? [] : [element(constructed(1), wish.unsigned)]),
  );
  const certificates = wish.certificates === undefined ? [signer.der] : wish.certificates;
  const signedData = sequence(
    integer(wish.version ?? 3),
    setOf(digestAlgorithm),
    sequence(oid(wish.contentType ?? CMS.timeStamp), element(constructed(0), octetString(content))),
    ...(certificates === null ? [] : [element(constructed(0), ...certificates)]),
    ...(wish.crls === undefined ? [] : [element(constructed(1), ...wish.crls)]),
    setOf(...(wish.signers?.([signerInfo]) ?? [signerInfo])),
  );
  return sequence(oid(wish.type ?? CMS.signedData), element(constructed(0), signedData));
}
