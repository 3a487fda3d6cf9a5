import type { AccessErrorCode, Role } from '../../src/auth/index.js';

/** The rules of organizations in a few lines, to compare the real thing with. People, organizations and keys are numbers. */

export type Answer = 'done' | AccessErrorCode;

interface ModelSession {
  /** On whose behalf it acts. */
  organization: number | null;
  ended: boolean;
}

interface ModelKey {
  readonly organization: number;
  revoked: boolean;
}

/** Who acts: a person by their session, or a key. */
export type ModelActor = { readonly person: number } | { readonly key: number };

/** What the actor turns out to be; a code: not let in. */
export type Standing =
  | AccessErrorCode
  | { readonly organization: number | null; readonly role: Role | null; readonly scopes: boolean };

export class Model {
  readonly #roles = new Map<string, Role>();
  readonly #closed = new Set<number>();
  readonly #disabled = new Set<number>();
  readonly #sessions = new Map<number, ModelSession>();
  readonly keys: ModelKey[] = [];

  /** Everybody has signed in. Person n owns organization n, which has key n, as long as there are organizations. */
  constructor(organizations: number, people: number) {
    for (let i = 0; i < people; i++) {
      if (i < organizations) {
        this.#roles.set(`${i} ${i}`, 'owner');
        this.keys.push({ organization: i, revoked: false });
      }
      this.#sessions.set(i, { organization: i < organizations ? i : null, ended: false });
    }
  }

  role(organization: number, person: number): Role | null {
    return this.#roles.get(`${organization} ${person}`) ?? null;
  }

  /** What somebody can act for. */
  #open(person: number): number[] {
    return [...this.#roles.keys()]
      .map((place) => place.split(' ').map(Number))
      .flatMap(([organization = -1, who]) =>
        who === person && !this.#closed.has(organization) ? [organization] : [],
      );
  }

  standing(actor: ModelActor): Standing {
    if ('key' in actor) {
      const key = this.keys[actor.key];
      if (key === undefined || key.revoked || this.#closed.has(key.organization)) return 'invalid_token';
      return { organization: key.organization, role: null, scopes: true };
    }
    const session = this.#sessions.get(actor.person);
    if (session === undefined || session.ended || this.#open(actor.person).length === 0)
      return 'invalid_token';
    const organization = session.organization;
    const role =
      organization === null || this.#closed.has(organization) ? null : this.role(organization, actor.person);
    return { organization: role === null ? null : organization, role, scopes: false };
  }

  /** For what only an owner does, in the own organization. */
  owners(actor: ModelActor, organization: number): Answer {
    return this.#those(['owner'], actor, organization);
  }

  readEvents(actor: ModelActor, organization: number): Answer {
    return this.#those(['owner', 'auditor'], actor, organization);
  }

  #those(roles: readonly Role[], actor: ModelActor, organization: number): Answer {
    const standing = this.standing(actor);
    if (typeof standing === 'string') return standing;
    if (standing.role === null || !roles.includes(standing.role)) return 'forbidden';
    return standing.organization === organization ? 'done' : 'organization_not_found';
  }

  seeOrganization(actor: ModelActor, organization: number): Answer {
    const standing = this.standing(actor);
    if (typeof standing === 'string') return standing;
    return standing.organization === organization ? 'done' : 'organization_not_found';
  }

  setRole(actor: ModelActor, organization: number, person: number, role: Role): Answer {
    const answer = this.#changePlace(actor, organization, person, role !== 'owner');
    if (answer === 'done') this.#roles.set(`${organization} ${person}`, role);
    return answer;
  }

  removeUser(actor: ModelActor, organization: number, person: number): Answer {
    const answer = this.#changePlace(actor, organization, person, true);
    if (answer !== 'done') return answer;
    this.#roles.delete(`${organization} ${person}`);
    const session = this.#sessions.get(person);
    if (session?.organization === organization) session.organization = null;
    return 'done';
  }

  #changePlace(actor: ModelActor, organization: number, person: number, less: boolean): Answer {
    const answer = this.owners(actor, organization);
    if (answer !== 'done') return answer;
    if (this.role(organization, person) === null) return 'user_not_found';
    const others = [...this.#roles].some(
      ([place, role]) =>
        role === 'owner' &&
        place.startsWith(`${organization} `) &&
        place !== `${organization} ${person}` &&
        !this.#disabled.has(Number(place.split(' ')[1])),
    );
    return less && this.role(organization, person) === 'owner' && !others ? 'last_owner' : 'done';
  }

  createKey(actor: ModelActor, organization: number): Answer {
    const answer = this.owners(actor, organization);
    if (answer === 'done') this.keys.push({ organization, revoked: false });
    return answer;
  }

  revokeKey(actor: ModelActor, organization: number, key: number): Answer {
    const answer = this.owners(actor, organization);
    const found = this.keys[key];
    if (answer !== 'done') return answer;
    if (found?.organization !== organization || found.revoked) return 'key_not_found';
    found.revoked = true;
    return 'done';
  }

  chooseOrganization(actor: { readonly person: number }, organization: number): Answer {
    const standing = this.standing(actor);
    if (typeof standing === 'string') return standing;
    if (!this.#open(actor.person).includes(organization)) return 'organization_not_found';
    const session = this.#sessions.get(actor.person);
    if (session !== undefined) session.organization = organization;
    return 'done';
  }

  signIn(person: number): Answer {
    if (this.#disabled.has(person)) return 'invalid_credentials';
    const open = this.#open(person);
    if (open.length === 0) return 'forbidden';
    this.#sessions.set(person, { organization: open.length === 1 ? (open[0] ?? null) : null, ended: false });
    return 'done';
  }

  addPerson(organization: number, person: number, role: Role): Answer {
    if (this.role(organization, person) !== null) return 'user_exists';
    this.#roles.set(`${organization} ${person}`, role);
    return 'done';
  }

  close(organization: number, closed: boolean): void {
    if (closed) this.#closed.add(organization);
    else this.#closed.delete(organization);
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
