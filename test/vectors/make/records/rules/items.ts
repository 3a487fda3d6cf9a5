import type { Condition, ContractState, ItemOffer, ItemState } from '../../../../../src/proof/records/state.js';
import { accepted, ALICE, BOB, CAROL, DAY, digest, happens, HELD, ID, NOW, type Part, refused, SAFE, waits } from './rule-vector.js';

const UNTIL = NOW + DAY;
const CONTRACT = digest('a contract');
const ON_CONTRACT: Condition = { record: CONTRACT, is: 'executed' };
const DEED = digest('the deed');

const item: ItemState = {
  ...HELD,
  kind: 'item',
  status: 'held',
  issuer: CAROL,
  offer: null,
  report: null,
  transfers: 0,
  appraisals: 0,
};
const offer: ItemOffer = { to: BOB, until: null, on: null, accepted: false, recovery: null };
const offered = (more: Partial<ItemOffer> = {}): ItemState => ({ ...item, status: 'offered', offer: { ...offer, ...more } });
const promised = (more: Partial<ItemOffer> = {}): ItemState => ({ ...item, status: 'promised', offer: { ...offer, on: ON_CONTRACT, accepted: true, ...more } });

/** What conditions of items ask of contracts. */
const contract: ContractState = {
  ...HELD,
  kind: 'contract',
  status: 'open',
  document: digest('sale'),
  parties: [{ key: BOB, order: 1, answer: null }],
  quorum: 1,
  deadline: null,
  conditions: [],
  when: null,
  effects: [],
  amendments: 0,
};

const states = {
  item,
  offered: offered(),
  'offered-until': offered({ until: UNTIL }),
  'offered-on-contract': offered({ on: ON_CONTRACT }),
  promised: promised(),
  'promised-until': promised({ until: UNTIL }),
  'promised-with-recovery': promised({ recovery: { key: SAFE, days: 9 } }),
  'promised-on-deed': promised({ on: { any: [{ notarized: DEED }, ON_CONTRACT] } }),
  'promised-before': promised({ on: { all: [ON_CONTRACT, { before: UNTIL }] } }),
  'recovering-item': { ...offered(), recovery: { key: SAFE, days: 30 }, recovering: { holder: CAROL, at: UNTIL } },
  stolen: { ...item, status: 'stolen', report: 'stolen' },
  'stolen-offered': { ...offered(), status: 'stolen', report: 'stolen' },
  'stolen-promised': { ...promised(), status: 'stolen', report: 'stolen' },
  destroyed: { ...item, status: 'destroyed', report: 'destroyed' },
  'contract-open': contract,
  'contract-executed': { ...contract, status: 'executed' },
  'contract-cancelled': { ...contract, status: 'cancelled' },
} satisfies Part['states'];

const register = { title: 'A stone', serial: 'GIA 2141438171', features: [{ name: 'carat', value: '1.01' }], documents: [], issuer: CAROL, holder: ALICE };
const appraisal = { value: '12000.50', currency: 'KRW', appraiser: CAROL };
const badRegister = (rule: string, about: string, body: object, code: 'malformed_body' | 'malformed_key' | 'too_large' = 'malformed_body') =>
  refused(rule, code, about, null, 'item.register', { ...register, ...body });
const badAppraisal = (rule: string, about: string, body: object) => refused(rule, 'malformed_body', about, 'item', 'item.appraise', { ...appraisal, ...body });
const badOffer = (rule: string, about: string, on: unknown, code: 'malformed_body' | 'unknown_party' | 'unknown_condition' | 'cyclic_effect' | 'too_large' = 'malformed_body') =>
  refused(rule, code, about, 'item', 'item.offer', { to: BOB, on: on as string });
const fact = (id: string) => `record ${id} ${digest(id)}`;
const TO_BOB = { holder: BOB, status: 'held', offer: null, transfers: 1 } as const;
const BACK = { status: 'held', offer: null } as const;
const given = (state: string, more: object = {}) => ({ records: { [CONTRACT]: state }, ...more });

