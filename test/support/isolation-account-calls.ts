import { expect } from 'vitest';
import { z } from 'zod';
import { AccessLog, ApiKeys, Session, Users } from '../../src/http/schemas/auth.js';
import { accountOf, has, isKnown, refusal } from './access-model.js';
import { isRefused, pick, type Call } from './isolation-call.js';
import type { World } from './isolation-world.js';

/** Calls about accounts and who acts for them, each compared with what the model says, which then learns of it. */

export const listKeys: Call = async ({ world, actor, ask }) => {
  const { status, text } = await ask('GET', '/v1/keys');
  const refused = refusal(actor, 'keys');
  if (isRefused(status, refused)) return;
  const ids = ApiKeys.parse(JSON.parse(text)).keys.map(({ id }) => id);
  expect(ids.sort()).toEqual(
    world.keys
      .filter(({ account }) => account === accountOf(actor))
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
  const account = accountOf(actor) ?? expect.fail();
  world.keys.push({ kind: 'key', account, scopes, revoked: false, id: key.id, token: secret });
};

export const revokeKey: Call = async ({ world, actor, draw, ask }) => {
  const target = pick(world.keys, draw.target);
  if (target === undefined) return;
  const { status } = await ask('DELETE', `/v1/keys/${target.id}`);
  const refused = refusal(actor, 'keys');
  if (isRefused(status, refused)) return;
  const can = target.account === accountOf(actor) && !target.revoked;
  expect(status).toBe(can ? 204 : 404);
  if (can) target.revoked = true;
};

/** Owners of an account, less one who is to go or to be something else. */
const othersOwn = (world: World, account: number, but: string) =>
  world.people.some(({ roles, id }) => id !== but && roles.get(account) === 'owner');

export const listUsers: Call = async ({ world, actor, draw, ask }) => {
  const named = draw.other % 2 === 0 ? undefined : draw.target % world.accounts.length;
  const query = named === undefined ? '' : `?account=${world.accounts[named]?.id ?? ''}`;
  const { status, text } = await ask('GET', `/v1/users${query}`);
  const refused = refusal(actor, 'users', 'accounts');
  if (isRefused(status, refused)) return;
  const account = named ?? accountOf(actor);
  const isOwner = account !== null && account === accountOf(actor) && has(actor, 'users');
  if (!isOwner) {
    // An operator staffs accounts that nobody owns; to others there is no such account.
    if (account === null || !has(actor, 'accounts')) {
      expect(status).toBe(404);
      return;
    }
    expect(status).toBe(othersOwn(world, account, '') ? 409 : 200);
    return;
  }
  const emails = Users.parse(JSON.parse(text)).users.map(({ email }) => email);
  expect(emails.sort()).toEqual(
    world.people
      .filter(({ roles }) => roles.has(account))
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
  const refused = role === null ? refusal(actor, 'users', 'accounts') : refusal(actor, 'users');
  if (isRefused(status, refused)) return;
  const account = accountOf(actor);
  if (account === null || !has(actor, 'users')) {
    // An operator, who acts for no account, or for one that has an owner.
    expect([404, 409]).toContain(status);
    return;
  }
  const before = target.roles.get(account);
  if (before === undefined) {
    expect(status).toBe(404);
    return;
  }
  if (before === 'owner' && role !== 'owner' && !othersOwn(world, account, target.id)) {
    expect(status).toBe(409);
    return;
  }
  expect(status).toBe(role === null ? 204 : 200);
  if (role !== null) target.roles.set(account, role);
  else {
    target.roles.delete(account);
    if (target.acts === account) target.acts = null;
  }
};

export const readLog: Call = async ({ world, actor, draw, ask }) => {
  const named = draw.other % 2 === 0 ? undefined : draw.target % world.accounts.length;
  const query = named === undefined ? '' : `&account=${world.accounts[named]?.id ?? ''}`;
  const { status, text } = await ask('GET', `/v1/access-log?limit=1000${query}`);
  const refused = refusal(actor, 'log', 'whole log');
  if (isRefused(status, refused)) return;
  const account = named ?? accountOf(actor);
  if (!has(actor, 'whole log') && account !== accountOf(actor)) {
    expect(status).toBe(404);
    return;
  }
  expect(status).toBe(200);
  const { events } = AccessLog.parse(JSON.parse(text));
  if (has(actor, 'whole log') && named === undefined) return;
  const id = world.accounts[account ?? -1]?.id;
  expect(events.filter(({ accountId }) => accountId !== id)).toEqual([]);
};

export const lookAtAccount: Call = async ({ world, actor, draw, ask }) => {
  const index = draw.target % world.accounts.length;
  const { status } = await ask('GET', `/v1/accounts/${world.accounts[index]?.id ?? ''}`);
  const refused = refusal(actor, 'accounts', 'read', 'notarize');
  if (isRefused(status, refused)) return;
  expect(status).toBe(has(actor, 'accounts') || accountOf(actor) === index ? 200 : 404);
};

export const changeAccount: Call = async ({ world, actor, draw, ask }) => {
  const { id, name } = pick(world.accounts, draw.target) ?? expect.fail();
  const { status } = await ask('PATCH', `/v1/accounts/${id}`, { body: { name } });
  expect(status).toBe(refusal(actor, 'accounts') ?? 200);
};

export const choose: Call = async ({ world, actor, draw, ask }) => {
  const account = draw.target % world.accounts.length;
  const { status } = await ask('PATCH', '/v1/session', { body: { account: world.accounts[account]?.id } });
  if (actor.kind !== 'person') {
    expect(status).toBe(actor.kind === 'nobody' || !isKnown(actor) ? 401 : 403);
    return;
  }
  if (isRefused(status, refusal(actor))) return;
  expect(status).toBe(actor.roles.has(account) ? 200 : 404);
  if (actor.roles.has(account)) actor.acts = account;
};

export const whoAmI: Call = async ({ world, actor, ask }) => {
  const { status, text } = await ask('GET', '/v1/session');
  if (isRefused(status, refusal(actor))) return;
  expect(status).toBe(200);
  const { principal, memberships } = Session.parse(JSON.parse(text));
  const account = accountOf(actor);
  const id = account === null ? null : (world.accounts[account]?.id ?? null);
  expect(principal.kind === 'anonymous' ? null : (principal.account?.id ?? null)).toBe(id);
  const roles = actor.kind === 'person' ? [...actor.roles] : [];
  expect(new Map(memberships.map((each) => [each.account.id, each.role]))).toEqual(
    new Map(roles.map(([index, role]) => [world.accounts[index]?.id, role])),
  );
};
