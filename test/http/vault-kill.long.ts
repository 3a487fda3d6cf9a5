import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { Accepted } from '../../src/http/schemas/resources.js';
import { createFolder } from '../cli/invoke.js';
import { startBuilt } from '../support/built.js';
import { createDatabase, query } from '../support/database.js';
import { LOG_KEY, RECEIPT_KEY, SECRET } from '../support/parts.js';
import { bearer, createKey, createOrganization } from '../support/people.js';
import { startService } from '../support/service.js';
import { until } from '../support/until.js';

const KILLS = 8;

test('a service killed with -9 while it keeps documents loses none that it has acknowledged, and leaves no bytes of the others', async () => {
  await using database = await createDatabase();
  let key: string;
  {
    await using service = await startService({ databaseUrl: database.url });
    key = (await createKey(service, (await createOrganization(service)).id)).secret;
  }
  await using data = await createFolder();
  await using folder = await createFolder();
  const start = () =>
    startBuilt(['serve'], {
      env: {
        ...{ DATABASE_URL: database.url, INGAM_DATA_DIR: data.path, HOME: data.path, INGAM_WORKERS: '1' },
        ...{ INGAM_LOG_KEY: LOG_KEY.text, INGAM_RECEIPT_KEY: RECEIPT_KEY.text, INGAM_SECRET: SECRET },
        ...{ INGAM_VAULT: folder.path, INGAM_VAULT_KEY: '11'.repeat(32) },
        INGAM_SEAL_WITHOUT_KEPT_CHECKPOINT: 'on',
      },
    });
  const acknowledged = new Map<string, string>();
  let broken = 0;
  const files = async () =>
    (await readdir(folder.path, { recursive: true })).filter((name) => /[0-9a-f]{32}/.test(name));
  for (let round = 0; round < KILLS; round++) {
    await using service = await start();
    const before = acknowledged.size;
    const killing = new AbortController();
    const isKilled = () => killing.signal.aborted;
    // Several at once, of many lengths: some are at each of their steps when the process ends.
    const uploading = Array.from({ length: 6 }, async (_, i) => {
      for (let n = 0; !isKilled(); n++) {
        const document = Uint8Array.from(randomBytes(1 + ((n * 6 + i) % 20) * 300_000));
        try {
          const res = await fetch(`${service.url}/v1/notarizations?vault=keep`, {
            ...{ method: 'PUT', headers: bearer(key), body: document },
          });
          if (res.status !== 201) throw new Error(await res.text());
          const [notarization] = Accepted.parse(await res.json()).notarizations;
          acknowledged.set(notarization?.id ?? '', createHash('sha256').update(document).digest('hex'));
        } catch (error) {
          if (!isKilled()) throw error;
          broken++;
        }
      }
    });
    await until('some documents to be kept', () => acknowledged.size >= before + 10 + 3 * round);
    killing.abort();
    await service.kill();
    await Promise.all(uploading);
  }
  expect(broken).toBeGreaterThan(0);
  // An hour later.
  await query(database.url, 'UPDATE vault_object SET touched_at = 0');
  await using service = await start();
  await until('what the killed services have left to be removed', async () => {
    const [rows] = await query<{ objects: string; kept: string }>(
      database.url,
      `SELECT (SELECT count(*) FROM vault_object) + (SELECT count(*) FROM vault_removal) AS objects,
         (SELECT count(DISTINCT object) FROM kept_document) AS kept`,
    );
    return rows !== undefined && rows.objects === rows.kept && (await files()).length === Number(rows.kept);
  });
  for (const [id, sha256] of acknowledged) {
    const res = await fetch(`${service.url}/v1/notarizations/${id}/document`, { headers: bearer(key) });
    expect(res.status).toBe(200);
    expect(
      createHash('sha256')
        .update(new Uint8Array(await res.arrayBuffer()))
        .digest('hex'),
    ).toBe(sha256);
  }
});
