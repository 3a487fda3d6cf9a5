import type { ContractState, ItemState, Party } from '../../../../../src/proof/records/state.js';
import { accepted, ALICE, BOB, CAROL, DAVE, DAY, digest, happens, HELD, ID, keyOf, NOW, type Part, refused, SAFE, waits } from './rule-vector.js';

const DEADLINE = NOW + 10 * DAY;
const ITEM = digest('the car');
const OTHER = digest('another record');
const REPORT = digest('the inspection report');

const people = [
  { name: 'Lessor', key: ALICE, order: 1 },
  { name: 'Insurer', key: BOB, order: 2 },
  { name: 'Lessee', key: CAROL, order: 2 },
];
const parties: readonly Party[] = people.map(({ key, order }) => ({ key, order, answer: null }));
const answered = (...answers: readonly Party['answer'][]) => parties.map((party, i) => ({ ...party, answer: answers[i] ?? null }));
const SIGNED = answered('signed', 'signed', 'signed');

const lease: ContractState = {
  ...HELD,
  kind: 'contract',
  status: 'open',
  document: digest('lease'),
  parties,
  quorum: 3,
  deadline: DEADLINE,
  conditions: [],
  when: null,
  effects: [],
  amendments: 0,
};
/** States keep no names. */
const HANDOVER = digest('handover');
const handover = { digest: HANDOVER, by: 2, fulfilled: false };
const effects = [{ item: ITEM, to: 2 }];

/** The car, promised to the lessee. */
const car: ItemState = {
  ...HELD,
  kind: 'item',
  status: 'promised',
  issuer: ALICE,
  offer: { to: CAROL, until: null, on: { record: ID, is: 'executed' }, accepted: true, recovery: null },
  report: null,
  transfers: 0,
  appraisals: 0,
};
const offer = car.offer ?? { to: CAROL, until: null, on: null, accepted: true, recovery: null };

const states = {
  lease,
  'lease-without-deadline': { ...lease, deadline: null },
  'lease-begun': { ...lease, parties: answered('signed') },
  'lease-half': { ...lease, parties: answered('signed', null, 'signed') },
  'lease-signed': { ...lease, parties: SIGNED },
  'lease-declined': { ...lease, parties: answered('declined'), status: 'declined' },
  'lease-executed': { ...lease, parties: SIGNED, status: 'executed' },
  'lease-expired': { ...lease, status: 'expired' },
  'lease-cancelled': { ...lease, status: 'cancelled' },
  'lease-recoverable': { ...lease, status: 'executed', recovery: { key: SAFE, days: 1 } },
  'held-by-another': { ...lease, holder: DAVE, parties: answered('signed', null, 'signed') },
  'two-of-three': { ...lease, quorum: 2 },
  'two-of-three-declined': { ...lease, quorum: 2, parties: answered('declined') },
  'two-of-three-signed': { ...lease, quorum: 2, parties: answered('declined', 'signed', 'signed') },
  'lessor-needed': { ...lease, quorum: 2, when: { signed: 0 } },
  'either-needed': { ...lease, quorum: 1, when: { any: [{ signed: 0 }, { signed: 1 }] } },
  'handover-open': { ...lease, parties: SIGNED, conditions: [handover], when: { all: [{ fulfilled: HANDOVER }] } },
  'handover-done': { ...lease, parties: SIGNED, conditions: [{ ...handover, fulfilled: true }], when: { all: [{ fulfilled: HANDOVER }] } },
  'handover-unsigned': { ...lease, conditions: [handover], when: { all: [{ fulfilled: HANDOVER }] } },
  'handover-declined': { ...lease, quorum: 2, parties: answered(null, null, 'declined'), conditions: [handover], when: { any: [{ fulfilled: HANDOVER }, { after: NOW }] } },
  'handover-needed': { ...lease, quorum: 2, conditions: [handover], when: { fulfilled: HANDOVER } },
  'with-car': { ...lease, parties: SIGNED, effects },
  'with-report': { ...lease, parties: SIGNED, effects, when: { all: [{ notarized: REPORT }, { record: OTHER, is: 'withdrawn' }, { before: DEADLINE - 1 }] } },
  'on-another': { ...lease, parties: SIGNED, when: { record: OTHER, is: 'executed' } },
  'not-before': { ...lease, parties: SIGNED, deadline: null, when: { after: NOW + DAY } },
  'all-by-then': { ...lease, deadline: null, when: { all: [{ signed: 0 }, { before: NOW + DAY }] } },
  car,
  'car-offered': { ...car, status: 'offered', offer: { ...offer, accepted: false } },
  'car-held': { ...car, status: 'held', offer: null },
  'car-for-another': { ...car, offer: { ...offer, to: BOB } },
  'car-on-another': { ...car, offer: { ...offer, on: { record: OTHER, is: 'executed' } } },
  'car-on-more': { ...car, offer: { ...offer, on: { all: [{ record: ID, is: 'executed' }] } } },
  'car-on-cancelled': { ...car, offer: { ...offer, on: { record: ID, is: 'cancelled' } } },
  'car-until': { ...car, offer: { ...offer, until: NOW + DAY } },
  'car-lost': { ...car, status: 'lost', report: 'lost' },
  'other-withdrawn': { ...HELD, kind: 'document', status: 'withdrawn', document: digest('v1'), versions: 1 },
} satisfies Part['states'];

