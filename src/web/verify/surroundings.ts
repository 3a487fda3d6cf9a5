import type { HashWorkers } from '../hasher.js';
import type { Render } from '../render.js';
import type { Lookup } from '../resources.js';
import type { Trust } from './trust.js';

/** Where a document without a proof is looked up. Each call rejects as those of api.ts do. */
export interface Directory {
  lookUp(sha256: string, signal: AbortSignal): Promise<Lookup>;
  proofText(id: string, signal: AbortSignal): Promise<string>;
  /** Of a sealed notarization. */
  certificate(id: string, language: string, timeZone: string): Promise<Blob>;
}

/** What the page has around it: the service that serves it, or nothing but the file that it is. */
export interface Surroundings {
  readonly frame: (render: Render) => void;
  readonly workers: HashWorkers;
  /** Who is believed when the reader names nobody. Rejects as the calls of api.ts do, and with ProofError. */
  readonly trust: (signal: AbortSignal) => Promise<Trust>;
  /** null: there is nobody to ask. */
  readonly directory: Directory | null;
  /** Address of an entry in the explorer, counted from 1; null: there is no explorer. */
  readonly entryAddress: ((height: number, entry: number) => string) | null;
  /** What is said of the page itself, at its end. */
  readonly about: () => HTMLElement;
}
