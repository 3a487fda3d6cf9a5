import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  checkEvidence,
  type EventEvidence,
  type Evidence,
  formatEvidence,
  formatVerifierKey,
  parseEvidence,
  parseVerifierKey,
  toHex,
} from '../../src/proof/index.js';
import { generateKey } from '../../src/crypto/keys.js';
import { sampleEntry, sampleGroup } from '../support/chain.js';
import { query } from '../support/database.js';
import {
  acceptEvents,
  digestOf,
  type PreparedEvent,
  type Signer,
  signer,
  Subject,
} from '../support/record-chain.js';
import { until } from '../support/until.js';
import { folder, ingam, service, useService } from './service.js';

// An operator with the database and the log key, whose sealer finds other states than the events have made.

type Forge = (state: Record<string, unknown>) => Record<string, unknown>;

/** What the sealer finds instead of a record's state. */
let forge: Forge | null = null;
/** The sealer finds that these records exist. */
const invented = new Set<string>();
/** Resolves when the sealer may go on. */
let sealing = Promise.resolve();
/** The sealer waits for it. */
let waiting = false;
/** What the sealer's clock shows is so much ahead of the time. */
let ahead = 0;

useService({
  sealingClock: () => Date.now() + ahead,
  wrapStore: (real) => ({
    ...real,
    sealedRecords: async (ids) => {
      const rows = await real.sealedRecords(ids);
      const extra = ids.filter((id) => invented.has(toHex(id)));
      return [
        ...rows.map((row) => {
          if (forge === null) return row;
          const state = JSON.stringify(forge(JSON.parse(row.state) as Record<string, unknown>));
          return { ...row, state };
        }),
        ...extra.map((id) => ({ id, sequence: 0, value: new Uint8Array(32).fill(7), state: '{}' })),
      ];
    },
    sealingState: async () => {
      waiting = true;
      await sealing;
      waiting = false;
      return real.sealingState();
    },
  }),
});

const [alice, bob, carol] = [signer('alice'), signer('bob'), signer('carol')];

beforeEach(async () => {
  forge = null;
  invented.clear();
  await mkdir(folder.at('config/ingam'), { recursive: true });
  await writeFile(folder.at('config/ingam/trust'), `log ${service.verifierKey}\nquorum none\n`);
  await writeFile(folder.at('alice.key'), `${alice.privateText}\n`);
});

const documentOf = (text: string) => ({ document: { sha256: digestOf(text) } });
const created = () => ({ ...documentOf('one'), holder: alice.text });

/** The database of the service, written to directly. */
const db = () => ({
  store: service.store,
  query: <R extends Record<string, unknown>>(text: string, values?: unknown[]) =>
    query<R>(service.adminUrl, text, values),
});

async function accepted(...events: readonly PreparedEvent[]): Promise<void> {
  await acceptEvents(db(), events);
  await sealed();
}

async function sealed(): Promise<void> {
  await until('the events to be sealed', async () => {
    const { nextPosition, firstUnsealed } = await service.store.sealingState();
    return nextPosition === firstUnsealed;
  });
}

/** Runs "ingam record check" for this event. @param by who may read the records that it is about */
async function checked(
  { note, body }: { readonly note: string; readonly body: object },
  ...by: readonly Signer[]
) {
  await writeFile(folder.at('event.json'), JSON.stringify({ note, body }));
  const keys = by.length === 0 ? [alice] : by;
  for (const [i, { privateText }] of keys.entries())
    await writeFile(folder.at(`own${i}.key`), `${privateText}\n`);
  return ingam('record', 'check', 'event.json', ...keys.flatMap((_, i) => ['--key', `own${i}.key`]));
}

/** Holds the sealer while events are accepted, so that one block has them. */
async function inOneBlock(accept: () => Promise<void>): Promise<void> {
  let release = (): void => undefined;
  sealing = new Promise((resolve) => (release = resolve));
  await until('the sealer to wait', () => waiting);
  await accept();
  release();
  await sealed();
}

const claimed = (by: Signer) => ({
  ...{ title: 'A poem', kind: 'literary', authors: [{ name: 'A', role: 'author' }], published: null },
  ...{ madeForHire: false, basis: 'author', documents: [{ sha256: digestOf('poem') }], holder: by.text },
});

