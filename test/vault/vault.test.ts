import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { audit } from '../../src/audit/audit.js';
import { Background } from '../../src/background/index.js';
import { ErasureKeys } from '../../src/crypto/erasure-keys.js';
import { hashDocument, type NewDocument } from '../../src/intake/index.js';
import { ErasureKeyFile } from '../../src/store/index.js';
import { FolderStorage, Vault, VaultKeys } from '../../src/vault/index.js';
import { createFolder, type TestFolder } from '../cli/invoke.js';
import { query } from '../support/database.js';
import { createLogger } from '../support/parts.js';
import { createOrganization } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

const HOUR = 3_600_000;
const FIRST = '11'.repeat(32);
const SECOND = '22'.repeat(32);

let folder: TestFolder;
let service: TestService;
let number: number;
let organizationId: string;
beforeAll(async () => {
  folder = await createFolder();
  service = await startService();
  ({ number, id: organizationId } = await createOrganization(service));
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

type Options = ConstructorParameters<typeof Vault>[0];

function vaultWith(keys: string, options: Partial<Options> = {}) {
  const log = createLogger();
  const vault = new Vault({
    store: service.store,
    storage: new FolderStorage(folder.path),
    keys: VaultKeys.parse(keys),
    ...{
      erasureKeys: null,
      quota: null,
      tendMs: 50,
      log: log.logger,
      background: new Background(log.logger),
    },
    ...options,
  });
  return { vault, lines: log.lines };
}

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

const write = (vault: Vault, bytes: Uint8Array) =>
  vault.write(number, { atLeast: 0, atMost: null }, (consume) => hashDocument(piecesOf(bytes), { consume }));

/** Writes, notarizes and keeps a document. @returns its position */
async function keep(vault: Vault, bytes: Uint8Array): Promise<number> {
  const { object, ...document } = await write(vault, bytes);
  const position = await notarize({ ...document, details: null });
  await vault.keep([{ position, object }], number);
  return position;
}

async function notarize(document: NewDocument): Promise<number> {
  const { firstPosition } = await service.deps.intake.accept({
    documents: [document],
    submitter: { organizationId, organizationNumber: number, actor: 'key:key_1' },
    ...{ idempotencyKey: null, quota: null },
  });
  return firstPosition;
}

async function read(vault: Vault, position: number): Promise<Buffer> {
  const kept = (await vault.ofNotarization(position)) ?? expect.fail('not kept');
  const parts: Uint8Array[] = [];
  for await (const part of kept.read({ first: 0, last: kept.size - 1 })) parts.push(part);
  return Buffer.concat(parts);
}

const files = async () =>
  (await readdir(folder.path, { recursive: true })).filter((name) => /[0-9a-f]{32}/.test(name));

test('what an interrupted upload has left is removed an hour after its last sign of life, and no sooner', async () => {
  const { vault } = vaultWith(FIRST);
  const before = await files();
  const written = await write(vault, randomBytes(10));
  // One that was killed while it wrote.
  const cut = Uint8Array.from(randomBytes(16));
  await service.store.beginVaultObject(cut, number, Date.now());
  await writeFile(folder.at(`${Buffer.from(cut).toString('hex')}.unfinished`), 'half');
  const kept = await keep(vault, randomBytes(10));
  const rest = async () => (await files()).filter((name) => !before.includes(name)).length;
  expect(await rest()).toBe(3);
  expect(await service.store.dropAbandonedObjects(Date.now() - HOUR, 100)).toBe(0);
  const later = vaultWith(FIRST, { clock: () => Date.now() + HOUR + 1000 }).vault;
  await later.start();
  await until('the interrupted uploads to be removed', async () => (await rest()) === 1);
  await later.close();
  expect(await read(vault, kept)).toHaveLength(10);
  // The one that was late is told so.
  const position = await notarize({ sha256: written.sha256, size: 10, details: null });
  await expect(vault.keep([{ position, object: written.object }], number)).rejects.toMatchObject({
    code: 'expired',
  });
});

test('an object that cannot be removed does not keep the others', async () => {
  const { vault, lines } = vaultWith(FIRST);
  const ids = Array.from({ length: 5 }, (_, i) => Uint8Array.of(...new Array<number>(15).fill(0), i));
  const pathOf = (id: Uint8Array) => folder.at(`00/${Buffer.from(id).toString('hex')}`);
  await mkdir(folder.at('00'), { recursive: true });
  // A folder is no file that can be removed. Four in a row: after three, the storage may be away.
  for (const [i, id] of ids.entries()) {
    if (i < 4) await mkdir(pathOf(id));
    else await writeFile(pathOf(id), '');
  }
  await vault.discard(ids);
  await until('what can be removed to be removed', async () => {
    vault.remove();
    return (await service.store.vaultRemovals(null, 10)).length === 4;
  });
  expect(lines.filter((line) => line.includes('removing kept documents stalled'))).toHaveLength(1);
  for (const id of ids.slice(0, 4)) await rm(pathOf(id), { recursive: true });
  await until('the others to be removed', async () => {
    vault.remove();
    return (await service.store.vaultRemovals(null, 1)).length === 0;
  });
});

test('bytes that are written after their removal was due are removed, too', async () => {
  const before = await files();
  const { vault } = vaultWith(FIRST);
  async function* slow(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(randomBytes(10));
    // The process had stood still, and another one has removed what seemed to be abandoned.
    await service.store.dropAbandonedObjects(Date.now() + HOUR, 100);
    const removals = await service.store.vaultRemovals(null, 100);
    await service.store.forgetVaultObjects(removals);
  }
  const late = vault.write(number, { atLeast: 0, atMost: null }, (consume) =>
    hashDocument(slow(), { consume }),
  );
  await expect(late).rejects.toMatchObject({ code: 'expired' });
  await until('its bytes to be removed', async () => (await files()).length === before.length);
});

test('a new key takes over the documents of the former one, which can be taken out then', async () => {
  const document = randomBytes(100);
  const { vault } = vaultWith(FIRST);
  const position = await keep(vault, document);
  const { vault: lacking, lines } = vaultWith(SECOND);
  await lacking.start();
  await lacking.close();
  expect(lines.some((line) => line.includes('INGAM_VAULT_KEY does not have'))).toBe(true);
  await expect(lacking.ofNotarization(position)).rejects.toMatchObject({ code: 'key_missing' });
  // Another one, whose key somebody has changed, does not keep it from that.
  const changed = await keep(vault, randomBytes(100));
  const changedId = Buffer.from((await service.store.keptDocument(changed))?.id ?? []).toString('hex');
  const [row] = await query<{ wrapped_key: string }>(
    service.databaseUrl,
    `UPDATE vault_object SET wrapped_key = reverse(wrapped_key) WHERE id = '\\x${changedId}' RETURNING wrapped_key`,
  );
  const { vault: rotating, lines: said } = vaultWith(`${SECOND} ${FIRST}`);
  await rotating.start();
  await until('the others to be under the new key', async () => {
    const [{ count } = { count: null }] = await query<{ count: string }>(
      service.databaseUrl,
      `SELECT count(*) FROM vault_object WHERE wrapped_by <> '${VaultKeys.parse(SECOND).current}'`,
    );
    return count === '1' && said.some((line) => line.includes('is not the one of this document'));
  });
  await query(
    service.databaseUrl,
    `UPDATE vault_object SET wrapped_key = reverse('${row?.wrapped_key ?? ''}') WHERE id = '\\x${changedId}'`,
  );
  await until('the keys to be under the new key', async () => {
    const keys = await service.store.vaultKeys();
    return keys.join() === VaultKeys.parse(SECOND).current;
  });
  await rotating.close();
  const { vault: rotated, lines: after } = vaultWith(SECOND);
  await rotated.start();
  await rotated.close();
  expect(after).toEqual([]);
  expect((await read(rotated, position)).equals(document)).toBe(true);
  await expect(vault.ofNotarization(position)).rejects.toMatchObject({ code: 'key_missing' });
});

test('the audit names what does not fit, and reads all documents again when it is asked to', async () => {
  const { vault } = vaultWith(SECOND);
  const [whole, changed, lost, shared, elsewhere] = [
    await keep(vault, randomBytes(10)),
    await keep(vault, randomBytes(200_000)),
    await keep(vault, randomBytes(10)),
    await keep(vault, randomBytes(10)),
    await keep(vault, randomBytes(10)),
  ];
  const idOf = async (position: number) =>
    Buffer.from((await service.store.keptDocument(position))?.id ?? []).toString('hex');
  const audited = async (bytes: boolean) => {
    const kept = bytes ? { store: service.store, vault } : null;
    const { database } = await audit({ store: service.store, logKey: null, kept });
    return {
      notes: database.notes.filter(({ about }) => about === 'kept documents').map(({ message }) => message),
      findings: database.findings
        .filter(({ table }) => table === 'kept_document' || table === 'vault_object')
        .map(({ table, key, problem, message }) => [table, key['position'] ?? key['id'], problem, message]),
    };
  };
  const sound = await audited(true);
  expect(sound.findings).toEqual([]);
  expect(sound.notes).toEqual([expect.stringMatching(/^[0-9]+ with [0-9]+ bytes were read again/)]);
  const [changedId, lostId] = [await idOf(changed), await idOf(lost)];
  const file = await open(folder.at(`${changedId.slice(0, 2)}/${changedId}`), 'r+');
  await file.write(Buffer.of(0xa5, 0x5a), 0, 2, 100_000);
  await file.close();
  await rm(folder.at(`${lostId.slice(0, 2)}/${lostId}`));
  const bytes = await audited(true);
  expect(bytes.findings).toEqual(
    expect.arrayContaining([
      [
        'vault_object',
        changedId,
        'vault_mismatch',
        expect.stringContaining('chunk 1 (bytes 65536 to 131071)'),
      ],
      ['vault_object', lostId, 'vault_mismatch', expect.stringContaining('does not have the document')],
    ]),
  );
  expect(bytes.findings).toHaveLength(2);
  expect((await audited(false)).findings).toEqual([]);
  const wholeId = await idOf(whole);
  await query(service.databaseUrl, `UPDATE vault_object SET size = 11 WHERE id = '\\x${wholeId}'`);
  await query(
    service.databaseUrl,
    `UPDATE kept_document SET object = '\\x${lostId}' WHERE position = ${shared}`,
  );
  await query(
    service.databaseUrl,
    `UPDATE vault_object SET organization_number = 99 WHERE id = '\\x${await idOf(elsewhere)}'`,
  );
  await query(service.databaseUrl, `INSERT INTO vault_removal VALUES ('\\x${changedId}')`);
  const rows = await audited(false);
  expect(rows.findings.map(([, position, problem]) => [Number(position), problem])).toEqual(
    [whole, changed, shared, elsewhere]
      .toSorted((a, b) => a - b)
      .map((position) => [position, 'vault_mismatch']),
  );
  expect(rows.notes).toEqual([expect.stringContaining('1 whose keys are destroyed')]);
});

test('under a data key, a backup of the database does not open an erased document, with the key of the vault', async () => {
  const path = folder.at('data.keys');
  await writeFile(path, ErasureKeys.create(Date.now()).format(), { mode: 0o600 });
  const erasureKeys = await ErasureKeyFile.open(path);
  const { vault } = vaultWith(SECOND, { erasureKeys });
  const document = randomBytes(100);
  const position = await keep(vault, document);
  expect((await read(vault, position)).equals(document)).toBe(true);
  const backup = (await service.store.keptDocument(position)) ?? expect.fail();
  const [row] = await query<{ wrapped_key: string }>(
    service.databaseUrl,
    `SELECT wrapped_key FROM vault_object WHERE id = '\\x${Buffer.from(backup.id).toString('hex')}'`,
  );
  expect(row?.wrapped_key.startsWith('~')).toBe(true);
  await service.deps.notarizations.whenSealed(position, new AbortController().signal);
  await query(service.databaseUrl, `SELECT erase_notarization(${position})`);
  expect(await vault.ofNotarization(position)).toBeNull();
  await service.store.destroyErasureKeys((references) =>
    erasureKeys.change((keys) => keys.without(references)),
  );
  expect(erasureKeys.keys.open(backup.key.wrapped)).toBeNull();
  vault.remove();
  await until(
    'the bytes to be removed',
    async () => (await service.store.vaultRemovals(null, 1)).length === 0,
  );
});
