import { accountTagOf, equal } from '../proof/index.js';
import { nodeSha256 } from '../crypto/primitives.js';
import {
  type Marks,
  type NewAccessEvent,
  type RegisteredEntry,
  type RegisterPageQuery,
  type RegisterQuery,
  type Store,
  type StoreLog,
  UNMARKED,
} from '../store/index.js';
import { type LogStep, stepsOf } from './document-history.js';
import type { Notarization, Notarizations } from './notarizations.js';

/** A notarization as its organization sees it. */
export interface Registered {
  readonly notarization: Notarization;
  /** `key:<id>`, `person:<id>`, `request:<id>` or `service:tsa`. */
  readonly submittedBy: string;
  readonly marks: Marks;
}

/** As the store's, with the statuses that the log knows of. */
export interface RegisterFilter extends Omit<RegisterQuery, 'status' | 'belowHeight'> {
  readonly status?: 'accepted' | 'sealed' | 'anchored';
}

export interface RegisterPageFilter extends Omit<RegisterPageQuery, 'status' | 'belowHeight'> {
  readonly status?: RegisterFilter['status'];
}

/**
 * The notarizations of each organization. The register's rows are only an index: an entry is listed when its
 * own account tag, which its block commits to, is that of the organization.
 */
export class Register {
  readonly #store: Store;
  readonly #notarizations: Notarizations;
  readonly #log: Pick<StoreLog, 'error'>;

  constructor(store: Store, notarizations: Notarizations, log: Pick<StoreLog, 'error'>) {
    this.#store = store;
    this.#notarizations = notarizations;
    this.#log = log;
  }

  /**
   * The organization's notarizations that match, in the query's order; fewer than the limit only when there
   * are no more.
   * @throws {RangeError} limit or digestPrefix is out of range
   */
  async list({ status, ...query }: RegisterFilter): Promise<Registered[]> {
    const own: RegisteredEntry[] = [];
    const sealing = this.#sealing(status);
    let beyond = query.beyond;
    for (;;) {
      const limit = query.limit - own.length;
      const found = await this.#store.searchRegister({
        ...query,
        ...sealing,
        limit,
        ...(beyond === undefined ? {} : { beyond }),
      });
      own.push(...this.#vouchedFor(query.organization, found));
      if (found.length < limit || own.length === query.limit) return this.#describe(own);
      beyond = found.at(-1)?.entry.position;
    }
  }

  /**
   * A page by number, in any order. It has fewer than the limit only when it is the last.
   * @throws {RangeError} limit or digestPrefix is out of range
   */
  async page({ status, ...query }: RegisterPageFilter): Promise<Registered[]> {
    const found = await this.#store.pageRegister({ ...query, ...this.#sealing(status) });
    return this.#describe(this.#vouchedFor(query.organization, found));
  }

  /** How many match, counted to at most `most`. @throws {RangeError} digestPrefix is out of range */
  count(
    { status, ...query }: Omit<RegisterFilter, 'limit' | 'beyond' | 'order'>,
    most: number,
  ): Promise<number> {
    return this.#store.countRegister({ ...query, ...this.#sealing(status) }, most);
  }

  /** See `Store.publish`. */
  publish(position: number, at: number, event?: NewAccessEvent): Promise<boolean> {
    return this.#store.publish(position, at, event);
  }

  /** See `Store.withdraw`. */
  withdraw(position: number, event?: NewAccessEvent): Promise<boolean> {
    return this.#store.withdraw(position, event);
  }

  /** See `Store.publishedAmong`. */
  publishedAmong(positions: readonly number[]): Promise<ReadonlySet<number>> {
    return this.#store.publishedAmong(positions);
  }

  /** See `Store.marksOf`. */
  async marksOf(position: number): Promise<Marks> {
    return (await this.#store.marksOf([position])).get(position) ?? UNMARKED;
  }

  /** What the log did with the organization's notarization at this position; null: it has none there. */
  stepsOf(organization: number, position: number): Promise<LogStep[] | null> {
    return stepsOf(this.#store, this.#notarizations, organization, position);
  }

  #sealing(status: RegisterFilter['status']): Pick<RegisterQuery, 'status' | 'belowHeight'> {
    if (status === undefined) return {};
    if (status !== 'anchored') return { status };
    return { status: 'sealed', belowHeight: this.#notarizations.anchoredBelow };
  }

  #vouchedFor(organization: number, found: readonly RegisteredEntry[]): RegisteredEntry[] {
    const foreign = found.filter((each) => !isOwn(each));
    if (foreign.length === 0) return [...found];
    this.#log.error(
      { organization, positions: foreign.map(({ entry }) => entry.position) },
      'the register lists entries that do not belong to the organization: it was changed outside the service. Run "ingam audit"',
    );
    return found.filter(isOwn);
  }

  async #describe(own: readonly RegisteredEntry[]): Promise<Registered[]> {
    const entries = own.map(({ entry }) => entry).sort((a, b) => a.position - b.position);
    const [notarizations, marks] = await Promise.all([
      this.#notarizations.describe(entries),
      this.#store.marksOf(entries.map(({ position }) => position)),
    ]);
    const described = new Map(notarizations.map((each) => [each.position, each]));
    return own.flatMap(({ entry: { position }, submittedBy }) => {
      const notarization = described.get(position);
      return notarization === undefined
        ? []
        : [{ notarization, submittedBy, marks: marks.get(position) ?? UNMARKED }];
    });
  }
}

function isOwn({ entry: { salt, accountTag }, organizationId }: RegisteredEntry): boolean {
  return organizationId !== null && equal(accountTag, accountTagOf(salt, organizationId, nodeSha256));
}
