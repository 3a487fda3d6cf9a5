import * as argon2 from '@node-rs/argon2';
import { beforeEach, expect, test, vi } from 'vitest';
import { LOCAL, type Client } from '../../src/auth/index.js';
import { codeOf, refusalOf } from './refusal.js';
import { createScene, HOME, PASSWORD, turnOf, type Scene } from './scene.js';

// The real one, counted.
vi.mock('@node-rs/argon2', async (original) => {
  const real = await original<typeof argon2>();
  return { ...real, verify: vi.fn(real.verify), hash: vi.fn(real.hash) };
});

const verifications = vi.mocked(argon2.verify);
beforeEach(() => {
  verifications.mockClear();
});

const WRONG = 'not the password at all';
/** Each from a network of its own. */
const from = (i: number): Client => ({ address: `10.${i >> 8}.${i & 255}.1`, agent: 'test' });

interface Throttle {
  readonly failures: number;
  readonly delaySeconds: number;
}

/** The rows themselves say which delay was imposed, however long the test has taken since. */
async function throttles(scene: Scene, kind: 'address' | 'network'): Promise<Throttle[]> {
  const rows = await scene.database.query<{ failures: string; delay: string }>(
    `SELECT failures, GREATEST(0, blocked_until - (forgotten_at - 86400000)) / 1000 AS delay
     FROM throttle WHERE key LIKE $1 ORDER BY key`,
    [`sign-in:${kind}:%`],
  );
  return rows.map(({ failures, delay }) => ({ failures: Number(failures), delaySeconds: Number(delay) }));
}

/** As if the delays were over. */
const waitOver = (scene: Scene) => scene.database.query('UPDATE throttle SET blocked_until = 0');

test('unknown, wrong, disabled and not yet come: one answer, after the same work', async () => {
  await using scene = await createScene();
  const { access } = scene;
  const { organization, owner } = await scene.organization();
  const disabled = await scene.user(organization, 'notary', 'disabled@example.com');
  await access.people.setDisabled(LOCAL, disabled.principal.personId, true, HOME);
  const invited = { email: 'invited@example.com', name: 'Invited', role: 'notary' } as const;
  await access.users.add(LOCAL, organization.id, invited, HOME);
  const tries = [
    { email: owner.principal.email ?? '', password: WRONG },
    { email: 'nobody@example.com', password: WRONG },
    { email: 'nobody@example.com', password: PASSWORD },
    { email: 'disabled@example.com', password: PASSWORD },
    { email: 'invited@example.com', password: '' },
    { email: 'invited@example.com', password: PASSWORD },
  ];
  const answers: string[] = [];
  const asked: string[][] = [];
  for (const [i, input] of tries.entries()) {
    verifications.mockClear();
    const { instance, calls } = await counting(scene);
    const { code, message, retryAfterSeconds } = await refusalOf(instance.sessions.signIn(input, from(i)));
    answers.push(`${code} ${message} ${retryAfterSeconds ?? ''}`);
    asked.push([...calls, `argon2 ${verifications.mock.calls.length}`]);
    // The same cost, too.
    expect(verifications.mock.calls[0]?.[0]).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$.{22}\$.{43}$/);
  }
  expect(new Set(answers)).toEqual(
    new Set(['invalid_credentials the e-mail address or the password is wrong ']),
  );
  expect(asked[0]).toContain('argon2 1');
  for (const calls of asked) expect(calls).toEqual(asked[0]);
});

/** An instance that tells what it asks of the database. */
async function counting(scene: Scene) {
  const calls: string[] = [];
  const counted = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (_, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]) => {
          calls.push(String(name));
          return Reflect.apply(value, target, given) as unknown;
        };
      },
    });
  const { access, rateLimits } = scene.store;
  const instance = await scene.another({ store: counted(access), rateLimits: counted(rateLimits) });
  calls.length = 0;
  return { instance, calls };
}

test('e-mail addresses in every spelling are one, and passwords in every composition', async () => {
  await using scene = await createScene();
  const { access } = scene;
  const { organization } = await scene.organization();
  const input = { email: ' Jos\u00e9@Example.COM ', name: 'José', role: 'notary' } as const;
  const { invitation, user } = await access.users.add(LOCAL, organization.id, input, HOME);
  expect(user.person.email).toBe('jos\u00e9@example.com');
  const password = 'Pa\u00dfwort mit \u00e9 und \ud55c\uae00';
  await access.invitations.redeem(invitation?.token ?? '', { password }, HOME);
  for (const email of ['jose\u0301@example.com', 'JOSE\u0301@EXAMPLE.COM', '\tjos\u00e9@example.com\n']) {
    const { principal } = await access.sessions.signIn({ email, password: password.normalize('NFD') }, HOME);
    expect(principal.personId).toBe(user.person.id);
  }
  expect(
    await codeOf(
      access.users.add(LOCAL, organization.id, { ...input, email: 'JOSE\u0301@example.com' }, HOME),
    ),
  ).toBe('user_exists');
  const wrong = [
    '',
    'a',
    '@',
    'a@',
    '@b',
    'a b@c',
    'a@b@c',
    'a@b\u0000',
    'a\u200b@b',
    `${'a'.repeat(251)}@b.c`,
  ];
  for (const email of wrong) {
    expect(await codeOf(access.sessions.signIn({ email, password }, HOME))).toBe('invalid_email');
  }
});

