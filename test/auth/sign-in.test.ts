import * as argon2 from '@node-rs/argon2';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { LOCAL, type Client } from '../../src/auth/index.js';
import { codeOf, refusalOf } from './refusal.js';
import { createScene, HOME, PASSWORD, turnOf, type Scene } from './scene.js';

// Counted.
const verifications = vi.spyOn(argon2, 'verify');
beforeEach(() => {
  verifications.mockClear();
});
afterAll(() => {
  verifications.mockRestore();
});

const WRONG = 'not the password at all';
/** A client in a network of its own for each number. */
const from = (i: number): Client => ({ address: `10.${i >> 8}.${i & 255}.1`, agent: 'test' });

interface Throttle {
  readonly failures: number;
  readonly delaySeconds: number;
}

/** Read from the rows, so that they do not depend on how long the test has taken. */
async function throttles(
  scene: Scene,
  kind: 'device' | 'address-network' | 'network' | 'address',
): Promise<Throttle[]> {
  const rows = await scene.database.query<{ failures: string; delay: string }>(
    `SELECT failures, GREATEST(0, blocked_until - (forgotten_at - 86400000)) / 1000 AS delay
     FROM throttle WHERE key LIKE $1 ORDER BY key`,
    [`sign-in:${kind}:%`],
  );
  return rows.map(({ failures, delay }) => ({ failures: Number(failures), delaySeconds: Number(delay) }));
}

/** Ends all delays at once. */
const endDelays = (scene: Scene) => scene.database.query('UPDATE throttle SET blocked_until = 0');

