import { signal } from '@preact/signals';
import * as api from './api.js';
import { saveBlob, zipBlob } from './files.js';
import { onDemand, ProblemError, retryWhileUnavailable } from './request.js';

/** Proofs and certificates of many documents in one zip. */

/** Characters that Windows does not allow in names, or that could lead out of the folder of the zip. */
const FORBIDDEN = /[\u0000-\u001f\u007f\\:*?"<>|]/g;

/**
 * Names of the documents in the zip, to which the endings of their proofs and certificates are added: each its path,
 * so that unpacked proofs are beside their documents. In NFC, because macOS decomposes Hangul. Duplicates, also in
 * case only, are numbered.
 */
export function zipNames(paths: readonly string[]): string[] {
  const taken = new Set<string>();
  return paths.map((path) => {
    const base = safePath(path);
    for (let number = 1; ; number++) {
      const name = number === 1 ? base : `${base} (${number})`;
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

export interface Wanted {
  readonly id: string;
  readonly path: string;
  /** Milliseconds since the Unix epoch: the time of the files in the zip. */
  readonly time: number;
  /** As for a certificate: the name that the service does not know; by default none. */
  readonly name?: string | null;
  /** Whether it is one of the user's own organization. */
  readonly own?: boolean;
}

interface ZipEntry {
  readonly name: string;
  readonly input: string | Blob;
  readonly lastModified: Date;
}

/** What the zip has of each document. */
export type Parts = readonly ('proof' | 'certificate')[];

/** Documents whose files are fetched ahead of the zip. */
const AHEAD = 4;

/**
 * The files of the zip, in the order of the documents, fetched while it is written.
 * @param onDone receives the paths of what the service did not return
 * @throws the signal's reason
 */
async function* entriesOf(
  wanted: readonly Wanted[],
  parts: Parts,
  signal: AbortSignal,
  onDone: (missing: readonly string[]) => void,
): AsyncGenerator<ZipEntry> {
  const names = zipNames(wanted.map(({ path }) => path));
  const fetchBoth = async ({ id, path, time, name = null, own = false }: Wanted, i: number) => {
    const base = { name: names[i] ?? '', lastModified: new Date(time) };
    const missing: string[] = [];
    const file = async (ending: string, call: () => Promise<string | Blob>): Promise<ZipEntry[]> => {
      const input = await fetched(call, signal);
      if (input === null) missing.push(`${path}${ending}`);
      return input === null ? [] : [{ ...base, name: `${base.name}${ending}`, input }];
    };
    const entries = await Promise.all(
      parts.map((part) =>
        part === 'proof'
          ? file('.ingam.json', () => api.proofText(id, signal))
          : file('.certificate.pdf', () => api.certificate({ id, name, own }, signal)),
      ),
    );
    return { entries: entries.flat(), missing };
  };
  const pending = new Map<number, ReturnType<typeof fetchBoth>>();
  for (const i of wanted.keys()) {
    for (let ahead = i; ahead < Math.min(wanted.length, i + AHEAD); ahead++) {
      const next = wanted[ahead];
      if (next === undefined || pending.has(ahead)) continue;
      const both = fetchBoth(next, ahead);
      // Handled when its turn comes; until then it is not an unhandled rejection.
      both.catch(() => undefined);
      pending.set(ahead, both);
    }
    const done = await pending.get(i);
    pending.set(i, Promise.resolve({ entries: [], missing: [] }));
    yield* done?.entries ?? [];
    onDone(done?.missing ?? []);
  }
}

async function fetched<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T | null> {
  try {
    return await retryWhileUnavailable(call, signal);
  } catch (error) {
    if (error instanceof ProblemError) return null;
    throw error;
  }
}

type DownloadState =
  | { readonly kind: 'idle' }
  /** `fraction`: from 0 to 1. */
  | { readonly kind: 'collecting'; readonly fraction: number }
  | { readonly kind: 'done'; readonly files: number; readonly missing: readonly string[] }
  | { readonly kind: 'failed'; readonly error: unknown };

/** Collects the files of many documents in one zip, waits while the service is unreachable, and saves it. */
export class ZipDownload {
  readonly #state = signal<DownloadState>({ kind: 'idle' });
  #abort = new AbortController();

  get state(): DownloadState {
    return this.#state.value;
  }

  /** @param name of the zip. @returns whether it was saved */
  async start(wanted: readonly Wanted[], parts: Parts, name: string): Promise<boolean> {
    if (this.#state.peek().kind === 'collecting') return false;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#state.value = { kind: 'collecting', fraction: 0 };
    const missing: string[] = [];
    let done = 0;
    const entries = entriesOf(wanted, parts, signal, (not) => {
      missing.push(...not);
      done += 1;
      if (!signal.aborted) this.#state.value = { kind: 'collecting', fraction: done / wanted.length };
    });
    try {
      const { makeZip } = await retryWhileUnavailable(() => onDemand(import('client-zip')), signal);
      const zip = await zipBlob(makeZip(entries));
      signal.throwIfAborted();
      const files = wanted.length * parts.length - missing.length;
      if (files > 0) saveBlob(name, zip);
      this.#state.value = { kind: 'done', files, missing };
      return files > 0;
    } catch (error) {
      this.#state.value = signal.aborted ? { kind: 'idle' } : { kind: 'failed', error };
      return false;
    }
  }

  readonly stop = (): void => {
    this.#abort.abort();
  };
}
