import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Intake, type Accepted } from '../../src/intake/index.js';
import { Notarizations, parseNotarizationId, PublishedLog } from '../../src/log/index.js';
import {
  formatProof,
  idWithDetails,
  notarizationId,
  PENDING_FORMAT,
  parsePolicy,
  parseProof,
  verify,
} from '../../src/proof/index.js';
import { createStore, type TestStore } from '../support/database.js';
import {
  createDirectory,
  document,
  LOG_KEY,
  RECEIPT_KEY,
  RECEIPTS,
  sealerOver,
  submission,
  createBackground,
} from '../support/parts.js';
import { until } from '../support/until.js';

/** Entries of each block: single ones, odd ones, around a full tile. */
const SIZES = [1, 2, 3, 7, 255, 256, 257, 600, 1, 1];

let db: TestStore;
/** Of the sealer. */
let directory: Awaited<ReturnType<typeof createDirectory>>;
let notarizations: Notarizations;
let intake: Intake;
const blocks: Accepted[] = [];
const twice = document({ details: { name: 'twice.pdf' } });
const details = { name: 'contract.pdf', tags: ['a', 'b'] };

beforeAll(async () => {
  db = await createStore();
  notarizations = new Notarizations(db.store, createBackground().background);
  intake = new Intake({ store: db.store, receipts: RECEIPTS, maxQueue: 100_000 });
  directory = await createDirectory();
  const sealer = sealerOver(db.store, directory.path);
  sealer.start();
  for (const size of SIZES) {
    const documents = Array.from({ length: size }, (_, i) =>
      i === 0 ? twice : document(i === 1 ? { details, size: null } : {}),
    );
    const accepted = await intake.accept(submission(size, { documents }));
    blocks.push(accepted);
    await until(
      'the block to be sealed',
      () => db.store.blocksContaining([{ first: accepted.firstPosition, count: 1 }]),
      (seen) => seen.length > 0,
    );
  }
  await sealer.stop();
});
afterAll(async () => {
  await notarizations.close();
  await db.drop();
  await directory[Symbol.asyncDispose]();
});

const policy = async () => {
  const keys = { logKey: LOG_KEY.key, receiptKeys: [RECEIPT_KEY.key] };
  return parsePolicy(await new PublishedLog(db.store, keys).policyText());
};
const idAt = (accepted: Accepted, index: number) =>
  notarizationId(accepted.firstPosition + index, accepted.entries[index]?.salt ?? expect.fail());
const longIdAt = (accepted: Accepted, index: number) =>
  idWithDetails(
    accepted.firstPosition + index,
    accepted.entries[index] ?? expect.fail(),
    accepted.details[index] ?? expect.fail(),
  );

describe('ids', () => {
  test('are parsed as they are formatted', () => {
    const salt = Uint8Array.from({ length: 16 }, (_, i) => i * 16);
    for (const position of [0, 7, 1234, Number.MAX_SAFE_INTEGER]) {
      const id = notarizationId(position, salt);
      expect(id).toBe(`${position}-0010203040506070`);
      const parsed = { position, saltPrefix: salt.slice(0, 8) };
      expect(parseNotarizationId(id)).toEqual({ ...parsed, hasDetails: false });
      const long = idWithDetails(position, { salt, accountTag: new Uint8Array(16) }, '{"name":"é"}');
      const third = createHash('sha256').update('ingam/details-id/v1').update(salt).update('{"name":"é"}');
      expect(long).toBe(`${id}-${third.digest('hex').slice(0, 24)}`);
      expect(parseNotarizationId(long)).toEqual({ ...parsed, hasDetails: true });
    }
  });

  test.each([
    '',
    '7',
    '7-',
    '-0010203040506070',
    '07-0010203040506070',
    '+7-0010203040506070',
    '7-001020304050607',
    '7-00102030405060700',
    '7-001020304050607G',
    '7-00102030405060A0',
    '9007199254740992-0010203040506070',
    '7.0-0010203040506070',
    ' 7-0010203040506070',
    '7-0010203040506070\n',
    '99999999999999999-0010203040506070',
    '7-0010203040506070-',
    '7-0010203040506070-00112233445566778899aab',
    '7-0010203040506070-00112233445566778899aabbc',
    '7-0010203040506070-00112233445566778899AABB',
    '7-0010203040506070-00112233445566778899aabb-00112233445566778899aabb',
  ])('are not of the form %j', (id) => {
    expect(parseNotarizationId(id)).toBeNull();
  });

  test('are found only with the right salt', async () => {
    const accepted = blocks[3] ?? expect.fail();
    const id = idAt(accepted, 1);
    expect(await notarizations.find(id)).toMatchObject({ position: accepted.firstPosition + 1 });
    const wrong = id.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    expect(await notarizations.find(wrong)).toBeNull();
    expect(await notarizations.find(id.replace(/^\d+/, '0'))).toBeNull();
    expect(await notarizations.find(id.replace(/^\d+/, '999999'))).toBeNull();
    expect(await notarizations.find(id.replace(/^\d+/, String(Number.MAX_SAFE_INTEGER)))).toBeNull();
    expect(await notarizations.find('nonsense')).toBeNull();
  });

  test('find the details of anonymous notarizations only with the part that follows from them', async () => {
    const accepted = blocks[3] ?? expect.fail();
    const position = accepted.firstPosition + 1;
    const long = longIdAt(accepted, 1);
    expect(await notarizations.find(idAt(accepted, 1))).toMatchObject({ position, details: null });
    expect(await notarizations.find(long)).toMatchObject({ position, details });
    const wrong = long.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    expect(await notarizations.find(wrong)).toBeNull();
    const without = idAt(accepted, 2);
    expect(await notarizations.find(without)).toMatchObject({ details: null });
    expect(await notarizations.find(without + long.slice(without.length))).toBeNull();
  });
});

