import type { ContractState, Licence, PromisedLicence, WorkState } from '../../../../../src/proof/records/state.js';
import { accepted, ALICE, BOB, CAROL, DAY, digest, happens, HELD, ID, NOW, type Part, refused, SAFE, waits } from './rule-vector.js';

const OTHER = digest('another work');
const THIRD = digest('a third record');
const CONTRACT = digest('a contract');
const UNTIL = NOW + DAY;

const work: WorkState = {
  ...HELD,
  kind: 'work',
  status: 'claimed',
  versions: 1,
  assignment: null,
  licences: { granted: 0, latest: [] },
  promised: [],
  contests: [],
};
/** By the event of the vectors. */
const licence: Licence = { sequence: 7, to: null, exclusive: false, until: null };
const waiting: PromisedLicence = { sequence: 3, to: BOB, exclusive: true, until: null, on: { record: CONTRACT, is: 'executed' } };
const second: PromisedLicence = { ...waiting, sequence: 4, on: { notarized: digest('the payment') } };
const licences = (count: number): Licence[] => Array.from({ length: count }, (_, i) => ({ ...licence, sequence: i + 1 }));
const contested: WorkState = { ...work, status: 'contested', contests: [{ sequence: 5, by: OTHER }] };
const contract: ContractState = {
  ...HELD,
  kind: 'contract',
  status: 'executed',
  document: digest('sale'),
  parties: [],
  quorum: 1,
  deadline: null,
  conditions: [],
  when: null,
  effects: [],
  amendments: 0,
};

const states = {
  work,
  'work-assigned': { ...work, assignment: { to: BOB } },
  'work-recovering': { ...work, assignment: { to: BOB }, recovery: { key: SAFE, days: 9 }, recovering: { holder: CAROL, at: UNTIL } },
  'work-withdrawn': { ...work, status: 'withdrawn' },
  'work-withdrawn-promised': { ...work, status: 'withdrawn', promised: [waiting] },
  'work-licensed-often': { ...work, licences: { granted: 40, latest: licences(32) } },
  'work-promised': { ...work, promised: [waiting] },
  'work-promised-twice': { ...work, promised: [waiting, second] },
  'work-promised-until': { ...work, promised: [{ ...waiting, until: UNTIL }, second] },
  'work-promised-32': { ...work, promised: Array.from({ length: 32 }, (_, i) => ({ ...waiting, sequence: i + 1 })) },
  'work-contested': contested,
  'work-contested-twice': { ...contested, contests: [...contested.contests, { sequence: 6, by: THIRD }] },
  'work-contested-by-64': { ...contested, contests: Array.from({ length: 64 }, (_, i) => ({ sequence: i + 1, by: digest(`work ${i}`) })) },
  'work-contested-withdrawn': { ...contested, status: 'withdrawn' },
  'work-of-bob': { ...work, holder: BOB },
  'withdrawn-work-of-bob': { ...work, holder: BOB, status: 'withdrawn' },
  'document-of-bob': { ...HELD, holder: BOB, kind: 'document', status: 'current', document: digest('v1'), versions: 1 },
  'executed-contract': contract,
  'expired-contract': { ...contract, status: 'expired' },
} satisfies Part['states'];

const claim = {
  title: 'A song',
  kind: 'music',
  authors: [{ name: 'Alice', role: 'composer', nationality: 'KR' }],
  published: null,
  madeForHire: false,
  basis: 'author',
  documents: [{ sha256: digest('score') }],
  holder: ALICE,
};
const badClaim = (rule: string, about: string, body: object, code: 'malformed_body' | 'too_large' = 'malformed_body') =>
  refused(rule, code, about, null, 'work.claim', { ...claim, ...body });
const license = { to: { name: 'Bob' }, terms: 'to play it', exclusive: false };
const contest = { by: OTHER, holder: BOB, reason: 'the melody is mine' };
const byBob = { records: { [OTHER]: 'work-of-bob' } };
const fact = (id: string) => `record ${id} ${digest(id)}`;
const executed = { records: { [CONTRACT]: 'executed-contract' } };
const expired = { records: { [CONTRACT]: 'expired-contract' } };
const granted = ({ sequence, to, exclusive, until }: PromisedLicence): Licence => ({ sequence, to, exclusive, until });

