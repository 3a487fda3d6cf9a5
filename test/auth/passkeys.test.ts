import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { LOCAL, type PasskeyAnswer, type SignedIn } from '../../src/auth/index.js';
import { Authenticator, type SoftAssertion, type Strange } from '../support/authenticator.js';
import { codeOf, refusalOf } from './refusal.js';
import { createScene, HOME, PASSWORD, turnOf, type Scene } from './scene.js';

const PLACE = { rpId: 'notary.example.com', origin: 'https://notary.example.com' };
const AWAY = { address: '198.51.100.7', agent: 'test' };
const FRESH = { password: PASSWORD };

const answerOf = (assertion: SoftAssertion, deviceTokens: readonly string[] = []): PasskeyAnswer => ({
  assertion,
  place: PLACE,
  deviceTokens,
});

/** Adds a passkey of that authenticator to the person's account. */
async function add(scene: Scene, { principal }: SignedIn, device: Authenticator, name = 'Laptop') {
  const { passkeys } = scene.access;
  const { challenge, userId } = await passkeys.request(principal, PLACE, FRESH, HOME);
  const registration = device.create(challenge, userId);
  return passkeys.add(principal, { name, registration, place: PLACE }, HOME);
}

const signIn = (scene: Scene, device: Authenticator, strange: Strange = {}, client = HOME) =>
  scene.access.passkeys.signIn(
    answerOf(device.answer(scene.access.passkeys.challenge(), strange)),
    null,
    client,
  );

describe('a passkey', () => {
  test.each(['ES256', 'RS256'] as const)('of %s signs in without a password', async (kind) => {
    await using scene = await createScene();
    const { organization, owner } = await scene.organization();
    const device = new Authenticator(PLACE, kind);
    await scene.newEvents();
    const passkey = await add(scene, owner, device, '  Laptop ');
    expect(passkey).toMatchObject({ name: 'Laptop', rpId: PLACE.rpId, lastUsedAt: null });
    const opened = await signIn(scene, device);
    expect(opened.principal).toMatchObject({
      personId: owner.principal.personId,
      organization: { id: organization.id },
      role: 'owner',
    });
    expect(opened.principal.sessionId).not.toBe(owner.principal.sessionId);
    const { passkeys, needed } = await scene.access.passkeys.list(owner.principal);
    expect([passkeys.map(({ lastUsedAt }) => lastUsedAt), needed]).toEqual([[scene.clock.now], false]);
    expect(await scene.newEvents()).toEqual(['passkey_added', 'sign_in']);
    const [event] = await scene.access.log.read(LOCAL, { limit: 1 });
    expect(event).toMatchObject({ kind: 'sign_in', detail: { passkey: 'Laptop' } });
  });

  test('is renamed and removed by its owner alone, and then signs nobody in', async () => {
    await using scene = await createScene();
    const { organization, owner } = await scene.organization();
    const other = await scene.user(organization, 'notary');
    const device = new Authenticator(PLACE);
    const { id } = await add(scene, owner, device);
    const { passkeys } = scene.access;
    await scene.newEvents();
    expect(await codeOf(passkeys.rename(other.principal, id, 'Mine', HOME))).toBe('passkey_not_found');
    expect(await codeOf(passkeys.remove(other.principal, id, FRESH, HOME))).toBe('passkey_not_found');
    expect(await codeOf(passkeys.remove(owner.principal, 'x', FRESH, HOME))).toBe('passkey_not_found');
    await passkeys.rename(owner.principal, id, 'Phone', HOME);
    const proof = { passkey: answerOf(device.answer(passkeys.challenge())) };
    await passkeys.remove(owner.principal, id, proof, HOME);
    expect((await passkeys.list(owner.principal)).passkeys).toEqual([]);
    expect(await scene.newEvents()).toEqual(['passkey_renamed', 'passkey_removed']);
    expect(await codeOf(signIn(scene, device))).toBe('invalid_passkey');
  });

  test('is added, removed and made necessary only with a fresh proof of the same person', async () => {
    await using scene = await createScene();
    const { organization, owner } = await scene.organization();
    const thief = await scene.user(organization, 'notary');
    const [device, thiefs] = [new Authenticator(PLACE), new Authenticator(PLACE)];
    const { id } = await add(scene, owner, device);
    await add(scene, thief, thiefs);
    const { passkeys } = scene.access;
    const wrong = [
      [{ password: 'not the password at all' }, 'invalid_credentials'],
      [{ passkey: answerOf(thiefs.answer(passkeys.challenge())) }, 'invalid_passkey'],
    ] as const;
    for (const [proof, code] of wrong) {
      const { principal } = owner;
      expect(await codeOf(passkeys.request(principal, PLACE, proof, HOME))).toBe(code);
      const again = 'password' in proof ? proof : { passkey: answerOf(thiefs.answer(passkeys.challenge())) };
      expect(await codeOf(passkeys.remove(principal, id, again, HOME))).toBe(code);
      const third = 'password' in proof ? proof : { passkey: answerOf(thiefs.answer(passkeys.challenge())) };
      expect(await codeOf(passkeys.setNeeded(principal, true, third, HOME))).toBe(code);
    }
    expect(await passkeys.list(owner.principal)).toMatchObject({ passkeys: [{ id }], needed: false });
  });

  test('is one of twenty at most', async () => {
    await using scene = await createScene();
    const { owner } = await scene.organization();
    await add(scene, owner, new Authenticator(PLACE));
    await scene.database.query(
      `INSERT INTO passkey SELECT 'pky_' || n, person_id, name, rp_id, credential_id || ('\\x' || lpad(to_hex(n), 2, '0'))::bytea,
         public_key, 0, created_at FROM passkey, generate_series(2, 20) AS n`,
    );
    const refused = await refusalOf(add(scene, owner, new Authenticator(PLACE)));
    expect([refused.code, refused.message]).toEqual([
      'invalid_value',
      'a person has at most 20 passkeys; remove one first',
    ]);
  });
});

