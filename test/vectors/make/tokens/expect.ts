import { toBase64, toHex } from '../../../../src/proof/index.js';
import type { TokenFault } from '../../../../src/proof/time/rfc3161.js';
import type { TokenVector } from '../../load-tokens.js';
import { ROOT, type Holder } from './certificates.js';
import { MESSAGE, tokenOf, type Wish } from './token.js';

/** What a case may say beside its token. */
export interface More {
  readonly roots?: readonly Holder[];
  readonly certificates?: readonly Uint8Array[];
  readonly crls?: readonly Uint8Array[];
  readonly nonce?: Uint8Array;
  readonly policy?: string;
  readonly existedBy?: string;
  readonly message?: Uint8Array;
  readonly openssl?: TokenVector['openssl'];
  /** Changes the finished token. */
  readonly edit?: (token: Uint8Array) => Uint8Array;
}

/** The base of `openssl` where it says something else than we do. */
export const accepts = (why: string): { openssl: { accepts: true; why: string } } => ({ openssl: { accepts: true, why } });
export const refuses = (why: string): { openssl: { accepts: false; why: string } } => ({ openssl: { accepts: false, why } });

interface Time {
  readonly time?: string;
  readonly latest?: string;
  readonly accuracy?: number | null;
  readonly notRevokedAsOf?: string | null;
}

/** Noon of 1 June 2026, accurate to a second, unless a case says otherwise. */
export function counted(about: string, wish: Wish = {}, more: More = {}, expected: Time = {}): TokenVector {
  return vector(about, wish, more, {
    time: '2026-06-01T12:00:00.000Z',
    latest: '2026-06-01T12:00:01.000Z',
    accuracy: 1000,
    notRevokedAsOf: null,
    ...expected,
  });
}

export function refused(fault: TokenFault, about: string, wish: Wish = {}, more: More = {}): TokenVector {
  return vector(about, wish, more, { fault });
}

function vector(about: string, wish: Wish, more: More, expected: TokenVector['expected']): TokenVector {
  const token = tokenOf(wish);
  const { roots = [ROOT], certificates, crls, nonce, policy, existedBy, message = MESSAGE, openssl, edit } = more;
  return {
    about,
    token: toBase64(edit?.(token) ?? token),
    message: toHex(message),
    roots: roots.map(({ der }) => toBase64(der)),
    ...(certificates && { certificates: certificates.map(toBase64) }),
    ...(crls && { crls: crls.map(toBase64) }),
    ...(nonce && { nonce: toHex(nonce) }),
    ...(policy !== undefined && { policy }),
    ...(existedBy !== undefined && { existedBy }),
    expected,
    ...(openssl && { openssl }),
  };
}
