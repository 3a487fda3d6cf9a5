import type { AccessErrorCode, Role } from '../../src/auth/index.js';

/** The rules of accounts in a few lines, to compare the real thing with. People, accounts and keys are numbers. */

export type Answer = 'done' | AccessErrorCode;

interface ModelSession {
  /** On whose behalf it acts. */
  account: number | null;
  ended: boolean;
}

interface ModelKey {
  readonly account: number;
  revoked: boolean;
}

/** Who acts: a person by their session, or a key. */
export type ModelActor = { readonly person: number } | { readonly key: number };

/** What the actor turns out to be; a code: not let in. */
export type Standing =
  AccessErrorCode | { readonly account: number | null; readonly role: Role | null; readonly scopes: boolean };

export class Model {
  readonly #roles = new Map<string, Role>();
  readonly #closed = new Set<number>();
  readonly #disabled = new Set<number>();
  readonly #sessions = new Map<number, ModelSession>();
  readonly keys: ModelKey[] = [];

  /** Everybody has signed in. Person n owns account n, which has key n, as long as there are accounts. */
  constructor(accounts: number, people: number) {
    for (let i = 0; i < people; i++) {
      if (i < accounts) {
        this.#roles.set(`${i} ${i}`, 'owner');
        this.keys.push({ account: i, revoked: false });
      }
      this.#sessions.set(i, { account: i < accounts ? i : null, ended: false });
    }
  }

  role(account: number, person: number): Role | null {
    return this.#roles.get(`${account} ${person}`) ?? null;
  }

  /** What somebody can act for. */
  #open(person: number): number[] {
    return [...this.#roles.keys()]
      .map((place) => place.split(' ').map(Number))
      .flatMap(([account = -1, who]) => (who === person && !this.#closed.has(account) ? [account] : []));
  }

  standing(actor: ModelActor): Standing {
    if ('key' in actor) {
      const key = this.keys[actor.key];
      if (key === undefined || key.revoked || this.#closed.has(key.account)) return 'invalid_token';
      return { account: key.account, role: null, scopes: true };
    }
    const session = this.#sessions.get(actor.person);
    if (session === undefined || session.ended || this.#open(actor.person).length === 0)
      return 'invalid_token';
    const account = session.account;
    const role = account === null || this.#closed.has(account) ? null : this.role(account, actor.person);
    return { account: role === null ? null : account, role, scopes: false };
  }

  /** For what only an owner does, in the own account. */
  owners(actor: ModelActor, account: number): Answer {
    const standing = this.standing(actor);
    if (typeof standing === 'string') return standing;
    if (standing.role !== 'owner') return 'forbidden';
    return standing.account === account ? 'done' : 'account_not_found';
  }

  seeAccount(actor: ModelActor, account: number): Answer {
    const standing = this.standing(actor);
    if (typeof standing === 'string') return standing;
    return standing.account === account ? 'done' : 'account_not_found';
  }

  setRole(actor: ModelActor, account: number, person: number, role: Role): Answer {
    const answer = this.#changePlace(actor, account, person, role !== 'owner');
    if (answer === 'done') this.#roles.set(`${account} ${person}`, role);
    return answer;
  }

  removeUser(actor: ModelActor, account: number, person: number): Answer {
    const answer = this.#changePlace(actor, account, person, true);
    if (answer !== 'done') return answer;
    this.#roles.delete(`${account} ${person}`);
    const session = this.#sessions.get(person);
    if (session?.account === account) session.account = null;
    return 'done';
  }

  #changePlace(actor: ModelActor, account: number, person: number, less: boolean): Answer {
    const answer = this.owners(actor, account);
    if (answer !== 'done') return answer;
    if (this.role(account, person) === null) return 'user_not_found';
    const others = [...this.#roles].some(
      ([place, role]) =>
        role === 'owner' &&
        place.startsWith(`${account} `) &&
        place !== `${account} ${person}` &&
        !this.#disabled.has(Number(place.split(' ')[1])),
    );
    return less && this.role(account, person) === 'owner' && !others ? 'last_owner' : 'done';
  }

  createKey(actor: ModelActor, account: number): Answer {
    const answer = this.owners(actor, account);
    if (answer === 'done') this.keys.push({ account, revoked: false });
    return answer;
  }

  revokeKey(actor: ModelActor, account: number, key: number): Answer {
    const answer = this.owners(actor, account);
    const found = this.keys[key];
    if (answer !== 'done') return answer;
    if (found?.account !== account || found.revoked) return 'key_not_found';
    found.revoked = true;
    return 'done';
  }

  chooseAccount(actor: { readonly person: number }, account: number): Answer {
    const standing = this.standing(actor);
    if (typeof standing === 'string') return standing;
    if (!this.#open(actor.person).includes(account)) return 'account_not_found';
    const session = this.#sessions.get(actor.person);
    if (session !== undefined) session.account = account;
    return 'done';
  }

  signIn(person: number): Answer {
    if (this.#disabled.has(person)) return 'invalid_credentials';
    const open = this.#open(person);
    if (open.length === 0) return 'forbidden';
    this.#sessions.set(person, { account: open.length === 1 ? (open[0] ?? null) : null, ended: false });
    return 'done';
  }

  addPerson(account: number, person: number, role: Role): Answer {
    if (this.role(account, person) !== null) return 'user_exists';
    this.#roles.set(`${account} ${person}`, role);
    return 'done';
  }

  close(account: number, closed: boolean): void {
    if (closed) this.#closed.add(account);
    else this.#closed.delete(account);
  }

  disable(person: number, disabled: boolean): void {
    if (!disabled) this.#disabled.delete(person);
    else {
      this.#disabled.add(person);
      const session = this.#sessions.get(person);
      if (session !== undefined) session.ended = true;
    }
  }
}
