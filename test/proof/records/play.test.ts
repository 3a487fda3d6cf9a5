import { describe, expect, it } from 'vitest';
import type { RecordRefusal } from '../../../src/proof/records/refusal.js';
import type { JsonObject } from '../../../src/proof/index.js';
import { apply, nextSteps, partiesOf, watches } from '../../../src/proof/records/rules.js';
import type { RecordState } from '../../../src/proof/records/state.js';
import { Chain } from './play.js';
import { digestOf, eventOf, factsAt, ID, keyOf, NOW } from './support.js';

const [LESSOR, INSURER, LESSEE] = [keyOf('lessor'), keyOf('insurer'), keyOf('lessee')];
const [CAR, LEASE] = [digestOf('car'), digestOf('lease')];
const DAY = 86_400_000;

const register = (id: string, title: string, holder: string) => ({
  id,
  type: 'item.register',
  body: { title, serial: title, features: [], documents: [], issuer: holder, holder },
});
const codes = (errors: readonly unknown[]) => errors.map((error) => (error as RecordRefusal).code);

describe('the lease of a car', () => {
  const sign = (party: number) => ({ id: LEASE, type: 'contract.sign', body: { party } });
  const handover = {
    id: LEASE,
    type: 'contract.fulfil',
    body: { name: 'handover', evidence: { sha256: digestOf('minutes') } },
  };

  /** Three have signed, the lessee was promised the car, and the handover is missing. */
  function signed(): Chain {
    const chain = new Chain();
    const propose = {
      id: LEASE,
      type: 'contract.propose',
      body: {
        title: 'Lease',
        document: { sha256: digestOf('contract.pdf') },
        parties: [
          { name: 'Lessor', key: LESSOR, order: 1 },
          { name: 'Insurer', key: INSURER, order: 2 },
          { name: 'Lessee', key: LESSEE, order: 2 },
        ],
        deadline: chain.sealedAt + 7 * DAY,
        conditions: [{ name: 'handover', by: 2 }],
        effects: [{ item: CAR, to: 2 }],
        holder: LESSOR,
      },
    };
    expect(chain.seal([register(CAR, 'Car', LESSOR), propose])).toEqual([]);
    const offer = {
      id: CAR,
      type: 'item.offer',
      body: { to: LESSEE, on: { record: LEASE, is: 'executed' } },
    };
    expect(codes(chain.seal([sign(2)]))).toEqual(['not_your_turn']);
    expect(chain.seal([sign(0), offer])).toEqual([]);
    expect(chain.signers({ id: CAR, type: 'item.accept', body: {} })).toEqual([LESSEE]);
    expect(chain.seal([sign(2), { id: CAR, type: 'item.accept', body: {} }, sign(1)])).toEqual([]);
    expect(codes(chain.seal([{ id: CAR, type: 'item.retract', body: {} }]))).toEqual(['wrong_status']);
    expect(chain.automatic).toEqual([]);
    return chain;
  }

  it('executes with the handover, and the car changes hands in the same block', () => {
    const chain = signed();
    expect(nextSteps(chain.state(LEASE), { title: null, conditions: ['handover'] })).toContainEqual({
      type: 'contract.fulfil',
      signers: [LESSEE],
      party: 2,
      condition: 'handover',
    });
    const promised = chain.records.get(CAR)?.value ?? '';
    expect(chain.seal([handover])).toEqual([]);
    const { height } = chain;
    expect(chain.automatic).toMatchObject([
      { height, id: LEASE, type: 'contract.executed', facts: [`record ${CAR} ${promised}`] },
      { height, id: CAR, type: 'item.transferred' },
    ]);
    expect(chain.state(CAR)).toMatchObject({ holder: LESSEE, status: 'held', offer: null });
    expect(codes(chain.seal([sign(1)]))).toEqual(['wrong_status']);
    expect(nextSteps(chain.state(LEASE)).map(({ type }) => type)).toEqual(['record.rekey']);
  });

  it('expires in the first block after the deadline, also one in which the handover is recorded', () => {
    const chain = signed();
    expect(chain.due()).toBe(NOW + 7 * DAY);
    expect(codes(chain.seal([handover], [], 30 * DAY))).toEqual(['too_late']);
    expect(chain.automatic.map(({ type }) => type)).toEqual(['contract.expired', 'item.lapsed']);
    expect(chain.state(CAR)).toMatchObject({ holder: LESSOR, status: 'held', offer: null });
    expect(chain.due()).toBeUndefined();
  });
});