const terms = {
  title: 'A lease',
  document: { sha256: digest('lease') },
  parties: people,
  deadline: DEADLINE,
};
const propose = (more: object = {}) => ({ ...terms, holder: ALICE, ...more });
type Code = Parameters<typeof refused>[1];
const badTerms = (rule: string, code: Code, about: string, more: object) => refused(rule, code, about, null, 'contract.propose', propose(more));
const many = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `Party ${i}`, key: keyOf(`p${i}`), order: 1 }));
const LATE = { sealedAt: DEADLINE };
const fact = (id: string) => `record ${id} ${digest(id)}`;
const evidence = { sha256: REPORT };

export const contracts: Part = {
  states,
  events: [
    accepted('C3', 'three parties, all needed', null, 'contract.propose', propose(), [ALICE], lease),
    accepted('C3', 'two of three', null, 'contract.propose', propose({ quorum: 2 }), [ALICE], { ...lease, quorum: 2 }),
    accepted('C3', 'a holder who is no party, and no deadline', null, 'contract.propose', propose({ holder: DAVE, deadline: undefined }), [DAVE], { ...lease, holder: DAVE, deadline: null }),
    accepted('C4', 'without "when": all conditions', null, 'contract.propose', propose({ conditions: [{ name: 'handover', by: 2 }] }), [ALICE], states['handover-unsigned']),
    accepted('C4', 'with "when"', null, 'contract.propose', propose({ quorum: 2, conditions: [{ name: 'handover', by: 2 }], when: { fulfilled: 'handover' } }), [ALICE], states['handover-needed']),
    accepted('B11', '99 parties', null, 'contract.propose', propose({ parties: many(99) }), [ALICE], { ...lease, quorum: 99, parties: many(99).map(({ key, order }) => ({ key, order, answer: null })) }),
    badTerms('B11', 'too_large', '100 parties', { parties: many(100) }),
    badTerms('B11', 'malformed_body', 'no parties', { parties: [] }),
    badTerms('B11', 'too_large', '33 conditions', { conditions: Array.from({ length: 33 }, (_, i) => ({ name: `c${i}`, by: 0 })) }),
    badTerms('B11', 'too_large', '33 effects', { effects: Array.from({ length: 33 }, (_, i) => ({ item: digest(`${i}`), to: 0 })) }),
    badTerms('R8', 'malformed_body', 'a party with an answer', { parties: people.map((each) => ({ ...each, answer: 'signed' })) }),
    badTerms('R8', 'malformed_body', 'order 0', { parties: [{ name: 'Lessor', key: ALICE, order: 0 }] }),
    badTerms('R8', 'malformed_body', 'half an order', { parties: [{ name: 'Lessor', key: ALICE, order: 1.5 }] }),
    badTerms('R8', 'malformed_body', 'a quorum of none', { quorum: 0 }),
    badTerms('B2', 'too_large', 'the name of a condition of 65 characters', { conditions: [{ name: 'x'.repeat(65), by: 0 }] }),
    badTerms('C1', 'duplicate_party', 'one key twice', { parties: [{ name: 'Lessor', key: ALICE, order: 1 }, { name: 'Lessee', key: ALICE, order: 1 }] }),
    badTerms('C1', 'duplicate_party', 'one name twice', { parties: [{ name: 'Lessor', key: ALICE, order: 1 }, { name: 'Lessor', key: BOB, order: 1 }] }),
    badTerms('C2', 'malformed_body', 'one condition twice', { conditions: [{ name: 'handover', by: 0 }, { name: 'handover', by: 1 }] }),
    badTerms('C2', 'malformed_body', 'one item to two parties', { effects: [{ item: ITEM, to: 0 }, { item: ITEM, to: 1 }] }),
    badTerms('C3', 'unknown_party', 'a condition of party 3 of three', { conditions: [{ name: 'handover', by: 3 }] }),
    badTerms('C3', 'unknown_party', 'an effect for party 3 of three', { effects: [{ item: ITEM, to: 3 }] }),
    badTerms('C3', 'unknown_party', 'a quorum of four of three', { quorum: 4 }),
    badTerms('C4', 'unknown_condition', 'a name without a condition', { when: { fulfilled: 'handover' } }),
    badTerms('C4', 'unknown_party', 'a signature of party 3 of three', { when: { any: [{ signed: 0 }, { signed: 3 }] } }),
    badTerms('L1', 'malformed_body', 'a party by its name', { when: { signed: 'Lessor' } }),
    badTerms('C7', 'too_late', 'a deadline that has come', { deadline: NOW }),
    refused('C5', 'cyclic_effect', 'an effect on the contract itself', 'lease', 'contract.amend', { ...terms, effects: [{ item: ID, to: 0 }] }),
    refused('C5', 'cyclic_effect', 'a condition on the contract itself', 'lease', 'contract.amend', { ...terms, when: { record: ID, is: 'open' } }),

    accepted('C9', 'the first signs', 'lease', 'contract.sign', { party: 0 }, [ALICE], { parties: answered('signed') }),
    accepted('C9', 'then the third', 'lease-begun', 'contract.sign', { party: 2 }, [CAROL], { parties: answered('signed', null, 'signed') }),
    accepted('C9', 'and the second', 'lease-half', 'contract.sign', { party: 1 }, [BOB], { parties: SIGNED }),
    accepted('C9', 'a refusal is an answer too', 'two-of-three-declined', 'contract.sign', { party: 1 }, [BOB], { parties: answered('declined', 'signed') }),
    refused('C9', 'not_your_turn', 'the second signs first', 'lease', 'contract.sign', { party: 1 }),
    refused('C9', 'not_your_turn', 'the third signs first', 'lease', 'contract.sign', { party: 2 }),
    refused('C3', 'unknown_party', 'party 3 of three signs', 'lease', 'contract.sign', { party: 3 }),
    refused('C3', 'unknown_party', 'party 3 of three declines', 'lease', 'contract.decline', { party: 3 }),
    refused('C3', 'unknown_party', 'party 3 of three delegates', 'lease', 'contract.delegate', { party: 3, to: DAVE }),
    refused('R8', 'malformed_body', 'a party by its name', 'lease', 'contract.sign', { party: 'Lessor' }),
    refused('R8', 'malformed_body', 'party -1', 'lease', 'contract.sign', { party: -1 }),
    refused('C8', 'already_signed', 'signed twice', 'lease-begun', 'contract.sign', { party: 0 }),
    refused('C8', 'already_signed', 'declined after signing', 'lease-begun', 'contract.decline', { party: 0 }),
    refused('C8', 'already_declined', 'signed after declining', 'two-of-three-declined', 'contract.sign', { party: 0 }),
    refused('C8', 'already_declined', 'declined twice', 'two-of-three-declined', 'contract.decline', { party: 0 }),
    accepted('C10', 'a refusal of one who is needed', 'lease', 'contract.decline', { party: 1, reason: 'too dear' }, [BOB], { parties: answered(null, 'declined'), status: 'declined' }),
    accepted('C10', 'a refusal of one who is not needed', 'two-of-three', 'contract.decline', { party: 2 }, [CAROL], { parties: answered(null, null, 'declined') }),
    accepted('C10', 'a second refusal', 'two-of-three-declined', 'contract.decline', { party: 2 }, [CAROL], { parties: answered('declined', null, 'declined'), status: 'declined' }),
    accepted('C10', '"when" needs the signature', 'lessor-needed', 'contract.decline', { party: 0 }, [ALICE], { parties: answered('declined'), status: 'declined' }),
    accepted('C10', '"when" needs the fulfilment', 'handover-needed', 'contract.decline', { party: 2 }, [CAROL], { parties: answered(null, null, 'declined'), status: 'declined' }),
    accepted('C10', '"when" has another way', 'either-needed', 'contract.decline', { party: 0 }, [ALICE], { parties: answered('declined') }),
    accepted('C11', 'another key signs', 'lease', 'contract.delegate', { party: 1, to: DAVE }, [BOB, DAVE], { parties: parties.map((each, i) => (i === 1 ? { ...each, key: DAVE } : each)) }),
    refused('C11', 'already_signed', 'after signing', 'lease-begun', 'contract.delegate', { party: 0, to: DAVE }),
    refused('C11', 'already_declined', 'after declining', 'two-of-three-declined', 'contract.delegate', { party: 0, to: DAVE }),
    refused('C11', 'no_change', 'to itself', 'lease', 'contract.delegate', { party: 1, to: BOB }),
    refused('C11', 'duplicate_party', 'to another party', 'lease', 'contract.delegate', { party: 1, to: CAROL }),
    accepted('C12', 'a condition is fulfilled', 'handover-open', 'contract.fulfil', { name: 'handover', evidence }, [CAROL], { conditions: [{ ...handover, fulfilled: true }] }),
    accepted('C12', 'before anybody has signed', 'handover-unsigned', 'contract.fulfil', { name: 'handover', evidence }, [CAROL], { conditions: [{ ...handover, fulfilled: true }] }),
    refused('C12', 'unknown_condition', 'a condition that is not there', 'handover-open', 'contract.fulfil', { name: 'payment', evidence }),
    refused('C12', 'already_fulfilled', 'fulfilled twice', 'handover-done', 'contract.fulfil', { name: 'handover', evidence }),
    refused('C12', 'already_declined', 'by one who has declined', 'handover-declined', 'contract.fulfil', { name: 'handover', evidence }),
    refused('R8', 'malformed_body', 'without evidence', 'handover-open', 'contract.fulfil', { name: 'handover' }),
    accepted('C13', 'new terms while nobody has signed', 'lease', 'contract.amend', { ...terms, quorum: 2 }, [ALICE], { quorum: 2, amendments: 1 }),
    accepted('C13', 'signatures start again', 'lease-half', 'contract.amend', terms, [ALICE, CAROL], { parties, amendments: 1 }),
    accepted('C13', 'and fulfilments', 'handover-done', 'contract.amend', { ...terms, conditions: [{ name: 'handover', by: 2 }] }, [ALICE, BOB, CAROL], { parties, conditions: [handover], amendments: 1 }),
    accepted('C13', 'the holder is no party', 'held-by-another', 'contract.amend', terms, [DAVE, ALICE, CAROL], { parties, amendments: 1 }),
    refused('R8', 'malformed_body', 'another holder by an amendment', 'lease', 'contract.amend', { ...terms, holder: DAVE }),
    refused('C7', 'too_late', 'a new deadline that has come', 'lease', 'contract.amend', { ...terms, deadline: NOW }),
    accepted('C6', 'cancelled while nobody has signed', 'lease', 'contract.cancel', { reason: 'sold' }, [ALICE], { status: 'cancelled' }),
    accepted('C6', 'cancelled by all who have signed', 'held-by-another', 'contract.cancel', {}, [DAVE, ALICE, CAROL], { status: 'cancelled' }),
    ...['executed', 'expired', 'declined', 'cancelled'].flatMap((status) => [
      refused('C6', 'wrong_status', `signed though ${status}`, `lease-${status}`, 'contract.sign', { party: 0 }),
      refused('C6', 'wrong_status', `cancelled though ${status}`, `lease-${status}`, 'contract.cancel', {}),
      refused('C6', 'wrong_status', `amended though ${status}`, `lease-${status}`, 'contract.amend', terms),
    ]),
    refused('C6', 'wrong_status', 'declined though executed', 'lease-executed', 'contract.decline', { party: 0 }),
    refused('C6', 'wrong_status', 'delegated though executed', 'lease-executed', 'contract.delegate', { party: 0, to: DAVE }),
    accepted('C6', 'the holder changes the key of an executed contract', 'lease-recoverable', 'record.rekey', { holder: DAVE }, [ALICE, DAVE], { holder: DAVE }),
    accepted('C7', 'signed just in time', 'lease', 'contract.sign', { party: 0 }, [ALICE], { parties: answered('signed') }, { sealedAt: DEADLINE - 1 }),
    refused('C7', 'too_late', 'signed too late', 'lease', 'contract.sign', { party: 0 }, LATE),
    refused('C7', 'too_late', 'declined too late', 'lease', 'contract.decline', { party: 0 }, LATE),
    refused('C7', 'too_late', 'delegated too late', 'lease', 'contract.delegate', { party: 0, to: DAVE }, LATE),
    refused('C7', 'too_late', 'fulfilled too late', 'handover-open', 'contract.fulfil', { name: 'handover', evidence }, LATE),
    refused('C7', 'too_late', 'cancelled too late', 'lease', 'contract.cancel', {}, LATE),
    refused('C7', 'too_late', 'amended too late', 'lease', 'contract.amend', { ...terms, deadline: DEADLINE + DAY }, LATE),
  ],
  automatic: [
    happens('C14', 'all have signed', 'lease-signed', {}, 'contract.executed', { status: 'executed' }),
    happens('C14', 'in the last millisecond', 'lease-signed', { sealedAt: DEADLINE - 1 }, 'contract.executed', { status: 'executed' }),
    happens('C14', 'the quorum has signed', 'two-of-three-signed', {}, 'contract.executed', { status: 'executed' }),
    waits('C14', 'one has not signed', 'lease-half'),
    waits('C14', 'nobody has signed', 'lease'),
    waits('C14', '"when" holds, but the quorum is missing', 'two-of-three'),
    waits('C14', 'the handover is missing', 'handover-open'),
    happens('C14', 'the handover is done', 'handover-done', {}, 'contract.executed', { status: 'executed' }),
    happens('C14', 'the car is promised', 'with-car', { records: { [ITEM]: 'car' } }, 'contract.executed', { status: 'executed' }, [fact(ITEM)]),
    happens('C14', 'a lost car is promised all the same', 'with-car', { records: { [ITEM]: 'car-lost' } }, 'contract.executed', { status: 'executed' }, [fact(ITEM)]),
    happens('C14', 'the promise holds long enough', 'with-car', { records: { [ITEM]: 'car-until' } }, 'contract.executed', { status: 'executed' }, [fact(ITEM)]),
    waits('C14', 'the promise is over', 'with-car', { records: { [ITEM]: 'car-until' }, sealedAt: NOW + DAY }),
    waits('C14', 'the car is unknown', 'with-car'),
    waits('C14', 'the car is not offered', 'with-car', { records: { [ITEM]: 'car-held' } }),
    waits('C14', 'the offer is not accepted', 'with-car', { records: { [ITEM]: 'car-offered' } }),
    waits('C14', 'the car is promised to another party', 'with-car', { records: { [ITEM]: 'car-for-another' } }),
    waits('C14', 'the car is promised for another contract', 'with-car', { records: { [ITEM]: 'car-on-another' } }),
    waits('C14', 'the car is promised for the day on which the contract is cancelled', 'with-car', { records: { [ITEM]: 'car-on-cancelled' } }),
    waits('C14', 'the condition of the offer is another one, if it says the same', 'with-car', { records: { [ITEM]: 'car-on-more' } }),
    waits('C14', 'the item is a document', 'with-car', { records: { [ITEM]: 'other-withdrawn' } }),
    happens('A1', 'facts are sorted', 'with-report', { records: { [ITEM]: 'car', [OTHER]: 'other-withdrawn' }, notarized: [REPORT] }, 'contract.executed', { status: 'executed' }, [
      `notarized ${REPORT}`, ...[fact(ITEM), fact(OTHER)].sort(),
    ]),
    waits('C14', 'the report is missing', 'with-report', { records: { [ITEM]: 'car', [OTHER]: 'other-withdrawn' } }),
    waits('C14', 'it is too early', 'not-before'),
    happens('C14', 'it is time', 'not-before', { sealedAt: NOW + DAY }, 'contract.executed', { status: 'executed' }),
    happens('C15', 'the deadline has come', 'lease', LATE, 'contract.expired', { status: 'expired' }),
    happens('C15', 'all have signed, and the deadline has come', 'lease-signed', LATE, 'contract.expired', { status: 'expired' }),
    waits('C15', 'a contract without deadline', 'lease-without-deadline', { sealedAt: NOW + 9999 * DAY }),
    happens('C15', 'the time of "when" is over', 'all-by-then', { sealedAt: NOW + DAY }, 'contract.expired', { status: 'expired' }),
    happens('A2', 'the other contract is cancelled', 'on-another', { records: { [OTHER]: 'lease-cancelled' } }, 'contract.expired', { status: 'expired' }, [fact(OTHER)]),
    happens('A1', 'the other contract is executed', 'on-another', { records: { [OTHER]: 'lease-executed' } }, 'contract.executed', { status: 'executed' }, [fact(OTHER)]),
    waits('C15', 'what is over stays so', 'lease-executed', LATE),
    waits('C14', 'what is declined stays so', 'lease-declined', LATE),
  ],
};
