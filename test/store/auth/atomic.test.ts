import pg from 'pg';
import { expect, test } from 'vitest';
import { openStore, type AccessStore, type NewAccessEvent, type Store } from '../../../src/store/index.js';
import { acceptSome } from '../../support/chain.js';
import { createDatabase, createStore, type TestDatabase } from '../../support/database.js';
import { createProxy } from '../../support/proxy.js';
import { codeOf } from '../../support/store-error.js';
import { until } from '../../support/until.js';
import { event, hash, newOrganization, newPerson, newSession, newUser, NO_LIMITS, RESET } from './support.js';

// Every change with its event, or neither: whatever goes wrong, and wherever.

const TABLES = [
  'organization',
  'person',
  'organization_user',
  'invitation',
  'session',
  'refresh_token',
  'signing_key',
  'api_key',
].concat(['access_event', 'publication']);

async function contents(database: TestDatabase): Promise<unknown> {
  const rows = TABLES.map((table) => database.query(`SELECT * FROM ${table} ORDER BY 1, 2`));
  return Promise.all(rows);
}

type Prepared = Awaited<ReturnType<typeof prepare>>;

interface Parts {
  readonly store: Store;
  readonly access: AccessStore;
  readonly made: Prepared;
  readonly changeEvent: NewAccessEvent;
  readonly user: { readonly organizationId: string; readonly personId: string };
  readonly times: { readonly createdAt: number; readonly expiresAt: number };
}

const NEW_ORGANIZATION = { id: 'org_new', name: 'n', createdAt: 1, limits: NO_LIMITS };

/** One of each change that writes an event. */
const CHANGES: Readonly<Record<string, (parts: Parts) => Promise<unknown>>> = {
  createOrganization: ({ access, changeEvent }) =>
    access.createOrganization(NEW_ORGANIZATION, null, [changeEvent]),
  requirePasskeys: ({ access, made, changeEvent }) =>
    access.requirePasskeys({ organizationId: made.organization.id, required: true, by: null }, changeEvent),
  updateOrganization: ({ access, made, changeEvent }) =>
    access.updateOrganization(made.organization.id, { name: 'changed' }, changeEvent),
  updatePerson: ({ access, made, changeEvent }) =>
    access.updatePerson(made.owner.id, { passwordHash: 'changed' }, changeEvent),
  addUser: ({ access, made, changeEvent, user }) =>
    access.addUser(
      { ...user, personId: made.stranger.id, role: 'notary', invitedName: 'n', createdAt: 1, acceptedAt: 1 },
      changeEvent,
    ),
  changeRole: ({ access, changeEvent, user }) => access.changeRole({ ...user, role: 'auditor' }, changeEvent),
  removeUser: ({ access, changeEvent, user }) => access.removeUser(user, changeEvent),
  replaceInvitation: ({ access, made, changeEvent, times }) =>
    access.replaceInvitation(
      { ...times, ...RESET, personId: made.notary.id, secretHash: hash('new') },
      changeEvent,
    ),
  redeemInvitation: ({ access, made, changeEvent }) =>
    access.redeemInvitation(
      {
        secretHash: hash('invitation'),
        now: 5,
        previousPasswordHash: made.notary.passwordHash,
        passwordHash: 'changed',
        name: 'changed',
        operator: null,
        organization: null,
      },
      () => [changeEvent],
    ),
  createSession: ({ access, made, changeEvent, times }) =>
    access.createSession(
      {
        id: 'ses_new',
        personId: made.owner.id,
        organizationId: null,
        lastUsedAt: 1,
        ...times,
        address: '::1',
        network: '',
        agent: '',
        withPasskey: false,
      },
      hash('new token'),
      changeEvent,
    ),
  endSession: ({ access, made, changeEvent }) => access.endSession(made.session, 5, changeEvent),
  reusedRefreshToken: ({ access, changeEvent }) =>
    access.rotateRefreshToken({
      oldHash: hash('used'),
      newHash: hash('next'),
      now: 5,
      graceMs: 1,
      reusedEvent: () => changeEvent,
    }),
  rotateSigningKey: ({ access, changeEvent }) =>
    access.rotateSigningKey(
      { id: 'new', publicKey: hash('p'), privateKey: hash('q'), createdAt: 9, retiredAt: null },
      { replaces: 'signing', removeRetiredBefore: 0, event: changeEvent },
    ),
  createKey: ({ access, made, changeEvent }) =>
    access.createKey(
      {
        id: 'new',
        organizationId: made.organization.id,
        name: 'n',
        secretHash: hash('key'),
        scopes: ['read'],
        networks: [],
        createdAt: 1,
        createdBy: 'cli',
        expiresAt: null,
        limits: NO_LIMITS,
      },
      changeEvent,
    ),
  revokeKey: ({ access, made, changeEvent }) =>
    access.revokeKey({ organizationId: made.organization.id, id: 'key' }, 5, changeEvent),
  publish: ({ store, made, changeEvent }) => store.publish(made.position + 1, 5, changeEvent),
  withdraw: ({ store, made, changeEvent }) => store.withdraw(made.position, changeEvent),
};

async function make(
  name: string,
  store: Store,
  made: Prepared,
  changeEvent: NewAccessEvent,
): Promise<unknown> {
  const user = { organizationId: made.organization.id, personId: made.notary.id };
  const times = { createdAt: 1, expiresAt: 99_999 };
  return CHANGES[name]?.({ store, access: store.access, made, changeEvent, user, times });
}