export const works: Part = {
  states,
  events: [
    accepted('W1', 'a claim', null, 'work.claim', claim, [ALICE], work),
    accepted('W1', 'with everything', null, 'work.claim', { ...claim, createdOn: '1999', published: { on: '2001-05', in: 'Seoul' }, licence: 'CC BY 4.0', recovery: { key: SAFE, days: 9 } }, [ALICE], {
      ...work, recovery: { key: SAFE, days: 9 },
    }),
    badClaim('R8', 'without "published"', { published: undefined }),
    badClaim('R8', 'published nowhere', { published: { on: '2001' } }),
    badClaim('R8', '"made for hire" as a word', { madeForHire: 'no' }),
    badClaim('R8', 'a claim in a claim', { licences: [] }),
    badClaim('B11', 'nobody made it', { authors: [] }),
    badClaim('B11', 'no documents', { documents: [] }),
    badClaim('B11', '101 authors', { authors: Array.from({ length: 101 }, (_, i) => ({ name: `A ${i}`, role: 'author' })) }, 'too_large'),
    badClaim('B8', 'a country by its name', { authors: [{ name: 'Alice', role: 'composer', nationality: 'Korea' }] }),
    badClaim('B6', 'a date in words', { createdOn: 'spring 1999' }),
    accepted('W2', 'a version', 'work', 'work.version', { documents: [{ sha256: digest('second score') }] }, [ALICE], { versions: 2 }),
    refused('W2', 'wrong_status', 'a version of what is withdrawn', 'work-withdrawn', 'work.version', { documents: [{ sha256: digest('x') }] }),
    refused('W2', 'wrong_status', 'a licence of what is withdrawn', 'work-withdrawn', 'work.license', license),
    refused('W2', 'wrong_status', 'an assignment of what is withdrawn', 'work-withdrawn', 'work.assign', { to: BOB }),
    refused('W2', 'wrong_status', 'a contest of what is withdrawn', 'work-withdrawn', 'work.contest', contest, byBob),
    refused('W2', 'wrong_status', 'withdrawn twice', 'work-withdrawn', 'work.withdraw', {}),
    accepted('W3', 'a licence', 'work', 'work.license', license, [ALICE], { licences: { granted: 1, latest: [licence] } }),
    accepted('W3', 'a licence with everything', 'work', 'work.license', { to: { name: 'Bob', key: BOB }, terms: 'all', exclusive: true, from: NOW, until: UNTIL, territory: 'Korea', document: { sha256: digest('licence') } }, [ALICE], {
      licences: { granted: 1, latest: [{ sequence: 7, to: BOB, exclusive: true, until: UNTIL }] },
    }),
    accepted('W3', 'the state keeps the last 32 licences', 'work-licensed-often', 'work.license', license, [ALICE], { licences: { granted: 41, latest: [...licences(32).slice(1), licence] } }),
    accepted('W3', 'a licence on a condition', 'work', 'work.license', { ...license, on: { record: CONTRACT, is: 'executed' } }, [ALICE], { promised: [{ ...licence, on: { record: CONTRACT, is: 'executed' } }] }),
    refused('W3', 'too_large', 'a 33rd promise', 'work-promised-32', 'work.license', { ...license, on: { record: CONTRACT, is: 'executed' } }),
    refused('L4', 'cyclic_effect', 'a condition on the work itself', 'work', 'work.license', { ...license, on: { record: ID, is: 'contested' } }),
    refused('L2', 'unknown_party', 'a condition on a signature', 'work', 'work.license', { ...license, on: { signed: 0 } }),
    refused('W4', 'malformed_body', 'an end before the beginning', 'work', 'work.license', { ...license, from: UNTIL, until: UNTIL }),
    refused('W4', 'too_late', 'an end that has come', 'work', 'work.license', { ...license, until: NOW }),
    refused('R8', 'malformed_body', 'to a key without a name', 'work', 'work.license', { ...license, to: { key: BOB } }),
    accepted('W6', 'an assignment', 'work', 'work.assign', { to: BOB }, [ALICE], { assignment: { to: BOB } }),
    refused('W6', 'no_change', 'to oneself', 'work', 'work.assign', { to: ALICE }),
    refused('W6', 'wrong_status', 'a second one', 'work-assigned', 'work.assign', { to: CAROL }),
    accepted('W7', 'accepted', 'work-assigned', 'work.accept', {}, [BOB], { holder: BOB, assignment: null }),
    accepted('H7', 'with a recovery key of the new holder', 'work-recovering', 'work.accept', { recovery: { key: CAROL, days: 1 } }, [BOB], { holder: BOB, assignment: null, recovery: { key: CAROL, days: 1 }, recovering: null }),
    accepted('H7', 'without the recovery key of the holder before', 'work-recovering', 'work.accept', {}, [BOB], { holder: BOB, assignment: null, recovery: null, recovering: null }),
    accepted('W7', 'retracted', 'work-assigned', 'work.retract', {}, [ALICE], { assignment: null }),
    refused('W7', 'no_offer', 'nothing to accept', 'work', 'work.accept', {}),
    refused('W7', 'no_offer', 'nothing to retract', 'work', 'work.retract', {}),
    accepted('W8', 'a contest', 'work', 'work.contest', contest, [BOB], { status: 'contested', contests: [{ sequence: 7, by: OTHER }] }, byBob),
    accepted('W8', 'another one', 'work-contested', 'work.contest', { ...contest, by: THIRD }, [BOB], { contests: [{ sequence: 5, by: OTHER }, { sequence: 7, by: THIRD }] }, { records: { [THIRD]: 'work-of-bob' } }),
    refused('W8', 'wrong_record', 'a contest by the work itself', 'work', 'work.contest', { ...contest, by: ID }, byBob),
    refused('W8', 'unknown_record', 'a work that is not there', 'work', 'work.contest', contest),
    refused('W8', 'wrong_kind', 'a contest by a document', 'work', 'work.contest', contest, { records: { [OTHER]: 'document-of-bob' } }),
    refused('W8', 'not_holder', 'a contest by one who does not hold the other work', 'work', 'work.contest', { ...contest, holder: CAROL }, byBob),
    refused('W8', 'wrong_status', 'a contest by a withdrawn work', 'work', 'work.contest', contest, { records: { [OTHER]: 'withdrawn-work-of-bob' } }),
    refused('W8', 'already_contested', 'a second contest by one work', 'work-contested', 'work.contest', contest, byBob),
    refused('W8', 'too_large', 'a 65th contest', 'work-contested-by-64', 'work.contest', contest, byBob),
    accepted('W9', 'settled', 'work-contested', 'work.settle', { contest: 5, holder: BOB }, [BOB], { status: 'claimed', contests: [] }, byBob),
    accepted('W9', 'one of two settled', 'work-contested-twice', 'work.settle', { contest: 5, holder: BOB }, [BOB], { contests: [{ sequence: 6, by: THIRD }] }, byBob),
    accepted('W9', 'settled after all', 'work-contested-withdrawn', 'work.settle', { contest: 5, holder: BOB }, [BOB], { contests: [] }, byBob),
    refused('W9', 'unknown_contest', 'no contest of this sequence', 'work-contested', 'work.settle', { contest: 4, holder: BOB }, byBob),
    refused('W9', 'not_holder', 'settled by the one who is contested', 'work-contested', 'work.settle', { contest: 5, holder: ALICE }, byBob),
    accepted('W10', 'withdrawn', 'work-assigned', 'work.withdraw', { reason: 'by mistake' }, [ALICE], { status: 'withdrawn', assignment: null }),
    accepted('W10', 'promises stay', 'work-promised', 'work.withdraw', {}, [ALICE], { status: 'withdrawn' }),
  ],
  automatic: [
    happens('W3', 'the contract is executed', 'work-promised', executed, 'work.licensed', { promised: [], licences: { granted: 1, latest: [granted(waiting)] } }, [fact(CONTRACT)]),
    happens('W3', 'though the work is withdrawn', 'work-withdrawn-promised', executed, 'work.licensed', { promised: [], licences: { granted: 1, latest: [granted(waiting)] } }, [fact(CONTRACT)]),
    waits('W3', 'the contract is unknown', 'work-promised'),
    happens('W5', 'the first one first', 'work-promised-twice', { ...executed, notarized: [digest('the payment')] }, 'work.licensed', { promised: [second], licences: { granted: 1, latest: [granted(waiting)] } }, [fact(CONTRACT)]),
    happens('W3', 'the second one, if the first waits', 'work-promised-twice', { notarized: [digest('the payment')] }, 'work.licensed', { promised: [waiting], licences: { granted: 1, latest: [granted(second)] } }, [
      `notarized ${digest('the payment')}`,
    ]),
    happens('W5', 'the contract is expired', 'work-promised', expired, 'work.lapsed', { promised: [] }, [fact(CONTRACT)]),
    happens('W5', 'the licence would be over', 'work-promised-until', { ...executed, sealedAt: UNTIL }, 'work.lapsed', { promised: [second] }),
    happens('W3', 'the licence is not over yet', 'work-promised-until', { ...executed, sealedAt: UNTIL - 1 }, 'work.licensed', { promised: [second], licences: { granted: 1, latest: [{ ...granted(waiting), until: UNTIL }] } }, [
      fact(CONTRACT),
    ]),
    waits('W3', 'a work without promises', 'work', executed),
  ],
};
