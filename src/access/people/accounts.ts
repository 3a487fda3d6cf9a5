import type { Account, Limits } from '../../store/index.js';
import { assertMay, noAccount } from '../authority.js';
import type { Client } from '../client.js';
import { eventOf } from '../events.js';
import { may } from '../permissions.js';
import type { AccessParts } from '../parts.js';
import { accountOf, type Actor } from '../principal.js';
import { isId, newId } from '../secrets.js';
import { allLimits, parseLimits, parseName, type LimitsInput } from '../values.js';

export interface NewAccount {
  readonly name: string;
  readonly limits?: LimitsInput | undefined;
}

export interface AccountChange {
  readonly name?: string | undefined;
  readonly limits?: LimitsInput | undefined;
  readonly disabled?: boolean | undefined;
}

export interface AccountPage {
  /** The last id of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Accounts are the operator's to make, to limit and to close. */
export class Accounts {
  readonly #parts: AccessParts;

  constructor(parts: AccessParts) {
    this.#parts = parts;
  }

  async create(by: Actor, input: NewAccount, client: Client): Promise<Account> {
    assertMay(by, 'accounts');
    const { store, clock } = this.#parts;
    const account = {
      id: newId('acct'),
      name: parseName(input.name),
      createdAt: clock(),
      limits: allLimits(input.limits),
    };
    const detail = { name: account.name, ...account.limits };
    return store.createAccount(
      account,
      eventOf(by, client, account.createdAt, 'account_created', { accountId: account.id, detail }),
    );
  }

  /** By id, ascending. */
  async list(by: Actor, { after, limit }: AccountPage): Promise<Account[]> {
    assertMay(by, 'accounts');
    // Every id comes after what is not one by being shorter.
    const start = after !== undefined && isId('acct', after) ? { after } : {};
    return this.#parts.store.accounts({ ...start, limit });
  }

  /** @throws {AccessError} account_not_found: also for one that is not one's own */
  async get(by: Actor, id: string): Promise<Account> {
    const everyones = by.kind === 'local' || may(by, 'accounts');
    if (!everyones && accountOf(by)?.id !== id) throw noAccount();
    const account = isId('acct', id) ? await this.#parts.store.account(id) : null;
    if (account === null) throw noAccount();
    return account;
  }

  /** A disabled account is nobody's to act for, on every instance at once; what is its own stays. */
  async update(by: Actor, id: string, change: AccountChange, client: Client): Promise<Account> {
    assertMay(by, 'accounts');
    const { name, limits, disabled } = change;
    const now = this.#parts.clock();
    const changed: { name?: string; limits?: Partial<Limits>; disabledAt?: number | null } = {
      ...(name === undefined ? {} : { name: parseName(name) }),
      ...(limits === undefined ? {} : { limits: parseLimits(limits) }),
      ...(disabled === undefined ? {} : { disabledAt: disabled ? now : null }),
    };
    const kind =
      disabled === undefined ? 'account_changed' : disabled ? 'account_disabled' : 'account_enabled';
    const detail = { ...(changed.name === undefined ? {} : { name: changed.name }), ...changed.limits };
    const event = eventOf(by, client, now, kind, { accountId: id, detail });
    const account = isId('acct', id) ? await this.#parts.store.updateAccount(id, changed, event) : null;
    if (account === null) throw noAccount();
    return account;
  }
}
