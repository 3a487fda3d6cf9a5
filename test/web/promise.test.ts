import './browser.js';
import { expect, it } from 'vitest';
import { comparePromise, type PendingProof, parsePolicy, verify } from '../../src/proof/index.js';
import { messages } from '../../src/web/messages/verify.js';
import type { CheckedPromise, Outcome } from '../../src/web/pages/verify/check.js';
import { promiseSentences } from '../../src/web/pages/verify/result.js';
import { ACCEPTED, makeProof, SEALED, type Wish } from '../vectors/make/chain.js';
import { TRUST } from '../vectors/make/keys.js';
import { makePending } from '../vectors/make/pending.js';

function said(wish: Wish, pending: PendingProof | null, change: Partial<CheckedPromise> = {}): string[] {
  const proof = makeProof(wish);
  const trust = { source: 'service' as const, policy: parsePolicy(TRUST), receiptKeys: [], waives: false };
  const promise =
    pending === null
      ? null
      : {
          comparison: comparePromise(pending, proof),
          deadline: pending.receipt.deadline,
          signed: true,
          ...change,
        };
  const checked = {
    ...{ proof, trust, promise, text: null, source: 'file' as const },
    verification: verify({ proof, document: null, policy: trust.policy }),
  };
  const nothing = { document: null, history: null, lookup: null, unreadable: null, problem: null };
  return promiseSentences({ ...nothing, statement: 'holds', checked } satisfies Outcome);
}

it('says who vouches for the time before a seal that came unusually late, as the command line does', () => {
  const hour = 3_600_000;
  expect(said({ acceptedAt: SEALED - 60_000 }, null)).toEqual([]);
  expect(said({ acceptedAt: SEALED - hour }, null)).toEqual([
    'It was sealed 3,600 seconds after log.example/vectors states that it accepted it. That is longer than usual: for this time there is only its word, unless you have kept its receipt (the pending proof). If so, add it here.',
  ]);
  const { origin } = makeProof().log.checkpoint;
  expect(said({ acceptedAt: SEALED - hour }, makePending({ acceptedAt: SEALED - hour }))).toEqual([
    messages().promise.late(origin, { n: 3540, text: '3,540' }),
  ]);
});

it('says what a kept receipt shows, and never that an unsigned one is evidence', () => {
  const { origin } = makeProof().log.checkpoint;
  const t = messages().promise;
  expect(said({}, makePending())).toEqual([t.kept(origin)]);
  expect(said({}, makePending(), { signed: false })).toEqual([t.kept(origin), t.unsigned]);
  expect(said({}, makePending({ acceptedAt: ACCEPTED - 1 }))).toEqual([t.changed_entry(origin)]);
  expect(said({}, makePending(), { comparison: null })).toEqual([t.invalid]);
});
