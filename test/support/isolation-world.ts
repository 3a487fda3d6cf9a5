import { LOCAL } from '../../src/auth/index.js';
import type {
  ModelHold,
  ModelKey,
  ModelNotarization,
  ModelPerson,
  ModelRequest,
  Role,
  Scope,
} from './access-model.js';
import { createOrganization, createKey, createOperator, createUser, HERE } from './people.js';
import type { TestService } from './service.js';

/** Organizations, people and keys in the service and, side by side, what the model knows of them. */

/** How a world is to be: drawn at random. */
export interface WorldPlan {
  readonly organizations: number;
  /** Of each person beside the owners: the role in each organization, or none; and whether they are an operator. */
  readonly people: readonly {
    readonly roles: readonly (Role | null)[];
    readonly operator: boolean;
  }[];
  readonly keys: readonly { readonly organization: number; readonly scopes: readonly Scope[] }[];
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
  readonly organizations: readonly { readonly id: string; readonly name: string }[];
  readonly people: readonly Person[];
  readonly keys: Key[];
  readonly notarizations: ModelNotarization[];
  readonly holds: ModelHold[];
  readonly requests: ModelRequest[];
  /** By scope and idempotency key: the request and its notarization. */
  readonly repeats: Map<string, { readonly body: string; readonly id: string }>;
}

export async function createWorld(
  open: TestService,
  closed: TestService,
  plan: WorldPlan,
  label: string,
): Promise<World> {
  const organizations: { id: string; name: string }[] = [];
  const people: Person[] = [];
  for (let i = 0; i < plan.organizations; i++) {
    const { id, name } = await createOrganization(open, `organization-${label}-${i}`);
    organizations.push({ id, name });
    people.push(await person(open, organizations, [{ organization: i, role: 'owner' }], false));
  }
  for (const { roles, operator } of plan.people) {
    const places = organizations.flatMap((_, organization) => {
      const role = roles[organization];
      return role == null ? [] : [{ organization, role }];
    });
    if (places.length > 0 || operator) people.push(await person(open, organizations, places, operator));
  }
  const keys: Key[] = [];
  for (const { organization: index, scopes } of plan.keys) {
    const organization = index % organizations.length;
    const { id, secret } = await createKey(open, organizations[organization]?.id ?? '', scopes);
    keys.push({ kind: 'key', organization, scopes, revoked: false, id, token: secret });
  }
  return {
    label,
    open,
    closed,
    organizations,
    people,
    keys,
    notarizations: [],
    holds: [],
    requests: [],
    repeats: new Map(),
  };
}

async function person(
  service: TestService,
  organizations: readonly { readonly id: string }[],
  places: readonly { readonly organization: number; readonly role: Role }[],
  operator: boolean,
): Promise<Person> {
  const [first, ...others] = places;
  const idOf = (organization: number) => organizations[organization]?.id ?? '';
  const { access } = service.deps;
  const made =
    first === undefined
      ? await createOperator(service)
      : await createUser(service, idOf(first.organization), first.role);
  const { personId: id, email, accessToken: token } = made;
  for (const { organization, role } of others) {
    await access.users.add(LOCAL, idOf(organization), { email, name: 'x', role, trustExisting: true }, HERE);
  }
  if (operator && first !== undefined)
    await access.people.addOperator(LOCAL, email, HERE, { trustExisting: true });
  const roles = new Map(places.map(({ organization, role }) => [organization, role]));
  return { kind: 'person', roles, operator, acts: first?.organization ?? null, id, email, token };
}
