import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Intake, type NewDocument, type Submitter } from '../../src/intake/index.js';
import { Notarizations, Register } from '../../src/log/index.js';
import type { Organization } from '../../src/store/index.js';
import { createStore, type TestStore } from '../support/database.js';
import {
  createDirectory,
  createLog,
  document,
  RECEIPTS,
  sealerOver,
  submission,
  createBackground,
} from '../support/parts.js';
import { until } from '../support/until.js';
import { newOrganization } from '../store/auth/support.js';

let db: TestStore;
let intake: Intake;
let notarizations: Notarizations;
let register: Register;
let directory: Awaited<ReturnType<typeof createDirectory>>;
let [mine, theirs]: Organization[] = [];
const log = createLog();

beforeAll(async () => {
  db = await createStore();
  directory = await createDirectory();
  intake = new Intake({ store: db.store, receipts: RECEIPTS, maxQueue: 100_000 });
  notarizations = new Notarizations(db.store, createBackground().background);
  register = new Register(db.store, notarizations, log);
  [mine, theirs] = [await newOrganization(db.store.access), await newOrganization(db.store.access)];
});
afterAll(async () => {
  await notarizations.close();
  await db.drop();
  await directory[Symbol.asyncDispose]();
});

const as = (organization: Organization | undefined, actor = 'key:k'): Submitter => ({
  organizationId: organization?.id ?? '',
  organizationNumber: organization?.number ?? 0,
  actor,
});

/** @returns the first position */
async function accept(submitter: Submitter | null, ...documents: readonly NewDocument[]): Promise<number> {
  return (await intake.accept(submission(0, { submitter, documents }))).firstPosition;
}

const list = async (organization: Organization | undefined, query: object = {}) =>
  register.list({ organization: organization?.number ?? 0, limit: 100, ...query });

describe('the register', () => {
  test('lists the notarizations of the organization with their details, and no others', async () => {
    const details = { name: '매매계약서.pdf', tags: ['2026'] };
    const first = await accept(as(mine, 'person:p'), document({ details }), document());
    await accept(null, document({ details }));
    await accept(as(theirs), document({ details }));
    const last = await accept(as(mine), document());
    const shown = await list(mine);
    expect(shown.map(({ notarization, submittedBy }) => [notarization.position, submittedBy])).toEqual([
      [last, 'key:k'],
      [first + 1, 'person:p'],
      [first, 'person:p'],
    ]);
    const entry = await db.store.entry(first);
    const [whole] = entry === null || entry.erased ? [] : await notarizations.describe([entry]);
    expect(shown[2]).toEqual({
      notarization: whole,
      submittedBy: 'person:p',
      marks: { published: false, held: false, kept: false, addedTags: [] },
    });
    expect(shown[2]?.notarization.details).toEqual(details);
    const found = await list(mine, { words: ['계약'], tags: ['2026'] });
    expect(found.map(({ notarization }) => notarization.position)).toEqual([first]);
    expect(await list(theirs, { words: ['계약'] })).toHaveLength(1);
  });

  test('is current after acceptance, seal, publication, withdrawal and erasure', async () => {
    const position = await accept(as(mine), document({ details: { name: 'fresh' } }));
    const only = async () => (await list(mine, { words: ['fresh'] }))[0];
    expect((await only())?.notarization.block).toBeNull();
    const sealer = sealerOver(db.store, directory.path);
    sealer.start();
    await until(
      'the only entry to be sealed',
      () => only(),
      (seen) => seen?.notarization.block !== null,
    );
    await sealer.stop();
    await register.publish(position, 5);
    expect(await only()).toMatchObject({
      marks: { published: true },
      notarization: { block: { height: 0 } },
    });
    await register.withdraw(position);
    expect((await only())?.marks.published).toBe(false);
    await db.store.erase(position);
    expect(await only()).toBeUndefined();
  });

  test('finds what a time source has anchored, but nothing that was sealed after it', async () => {
    const sealer = sealerOver(db.store, directory.path);
    sealer.start();
    const sealed = async (name: string): Promise<number> => {
      const position = await accept(as(mine), document({ details: { name } }));
      return until(`${name} to be sealed`, async () => {
        const [found] = await list(mine, { words: [name] });
        return found?.notarization.block == null ? null : position;
      });
    };
    const earlier = await sealed('anchored');
    const { size = 0 } = (await db.store.checkpoint()) ?? {};
    await sealed('later');
    await sealer.stop();
    const anchored = async () =>
      (await list(mine, { status: 'anchored' })).map(({ notarization }) => notarization.position);
    expect(await anchored()).toEqual([]);
    const anchor = {
      type: 'rfc3161',
      source: 'seoul',
      token: new Uint8Array(1),
      validUntil: 1,
      crls: [],
    } as const;
    await db.store.addAnchor({ ...anchor, size }, 1);
    const found = await until('the anchor to be read', anchored, (seen) => seen.length > 0);
    expect(found[0]).toBe(earlier);
    expect(found).toEqual(
      (await list(mine, { status: 'sealed' }))
        .map(({ notarization }) => notarization.position)
        .filter((position) => position <= earlier),
    );
  });

  test('assigns submissions that are committed together to their own organizations', async () => {
    const submitters = Array.from({ length: 60 }, (_, i) => {
      const [organization, actor] = [[mine, theirs, undefined][i % 3], i % 4 < 2 ? 'key:even' : 'key:odd'];
      return organization === undefined ? null : as(organization, actor);
    });
    const positions = await Promise.all(
      submitters.map(async (submitter, i) => ({
        submitter,
        first: await accept(submitter, ...Array.from({ length: (i % 3) + 1 }, () => document())),
        count: (i % 3) + 1,
      })),
    );
    for (const organization of [mine, theirs]) {
      const expected = positions
        .filter(({ submitter }) => submitter?.organizationId === organization?.id)
        .flatMap(({ first, count, submitter }) =>
          Array.from({ length: count }, (_, i) => [first + i, submitter?.actor]),
        );
      const before = Math.min(...positions.map(({ first }) => first));
      const shown = (await list(organization))
        .map(({ notarization, submittedBy }) => [notarization.position, submittedBy])
        .filter(([position]) => Number(position) >= before);
      expect(shown.reverse()).toEqual(expected.sort((a, b) => Number(a[0]) - Number(b[0])));
    }
  });

  test('skips and logs rows that the tag of the entry contradicts, and fills pages with others', async () => {
    const first = await accept(as(theirs), ...Array.from({ length: 5 }, () => document()));
    const own = await accept(as(mine), document());
    const honest = (await list(mine)).map(({ notarization }) => notarization.position);
    await db.query(`INSERT INTO register_run VALUES ($1, $2, 1, 4, 'key:thief')`, [mine?.number, first + 1]);
    expect(log.lines).toEqual([]);
    expect((await list(mine)).map(({ notarization }) => notarization.position)).toEqual(honest);
    expect(log.lines.join()).toContain(`"positions":[${[4, 3, 2, 1].map((i) => first + i).join()}]`);
    // A page has the requested length, whatever is skipped.
    const pages = await list(mine, { limit: 3 });
    expect(pages.map(({ notarization }) => notarization.position)).toEqual([own, ...honest.slice(1, 3)]);
    expect(await list(theirs, { limit: 5 })).toHaveLength(5);
  });

  test('is empty for an organization that does not exist', async () => {
    expect(await register.list({ organization: 999_999, limit: 5 })).toEqual([]);
    await accept({ organizationId: 'org_gone', organizationNumber: 999_999, actor: 'key:k' }, document());
    expect(await register.list({ organization: 999_999, limit: 5 })).toEqual([]);
  });
});
