import { cp, mkdir } from 'node:fs/promises';
import { afterEach, expect, test } from 'vitest';
import { generateKey } from '../../src/crypto/keys.js';
import { generateSecret } from '../../src/crypto/secrets.js';
import { startBuilt, StartError } from '../support/built.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { startMember, untilCosigned } from '../support/member.js';
import { startHere } from '../support/in-process.js';
import { type CleanUp, LocalNode, notarize } from '../support/node-process.js';

/*
 * A second service with the same keys on an older copy of the database, as after a failover or a restored
 * backup, with an empty data directory.
 */

const cleanUp: CleanUp = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

interface Scene {
  readonly first: LocalNode;
  readonly keys: Readonly<Record<string, string>>;
  readonly vkey: ReturnType<typeof generateKey>['key'];
  /** The database as it was before the last two blocks. */
  readonly older: TestDatabase;
}

/** A service that has sealed three blocks, and still runs. */
async function prepare(env: Readonly<Record<string, string>> = {}): Promise<Scene> {
  const log = generateKey('notary.example/log');
  const keys = {
    INGAM_LOG_KEY: log.text,
    INGAM_RECEIPT_KEY: generateKey('notary.example/log/receipt').text,
    INGAM_SECRET: generateSecret(),
    INGAM_WORKERS: '1',
    INGAM_MINING_TARGET_MS: '0',
    INGAM_SEAL_INTERVAL_MS: '200',
  };
  const first = await LocalNode.create(cleanUp, { ...keys, ...env });
  await first.start(['serve']);
  await notarize(first.url, 'one');
  await first.stop();
  const older = await createDatabase({ copyOf: first.env['DATABASE_URL'] ?? '' });
  cleanUp.push(() => older.drop());
  await first.start(['serve']);
  await notarize(first.url, 'two');
  await notarize(first.url, 'three');
  return { first, keys, vkey: log.key, older };
}

/** Starts the second service. @returns what it says; null: it serves */
async function second(
  { first, keys, older }: Scene,
  env: Readonly<Record<string, string>>,
): Promise<string | null> {
  const name = `second-${Math.random().toString(36).slice(2)}`;
  await mkdir(first.folder.at(name));
  // Several processes are processes.
  const start = env['INGAM_WORKERS'] === undefined ? startHere : startBuilt;
  try {
    const node = await start(['serve'], {
      cwd: first.folder.path,
      env: { ...keys, DATABASE_URL: older.url, INGAM_DATA_DIR: first.folder.at(name), ...env },
    });
    cleanUp.push(() => node.kill());
    return null;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return error.stderr;
  }
}

const TOLD = { INGAM_SEAL_WITHOUT_KEPT_CHECKPOINT: 'on' };

test('does not start on blocks without a kept checkpoint, and says what to do', async () => {
  const scene = await prepare();
  const said = await second(scene, {});
  expect(said).toContain('the database has 1 blocks');
  expect(said).toContain('does not exist');
  expect(said).toContain('Copy this file from another instance');
  expect(said).toContain('INGAM_SEAL_WITHOUT_KEPT_CHECKPOINT=on');
  // The checkpoint file of the first service tells it, without any setting.
  await mkdir(scene.first.folder.at('copied'));
  await cp(scene.first.folder.at('data', 'checkpoint'), scene.first.folder.at('copied', 'checkpoint'));
  expect(await second(scene, { INGAM_DATA_DIR: scene.first.folder.at('copied') })).toContain(
    'the database holds 1 blocks, but a checkpoint over 3 was signed',
  );
});

test('does not start when told to, while the service’s own address knows better', async () => {
  const scene = await prepare();
  const said = await second(scene, { ...TOLD, INGAM_PUBLIC_URL: scene.first.url });
  expect(said).toContain('the database holds 1 blocks, but a checkpoint over 3 was signed');
  expect(said).toContain(`It is published by ${scene.first.url}/.`);
  // With several processes, one of them asks for all.
  const workers = await second(scene, { ...TOLD, INGAM_PUBLIC_URL: scene.first.url, INGAM_WORKERS: '2' });
  expect(workers).toContain('a checkpoint over 3 was signed');
});

test('does not start when told to, while a member knows better and the first service is gone', async () => {
  const scene = await prepare();
  await using member = await startMember({ upstream: scene.first.url, upstreamKey: scene.vkey });
  await scene.first.stop();
  const policy = `${member.line('kim')}\nquorum kim\n`;
  // The member cosigns what the first service asks it to.
  const again = await startHere(['serve'], {
    cwd: scene.first.folder.path,
    env: { ...scene.first.env, INGAM_MEMBERS: policy },
  });
  scene.first.board.connectTo(again.url);
  await untilCosigned(member, 3);
  await again.kill();
  const said = await second(scene, { ...TOLD, INGAM_MEMBERS: policy });
  expect(said).toContain('the database holds 1 blocks, but a checkpoint over 3 was signed');
  expect(said).toContain('It is published by the member kim.');
});

test('starts beside a running service on the same database when told to', async () => {
  const scene = await prepare();
  const same = { ...scene, older: { ...scene.older, url: scene.first.env['DATABASE_URL'] ?? '' } };
  expect(await second(same, { ...TOLD, INGAM_PUBLIC_URL: scene.first.url })).toBeNull();
});
