import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/proof/index.js';
import { conditionDigest } from '../../../src/proof/records/conditions.js';
import { apply, automatic, nextSteps, partiesOf, signersOf } from '../../../src/proof/records/rules.js';
import type { NextStep, RecordState } from '../../../src/proof/records/state.js';
import { randomRuns } from '../../support/random-runs.js';
import { Chain, type Step } from './play.js';
import { digestOf, eventOf, factsAt, ID, keyOf, NOW, refusal } from './support.js';

const HOUR = 3_600_000;
const KEYS = ['alice', 'bob', 'carol', 'dave'].map(keyOf);
/** Has a role nowhere, unless somebody gives her one. */
const MALLORY = keyOf('mallory');
const DIGESTS = ['one', 'two'].map(digestOf);
const IDS = {
  document: digestOf('a document'),
  work: digestOf('a work'),
  other: digestOf('another work'),
  item: digestOf('an item'),
  stone: digestOf('another item'),
  contract: digestOf('a contract'),
  lease: digestOf('another contract'),
};

const key = fc.constantFrom(...KEYS);
const anyKey = fc.constantFrom(...KEYS, MALLORY);
const doc = fc.constantFrom(...DIGESTS).map((sha256) => ({ sha256 }));
const time = fc.integer({ min: 0, max: 12 }).map((hours) => NOW + hours * HOUR);
const recovery = fc.record({ key: anyKey, days: fc.constant(1) });
const id = fc.constantFrom(...Object.values(IDS));
const party = fc.nat(2);
const name = fc.constantFrom('handover', 'payment');