describe('reading', () => {
  test('returns a range across blocks in order, each entry with its own block and details', async () => {
    const { nextPosition } = await db.store.head();
    const stored = await db.store.entries(0, nextPosition);
    const all = await notarizations.describe(stored.filter((entry) => !entry.erased));
    expect(all.map(({ position }) => position)).toEqual(all.map((_, i) => i));
    expect(all.length).toBe(nextPosition);
    for (const { position, block, details: shown } of all) {
      const index = blocks.findIndex(
        ({ firstPosition, entries }) =>
          position >= firstPosition && position < firstPosition + entries.length,
      );
      expect(block?.height).toBe(index);
      const offset = position - (blocks[index]?.firstPosition ?? 0);
      expect(shown).toEqual(offset === 0 ? twice.details : offset === 1 ? details : null);
    }
    const places = all.map(({ block, cosigned, anchored }) => ({ block, cosigned, anchored }));
    expect(await notarizations.places(0, nextPosition)).toEqual(places);
    expect(await notarizations.places(5, 300)).toEqual(places.slice(5, 305));
    const beyond = { block: null, cosigned: null, anchored: null };
    expect(await notarizations.places(nextPosition - 1, 3)).toEqual([...places.slice(-1), beyond, beyond]);
  });

  test('reads ten thousand notarizations with a single query for their blocks', async () => {
    await using own = await createStore();
    const accepted = await new Intake({ store: own.store, receipts: RECEIPTS, maxQueue: 1 }).accept(
      submission(10_000),
    );
    let queries = 0;
    const counting = new Notarizations(
      {
        ...own.store,
        blocksContaining: (ranges) => {
          queries += ranges.length;
          return own.store.blocksContaining(ranges);
        },
        detailsIn: (ranges) => {
          queries += ranges.length;
          return own.store.detailsIn(ranges);
        },
      },
      createBackground().background,
    );
    const stored = await own.store.entries(accepted.firstPosition, 10_000);
    expect(await counting.describe(stored.filter((entry) => !entry.erased))).toHaveLength(10_000);
    // None of these has details.
    expect(queries).toBe(1);
    await counting.close();
  });

  test('reads a block and the latest checkpoint once, and another checkpoint when it is sealed', async () => {
    await using own = await createStore();
    await using folder = await createDirectory();
    const asked: string[] = [];
    const counting = new Notarizations(
      {
        ...own.store,
        blocksContaining: (ranges) => {
          asked.push('block');
          return own.store.blocksContaining(ranges);
        },
        checkpoint: (size) => {
          asked.push('checkpoint');
          return own.store.checkpoint(size);
        },
      },
      createBackground().background,
    );
    const accepting = new Intake({ store: own.store, receipts: RECEIPTS, maxQueue: 100 });
    const sealer = sealerOver(own.store, folder.path);
    sealer.start();
    const seal = async (): Promise<Accepted> => {
      const accepted = await accepting.accept(submission(3));
      const last = accepted.firstPosition + 2;
      await until('the block to be sealed', () => counting.sealedPositions > last);
      return accepted;
    };
    const proofOf = async (accepted: Accepted, index: number) => {
      const found = (await counting.find(idAt(accepted, index))) ?? expect.fail();
      const proof = await counting.proof(found, { details: true, organization: null });
      return proof.format === PENDING_FORMAT ? expect.fail() : proof;
    };
    const first = await seal();
    for (const index of [0, 1, 2]) expect((await proofOf(first, index)).log.checkpoint.size).toBe(1);
    expect(asked).toEqual(['block', 'checkpoint']);
    const second = await seal();
    for (const index of [0, 1, 2]) expect((await proofOf(first, index)).log.checkpoint.size).toBe(2);
    expect(asked).toEqual(['block', 'checkpoint', 'checkpoint']);
    expect((await proofOf(second, 2)).block.header.height).toBe(1);
    expect(asked).toEqual(['block', 'checkpoint', 'checkpoint', 'block']);
    await sealer.stop();
    await counting.close();
  });

  test('returns the notarizations of one document earliest first, up to the limit', async () => {
    const firsts = blocks.map(({ firstPosition }) => firstPosition);
    const all = await notarizations.byDigest(twice.sha256, 100);
    expect(all.notarizations.map(({ position }) => position)).toEqual(firsts);
    expect(all.notarizations.map(({ block }) => block?.height)).toEqual(firsts.map((_, i) => i));
    expect(all.more).toBe(false);
    const some = await notarizations.byDigest(twice.sha256, 4);
    expect(some.notarizations.map(({ position }) => position)).toEqual(firsts.slice(0, 4));
    expect(some.more).toBe(true);
    expect(await notarizations.byDigest(new Uint8Array(32), 4)).toEqual({ notarizations: [], more: false });
  });
});

