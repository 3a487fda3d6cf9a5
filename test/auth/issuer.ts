import { createServer } from 'node:http';
import { once } from 'node:events';
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import jwt from 'jsonwebtoken';
import type { OidcConfig, OidcTokens } from '../../src/auth/index.js';

/** A company's identity provider: a real server that publishes its keys, and what it signs with them. */
export interface Issuer extends AsyncDisposable {
  readonly config: OidcConfig & { readonly tokens: OidcTokens };
  /** How often its keys were asked for. */
  readonly fetches: number;
  /** What it answers instead; null: its keys. */
  answer: { readonly status: number; readonly body: string; readonly location?: string } | 'silence' | null;
  addKey(kid: string, kind: 'RSA' | 'EC', alg?: string, rsaBits?: number): void;
  removeKey(kid: string): void;
  publicKey(kid: string): KeyObject;
  sign(change?: Partial<Signing>): string;
  /** Signs these texts as header and claims, whatever they are. */
  signTexts(header: string, claims: string): string;
  stop(): Promise<void>;
}

export interface Signing {
  readonly kid: string;
  readonly algorithm: jwt.Algorithm;
  readonly header: Record<string, unknown>;
  /** undefined: left out. */
  readonly claims: Record<string, unknown>;
}

const ISSUER = 'https://login.example.com/realms/company';
const AUDIENCE = 'ingam';

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** RSA keys that no issuer has now, by their length: to make one takes as long as most tests. */
const spare = new Map<number, KeyPair[]>();

const rsaKey = (bits: number): KeyPair =>
  spare.get(bits)?.pop() ?? generateKeyPairSync('rsa', { modulusLength: bits });

export async function createIssuer(
  roles: OidcConfig['roles'],
  roleClaim: OidcConfig['roleClaim'] = 'roles',
  clock: () => number = Date.now,
): Promise<Issuer> {
  const keys = new Map<string, KeyPair & { readonly alg: string | undefined }>();
  const taken: [bits: number, pair: KeyPair][] = [];
  let fetches = 0;
  const server = createServer((_, response) => {
    fetches++;
    if (issuer.answer === 'silence') return;
    if (issuer.answer !== null) {
      const { status, body, location } = issuer.answer;
      response.writeHead(status, location === undefined ? {} : { location }).end(body);
      return;
    }
    const published = [...keys].map(([kid, { publicKey, alg }]) => ({
      ...publicKey.export({ format: 'jwk' }),
      kid,
      use: 'sig',
      ...(alg === undefined ? {} : { alg }),
    }));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: published }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const keyOf = (kid: string) => {
    const key = keys.get(kid);
    if (key === undefined) throw new Error(`there is no key ${kid}`);
    return key;
  };
  const stop = async () => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  const issuer: Issuer = {
    config: {
      issuer: ISSUER,
      tokens: {
        audience: AUDIENCE,
        jwksUrl: new URL(`http://127.0.0.1:${port}/keys`),
        accessTokensOnly: false,
      },
      signIn: null,
      roleClaim,
      roles,
    },
    get fetches() {
      return fetches;
    },
    answer: null,
    addKey: (kid, kind, alg, rsaBits = 2048) => {
      const pair = kind === 'RSA' ? rsaKey(rsaBits) : generateKeyPairSync('ec', { namedCurve: 'P-256' });
      keys.set(kid, { ...pair, alg });
      if (kind === 'RSA') taken.push([rsaBits, pair]);
    },
    removeKey: (kid) => keys.delete(kid),
    publicKey: (kid) => keyOf(kid).publicKey,
    sign: ({ kid = 'rsa', algorithm = 'RS256', header = {}, claims = {} } = {}) => {
      const now = Math.floor(clock() / 1000);
      const all = {
        iss: ISSUER,
        aud: AUDIENCE,
        sub: '248289761001',
        iat: now,
        exp: now + 300,
        name: 'Jane Doe',
        email: 'jane@company.example',
        roles: ['staff', 'notaries'],
        ...claims,
      };
      const given = Object.fromEntries(
        Object.entries<unknown>(all).filter(([, value]) => value !== undefined),
      );
      return jwt.sign(JSON.stringify(given), keyOf(kid).privateKey, {
        algorithm,
        header: { alg: algorithm, kid, ...header },
        allowInsecureKeySizes: true,
      });
    },
    signTexts: (header, claims) => {
      const encoded = [header, claims].map((part) => Buffer.from(part).toString('base64url')).join('.');
      const signature = sign('sha256', Buffer.from(encoded), keyOf('rsa').privateKey);
      return `${encoded}.${signature.toString('base64url')}`;
    },
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
      for (const [bits, pair] of taken.splice(0)) spare.set(bits, [...(spare.get(bits) ?? []), pair]);
    },
  };
  issuer.addKey('rsa', 'RSA', 'RS256');
  issuer.addKey('any', 'RSA');
  issuer.addKey('ec', 'EC', 'ES256');
  return issuer;
}
