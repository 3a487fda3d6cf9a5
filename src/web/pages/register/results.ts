import { Loaded } from '../../components/loaded.js';
import { apiKeys, type Details, notarization, type Notarization, users } from '../../lib/api.js';
import { jsonRequest, localProblem, readBody, readJson } from '../../lib/request.js';
import { session, sessionRequest } from '../../lib/session.js';
import { follow, SealWatch } from '../../lib/watch.js';
import { messages } from '../../messages/register.js';
import { apiQuery, EVERYTHING, type Query } from './search.js';

/** Requests of the register. Each rejects as those of api.ts do. */

/** A notarization as its organization sees it. */
export interface Registered extends Notarization {
  /** Base64. */
  readonly entry: string;
  readonly details?: Details;
  /** Whether the details are public. */
  readonly published?: boolean;
  /** `key:<id>` or `person:<id>`. */
  readonly submittedBy?: string;
}

interface RegisterPage {
  readonly rows: readonly Registered[];
  /** null: there is no more. */
  readonly next: string | null;
}

const PAGE_LENGTH = 50;

async function registerPage(query: Query, cursor: string | null, limit = PAGE_LENGTH): Promise<RegisterPage> {
  const { notarizations, next } = (await readJson(
    await ask({ ...apiQuery(query), limit: String(limit), ...(cursor === null ? {} : { cursor }) }),
  )) as { readonly notarizations: readonly Registered[]; readonly next: string | null };
  return { rows: notarizations, next };
}

/** @throws ProblemError also `notarization_not_found` if it is not in the organization's register */
export async function registered(id: string): Promise<Registered> {
  const { position } = await notarization(id);
  const { rows } = await registerPage(EVERYTHING, String(position + 1), 1);
  const own = rows.find((row) => row.id === id);
  // Anyone with its id can read an anonymous notarization; that does not make it the organization's.
  if (own === undefined) throw localProblem('notarization_not_found');
  return own;
}

export async function setPublished(id: string, published: boolean): Promise<void> {
  await sessionRequest(`v1/notarizations/${id}`, jsonRequest('PATCH', { published }));
}

/** Returns the proof without details. */
export async function bareProofText(id: string): Promise<string> {
  return readBody((await sessionRequest(`v1/notarizations/${id}/proof?disclose=none`, {})).text());
}