const leaf: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.record({ before: time }),
  fc.record({ after: time }),
  fc.record({ notarized: fc.constantFrom(...DIGESTS) }),
  fc.record({ record: id, is: fc.constantFrom('executed', 'expired', 'withdrawn', 'promised', 'stolen') }),
);
const condition: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 3, arbitrary: leaf },
  {
    weight: 2,
    arbitrary: fc.constantFrom(IDS.contract, IDS.lease).map((record) => ({ record, is: 'executed' })),
  },
  fc.array(leaf, { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
  fc.array(leaf, { minLength: 1, maxLength: 2 }).map((all) => ({ all })),
);
const ofContract: fc.Arbitrary<JsonObject> = fc.oneof(
  condition,
  fc.record({ signed: party }),
  fc.record({ fulfilled: name }),
  fc.array(fc.record({ fulfilled: name }), { minLength: 1, maxLength: 2 }).map((all) => ({ all })),
);
/** Members that may be left out are left out now and then. */
const body = (
  required: Record<string, fc.Arbitrary<unknown>>,
  optional: Record<string, fc.Arbitrary<unknown>> = {},
) =>
  fc.record(
    { ...required, ...optional },
    { requiredKeys: Object.keys(required) },
  ) as fc.Arbitrary<JsonObject>;

const terms = {
  title: fc.constant('Contract'),
  document: doc,
  parties: fc
    .shuffledSubarray(KEYS, { minLength: 1, maxLength: 3 })
    .map((keys) => keys.map((each, i) => ({ name: `Party ${i}`, key: each, order: 1 + (i >> 1) }))),
};
const maybe = {
  quorum: fc.integer({ min: 1, max: 2 }),
  deadline: time,
  conditions: fc.constantFrom(
    [{ name: 'handover', by: 0 }],
    [
      { name: 'handover', by: 0 },
      { name: 'payment', by: 0 },
    ],
  ),
  when: ofContract,
  effects: fc.constantFrom([{ item: IDS.item, to: 0 }], [{ item: IDS.stone, to: 0 }]),
};

const BODIES: Record<string, fc.Arbitrary<JsonObject>> = {
  'record.rekey': body({ holder: anyKey }, { recovery: fc.option(recovery) }),
  'record.recover': body({ holder: anyKey }),
  'record.keep': body({}),
  'document.version': body({ document: doc }),
  'document.withdraw': body({}),
  'document.reinstate': body({}),
  'work.version': body({ documents: fc.tuple(doc) }),
  'work.license': body(
    {
      to: body({ name: fc.constant('X') }, { key: anyKey }),
      terms: fc.constant('all'),
      exclusive: fc.boolean(),
    },
    { until: time, on: condition },
  ),
  'work.assign': body({ to: anyKey }),
  'work.accept': body({}, { recovery }),
  'work.retract': body({}),
  'work.contest': body({ by: id, holder: anyKey, reason: fc.constant('mine') }),
  'work.settle': body({ contest: fc.nat(9), holder: anyKey }),
  'work.withdraw': body({}),
  'item.appraise': body({ value: fc.constant('1'), currency: fc.constant('KRW'), appraiser: anyKey }),
  'item.offer': body({ to: key }, { until: time, on: condition }),
  'item.accept': body({}, { recovery }),
  'item.retract': body({}),
  'item.report': body({ what: fc.constantFrom('lost', 'stolen', 'recovered', 'destroyed') }),
  'contract.sign': body({ party }),
  'contract.decline': body({ party }),
  'contract.delegate': body({ party, to: anyKey }),
  'contract.fulfil': body({ name, evidence: doc }),
  'contract.amend': body(terms, maybe),
  'contract.cancel': body({}),
};
/** Most kinds of records end soon if this happens as often as all else. */
const RARE = ['contract.cancel', 'contract.decline', 'work.withdraw', 'contract.amend'];

const kindOf = (record: string) => Object.entries(IDS).find(([, each]) => each === record)?.[0] ?? '';
const KIND: Record<string, string> = { other: 'work', stone: 'item', lease: 'contract' };
const stepOf = (record: string): fc.Arbitrary<Step> => {
  const kind = KIND[kindOf(record)] ?? kindOf(record);
  const types = Object.entries(BODIES).filter(
    ([type]) => type.startsWith(kind) || type.startsWith('record.'),
  );
  return fc.oneof(
    ...types.map(([type, each]) => ({
      weight: RARE.includes(type) ? 1 : 6,
      arbitrary: each.map((made) => ({ id: record, type, body: made })),
    })),
  );
};
const step: fc.Arbitrary<Step> = id.chain(stepOf);

const first: fc.Arbitrary<Step[]> = fc.tuple(
  body({ document: doc, holder: key }, { recovery }).map((made) => ({
    id: IDS.document,
    type: 'document.create',
    body: made,
  })),
  ...[IDS.work, IDS.other].map((record) =>
    key.map((holder) => ({
      id: record,
      type: 'work.claim',
      body: {
        ...{ title: 'W', kind: 'music', authors: [{ name: 'A', role: 'author' }], published: null },
        ...{ madeForHire: false, basis: 'author', documents: [{ sha256: digestOf('score') }], holder },
      },
    })),
  ),
  ...[IDS.item, IDS.stone].map((record) =>
    body({ holder: key }, { recovery }).map((made) => ({
      id: record,
      type: 'item.register',
      body: { title: 'I', serial: '1', features: [], documents: [], issuer: KEYS[0] ?? '', ...made },
    })),
  ),
  ...[IDS.contract, IDS.lease].map((record) =>
    body({ ...terms, holder: key }, maybe).map((made) => ({
      id: record,
      type: 'contract.propose',
      body: made,
    })),
  ),
);

interface Block {
  readonly steps: readonly Step[];
  readonly documents: readonly string[];
  readonly hours: number;
}
const block: fc.Arbitrary<Block> = fc.record({
  steps: fc.array(step, { maxLength: 8 }),
  documents: fc.oneof(
    { weight: 5, arbitrary: fc.constant([]) },
    fc.constantFrom(...DIGESTS).map((each) => [each]),
  ),
  hours: fc.constantFrom(0, 1, 1, 2, 13),
});
const story = fc.tuple(first, fc.array(block, { minLength: 1, maxLength: 8 }));

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
}

/** Plays a story, and calls `each` with every event that is applied. */
function play(
  [begin, blocks]: readonly [readonly Step[], readonly Block[]],
  each: (event: Step, before: RecordState, after: RecordState, signers: readonly string[]) => void = () =>
    undefined,
  afterBlock: (chain: Chain, block: Block) => void = () => undefined,
): Chain {
  const chain = new Chain();
  chain.seal(begin, [], HOUR);
  for (const own of blocks) {
    chain.seal(own.steps, own.documents, own.hours * HOUR, each);
    afterBlock(chain, own);
  }
  return chain;
}

/** Types whose body needs nothing, or the index of a party. */
const PLAIN = [
  ...[
    'record.keep',
    'document.withdraw',
    'document.reinstate',
    'work.accept',
    'work.retract',
    'work.withdraw',
  ],
  ...['item.accept', 'item.retract', 'contract.sign', 'contract.decline', 'contract.cancel'],
];

/** The same steps again and again, for events that can. */
function repeated(
  state: RecordState,
  steps: readonly (readonly [type: string, body: JsonObject])[],
  times: number,
) {
  let last = state;
  for (let i = 0; i < times; i++) {
    for (const [type, made] of steps)
      last = apply(last, eventOf(type, made, ID, i + 1), factsAt(NOW, { record: () => last }));
  }
  return last;
}

/** Signed by those who hold another work. */
const FROM_OUTSIDE = ['work.contest', 'work.settle'];