/** A contract, and Bob's signature in the first block behind its deadline. @param forged what the sealer then finds */
async function signedTooLate(forged: Forge | null): Promise<PreparedEvent> {
  const contract = new Subject();
  const parties = [{ name: 'Bob', key: bob.text, order: 1 }];
  const deadline = Date.now() + ahead + 30_000;
  const terms = { title: 'Sale', ...documentOf('sale'), parties, deadline, holder: alice.text };
  await accepted(contract.event('contract.propose', terms, [alice]));
  const late = contract.event('contract.sign', { party: 0 }, [bob]);
  await inOneBlock(async () => {
    ahead += 30_001;
    forge = forged;
    await acceptEvents(db(), [late]);
  });
  forge = null;
  return late;
}

async function evidence(name = 'evidence.json'): Promise<EventEvidence> {
  const read = parseEvidence(await readFile(folder.at(name), 'utf8'));
  if (read.kind !== 'event') throw new Error('it is other evidence');
  return read;
}

const holds = (given: Evidence) => checkEvidence(given, parseVerifierKey(service.verifierKey));

describe('a valid event that the block leaves out', () => {
  test('convicts the log, and nothing that is near it does', async () => {
    const paper = new Subject();
    await accepted(paper.event('document.create', created(), [alice]));
    forge = (state) => ({ ...state, status: 'withdrawn' });
    const version = paper.event('document.version', documentOf('two'), [alice]);
    const before = { sequence: paper.sequence, value: paper.value };
    await accepted(version);
    const found = await checked(version);
    expect(found, found.stderr).toMatchObject({ code: 1 });
    expect(found.stdout).toMatch(
      /^WRONG {2}event 1 \(document\.version\) in block \d+: it is valid, and the log has/,
    );
    const shown = await ingam('evidence', 'evidence.json');
    expect(shown).toMatchObject({ code: 0 });
    expect(shown.stdout).toContain(`which leaves out a valid event of record ${paper.hex}`);
    const good = await evidence();
    expect(formatEvidence(good)).toBe(await readFile(folder.at('evidence.json'), 'utf8'));

    // The next event, in another block, is applied.
    forge = null;
    paper.advance(paper.id, before.sequence, before.value);
    const applied = paper.event('document.version', documentOf('three'), [alice]);
    await accepted(applied);
    const right = await checked(applied);
    expect(right).toMatchObject({ code: 0 });
    expect(right.stdout).toMatch(/^RIGHT {2}.*: the event is valid, and was applied$/m);
    const { step, block } = good;
    const other = step.histories[0];
    if (other === undefined) throw new Error('it has a history');
    const spoiled: Partial<EventEvidence>[] = [
      { step: { ...step, changes: Uint8Array.of(1) } },
      { step: { ...step, statement: null } },
      { step: { ...step, histories: [] } },
      { step: { ...step, event: { ...step.event, body: null } } },
      { step: { ...step, event: { ...step.event, body: { ...step.event.body, nonce: '0'.repeat(32) } } } },
      { step: { ...step, event: { ...step.event, note: applied.note, body: applied.body } } },
      { step: { ...step, event: { ...step.event, index: step.event.index + 1 } } },
      { step: { ...step, event: { ...step.event, height: step.event.height + 1 } } },
      { block: { ...block, index: block.index - 1 } },
      { block: { ...block, path: block.path.slice(1) } },
      { checkpoint: { ...good.checkpoint, text: good.checkpoint.text.replace('test.', 'text.') } },
      { step: { ...step, histories: [{ ...other, blocks: other.blocks.slice(1) }] } },
      {
        step: {
          ...step,
          histories: [
            { ...other, log: { ...other.log, note: { text: other.log.note.text, signatures: [] } } },
          ],
        },
      },
    ];
    for (const [i, change] of spoiled.entries())
      expect(holds({ ...good, ...change }), String(i)).toMatchObject({ holds: false });
    expect(checkEvidence(good, generateKey('test.example/log').key)).toMatchObject({ holds: false });
  });

  test('is found at once by the command that submits it, also when it begins a record', async () => {
    const argv = [
      '--key',
      'alice.key',
      '--field',
      `document.sha256=${digestOf('first')}`,
      '--out',
      'first.json',
    ];
    expect(await ingam('record', 'new', 'document', ...argv)).toMatchObject({ code: 0 });
    const { note } = JSON.parse(await readFile(folder.at('first.json'), 'utf8')) as { note: string };
    const id = digestOf(note);
    invented.add(id);
    const told = await ingam('record', 'submit', 'first.json');
    expect(told).toMatchObject({ code: 1 });
    expect(told.stderr).toContain('is void (stale_value): it changed nothing.');
    expect(told.stdout).toContain('WRONG  event 0 (document.create)');
    const [, file = ''] = /The evidence is in (\S+)\. /.exec(told.stderr) ?? [];
    expect(await ingam('evidence', file)).toMatchObject({ code: 0 });
    const good = await evidence(file);
    // Whoever notarizes the first event of a record again begins no record.
    expect(holds({ ...good, step: { ...good.step, absent: null } })).toMatchObject({
      holds: false,
      message: 'it is not shown that the map after the block has no such record',
    });
  });

  test('convicts also when an event of the same record in the same block was applied', async () => {
    const contract = new Subject();
    const parties = [alice, bob, carol].map(({ text, key }) => ({ name: key.name, key: text, order: 1 }));
    const terms = { title: 'Sale', ...documentOf('sale'), parties, holder: alice.text };
    await accepted(contract.event('contract.propose', terms, [alice]));
    forge = (state) => ({
      ...state,
      parties: (state['parties'] as object[]).map((party, i) =>
        i === 1 ? { ...party, answer: 'declined' } : party,
      ),
    });
    const first = contract.event('contract.sign', { party: 0 }, [alice]);
    let second = first;
    await inOneBlock(async () => {
      await acceptEvents(db(), [first]);
      second = contract.event('contract.sign', { party: 1 }, [bob]);
      await acceptEvents(db(), [second]);
    });
    const found = await checked(second, bob);
    expect(found.stdout + found.stderr).toContain('WRONG  event 2 (contract.sign)');
    expect((await evidence()).step.histories).toHaveLength(1);
  });

  test('convicts also when it contests a work, with the history of the work of whoever contests', async () => {
    const [work, other] = [new Subject(), new Subject()];
    await accepted(
      work.event('work.claim', claimed(alice), [alice]),
      other.event('work.claim', claimed(bob), [bob]),
    );
    // As if the work were withdrawn.
    forge = (state) => ({ ...state, ...(state['holder'] === alice.text ? { status: 'withdrawn' } : {}) });
    const reason = 'mine is older';
    const contest = work.event('work.contest', { by: other.hex, holder: bob.text, reason }, [bob]);
    await accepted(contest);
    forge = null;
    const found = await checked(contest, alice, bob);
    expect(found, found.stderr).toMatchObject({ code: 1 });
    expect(found.stdout).toContain('WRONG  event 1 (work.contest)');
    const good = await evidence();
    expect(holds(good)).toMatchObject({ holds: true, fault: 'dropped', record: work.hex });
    const histories = new Map(good.step.histories.map((history) => [history.record, history]));
    expect([...histories.keys()].sort()).toEqual([work.hex, other.hex].sort());
    // Whether its signer held another work before is not shown without the history of that.
    const own = [histories.get(work.hex)].flatMap((history) => history ?? []);
    expect(holds({ ...good, step: { ...good.step, histories: own } })).toMatchObject({
      holds: false,
      message: `the history of the record ${other.hex} as of block ${good.block.index - 1} is missing`,
    });
  });

  test('convicts also when its deadline is said to have passed', async () => {
    const contract = new Subject();
    const parties = [{ name: 'Bob', key: bob.text, order: 1 }];
    const deadline = Date.now() + 3_600_000;
    const terms = { title: 'Sale', ...documentOf('sale'), parties, deadline, holder: alice.text };
    await accepted(contract.event('contract.propose', terms, [alice]));
    forge = (state) => ({ ...state, deadline: 1 });
    const signed = contract.event('contract.sign', { party: 0 }, [bob]);
    await accepted(signed);
    const [voided] = await db().query<{ void: string }>('SELECT void FROM event WHERE note = $1', [
      signed.note,
    ]);
    expect(voided).toEqual({ void: 'too_late' });
    const found = await checked(signed, bob);
    expect(found.stdout, found.stderr).toContain('WRONG  event 1 (contract.sign)');
    expect(holds(await evidence())).toMatchObject({ holds: true, fault: 'dropped', record: contract.hex });
  });
});

