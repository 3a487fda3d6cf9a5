import { expect, it } from 'vitest';
import type { ContractState, Party } from '../../src/proof/index.js';
import { statusOf, type SigningStatus } from '../../src/signing/status.js';
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
  },
  ...{ title: 't', message: null, name: 'Kim', email: null },
  ...{ document: new Uint8Array(32), documentName: null, documentSize: null, secretHash: null },
  ...{ openedAt: null, key: null, keyGivenAt: null, record: null, ended: null, endedAt: null, reason: null },
  ...{ predecessor: null, predecessorKey: null, handover: null },
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
  expect(statusOf({ ...NEW, ...request }, of, passedOn, now)).toBe(status);
});