describe('a letter of credit', () => {
  const [SELLER, BUYER, BANK, INSPECTOR] = ['seller', 'buyer', 'bank', 'inspector'].map(keyOf);
  const [LADING, CREDIT] = [digestOf('bill of lading'), digestOf('credit')];
  const report = digestOf('inspection report');

  function agreed(): Chain {
    const chain = new Chain();
    const propose = {
      id: CREDIT,
      type: 'contract.propose',
      body: {
        title: 'Letter of credit',
        document: { sha256: digestOf('credit.pdf') },
        parties: [
          { name: 'Seller', key: SELLER ?? '', order: 1 },
          { name: 'Buyer', key: BUYER ?? '', order: 1 },
          { name: 'Bank', key: BANK ?? '', order: 2 },
          { name: 'Inspector', key: INSPECTOR ?? '', order: 2 },
        ],
        quorum: 3,
        deadline: chain.sealedAt + 60 * DAY,
        conditions: [
          { name: 'inspected', by: 3 },
          { name: 'paid', by: 2 },
        ],
        when: {
          all: [
            { signed: 0 },
            { signed: 1 },
            { signed: 2 },
            { fulfilled: 'paid' },
            { any: [{ fulfilled: 'inspected' }, { notarized: report }] },
          ],
        },
        effects: [{ item: LADING, to: 1 }],
        holder: BUYER ?? '',
      },
    };
    const sign = (party: number) => ({ id: CREDIT, type: 'contract.sign', body: { party } });
    chain.seal([register(LADING, 'Bill of lading', SELLER ?? ''), propose]);
    expect(chain.seal([sign(0), sign(1), sign(2)])).toEqual([]);
    return chain;
  }
  const offer = {
    id: LADING,
    type: 'item.offer',
    body: { to: BUYER ?? '', on: { record: CREDIT, is: 'executed' } },
  };
  const accept = { id: LADING, type: 'item.accept', body: {} };
  const paid = {
    id: CREDIT,
    type: 'contract.fulfil',
    body: { name: 'paid', evidence: { sha256: digestOf('swift message') } },
  };

  it('executes when the last of payment, report and promise is there, whichever it is', () => {
    const steps: ((chain: Chain) => unknown)[] = [
      (chain) => chain.seal([offer, accept]),
      (chain) => chain.seal([paid]),
      (chain) => chain.seal([], [report]),
    ];
    for (const last of [0, 1, 2]) {
      const chain = agreed();
      for (const [i, step] of steps.entries()) if (i !== last) step(chain);
      expect(chain.automatic).toEqual([]);
      steps[last]?.(chain);
      expect(chain.automatic.map(({ type }) => type)).toEqual(['contract.executed', 'item.transferred']);
      expect(chain.automatic[0]?.facts.some((fact) => fact === `notarized ${report}`)).toBe(true);
      expect(chain.state(LADING).holder).toBe(BUYER);
    }
  });

  it('frees the bill of lading when it is cancelled by all who have signed', () => {
    const chain = agreed();
    chain.seal([offer, accept]);
    const cancel = { id: CREDIT, type: 'contract.cancel', body: { reason: 'the ship is lost' } };
    expect(chain.signers(cancel)).toEqual([BUYER, SELLER, BANK]);
    expect(chain.seal([cancel])).toEqual([]);
    expect(chain.automatic).toMatchObject([{ id: LADING, type: 'item.lapsed' }]);
    expect(chain.state(LADING)).toMatchObject({ holder: SELLER, status: 'held' });
  });
});

it('of two contracts that wait for each other neither is executed', () => {
  const [ONE, TWO] = [digestOf('one'), digestOf('two')];
  const propose = (id: string, other: string) => ({
    id,
    type: 'contract.propose',
    body: {
      title: 'Contract',
      document: { sha256: digestOf('text') },
      parties: [{ name: 'A', key: LESSOR, order: 1 }],
      when: { record: other, is: 'executed' },
      holder: LESSOR,
    },
  });
  const sign = (id: string) => ({ id, type: 'contract.sign', body: { party: 0 } });
  const chain = new Chain();
  expect(chain.seal([propose(ONE, TWO), propose(TWO, ONE), sign(ONE), sign(TWO)])).toEqual([]);
  expect(chain.automatic).toEqual([]);
});

