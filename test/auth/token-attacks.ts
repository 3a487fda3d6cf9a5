import { sign } from 'node:crypto';
import { ORIGIN } from '../support/parts.js';
import {
  encode,
  es256,
  hs256,
  json,
  mangled,
  strangersKey,
  withClaims,
  withHeader,
  without,
  withText,
  type Make,
} from './forge.js';

/** Tokens that others made, or made something else of. */

const NULLS: Record<string, Make> = {
  'alg none, no signature': ({ claims, header }) => `${json({ ...header, alg: 'none' })}.${json(claims)}.`,
  'alg none, signature kept': ({ header, victim }) =>
    [json({ ...header, alg: 'none' }), ...victim.tokens.accessToken.split('.').slice(1)].join('.'),
  'alg None': withHeader({ alg: 'None' }),
  'alg NONE': withHeader({ alg: 'NONE' }),
  'alg empty': withHeader({ alg: '' }),
  'alg missing': ({ key, claims }) =>
    es256(key.privateKey, json({ typ: 'at+jwt', kid: key.id }), json(claims)),
  'alg a list': withHeader({ alg: ['ES256'] }),
  'alg es256': withHeader({ alg: 'es256' }),
  'alg ES384': withHeader({ alg: 'ES384' }),
  'alg RS256': withHeader({ alg: 'RS256' }),
  'alg EdDSA': withHeader({ alg: 'EdDSA' }),
};

const CONFUSION: Record<string, Make> = {
  'HS256 with the public key as PEM': ({ publicKey, header, claims }) =>
    hs256(publicKey.export({ type: 'spki', format: 'pem' }), json({ ...header, alg: 'HS256' }), json(claims)),
  'HS256 with the public key as PEM, less its last line feed': ({ publicKey, header, claims }) =>
    hs256(
      publicKey.export({ type: 'spki', format: 'pem' }).toString().trim(),
      json({ ...header, alg: 'HS256' }),
      json(claims),
    ),
  'HS256 with the public key as DER': ({ publicKey, header, claims }) =>
    hs256(publicKey.export({ type: 'spki', format: 'der' }), json({ ...header, alg: 'HS256' }), json(claims)),
  'HS256 with the public key, said to be ES256': ({ publicKey, header, claims }) =>
    hs256(publicKey.export({ type: 'spki', format: 'der' }), json(header), json(claims)),
  'HS256 with the empty secret': ({ header, claims }) =>
    hs256('', json({ ...header, alg: 'HS256' }), json(claims)),
  'a key of a stranger under our kid': ({ header, claims }) =>
    es256(strangersKey.privateKey, json(header), json(claims)),
};

const KIDS = [
  '../../../../dev/null',
  '/etc/passwd',
  'file:///proc/self/environ',
  "x' OR '1'='1",
  "x' UNION SELECT 'aa' --",
  '; rm -rf /',
  '',
  'sig_aaaaaaaaaaaaaaaaaaaa',
  '__proto__',
  'constructor',
  'sig_\u0000aaaaaaaaaaaaaaaaaaa',
];
const KEY_HEADERS: Record<string, Make> = {
  ...Object.fromEntries(KIDS.map((kid) => [`kid ${JSON.stringify(kid)}`, withHeader({ kid })])),
  'kid missing': ({ key, claims }) =>
    es256(key.privateKey, json({ alg: 'ES256', typ: 'at+jwt' }), json(claims)),
  'kid a number': withHeader({ kid: 1 }),
  'kid a list': ({ key, header, claims }) =>
    es256(key.privateKey, json({ ...header, kid: [key.id] }), json(claims)),
  'jku, signed with the key there': ({ header, claims }) =>
    es256(strangersKey.privateKey, json({ ...header, jku: 'https://evil.example/jwks' }), json(claims)),
  'jwk, signed with that key': ({ header, claims }) =>
    es256(
      strangersKey.privateKey,
      json({ ...header, jwk: strangersKey.publicKey.export({ format: 'jwk' }) }),
      json(claims),
    ),
  x5u: ({ header, claims }) =>
    es256(strangersKey.privateKey, json({ ...header, x5u: 'https://evil.example/cert' }), json(claims)),
  'jku beside an honest signature': withHeader({ jku: 'https://evil.example/jwks' }),
  'jwk beside an honest signature': withHeader({ jwk: strangersKey.publicKey.export({ format: 'jwk' }) }),
  'x5u beside an honest signature': withHeader({ x5u: 'https://evil.example/cert' }),
  'x5c beside an honest signature': withHeader({ x5c: ['AAAA'] }),
  'crit of what is not understood': withHeader({ crit: ['exp2'], exp2: 1 }),
  'crit, empty': withHeader({ crit: [] }),
  'b64 false': withHeader({ b64: false, crit: ['b64'] }),
  zip: withHeader({ zip: 'DEF' }),
  'typ JWT, as tokens of other purposes': withHeader({ typ: 'JWT' }),
  'typ missing': ({ key, claims }) =>
    es256(key.privateKey, json({ alg: 'ES256', kid: key.id }), json(claims)),
};