test('an unknown address, a wrong password, a disabled and an invited person get one answer, after the same work', async () => {
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

/** An instance that records what it reads from the database. */
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

test('every spelling of an e-mail address and every composition of a password are equal', async () => {
  await using scene = await createScene();
  const { access } = scene;
  const { organization } = await scene.organization();
  const input = { email: ' Jose@Example.COM ', name: 'José', role: 'notary' } as const;
  const { invitation, user } = await access.users.add(LOCAL, organization.id, input, HOME);
  expect(user.person.email).toBe('jose@example.com');
  const password = 'Pa\u00dfwort mit \u00e9 und \ud55c\uae00';
  await access.invitations.redeem(invitation?.token ?? '', { password }, HOME);
  for (const email of ['jose@example.com', 'JOSE@EXAMPLE.COM', '\tjose@example.com\n']) {
    const { principal } = await access.sessions.signIn({ email, password: password.normalize('NFD') }, HOME);
    expect(principal.personId).toBe(user.person.id);
  }
  expect(
    await codeOf(access.users.add(LOCAL, organization.id, { ...input, email: 'JOSE@example.com' }, HOME)),
  ).toBe('user_exists');
  const wrong = [
    'jos\u00e9@example.com',
    'jose@ex\u00e1mple.com',
    'a@b\r\nBcc: c@d',
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

test('a password has 12 to 1,024 characters of any kind', async () => {
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

const OFFICE: Client = { address: '203.0.113.7', agent: 'test' };
const OFFICE_NEIGHBOUR: Client = { address: '203.0.113.200', agent: 'test' };
const ATTACKER: Client = { address: '198.51.100.66', agent: 'test' };

/** Failures as if there had been so many, so that the next one imposes the delay that belongs to them. */
const setFailures = (scene: Scene, kind: string, failures: number) =>
  scene.database.query('UPDATE throttle SET failures = $1 WHERE key LIKE $2', [
    failures,
    `sign-in:${kind}:%`,
  ]);

test('the delay for an address from one network grows over all instances, whether there is such a person or not', async () => {
  await using scene = await createScene();
  const both = [scene.access, await scene.another()];
  const { owner } = await scene.organization();
  for (const email of [owner.principal.email ?? '', 'nobody@example.com']) {
    await scene.database.query('DELETE FROM throttle');
    const delays: number[] = [];
    for (let i = 0; i < 16; i++) {
      const access = turnOf(both, i);
      expect(await codeOf(access.sessions.signIn({ email, password: WRONG }, ATTACKER))).toBe(
        'invalid_credentials',
      );
      delays.push(...(await throttles(scene, 'address-network')).map(({ delaySeconds }) => delaySeconds));
      if (i < 15) await endDelays(scene);
    }
    expect(delays).toEqual([0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
    verifications.mockClear();
    // With whichever password, on whichever instance; and no password is checked.
    for (const access of both) {
      const refusal = await refusalOf(access.sessions.signIn({ email, password: PASSWORD }, ATTACKER));
      expect(refusal.code).toBe('sign_in_blocked');
      expect(refusal.retryAfterSeconds).toBeGreaterThan(600);
      expect(refusal.retryAfterSeconds).toBeLessThanOrEqual(900);
    }
    expect(verifications).not.toHaveBeenCalled();
  }
});

test('an attacker in one network cannot keep a person in another network from signing in', async () => {
  await using scene = await createScene();
  const { owner } = await scene.organization();
  const email = owner.principal.email ?? '';
  for (let i = 0; i < 20; i++) {
    await codeOf(scene.access.sessions.signIn({ email, password: `${WRONG} ${i}` }, ATTACKER));
    if (i < 19) await endDelays(scene);
  }
  expect(await codeOf(scene.access.sessions.signIn({ email, password: PASSWORD }, ATTACKER))).toBe(
    'sign_in_blocked',
  );
  // Also from a network that the person has never used.
  const { principal } = await scene.access.sessions.signIn({ email, password: PASSWORD }, OFFICE);
  expect(principal.personId).toBe(owner.principal.personId);
});

test('guessing at one address from many networks is slowed down as well', async () => {
  await using scene = await createScene();
  const { owner } = await scene.organization();
  for (const email of [owner.principal.email ?? '', 'nobody@example.com']) {
    await scene.database.query('DELETE FROM throttle');
    const attempt = (i: number) => codeOf(scene.access.sessions.signIn({ email, password: WRONG }, from(i)));
    expect(await attempt(0)).toBe('invalid_credentials');
    await setFailures(scene, 'address', 98);
    const delays: number[] = [];
    for (let i = 1; i < 13; i++) {
      expect(await attempt(i)).toBe('invalid_credentials');
      delays.push(...(await throttles(scene, 'address')).map(({ delaySeconds }) => delaySeconds));
      await endDelays(scene);
    }
    expect(delays).toEqual([0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900]);
  }
});

test('during an attack from many networks, a person signs in from a network or device of an earlier sign-in', async () => {
  await using scene = await createScene();
  const { organization, owner } = await scene.organization();
  const email = owner.principal.email ?? '';
  const atOffice = await scene.access.sessions.signIn({ email, password: PASSWORD }, OFFICE);
  const other = await scene.user(organization, 'notary');
  const { deviceToken } = atOffice.tokens;
  await scene.access.sessions.signOut(atOffice.principal, OFFICE);
  await codeOf(scene.access.sessions.signIn({ email, password: WRONG }, from(0)));
  await setFailures(scene, 'address', 500);
  await codeOf(scene.access.sessions.signIn({ email, password: WRONG }, from(1)));

  const signIn = (client: Client, device?: string) =>
    scene.access.sessions.signIn(
      { email, password: PASSWORD, deviceTokens: device === undefined ? [] : ['planted', device] },
      client,
    );
  expect(await codeOf(signIn(from(1000)))).toBe('sign_in_blocked');
  expect((await signIn(OFFICE_NEIGHBOUR)).principal.personId).toBe(owner.principal.personId);
  expect((await signIn(from(1001), deviceToken)).principal.personId).toBe(owner.principal.personId);
  // On another instance too.
  const access = await scene.another();
  const input = { email, password: PASSWORD, deviceTokens: [deviceToken] };
  expect((await access.sessions.signIn(input, from(1002))).principal.personId).toBe(owner.principal.personId);
  const [session = ''] = deviceToken.split('.');
  const forged = [
    '',
    '.',
    session,
    `${session}.`,
    deviceToken.slice(0, -1),
    `${deviceToken}A`,
    other.tokens.deviceToken,
    `${session}.${other.tokens.deviceToken.split('.')[1] ?? ''}`,
  ];
  for (const [i, token] of forged.entries()) {
    expect([token, await codeOf(signIn(from(2000 + i), token))]).toEqual([token, 'sign_in_blocked']);
  }
});

test('guessing on a device of an earlier sign-in is slowed down on that device', async () => {
  await using scene = await createScene();
  const { owner } = await scene.organization();
  const email = owner.principal.email ?? '';
  const { deviceToken } = owner.tokens;
  const delays: number[] = [];
  for (let i = 0; i < 8; i++) {
    // A new network each time: the device counts.
    const input = { email, password: WRONG, deviceTokens: [deviceToken] };
    expect(await codeOf(scene.access.sessions.signIn(input, from(i)))).toBe('invalid_credentials');
    delays.push(...(await throttles(scene, 'device')).map(({ delaySeconds }) => delaySeconds));
    if (i < 7) await endDelays(scene);
  }
  expect(delays).toEqual([0, 0, 0, 0, 0, 2, 4, 8]);
  await scene.database.query('UPDATE throttle SET blocked_until = blocked_until + 600000');
  const input = { email, password: PASSWORD };
  expect(await codeOf(scene.access.sessions.signIn({ ...input, deviceTokens: [deviceToken] }, from(9)))).toBe(
    'sign_in_blocked',
  );
  expect((await scene.access.sessions.signIn(input, from(9))).principal.email).toBe(email);
});

test('a device token gives no access', async () => {
  await using scene = await createScene();
  const { owner } = await scene.organization();
  for (const kind of ['bearer', 'cookie'] as const) {
    const credential = { kind, token: owner.tokens.deviceToken };
    expect(await codeOf(scene.access.authenticate(credential, HOME))).toBe('invalid_token');
  }
  expect(await codeOf(scene.access.sessions.refresh(owner.tokens.deviceToken, HOME))).toBe('invalid_token');
});

test('success clears the failures of the address in that network, and not the wider ones', async () => {
  await using scene = await createScene();
  const { owner } = await scene.organization();
  const email = owner.principal.email ?? '';
  for (let i = 0; i < 4; i++) {
    await codeOf(scene.access.sessions.signIn({ email, password: WRONG }, OFFICE));
  }
  for (const kind of ['address-network', 'network', 'address'] as const) {
    expect(await throttles(scene, kind)).toEqual([{ failures: 4, delaySeconds: 0 }]);
  }
  await scene.access.sessions.signIn({ email, password: PASSWORD }, OFFICE);
  expect(await throttles(scene, 'address-network')).toEqual([]);
  for (const kind of ['network', 'address'] as const) {
    expect(await throttles(scene, kind)).toEqual([{ failures: 4, delaySeconds: 0 }]);
  }
});

test('guessing at many addresses from one network is slowed down', async () => {
  await using scene = await createScene();
  const { owner } = await scene.organization();
  const delays: number[] = [];
  for (let i = 0; i < 23; i++) {
    const client = { address: `2001:db8:0:7${(i % 16).toString(16)}::${i + 1}`, agent: 'test' };
    await codeOf(scene.access.sessions.signIn({ email: `nobody${i}@example.com`, password: WRONG }, client));
    delays.push(...(await throttles(scene, 'network')).map(({ delaySeconds }) => delaySeconds));
    if (i < 22) await endDelays(scene);
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

test('concurrent guesses are no more guesses than sequential ones', async () => {
  await using scene = await createScene();
  const both = [scene.access, await scene.another()];
  const { owner } = await scene.organization();
  const email = owner.principal.email ?? '';
  await codeOf(scene.access.sessions.signIn({ email, password: WRONG }, from(0)));
  // So many that the next failure blocks the address for 15 minutes.
  await setFailures(scene, 'address', 200);
  verifications.mockClear();
  const guesses = Array.from({ length: 60 }, (_, i) =>
    codeOf(turnOf(both, i).sessions.signIn({ email, password: `${WRONG} ${i}` }, from(i + 1))),
  );
  const codes = await Promise.all(guesses);
  expect(new Set(codes)).toEqual(new Set(['invalid_credentials', 'sign_in_blocked']));
  // Each instance checks two passwords at once.
  expect(verifications.mock.calls.length).toBeLessThanOrEqual(4);
});

test('guessing the current password in a change of password is slowed down for that session, and for nobody else', async () => {
  await using scene = await createScene();
  const { owner } = await scene.organization();
  const email = owner.principal.email ?? '';
  for (let i = 0; i < 6; i++) {
    const input = { current: `${WRONG} ${i}`, next: 'another good password' };
    expect(await codeOf(scene.access.sessions.changePassword(owner.principal, input, from(i)))).toBe(
      'invalid_credentials',
    );
  }
  expect(await throttles(scene, 'device')).toEqual([{ failures: 6, delaySeconds: 2 }]);
  await scene.database.query('UPDATE throttle SET blocked_until = blocked_until + 600000');
  const input = { current: PASSWORD, next: 'another good password' };
  expect(await codeOf(scene.access.sessions.changePassword(owner.principal, input, from(9)))).toBe(
    'sign_in_blocked',
  );
  const { principal } = await scene.access.sessions.signIn({ email, password: PASSWORD }, from(10));
  await scene.access.sessions.changePassword(principal, input, from(10));
});

test('an attack on sign-in does not delay a change of password', async () => {
  await using scene = await createScene();
  const { owner } = await scene.organization();
  const email = owner.principal.email ?? '';
  await codeOf(scene.access.sessions.signIn({ email, password: WRONG }, OFFICE));
  for (const kind of ['address-network', 'network', 'address']) await setFailures(scene, kind, 500);
  await codeOf(scene.access.sessions.signIn({ email, password: WRONG }, OFFICE));
  const input = { current: PASSWORD, next: 'another good password' };
  await scene.access.sessions.changePassword(owner.principal, input, OFFICE);
});

test('a person in several organizations chooses one of them, and cannot choose another', async () => {
  await using scene = await createScene();
  const { access } = scene;
  const { organization: first } = await scene.organization('First');
  const { organization: second } = await scene.organization('Second');
  const { organization: third } = await scene.organization('Third');
  const email = 'two@example.com';
  const user = await scene.user(first, 'owner', email);
  scene.clock.now++;
  await access.users.add(
    LOCAL,
    second.id,
    { email, name: 'Two', role: 'auditor', trustExisting: true },
    HOME,
  );

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

test('a sign-in whose password is changed before its session opens gets no session', async () => {
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
  // One opened by the change, one by this sign-in; the old password opened none.
  expect(await scene.access.sessions.list(principal)).toHaveLength(2);
});

test('failures are logged up to a number an hour for each person, and for all unknown addresses together', async () => {
  await using scene = await createScene();
  const { owner } = await scene.organization();
  const email = owner.principal.email ?? '';
  const fail = async (address: string, i: number) => {
    await codeOf(scene.access.sessions.signIn({ email: address, password: WRONG }, from(i)));
    return scene.newEvents();
  };
  await scene.newEvents();
  expect(await fail('nobody@example.com', 0)).toEqual(['sign_in_failed']);
  await scene.database.query("UPDATE rate_limit SET used = 1000 WHERE key LIKE 'sign-in:logged:%'");
  expect(await fail('somebody@example.com', 1)).toEqual([]);
  // A flood of unknown addresses hides no attempt at a person's.
  expect(await fail(email, 2)).toEqual(['sign_in_failed']);
});

test('every hundredth failure removes the counters that are too many', async () => {
  await using scene = await createScene();
  const { rateLimits } = scene.store;
  let expiries = 0;
  const expire: typeof rateLimits.expire = (...given) => {
    expiries++;
    return rateLimits.expire(...given);
  };
  const access = await scene.another({ rateLimits: { ...rateLimits, expire } });
  verifications.mockImplementation(() => Promise.resolve(false));
  try {
    for (let i = 0; i < 100; i++) {
      await codeOf(access.sessions.signIn({ email: `nobody${i}@example.com`, password: WRONG }, from(i)));
    }
  } finally {
    verifications.mockReset();
  }
  expect(expiries).toBe(1);
});