describe('an event that the rules refuse', () => {
  test('is rightly void in the first block behind its deadline', async () => {
    const late = await signedTooLate(null);
    const found = await checked(late, bob);
    expect(found, found.stderr).toMatchObject({ code: 0 });
    expect(found.stdout).toContain('the event is void by the rules (too_late)');
  });

  test('convicts the log that applies it in the first block behind its deadline', async () => {
    const late = await signedTooLate((state) => ({ ...state, deadline: null }));
    const found = await checked(late, bob);
    expect(found, found.stderr).toMatchObject({ code: 1 });
    expect(holds(await evidence())).toMatchObject({ holds: true, fault: 'applied', refusal: 'too_late' });
  });

  test('convicts the log that applies it', async () => {
    const paper = new Subject();
    await accepted(paper.event('document.create', created(), [alice]));
    await accepted(paper.event('document.withdraw', {}, [alice]));
    forge = (state) => ({ ...state, status: 'current' });
    const version = paper.event('document.version', documentOf('two'), [alice]);
    await accepted(version);
    const found = await checked(version);
    expect(found, found.stderr).toMatchObject({ code: 1 });
    expect(found.stdout).toContain(
      'the rules refuse it (wrong_status), and the log has signed that it is applied',
    );
    expect(holds(await evidence())).toMatchObject({ holds: true, fault: 'applied', refusal: 'wrong_status' });
    const shown = await ingam('evidence', 'evidence.json');
    expect(shown.stdout).toContain(`applies to record ${paper.hex} what the rules refuse: wrong_status`);
  });

  test('convicts the log that applies it with the signature of somebody else', async () => {
    const paper = new Subject();
    await accepted(paper.event('document.create', created(), [alice]));
    const forged = paper.event('document.withdraw', {}, [bob]);
    await accepted(forged);
    expect(await checked(forged)).toMatchObject({ code: 1 });
    expect(holds(await evidence())).toMatchObject({ fault: 'applied', refusal: 'missing_signature' });
  });

  const events = {
    stale_value: async (subject: Subject) => {
      const paper = digestOf('paper');
      const parties = [{ name: 'Alice', key: alice.text, order: 1 }];
      const when = { notarized: paper };
      const terms = { title: 'Sale', ...documentOf('sale'), parties, when, holder: alice.text };
      await accepted(subject.event('contract.propose', terms, [alice]));
      await accepted(subject.event('contract.sign', { party: 0 }, [alice]));
      const entries = [sampleEntry({ digest: Buffer.from(paper, 'hex') })];
      await service.store.accept(sampleGroup({ entries }));
      await sealed();
      // It was executed by itself.
      const stale = subject.event('contract.cancel', {}, [alice]);
      return stale;
    },
    wrong_status: async (subject: Subject) => {
      await accepted(subject.event('document.create', created(), [alice]));
      return subject.event('document.reinstate', {}, [alice]);
    },
  };
  test.each([
    ['one that something happened before by itself', 'stale_value'],
    ['one that the rules refuse', 'wrong_status'],
  ] as const)('is rightly void: %s', async (_, code) => {
    const subject = new Subject();
    const late = await events[code](subject);
    await accepted(late);
    const found = await checked(late);
    expect(found, found.stderr).toMatchObject({ code: 0 });
    expect(found.stdout).toContain(`the event is void by the rules (${code})`);
  });
});

describe('wrong use', () => {
  test('is explained', async () => {
    const paper = new Subject();
    const first = paper.event('document.create', created(), [alice]);
    const hidden = await checked(first);
    expect(hidden.code).toBe(2);
    expect(hidden.stderr).toContain('Give its proof, from its submission, with --proof FILE.');
    await writeFile(
      folder.at('config/ingam/trust'),
      `log ${formatVerifierKey(generateKey('other.example/log').key)}\nquorum none\n`,
    );
    const untrusted = await checked(first);
    expect(untrusted.code).toBe(2);
    expect(untrusted.stderr).toContain('ingam trust --server URL');
  });
});

test('the audit of what the service publishes sees the map, and says that it sees no events', async () => {
  const audited = await ingam('audit', '--server', service.url);
  expect(audited.stdout).toMatch(/^SOUND /);
  expect(audited.stderr).toContain('Not checked: records: a service does not publish events');
  const { notChecked } = JSON.parse((await ingam('audit', '--server', service.url, '--json')).stdout) as {
    notChecked: { about: string }[];
  };
  expect(notChecked.map(({ about }) => about)).toEqual(['records']);
});