const NAMES = ['iss', 'aud', 'exp', 'nbf', 'iat', 'sub', 'jti', 'sid'];
const CLAIMS: Record<string, Make> = {
  ...Object.fromEntries(NAMES.map((name) => [`${name} missing`, without(name)])),
  ...Object.fromEntries(NAMES.map((name) => [`${name} null`, withClaims(() => ({ [name]: null }))])),
  'another issuer': withClaims(() => ({ iss: 'urn:ingam:other.example/log' })),
  'an issuer that begins like ours': withClaims(() => ({ iss: `urn:ingam:${ORIGIN}/x` })),
  'another audience': withClaims(() => ({ aud: 'urn:ingam:other.example/log:api' })),
  'ours among other audiences': withClaims(({ claims }) => ({
    aud: [claims['aud'], 'https://evil.example'],
  })),
  'not yet valid': withClaims(({ now }) => ({ nbf: now + 60 })),
  'of the future': withClaims(({ now }) => ({ iat: now + 60, nbf: now + 60, exp: now + 960 })),
  'nbf before iat': withClaims(({ now }) => ({ nbf: now - 60 })),
  'a longer life than any that is given': withClaims(({ now }) => ({ exp: now + 3600 })),
  'a life for ever': withClaims(() => ({ exp: Number.MAX_SAFE_INTEGER })),
  'exp as text': withClaims(({ now }) => ({ exp: String(now + 900) })),
  'exp not whole': withText((header, claims) => [header, claims.replace(/("exp":\d+)/, '$1.5')]),
  'exp in exponent form': withText((header, claims) => [header, claims.replace(/"exp":\d+/, '"exp":9e9')]),
  'a claim more': withClaims(() => ({ role: 'owner' })),
  'sub of nobody': withClaims(() => ({ sub: 'psn_aaaaaaaaaaaaaaaaaaaa' })),
  'sub with SQL': withClaims(() => ({ sub: "psn_' OR '1'='1" })),
  'sid of no session': withClaims(() => ({ sid: 'ses_aaaaaaaaaaaaaaaaaaaa' })),
  'sid with NUL': withClaims(() => ({ sid: 'ses_\u0000aaaaaaaaaaaaaaaaaaa' })),
  'sid a list': withClaims(({ claims }) => ({ sid: [claims['sid']] })),
  'jti empty': withClaims(() => ({ jti: '' })),
  'sub twice': withText((header, claims) => [
    header,
    claims.replace('{', '{"sub":"psn_aaaaaaaaaaaaaaaaaaaa",'),
  ]),
  'sub twice, once with an escape': withText((header, claims) => [
    header,
    claims.replace('{', '{"s\\u0075b":"psn_aaaaaaaaaaaaaaaaaaaa",'),
  ]),
  'exp twice': withText((header, claims) => [header, claims.replace('}', ',"exp":9999999999}')]),
  'alg twice': withText((header, claims) => [header.replace('{', '{"alg":"none",'), claims]),
  'claims a list': withText((header, claims) => [header, `[${claims}]`]),
  'claims null': withText((header) => [header, 'null']),
  'claims no JSON': withText((header) => [header, 'sub=psn']),
  'header no JSON': withText((_, claims) => ['alg=ES256', claims]),
  '__proto__ in the header': withText((header, claims) => [
    header.replace('{', '{"__proto__":{"alg":"ES256"},'),
    claims,
  ]),
};