/** Something of everything, for the changes to change. */
async function prepare(store: Store) {
  const { access } = store;
  const organization = await newOrganization(access);
  const [owner, notary] = [
    await newUser(access, organization, 'owner'),
    await newUser(access, organization, 'notary'),
  ];
  const stranger = await newPerson(access);
  const session = await newSession(access, owner, organization);
  await newSession(access, stranger, null, 'used');
  const rotation = {
    oldHash: hash('used'),
    newHash: hash('second'),
    now: 3,
    graceMs: 1,
    reusedEvent: () => event(),
  };
  await access.rotateRefreshToken(rotation);
  await putKeys(access, organization.id);
  const times = { createdAt: 1, expiresAt: 99_999 };
  const invitation = { ...times, ...RESET, personId: notary.id, secretHash: hash('invitation') };
  await access.replaceInvitation(invitation, null);
  const position = await acceptSome(store, 2);
  await store.publish(position, 1);
  return { organization, owner, notary, stranger, session, position };
}

async function putKeys(access: AccessStore, organizationId: string): Promise<void> {
  const key = { id: 'key', organizationId, name: 'n', secretHash: hash('key'), scopes: ['read'] as const };
  const rest = { networks: [], createdAt: 1, createdBy: 'cli', expiresAt: null, limits: NO_LIMITS };
  await access.createKey({ ...key, ...rest }, event());
  await access.rotateSigningKey(
    { id: 'signing', publicKey: hash('p'), privateKey: hash('q'), createdAt: 1, retiredAt: null },
    { replaces: null, removeRetiredBefore: 0, event: event() },
  );
}

const names = Object.keys(CHANGES);

test('a change is rolled back when its event cannot be written', async () => {
  await using db = await createStore();
  const made = await prepare(db.store);
  await db.query(`
    CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
    CREATE TRIGGER fail BEFORE INSERT ON access_event FOR EACH ROW WHEN (NEW.detail LIKE '%"to":"fail"%') EXECUTE FUNCTION fail()`);
  const before = await contents(db);
  const changeEvent = event({ detail: { to: 'fail' } });
  for (const name of names) {
    expect([name, await codeOf(make(name, db.store, made, changeEvent))]).toEqual([name, 'refused']);
    expect(await contents(db)).toEqual(before);
  }
});

test('a connection that is terminated before the commit leaves neither change nor event', async () => {
  await using database = await createDatabase();
  await using proxy = await createProxy(database.url);
  const clear = await openStore({ url: database.url });
  const made = await prepare(clear);
  const before = await contents(database);
  for (const name of names) {
    const store = await openStore({ url: proxy.url });
    proxy.loseAnswers('COMMIT\0', { before: true });
    const code = codeOf(make(name, store, made, event()));
    // Its transaction is open, with everything written in it.
    await until(
      'the transaction to wait for its COMMIT',
      () => idleInTransaction(database),
      (seen) => seen.length === 1,
    );
    await database.query('SELECT pg_terminate_backend($1)', [(await idleInTransaction(database))[0]]);
    proxy.cut();
    expect([name, await code]).toEqual([name, 'outcome_unknown']);
    expect(await contents(database)).toEqual(before);
    await store.close();
  }
  await clear.close();
});

test('a connection that is lost after the commit leaves change and event', async () => {
  await using database = await createDatabase();
  await using proxy = await createProxy(database.url);
  const clear = await openStore({ url: database.url });
  const made = await prepare(clear);
  for (const name of ['updateOrganization', 'createKey', 'reusedRefreshToken']) {
    const store = await openStore({ url: proxy.url });
    proxy.loseAnswers('COMMIT\0');
    const code = codeOf(make(name, store, made, event({ detail: { name } })));
    await until(
      `the commit of ${name}`,
      () => clear.access.events({ limit: 1 }),
      (seen) => seen[0]?.detail['name'] === name,
    );
    proxy.cut();
    expect([name, await code]).toEqual([name, 'outcome_unknown']);
    await store.close();
  }
  expect((await clear.access.organization(made.organization.id))?.name).toBe('changed');
  expect((await clear.access.keyFacts(['new']))[0]).not.toBeNull();
  await clear.close();
});

test('a change is repeated after a deadlock', async () => {
  await using db = await createStore();
  const organization = await newOrganization(db.store.access);
  const person = await newUser(db.store.access, organization, 'notary');
  await newSession(db.store.access, person, organization);
  const blocker = new pg.Client({ connectionString: db.adminUrl });
  await blocker.connect();
  try {
    await blocker.query(`BEGIN; SET LOCAL deadlock_timeout = '10s'; SELECT FROM session FOR UPDATE`);
    const removing = db.store.access.removeUser(
      { organizationId: organization.id, personId: person.id },
      event(),
    );
    await until('the removal to wait for the lock', () => waiting(db), 1);
    // The server ends the one that has waited for a second: ours, which tries again.
    await blocker.query('SELECT FROM organization FOR UPDATE');
    await blocker.query('COMMIT');
    expect(await removing).toBe('removed');
  } finally {
    await blocker.end();
  }
  expect(await db.store.access.users(organization.id)).toEqual([]);
});

async function idleInTransaction(database: TestDatabase): Promise<number[]> {
  const rows = await database.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'
     AND query NOT LIKE 'BEGIN%' AND query LIKE '%access_event%'`,
  );
  return rows.map(({ pid }) => pid);
}

async function waiting(database: TestDatabase): Promise<number> {
  const rows = await database.query(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rows.length;
}
