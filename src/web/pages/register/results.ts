import { computed, signal } from '@preact/signals';
import { apiKeys, users } from '../../lib/account-api.js';
import { type Details, type Notarization, notarization } from '../../lib/api.js';
import { jsonRequest, localProblem, readBody, readJson } from '../../lib/request.js';
import { Resource } from '../../lib/resource.js';
import { session, sessionRequest } from '../../lib/session.js';
import { follow, SealWatch } from '../../lib/watch.js';
import { apiQuery, EVERYTHING, MAX_COUNTED, type Query } from './query.js';

/** Requests of the register. They reject as those of api.ts do. */

/** A notarization as its organization sees it. */
export interface Registered extends Notarization {
  /** Base64. */
  readonly entry: string;
  readonly details?: Details;
  /** Whether the details are public. */
  readonly published?: boolean;
  /** Tags that were given since it was notarized. */
  readonly addedTags?: readonly string[];
  /** Whether a legal hold keeps it from being erased; absent: the reader may not know. */
  readonly held?: boolean;
  /** The service keeps the document. */
  readonly kept?: boolean;
  /** `key:<id>` or `person:<id>`. */
  readonly submittedBy?: string;
}

interface RegisterPage {
  readonly rows: readonly Registered[];
  /** How many match, counted to at most 20,000. */
  readonly total: number;
}

/** @param skip matches before the page */
async function registerPage(query: Query, skip: number, limit: number): Promise<RegisterPage> {
  const asked = { ...apiQuery(query), limit: String(limit), skip: String(skip), count: 'true' };
  const { notarizations, total } = (await readJson(await ask(asked))) as {
    readonly notarizations: readonly Registered[];
    readonly total: number;
  };
  return { rows: notarizations, total };
}

/** Rows of one request for many. */
const MOST_ROWS = 1000;

/** The first rows that match. */
async function firstRows(query: Query, most: number): Promise<Registered[]> {
  const found: Registered[] = [];
  for (;;) {
    const limit = Math.min(MOST_ROWS, most - found.length);
    const { rows, total } = await registerPage(query, found.length, limit);
    found.push(...rows);
    if (found.length >= Math.min(most, total) || rows.length === 0) return found;
  }
}

/** @throws ProblemError also `notarization_not_found` if it is not in the organization's register */
export async function registered(id: string): Promise<Registered> {
  const { position } = await notarization(id);
  const asked = { ...apiQuery(EVERYTHING), cursor: String(position + 1), limit: '1' };
  const { notarizations } = (await readJson(await ask(asked))) as {
    readonly notarizations: readonly Registered[];
  };
  const own = notarizations.find((row) => row.id === id);
  // Anyone with its id can read an anonymous notarization; that does not make it the organization's.
  if (own === undefined) throw localProblem('notarization_not_found');
  return own;
}

export async function setPublished(id: string, published: boolean): Promise<void> {
  await sessionRequest(`v1/notarizations/${id}`, jsonRequest('PATCH', { published }));
}

