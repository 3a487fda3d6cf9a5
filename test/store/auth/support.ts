import { createHash, randomBytes } from 'node:crypto';
import {
  type AccessStore,
  type NewAccessEvent,
  openStore,
  type Organization,
  type Person,
  type Role,
  type Store,
} from '../../../src/store/index.js';
import { createStore, type TestStore } from '../../support/database.js';

const random = (prefix: string) => `${prefix}_${randomBytes(8).toString('hex')}`;

export const NO_LIMITS = { requestsPerMinute: null, digestsPerDay: null, bytesPerDay: null };

/** Sets a new password, made on the server itself. */
export const RESET = { organizationId: null, operator: false, setsPassword: true } as const;

export const hash = (text: string): Uint8Array => new Uint8Array(createHash('sha256').update(text).digest());

export function event(change: Partial<NewAccessEvent> = {}): NewAccessEvent {
  return {
    at: 1_000,
    kind: 'organization_changed',
    organizationId: null,
    personId: null,
    keyId: null,
    address: '192.0.2.1',
    detail: {},
    ...change,
  };
}

export const newOrganization = (access: AccessStore): Promise<Organization> =>
  access.createOrganization(
    { id: random('org'), name: 'Haneul Legal', createdAt: 1, limits: NO_LIMITS },
    null,
    [event({ kind: 'organization_created' })],
  );

export async function newPerson(access: AccessStore, change: Partial<Person> = {}): Promise<Person> {
  const id = random('psn');
  const { person } = await access.findOrCreatePerson({
    id,
    email: `${id}@example.com`,
    name: 'Kim',
    passwordHash: 'hash',
    operator: false,
    createdAt: 1,
    ...change,
  });
  return person;
}

/** A person who has accepted the role. */
export async function newUser(access: AccessStore, organization: Organization, role: Role): Promise<Person> {
  const person = await newPerson(access);
  await access.addUser(
    {
      organizationId: organization.id,
      personId: person.id,
      role,
      invitedName: 'Kim',
      createdAt: 1,
      acceptedAt: 2,
    },
    event({ kind: 'user_added' }),
  );
  return person;
}

/** Creates a session that expires at 10,000. @returns its id */
export async function newSession(
  access: AccessStore,
  person: Person,
  organization: Organization | null,
  refresh = random('refresh'),
): Promise<string> {
  const id = random('ses');
  await access.createSession(
    {
      id,
      personId: person.id,
      organizationId: organization?.id ?? null,
      createdAt: 1_000,
      lastUsedAt: 1_000,
      expiresAt: 10_000,
      address: '192.0.2.1',
      network: '192.0.2.0/24',
      agent: 'test',
      withPasskey: false,
    },
    hash(refresh),
    event({ kind: 'sign_in', personId: person.id }),
  );
  return id;
}

/** A new database, opened as by two processes. */
export interface TwoStores extends AsyncDisposable {
  readonly database: TestStore;
  readonly access: AccessStore;
  readonly other: Store;
}

export async function createTwoStores(): Promise<TwoStores> {
  const database = await createStore();
  const other = await openStore({ url: database.url });
  return {
    database,
    access: database.store.access,
    other,
    [Symbol.asyncDispose]: async () => {
      await other.close();
      await database.drop();
    },
  };
}