it('a chain of contracts is executed in one block, one in each round', () => {
  const ids = Array.from({ length: 20 }, (_, i) => digestOf(`contract ${i}`));
  const chain = new Chain();
  const propose = ids.map((id, i) => ({
    id,
    type: 'contract.propose',
    body: {
      title: 'Contract',
      document: { sha256: digestOf('text') },
      parties: [{ name: 'A', key: LESSOR, order: 1 }],
      ...(i === 0 ? {} : { when: { record: ids[i - 1] ?? '', is: 'executed' } }),
      holder: LESSOR,
    },
  }));
  const sign = (id: string) => ({ id, type: 'contract.sign', body: { party: 0 } });
  expect(chain.seal(propose)).toEqual([]);
  chain.seal(ids.slice(1).map(sign));
  expect(chain.automatic).toEqual([]);
  chain.seal([sign(ids[0] ?? '')]);
  expect(chain.automatic.map(({ id }) => id)).toEqual(ids);
  expect(new Set(chain.automatic.map(({ height }) => height)).size).toBe(1);
});

describe('what a record waits for', () => {
  const [OTHER, PAID] = [digestOf('other'), digestOf('paid')];
  const on = {
    any: [
      { all: [{ record: OTHER, is: 'executed' }, { before: NOW + 3 * DAY }] },
      { notarized: PAID },
      { after: NOW + DAY },
    ],
  };
  const waiting = (type: string, body: JsonObject, begin: RecordState | null = null) =>
    watches(apply(begin, eventOf(type, body, begin === null ? null : ID), factsAt()), NOW);

  it('is in the offer of an item', () => {
    const item = apply(null, eventOf('item.register', register(CAR, 'Car', LESSOR).body), factsAt());
    expect(waiting('item.offer', { to: LESSEE, until: NOW + 2 * DAY, on }, item)).toEqual({
      times: [NOW + DAY, NOW + 2 * DAY, NOW + 3 * DAY],
      digests: [PAID],
      records: [OTHER],
    });
  });

  it('is in each promised licence of a work', () => {
    const claim = {
      ...{ title: 'W', kind: 'music', authors: [{ name: 'A', role: 'author' }], published: null },
      ...{ madeForHire: false, basis: 'author', documents: [{ sha256: PAID }], holder: LESSOR },
    };
    const license = { to: { name: 'X' }, terms: 'all', exclusive: false, until: NOW + 2 * DAY };
    const work = apply(null, eventOf('work.claim', claim), factsAt());
    const once = apply(work, eventOf('work.license', { ...license, on }, ID), factsAt());
    const both = waiting('work.license', { ...license, on: { notarized: CAR } }, once);
    expect(both).toEqual({
      times: [NOW + DAY, NOW + 2 * DAY, NOW + 3 * DAY],
      digests: [CAR, PAID].sort(),
      records: [OTHER],
    });
    expect(watches(once, NOW + 2 * DAY).times).toEqual([NOW + 3 * DAY]);
  });

  it('is in the terms of an open contract', () => {
    const terms = {
      title: 'Lease',
      document: { sha256: PAID },
      parties: [{ name: 'Lessor', key: LESSOR, order: 1 }],
      deadline: NOW + 2 * DAY,
      when: on,
      effects: [{ item: CAR, to: 0 }],
      holder: LESSOR,
    };
    const contract = apply(null, eventOf('contract.propose', terms), factsAt());
    expect(watches(contract, NOW)).toEqual({
      times: [NOW + DAY, NOW + 2 * DAY, NOW + 3 * DAY],
      digests: [PAID],
      records: [CAR, OTHER].sort(),
    });
    expect(waiting('contract.cancel', {}, contract)).toEqual({ times: [], digests: [], records: [] });
  });

  it('is the end of a recovery, and all keys with a role may read the record', () => {
    const begin = { document: { sha256: PAID }, holder: LESSOR, recovery: { key: INSURER, days: 30 } };
    const document = apply(null, eventOf('document.create', begin), factsAt());
    expect(partiesOf(document)).toEqual([LESSOR, INSURER]);
    const recovering = apply(document, eventOf('record.recover', { holder: LESSEE }, ID), factsAt());
    expect(watches(recovering, NOW).times).toEqual([NOW + 30 * DAY]);
    expect(watches(recovering, NOW + 30 * DAY).times).toEqual([]);
    expect(partiesOf(recovering)).toEqual([LESSOR, INSURER, LESSEE]);
  });
});
