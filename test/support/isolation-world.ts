import { LOCAL } from '../../src/auth/index.js';
import type { ModelKey, ModelNotarization, ModelPerson, Role, Scope } from './access-model.js';
import { createAccount, createKey, createOperator, createUser, HERE } from './people.js';
import type { TestService } from './service.js';

/** Accounts, people and keys in the service and, side by side, what the model knows of them. */

/** How a world is to be: drawn at random. */
export interface WorldPlan {
  readonly accounts: number;
  /** Of each person beside the owners: the role in each account, or none; and whether they are an operator. */
  readonly people: readonly {
    readonly roles: readonly (Role | null)[];
    readonly operator: boolean;
  }[];
  readonly keys: readonly { readonly account: number; readonly scopes: readonly Scope[] }[];
}

export interface Person extends ModelPerson {
  readonly id: string;
  readonly email: string;
  readonly token: string;
}

export interface Key extends ModelKey {
  readonly id: string;
  readonly token: string;
}

export type WorldActor = { readonly kind: 'nobody'; readonly token: null } | Person | Key;

export interface World {
  /** Tells it apart from others in the same database. */
  readonly label: string;
  readonly open: TestService;
  /** Another instance, where verification is private. */
  readonly closed: TestService;
  readonly accounts: readonly { readonly id: string; readonly name: string }[];
  readonly people: readonly Person[];
  readonly keys: Key[];
  readonly notarizations: ModelNotarization[];
  /** Per space of idempotency keys: what was submitted under which, and what came of it. */
  readonly repeats: Map<string, { readonly body: string; readonly id: string }>;
}

export async function createWorld(
  open: TestService,
  closed: TestService,
  plan: WorldPlan,
  label: string,
): Promise<World> {
  const accounts: { id: string; name: string }[] = [];
  const people: Person[] = [];
  for (let i = 0; i < plan.accounts; i++) {
    const { id, name } = await createAccount(open, `account-${label}-${i}`);
    accounts.push({ id, name });
    people.push(await person(open, accounts, [{ account: i, role: 'owner' }], false));
  }
  for (const { roles, operator } of plan.people) {
    const places = accounts.flatMap((_, account) => {
      const role = roles[account];
      return role == null ? [] : [{ account, role }];
    });
    if (places.length > 0 || operator) people.push(await person(open, accounts, places, operator));
  }
  const keys: Key[] = [];
  for (const { account: index, scopes } of plan.keys) {
    const account = index % accounts.length;
    const { id, secret } = await createKey(open, accounts[account]?.id ?? '', scopes);
    keys.push({ kind: 'key', account, scopes, revoked: false, id, token: secret });
  }
  return { label, open, closed, accounts, people, keys, notarizations: [], repeats: new Map() };
}

async function person(
  service: TestService,
  accounts: readonly { readonly id: string }[],
  places: readonly { readonly account: number; readonly role: Role }[],
  operator: boolean,
): Promise<Person> {
  const [first, ...others] = places;
  const idOf = (account: number) => accounts[account]?.id ?? '';
  const { access } = service.deps;
  const made =
    first === undefined
      ? await createOperator(service)
      : await createUser(service, idOf(first.account), first.role);
  const { personId: id, email, accessToken: token } = made;
  for (const { account, role } of others) {
    await access.addUser(LOCAL, idOf(account), { email, name: 'x', role }, HERE);
  }
  if (operator && first !== undefined) await access.setOperator(LOCAL, email, true, HERE);
  const roles = new Map(places.map(({ account, role }) => [account, role]));
  return { kind: 'person', roles, operator, acts: first?.account ?? null, id, email, token };
}