describe('proofs', () => {
  test('verify for positions throughout blocks of every size, and are parsed as they are formatted', async () => {
    for (const accepted of blocks) {
      const last = accepted.entries.length - 1;
      for (const index of new Set([0, Math.min(1, last), Math.floor(last / 2), last])) {
        const found = (await notarizations.find(idAt(accepted, index))) ?? expect.fail();
        const proof = await notarizations.proof(found, { details: true, organization: null });
        expect(formatProof(parseProof(formatProof(proof)))).toBe(formatProof(proof));
        const facts = {
          sha256: found.entry.digest,
          ...(found.entry.size === null ? {} : { size: found.entry.size }),
        };
        const verification = verify({ proof, document: facts, policy: await policy() });
        expect(verification.steps.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
        expect(verification.verdict).toBe('verified');
      }
    }
  });

  test('disclose the details only on request, and verify either way', async () => {
    const found = (await notarizations.find(longIdAt(blocks[2] ?? expect.fail(), 1))) ?? expect.fail();
    const closed = await notarizations.proof(found, { details: false, organization: null });
    expect(formatProof(closed)).not.toContain('contract.pdf');
    expect(verify({ proof: closed, document: null, policy: await policy() }).verdict).toBe('verified');
    const shown = await notarizations.proof(found, { details: true, organization: null });
    expect(shown.details).toEqual(details);
  });

  test('are pending with a receipt before the seal', async () => {
    const accepted = await intake.accept(submission(3));
    const found = (await notarizations.find(idAt(accepted, 1))) ?? expect.fail();
    expect(found.block).toBeNull();
    const proof = await notarizations.proof(found, { details: true, organization: null });
    expect(proof.format).toBe('ingam-pending-v1');
    expect(formatProof(parseProof(formatProof(proof)))).toBe(formatProof(proof));
    const keys = [RECEIPT_KEY.key];
    const verification = verify({ proof, document: null, policy: await policy(), receiptKeys: keys });
    expect(verification.verdict).toBe('pending');
    expect(verification.steps.at(-1)).toMatchObject({ name: 'receipt_signature', outcome: 'passed' });
  });

  test('withhold the details that `find` has withheld, also when the document has been sealed since', async () => {
    const accepted = await intake.accept(submission(1, { documents: [document({ details })] }));
    const short = (await notarizations.find(idAt(accepted, 0))) ?? expect.fail();
    const long = (await notarizations.find(longIdAt(accepted, 0))) ?? expect.fail();
    const sealer = sealerOver(db.store, directory.path);
    sealer.start();
    await until(
      'the receipt to be dropped',
      () => db.store.receiptOf(accepted.firstPosition),
      (receipt) => receipt === null,
    );
    await sealer.stop();
    const disclosure = { details: true, organization: null };
    expect(await notarizations.proof(long, disclosure)).toMatchObject({ format: 'ingam-proof-v1', details });
    const withheld = await notarizations.proof(short, disclosure);
    expect(withheld.format).toBe('ingam-proof-v1');
    expect(withheld.details).toBeUndefined();
  });
});
