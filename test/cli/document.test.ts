import { createHash, randomBytes } from 'node:crypto';
import { open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKey, createOrganization } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';
import { createFolder, invoke, type TestFolder } from './invoke.js';
import { createRelay } from './relay.js';

let vault: TestFolder;
let folder: TestFolder;
let service: TestService;
let key: string;
beforeAll(async () => {
  vault = await createFolder();
  folder = await createFolder();
  const place = { kind: 'folder', path: vault.path } as const;
  service = await startService({ vault: { place, keys: '11'.repeat(32), quota: null } });
  key = (await createKey(service, (await createOrganization(service)).id)).secret;
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
  await vault[Symbol.asyncDispose]();
});

const ingam = (argv: string[], env: Record<string, string> = {}) =>
  invoke(argv, {
    cwd: folder.path,
    env: { INGAM_SERVER: service.url, INGAM_KEY: key, XDG_CONFIG_HOME: folder.at('config'), ...env },
  });

interface Kept {
  readonly id: string;
  readonly bytes: Buffer;
}

async function keep(name: string, size: number): Promise<Kept> {
  const bytes = randomBytes(size);
  await writeFile(folder.at(name), bytes);
  const { code, stdout } = await ingam(['notarize', name, '--keep', '--names', '--json']);
  expect(code).toBe(0);
  const { documents } = JSON.parse(stdout) as { documents: { id: string }[] };
  return { id: documents[0]?.id ?? expect.fail(), bytes };
}

test('--keep has the service keep a document, and document gets it back under its name', async () => {
  const { id, bytes } = await keep('contract.pdf', 100_000);
  const { code, stderr } = await ingam(['document', id]);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: 'ingam: contract.pdf exists; it was not changed\nUse --force to replace it.\n',
  });
  await writeFile(folder.at('contract.pdf'), 'changed');
  const forced = await ingam(['document', id, '--force']);
  expect({ code: forced.code, stdout: forced.stdout }).toEqual({ code: 0, stdout: 'contract.pdf\n' });
  expect((await readFile(folder.at('contract.pdf'))).equals(bytes)).toBe(true);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const byDigest = await ingam(['document', sha256, '--out', 'copy.pdf', '--json']);
  expect(JSON.parse(byDigest.stdout)).toEqual({ id, sha256, size: 100_000, document: folder.at('copy.pdf') });
  expect((await readFile(folder.at('copy.pdf'))).equals(bytes)).toBe(true);
});

test('a document that is not kept is not found, in both languages', async () => {
  await writeFile(folder.at('plain.txt'), 'plain');
  const { stdout } = await ingam(['notarize', 'plain.txt', '--json']);
  const { documents } = JSON.parse(stdout) as { documents: { id: string }[] };
  const id = documents[0]?.id ?? '';
  const missing = await ingam(['document', id]);
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain('The vault has no document of this notarization.');
  expect((await ingam(['document', id, '--lang', 'ko'])).stderr).toContain('보관하지 않은 문서입니다');
});

test('a damaged document is not saved, and the message names the chunk', async () => {
  const before = new Set(await readdir(vault.path, { recursive: true }));
  const { id } = await keep('damaged.bin', 200_000);
  const object = (await readdir(vault.path, { recursive: true })).find(
    (name) => !before.has(name) && /[0-9a-f]{32}$/.test(name),
  );
  const file = await open(join(vault.path, object ?? expect.fail()), 'r+');
  await file.write(Buffer.of(1, 2, 3), 0, 3, 140_000);
  await file.close();
  const { code, stderr } = await ingam(['document', id, '--out', 'saved.bin']);
  expect(code).toBe(1);
  expect(stderr).toContain('chunk 2 (bytes 131072 to 196607)');
  expect(
    (await readdir(folder.path)).filter((name) => name.includes('saved') || name.endsWith('.tmp')),
  ).toEqual([]);
});

test('a download goes on where the connection broke', async () => {
  const { id, bytes } = await keep('large.bin', 3_000_000);
  let cuts = 0;
  await using relay = await createRelay(service.url, (line) =>
    line.endsWith('/document') && cuts++ < 2 ? 'halve-answer' : 'pass',
  );
  const { code } = await ingam(['document', id, '--out', 'whole.bin'], { INGAM_SERVER: relay.url });
  expect(code).toBe(0);
  expect(cuts).toBe(3);
  expect((await readFile(folder.at('whole.bin'))).equals(bytes)).toBe(true);
});
