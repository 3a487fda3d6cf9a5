import { expect } from 'vitest';
import { z } from 'zod';
import { AccessLog, ApiKeys, Session, Users } from '../../src/http/schemas/auth.js';
import { organizationOf, has, isKnown, refusal } from './access-model.js';
import { isRefused, pick, type Call } from './isolation-call.js';
import type { World } from './isolation-world.js';

/** Calls about organizations and who acts for them, each compared with what the model says, which then learns of it. */

export const listKeys: Call = async ({ world, actor, ask }) => {
  const { status, text } = await ask('GET', '/v1/keys');
  const refused = refusal(actor, 'keys');
  if (isRefused(status, refused)) return;
  const ids = ApiKeys.parse(JSON.parse(text)).keys.map(({ id }) => id);
  expect(ids.sort()).toEqual(
    world.keys
      .filter(({ organization }) => organization === organizationOf(actor))
      .map(({ id }) => id)
      .sort(),
  );
};

export const createKey: Call = async ({ world, actor, draw, ask }) => {
  const scopes = pick([['notarize'], ['read'], ['notarize', 'read']] as const, draw.target) ?? expect.fail();
  const { status, text } = await ask('POST', '/v1/keys', { body: { name: 'another', scopes } });
  const refused = refusal(actor, 'keys');
  if (isRefused(status, refused)) return;
  expect(status).toBe(201);
  const { key, secret } = z
    .looseObject({ key: z.looseObject({ id: z.string() }), secret: z.string() })
    .parse(JSON.parse(text));
  const organization = organizationOf(actor) ?? expect.fail();
  world.keys.push({ kind: 'key', organization, scopes, revoked: false, id: key.id, token: secret });
};

export const revokeKey: Call = async ({ world, actor, draw, ask }) => {
  const target = pick(world.keys, draw.target);
  if (target === undefined) return;
  const { status } = await ask('DELETE', `/v1/keys/${target.id}`);
  const refused = refusal(actor, 'keys');
  if (isRefused(status, refused)) return;
  const can = target.organization === organizationOf(actor) && !target.revoked;
  expect(status).toBe(can ? 204 : 404);
  if (can) target.revoked = true;
};

/** Owners of an organization, less one who is to go or to be something else. */
const othersOwn = (world: World, organization: number, but: string) =>
  world.people.some(({ roles, id }) => id !== but && roles.get(organization) === 'owner');

export const listUsers: Call = async ({ world, actor, draw, ask }) => {
  const named = draw.other % 2 === 0 ? undefined : draw.target % world.organizations.length;
  const query = named === undefined ? '' : `?organization=${world.organizations[named]?.id ?? ''}`;
  const { status, text } = await ask('GET', `/v1/users${query}`);
  const refused = refusal(actor, 'users', 'organizations');
  if (isRefused(status, refused)) return;
  const organization = named ?? organizationOf(actor);
  const isOwner = organization !== null && organization === organizationOf(actor) && has(actor, 'users');
  if (!isOwner) {
    // An operator staffs organizations that nobody owns; to others there is no such organization.
    if (organization === null || !has(actor, 'organizations')) {
      expect(status).toBe(404);
      return;
    }
    expect(status).toBe(othersOwn(world, organization, '') ? 409 : 200);
    return;
  }
  const emails = Users.parse(JSON.parse(text)).users.map(({ email }) => email);
  expect(emails.sort()).toEqual(
    world.people
      .filter(({ roles }) => roles.has(organization))
      .map(({ email }) => email)
      .sort(),
  );
};

