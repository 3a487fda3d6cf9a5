import { expect } from 'vitest';
import {
  Access,
  LOCAL,
  type AccessOptions,
  type Organization,
  type Client,
  type Role,
  type SignedIn,
} from '../../src/auth/index.js';
import { openStore, type EventKind, type Store } from '../../src/store/index.js';
import { createStore, type TestStore } from '../support/database.js';
import { createLog, ORIGIN } from '../support/parts.js';
import { recording, type Secrets } from './secrets.js';

/** Instances of Access on one database, with a clock that the test sets, and people who act in it. */

export const SECRET = new Uint8Array(32).fill(7);
export const PASSWORD = 'correct horse battery staple';
export const HOME: Client = { address: '192.0.2.10', agent: 'test' };
export const DAY_MS = 86_400_000;

export interface Clock {
  now: number;
}

export interface Scene extends AsyncDisposable {
  readonly store: Store;
  readonly database: TestStore;
  readonly clock: Clock;
  readonly access: Access;
  readonly secrets: Secrets;
  /** Another instance, as in another process: on connections of its own. */
  another(change?: Partial<AccessOptions>): Promise<Access>;
  /** Kinds of the events that were logged since the last call, oldest first. */
  newEvents(): Promise<EventKind[]>;
  /** An organization with an owner who has accepted the invitation. */
  organization(name?: string): Promise<Staffed>;
  /** A user of that organization who has accepted the invitation. */
  user(organization: Organization, role: Role, email?: string): Promise<SignedIn>;
  operator(): Promise<SignedIn>;
}

export interface Staffed {
  readonly organization: Organization;
  readonly owner: SignedIn;
}

/** Disposing of it asserts that no secret that was passed in or out is in the access log or the service's log. */
export async function createScene(change: Partial<AccessOptions> = {}): Promise<Scene> {
  const database = await createStore();
  const stores: Store[] = [];
  const clock: Clock = { now: Date.now() };
  const log = createLog();
  const secrets: Secrets = new Set();
  const instance = async (store: Store, own: Partial<AccessOptions>): Promise<Access> => {
    const access = new Access({
      store: store.access,
      rateLimits: store.rateLimits,
      secret: SECRET,
      origin: ORIGIN,
      policy: { anonymousSubmission: false, privateVerification: false },
      oidc: null,
      logger: log,
      clock: () => clock.now,
      ...change,
      ...own,
    });
    await access.start();
    return recording(access, secrets);
  };
  const access = await instance(database.store, {});
  let people = 0;
  let seen = await lastEvent(database);

  const user = async (organization: Organization, role: Role, email = `person${people++}@example.com`) => {
    const { invitation } = await access.users.add(
      LOCAL,
      organization.id,
      { email, name: 'Somebody', role },
      HOME,
    );
    return access.invitations.redeem(invitation?.token ?? '', { password: PASSWORD }, HOME);
  };
  return {
    store: database.store,
    database,
    clock,
    access,
    secrets,
    user,
    another: async (own = {}) => {
      const store = await openStore({ url: database.url });
      stores.push(store);
      return instance(store, own);
    },
    newEvents: async () => {
      const rows = await database.query<{ id: string; kind: EventKind }>(
        'SELECT id, kind FROM access_event WHERE id > $1 ORDER BY id',
        [seen],
      );
      seen = rows.at(-1)?.id ?? seen;
      return rows.map(({ kind }) => kind);
    },
    organization: async (name = 'A company') => {
      const organization = await access.organizations.create(LOCAL, { name }, HOME);
      return { organization, owner: await user(organization, 'owner') };
    },
    operator: async () => {
      const token = (await access.invitations.setUpLink())?.token ?? '';
      return access.invitations.redeem(token, { email: 'operator@example.com', password: PASSWORD }, HOME);
    },
    [Symbol.asyncDispose]: async () => {
      await access.close();
      const rows = await database.query<{ event: string }>(
        'SELECT access_event::text AS event FROM access_event',
      );
      for (const store of stores) await store.close();
      await database.drop();
      assertNoSecrets([...rows.map(({ event }) => event), ...log.lines].join('\n'), secrets);
    },
  };
}

/** Instances take turns. */
export function turnOf(instances: readonly Access[], i: number): Access {
  const access = instances[i % instances.length];
  if (access === undefined) throw new Error('there are no instances');
  return access;
}

function assertNoSecrets(text: string, secrets: Secrets): void {
  expect([...secrets].filter((secret) => text.includes(secret))).toEqual([]);
}

async function lastEvent(database: TestStore): Promise<string> {
  const [row] = await database.query<{ id: string }>(
    'SELECT coalesce(max(id), 0)::text AS id FROM access_event',
  );
  return row?.id ?? '0';
}
