import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseCertificate, verifyToken } from '../../src/proof/time/rfc3161.js';
import { openStore } from '../../src/store/index.js';
import { startBuilt } from '../support/built.js';
import { createFolder, invoke } from '../cli/invoke.js';
import { createDatabase } from '../support/database.js';
import { startHere } from '../support/in-process.js';
import { pemOf } from '../support/openssl.js';
import { readTsq, sendReply, startTsa } from '../support/time-sources.js';
import { until } from '../support/until.js';
import { ROOT } from '../vectors/make/tokens/certificates.js';

/** When the service is killed: before it gets its token, with it, and some time after. In milliseconds. */
const MOMENTS = ['asked', 0, 3, 10, 30, 100] as const;

test('kill -9 at each step of anchoring loses nothing, and stores nothing unchecked', async () => {
  await using folder = await createFolder();
  await using database = await createDatabase();
  await using server = await startTsa();
  writeFileSync(folder.at('root.pem'), pemOf(ROOT.der));
  writeFileSync(folder.at('sources'), `tsa seoul ${server.url} every 1s root root.pem\n`);
  const env = {
    ...{ DATABASE_URL: database.url, INGAM_DATA_DIR: folder.at('data'), INGAM_WORKERS: '1' },
    ...{ INGAM_TIME_SOURCES: folder.at('sources'), INGAM_SEAL_INTERVAL_MS: '200', INGAM_MIN_DIFFICULTY: '1' },
  };
  for (const [round, moment] of MOMENTS.entries()) {
    await using service = await startBuilt(['serve'], { cwd: folder.path, env });
    const killed = new Promise<void>((resolve) => {
      server.behaviour = (req, res, body) => {
        if (moment !== 'asked') sendReply(res, server.answer(readTsq(body)));
        setTimeout(
          () => {
            void service.kill().then(resolve);
          },
          moment === 'asked' ? 0 : moment,
        );
      };
    });
    const sha256 = String(round).repeat(64);
    const response = await fetch(`${service.url}/v1/notarizations?wait=sealed`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ documents: [{ sha256 }] }),
    }).catch(() => null);
    await response?.body?.cancel().catch(() => undefined);
    await killed;
  }
  server.behaviour = null;
  await using service = await startHere(['serve'], { cwd: folder.path, env });
  await using last = await openLast(database.url);
  const tip = await until('a block', () => last.store.tip());
  const anchors = await until(
    'an anchor of every block',
    () => last.store.anchorsOver(tip.height),
    (found) => found.length > 0,
  );
  expect(anchors).toHaveLength(1);
  const rows = await database.query<{ size: string; data: Buffer }>(
    'SELECT size, data FROM anchor ORDER BY id',
  );
  for (const { size, data } of rows) {
    const note = (await last.store.checkpoint(Number(size)))?.note ?? '';
    const message = new TextEncoder().encode(note);
    const roots = [parseCertificate(ROOT.der)];
    expect(verifyToken({ token: new Uint8Array(data), stamped: { message }, roots }).counts).toBe(true);
  }
  await service.stop();
  const argv = ['audit', '--database', database.url, '--data-dir', folder.at('data')];
  const audited = await invoke(argv, { cwd: folder.path });
  expect(audited, audited.stderr).toMatchObject({ code: 0 });
});

async function openLast(url: string) {
  const store = await openStore({ url, poolSize: 2 });
  return { store, [Symbol.asyncDispose]: () => store.close() };
}
