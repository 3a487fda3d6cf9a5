import { signal } from '@preact/signals';
import { makeZip } from 'client-zip';
import { saveBlob, zipBlob } from '../../lib/files.js';
import { jsonRequest, readJson, retryWhileUnavailable } from '../../lib/request.js';
import { session, sessionRequest } from '../../lib/session.js';
import type { Registered } from './results.js';

/** Erasures and legal holds (docs/erasure.md). The requests reject as those of api.ts do. */

export interface Erasure {
  readonly position: number;
  readonly leafHash: string;
  readonly erasedAt: string;
  /** The signed note: a file, byte for byte. */
  readonly certificate: string;
  /** Id of the notarization of the certificate; null: it waits. */
  readonly notarization: string | null;
}

export interface Hold {
  readonly id: string;
  readonly reason: string;
  readonly status: 'in_force' | 'lift_requested' | 'lifted';
  readonly placedAt: string;
  /** Id of the person. */
  readonly placedBy: string;
  readonly liftRequest?: { readonly at: string; readonly by: string; readonly reason: string };
  readonly lifted?: { readonly at: string; readonly by: string };
  /** How many it keeps. */
  readonly notarizations: number;
}

export interface HoldsPage {
  /** The latest first. */
  readonly holds: readonly Hold[];
  /** Of the people, by id. */
  readonly names: Readonly<Record<string, string>>;
  readonly next: string | null;
}

export const mayErase = (): boolean => session.current?.user?.role === 'owner';
export const maySeeHolds = (): boolean => ['owner', 'auditor'].includes(session.current?.user?.role ?? '');

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const init = body === undefined ? { method } : jsonRequest(method, body);
  return (await readJson(await sessionRequest(path, init))) as T;
}

const erase = (id: string) => call<Erasure>('DELETE', `v1/notarizations/${id}`);
export const erasureOf = (id: string) => call<Erasure>('GET', `v1/notarizations/${id}/erasure`);

export const holds = (query: Readonly<Record<string, string>>) =>
  call<HoldsPage>('GET', `v1/holds?${new URLSearchParams(query).toString()}`);
export const placeHold = (reason: string, notarizations: readonly string[]) =>
  call<Hold>('POST', 'v1/holds', { reason, notarizations });
export const requestLift = (id: string, reason: string) =>
  call<Hold>('POST', `v1/holds/${id}/lift`, { reason });
export const keepHold = (id: string) => call<Hold>('DELETE', `v1/holds/${id}/lift`);
export const approveLift = (id: string) => call<Hold>('POST', `v1/holds/${id}/lift/approval`);

/** What became of one document. */
export type Outcome =
  | { readonly row: Registered; readonly erasure: Erasure }
  | { readonly row: Registered; readonly error: unknown };

type ErasingState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly done: number; readonly of: number }
  /** `left`: not tried, because it was stopped. */
  | { readonly kind: 'done'; readonly outcomes: readonly Outcome[]; readonly left: number };

/** Erases documents one after the other. What was erased before a failure, or before it was stopped, is erased. */
export class Erasing {
  readonly #state = signal<ErasingState>({ kind: 'idle' });
  readonly #stop = new AbortController();

  get state(): ErasingState {
    return this.#state.value;
  }

  readonly stop = (): void => {
    this.#stop.abort();
  };

  async run(rows: readonly Registered[]): Promise<void> {
    const { signal } = this.#stop;
    const outcomes: Outcome[] = [];
    for (const row of rows) {
      if (signal.aborted) break;
      this.#state.value = { kind: 'running', done: outcomes.length, of: rows.length };
      try {
        outcomes.push({ row, erasure: await retryWhileUnavailable(() => erase(row.id), signal) });
      } catch (error) {
        // Stopped while it waited for the service.
        if (error !== signal.reason) outcomes.push({ row, error });
      }
    }
    this.#state.value = { kind: 'done', outcomes, left: rows.length - outcomes.length };
  }
}

const fileName = ({ position }: Erasure) => `erasure-${position}.txt`;

/** Saves the certificates: one as it is, several in a zip. @returns the name of the file */
export async function saveErasures(erasures: readonly Erasure[]): Promise<string> {
  const [first, ...others] = erasures;
  if (first !== undefined && others.length === 0) {
    saveBlob(fileName(first), new Blob([first.certificate], { type: 'text/plain;charset=utf-8' }));
    return fileName(first);
  }
  const files = erasures.map((each) => ({
    name: fileName(each),
    input: each.certificate,
    lastModified: new Date(each.erasedAt),
  }));
  saveBlob('erasures.zip', await zipBlob(makeZip(files)));
  return 'erasures.zip';
}