export const items: Part = {
  states,
  events: [
    accepted('I1', 'an item begins', null, 'item.register', register, [CAROL, ALICE], item),
    accepted('I1', 'the issuer keeps it', null, 'item.register', { ...register, issuer: ALICE }, [ALICE], { ...item, issuer: ALICE }),
    badRegister('R8', 'without an issuer', { issuer: undefined }),
    badRegister('R8', 'features as an object', { features: { carat: '1.01' } }),
    badRegister('R8', 'a feature without a value', { features: [{ name: 'carat' }] }),
    badRegister('B2', 'a serial number of 101 characters', { serial: '1'.repeat(101) }, 'too_large'),
    badRegister('B11', '65 features', { features: Array.from({ length: 65 }, (_, i) => ({ name: `f${i}`, value: 'x' })) }, 'too_large'),
    badRegister('B11', '33 documents', { documents: Array.from({ length: 33 }, (_, i) => ({ sha256: digest(`${i}`) })) }, 'too_large'),
    accepted('I2', 'an appraisal', 'item', 'item.appraise', appraisal, [CAROL, ALICE], { appraisals: 1 }),
    accepted('B6', 'a month', 'item', 'item.appraise', { ...appraisal, on: '2026-02' }, [CAROL, ALICE], { appraisals: 1 }),
    accepted('B6', 'a leap day', 'item', 'item.appraise', { ...appraisal, on: '2024-02-29' }, [CAROL, ALICE], { appraisals: 1 }),
    badAppraisal('B6', 'no leap year', { on: '2026-02-29' }),
    badAppraisal('B6', '1900 was none', { on: '1900-02-29' }),
    badAppraisal('B6', 'month 13', { on: '2026-13' }),
    badAppraisal('B6', 'day 0', { on: '2026-01-00' }),
    badAppraisal('B6', 'a time of day', { on: '2026-01-01T00:00:00Z' }),
    badAppraisal('B6', 'without zeros', { on: '2026-1-1' }),
    badAppraisal('B6', 'a number', { on: 2026 }),
    badAppraisal('B7', 'a number', { value: 12000 }),
    badAppraisal('B7', 'a leading zero', { value: '012' }),
    badAppraisal('B7', 'a sign', { value: '-12' }),
    badAppraisal('B7', 'an exponent', { value: '1e9' }),
    badAppraisal('B7', 'a comma', { value: '12,5' }),
    badAppraisal('B7', 'nothing after the point', { value: '12.' }),
    badAppraisal('B7', 'nine places', { value: '1.123456789' }),
    badAppraisal('B7', '19 digits', { value: '1234567890123456789' }),
    badAppraisal('B8', 'a currency in small letters', { currency: 'krw' }),
    badAppraisal('B8', 'a symbol', { currency: '₩' }),
    refused('I2', 'wrong_status', 'of what is destroyed', 'destroyed', 'item.appraise', appraisal),

    accepted('I3', 'an offer', 'item', 'item.offer', { to: BOB }, [ALICE], { status: 'offered', offer }),
    accepted('I3', 'an offer with a time and a condition', 'item', 'item.offer', { to: BOB, until: UNTIL, on: ON_CONTRACT }, [ALICE], { status: 'offered', offer: { ...offer, until: UNTIL, on: ON_CONTRACT } }),
    refused('I3', 'wrong_status', 'offered twice', 'offered', 'item.offer', { to: CAROL }),
    refused('I3', 'wrong_status', 'offered though promised', 'promised', 'item.offer', { to: CAROL }),
    refused('I3', 'wrong_status', 'offered though stolen', 'stolen', 'item.offer', { to: BOB }),
    refused('I3', 'wrong_status', 'offered though destroyed', 'destroyed', 'item.offer', { to: BOB }),
    refused('I4', 'no_change', 'to oneself', 'item', 'item.offer', { to: ALICE }),
    refused('I4', 'too_late', 'until now', 'item', 'item.offer', { to: BOB, until: NOW }),
    refused('B5', 'malformed_body', 'a time as a string', 'item', 'item.offer', { to: BOB, until: '2027-01-01' }),
    refused('B5', 'malformed_body', 'a time that no date has', 'item', 'item.offer', { to: BOB, until: 8_640_000_000_000_001 }),
    refused('B5', 'malformed_body', 'a negative time', 'item', 'item.offer', { to: BOB, until: -1 }),
    badOffer('L1', 'an empty condition', {}),
    badOffer('L1', 'a condition as a string', 'executed'),
    badOffer('L1', 'negation', { not: ON_CONTRACT }),
    badOffer('L1', 'two rows in one', { after: NOW, before: UNTIL }),
    badOffer('L1', 'an empty list', { any: [] }),
    badOffer('L1', 'two of one', { atLeast: 2, of: [{ after: NOW }] }),
    badOffer('L1', 'none of one', { atLeast: 0, of: [{ after: NOW }] }),
    badOffer('L1', 'a status that there is not', { record: CONTRACT, is: 'done' }),
    badOffer('L1', 'a record without a status', { record: CONTRACT }),
    badOffer('B3', 'the record of zeros', { record: '0'.repeat(64), is: 'executed' }),
    badOffer('L2', 'a party, which items do not have', { signed: 0 }, 'unknown_party'),
    badOffer('L2', 'a name, which items do not have', { all: [{ after: NOW }, { fulfilled: 'handover' }] }, 'unknown_condition'),
    badOffer('L3', 'nine levels', [1, 2, 3, 4, 5, 6, 7, 8].reduce<object>((inner) => ({ all: [inner] }), { after: NOW }), 'too_large'),
    badOffer('L3', '65 parts', { any: [{ all: Array.from({ length: 64 }, () => ({ after: NOW })) }, { after: NOW }] }, 'too_large'),
    badOffer('L3', '65 branches', { any: Array.from({ length: 65 }, () => ({ after: NOW })) }, 'too_large'),
    badOffer('L4', 'the item itself', { record: ID, is: 'promised' }, 'cyclic_effect'),
    badOffer('L4', 'the item itself, deep inside', { any: [ON_CONTRACT, { all: [{ record: ID, is: 'stolen' }] }] }, 'cyclic_effect'),

    accepted('I6', 'transferred at once', 'offered', 'item.accept', {}, [BOB], TO_BOB),
    accepted('I6', 'promised', 'offered-on-contract', 'item.accept', {}, [BOB], { status: 'promised', offer: { ...offer, on: ON_CONTRACT, accepted: true } }),
    accepted('H7', 'with a recovery key of the new holder', 'recovering-item', 'item.accept', { recovery: { key: CAROL, days: 3 } }, [BOB], { ...TO_BOB, recovery: { key: CAROL, days: 3 }, recovering: null }),
    accepted('H7', 'without the recovery key of the holder before', 'recovering-item', 'item.accept', {}, [BOB], { ...TO_BOB, recovery: null, recovering: null }),
    refused('B10', 'malformed_body', 'the recovery key is the new holder’s', 'offered', 'item.accept', { recovery: { key: BOB, days: 3 } }),
    refused('B10', 'malformed_body', 'and of a promise', 'offered-on-contract', 'item.accept', { recovery: { key: BOB, days: 3 } }),
    refused('I5', 'no_offer', 'nothing is offered', 'item', 'item.accept', {}),
    refused('I5', 'wrong_status', 'accepted twice', 'promised', 'item.accept', {}),
    refused('I5', 'wrong_status', 'accepted though stolen', 'stolen-offered', 'item.accept', {}),
    refused('I5', 'too_late', 'accepted too late', 'offered-until', 'item.accept', {}, { sealedAt: UNTIL }),
    accepted('I5', 'accepted just in time', 'offered-until', 'item.accept', {}, [BOB], TO_BOB, { sealedAt: UNTIL - 1 }),
    accepted('I7', 'retracted', 'offered', 'item.retract', {}, [ALICE], BACK),
    refused('I7', 'no_offer', 'nothing to retract', 'item', 'item.retract', {}),
    refused('I7', 'wrong_status', 'retracted though promised', 'promised', 'item.retract', {}),
    refused('I7', 'wrong_status', 'retracted though promised and stolen', 'stolen-promised', 'item.retract', {}),
    accepted('I9', 'stolen', 'item', 'item.report', { what: 'stolen' }, [ALICE], { status: 'stolen', report: 'stolen' }),
    accepted('I9', 'not lost but destroyed', 'stolen', 'item.report', { what: 'destroyed' }, [ALICE], { status: 'destroyed', report: 'destroyed' }),
    accepted('I9', 'recovered', 'stolen-offered', 'item.report', { what: 'recovered' }, [ALICE], { status: 'offered', report: null }),
    refused('I9', 'no_change', 'stolen twice', 'stolen', 'item.report', { what: 'stolen' }),
    refused('I9', 'no_change', 'recovered without need', 'item', 'item.report', { what: 'recovered' }),
    refused('I9', 'wrong_status', 'recovered from ashes', 'destroyed', 'item.report', { what: 'recovered' }),
    refused('R8', 'malformed_body', 'an unknown report', 'item', 'item.report', { what: 'broken' }),
    accepted('I10', 'a promise stands', 'promised', 'item.report', { what: 'lost' }, [ALICE], { status: 'lost', report: 'lost' }),
  ],
  automatic: [
    happens('I6', 'the contract is executed', 'promised', given('contract-executed'), 'item.transferred', TO_BOB, [fact(CONTRACT)]),
    happens('H7', 'with the recovery key of the new holder', 'promised-with-recovery', given('contract-executed'), 'item.transferred', { ...TO_BOB, recovery: { key: SAFE, days: 9 } }, [fact(CONTRACT)]),
    happens('A1', 'every part that holds is named', 'promised-on-deed', given('contract-executed', { notarized: [DEED] }), 'item.transferred', TO_BOB, [`notarized ${DEED}`, fact(CONTRACT)]),
    happens('A1', 'and no other part', 'promised-on-deed', given('contract-cancelled', { notarized: [DEED] }), 'item.transferred', TO_BOB, [`notarized ${DEED}`]),
    waits('I6', 'the contract is open', 'promised', given('contract-open')),
    waits('I6', 'the contract is unknown', 'promised'),
    waits('I6', 'nobody has accepted', 'offered-on-contract', given('contract-executed')),
    waits('I6', 'another record is executed', 'promised', { records: { [digest('other')]: 'contract-executed' } }),
    waits('I6', 'another document is notarized', 'promised-on-deed', { notarized: [digest('other')] }),
    happens('I8', 'the offer is over', 'offered-until', { sealedAt: UNTIL }, 'item.lapsed', BACK),
    waits('I8', 'the offer is not over', 'offered-until', { sealedAt: UNTIL - 1 }),
    happens('I8', 'the promise is over, in the block in which the contract is executed', 'promised-until', given('contract-executed', { sealedAt: UNTIL }), 'item.lapsed', BACK),
    happens('I6', 'the contract is executed just in time', 'promised-until', given('contract-executed', { sealedAt: UNTIL - 1 }), 'item.transferred', TO_BOB, [fact(CONTRACT)]),
    happens('A2', 'the contract is cancelled', 'promised', given('contract-cancelled'), 'item.lapsed', BACK, [fact(CONTRACT)]),
    happens('I8', 'an offer that nobody can want any more', 'offered-on-contract', given('contract-cancelled'), 'item.lapsed', BACK, [fact(CONTRACT)]),
    waits('I8', 'the other way is open', 'promised-on-deed', given('contract-cancelled')),
    happens('A2', 'the time of the condition is over', 'promised-before', given('contract-open', { sealedAt: UNTIL }), 'item.lapsed', BACK),
    happens('I10', 'transferred though stolen', 'stolen-promised', given('contract-executed'), 'item.transferred', { ...TO_BOB, status: 'stolen' }, [fact(CONTRACT)]),
    happens('I10', 'lapsed though stolen', 'stolen-promised', given('contract-cancelled'), 'item.lapsed', { offer: null }, [fact(CONTRACT)]),
  ],
};
