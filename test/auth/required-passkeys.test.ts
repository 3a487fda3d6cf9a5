import { expect, test } from 'vitest';
import { LOCAL, type PasskeyAnswer, type SignedIn } from '../../src/auth/index.js';
import { audit } from '../../src/audit/audit.js';
import { Authenticator } from '../support/authenticator.js';
import { codeOf, refusalOf } from './refusal.js';
import { createScene, HOME, PASSWORD, type Scene } from './scene.js';

const PLACE = { rpId: 'notary.example.com', origin: 'https://notary.example.com' };
const FRESH = { password: PASSWORD };

async function add({ access: { passkeys } }: Scene, { principal }: SignedIn, device: Authenticator) {
  const { challenge, userId } = await passkeys.request(principal, PLACE, FRESH, HOME);
  const registration = device.create(challenge, userId);
  return passkeys.add(principal, { name: 'Laptop', registration, place: PLACE }, HOME);
}

const answer = ({ access: { passkeys } }: Scene, device: Authenticator): PasskeyAnswer => ({
  ...{ assertion: device.answer(passkeys.challenge()), place: PLACE, deviceTokens: [] },
});

const now = ({ access: { sessions } }: Scene, { principal: { sessionId, personId } }: SignedIn) =>
  sessions.principal({ sessionId: sessionId ?? '', personId });

/** The owner has a passkey and requires them; the notary has a session, and a password only. */
async function required() {
  const scene = await createScene();
  const { organization, owner } = await scene.organization();
  const notary = await scene.user(organization, 'notary', 'notary@example.com');
  const device = new Authenticator(PLACE);
  await add(scene, owner, device);
  const by = await now(scene, owner);
  await scene.access.organizations.requirePasskeys(by, organization.id, true, HOME);
  return {
    scene,
    organization,
    owner,
    notary,
    device,
    [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose](),
  };
}

test('only an owner with a passkey can require them', async () => {
  await using scene = await createScene();
  const { organization, owner } = await scene.organization();
  const require = (
    by: Parameters<typeof scene.access.organizations.requirePasskeys>[0],
    id = organization.id,
  ) => codeOf(scene.access.organizations.requirePasskeys(by, id, true, HOME));
  expect(await require(owner.principal)).toBe('passkey_required');
  const notary = await scene.user(organization, 'notary');
  await add(scene, notary, new Authenticator(PLACE));
  expect(await require(await now(scene, notary))).toBe('forbidden');
  const other = await scene.organization('Other');
  await add(scene, other.owner, new Authenticator(PLACE));
  expect(await require(await now(scene, other.owner))).toBe('organization_not_found');
  // A session with a passkey that is gone.
  const device = new Authenticator(PLACE);
  const { id } = await add(scene, owner, device);
  const by = await now(scene, owner);
  await scene.access.passkeys.remove(by, id, FRESH, HOME);
  expect(await require(by)).toBe('passkey_required');
  await add(scene, owner, new Authenticator(PLACE));
  await scene.newEvents();
  const changed = await scene.access.organizations.requirePasskeys(by, organization.id, true, HOME);
  expect(changed.requiresPasskey).toBe(true);
  expect(await scene.newEvents()).toEqual(['organization_changed']);
  // The access log explains the row.
  const { database } = await audit({ store: scene.database.store, logKey: null });
  expect(database.findings.filter(({ table }) => table === 'organization')).toEqual([]);
});

test('sessions without one act for nobody at once, and for the organization again when one is added', async () => {
  await using there = await required();
  const { scene, organization, owner, notary } = there;
  const { sessions } = scene.access;
  expect(await now(scene, notary)).toMatchObject({ organization: null, role: null, lacksPasskey: true });
  expect(await now(scene, owner)).toMatchObject({ role: 'owner', lacksPasskey: false });
  const weak = await now(scene, notary);
  expect(await codeOf(sessions.chooseOrganization(weak, organization.id, HOME))).toBe('passkey_required');
  const again = await sessions.signIn({ email: 'notary@example.com', password: PASSWORD }, HOME);
  expect(again.principal).toMatchObject({ organization: null, lacksPasskey: true });
  await add(scene, notary, new Authenticator(PLACE));
  expect(await now(scene, notary)).toMatchObject({ role: 'notary', lacksPasskey: false });
  // Of the same person, but without a passkey.
  expect(await now(scene, again)).toMatchObject({ organization: null, lacksPasskey: true });
});

test('a password alone signs nobody in who has a passkey, and adds and removes none', async () => {
  await using there = await required();
  const { scene, owner, notary, device } = there;
  const { passkeys, sessions } = scene.access;
  const weak = await sessions.signIn({ email: 'notary@example.com', password: PASSWORD }, HOME);
  const { id } = await add(scene, notary, new Authenticator(PLACE));
  const signIn = sessions.signIn({ email: 'notary@example.com', password: PASSWORD }, HOME);
  expect(await codeOf(signIn)).toBe('passkey_needed');
  const of = (session: SignedIn) => session.principal;
  expect(await codeOf(passkeys.request(of(weak), PLACE, FRESH, HOME))).toBe('passkey_needed');
  expect(await codeOf(passkeys.remove(of(weak), id, FRESH, HOME))).toBe('passkey_needed');
  expect(await codeOf(passkeys.setNeeded(of(weak), false, FRESH, HOME))).toBe('passkey_needed');
  // The last one stays.
  const refusal = await refusalOf(passkeys.remove(await now(scene, notary), id, FRESH, HOME));
  expect(refusal).toMatchObject({ code: 'passkey_required' });
  const opened = await passkeys.signIn(answer(scene, device), null, HOME);
  expect(opened.principal).toMatchObject({ role: 'owner', personId: owner.principal.personId });
});

test('the machine ends it, and a new password leaves nobody stuck', async () => {
  await using there = await required();
  const { scene, organization, owner } = there;
  const { access } = scene;
  const { token } = await access.people.resetPassword(LOCAL, owner.principal.personId, HOME);
  const back = await access.invitations.redeem(token, { password: `${PASSWORD} 2` }, HOME);
  expect(back.principal).toMatchObject({ organization: null, lacksPasskey: true });
  await access.organizations.requirePasskeys(LOCAL, organization.id, false, HOME);
  expect(await now(scene, back)).toMatchObject({ role: 'owner', lacksPasskey: false });
});
