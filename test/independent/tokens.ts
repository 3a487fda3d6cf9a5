import { createHash, createPublicKey, verify } from 'node:crypto';
import { integer, oid, readAll, readOne, time, within, type Element } from './der.js';
import { refuse } from './formats.js';

/** Tokens and certificates as docs/proof-format-time.md, "Tokens", has them. Throws Malformed for what does not count. */

const DIGESTS = new Map([
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);
/** Signatures of the vectors: ECDSA and RSA with PKCS #1 v1.5. */
const SIGNATURES = new Map([
  ['1.2.840.10045.4.3.2', 'sha256'],
  ['1.2.840.10045.4.3.3', 'sha384'],
  ['1.2.840.10045.4.3.4', 'sha512'],
  ['1.2.840.113549.1.1.11', 'sha256'],
  ['1.2.840.113549.1.1.12', 'sha384'],
  ['1.2.840.113549.1.1.13', 'sha512'],
]);
const hash = (algorithm: string, data: Uint8Array) => createHash(algorithm).update(data).digest();
const digestOf = (identifier: Element | undefined) =>
  DIGESTS.get(oid(within(identifier, 0x30)[0])) ?? refuse('digest algorithm');

function isSigned(algorithm: Element | undefined, message: Buffer, key: Buffer, signature: Buffer): boolean {
  const digest = SIGNATURES.get(oid(within(algorithm, 0x30)[0])) ?? refuse('signature algorithm');
  return verify(digest, message, createPublicKey({ key, format: 'der', type: 'spki' }), signature);
}

const bits = (element: Element | undefined) =>
  element?.tag === 3 && element.content[0] === 0 ? element.content.subarray(1) : refuse('bit string');

export interface Certificate {
  readonly der: Buffer;
  readonly serial: Buffer;
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly from: number;
  readonly until: number;
  readonly spki: Buffer;
  readonly extensions: ReadonlyMap<string, { critical: boolean; value: Buffer }>;
  readonly isSignedBy: (spki: Buffer) => boolean;
}

function extensionsOf(list: Element[]): Certificate['extensions'] {
  return new Map(
    list.map((item) => {
      const fields = within(item, 0x30);
      const critical = fields.length === 3 && (fields[1]?.content[0] ?? 0) !== 0;
      return [oid(fields[0]), { critical, value: fields.at(-1)?.content ?? Buffer.alloc(0) }];
    }),
  );
}

export function readCertificate(der: Buffer): Certificate {
  if (der.length > 16384) refuse('too long');
  const [signed, algorithm, signature] = within(readOne(der), 0x30);
  const all = within(signed, 0x30);
  const fields = all[0]?.tag === 0xa0 ? all.slice(1) : all;
  const [serial, , issuer, validity, subject, key] = fields;
  const [from, until] = within(validity, 0x30);
  const extra = fields.find(({ tag }) => tag === 0xa3);
  return {
    der,
    serial: serial?.content ?? refuse('serial number'),
    issuer: issuer?.der ?? refuse('issuer'),
    subject: subject?.der ?? refuse('subject'),
    from: time(from).at,
    // The second that is named is still valid.
    until: time(until).at + 1000,
    spki: key?.der ?? refuse('key'),
    extensions: extensionsOf(extra === undefined ? [] : within(within(extra, 0xa3)[0], 0x30)),
    isSignedBy: (spki) => isSigned(algorithm, signed?.der ?? refuse('certificate'), spki, bits(signature)),
  };
}

const USAGE = '2.5.29.15';
const BASIC = '2.5.29.19';
const PURPOSES = '2.5.29.37';
const KNOWN = [USAGE, BASIC, PURPOSES, '2.5.29.31', '2.5.29.32'];

/** Whether the named bits are set; null: no key usage. */
function usage({ extensions }: Certificate): ((bit: number) => boolean) | null {
  const found = extensions.get(USAGE);
  if (found === undefined) return null;
  const value = readOne(found.value).content.subarray(1);
  return (bit) => (((value[bit >> 3] ?? 0) << (bit & 7)) & 0x80) !== 0;
}

function purposes({ extensions }: Certificate): { critical: boolean; list: string[] } | null {
  const found = extensions.get(PURPOSES);
  if (found === undefined) return null;
  return { critical: found.critical, list: within(readOne(found.value), 0x30).map(oid) };
}

const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';

function canIssue(issuer: Certificate, below: readonly Certificate[]): boolean {
  const basic = issuer.extensions.get(BASIC);
  if (basic === undefined) return false;
  const [isCa, length] = within(readOne(basic.value), 0x30);
  if (isCa?.tag !== 1 || isCa.content[0] !== 0xff) return false;
  const between = below.slice(1).filter(({ issuer: by, subject }) => !by.equals(subject)).length;
  if (length !== undefined && BigInt(between) > integer(length)) return false;
  const list = purposes(issuer)?.list ?? [TIME_STAMPING];
  return usage(issuer)?.(5) !== false && (list.includes(TIME_STAMPING) || list.includes('2.5.29.37.0'));
}

const isGoodAt = ({ from, until, extensions }: Certificate, at: number) =>
  at >= from && at < until && [...extensions].every(([id, { critical }]) => !critical || KNOWN.includes(id));

function chainOf(
  path: Certificate[],
  others: readonly Certificate[],
  pins: readonly Certificate[],
  at: number,
): Certificate[] | null {
  const last = path.at(-1) ?? refuse('no certificate');
  if (!isGoodAt(last, at) || path.length > 6) return null;
  if (pins.some(({ der }) => der.equals(last.der))) return path;
  for (const issuer of [...pins, ...others]) {
    if (!issuer.subject.equals(last.issuer) || path.includes(issuer)) continue;
    if (!canIssue(issuer, path) || !last.isSignedBy(issuer.spki)) continue;
    const found = chainOf([...path, issuer], others, pins, at);
    if (found !== null) return found;
  }
  return null;
}

const HARMLESS = [0n, 3n, 4n, 5n, 6n, 9n];

function isRevoked(
  list: Buffer,
  certificate: Certificate,
  issuer: Certificate,
  at: number,
  existedBy: number | null,
): boolean {
  try {
    const [signed, algorithm, signature] = within(readOne(list), 0x30);
    const fields = within(signed, 0x30);
    if (fields[2]?.der.equals(certificate.issuer) !== true || usage(issuer)?.(6) === false) return false;
    if (!isSigned(algorithm, signed?.der ?? refuse('list'), issuer.spki, bits(signature))) return false;
    const entries = fields.slice(4).find(({ tag }) => tag === 0x30);
    for (const entry of entries === undefined ? [] : within(entries, 0x30)) {
      const [serial, since, extra] = within(entry, 0x30);
      if (serial?.content.equals(certificate.serial) !== true) continue;
      const extensions = extensionsOf(extra === undefined ? [] : within(extra, 0x30));
      const reason = extensions.get('2.5.29.21');
      const harmless =
        reason !== undefined && HARMLESS.includes(integer({ ...readOne(reason.value), tag: 2 }));
      const invalid = extensions.get('2.5.29.24');
      const from = Math.min(
        time(since).at,
        invalid === undefined ? Infinity : time(readOne(invalid.value)).at,
      );
      const known = harmless ? at : existedBy;
      if (known === null || known >= from) return true;
    }
    return false;
  } catch {
    return false;
  }
}

export interface Stamp {
  readonly at: number;
  readonly latest: number;
  /** The pinned certificate. */
  readonly pin: Certificate;
}

export function readToken(
  token: Buffer,
  message: Uint8Array,
  pins: readonly Certificate[],
  lists: readonly Buffer[],
  existedBy: number | null,
): Stamp {
  if (token.length > 65536) refuse('too long');
  const [type, wrapped] = within(readOne(token), 0x30);
  if (oid(type) !== '1.2.840.113549.1.7.2') refuse('not signed data');
  const data = within(within(wrapped, 0xa0)[0], 0x30);
  const [version, , encapsulated] = data;
  const signers = within(data.at(-1), 0x31);
  if (integer(version) !== 3n || signers.length !== 1) refuse('version or signers');
  const [contentType, octets] = within(encapsulated, 0x30);
  if (oid(contentType) !== '1.2.840.113549.1.9.16.1.4') refuse('not a TSTInfo');
  const content = within(octets, 0xa0)[0]?.content ?? refuse('content');
  const info = within(readOne(content), 0x30);
  const [algorithm, imprint] = within(info[2], 0x30);
  if (integer(info[0]) !== 1n) refuse('version');
  if (imprint?.content.equals(hash(digestOf(algorithm), message)) !== true) refuse('imprint');
  const stated = time(info[4]);
  const accuracy = info[5]?.tag === 0x30 ? accuracyOf(within(info[5], 0x30)) : 1000;
  if (accuracy > 3_600_000) refuse('accuracy');
  const critical = info.find(({ tag }) => tag === 0xa1);
  if (
    critical !== undefined &&
    [...extensionsOf(readAll(critical.content)).values()].some((each) => each.critical)
  )
    refuse('critical');

  const held = data
    .filter(({ tag }) => tag === 0xa0)
    .flatMap((set) => within(set, 0xa0).map(({ der }) => readCertificate(der)));
  const inToken = data
    .filter(({ tag }) => tag === 0xa1)
    .flatMap((set) => within(set, 0xa1).map(({ der }) => der));
  const [, by, digest, attributes, signing, signature] = within(signers[0], 0x30);
  const [issuer, serial] = within(by, 0x30);
  if (attributes?.tag !== 0xa0) return refuse('signed attributes');
  const set = Buffer.concat([Buffer.of(0x31), attributes.der.subarray(1)]);
  const values = new Map<string, Element>();
  for (const each of within(readOne(set), 0x31)) {
    const [name, list] = within(each, 0x30);
    const [value, ...more] = within(list, 0x31);
    if (value === undefined || more.length > 0 || values.has(oid(name))) return refuse('attribute');
    values.set(oid(name), value);
  }
  const signer = [...held, ...pins].find(
    (each) =>
      each.issuer.equals(issuer?.der ?? Buffer.alloc(0)) &&
      each.serial.equals(serial?.content ?? Buffer.alloc(0)),
  );
  if (signer === undefined) return refuse('no certificate of the signer');
  if (oid(values.get('1.2.840.113549.1.9.3')) !== '1.2.840.113549.1.9.16.1.4') refuse('content type');
  if (values.get('1.2.840.113549.1.9.4')?.content.equals(hash(digestOf(digest), content)) !== true)
    refuse('message digest');
  const named = [
    namedIn(values.get('1.2.840.113549.1.9.16.2.12'), 'sha1', signer),
    namedIn(values.get('1.2.840.113549.1.9.16.2.47'), 'sha256', signer),
  ];
  if (named.includes(false) || !named.includes(true)) refuse('signing certificate');
  if (!isSigned(signing, set, signer.spki, signature?.content ?? Buffer.alloc(0))) refuse('signature');
  const purpose = purposes(signer);
  if (purpose?.critical !== true || purpose.list.join() !== TIME_STAMPING) refuse('purpose');
  const may = usage(signer);
  if (may !== null && ((!may(0) && !may(1)) || [2, 3, 4, 5, 6, 7, 8].some(may))) refuse('key usage');
  const chain = chainOf([signer], held, pins, stated.at);
  const pin = chain?.at(-1);
  if (chain === null || pin === undefined) return refuse('no chain');
  for (const [i, each] of chain.slice(0, -1).entries()) {
    const above = chain[i + 1] ?? pin;
    for (const list of [...lists, ...inToken])
      if (isRevoked(list, each, above, stated.at, existedBy)) refuse('revoked');
  }
  return { at: stated.at, latest: stated.at + (stated.isExact ? 0 : 1) + accuracy, pin };
}

function accuracyOf(parts: Element[]): number {
  if (parts.length === 0) return 1000;
  const part = (tag: number) => Number(parts.filter((each) => each.tag === tag).map(integer)[0] ?? 0n);
  return part(2) * 1000 + part(0x80) + (part(0x81) > 0 ? 1 : 0);
}

/** null: the attribute is absent. */
function namedIn(value: Element | undefined, standard: string, { der }: Certificate): boolean | null {
  if (value === undefined) return null;
  const fields = within(within(within(value, 0x30)[0], 0x30)[0], 0x30);
  const algorithm = fields[0]?.tag === 0x30 ? digestOf(fields[0]) : standard;
  const digest = fields.find(({ tag }) => tag === 4);
  return digest?.content.equals(hash(algorithm, der)) === true;
}
