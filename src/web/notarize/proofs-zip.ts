import { makeZip } from 'client-zip';
import * as api from '../api.js';
import { persist } from '../persist.js';
import { RefusedError } from '../resources.js';
import { zipNames } from './zip-names.js';

/** Loaded when it is asked for: whoever notarizes one document never needs it. */

export interface WantedProof {
  readonly id: string;
  readonly path: string;
  /** Milliseconds since the Unix epoch: the time of the file within the zip. */
  readonly sealedAt: number;
}

export interface Collected {
  readonly zip: Blob;
  readonly count: number;
  /** Paths of those that the service refused. */
  readonly missing: readonly string[];
}

const AT_ONCE = 4;

/** All proofs in one file; waits for a service that is away. Rejects when the signal aborts. */
export async function collectProofs(
  wanted: readonly WantedProof[],
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<Collected> {
  const texts = new Map<WantedProof, string>();
  const waiting = wanted.values();
  let asked = 0;
  const fetchSome = async () => {
    for (const proof of waiting) {
      const text = await fetchProof(proof.id, signal);
      if (text !== null) texts.set(proof, text);
      onProgress(++asked / wanted.length);
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
    return await persist(() => api.proofText(id, signal), signal);
  } catch (error) {
    if (error instanceof RefusedError) return null;
    throw error;
  }
}
