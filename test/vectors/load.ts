import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PublicationVector } from './make/records/publications.js';

/** The proof vectors: how they are written down (README.md beside this file) and how a test reads them. */

export const FOLDERS = ['valid', 'invalid', 'malformed', 'pending', 'time'] as const;
export type Folder = (typeof FOLDERS)[number];

/** A text as it is, or bytes that are no text, or pieces each repeated so many times. */
export type WrittenText = string | { readonly base64: string } | { readonly pieces: readonly (readonly [string, number])[] };

export interface Failure {
  readonly step: number;
  readonly code: string;
}

/** What the anchors of a proof show. Times are ISO 8601. */
export interface StatedTime {
  readonly notBefore: string | null;
  readonly notAfter: string | null;
  readonly owners: readonly string[];
  readonly conflict?: string;
  /** `anchor`: its place in the proof. */
  readonly anchors: readonly (
    | { readonly anchor: number; readonly source: string; readonly time: string }
    | { readonly anchor: number; readonly fault: string }
  )[];
}

export interface Vector {
  readonly about: string;
  readonly proof: WrittenText;
  /** The document's bytes in hex; null: the proof is checked for the digest that it names. */
  readonly document: string | null;
  /** Text of the trust policy; null: nobody is trusted. */
  readonly trust: string | null;
  readonly receiptKeys?: readonly string[];
  /** When the proof is verified, ISO 8601; absent: unknown. */
  readonly now?: string;
  /** Base64 of revocation lists that the verifier has. */
  readonly crls?: readonly string[];
  readonly expected:
    | { readonly verdict: string; readonly failed: readonly Failure[]; readonly time?: StatedTime }
    | { readonly error: string };
}

export interface NamedVector extends Vector {
  readonly name: string;
  readonly folder: Folder;
}

export const VECTORS = import.meta.dirname;
export const PROOF_VECTORS = join(VECTORS, 'proof');
/** Below VECTORS. */
export const HISTORY_VECTORS = 'records/histories';

export interface HistoryVector {
  readonly about: string;
  /** The history file, as JSON. */
  readonly history: object;
  /** Text of the trust policy; null: nobody is trusted. */
  readonly trust: string | null;
  readonly expected: {
    readonly verdict: string;
    /** Each "<step> <code>", in the order of the steps. */
    readonly failed: readonly string[];
    /** The types of the events. */
    readonly timeline?: readonly string[];
    readonly status?: string | null;
    /** Height of the block up to which nothing later happened; null: not shown. */
    readonly asOf?: number | null;
  };
}

/** By name. */
export function loadPublications(): Readonly<Record<string, PublicationVector>> {
  const file = join(VECTORS, 'records/publications.json');
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, PublicationVector>;
}

export function loadHistories(): (HistoryVector & { readonly name: string })[] {
  const folder = join(VECTORS, HISTORY_VECTORS);
  return readdirSync(folder)
    .sort()
    .map((file) => ({
      name: file.replace(/\.json$/, ''),
      ...(JSON.parse(readFileSync(join(folder, file), 'utf8')) as HistoryVector),
    }));
}

export function loadVectors(...folders: Folder[]): NamedVector[] {
  return (folders.length === 0 ? FOLDERS : folders).flatMap((folder) =>
    readdirSync(join(PROOF_VECTORS, folder))
      .sort()
      .map((file) => ({
        folder,
        name: file.replace('.json', ''),
        ...(JSON.parse(readFileSync(join(PROOF_VECTORS, folder, file), 'utf8')) as Vector),
      })),
  );
}

/** The proof file's bytes. */
export function proofBytes({ proof }: Vector): Uint8Array {
  if (typeof proof === 'string') return new Uint8Array(Buffer.from(proof));
  return 'base64' in proof
    ? new Uint8Array(Buffer.from(proof.base64, 'base64'))
    : new Uint8Array(Buffer.from(proof.pieces.map(([text, count]) => text.repeat(count)).join('')));
}