function assertRole(
  { type }: Step,
  before: RecordState,
  after: RecordState,
  signers: readonly string[],
): void {
  if (signers.some((each) => partiesOf(before).includes(each))) return;
  expect(FROM_OUTSIDE).toContain(type);
  expect({ ...after, status: null, contests: null }).toEqual({ ...before, status: null, contests: null });
}

/** A holder is replaced only by an event that both have signed, or that takes an offer of the holder's. */
function assertHolder(
  { type }: Step,
  before: RecordState,
  after: RecordState,
  signers: readonly string[],
): void {
  if (before.holder === after.holder) return;
  expect(signers).toContain(after.holder);
  if (type === 'record.rekey') expect(signers).toContain(before.holder);
  else expect(['item.accept', 'work.accept']).toContain(type);
}

function assertNamed({ type, body: own }: Step, before: RecordState, signers: readonly string[]): void {
  if (FROM_OUTSIDE.includes(type)) return;
  const fits = (each: NextStep) =>
    each.type === type &&
    each.signers.every((signer) => signers.includes(signer)) &&
    (each.party === null || own['party'] === undefined || own['party'] === each.party) &&
    (each.condition === null || conditionDigest(own['name'] as string) === each.condition);
  expect([type, nextSteps(before).filter(fits).length]).toEqual([type, 1]);
}

describe('the rules', () => {
  it('come to the same result twice, change nothing that they are given, and keep states in JSON', () => {
    fc.assert(
      fc.property(story, (made) => {
        const chain = play(frozen(made), (_, before, after) => {
          frozen(before);
          frozen(after);
        });
        expect(play(made).records).toEqual(chain.records);
        for (const { state } of chain.records.values())
          expect(JSON.parse(JSON.stringify(state))).toEqual(state);
      }),
      randomRuns(12),
    );
  });

  it('let nobody without a role change anything, and name every step that can come next', () => {
    let events = 0;
    fc.assert(
      fc.property(story, (made) => {
        play(made, (event, before, after, signers) => {
          events++;
          assertRole(event, before, after, signers);
          assertHolder(event, before, after, signers);
          assertNamed(event, before, signers);
        });
      }),
      randomRuns(30),
    );
    expect(events).toBeGreaterThan(100);
  });

  it('wake a record in the block in which something happens to it', () => {
    let happened = 0;
    fc.assert(
      fc.property(story, (made) => {
        const chain = play(made, undefined, (own) => {
          for (const each of own.records.keys())
            expect(automatic(own.state(each), own.facts(each))).toBeNull();
        });
        happened += chain.automatic.length;
      }),
      randomRuns(30),
    );
    expect(happened).toBeGreaterThan(10);
  });

  it('take every step without content that they name', () => {
    fc.assert(
      fc.property(story, (made) => {
        const chain = play(made);
        for (const [record, { state }] of chain.records) {
          for (const { type, signers, party: index } of nextSteps(state).filter((each) =>
            PLAIN.includes(each.type),
          )) {
            const event = eventOf(type, index === null ? {} : { party: index }, record);
            expect(signersOf(state, event)).toEqual(signers);
            const code = refusal(() => apply(state, event, { ...factsAt(chain.sealedAt), id: record }));
            expect([type, [null, 'too_late'].includes(code)]).toEqual([type, true]);
          }
        }
      }),
      randomRuns(20),
    );
  });

  it('keep states small however long a history is', () => {
    const [alice = '', bob = ''] = KEYS;
    const begin = (type: string, made: JsonObject) => apply(null, eventOf(type, made), factsAt());
    const item = begin('item.register', {
      title: 'I',
      serial: '1',
      features: [],
      documents: [],
      issuer: alice,
      holder: alice,
    });
    const passed: [string, JsonObject][] = [
      ['item.appraise', { value: '1', currency: 'KRW', appraiser: bob }],
      ['item.offer', { to: bob }],
      ['item.accept', {}],
      ['item.offer', { to: alice }],
      ['item.accept', {}],
    ];
    const work = begin('work.claim', {
      ...{ title: 'W', kind: 'music', authors: [{ name: 'A', role: 'author' }], published: null },
      ...{ madeForHire: false, basis: 'author', documents: [{ sha256: digestOf('score') }], holder: alice },
    });
    const used: [string, JsonObject][] = [
      ['work.license', { to: { name: 'Bob', key: bob }, terms: 'all', exclusive: false }],
      ['work.version', { documents: [{ sha256: digestOf('x') }] }],
    ];
    for (const [state, steps] of [
      [item, passed],
      [work, used],
    ] as const) {
      const [some, many] = [40, 200].map((times) => JSON.stringify(repeated(state, steps, times)).length);
      expect((many ?? 0) - (some ?? 0)).toBeLessThan(200);
    }
  });
});
