import { concat, fromBase64, toBase64 } from '../bytes.js';
import type { Json, JsonObject } from '../canonical-json.js';
import { ProofError } from '../errors.js';
import { HASH_LENGTH } from '../hash.js';
import { BITCOIN_HEADER_LENGTH } from './bitcoin.js';

/**
 * The anchors of a proof file (docs/proof-format-time.md): outside evidence of when a block existed. Anybody
 * can add one, so a proof file is read without looking into them, and each is read and judged alone.
 */

/** As it is in the proof file. */
export type Anchor = JsonObject & { readonly type: string };

/** In one proof. */
export const MAX_ANCHORS = 64;
/** The longest inclusion path in a tree of 2^53 leaves. */
const MAX_PATH = 53;
/** A list for each certificate of a chain but the root, and some more. */
const MAX_CRLS = 8;
/** More than one in each year of a century is no renewal. */
const MAX_RENEWALS = 64;
/** Two weeks of blocks. */
const MAX_FOLLOWING = 2016;

/** A time-stamp token of RFC 3161, with the revocation lists of its time. All in DER. */
export interface KeptToken {
  readonly token: Uint8Array;
  readonly crls: readonly Uint8Array[];
}

/** A token over the root of a tree of tokens, one of whose leaves is the token before (`renewedBytes`). */
export interface Renewal extends KeptToken {
  /**
   * Revocation lists about the certificates of the token before, of the time when it was renewed. They show it to
   * verifiers of a later day, when there are no such lists any more.
   */
  readonly renewedCrls: readonly Uint8Array[];
  readonly size: number;
  readonly index: number;
  readonly path: readonly Uint8Array[];
}

/** What a renewal stamps of the token before it, with the lists that were added to it. */
export function renewedBytes({ token, crls }: KeptToken, renewedCrls: readonly Uint8Array[]): Uint8Array {
  return concat(token, ...crls, ...renewedCrls);
}

/** A checkpoint that was anchored, and how it covers the block. */
export interface AnchoredNote {
  /** The signed note as the log published it, without cosignatures. */
  readonly note: string;
  /** From the block's header to the root in the note. */
  readonly path: readonly Uint8Array[];
}

export interface Rfc3161Anchor extends AnchoredNote, KeptToken {
  readonly type: 'rfc3161';
  /** The oldest first. */
  readonly renewals: readonly Renewal[];
}

export interface BitcoinAnchor extends AnchoredNote {
  readonly type: 'bitcoin';
  /** A detached .ots file over the bytes of the note. */
  readonly ots: Uint8Array;
  /** 80 bytes. */
  readonly header: Uint8Array;
  readonly height: number;
  /** From the header to the root of a pin above it; empty when there is none. */
  readonly headerPath: readonly Uint8Array[];
  /** Headers that were built on this one, one behind the other. */
  readonly following: readonly Uint8Array[];
}

export interface BeaconAnchor {
  readonly type: 'beacon';
  /** The text of the block's state statement. */
  readonly statement: string;
  /** From the Bitcoin header in it to the root of a pin above; empty when there is none. */
  readonly headerPath: readonly Uint8Array[];
}

export type KnownAnchor = Rfc3161Anchor | BitcoinAnchor | BeaconAnchor;

/**
 * A token over a document itself and a whole proof, without SHA-256 (document-renewal.ts). It is kept among the
 * anchors, but it is judged with the document, and says nothing of its own about the block.
 */
export interface DocumentRenewal extends KeptToken {
  /** The bytes of the proof file as it was. */
  readonly proof: Uint8Array;
}

export const DOCUMENT_RENEWAL = 'document-renewal';

export function formatDocumentRenewal({ proof, ...kept }: DocumentRenewal): Anchor {
  return { type: DOCUMENT_RENEWAL, proof: toBase64(proof), ...tokenJson(kept) };
}

/** @throws {ProofError} for an anchor that is none */
export function readDocumentRenewal(anchor: Anchor): DocumentRenewal {
  assertMembers(anchor, ['type', 'proof', 'token', 'crls']);
  return { proof: bytesAt(anchor, 'proof'), ...tokenOf(anchor) };
}

