import { makeZip } from 'client-zip';
import * as api from '../../lib/api.js';
import { retryWhileUnavailable, ProblemError } from '../../lib/request.js';

/** Characters that Windows does not allow in names, or that could lead out of the folder of the zip. */
const FORBIDDEN = /[\u0000-\u001f\u007f\\:*?"<>|]/g;

/**
 * Names of the documents' proofs in the zip: each its document's path, so that unpacked proofs are beside
 * their documents. In NFC, because macOS decomposes Hangul. Duplicates, also in case only, are numbered.
 */
export function zipNames(paths: readonly string[]): string[] {
  const taken = new Set<string>();
  return paths.map((path) => {
    const base = safePath(path);
    for (let number = 1; ; number++) {
      const name = `${number === 1 ? base : `${base} (${number})`}.ingam.json`;
      const key = name.toLowerCase();
      if (taken.has(key)) continue;
      taken.add(key);
      return name;
    }
  });
}

function safePath(path: string): string {
  const parts = path
    .normalize('NFC')
    .split('/')
    .filter((part) => !['', '.', '..'].includes(part))
    .map((part) => part.replaceAll(FORBIDDEN, '_').replace(/[. ]+$/, '_'));
  return parts.length === 0 ? 'document' : parts.join('/');
}

/** Loaded on demand: a single document does not need it. */

export interface WantedProof {
  readonly id: string;
  readonly path: string;
  /** Milliseconds since the Unix epoch: the time of the file in the zip. */
  readonly sealedAt: number;
}

export interface Collected {
  readonly zip: Blob;
  readonly count: number;
  /** Paths of the documents whose proofs the service did not return. */
  readonly missing: readonly string[];
}

const AT_ONCE = 4;

/** Collects all proofs in one zip; waits while the service is unreachable. @throws the signal's reason */
export async function collectProofs(
  wanted: readonly WantedProof[],
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<Collected> {
  const texts = new Map<WantedProof, string>();
  const waiting = wanted.values();
  let fetched = 0;
  const fetchSome = async () => {
    for (const proof of waiting) {
      const text = await fetchProof(proof.id, signal);
      if (text !== null) texts.set(proof, text);
      onProgress(++fetched / wanted.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, fetchSome));
  const got = wanted.filter((proof) => texts.has(proof));
  const names = zipNames(got.map(({ path }) => path));
  const files = got.map((proof, i) => ({
    name: names[i] ?? '',
    input: texts.get(proof) ?? '',
    lastModified: new Date(proof.sealedAt),
  }));
  const zip = await new Response(makeZip(files), { headers: { 'Content-Type': 'application/zip' } }).blob();
  return {
    zip,
    count: got.length,
    missing: wanted.filter((proof) => !texts.has(proof)).map(({ path }) => path),
  };
}

async function fetchProof(id: string, signal: AbortSignal): Promise<string | null> {
  try {
    return await retryWhileUnavailable(() => api.proofText(id, signal), signal);
  } catch (error) {
    if (error instanceof ProblemError) return null;
    throw error;
  }
}
