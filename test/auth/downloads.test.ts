import { expect, test } from 'vitest';
import { createScene, HOME } from './scene.js';

const DAY_MS = 86_400_000;

test('a download is in the log once a day for each person, kind and notarization, on all instances together', async () => {
  await using scene = await createScene();
  const { owner, organization } = await scene.organization();
  const colleague = await scene.user(organization, 'notary');
  const instances = [scene.access, await scene.another()];
  await scene.newEvents();
  scene.clock.now = Math.ceil(scene.clock.now / DAY_MS) * DAY_MS;
  const fetchAll = async (positions: readonly number[]) => {
    await Promise.all(
      instances.flatMap(({ downloads }) =>
        [owner, owner, colleague].flatMap(({ principal }) =>
          positions.map((position) => downloads.record(principal, HOME, 'proof_downloaded', { position })),
        ),
      ),
    );
    return (await scene.newEvents()).length;
  };
  expect(await fetchAll([1, 2, 3])).toBe(6);
  expect(await fetchAll([1, 2, 3])).toBe(0);
  scene.clock.now += DAY_MS - 1;
  expect(await fetchAll([3, 4])).toBe(2);
  scene.clock.now += 1;
  expect(await fetchAll([1, 4])).toBe(4);
  const { downloads } = scene.access;
  await downloads.record(owner.principal, HOME, 'certificate_downloaded', { position: 1 });
  await downloads.record({ kind: 'anonymous' }, HOME, 'proof_downloaded', { position: 9 });
  expect(await scene.newEvents()).toEqual(['certificate_downloaded']);
  for (const each of instances) await each.close();
});

test('a download that could not be recorded is refused, and recorded when it is repeated', async () => {
  await using scene = await createScene();
  const { owner } = await scene.organization();
  await scene.newEvents();
  const record = () =>
    scene.access.downloads.record(owner.principal, HOME, 'proof_downloaded', { position: 1 });
  const { database } = scene;
  await database.query(`
    CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
    CREATE TRIGGER fail BEFORE INSERT ON access_event FOR EACH ROW EXECUTE FUNCTION fail()`);
  await expect(Promise.all([record(), record()])).rejects.toThrow();
  await database.query('DROP TRIGGER fail ON access_event');
  await record();
  expect(await scene.newEvents()).toEqual(['proof_downloaded']);
});
