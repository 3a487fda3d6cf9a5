import { createHash, createPublicKey, ECDH, verify } from 'node:crypto';

// Signatures of passkeys, checked as docs/record-files.md says, with Node's OpenSSL and no code of the service.

const sha256 = (data: Uint8Array | string) => createHash('sha256').update(data).digest();

export function isSignedByPasskey(key: string, text: string, signature: Buffer): boolean {
  const [, id, ...encoded] = key.split('+');
  const material = Buffer.from(encoded.join('+'), 'base64');
  const type = Buffer.from('\u00ffingam/passkey/v1\n', 'latin1');
  if (id === undefined || !material.subarray(0, type.length).equals(type)) return false;
  const point = material.subarray(type.length, type.length + 33);
  const domain = material.subarray(type.length + 33).toString();
  const parts: Buffer[] = [];
  let rest = signature;
  for (let i = 0; i < 2; i++) {
    if (rest.length < 2 || rest.length < 2 + rest.readUInt16BE()) return false;
    const end = 2 + rest.readUInt16BE();
    parts.push(rest.subarray(2, end));
    rest = rest.subarray(end);
  }
  const [data = Buffer.of(), client = Buffer.of()] = parts;
  if (data.length < 37 || !data.subarray(0, 32).equals(sha256(domain)) || (data.readUInt8(32) & 5) !== 5)
    return false;
  const members = clientMembers(client);
  const get = (name: string) =>
    members === null || !Object.hasOwn(members, name) ? undefined : members[name];
  if (get('type') !== 'webauthn.get' || get('challenge') !== sha256(text).toString('base64url')) return false;
  if (get('crossOrigin') !== undefined && get('crossOrigin') !== false) return false;
  if (!isFrom(get('origin'), domain)) return false;
  const wide = ECDH.convertKey(point, 'prime256v1', undefined, undefined, 'uncompressed') as Buffer;
  const publicKey = createPublicKey({
    key: Buffer.concat([Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex'), wide]),
    format: 'der',
    type: 'spki',
  });
  return isDer(rest) && verify('sha256', Buffer.concat([data, sha256(client)]), publicKey, rest);
}

/** OpenSSL itself compares with the one DER form of the numbers; this says it in so many words. */
function isDer(signature: Buffer): boolean {
  const [, total, r] = /^30(..)02(..)/.exec(signature.toString('hex')) ?? [];
  if (total === undefined || r === undefined) return false;
  const atS = 4 + Number.parseInt(r, 16);
  const s = signature[atS + 1] ?? 0;
  const isMinimal = (n: Buffer) =>
    n.length > 0 && (n[0] ?? 0) < 0x80 && !(n.length > 1 && n[0] === 0 && (n[1] ?? 0) < 0x80);
  return (
    Number.parseInt(total, 16) === signature.length - 2 &&
    signature[atS] === 2 &&
    atS + 2 + s === signature.length &&
    isMinimal(signature.subarray(4, atS)) &&
    isMinimal(signature.subarray(atS + 2))
  );
}

function isFrom(origin: unknown, domain: string): boolean {
  if (typeof origin !== 'string' || !URL.canParse(origin)) return false;
  const url = new URL(origin);
  if (url.origin !== origin || url.username !== '') return false;
  if (url.protocol === 'http:') return domain === 'localhost' && url.hostname === 'localhost';
  return url.protocol === 'https:' && (url.hostname === domain || url.hostname.endsWith(`.${domain}`));
}

function clientMembers(bytes: Buffer): Record<string, unknown> | null {
  const text = bytes.toString();
  // As many keys as JSON.parse finds: none is there twice.
  const seen: string[] = [];
  try {
    const members = JSON.parse(text, function (this: unknown, name, value: unknown) {
      if (!Array.isArray(this) && name !== '') seen.push(name);
      return value;
    }) as unknown;
    const keys = [...text.matchAll(/"(?:[^"\\]|\\.)*"\s*:/g)].length;
    return typeof members === 'object' && !Array.isArray(members) && keys === seen.length
      ? (members as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