describe('what browsers answer', () => {
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const bytes = (text: string) => new Uint8Array(Buffer.from(text));
  const strangers: readonly (readonly [string, Strange, RegExp])[] = [
    ['for another type', { client: { type: 'webauthn.create' } }, /something else/],
    ['for another site', { client: { origin: 'https://notary.example.net' } }, /another address/],
    ['for a subdomain', { client: { origin: 'https://a.notary.example.com' } }, /another address/],
    ['for another port', { client: { origin: 'https://notary.example.com:8443' } }, /another address/],
    ['without TLS', { client: { origin: 'http://notary.example.com' } }, /another address/],
    ['without an origin', { client: { origin: undefined } }, /another address/],
    ['inside another page', { client: { crossOrigin: true } }, /inside another one/],
    ['inside another page, said otherwise', { client: { topOrigin: PLACE.origin } }, /inside another one/],
    ['to no challenge', { client: { challenge: undefined } }, /no challenge/],
    ['to a challenge of its own', { client: { challenge: 'A'.repeat(51) } }, /waited too long/],
    ['not in JSON', { clientText: 'type=webauthn.get' }, /cannot be read/],
    ['in JSON that is no object', { clientText: '[]' }, /cannot be read/],
    [
      'with a member twice',
      { clientText: '{"type":"webauthn.get","type":"webauthn.get"}' },
      /cannot be read/,
    ],
    ['for another host', { rpId: 'example.com' }, /another service/],
    ['without the user', { flags: 0x04 }, /has not checked/],
    ['without a check of the user', { flags: 0x01 }, /has not checked/],
    ['too short', { data: (data) => data.subarray(0, 36) }, /too short/],
    ['signed by another key', { signer: stranger }, /signs nobody in/],
    ['for another user', { userHandle: bytes('psn_aaaaaaaaaaaaaaaaaaaa') }, /signs nobody in/],
    ['for no user', { userHandle: new Uint8Array() }, /signs nobody in/],
    ['of an unknown passkey', { credentialId: bytes('unknown') }, /signs nobody in/],
  ];
  test('is refused when it is strange', async () => {
    await using scene = await createScene();
    const { owner } = await scene.organization();
    const device = new Authenticator(PLACE);
    await add(scene, owner, device);
    for (const [name, strange, message] of strangers) {
      await scene.database.query('DELETE FROM throttle');
      const refused = await refusalOf(signIn(scene, device, strange));
      expect(refused.code, name).toBe('invalid_passkey');
      expect(refused.message, name).toMatch(message);
    }
    // Extensions that nobody asked for are ignored.
    await signIn(scene, device, { flags: 0x85, tail: Buffer.from('a0', 'hex') });
  });

  const cose = (from: string, to: string) => (data: Buffer) => {
    const text = data.toString('hex');
    expect(text).toContain(from);
    return Buffer.from(text.replace(from, to), 'hex');
  };
  const newcomers: readonly (readonly [string, Strange, RegExp])[] = [
    ['for a sign-in', { client: { type: 'webauthn.get' } }, /something else/],
    ['for another site', { client: { origin: 'https://evil.example' } }, /another address/],
    ['for another host', { rpId: 'evil.example' }, /another service/],
    ['without a check of the user', { flags: 0x41 }, /has not checked/],
    ['without a passkey', { flags: 0x05 }, /no new passkey/],
    ['cut', { data: (data) => data.subarray(0, 54) }, /no new passkey/],
    ['with an id that is too long', { data: (data) => data.subarray(0, 60) }, /wrong length/],
    ['without an id', { credentialId: new Uint8Array() }, /wrong length/],
    ['with an unannounced tail', { tail: Buffer.from('a0', 'hex') }, /follows the key/],
    ['with another algorithm', { data: cose('a50102032620', 'a50102033823') }, /does not know/],
    ['with a key in another order', { data: cose('a501020326', 'a503260102') }, /does not know/],
    ['with a point off the curve', { data: (data) => data.fill(7, data.length - 32) }, /does not know/],
  ];
  test('is refused when a new passkey is strange', async () => {
    await using scene = await createScene();
    const { owner } = await scene.organization();
    const { passkeys } = scene.access;
    const { challenge, userId } = await passkeys.request(owner.principal, PLACE, FRESH, HOME);
    const device = new Authenticator(PLACE);
    const adding = (strange: Strange) =>
      passkeys.add(
        owner.principal,
        { name: 'Laptop', registration: device.create(challenge, userId, strange), place: PLACE },
        HOME,
      );
    for (const [name, strange, message] of newcomers) {
      const refused = await refusalOf(adding(strange));
      expect(refused.code, name).toBe('invalid_passkey');
      expect(refused.message, name).toMatch(message);
    }
    await adding({ flags: 0xc5, tail: Buffer.from('a16b6372656450726f7465637402', 'hex') });
  });

  test('is refused a second time, on every instance', async () => {
    await using scene = await createScene();
    const { owner } = await scene.organization();
    const instances = [scene.access, await scene.another()];
    const device = new Authenticator(PLACE);
    const { passkeys } = scene.access;
    const request = await passkeys.request(owner.principal, PLACE, FRESH, HOME);
    const registration = device.create(request.challenge, request.userId);
    const add = () => passkeys.add(owner.principal, { name: 'x', registration, place: PLACE }, HOME);
    await add();
    expect(await codeOf(add())).toBe('invalid_passkey');
    const answer = answerOf(device.answer(passkeys.challenge()));
    const results = await Promise.allSettled(
      Array.from({ length: 6 }, (_, i) => turnOf(instances, i).passkeys.signIn(answer, null, HOME)),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await scene.database.query('DELETE FROM throttle');
    expect(await codeOf(scene.access.passkeys.signIn(answer, null, HOME))).toBe('invalid_passkey');
  });

  test('is refused to a challenge for something else, of another session, or five minutes later', async () => {
    await using scene = await createScene();
    const { organization, owner } = await scene.organization();
    const other = await scene.user(organization, 'notary');
    const { passkeys } = scene.access;
    const device = new Authenticator(PLACE);
    await add(scene, owner, device);
    const requested = async () => passkeys.request(owner.principal, PLACE, FRESH, HOME);
    const next = new Authenticator(PLACE);
    const adding = async (by: SignedIn, challenge: string) =>
      passkeys.add(
        by.principal,
        { name: 'x', registration: next.create(challenge, Buffer.from(by.principal.personId)), place: PLACE },
        HOME,
      );
    const { challenge } = await requested();
    const signing = (text: string) => passkeys.signIn(answerOf(device.answer(text)), null, HOME);
    expect(await codeOf(signing(challenge))).toBe('invalid_passkey');
    expect(await codeOf(adding(owner, passkeys.challenge()))).toBe('invalid_passkey');
    expect(await codeOf(adding(other, challenge))).toBe('invalid_passkey');
    const late = passkeys.challenge();
    scene.clock.now += 5 * 60_000;
    expect(await codeOf(signing(late))).toBe('invalid_passkey');
    expect(await codeOf(adding(owner, challenge))).toBe('invalid_passkey');
    // What was answered is forgotten when it could not be answered any more.
    await signing(passkeys.challenge());
    const spent = async () => (await scene.database.query('SELECT FROM spent_challenge')).length;
    const before = await spent();
    await scene.access.purgeExpired();
    expect([before > (await spent()), await spent()]).toEqual([true, 1]);
  });

  test('is refused when the counter has not grown: there may be a copy of the passkey', async () => {
    await using scene = await createScene();
    const { owner } = await scene.organization();
    const device = new Authenticator(PLACE);
    device.counter = 5;
    await add(scene, owner, device);
    await signIn(scene, device);
    await scene.newEvents();
    for (const counter of [0, 5, 6]) {
      const refused = await refusalOf(signIn(scene, device, { counter }));
      expect([refused.code, refused.message]).toEqual([
        'invalid_passkey',
        expect.stringContaining('there may be a copy of it'),
      ]);
    }
    const [event] = await scene.access.log.read(owner.principal, { limit: 1 });
    expect(event).toMatchObject({
      kind: 'sign_in_failed',
      personId: owner.principal.personId,
      detail: { during: 'sign_in', reason: 'copied_passkey' },
    });
    await signIn(scene, device, { counter: 60 });
  });
});

describe('a password of somebody who needs a passkey', () => {
  test('does not sign in, and opens no invitation', async () => {
    await using scene = await createScene();
    const { organization, owner } = await scene.organization();
    const { access } = scene;
    const device = new Authenticator(PLACE);
    expect(await codeOf(access.passkeys.setNeeded(owner.principal, true, FRESH, HOME))).toBe(
      'passkey_not_found',
    );
    await add(scene, owner, device);
    await scene.newEvents();
    await access.passkeys.setNeeded(owner.principal, true, FRESH, HOME);
    expect(await scene.newEvents()).toEqual(['passkey_need_changed']);
    const email = owner.principal.email ?? '';
    const by = (password: string) => access.sessions.signIn({ email, password }, HOME);
    expect(await codeOf(by(PASSWORD))).toBe('passkey_needed');
    expect(await codeOf(by('not the password at all'))).toBe('invalid_credentials');
    const second = await access.organizations.create(LOCAL, { name: 'Second' }, HOME);
    const input = { email, name: 'Kim', role: 'owner' } as const;
    const { invitation } = await access.users.add(LOCAL, second.id, input, HOME);
    const token = invitation?.token ?? '';
    expect(await codeOf(access.invitations.redeem(token, { password: PASSWORD }, HOME))).toBe(
      'passkey_needed',
    );
    const foreign = new Authenticator(PLACE);
    await add(scene, await scene.user(organization, 'notary'), foreign);
    const answer = (from: Authenticator) => answerOf(from.answer(access.passkeys.challenge()));
    expect(await codeOf(access.invitations.redeem(token, { passkey: answer(foreign) }, HOME))).toBe(
      'invalid_passkey',
    );
    const joined = await access.invitations.redeem(token, { passkey: answer(device) }, HOME);
    expect(joined.principal.organization?.id).toBe(second.id);
    // Who is signed in has used the passkey before.
    const third = await access.organizations.create(LOCAL, { name: 'Third' }, HOME);
    const added = await access.users.add(LOCAL, third.id, input, HOME);
    const link = added.invitation?.token ?? '';
    await access.invitations.redeem(link, { password: PASSWORD }, HOME, joined.principal);
  });

  test('signs in again once the last passkey is removed, or it is not needed any more', async () => {
    await using scene = await createScene();
    const { owner } = await scene.organization();
    const { access } = scene;
    const { id } = await add(scene, owner, new Authenticator(PLACE));
    const email = owner.principal.email ?? '';
    const signIn = () => access.sessions.signIn({ email, password: PASSWORD }, HOME);
    await access.passkeys.setNeeded(owner.principal, true, FRESH, HOME);
    await access.passkeys.setNeeded(owner.principal, false, FRESH, HOME);
    await signIn();
    await access.passkeys.setNeeded(owner.principal, true, FRESH, HOME);
    await access.passkeys.remove(owner.principal, id, FRESH, HOME);
    await signIn();
  });

  test.each(['owner', 'machine'] as const)(
    'is replaced by a link of the %s, which removes lost passkeys and ends sessions',
    async (who) => {
      await using scene = await createScene();
      const { organization, owner } = await scene.organization();
      const lost = await scene.user(organization, 'notary');
      const { access } = scene;
      const device = new Authenticator(PLACE);
      await add(scene, lost, device, 'Phone');
      await access.passkeys.setNeeded(lost.principal, true, FRESH, HOME);
      const { personId, email } = lost.principal;
      const link =
        who === 'owner'
          ? await access.users.inviteAgain(owner.principal, organization.id, personId, HOME)
          : await access.people.resetPassword(LOCAL, personId, HOME);
      await scene.newEvents();
      const next = 'a new password of some length';
      await access.invitations.redeem(link.token, { password: next }, HOME);
      expect(await scene.newEvents()).toEqual(['password_set', 'passkey_removed', 'sign_in']);
      const [, removed] = await access.log.read(LOCAL, { limit: 2 });
      expect(removed).toMatchObject({ personId, detail: { passkey: 'Phone', reason: 'new_password' } });
      expect(await codeOf(signIn(scene, device))).toBe('invalid_passkey');
      const opened = await access.sessions.signIn({ email: email ?? '', password: next }, HOME);
      expect(await access.passkeys.list(opened.principal)).toEqual({ passkeys: [], needed: false });
      expect(await codeOf(access.sessions.refresh(lost.tokens.refreshToken, HOME))).toBe('invalid_token');
    },
  );
});

describe('signing in with passkeys', () => {
  test('is slowed down for strangers in a network that guesses, and not for devices that are known', async () => {
    await using scene = await createScene();
    const { owner } = await scene.organization();
    const device = new Authenticator(PLACE);
    await add(scene, owner, device);
    const nobody = new Authenticator(PLACE);
    for (let i = 0; i < 21; i++) expect(await codeOf(signIn(scene, nobody))).toBe('invalid_passkey');
    expect(await codeOf(signIn(scene, nobody))).toBe('sign_in_blocked');
    expect(await codeOf(signIn(scene, device))).toBe('sign_in_blocked');
    const { passkeys } = scene.access;
    const known = answerOf(device.answer(passkeys.challenge()), ['x', owner.tokens.deviceToken]);
    await passkeys.signIn(known, null, HOME);
    await signIn(scene, device, {}, AWAY);
    // Of the failures, the log has those of one hour, and the wait once.
    const events = await scene.access.log.read(LOCAL, { limit: 100, kinds: ['sign_in_blocked'] });
    expect(events.map(({ detail }) => detail)).toEqual([{ during: 'sign_in' }]);
  });

  test('is refused to disabled people, and to people whose organization is', async () => {
    await using scene = await createScene();
    const { organization, owner } = await scene.organization();
    const device = new Authenticator(PLACE);
    await add(scene, owner, device);
    const { access } = scene;
    await scene.user(organization, 'owner');
    await access.people.setDisabled(LOCAL, owner.principal.personId, true, HOME);
    expect(await codeOf(signIn(scene, device))).toBe('invalid_passkey');
    await access.people.setDisabled(LOCAL, owner.principal.personId, false, HOME);
    await access.organizations.update(LOCAL, organization.id, { disabled: true }, HOME);
    expect(await codeOf(signIn(scene, device))).toBe('forbidden');
  });

  test('works for one host name: passkeys of an earlier one stay, and sign nobody in', async () => {
    await using scene = await createScene();
    const { owner } = await scene.organization();
    const device = new Authenticator(PLACE);
    await add(scene, owner, device);
    const moved = { rpId: 'new.example.com', origin: 'https://new.example.com' };
    const { passkeys } = scene.access;
    const { challenge, userId, known } = await passkeys.request(owner.principal, moved, FRESH, HOME);
    expect(known).toEqual([]);
    const next = new Authenticator(moved);
    const registration = next.create(challenge, userId);
    await passkeys.add(owner.principal, { name: 'x', registration, place: moved }, HOME);
    const at = (from: Authenticator, strange: Strange) =>
      passkeys.signIn(
        { assertion: from.answer(passkeys.challenge(), strange), place: moved, deviceTokens: [] },
        null,
        HOME,
      );
    const forged = { rpId: moved.rpId, client: { origin: moved.origin } };
    expect(await codeOf(at(device, forged))).toBe('invalid_passkey');
    await at(next, {});
  });
});
