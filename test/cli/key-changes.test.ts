import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, expect, test } from 'vitest';
import { generateSecret } from '../../src/crypto/secrets.js';
import { startBuilt } from '../support/built.js';
import { LocalNode } from '../support/node-process.js';
import { type Invocation, invoke } from './invoke.js';

const cleanUp: (() => PromiseLike<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

interface Scene {
  readonly service: LocalNode;
  readonly ingam: (...argv: string[]) => Promise<Invocation>;
  readonly keyFile: (name: string) => string;
  /** Submits a document for the organization, and waits for its seal. */
  readonly submit: (text: string) => Promise<void>;
}

/** A running service with an organization that has submitted a document. */
async function start(): Promise<Scene> {
  const service = await LocalNode.create(
    cleanUp,
    { INGAM_WORKERS: '1', INGAM_MINING_TARGET_MS: '0', INGAM_SEAL_INTERVAL_MS: '200' },
    // The audit checks the tables of their owner.
    { ownsTables: true },
  );
  await service.start(['serve']);
  const ingam = (...argv: string[]) => invoke(argv, { cwd: service.folder.path, env: service.env });
  const organization = JSON.parse((await ingam('organization', 'create', 'Kim', '--json')).stdout) as {
    id: string;
  };
  const { secret } = JSON.parse(
    (await ingam('key', 'create', '--organization', organization.id, '--name', 'k', '--json')).stdout,
  ) as { secret: string };
  const submit = async (text: string) => {
    const response = await fetch(`${service.url}/v1/notarizations?wait=sealed`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', authorization: `Bearer ${secret}` },
      body: text,
    });
    expect(response.status).toBe(201);
  };
  await submit('one');
  return { service, ingam, keyFile: (name) => service.folder.at('data', 'keys', name), submit };
}

async function restart({ service }: Scene): Promise<void> {
  await service.stop();
  await service.start(['serve']);
}

/** In a process of its own, until the next restart. @returns what it logs at its start */
async function restartBuilt({ service }: Scene): Promise<readonly string[]> {
  await service.stop();
  const node = await startBuilt(['serve'], { cwd: service.folder.path, env: service.env });
  cleanUp.push(() => node.kill());
  service.board.connectTo(node.url);
  return node.stderr;
}

/** What the audit finds beside the chain. */
async function found({
  ingam,
}: Scene): Promise<{ sound: boolean; messages: string[]; notChecked: string[] }> {
  const { stdout } = await ingam('audit', '--json');
  const { sound, findingCount, database } = JSON.parse(stdout) as {
    sound: boolean;
    findingCount: number;
    database: { findings: { message: string }[]; notChecked: { about: string }[] };
  };
  expect(findingCount).toBe(0);
  return {
    sound,
    messages: database.findings.map(({ message }) => message),
    notChecked: database.notChecked.map(({ about }) => about),
  };
}

test('after a change of the receipt key, the audit still knows who wrote the older rows', async () => {
  const scene = await start();
  const { ingam, keyFile, submit } = scene;
  const made = await ingam('keygen', '--name', 'new/receipt', '--kind', 'receipt', '--out', 'new.key');
  expect(made.code).toBe(0);
  const [added, old] = await Promise.all([
    readFile(scene.service.folder.at('new.key'), 'utf8'),
    readFile(keyFile('receipt.key'), 'utf8'),
  ]);
  // As docs/receipts.md tells: the new key in front of the old one, and later alone.
  await writeFile(keyFile('receipt.key'), added + old);
  await restart(scene);
  await submit('two');
  await writeFile(keyFile('receipt.key'), added);
  expect(await restartBuilt(scene)).toEqual([]);
  await submit('three');
  expect(await found(scene)).toEqual({ sound: true, messages: [], notChecked: [] });
});

test('a replaced secret vouches for its rows as long as it is kept behind the present one', async () => {
  const scene = await start();
  const { keyFile, submit } = scene;
  const old = await readFile(keyFile('service.secret'), 'utf8');
  const added = `${generateSecret()}\n`;
  await writeFile(keyFile('service.secret'), added + old);
  await restart(scene);
  await submit('two');
  expect(await found(scene)).toMatchObject({ sound: true, messages: [] });

  // Lost: the service goes on, says so at its start, and the audit no longer vouches for what it cannot check.
  await writeFile(keyFile('service.secret'), `${generateSecret()}\n`);
  const said = await restartBuilt(scene);
  expect(said.join('\n')).toContain('was written with another service secret');
  await submit('three');
  const lost = await found(scene);
  expect(lost.sound).toBe(false);
  for (const message of lost.messages) expect(message).toContain('with another secret than those given');
  expect(
    lost.messages.filter((message) => message.startsWith('The register row from position')),
  ).toHaveLength(2);

  // Found again: its rows count as before, and so do those that were written in the meantime.
  await writeFile(
    keyFile('service.secret'),
    added + old + (await readFile(keyFile('service.secret'), 'utf8')),
  );
  await restart(scene);
  expect(await found(scene)).toMatchObject({ sound: true, messages: [] });
});
