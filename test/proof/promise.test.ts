import { expect, test } from 'vitest';
import { comparePromise, type PromiseOutcome } from '../../src/proof/index.js';
import { ACCEPTED, makeProof, SEALED, type Wish } from '../vectors/make/chain.js';
import { makePending } from '../vectors/make/pending.js';

const otherSalt = <T extends { readonly entry: { readonly salt: Uint8Array } }>(proof: T): T => ({
  ...proof,
  entry: { ...proof.entry, salt: proof.entry.salt.map((byte) => byte ^ 1) },
});

test('a promise is kept when the same entry is sealed by the deadline, to the millisecond', () => {
  const seal = (deadline: number) => comparePromise(makePending({}, { deadline }), makeProof());
  expect(seal(SEALED + 1)).toEqual({ outcome: 'kept', lateMs: 0 });
  expect(seal(SEALED)).toEqual({ outcome: 'kept', lateMs: 0 });
  expect(seal(SEALED - 1)).toEqual({ outcome: 'late', lateMs: 1 });
  expect(seal(ACCEPTED)).toEqual({ outcome: 'late', lateMs: SEALED - ACCEPTED });
});

test.each<[string, Wish, PromiseOutcome]>([
  ['another time of acceptance', { acceptedAt: ACCEPTED - 1 }, 'changed_entry'],
  ['another size', { size: 7 }, 'changed_entry'],
  ['no size', { size: null }, 'changed_entry'],
  ['another organization', { account: 'other' }, 'changed_entry'],
  ['other details', { details: { title: 'other' } }, 'changed_entry'],
  ['another document', { document: Buffer.from('other') }, 'other_document'],
  ['another log', { origin: 'other.example/log' }, 'other_log'],
])('tells a proof with %s from the promised one', (_, wish, outcome) => {
  expect(comparePromise(makePending(), makeProof(wish)).outcome).toBe(outcome);
});

test('takes another salt for another notarization of the document, whatever else differs', () => {
  const proof = otherSalt(makeProof({ acceptedAt: ACCEPTED - 1 }));
  expect(comparePromise(makePending(), proof).outcome).toBe('other_entry');
});