test('a password is 12 to 1024 characters of any kind', async () => {
  await using scene = await createScene();
  const { access } = scene;
  const { organization } = await scene.organization();
  const input = { email: 'new@example.com', name: 'New', role: 'notary' } as const;
  const { invitation } = await access.users.add(LOCAL, organization.id, input, HOME);
  const token = invitation?.token ?? '';
  for (const password of ['', 'eleven char', '\u{1f511}'.repeat(11), 'a'.repeat(1025), 'a'.repeat(1 << 20)]) {
    expect(await codeOf(access.invitations.redeem(token, { password }, HOME))).toBe('invalid_password');
  }
  const long = '\u{1f511}'.repeat(1024);
  await access.invitations.redeem(token, { password: long }, HOME);
  await access.sessions.signIn({ email: input.email, password: long }, HOME);
  for (const password of [`${long}x`, long.slice(2), long + long.repeat(4)]) {
    expect(await codeOf(access.sessions.signIn({ email: input.email, password }, HOME))).toBe(
      'invalid_credentials',
    );
  }
});

test('the delay for an address grows over all instances, whether there is such a person or not', async () => {
  await using scene = await createScene();
  const both = [scene.access, await scene.another()];
  const { owner } = await scene.organization();
  for (const email of [owner.principal.email ?? '', 'nobody@example.com']) {
    await scene.database.query('DELETE FROM throttle');
    const delays: number[] = [];
    for (let i = 0; i < 16; i++) {
      const access = turnOf(both, i);
      expect(await codeOf(access.sessions.signIn({ email, password: WRONG }, from(i)))).toBe(
        'invalid_credentials',
      );
      delays.push(...(await throttles(scene, 'address')).map(({ delaySeconds }) => delaySeconds));
      if (i < 15) await waitOver(scene);
    }
    expect(delays).toEqual([0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
    verifications.mockClear();
    // From wherever it comes, with whichever password, on whichever instance; and no password is looked at.
    for (const [i, access] of both.entries()) {
      const refusal = await refusalOf(access.sessions.signIn({ email, password: PASSWORD }, from(1000 + i)));
      expect(refusal.code).toBe('sign_in_blocked');
      expect(refusal.retryAfterSeconds).toBeGreaterThan(600);
      expect(refusal.retryAfterSeconds).toBeLessThanOrEqual(900);
    }
    expect(verifications).not.toHaveBeenCalled();
  }
  // The other address, and everybody else, were never concerned.
  await scene.database.query('DELETE FROM throttle');
  await scene.access.sessions.signIn({ email: owner.principal.email ?? '', password: PASSWORD }, HOME);
});

test('success forgets the failures of the address, not those of the network', async () => {
  await using scene = await createScene();
  const { owner } = await scene.organization();
  const email = owner.principal.email ?? '';
  for (let i = 0; i < 4; i++) await codeOf(scene.access.sessions.signIn({ email, password: WRONG }, HOME));
  expect(await throttles(scene, 'address')).toEqual([{ failures: 4, delaySeconds: 0 }]);
  await scene.access.sessions.signIn({ email, password: PASSWORD }, HOME);
  expect(await throttles(scene, 'address')).toEqual([]);
  expect(await throttles(scene, 'network')).toEqual([{ failures: 4, delaySeconds: 0 }]);
});

test('guessing at many addresses from one network is slowed down as well', async () => {
  await using scene = await createScene();
  const { owner } = await scene.organization();
  const delays: number[] = [];
  for (let i = 0; i < 23; i++) {
    const client = { address: `2001:db8:0:7${(i % 16).toString(16)}::${i + 1}`, agent: 'test' };
    await codeOf(scene.access.sessions.signIn({ email: `nobody${i}@example.com`, password: WRONG }, client));
    delays.push(...(await throttles(scene, 'network')).map(({ delaySeconds }) => delaySeconds));
    if (i < 22) await waitOver(scene);
  }
  expect(delays).toEqual([...Array<number>(20).fill(0), 2, 4, 8]);
  await scene.database.query(
    'UPDATE throttle SET blocked_until = blocked_until + 600000 WHERE blocked_until > 0',
  );
  const input = { email: owner.principal.email ?? '', password: PASSWORD };
  const neighbour = { address: '2001:db8:0:7f::ffff', agent: 'test' };
  expect(await codeOf(scene.access.sessions.signIn(input, neighbour))).toBe('sign_in_blocked');
  await scene.access.sessions.signIn(input, { address: '2001:db8:0:100::1', agent: 'test' });
});

test('many guesses at one moment are not more guesses', async () => {
  await using scene = await createScene();
  const both = [scene.access, await scene.another()];
  const { owner } = await scene.organization();
  const email = owner.principal.email ?? '';
  await codeOf(scene.access.sessions.signIn({ email, password: WRONG }, from(0)));
  // So many that the next one closes the address for a quarter of an hour.
  await scene.database.query("UPDATE throttle SET failures = 20 WHERE key LIKE 'sign-in:address:%'");
  verifications.mockClear();
  const guesses = Array.from({ length: 60 }, (_, i) =>
    codeOf(turnOf(both, i).sessions.signIn({ email, password: `${WRONG} ${i}` }, from(i + 1))),
  );
  const codes = await Promise.all(guesses);
  expect(new Set(codes)).toEqual(new Set(['invalid_credentials', 'sign_in_blocked']));
  // On each instance two are checked at once.
  expect(verifications.mock.calls.length).toBeLessThanOrEqual(4);
});

test('changing a password is no way around: it counts, and is slowed down, as signing in', async () => {
  await using scene = await createScene();
  const { owner } = await scene.organization();
  for (let i = 0; i < 6; i++) {
    const input = { current: `${WRONG} ${i}`, next: 'another good password' };
    expect(await codeOf(scene.access.sessions.changePassword(owner.principal, input, from(i)))).toBe(
      'invalid_credentials',
    );
  }
  expect(await throttles(scene, 'address')).toEqual([{ failures: 6, delaySeconds: 2 }]);
  await scene.database.query('UPDATE throttle SET blocked_until = blocked_until + 600000');
  const input = { current: PASSWORD, next: 'another good password' };
  expect(await codeOf(scene.access.sessions.changePassword(owner.principal, input, from(9)))).toBe(
    'sign_in_blocked',
  );
});

test('who has several organizations says for which, and nobody acts for one that is not theirs', async () => {
  await using scene = await createScene();
  const { access } = scene;
  const { organization: first } = await scene.organization('First');
  const { organization: second } = await scene.organization('Second');
  const { organization: third } = await scene.organization('Third');
  const email = 'two@example.com';
  const user = await scene.user(first, 'owner', email);
  scene.clock.now++;
  await access.users.add(LOCAL, second.id, { email, name: 'Two', role: 'auditor' }, HOME);

  const none = await access.sessions.signIn({ email, password: PASSWORD }, HOME);
  expect([none.principal.organization, none.principal.role]).toEqual([null, null]);
  expect(
    (await access.sessions.memberships(none.principal)).map(({ organization, role }) => [
      organization.id,
      role,
    ]),
  ).toEqual([
    [first.id, 'owner'],
    [second.id, 'auditor'],
  ]);
  const direct = await access.sessions.signIn({ email, password: PASSWORD, organization: second.id }, HOME);
  expect([direct.principal.organization, direct.principal.role]).toEqual([second, 'auditor']);
  for (const organization of [third.id, 'org_aaaaaaaaaaaaaaaaaaaa', '', '\u0000']) {
    expect(await codeOf(access.sessions.signIn({ email, password: PASSWORD, organization }, HOME))).toBe(
      'organization_not_found',
    );
    expect(await codeOf(access.sessions.chooseOrganization(none.principal, organization, HOME))).toBe(
      'organization_not_found',
    );
  }
  const chosen = await access.sessions.chooseOrganization(none.principal, second.id, HOME);
  expect([chosen.organization, chosen.role]).toEqual([second, 'auditor']);
  const credential = { kind: 'bearer', token: none.tokens.accessToken } as const;
  expect(await access.authenticate(credential, HOME)).toEqual(chosen);
  expect(user.principal.organization).toEqual(first);
});

test('a sign-in whose password is changed before its session begins has no session', async () => {
  await using scene = await createScene();
  const { owner } = await scene.organization();
  const email = owner.principal.email ?? '';
  const next = `${PASSWORD}, and another`;
  const store = scene.store.access;
  const createSession: typeof store.createSession = async (...session) => {
    await scene.access.sessions.changePassword(owner.principal, { current: PASSWORD, next }, HOME);
    return store.createSession(...session);
  };
  const slow = await scene.another({ store: { ...store, createSession } });
  expect(await codeOf(slow.sessions.signIn({ email, password: PASSWORD }, HOME))).toBe('invalid_credentials');
  const { principal } = await scene.access.sessions.signIn({ email, password: next }, HOME);
  // The change's own session and the one of this sign-in: the old password has left none.
  expect(await scene.access.sessions.list(principal)).toHaveLength(2);
});