/** @returns how many were changed */
export async function changeTags(
  notarizations: readonly string[],
  add: readonly string[],
  remove: readonly string[],
): Promise<number> {
  const body = {
    notarizations,
    ...(add.length === 0 ? {} : { add }),
    ...(remove.length === 0 ? {} : { remove }),
  };
  const answer = await readJson(await sessionRequest('v1/tags', jsonRequest('POST', body)));
  return (answer as { readonly changed: number }).changed;
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
async function submitterNames(): Promise<Names> {
  if (session.current?.user?.role !== 'owner') return new Map();
  const [people, keys] = await Promise.all([users().catch(() => []), apiKeys().catch(() => [])]);
  return new Map([
    ...people.map(({ id, name }): [string, string] => [`person:${id}`, name]),
    ...keys.map(({ id, name }): [string, string] => [`key:${id}`, name]),
  ]);
}

/** Members usually cosign within seconds, and the event reports it at once. */
const QUORUM_PATIENCE_MS = 30_000;

function awaitsQuorum({ status, cosigned }: Notarization): boolean {
  return status === 'sealed' && cosigned !== undefined;
}

const STATES: readonly string[] = ['accepted', 'sealed', 'cosigned', 'anchored'];

/** The register of one organization, as one person sees it: the page that is shown, the selection, and what changes. */
export class Results {
  readonly page = new Resource<RegisterPage>(() => this.#load());
  readonly names = signal<Names>(new Map());
  /** Ids. */
  readonly selected = signal<ReadonlySet<string>>(new Set());
  /** The newest that is known of every row that was loaded, by id; `#version` grows with each change. */
  readonly #seen = new Map<string, Registered>();
  readonly #version = signal(0);
  readonly #watch = new SealWatch();
  readonly #stop = new AbortController();
  readonly #waiting = new Set<string>();
  readonly #onAllSealed: () => void;
  /** Id of the notarization whose quorum is awaited. */
  #quorumOf: string | null = null;
  query: Query;

  /** @param onAllSealed called when the last waiting row is sealed */
  constructor(query: Query, onAllSealed: () => void) {
    this.query = query;
    this.#onAllSealed = onAllSealed;
    void submitterNames().then((names) => {
      this.names.value = names;
    });
  }

  /** Those of the page, as they are now. */
  readonly #rows = computed(() => (this.page.value?.rows ?? []).flatMap(({ id }) => this.row(id) ?? []));

  get rows(): readonly Registered[] {
    return this.#rows.value;
  }

  /** The selected rows, also those of other pages. */
  get chosen(): readonly Registered[] {
    return [...this.selected.value].flatMap((id) => this.row(id) ?? []);
  }

  row(id: string): Registered | null {
    void this.#version.value;
    return this.#seen.get(id) ?? null;
  }

  async open(query: Query): Promise<void> {
    this.query = query;
    await this.page.load();
  }

  /** Selects the first that match, up to `most`. */
  async selectAll(most: number): Promise<void> {
    const rows = await firstRows(this.query, most);
    this.put(rows);
    this.selected.value = new Set(rows.map(({ id }) => id));
  }

  /** Takes what was loaded or learned. A seal can be reported before a response that was made without it. */
  put(rows: readonly Registered[]): void {
    for (const row of rows) {
      const known = this.#seen.get(row.id);
      const isOlder = known !== undefined && STATES.indexOf(known.status) > STATES.indexOf(row.status);
      this.#seen.set(row.id, isOlder ? { ...known, ...row, ...sealOf(known) } : row);
    }
    this.#version.value = this.#version.peek() + 1;
  }

  /** Takes erased rows out of the selection, and loads the page without them. */
  forget(ids: readonly string[]): void {
    if (ids.length === 0) return;
    for (const id of ids) {
      this.#seen.delete(id);
      this.#waiting.delete(id);
    }
    this.#version.value = this.#version.peek() + 1;
    this.selected.value = new Set([...this.selected.peek()].filter((id) => !ids.includes(id)));
    if (this.page.value !== null) void this.page.load();
  }

  /** Follows rows that can still change. */
  follow(rows: readonly Registered[]): void {
    for (const { id, ...rest } of rows.filter(({ status }) => status === 'accepted')) {
      if (this.#waiting.has(id)) continue;
      this.#waiting.add(id);
      this.#watch.add({ id, ...rest }, ({ height, index, sealedAt }, cosigned) => {
        this.#waiting.delete(id);
        const row = this.#seen.get(id);
        if (row !== undefined) {
          this.put([
            {
              ...row,
              status: 'sealed',
              block: { height, index },
              sealedAt: new Date(sealedAt).toISOString(),
              ...(cosigned === null ? {} : { cosigned }),
            },
          ]);
        }
        if (this.#waiting.size > 0) return;
        this.#onAllSealed();
        this.#followQuorum();
      });
    }
    this.#followQuorum();
  }

  leave(): void {
    this.#watch.stop();
    this.#stop.abort();
  }

  async #load(): Promise<RegisterPage> {
    const { page, size } = this.query;
    const found = await registerPage(this.query, Math.min(page * size, MAX_COUNTED), size);
    this.put(found.rows);
    this.follow(found.rows);
    return found;
  }

  /** A cosignature on a block covers all earlier blocks, so the newest row without a quorum is enough. */
  #followQuorum(): void {
    const waiting = () => [...this.#seen.values()].filter(awaitsQuorum);
    const [newest] = waiting().sort((a, b) => b.position - a.position);
    if (newest === undefined || this.#quorumOf === newest.id) return;
    this.#quorumOf = newest.id;
    const until = (now: Notarization) => !awaitsQuorum(now);
    const { signal } = this.#stop;
    follow({ id: newest.id, event: 'cosigned', patienceMs: QUORUM_PATIENCE_MS, until, signal }).then(
      ({ status, cosigned }) => {
        if (cosigned === undefined) return;
        const met = waiting().filter(({ position }) => position <= newest.position);
        this.put(met.map((row) => ({ ...row, status, cosigned })));
      },
      () => undefined,
    );
  }
}

function sealOf({ status, block, sealedAt, cosigned }: Registered): Partial<Registered> {
  return {
    status,
    ...(block === undefined ? {} : { block }),
    ...(sealedAt === undefined ? {} : { sealedAt }),
    ...(cosigned === undefined ? {} : { cosigned }),
  };
}