const SPELLINGS: Record<string, Make> = {
  empty: () => '',
  'one word': () => 'token',
  'two dots': () => '..',
  'three dots': mangled((header, claims, signature) => `${header}.${claims}.${signature}.`),
  'one part': mangled((header) => header),
  'truncated by a character': ({ victim }) => victim.tokens.accessToken.slice(0, -1),
  'truncated in the claims': ({ victim }) => victim.tokens.accessToken.slice(0, 200),
  'signature of zeros': mangled((header, claims) => `${header}.${claims}.${encode(new Uint8Array(64))}`),
  'signature too short': mangled((header, claims) => `${header}.${claims}.${encode(new Uint8Array(63))}`),
  'signature in DER': ({ key, victim }) => {
    const input = victim.tokens.accessToken.split('.').slice(0, 2).join('.');
    return `${input}.${encode(sign('sha256', Buffer.from(input), key.privateKey))}`;
  },
  'no signature': mangled((header, claims) => `${header}.${claims}.`),
  'signature of another token': ({ key, header, claims }) => {
    const other = es256(key.privateKey, json(header), json({ ...claims, jti: 'x'.repeat(22) }));
    return `${json(header)}.${json(claims)}.${other.split('.')[2] ?? ''}`;
  },
  padding: mangled((header, claims, signature) => `${header}.${claims}.${signature}==`),
  'base64 with + and /': mangled((header, claims) => `${header}.${claims}.${'+/'.repeat(43)}`),
  'bits behind the signature': mangled((header, claims, signature) => {
    // 64 bytes leave four bits of the last character unused.
    const last = signature.at(-1) ?? '';
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    return `${header}.${claims}.${signature.slice(0, -1)}${alphabet.charAt(alphabet.indexOf(last) + 1)}`;
  }),
  'white space in it': ({ victim }) => victim.tokens.accessToken.replace('.', ' .'),
  'line feed at its end': ({ victim }) => `${victim.tokens.accessToken}\n`,
  'not UTF-8': ({ key, header }) =>
    es256(key.privateKey, json(header), encode(Buffer.from('{"sub":"\xff"}', 'latin1'))),
  'a megabyte of a': () => 'a'.repeat(1 << 20),
  'a megabyte of dots': () => '.'.repeat(1 << 20),
  'a megabyte of brackets': ({ header }) =>
    `${json(header)}.${encode('['.repeat(1 << 20))}.${'A'.repeat(86)}`,
  'a megabyte, well signed': withClaims(() => ({ jti: 'j'.repeat(1 << 20) })),
  'just too long, well signed': withClaims(() => ({ jti: 'j'.repeat(3000) })),
  'nested deeply': withText((header, claims) => [
    header,
    claims.replace('}', `,"x":${'['.repeat(500)}${']'.repeat(500)}}`),
  ]),
};

const PURPOSES: Record<string, Make> = {
  'a refresh token as access token': ({ victim }) => victim.tokens.refreshToken,
  'a CSRF token as access token': ({ victim }) => victim.tokens.csrfToken,
};

export const TOKEN_ATTACKS: Readonly<Record<string, Make>> = {
  ...NULLS,
  ...CONFUSION,
  ...KEY_HEADERS,
  ...CLAIMS,
  ...SPELLINGS,
  ...PURPOSES,
};
