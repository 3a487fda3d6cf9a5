import { createHash, randomBytes } from 'node:crypto';
import { open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Hold } from '../../src/http/schemas/erasure.js';
import { AcceptedEvent } from '../../src/http/schemas/records.js';
import { Accepted, Problem } from '../../src/http/schemas/resources.js';
import { AskedSigning } from '../../src/http/schemas/signing.js';
import { createFolder, type TestFolder } from '../cli/invoke.js';
import { createLogger } from '../support/parts.js';
import { bearer, createKey, createOperator, createOrganization, createUser } from '../support/people.js';
import { query } from '../support/database.js';
import { firstEvent, newHolder, nextEvent, recordKey, type SentEvent } from '../support/records.js';
import { startService, type TestService } from '../support/service.js';
import { ask, send } from '../support/signing.js';
import { until } from '../support/until.js';

const KEY = '11'.repeat(32);
const CHUNK = 64 * 1024;
const QUOTA = 3_000_000;

const log = createLogger();
let folder: TestFolder;
let service: TestService;
let number: number;
/** Tokens by their holders; '' for anonymous callers. */
const token: Record<string, string> = { anonymous: '' };
beforeAll(async () => {
  folder = await createFolder();
  service = await startService({
    vault: { place: { kind: 'folder', path: folder.path }, keys: KEY, quota: QUOTA },
    logger: log.logger,
  });
  const own = await createOrganization(service, 'Own');
  number = own.number;
  for (const role of ['owner', 'notary', 'auditor'] as const)
    token[role] = (await createUser(service, own.id, role)).accessToken;
  token['second owner'] = (await createUser(service, own.id, 'owner')).accessToken;
  token['key'] = (await createKey(service, own.id)).secret;
  token['key that reads'] = (await createKey(service, own.id, ['read'])).secret;
  token['key that notarizes'] = (await createKey(service, own.id, ['notarize'])).secret;
  const other = await createOrganization(service, 'Other');
  token['stranger'] = (await createKey(service, other.id)).secret;
  token['operator'] = (await createOperator(service)).accessToken;
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const credentials = (who: string) => {
  const known = token[who] ?? expect.fail(who);
  return known === '' ? {} : bearer(known);
};

const get = (path: string, headers: Record<string, string> = {}, who = 'key', method = 'GET') =>
  fetch(service.url + path, { method, headers: { ...credentials(who), ...headers } });

const put = (
  bytes: Uint8Array<ArrayBuffer>,
  queryText = '?vault=keep&wait=sealed',
  who = 'key',
  at = service,
) =>
  fetch(`${at.url}/v1/notarizations${queryText}`, { method: 'PUT', headers: credentials(who), body: bytes });

async function codeOf(res: Response): Promise<string> {
  const { status, code } = Problem.parse(await res.json());
  expect(status).toBe(res.status);
  return code;
}

/** Keeps a document. @returns the path of the notarization */
async function keep(bytes: Uint8Array<ArrayBuffer>, who = 'key'): Promise<string> {
  const res = await put(bytes, undefined, who);
  expect(res.status).toBe(201);
  const [notarization] = Accepted.parse(await res.json()).notarizations;
  return `/v1/notarizations/${notarization?.id ?? expect.fail()}`;
}

const bytesOf = (size: number) => Uint8Array.from(randomBytes(size));
const body = async (res: Response) => Buffer.from(await res.arrayBuffer());

/** The files of the vault. */
async function objects(): Promise<string[]> {
  const found = await readdir(folder.path, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Resolves when everything that is due was removed. */
const removed = () =>
  until('the bytes to be removed', async () => (await service.store.vaultRemovals(null, 1)).length === 0);

/** What was made, and the one file that it has left. */
async function onlyNew<T>(work: () => Promise<T>): Promise<{ made: T; object: string }> {
  const before = new Set(await objects());
  const made = await work();
  await removed();
  const [object = expect.fail('no object'), ...others] = (await objects()).filter(
    (path) => !before.has(path),
  );
  expect(others).toEqual([]);
  return { made, object };
}

describe('a kept document', () => {
  const document = bytesOf(2 * CHUNK + 1000);
  const sha256 = createHash('sha256').update(document).digest();
  let path: string;
  let object: string;
  beforeAll(async () => {
    ({ made: path, object } = await onlyNew(() => keep(document)));
  });

  test('is given back as it was notarized, as a download', async () => {
    const res = await get(`${path}/document`);
    expect(res.status).toBe(200);
    expect(Object.fromEntries(res.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(document.length),
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-cache',
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
      'repr-digest': `sha-256=:${sha256.toString('base64')}:`,
      etag: `"${sha256.toString('hex')}"`,
    });
    expect(res.headers.get('content-disposition')).toMatch(/^attachment; filename="notarization-/);
    expect((await body(res)).equals(document)).toBe(true);
  });

  test('is encrypted in the folder, under a name that tells nothing of it', async () => {
    const stored = await readFile(object);
    expect(stored.length).toBe(document.length + 3 * 16);
    expect(stored.includes(Buffer.from(document.subarray(0, 16)))).toBe(false);
    expect(object).not.toContain(sha256.toString('hex').slice(0, 8));
  });

  test('is announced by HEAD, without its bytes', async () => {
    const res = await get(`${path}/document`, { range: 'bytes=0-1' }, 'key', 'HEAD');
    expect(res.status).toBe(200);
    expect(res.headers.get('content-length')).toBe(String(document.length));
    expect((await body(res)).length).toBe(0);
  });

  test.each([
    ['bytes=0-0', 0, 0],
    [`bytes=${CHUNK - 1}-${CHUNK}`, CHUNK - 1, CHUNK],
    ['bytes=131000-', 131_000, document.length - 1],
    ['bytes=-10', document.length - 10, document.length - 1],
    ['bytes=5-9999999', 5, document.length - 1],
    ['bytes=-9999999', 0, document.length - 1],
  ])('is given in the range %s', async (range, first, last) => {
    const res = await get(`${path}/document`, { range });
    expect(res.status).toBe(206);
    expect(res.headers.get('content-range')).toBe(`bytes ${first}-${last}/${document.length}`);
    expect((await body(res)).equals(document.subarray(first, last + 1))).toBe(true);
  });

  test.each(['bytes=0-1,5-6', 'lines=0-1', 'bytes=5-4', 'bytes=x'])(
    'is given whole for %s, which is no single range',
    async (range) => {
      const res = await get(`${path}/document`, { range });
      expect(res.status).toBe(200);
      expect((await body(res)).length).toBe(document.length);
    },
  );

  test('refuses a range behind its end, and says how long it is', async () => {
    for (const range of [`bytes=${document.length}-`, 'bytes=-0']) {
      const res = await get(`${path}/document`, { range });
      expect(res.headers.get('content-range')).toBe(`bytes */${document.length}`);
      expect(await codeOf(res)).toBe('range_not_satisfiable');
    }
  });

  test('is not sent again to who has it, and a range of another document is not sent', async () => {
    const etag = `"${sha256.toString('hex')}"`;
    expect(
      (await get(`${path}/document`, { 'if-none-match': etag, 'cache-control': 'max-age=0' })).status,
    ).toBe(304);
    expect((await get(`${path}/document`, { range: 'bytes=0-1', 'if-range': etag })).status).toBe(206);
    expect((await get(`${path}/document`, { range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200);
  });

  test.each([
    ['owner', 200],
    ['notary', 200],
    ['auditor', 200],
    ['key that reads', 200],
    ['key that notarizes', 404],
    ['stranger', 404],
    ['operator', 404],
    ['anonymous', 404],
  ])('answers %s with %i', async (who, status) => {
    const res = await get(`${path}/document`, {}, who);
    expect(res.status).toBe(status);
    if (status === 404) expect(await codeOf(res)).toBe('notarization_not_found');
    else await res.body?.cancel();
  });

  test('is recorded in the access log when it is downloaded', async () => {
    await (await get(`${path}/document`, {}, 'notary')).body?.cancel();
    await (await get(`${path}/document`, {}, 'notary')).body?.cancel();
    const position = path.split('/').at(-1)?.split('-')[0];
    const events = await query<{ person_id: string | null }>(
      service.databaseUrl,
      `SELECT person_id FROM access_event WHERE kind = 'document_downloaded' AND detail = '{"position":${position ?? ''}}'
         AND person_id IS NOT NULL`,
    );
    // The owner, the notary and the auditor, once a day each.
    expect(new Set(events.map(({ person_id: id }) => id)).size).toBe(events.length);
    expect(events.length).toBeGreaterThan(0);
  });
});

describe('keeping', () => {
  test('keeps each file of a form, with its own name', async () => {
    const files = ['first', 'second'].map((text) => new File([text], `${text}.txt`));
    const form = new FormData();
    for (const file of files) form.append('file', file);
    const res = await fetch(`${service.url}/v1/notarizations?vault=keep`, {
      ...{ method: 'POST', headers: credentials('notary'), body: form },
    });
    expect(res.status).toBe(201);
    for (const [i, { id }] of Accepted.parse(await res.json()).notarizations.entries()) {
      const kept = await get(`/v1/notarizations/${id}/document`);
      expect(kept.headers.get('content-disposition')).toBe(`attachment; filename="${files[i]?.name ?? ''}"`);
      expect((await body(kept)).toString()).toBe(await files[i]?.text());
    }
  });

  test('is refused to anonymous callers, for digests, and where there is no vault, before anything is notarized', async () => {
    const document = bytesOf(100);
    expect(await codeOf(await put(document, '?vault=keep', 'anonymous'))).toBe('unauthenticated');
    const digests = await fetch(`${service.url}/v1/notarizations?vault=keep`, {
      method: 'POST',
      headers: { ...credentials('key'), 'content-type': 'application/json' },
      body: JSON.stringify({ documents: [{ sha256: '00'.repeat(32) }] }),
    });
    expect(await codeOf(digests)).toBe('invalid_parameter');
    await using without = await startService({ beside: service, sealing: false });
    expect(await codeOf(await put(document, '?vault=keep', 'key', without))).toBe('no_vault');
    const found = await get(`/v1/verify/${createHash('sha256').update(document).digest('hex')}`);
    expect(await found.json()).toMatchObject({ notarizations: [] });
  });

  test('is not done unless it is asked for', async () => {
    const before = await objects();
    const res = await put(bytesOf(100), '?wait=sealed');
    const [notarization] = Accepted.parse(await res.json()).notarizations;
    expect(await codeOf(await get(`/v1/notarizations/${notarization?.id ?? ''}/document`))).toBe(
      'document_not_kept',
    );
    expect(await objects()).toEqual(before);
  });

  test('leaves nothing of an upload that is refused or breaks off', async () => {
    const before = await objects();
    expect(await codeOf(await put(new Uint8Array()))).toBe('empty_document');
    const form = new FormData();
    form.append('file', new File(['kept?'], 'a.txt'));
    form.append('details', '[]');
    const res = await fetch(`${service.url}/v1/notarizations?vault=keep`, {
      ...{ method: 'POST', headers: credentials('key'), body: form },
    });
    expect(await codeOf(res)).toBe('invalid_details');
    await removed();
    expect(await objects()).toEqual(before);
    expect(await query(service.databaseUrl, 'SELECT FROM vault_object WHERE size IS NULL')).toEqual([]);
  });

  test('repeated with the same Idempotency-Key keeps the document once', async () => {
    const document = bytesOf(100);
    const { made } = await onlyNew(async () => {
      const send = () =>
        fetch(`${service.url}/v1/notarizations?vault=keep`, {
          method: 'PUT',
          headers: { ...credentials('key'), 'idempotency-key': 'kept-once' },
          body: document,
        });
      const [first, second] = [await send(), await send()];
      expect(second.headers.get('idempotent-replayed')).toBe('true');
      return Accepted.parse(await first.json()).notarizations[0]?.id ?? '';
    });
    expect((await body(await get(`/v1/notarizations/${made}/document`))).equals(document)).toBe(true);
  });

  test('counts what a repeated request keeps for the first time', async () => {
    const document = bytesOf(QUOTA - (await service.store.vaultUse(number)) + 1);
    const send = (queryText: string) =>
      fetch(`${service.url}/v1/notarizations${queryText}`, {
        method: 'PUT',
        headers: { ...credentials('key'), 'idempotency-key': 'kept-later' },
        body: document,
      });
    const [notarization] = Accepted.parse(await (await send('')).json()).notarizations;
    const before = await objects();
    const repeated = await send('?vault=keep');
    expect(repeated.status).toBe(413);
    expect(await codeOf(repeated)).toBe('vault_full');
    await removed();
    expect(await objects()).toEqual(before);
    const path = `/v1/notarizations/${notarization?.id ?? ''}/document`;
    expect(await codeOf(await get(path))).toBe('document_not_kept');
  });

  test('ends at the quota of the organization, and erasing makes room', async () => {
    const used = await service.store.vaultUse(number);
    const document = bytesOf(QUOTA - used);
    const larger = bytesOf(document.length + 1);
    expect(await codeOf(await put(larger))).toBe('vault_full');
    const form = new FormData();
    form.append('file', new File([larger], 'a.txt'));
    const inForm = await fetch(`${service.url}/v1/notarizations?vault=keep`, {
      ...{ method: 'POST', headers: credentials('key'), body: form },
    });
    expect(await codeOf(inForm)).toBe('vault_full');
    const path = await keep(document);
    const before = await objects();
    expect(await codeOf(await put(bytesOf(1)))).toBe('vault_full');
    await removed();
    expect(await objects()).toEqual(before);
    // Another organization has a quota of its own.
    await keep(bytesOf(1), 'stranger');
    expect((await get(path, {}, 'owner', 'DELETE')).status).toBe(200);
    expect(await service.store.vaultUse(number)).toBe(used);
    await keep(bytesOf(1));
  });
});

describe('erasing', () => {
  test('destroys the key of the document, and removes its bytes', async () => {
    const { made: path, object } = await onlyNew(() => keep(bytesOf(1000)));
    const stored = await readFile(object);
    expect((await get(path, {}, 'owner', 'DELETE')).status).toBe(200);
    await removed();
    expect(await objects()).not.toContain(object);
    expect(await codeOf(await get(`${path}/document`))).toBe('erased');
    // Somebody puts the bytes back: there is no key for them.
    await writeFile(object, stored);
    expect(await codeOf(await get(`${path}/document`))).toBe('erased');
    const id = Buffer.from(object.split('/').at(-1) ?? '', 'hex');
    const rows = await query(
      service.databaseUrl,
      `SELECT FROM vault_object WHERE id = '\\x${id.toString('hex')}'`,
    );
    expect(rows).toEqual([]);
  });

  test('destroys the key also while the storage is away, and removes the bytes when it is back', async () => {
    const { made: path, object } = await onlyNew(() => keep(bytesOf(1000)));
    await using elsewhere = await createFolder();
    const away = elsewhere.at('away');
    await rename(folder.path, away);
    // What is in its place is no folder.
    await writeFile(folder.path, '');
    expect((await get(path, {}, 'owner', 'DELETE')).status).toBe(200);
    expect(await service.store.vaultRemovals(null, 10)).toHaveLength(1);
    await rm(folder.path);
    await rename(away, folder.path);
    expect(await objects()).toContain(object);
    await service.deps.vault?.discard([]);
    await removed();
    expect(await objects()).not.toContain(object);
  });

  test('keeps the bytes as long as another notarization needs them', async () => {
    const document = bytesOf(1000);
    const { made: first, object } = await onlyNew(() => keep(document));
    const before = await objects();
    const second = await keep(document, 'notary');
    await removed();
    expect(await objects()).toEqual(before);
    expect((await get(first, {}, 'owner', 'DELETE')).status).toBe(200);
    expect((await body(await get(`${second}/document`))).equals(document)).toBe(true);
    expect((await get(second, {}, 'owner', 'DELETE')).status).toBe(200);
    await removed();
    expect(await objects()).not.toContain(object);
  });

  test('does not share the bytes of two organizations', async () => {
    const document = bytesOf(1000);
    const own = await keep(document);
    await onlyNew(() => keep(document, 'stranger'));
    expect((await get(own, {}, 'owner', 'DELETE')).status).toBe(200);
  });

  test('is refused by a legal hold, and the document stays', async () => {
    const document = bytesOf(1000);
    const path = await keep(document);
    const hold = await fetch(`${service.url}/v1/holds`, {
      method: 'POST',
      headers: { ...credentials('owner'), 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'a lawsuit', notarizations: [path.split('/').at(-1)] }),
    });
    Hold.parse(await hold.json());
    expect(await codeOf(await get(path, {}, 'owner', 'DELETE'))).toBe('legal_hold');
    expect((await body(await get(`${path}/document`))).equals(document)).toBe(true);
  });
});

describe('a document whose bytes were changed', () => {
  async function change(object: string, at: number): Promise<void> {
    const file = await open(object, 'r+');
    await file.write(Buffer.of(0x5a, 0xa5), 0, 2, at);
    await file.close();
  }

  test('is refused, and the answer and the log name the chunk', async () => {
    const { made: path, object } = await onlyNew(() => keep(bytesOf(3 * CHUNK)));
    await change(object, CHUNK + 16 + 5);
    const res = await get(`${path}/document`, { range: `bytes=${CHUNK}-` });
    const problem = Problem.parse(await res.json());
    expect(problem).toMatchObject({ status: 500, code: 'document_damaged' });
    expect(problem.detail).toContain(`chunk 1 (bytes ${CHUNK} to ${2 * CHUNK - 1})`);
    expect(
      log.lines.some((line) => line.includes('a kept document cannot be read') && line.includes('chunk 1')),
    ).toBe(true);
    // The others are whole.
    expect((await get(`${path}/document`, { range: `bytes=${2 * CHUNK}-` })).status).toBe(206);
  });

  test('breaks off before the changed bytes when others came first', async () => {
    const { made: path, object } = await onlyNew(() => keep(bytesOf(3 * CHUNK)));
    await change(object, 2 * (CHUNK + 16) + 5);
    const res = await get(`${path}/document`);
    expect(res.status).toBe(200);
    await expect(res.arrayBuffer()).rejects.toThrow();
  });

  test('is lost when the storage no longer has it', async () => {
    const { made: path, object } = await onlyNew(() => keep(bytesOf(10)));
    await rename(object, `${object}.away`);
    const problem = Problem.parse(await (await get(`${path}/document`)).json());
    expect(problem).toMatchObject({
      code: 'document_damaged',
      detail: expect.stringContaining('lost') as string,
    });
    await rename(`${object}.away`, object);
  });
});

test('a service with another key says that the key is missing, and keeps and shows new documents', async () => {
  const path = await keep(bytesOf(10));
  const place = { kind: 'folder', path: folder.path } as const;
  await using other = await startService({
    beside: service,
    sealing: false,
    vault: { place, keys: '22'.repeat(32), quota: null },
    logger: log.logger,
  });
  const res = await fetch(`${other.url}${path}/document`, { headers: credentials('key') });
  expect(await codeOf(res)).toBe('vault_key_missing');
  expect(log.lines.some((line) => line.includes('under keys that INGAM_VAULT_KEY does not have'))).toBe(true);
});

describe('the document of a contract', () => {
  const [alice, bob, carol] = ['alice.example', 'bob.example', 'carol.example'].map((name) =>
    newHolder(name),
  ) as [ReturnType<typeof newHolder>, ReturnType<typeof newHolder>, ReturnType<typeof newHolder>];

  const termsOf = (document: Uint8Array) => ({
    title: 'Lease',
    document: { sha256: createHash('sha256').update(document).digest('hex') },
    parties: [{ name: 'Bob', key: bob.text, order: 1 }],
  });

  async function submit(event: SentEvent, path: string, who: string) {
    const res = await fetch(`${service.url}${path}?wait=sealed`, {
      method: 'POST',
      headers: { ...credentials(who), 'content-type': 'application/json' },
      body: JSON.stringify(event),
    });
    expect(res.status).toBe(201);
    return AcceptedEvent.parse(await res.json());
  }

  async function propose(document: Uint8Array, who: string): Promise<string> {
    const terms = { ...termsOf(document), holder: alice.text };
    return (await submit(firstEvent('contract.propose', terms, [alice]), '/v1/records', who)).record;
  }

  test('is shown to its parties and its organization, and to nobody else', async () => {
    const document = bytesOf(1000);
    await keep(document);
    const record = await propose(document, 'key');
    const path = `/v1/records/${record}/document`;
    for (const signer of [alice, bob]) {
      const res = await get(path, { 'ingam-record-key': recordKey(record, signer) }, 'anonymous');
      expect(res.status).toBe(200);
      expect((await body(res)).equals(document)).toBe(true);
    }
    expect((await get(path, {}, 'auditor')).status).toBe(200);
    const byCarol = await get(path, { 'ingam-record-key': recordKey(record, carol) }, 'anonymous');
    expect(await codeOf(byCarol)).toBe('unknown_record');
    for (const who of ['stranger', 'operator', 'anonymous', 'key that notarizes'])
      expect(await codeOf(await get(path, {}, who)), who).toBe('unknown_record');
  });

  test('is that of new terms, from the vault of whoever has submitted them', async () => {
    const [first, second] = [bytesOf(1000), bytesOf(1000)];
    for (const each of [first, second]) await keep(each);
    const proposed = await submit(
      firstEvent('contract.propose', { ...termsOf(first), holder: alice.text }, [alice]),
      '/v1/records',
      'key',
    );
    const { record } = proposed;
    const read = () =>
      get(`/v1/records/${record}/document`, { 'ingam-record-key': recordKey(record, bob) }, 'anonymous');
    // The holder knows the digest of another kept document, and has no account of the organization.
    const events = `/v1/records/${record}/events`;
    const byAlice = nextEvent(proposed, 'contract.amend', termsOf(second), [alice]);
    const amended = await submit(byAlice, events, 'stranger');
    expect(await codeOf(await read())).toBe('document_not_kept');
    await submit(
      nextEvent(amended, 'contract.amend', { ...termsOf(second), quorum: 1 }, [alice]),
      events,
      'key',
    );
    expect((await body(await read())).equals(second)).toBe(true);
  });

  test('is not shown for terms that a key has submitted which may not read, before its own organization', async () => {
    const document = bytesOf(1000);
    await keep(document, 'key that notarizes');
    const record = await propose(document, 'key that notarizes');
    const headers = { 'ingam-record-key': recordKey(record, alice) };
    for (const [who, given] of [
      ['key that notarizes', headers],
      ['anonymous', headers],
      ['owner', {}],
    ] as const)
      expect(await codeOf(await get(`/v1/records/${record}/document`, given, who))).toBe('document_not_kept');
    const shown = await propose(document, 'owner');
    expect((await get(`/v1/records/${shown}/document`, {}, 'auditor')).status).toBe(200);
  });

  test('is not taken from the vault of an organization that did not propose the contract', async () => {
    const document = bytesOf(1000);
    await keep(document);
    const record = await propose(document, 'stranger');
    const path = `/v1/records/${record}/document`;
    expect(await codeOf(await get(path, {}, 'stranger'))).toBe('document_not_kept');
    const headers = { 'ingam-record-key': recordKey(record, alice) };
    expect(await codeOf(await get(path, headers, 'anonymous'))).toBe('document_not_kept');
  });
});

describe('the document of a request to sign', () => {
  const read = (linkToken: string) =>
    fetch(`${service.url}/v1/signing/document`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: linkToken }),
    });
  const open = async (linkToken: string) =>
    AskedSigning.parse((await send(service, 'POST', '/v1/signing/open', { token: linkToken })).body);
  const asking = (document: Uint8Array, who: string) =>
    ask(service, token[who] ?? '', 'Kim', {
      document: { sha256: createHash('sha256').update(document).digest('hex'), name: '임대차.pdf' },
    });

  test('is given to whoever holds the link, as long as they can answer', async () => {
    const document = bytesOf(1000);
    await keep(document);
    const asked = await asking(document, 'key');
    expect((await open(asked.token)).document?.kept).toBe(true);
    const res = await read(asked.token);
    expect(res.status).toBe(200);
    expect(res.headers.get('content-type')).toBe('application/octet-stream');
    expect(res.headers.get('content-disposition')).toContain("filename*=UTF-8''");
    expect((await body(res)).equals(document)).toBe(true);
    expect(await codeOf(await read('ig_unknown'))).toBe('invalid_signing_link');
    const withdrawal = `/v1/signing-requests/${asked.id}/withdrawal`;
    expect((await send(service, 'POST', withdrawal, undefined, token['key'])).status).toBe(204);
    expect((await open(asked.token)).document?.kept).toBe(false);
    expect(await codeOf(await read(asked.token))).toBe('signing_request_closed');
  });

  test.each(['stranger', 'key that notarizes'])('is not taken from the vault for %s', async (who) => {
    const document = bytesOf(1000);
    await keep(document);
    const asked = await asking(document, who);
    expect((await open(asked.token)).document?.kept).toBe(false);
    expect(await codeOf(await read(asked.token))).toBe('document_not_kept');
  });
});
