import { describe, expect, it } from 'vitest';
import {
  apply,
  automatic,
  nextSteps,
  partiesOf,
  signersOf,
  watches,
} from '../../../src/proof/records/rules.js';
import type { JsonObject } from '../../../src/proof/index.js';
import type { RecordState } from '../../../src/proof/records/state.js';
import { digestOf, eventOf, factsAt, ID, keyOf, NOW, refusal } from './support.js';

const [ALICE, BOB, SAFE] = [keyOf('alice'), keyOf('bob'), keyOf('safe')];
const DAY = 86_400_000;

const begin = (body: JsonObject = {}) =>
  apply(
    null,
    eventOf('document.create', { document: { sha256: digestOf('v1') }, holder: ALICE, ...body }),
    factsAt(),
  );
const next = (state: RecordState, type: string, body: JsonObject = {}, at = NOW) =>
  apply(state, eventOf(type, body, ID), factsAt(at));
const refused = (state: RecordState, type: string, body: JsonObject = {}, at = NOW) =>
  refusal(() => next(state, type, body, at));

describe('a document', () => {
  it('gets versions, and is withdrawn and reinstated', () => {
    const second = next(begin({ title: 'Terms' }), 'document.version', {
      document: { sha256: digestOf('v2') },
    });
    expect(second).toMatchObject({ title: 'Terms', versions: 2, document: digestOf('v2') });
    const withdrawn = next(second, 'document.withdraw', { reason: 'out of date' });
    expect(withdrawn.status).toBe('withdrawn');
    expect(refused(withdrawn, 'document.version', { document: { sha256: digestOf('v3') } })).toBe(
      'wrong_status',
    );
    expect(next(withdrawn, 'document.reinstate')).toEqual(second);
  });

  it('refuses a version that is the current one, and events that do not fit', () => {
    expect(refused(begin(), 'document.version', { document: { sha256: digestOf('v1') } })).toBe('no_change');
    expect(refused(begin(), 'document.reinstate')).toBe('wrong_status');
    expect(refused(begin(), 'document.burn')).toBe('unknown_type');
    expect(refused(begin(), 'document.withdraw', { reason: '\u202etxt' })).toBe('malformed_body');
    expect(refused(begin(), 'document.withdraw', { until: 1 })).toBe('malformed_body');
    expect(refusal(() => begin({ holder: `${ALICE}x` }))).toBe('malformed_key');
    expect(refusal(() => begin({ recovery: { key: ALICE, days: 9 } }))).toBe('malformed_body');
  });

  it('changes its key with the signatures of both', () => {
    const state = begin();
    expect(signersOf(state, eventOf('record.rekey', { holder: BOB }, ID))).toEqual([ALICE, BOB]);
    expect(next(state, 'record.rekey', { holder: BOB }).holder).toBe(BOB);
  });

  it('goes to the recovery key after its waiting time, unless the holder keeps it', () => {
    const state = begin({ recovery: { key: SAFE, days: 30 } });
    expect(partiesOf(state)).toEqual([ALICE, SAFE]);
    expect(signersOf(state, eventOf('record.recover', { holder: BOB }, ID))).toEqual([SAFE, BOB]);
    const waiting = next(state, 'record.recover', { holder: BOB });
    expect(watches(waiting, NOW).times).toEqual([NOW + 30 * DAY]);
    const facts = { ...factsAt(), record: () => null, notarized: () => false };
    expect(automatic(waiting, { ...facts, sealedAt: NOW + 30 * DAY - 1 })).toBeNull();
    const done = automatic(waiting, { ...facts, sealedAt: NOW + 30 * DAY });
    expect(done).toMatchObject({ type: 'record.recovered', state: { holder: BOB, recovering: null } });
    expect(next(waiting, 'record.keep')).toEqual(state);
    expect(refused(waiting, 'record.keep', {}, NOW + 30 * DAY)).toBe('too_late');
    expect(refused(begin(), 'record.recover', { holder: BOB })).toBe('not_recoverable');
    expect(nextSteps(waiting).map(({ type }) => type)).toContain('record.keep');
  });
});