/** The form in which a proof file holds it. */
export function formatAnchor(anchor: KnownAnchor): Anchor {
  switch (anchor.type) {
    case 'rfc3161':
      return {
        type: anchor.type,
        note: anchor.note,
        path: anchor.path.map(toBase64),
        ...tokenJson(anchor),
        renewals: anchor.renewals.map(({ size, index, path, renewedCrls, ...kept }) => ({
          size,
          index,
          path: path.map(toBase64),
          renewedCrls: renewedCrls.map(toBase64),
          ...tokenJson(kept),
        })),
      };
    case 'bitcoin':
      return {
        type: anchor.type,
        note: anchor.note,
        path: anchor.path.map(toBase64),
        ots: toBase64(anchor.ots),
        header: toBase64(anchor.header),
        height: anchor.height,
        headerPath: anchor.headerPath.map(toBase64),
        following: anchor.following.map(toBase64),
      };
    case 'beacon':
      return {
        type: anchor.type,
        statement: anchor.statement,
        headerPath: anchor.headerPath.map(toBase64),
      };
  }
}

const tokenJson = ({ token, crls }: KeptToken) => ({ token: toBase64(token), crls: crls.map(toBase64) });

/**
 * Reads an anchor of a proof file.
 * @returns null for a type that this version does not know
 * @throws {ProofError} for an anchor that is not as its type demands
 */
export function readAnchor(anchor: Anchor): KnownAnchor | null {
  const { type } = anchor;
  switch (type) {
    case 'rfc3161':
      assertMembers(anchor, ['type', 'note', 'path', 'token', 'crls', 'renewals']);
      return {
        type,
        ...noteOf(anchor),
        ...tokenOf(anchor),
        renewals: itemsAt(anchor, 'renewals', MAX_RENEWALS).map(renewalOf),
      };
    case 'bitcoin':
      assertMembers(anchor, ['type', 'note', 'path', 'ots', 'header', 'height', 'headerPath', 'following']);
      return {
        type,
        ...noteOf(anchor),
        ots: bytesAt(anchor, 'ots'),
        header: bytesAt(anchor, 'header', BITCOIN_HEADER_LENGTH),
        height: countAt(anchor, 'height'),
        headerPath: pathAt(anchor, 'headerPath'),
        following: bytesOf(anchor, 'following', MAX_FOLLOWING, BITCOIN_HEADER_LENGTH),
      };
    case 'beacon':
      assertMembers(anchor, ['type', 'statement', 'headerPath']);
      return { type, statement: stringAt(anchor, 'statement'), headerPath: pathAt(anchor, 'headerPath') };
    default:
      return null;
  }
}

function renewalOf(json: Json): Renewal {
  const renewal = json as JsonObject;
  assertMembers(renewal, ['size', 'index', 'path', 'renewedCrls', 'token', 'crls']);
  return {
    size: countAt(renewal, 'size'),
    index: countAt(renewal, 'index'),
    path: pathAt(renewal, 'path'),
    renewedCrls: bytesOf(renewal, 'renewedCrls', MAX_CRLS),
    ...tokenOf(renewal),
  };
}

function noteOf(anchor: JsonObject): AnchoredNote {
  return { note: stringAt(anchor, 'note'), path: pathAt(anchor, 'path') };
}

function tokenOf(object: JsonObject): KeptToken {
  return { token: bytesAt(object, 'token'), crls: bytesOf(object, 'crls', MAX_CRLS) };
}

function assertMembers(value: Json, members: readonly string[]): void {
  const own = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
  if (own.length !== members.length || !members.every((member) => own.includes(member)))
    throw malformed(`it must have exactly the members ${members.join(', ')}`);
}

function stringAt(object: JsonObject, key: string): string {
  const value = object[key];
  return typeof value === 'string' ? value : fail(`"${key}" must be a string`);
}

function countAt(object: JsonObject, key: string): number {
  const value = object[key];
  return typeof value === 'number' && value >= 0 ? value : fail(`"${key}" must be an integer of 0 or more`);
}

function bytesAt(object: JsonObject, key: string, length?: number): Uint8Array {
  return fromBase64(stringAt(object, key), `"${key}"`, length);
}

function itemsAt(object: JsonObject, key: string, most: number): readonly Json[] {
  const value = object[key];
  if (!Array.isArray(value) || value.length > most)
    throw malformed(`"${key}" must be an array of at most ${most}`);
  return value as readonly Json[];
}

function bytesOf(object: JsonObject, key: string, most: number, length?: number): Uint8Array[] {
  return itemsAt(object, key, most).map((item) =>
    typeof item === 'string'
      ? fromBase64(item, `an item of "${key}"`, length)
      : fail(`"${key}" must contain base64 strings`),
  );
}

const pathAt = (object: JsonObject, key: string) => bytesOf(object, key, MAX_PATH, HASH_LENGTH);

function fail(message: string): never {
  throw malformed(message);
}

function malformed(message: string): ProofError {
  return new ProofError('malformed_proof', message);
}
