import { expect, test } from 'vitest';
import type { z } from 'zod';
import {
  AccessLog,
  Organization,
  ApiKeys,
  NewApiKey,
  NewUser,
  Users,
} from '../../../src/http/schemas/auth.js';
import { createScene } from './scene.js';

test('--json has the fields of the API', async () => {
  await using scene = await createScene();
  const organization = await scene.json<{ id: string }>('organization', 'create', 'Example Ltd');
  check(Organization, organization);
  const { organizations } = await scene.json<{ organizations: unknown[] }>('organization', 'list');
  check(Organization, organizations[0]);
  const into = ['--organization', organization.id];

  const { otherOrganizations, ...added } = await scene.json<{
    otherOrganizations: unknown[];
    invitation: { link: string };
  }>(...['user', 'add', 'kim@example.com', '--role', 'owner', ...into]);
  const { link, ...invitation } = added.invitation;
  expect(link).toContain('#invitation=');
  check(NewUser, { ...added, invitation });
  // Only the machine itself may know them.
  expect(otherOrganizations).toEqual([]);
  check(Users, await scene.json('user', 'list', ...into));

  check(NewApiKey, await scene.json('key', 'create', '--name', 'archive', '--expires', '1d', ...into));
  check(ApiKeys, await scene.json('key', 'list', ...into));

  const { stdout } = await scene.ingam('access-log', '--json');
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  check(AccessLog, { events, names: {}, next: null });
});

function check(schema: z.ZodType, value: unknown): void {
  expect(schema.safeParse(value).error).toBeUndefined();
}
