import { afterAll, beforeAll, expect, test } from 'vitest';
import { createScene, type Scene } from './scene.js';

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});
afterAll(() => scene[Symbol.asyncDispose]());

interface Organization {
  readonly id: string;
  readonly name: string;
  readonly disabledAt: string | null;
  readonly limits: object;
}

test('create prints only the id, and list shows aligned names and limits', async () => {
  const id = await scene.line('organization', 'create', '계약 문서 보관소', '--bytes-per-day', '10GiB');
  expect(id).toMatch(/^org_[a-z2-7]{20}$/);
  const other = await scene.line('organization', 'create', 'Example Ltd');
  const { stdout } = await scene.ingam('organization', 'list');
  const rows = stdout.trimEnd().split('\n');
  expect(rows).toHaveLength(3);
  expect(rows[0]).toMatch(/^ID +NAME +STATE +CREATED +REQUESTS\/MIN +DIGESTS\/DAY +BYTES\/DAY$/);
  expect(rows.find((row) => row.startsWith(id))).toMatch(
    /계약 문서 보관소  active  \d{4}-\d\d-\d\d +- +- +10\.0 GiB$/,
  );
  expect(rows.find((row) => row.startsWith(other))).toMatch(/Example Ltd {7}active/);
});

test('limits sets, shows and removes single limits', async () => {
  const id = await scene.line('organization', 'create', 'Limited', '--requests-per-minute', '60');
  const set = await scene.json<Organization>(
    'organization',
    'limits',
    id,
    '--digests-per-day',
    '1000',
    '--bytes-per-day',
    '500MiB',
  );
  expect(set.limits).toEqual({ requestsPerMinute: 60, digestsPerDay: 1000, bytesPerDay: 500 * 2 ** 20 });
  await scene.ingam('organization', 'limits', id, '--requests-per-minute', 'none');
  const shown = await scene.json<Organization>('organization', 'limits', id);
  expect(shown.limits).toEqual({
    requestsPerMinute: null,
    digestsPerDay: 1000,
    bytesPerDay: 500 * 2 ** 20,
  });
});

test('disable, enable and rename change the organization', async () => {
  const id = await scene.line('organization', 'create', 'Old name');
  expect((await scene.json<Organization>('organization', 'disable', id)).disabledAt).toMatch(/^\d{4}-.*Z$/);
  expect((await scene.json<Organization>('organization', 'enable', id)).disabledAt).toBeNull();
  expect((await scene.json<Organization>('organization', 'rename', id, 'New name')).name).toBe('New name');
  expect(await scene.json('organization', 'show', id)).toMatchObject({
    id,
    name: 'New name',
    users: 0,
    keys: 0,
  });
});

test('suggests the closest organization for an unknown one', async () => {
  const id = await scene.line('organization', 'create', 'Nearby GmbH');
  const byName = await scene.ingam('organization', 'show', 'Nearby GmbH');
  expect(byName.code).toBe(2);
  expect(byName.stderr).toContain(`Did you mean ${id} (Nearby GmbH)?`);
  const mistyped = await scene.ingam('organization', 'show', `${id.slice(0, -1)}1`);
  expect(mistyped.stderr).toContain(`Did you mean ${id}`);
  const none = await scene.ingam('organization', 'show', 'zzz', '--json');
  expect(JSON.parse(none.stdout)).toMatchObject({ error: { code: 'organization_not_found' } });
});
