import { afterAll, beforeAll, expect, test } from 'vitest';
import { LOCAL, type Principal } from '../../src/auth/index.js';
import { codeOf } from './refusal.js';
import { createScene, HOME, PASSWORD, type Scene } from './scene.js';

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});
afterAll(() => scene[Symbol.asyncDispose]());

const invite = async (by: Principal | typeof LOCAL, organization: string, email: string, role = 'notary') => {
  const input = { email, name: `Invited ${email}`, role: role as 'notary' | 'auditor' };
  const { invitation, user } = await scene.access.users.add(by, organization, input, HOME);
  return { token: invitation?.token ?? '', personId: user.person.id };
};
const join = (token: string, name: string) =>
  scene.access.invitations.redeem(token, { password: PASSWORD, name }, HOME);

test('the set-up link makes administrator, organization and owner at once, and signs in for it', async () => {
  const { access } = scene;
  const token = (await access.invitations.setUpLink())?.token ?? '';
  const input = { email: 'kim@example.com', name: 'Kim Minji', password: PASSWORD };
  const wrong = { ...input, organization: ' ' };
  expect(await codeOf(access.invitations.redeem(token, wrong, HOME))).toBe('invalid_value');
  const { principal } = await access.invitations.redeem(token, { ...input, organization: '한빛' }, HOME);
  expect(principal).toMatchObject({ operator: true, role: 'owner', organization: { name: '한빛' } });
  const organizationId = principal.organization?.id ?? '';
  const [owner, ...others] = await access.users.list(principal, organizationId);
  expect(owner).toMatchObject({ role: 'owner', person: { email: input.email } });
  expect(owner?.acceptedAt).not.toBeNull();
  expect(others).toEqual([]);
  const events = await access.log.read(LOCAL, { organizationId, limit: 10 });
  expect(events.map(({ kind }) => kind).sort()).toEqual(['organization_created', 'sign_in', 'user_added']);
  expect(new Set(events.map(({ personId }) => personId))).toEqual(new Set([principal.personId]));
});

test('no other invitation makes an organization', async () => {
  const { access } = scene;
  const { id } = await access.organizations.create(LOCAL, { name: 'Closed' }, HOME);
  const { token } = await invite(LOCAL, id, 'lee@example.com');
  const input = { password: PASSWORD, organization: 'Mine' };
  expect(await codeOf(access.invitations.redeem(token, input, HOME))).toBe('invalid_value');
  expect((await join(token, 'Lee')).principal.organization?.id).toBe(id);
});

test('an administrator creates an organization of their own, and nobody else does', async () => {
  const { access } = scene;
  const { principal } = await access.sessions.signIn({ email: 'kim@example.com', password: PASSWORD }, HOME);
  const own = await access.organizations.create(principal, { name: 'Second', owned: true }, HOME);
  const acting = await access.sessions.chooseOrganization(principal, own.id, HOME);
  expect(acting).toMatchObject({ role: 'owner', organization: { id: own.id } });
  const elsewhere = { ...principal, sessionId: null };
  for (const by of [LOCAL, elsewhere]) {
    const create = access.organizations.create(by, { name: 'Nobody’s', owned: true }, HOME);
    expect(await codeOf(create)).toBe('forbidden');
  }
});

test('auditors read the log of their organization, with names that it may know', async () => {
  const { access } = scene;
  const organization = await access.organizations.create(LOCAL, { name: 'Audited' }, HOME);
  const auditor = await join(
    (await invite(LOCAL, organization.id, 'aud@example.com', 'auditor')).token,
    'Aud',
  );
  const notary = await join((await invite(LOCAL, organization.id, 'not@example.com')).token, 'Kim Notary');
  const { key } = await access.keys.create(
    LOCAL,
    organization.id,
    { name: 'Archive', scopes: ['read'] },
    HOME,
  );
  // Known under another name elsewhere, which this organization is not told.
  const elsewhere = await invite(LOCAL, organization.id, 'lee@example.com');
  const gone = await invite(LOCAL, organization.id, 'gone@example.com');
  await access.users.remove(LOCAL, organization.id, gone.personId, HOME);

  const events = await access.log.read(auditor.principal, { limit: 100 });
  expect(events.every(({ organizationId }) => organizationId === organization.id)).toBe(true);
  const names = await access.log.names(auditor.principal, events);
  expect(names.get(organization.id)).toBe('Audited');
  expect(names.get(notary.principal.personId)).toBe('Kim Notary');
  expect(names.get(key.id)).toBe('Archive');
  expect(names.get(elsewhere.personId)).toBe('Invited lee@example.com');
  expect(names.get(gone.personId)).toBe('gone@example.com');
  const whole = await access.log.names(LOCAL, events);
  expect(whole.get(elsewhere.personId)).toBe('Lee');

  const others = await access.log.read(LOCAL, { limit: 100 });
  expect(others.length).toBeGreaterThan(events.length);
  const known = await access.log.names(auditor.principal, others);
  const foreign = others.find(({ organizationId }) => ![null, organization.id].includes(organizationId));
  expect(known.has(foreign?.organizationId ?? '')).toBe(false);
  expect(await codeOf(access.log.read(notary.principal, { limit: 1 }))).toBe('forbidden');
  const other = { organizationId: foreign?.organizationId ?? '', limit: 1 };
  expect(await codeOf(access.log.read(auditor.principal, other))).toBe('organization_not_found');
});