export const changeUser: Call = async ({ world, actor, draw, ask }) => {
  const target = pick(world.people, draw.target) ?? expect.fail();
  const role = pick(['owner', 'notary', 'auditor', null] as const, draw.other) ?? null;
  const { status } =
    role === null
      ? await ask('DELETE', `/v1/users/${target.id}`)
      : await ask('PATCH', `/v1/users/${target.id}`, { body: { role } });
  const refused = role === null ? refusal(actor, 'users', 'organizations') : refusal(actor, 'users');
  if (isRefused(status, refused)) return;
  const organization = organizationOf(actor);
  if (organization === null || !has(actor, 'users')) {
    // An operator, who acts for no organization, or for one that has an owner.
    expect([404, 409]).toContain(status);
    return;
  }
  const before = target.roles.get(organization);
  if (before === undefined) {
    expect(status).toBe(404);
    return;
  }
  if (before === 'owner' && role !== 'owner' && !othersOwn(world, organization, target.id)) {
    expect(status).toBe(409);
    return;
  }
  expect(status).toBe(role === null ? 204 : 200);
  if (role !== null) target.roles.set(organization, role);
  else {
    target.roles.delete(organization);
    if (target.acts === organization) target.acts = null;
  }
};

export const readLog: Call = async ({ world, actor, draw, ask }) => {
  const named = draw.other % 2 === 0 ? undefined : draw.target % world.organizations.length;
  const query = named === undefined ? '' : `&organization=${world.organizations[named]?.id ?? ''}`;
  const { status, text } = await ask('GET', `/v1/access-log?limit=1000${query}`);
  const refused = refusal(actor, 'log', 'whole log');
  if (isRefused(status, refused)) return;
  const organization = named ?? organizationOf(actor);
  if (!has(actor, 'whole log') && organization !== organizationOf(actor)) {
    expect(status).toBe(404);
    return;
  }
  expect(status).toBe(200);
  const { events } = AccessLog.parse(JSON.parse(text));
  if (has(actor, 'whole log') && named === undefined) return;
  const id = world.organizations[organization ?? -1]?.id;
  expect(events.filter(({ organizationId }) => organizationId !== id)).toEqual([]);
};

export const lookAtOrganization: Call = async ({ world, actor, draw, ask }) => {
  const index = draw.target % world.organizations.length;
  const { status } = await ask('GET', `/v1/organizations/${world.organizations[index]?.id ?? ''}`);
  const refused = refusal(actor, 'organizations', 'read', 'notarize');
  if (isRefused(status, refused)) return;
  expect(status).toBe(has(actor, 'organizations') || organizationOf(actor) === index ? 200 : 404);
};

export const changeOrganization: Call = async ({ world, actor, draw, ask }) => {
  const { id, name } = pick(world.organizations, draw.target) ?? expect.fail();
  const { status } = await ask('PATCH', `/v1/organizations/${id}`, { body: { name } });
  expect(status).toBe(refusal(actor, 'organizations') ?? 200);
};

export const choose: Call = async ({ world, actor, draw, ask }) => {
  const organization = draw.target % world.organizations.length;
  const { status } = await ask('PATCH', '/v1/session', {
    body: { organization: world.organizations[organization]?.id },
  });
  if (actor.kind !== 'person') {
    expect(status).toBe(actor.kind === 'nobody' || !isKnown(actor) ? 401 : 403);
    return;
  }
  if (isRefused(status, refusal(actor))) return;
  expect(status).toBe(actor.roles.has(organization) ? 200 : 404);
  if (actor.roles.has(organization)) actor.acts = organization;
};

export const whoAmI: Call = async ({ world, actor, ask }) => {
  const { status, text } = await ask('GET', '/v1/session');
  if (isRefused(status, refusal(actor))) return;
  expect(status).toBe(200);
  const { principal, memberships } = Session.parse(JSON.parse(text));
  const organization = organizationOf(actor);
  const id = organization === null ? null : (world.organizations[organization]?.id ?? null);
  expect(principal.kind === 'anonymous' ? null : (principal.organization?.id ?? null)).toBe(id);
  const roles = actor.kind === 'person' ? [...actor.roles] : [];
  expect(new Map(memberships.map((each) => [each.organization.id, each.role]))).toEqual(
    new Map(roles.map(([index, role]) => [world.organizations[index]?.id, role])),
  );
};
