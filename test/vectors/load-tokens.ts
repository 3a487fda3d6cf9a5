import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBase64 } from '../../src/proof/index.js';
import { parseCertificate, verifyToken, type TokenInput, type TokenVerdict } from '../../src/proof/time/rfc3161.js';

/** The vectors of time-stamp tokens: how they are written down (README.md beside this file) and how a test reads them. */

export const TOKEN_FOLDERS = ['counted', 'refused'] as const;
export type TokenFolder = (typeof TOKEN_FOLDERS)[number];

export interface TokenVector {
  readonly about: string;
  /** Base64 of DER; or pieces of base64, each repeated so many times. */
  readonly token: string | { readonly pieces: readonly (readonly [string, number])[] };
  /** In hex, as is `nonce`. */
  readonly message: string;
  /** Base64 of DER. */
  readonly roots: readonly string[];
  readonly certificates?: readonly string[];
  readonly crls?: readonly string[];
  readonly nonce?: string;
  readonly policy?: string;
  /** ISO 8601 */
  readonly existedBy?: string;
  readonly expected:
    | { readonly time: string; readonly latest: string; readonly accuracy: number | null; readonly notRevokedAsOf: string | null }
    | { readonly fault: string };
  /** What `openssl ts -verify -attime` says, and why; absent: what we say. */
  readonly openssl?: { readonly accepts: boolean; readonly why: string };
}

export interface NamedTokenVector extends TokenVector {
  readonly name: string;
  readonly folder: TokenFolder;
}

export const TOKEN_VECTORS = join(import.meta.dirname, 'tokens');

export function loadTokenVectors(...folders: TokenFolder[]): NamedTokenVector[] {
  return (folders.length === 0 ? TOKEN_FOLDERS : folders).flatMap((folder) =>
    readdirSync(join(TOKEN_VECTORS, folder))
      .sort()
      .map((file) => ({
        folder,
        name: file.replace('.json', ''),
        ...(JSON.parse(readFileSync(join(TOKEN_VECTORS, folder, file), 'utf8')) as TokenVector),
      })),
  );
}

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));

export function tokenBytes({ token }: TokenVector): Uint8Array {
  const text = typeof token === 'string' ? token : token.pieces.map(([piece, count]) => piece.repeat(count)).join('');
  return fromBase64(text);
}

export function tokenInput(vector: TokenVector): TokenInput {
  const { message, roots, certificates, crls, nonce, policy, existedBy } = vector;
  return {
    token: tokenBytes(vector),
    stamped: { message: bytes(message) },
    roots: roots.map((root) => parseCertificate(fromBase64(root))),
    ...(certificates && { certificates: certificates.map((each) => fromBase64(each)) }),
    ...(crls && { crls: crls.map((each) => fromBase64(each)) }),
    ...(nonce !== undefined && { nonce: bytes(nonce) }),
    ...(policy !== undefined && { policy }),
    ...(existedBy !== undefined && { existedBy: Date.parse(existedBy) }),
  };
}

/** A verdict in the form in which a vector states it. */
function stated(verdict: TokenVerdict): TokenVector['expected'] {
  if (!verdict.counts) return { fault: verdict.fault };
  const { time, latest, accuracy, notRevokedAsOf } = verdict.stamp;
  const iso = (milliseconds: number) => new Date(milliseconds).toISOString();
  return { time: iso(time), latest: iso(latest), accuracy, notRevokedAsOf: notRevokedAsOf === null ? null : iso(notRevokedAsOf) };
}

export function judgeToken(vector: TokenVector): TokenVector['expected'] {
  return stated(verifyToken(tokenInput(vector)));
}
