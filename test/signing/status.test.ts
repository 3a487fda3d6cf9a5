import { expect, it } from 'vitest';
import type { ClosedBy } from '../../src/messages/signing.js';
import type { ContractState, ItemState, Party, RecordState, WorkState } from '../../src/proof/index.js';
import { closedBy, statusOf, type SigningStatus } from '../../src/signing/status.js';
import type { SigningRequest } from '../../src/store/index.js';

const NEW: SigningRequest = {
  ...{
    id: 'srq_a',
    organization: 1,
    createdAt: 0,
    createdBy: 'key:a',
    link: 1,
    language: 'en',
    expiresAt: 100,
    kind: 'contract',
  },
  ...{ title: 't', message: null, name: 'Kim', email: null },
  ...{ document: new Uint8Array(32), documentName: null, documentSize: null, secretHash: null },
  ...{ openedAt: null, key: null, keyGivenAt: null, record: null, ended: null, endedAt: null, reason: null },
  ...{ predecessor: null, predecessorKey: null, handover: null },
  ...{ claim: null, holder: null, since: null, answered: null, changes: 0 },
  ...{ mailedAt: null, mailFailedAt: null, erasedAt: null },
};

function contract(answer: Party['answer'], status: ContractState['status'] = 'open'): ContractState {
  return {
    ...{ kind: 'contract', status, holder: 'h', recovery: null, recovering: null, document: '00'.repeat(32) },
    ...{ parties: [{ key: 'own', order: 1, answer }], quorum: 1, deadline: null, conditions: [] },
    ...{ when: null, effects: [], amendments: 0 },
  };
}

const OWN = { openedAt: 1, key: 'own', keyGivenAt: 1, record: new Uint8Array(32) };
const NEXT = { ...OWN, key: 'next', predecessor: 'srq_b', predecessorKey: 'own' };

it.each<[SigningStatus, Partial<SigningRequest>, ContractState | null, { passedOn?: boolean; now?: number }]>(
  [
    ['invited', {}, null, {}],
    ['opened', { openedAt: 1 }, null, {}],
    ['key_given', { ...OWN, record: null }, null, {}],
    ['expired', { openedAt: 1 }, null, { now: 100 }],
    ['declined', { ended: 'declined' }, null, { now: 100 }],
    ['erased', { ended: 'declined', erasedAt: 1 }, null, {}],
    ['to_sign', OWN, contract(null), {}],
    ['signed', OWN, contract('signed'), {}],
    // What the contract says holds, whatever became of the request.
    ['signed', { ...OWN, ended: 'withdrawn' }, contract('signed', 'executed'), { now: 100 }],
    ['declined', OWN, contract('declined', 'declined'), {}],
    // The contract was amended after the signature: it is asked for again.
    ['to_sign', OWN, contract(null), {}],
    ['closed', OWN, contract(null, 'expired'), {}],
    // Another document than the one that was asked about.
    ['closed', OWN, { ...contract('signed'), document: '11'.repeat(32) }, {}],
    ['expired', OWN, contract(null), { now: 100 }],
    ['withdrawn', { ...OWN, ended: 'withdrawn' }, contract(null), {}],
    ['closed', { ...OWN, key: 'gone' }, contract('signed'), {}],
    ['delegated', { ...OWN, key: 'gone' }, contract(null), { passedOn: true }],
    ['key_given', NEXT, contract(null), {}],
    ['closed', NEXT, contract(null, 'cancelled'), {}],
    ['closed', { ...NEXT, predecessorKey: 'gone' }, contract(null), {}],
  ],
)('is %s for %j', (status, request, of, { passedOn = false, now = 50 }) => {
  expect(statusOf({ ...NEW, ...request }, { state: of, answered: false }, passedOn, now)).toBe(status);
});

