import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { expect, test } from 'vitest';
import { Intake } from '../../src/intake/index.js';
import { generateKey, type PrivateKey } from '../../src/crypto/keys.js';
import {
  ANONYMOUS,
  checkSignature,
  NO_DETAILS,
  parseNote,
  sha256,
  signKeyStatement,
  utf8,
} from '../../src/proof/index.js';
import { audit } from '../../src/audit/audit.js';
import { LogSigners } from '../../src/sealer/index.js';
import type { Store } from '../../src/store/index.js';
import { receiptOf } from '../support/chain.js';
import { createStore } from '../support/database.js';
import { createDirectory, LOG_KEY, ORIGIN, RECEIPTS, sealerOver, submission } from '../support/parts.js';
import { until } from '../support/until.js';

const NEXT = generateKey(ORIGIN);

function acceptStatement(store: Store, ordinal: number, ...keys: PrivateKey[]): Promise<boolean> {
  const note = signKeyStatement(keys);
  const entry = {
    kind: 0,
    digest: sha256(utf8(note)),
    size: utf8(note).length,
    acceptedAt: Date.now(),
    salt: new Uint8Array(randomBytes(16)),
    accountTag: ANONYMOUS,
    detailsDigest: NO_DETAILS,
  };
  return store.acceptKeyStatement({ ordinal, entry, note, receipt: receiptOf([entry], entry.acceptedAt) });
}

test('signs every checkpoint with the keys that the chain names, and the audit accepts no others', async () => {
  await using directory = await createDirectory();
  await using db = await createStore();
  const { store } = db;
  const intake = new Intake({ store, receipts: RECEIPTS, maxQueue: 1000 });
  // A key that is added while the service runs is read when it is needed; sealing waits for it.
  let available = [LOG_KEY];
  const sealer = sealerOver(store, directory.path, {
    signers: new LogSigners([LOG_KEY], () => Promise.resolve(available)),
  });
  // How many blocks hold the entries depends on when the sealer reads them.
  const sizes: number[] = [];
  const allSealed = async () => {
    await until('every accepted entry to be sealed', async () => {
      const [{ nextPosition }, tip] = await Promise.all([store.head(), store.tip()]);
      return tip !== null && tip.firstPosition + tip.entryCount === nextPosition;
    });
    sizes.push(((await store.tip())?.height ?? 0) + 1);
  };
  const signers = async (size: number) => {
    const note = parseNote((await store.checkpoint(size))?.note ?? '');
    return [note.signatures.length, ...[LOG_KEY, NEXT].map(({ key }) => checkSignature(note, key).state)];
  };
  sealer.start();
  try {
    await intake.accept(submission());
    await allSealed();
    expect(await acceptStatement(store, 0, LOG_KEY, NEXT)).toBe(true);
    // A second statement with the same ordinal is rejected with its entry.
    expect(await acceptStatement(store, 0, LOG_KEY, NEXT)).toBe(false);
    expect((await store.head()).nextPosition).toBe(2);
    await until('the sealer to report the missing key', () => sealer.status.problem?.code, 'key_missing');
    expect((await intake.accept(submission())).entries).toHaveLength(1);
    available = [LOG_KEY, NEXT];
    await allSealed();
    await until('the problem to be cleared', () => sealer.status.problem, null);
    available = [NEXT];
    expect(await acceptStatement(store, 1, NEXT)).toBe(true);
    await allSealed();
    await intake.accept(submission());
    await allSealed();
  } finally {
    await sealer.stop();
  }
  expect(await Promise.all(sizes.map(signers))).toEqual([
    [1, 'good', 'absent'],
    [2, 'good', 'good'],
    [1, 'absent', 'good'],
    [1, 'absent', 'good'],
  ]);
  const findings = async (key: PrivateKey) =>
    (await audit({ store, logKey: key.key })).findings.map(({ table, problem }) => `${table}: ${problem}`);
  expect(await findings(LOG_KEY)).toEqual([]);
  expect(await findings(NEXT)).toEqual([]);
  expect(await findings(generateKey(ORIGIN))).toContain('log_key_statement: key_statement');

  const client = new pg.Client({ connectionString: db.adminUrl });
  await client.connect();
  try {
    await client.query('SET session_replication_role = replica');
    const lines = (await store.checkpoint(2))?.note.split('\n') ?? [];
    const [text, note] = [lines.slice(0, 4), (kept: string[]) => [...text, ...kept, ''].join('\n')];
    const [first = '', second = ''] = lines.slice(4);
    for (const kept of [[first], [second], [second, first]]) {
      await client.query('UPDATE checkpoint SET note = $1 WHERE size = 2', [note(kept)]);
      expect(await findings(NEXT)).toHaveLength(1);
    }
    await client.query('UPDATE checkpoint SET note = $1 WHERE size = 2', [note([first, second])]);
    expect(await findings(NEXT)).toEqual([]);
    await client.query('UPDATE log_key_statement SET note = $1 WHERE ordinal = 1', [
      signKeyStatement([LOG_KEY]),
    ]);
    expect(await findings(LOG_KEY)).toContain('log_key_statement: key_statement');
    await client.query('DELETE FROM log_key_statement');
    expect(new Set(await findings(LOG_KEY))).toEqual(
      new Set(['checkpoint: note_mismatch', 'checkpoint: bad_signature']),
    );
  } finally {
    await client.end();
  }
});
