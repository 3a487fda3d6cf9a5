import { PrismaPg } from '@prisma/adapter-pg';
import { expect, test } from 'vitest';
import { PrismaClient } from '../../src/store/prisma/client.js';
import { createDatabase } from '../support/database.js';

// prisma/schema.prisma and the migrations are written by hand: every column of every model must be in the database as the
// model says, and the other way round.
test('each model reads and writes the migrated tables', async () => {
  await using database = await createDatabase();
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: database.url }) });
  const hash = (byte: number, length = 32): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(byte);
  try {
    const head = await prisma.head.update({ where: { id: true }, data: { nextPosition: 1, latestTime: 2 } });
    expect(head).toEqual({ id: true, nextPosition: 1n, latestTime: 2n });
    const entry = {
      position: 0n,
      acceptedAt: 2n,
      size: 3n,
      kind: 0,
      digest: hash(1),
      salt: hash(2, 16),
      accountTag: hash(3, 16),
      detailsDigest: hash(4),
    };
    expect(await prisma.entry.create({ data: entry })).toEqual(entry);
    const details = { position: 0n, json: '{}' };
    expect(await prisma.details.create({ data: details })).toEqual(details);
    const erasure = { position: 9n };
    expect(await prisma.erasure.create({ data: erasure })).toEqual(erasure);
    const block = {
      height: 0n,
      firstPosition: 0n,
      sealedAt: 5n,
      nonce: -1n,
      entryCount: 1,
      difficulty: 1,
      previousHash: hash(0),
      merkleRoot: hash(5),
      hash: hash(6),
    };
    expect(await prisma.block.create({ data: block })).toEqual(block);
    const blockTile = { height: 0n, index: 0, level: 0, hashes: hash(7, 64) };
    expect(await prisma.blockTile.create({ data: blockTile })).toEqual(blockTile);
    const logTile = { index: 0n, level: 0, hashes: hash(8, 8192), root: hash(9) };
    expect(await prisma.logTile.create({ data: logTile })).toEqual(logTile);
    const checkpoint = { size: 1n, root: hash(10), note: 'note\n' };
    expect(await prisma.checkpoint.create({ data: checkpoint })).toEqual(checkpoint);
    const idempotency = {
      scope: 's',
      key: 'k',
      fingerprint: hash(11),
      firstPosition: 0n,
      createdAt: 2n,
      entryCount: 1,
    };
    expect(await prisma.idempotency.create({ data: idempotency })).toEqual(idempotency);
    const cosignature = { size: 1n, signedAt: 3n, witness: 'w', keyId: hash(12, 4), signature: hash(13, 64) };
    expect(await prisma.cosignature.create({ data: cosignature })).toEqual(cosignature);
    const witnessed = { size: 1n, origin: 'o', note: 'note', cosignature: 'line', root: hash(14) };
    expect(await prisma.witnessed.create({ data: witnessed })).toEqual(witnessed);
    const evidence = { foundAt: 4n, digest: hash(15), reason: 'fork', document: '{}' };
    expect(await prisma.evidence.create({ data: evidence })).toEqual(evidence);

    const written = {
      head,
      entry,
      details,
      erasure,
      block,
      block_tile: blockTile,
      log_tile: logTile,
      checkpoint,
      cosignature,
      witnessed,
      evidence,
    };
    const columns = await database.query<{ table: string; count: number }>(
      `SELECT table_name AS table, count(*)::integer AS count FROM information_schema.columns
       WHERE table_schema = 'public' AND table_name <> '_prisma_migrations' GROUP BY table_name`,
    );
    expect(Object.fromEntries(columns.map(({ table, count }) => [table, count]))).toEqual(
      Object.fromEntries(
        Object.entries({ ...written, idempotency }).map(([table, row]) => [table, Object.keys(row).length]),
      ),
    );
  } finally {
    await prisma.$disconnect();
  }
});