const HELD = { holder: 'h', recovery: null, recovering: null };
const offered = (to: string, accepted = false): ItemState['offer'] => ({
  ...{ to, until: null, on: null, accepted, recovery: null },
});
const item = (of: Partial<ItemState> = {}): ItemState => ({
  ...{ ...HELD, kind: 'item', status: 'held', issuer: 'i', offer: null, report: null },
  ...{ transfers: 0, appraisals: 0 },
  ...of,
});
const work = (of: Partial<WorkState> = {}): WorkState => ({
  ...{ ...HELD, kind: 'work', status: 'claimed', versions: 1, assignment: null, promised: [], contests: [] },
  licences: { granted: 0, latest: [] },
  ...of,
});
const licence = (to: string, sequence: number) => ({
  licences: { granted: 1, latest: [{ sequence, to, exclusive: false, until: null }] },
});

const ABOUT = { document: null, record: new Uint8Array(32), holder: 'h', since: 3, openedAt: 1 };
const ASKED = { ...ABOUT, kind: 'transfer', key: 'own', keyGivenAt: 1 } as const;
const LICENCE = { ...ASKED, kind: 'licence' } as const;
const CLAIM = { ...ASKED, kind: 'claim', record: null, holder: null, since: null, claim: '{}' } as const;

it.each<
  [
    SigningStatus,
    ClosedBy | null,
    Partial<SigningRequest>,
    RecordState | null,
    { answered?: boolean; now?: number },
  ]
>([
  ['invited', null, { ...ABOUT, kind: 'transfer', openedAt: null }, item(), {}],
  ['opened', null, { ...ABOUT, kind: 'transfer' }, item(), {}],
  ['key_given', null, ASKED, item(), {}],
  // It can still come back.
  ['key_given', null, ASKED, item({ status: 'offered', offer: offered('other') }), {}],
  ['key_given', null, ASKED, item({ status: 'lost', report: 'lost', offer: offered('own') }), {}],
  ['to_sign', null, ASKED, item({ status: 'offered', offer: offered('own') }), {}],
  ['expired', null, ASKED, item({ status: 'offered', offer: offered('own') }), { now: 100 }],
  ['declined', null, { ...ASKED, ended: 'declined' }, item({ status: 'offered', offer: offered('own') }), {}],
  ['signed', null, ASKED, item({ status: 'promised', offer: offered('own', true) }), {}],
  ['signed', null, { ...ASKED, ended: 'withdrawn' }, item({ holder: 'own' }), { now: 100 }],
  // Passed on afterwards: the history shows that it was accepted.
  ['signed', null, { ...ASKED, answered: 4 }, item({ holder: 'next' }), { answered: true }],
  ['closed', 'holder_changed', { ...ASKED, answered: 4 }, item({ holder: 'next' }), {}],
  ['closed', 'taken', ASKED, item({ status: 'promised', offer: offered('other', true) }), {}],
  ['closed', 'over', ASKED, item({ status: 'destroyed', report: 'destroyed' }), {}],
  ['to_sign', null, ASKED, work({ assignment: { to: 'own' } }), {}],
  ['signed', null, ASKED, work({ holder: 'own' }), {}],
  ['key_given', null, LICENCE, work(), {}],
  // A licence from before the request.
  ['key_given', null, LICENCE, work(licence('own', 3)), {}],
  ['granted', null, LICENCE, work(licence('own', 4)), { now: 100 }],
  ['closed', 'over', LICENCE, work({ status: 'withdrawn' }), {}],
  ['to_sign', null, CLAIM, null, {}],
  // The claim was refused after the request had its id.
  ['to_sign', null, { ...CLAIM, record: new Uint8Array(32), answered: 0 }, null, {}],
  ['signed', null, { ...CLAIM, record: new Uint8Array(32), answered: 0 }, work(), { answered: true }],
])('is %s (%s) for %j', (status, closed, request, state, { answered = false, now = 50 }) => {
  const whole = { ...NEW, ...request };
  expect(statusOf(whole, { state, answered }, false, now)).toBe(status);
  if (status === 'closed') expect(closedBy(whole, state)).toBe(closed);
});