/** Requests a list of the register. */
export function ask(query: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<Response> {
  const address = `v1/notarizations?${new URLSearchParams(query).toString()}`;
  return sessionRequest(address, { signal: signal ?? null });
}

/** Names of submitters by `key:<id>` or `person:<id>`, as far as the user may see them. */
export type Names = ReadonlyMap<string, string>;

/** Only owners can read the names of users and keys. Best effort: without a name, the kind is shown. */
export async function submitterNames(): Promise<Names> {
  if (session.current?.user?.role !== 'owner') return new Map();
  const [people, keys] = await Promise.all([users().catch(() => []), apiKeys().catch(() => [])]);
  return new Map([
    ...people.map(({ id, name }): [string, string] => [`person:${id}`, name]),
    ...keys.map(({ id, name }): [string, string] => [`key:${id}`, name]),
  ]);
}

export interface Shown {
  readonly rows: readonly Registered[];
  readonly next: string | null;
  readonly names: Names;
}

type Seal = Pick<Registered, 'block' | 'sealedAt' | 'cosigned'>;

/** Members usually cosign within seconds, and the event reports it at once. */
export const QUORUM_PATIENCE_MS = 30_000;

/** The results loaded so far. Their seals and cosignatures are kept up to date. */
export class SearchResults {
  readonly loaded: Loaded<Shown>;
  readonly #watch = new SealWatch();
  readonly #onAllSealed: () => void;
  readonly #waiting = new Set<string>();
  readonly #seals = new Map<string, Seal>();
  readonly #stop = new AbortController();
  /** Id of the notarization whose quorum is awaited. */
  #quorumOf: string | null = null;
  #query: Query;
  /** Number of loads in progress, whose results will replace the current ones. */
  #asking = 0;

  /** @param onAllSealed called when the last waiting row is sealed */
  constructor(query: Query, onChange: () => void, onAllSealed: () => void) {
    this.#query = query;
    this.#onAllSealed = onAllSealed;
    this.loaded = new Loaded<Shown>(
      () => this.#ask(),
      onChange,
      () => messages().problems,
    );
  }

  get query(): Query {
    return this.#query;
  }

  get shown(): Shown | null {
    const { state } = this.loaded;
    return state.kind === 'here' ? state.value : null;
  }

  async open(query: Query): Promise<void> {
    this.#query = query;
    await this.load();
  }

  async load(): Promise<void> {
    this.#asking += 1;
    await this.loaded.load();
    this.#asking -= 1;
    // Apply seals that were reported during the load.
    for (const row of this.shown?.rows ?? []) this.#putSeal(row);
    this.#followQuorum();
  }

  /**
   * Loads the next page.
   * @returns the number of rows before; null if the query has changed in the meantime
   */
  async more(): Promise<number | null> {
    const before = this.shown;
    if (before?.next == null) return null;
    const { rows, next } = await registerPage(this.#query, before.next);
    const now = this.shown;
    if (now === null || now.next !== before.next || this.#asking > 0) return null;
    this.#follow(rows);
    this.loaded.change({ ...now, rows: [...now.rows, ...rows], next });
    return now.rows.length;
  }

  row(id: string): Registered | null {
    return this.shown?.rows.find((row) => row.id === id) ?? null;
  }

  /** Replaces a row with newer data, if it is present. */
  put(changed: Registered): void {
    const now = this.shown;
    if (now === null || this.#asking > 0 || this.row(changed.id) === null) return;
    this.loaded.change({ ...now, rows: now.rows.map((row) => (row.id === changed.id ? changed : row)) });
  }

  leave(): void {
    this.#watch.stop();
    this.#stop.abort();
  }

  async #ask(): Promise<Shown> {
    const [{ rows, next }, names] = await Promise.all([registerPage(this.#query, null), submitterNames()]);
    this.#follow(rows);
    return { rows, next, names };
  }

  #follow(rows: readonly Registered[]): void {
    for (const { id, ...rest } of rows.filter(({ status }) => status === 'accepted')) {
      if (this.#waiting.has(id)) continue;
      this.#waiting.add(id);
      this.#watch.add({ id, ...rest }, ({ height, index, sealedAt }, cosigned) => {
        this.#sealed(id, {
          block: { height, index },
          sealedAt: new Date(sealedAt).toISOString(),
          ...(cosigned === null ? {} : { cosigned }),
        });
      });
    }
  }

  #sealed(id: string, seal: Seal): void {
    this.#waiting.delete(id);
    this.#seals.set(id, seal);
    const row = this.row(id);
    if (row === null) return;
    this.#putSeal(row);
    if (this.#waiting.size > 0) return;
    this.#onAllSealed();
    this.#followQuorum();
  }

  /** A cosignature on a block covers all earlier blocks, so the newest row without a quorum is enough. */
  #followQuorum(): void {
    const [newest] = (this.shown?.rows ?? []).filter(awaitsQuorum).sort((a, b) => b.position - a.position);
    if (newest === undefined || this.#quorumOf === newest.id) return;
    this.#quorumOf = newest.id;
    const until = (now: Notarization) => !awaitsQuorum(now);
    const { signal } = this.#stop;
    follow({ id: newest.id, event: 'cosigned', patienceMs: QUORUM_PATIENCE_MS, until, signal }).then(
      ({ status, cosigned }) => {
        for (const row of this.shown?.rows ?? []) {
          if (row.position > newest.position || !awaitsQuorum(row) || cosigned === undefined) continue;
          this.put({ ...row, status, cosigned });
        }
      },
      () => undefined,
    );
  }

  #putSeal(row: Registered): void {
    const seal = this.#seals.get(row.id);
    if (seal !== undefined && row.status === 'accepted') this.put({ ...row, ...seal, status: 'sealed' });
  }
}

export function awaitsQuorum({ status, cosigned }: Notarization): boolean {
  return status === 'sealed' && cosigned !== undefined;
}
