import { createHmac, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { SignedIn } from '../../src/auth/index.js';
import { SigningKeys, type CurrentKey } from '../../src/auth/tokens.js';
import { createBackground, createLog } from '../support/parts.js';
import { SECRET, type Scene } from './scene.js';

/** Forges tokens byte by byte, with the service's own key or another. */

export interface Forge {
  readonly victim: SignedIn;
  /** The key that the service signs with, so that a forged token has one fault only. */
  readonly key: CurrentKey;
  readonly publicKey: KeyObject;
  readonly header: Record<string, unknown>;
  readonly claims: Record<string, unknown>;
  /** Seconds. */
  readonly now: number;
}

export type Make = (forge: Forge) => string;

export async function openForge(scene: Scene, victim: SignedIn): Promise<Forge> {
  const keys = new SigningKeys(
    {
      store: scene.store.access,
      rateLimits: scene.store.rateLimits,
      logger: createLog(),
      background: createBackground().background,
      clock: () => scene.clock.now,
      onMail: null,
    },
    SECRET,
  );
  const key = await keys.current();
  const [header, claims] = victim.tokens.accessToken
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>);
  if (header === undefined || claims === undefined) throw new Error('a token has three parts');
  const now = Math.floor(scene.clock.now / 1000);
  return { victim, key, publicKey: createPublicKey(key.privateKey), header, claims, now };
}

export const json = (value: unknown) => encode(JSON.stringify(value));
export const encode = (text: string | Uint8Array) => Buffer.from(text).toString('base64url');

/** As ES256 wants it: r ‖ s over both parts. */
export function es256(key: KeyObject, header: string, claims: string): string {
  const input = `${header}.${claims}`;
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

export function hs256(secret: Uint8Array | string, header: string, claims: string): string {
  const input = `${header}.${claims}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

/** Signed with the service's own key, with other members. */
export const withHeader =
  (change: Record<string, unknown>): Make =>
  ({ key, header, claims }) =>
    es256(key.privateKey, json({ ...header, ...change }), json(claims));
export const withClaims =
  (change: (forge: Forge) => Record<string, unknown>): Make =>
  (given) =>
    es256(given.key.privateKey, json(given.header), json({ ...given.claims, ...change(given) }));
export const without =
  (name: string): Make =>
  ({ key, header, claims }) => {
    const rest = Object.entries(claims).filter(([claim]) => claim !== name);
    return es256(key.privateKey, json(header), json(Object.fromEntries(rest)));
  };
/** Signed with the service's own key over the text unchanged. */
export const withText =
  (text: (header: string, claims: string) => readonly [string, string]): Make =>
  ({ key, header, claims }) => {
    const [first, second] = text(JSON.stringify(header), JSON.stringify(claims));
    return es256(key.privateKey, encode(first), encode(second));
  };
export const strangersKey = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const mangled =
  (change: (header: string, claims: string, signature: string) => string): Make =>
  ({ victim }) => {
    const [header = '', claims = '', signature = ''] = victim.tokens.accessToken.split('.');
    return change(header, claims, signature);
  };
