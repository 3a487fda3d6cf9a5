import { key, nullOr, recovery } from './body.js';
import { RecordRefusal } from './refusal.js';
import { rule, step, type Rule } from './rule.js';
import type { Automatic, AutomaticFacts, HolderKey, NextStep, RecordState } from './state.js';

// What all kinds of records have: the holder changes the key, or gets the record back without the key.

type Recovery = NonNullable<RecordState['recovery']>;

const DAY = 86_400_000;

const rekey = rule(
  (o) => ({
    holder: o.get('holder', key),
    recovery: o.optional('recovery', (json, what) => ({ to: nullOr(recovery)(json, what) })),
  }),
  (body, state: RecordState) => [state.holder, body.holder],
  (body, state, { sealedAt }): RecordState => {
    if (body.holder === state.holder && body.recovery === null) throw same('this is the key of the holder');
    assertNotRecovered(state, sealedAt);
    return {
      ...state,
      ...heldBy(body.holder, body.recovery === null ? state.recovery : body.recovery.to),
    };
  },
);

const recover = rule(
  (o) => ({ holder: o.get('holder', key) }),
  (body, state: RecordState) => [recoveryOf(state).key, body.holder],
  (body, state, { sealedAt }): RecordState => {
    if (state.recovering !== null)
      throw new RecordRefusal('wrong_status', 'a recovery has already started; the holder can end it');
    if (body.holder === state.holder) throw same('this is the key of the holder');
    return {
      ...state,
      recovering: { holder: body.holder, at: sealedAt + recoveryOf(state).days * DAY },
    };
  },
);

const keep = rule(
  () => null,
  (_, state: RecordState) => [state.holder],
  (_, state, { sealedAt }): RecordState => {
    if (state.recovering === null) throw new RecordRefusal('not_recoverable', 'no recovery has started');
    assertNotRecovered(state, sealedAt);
    return { ...state, recovering: null };
  },
);

export const HOLDER_RULES: ReadonlyMap<string, Rule<RecordState, RecordState>> = new Map([
  ['record.rekey', rekey],
  ['record.recover', recover],
  ['record.keep', keep],
]);

/**
 * A new holder. A recovery that has started ends: it was for the holder before.
 * @param recovery null: none; the recovery key of one holder is not that of the next
 * @throws {RecordRefusal} malformed_body when the recovery key is the holder's own
 */
export function heldBy(
  holder: HolderKey,
  recovery: Recovery | null,
): Pick<RecordState, 'holder' | 'recovery' | 'recovering'> {
  if (recovery?.key === holder)
    throw new RecordRefusal('malformed_body', 'the recovery key must be another key than that of the holder');
  return { holder, recovery, recovering: null };
}

/** The automatic event that a recovery leads to. */
export function recovered(state: RecordState, { sealedAt }: AutomaticFacts): Automatic | null {
  const { recovering, recovery } = state;
  if (recovering === null || sealedAt < recovering.at) return null;
  const { holder } = recovering;
  const next = heldBy(holder, recovery?.key === holder ? null : recovery);
  return { type: 'record.recovered', state: { ...state, ...next }, facts: [] };
}

export function holderSteps(state: RecordState): readonly NextStep[] {
  const steps = [step('record.rekey', state.holder)];
  if (state.recovering !== null) steps.push(step('record.keep', state.holder));
  else if (state.recovery !== null) steps.push(step('record.recover', state.recovery.key));
  return steps;
}

/** @throws {RecordRefusal} no_change */
export function same(message: string): RecordRefusal {
  return new RecordRefusal('no_change', message);
}

function recoveryOf({ recovery }: RecordState): Recovery {
  if (recovery !== null) return recovery;
  throw new RecordRefusal('not_recoverable', 'the record has no recovery key');
}

/** Of a block whose time completes a recovery, no event of the former holder can end it. */
function assertNotRecovered({ recovering }: RecordState, sealedAt: number): void {
  if (recovering !== null && sealedAt >= recovering.at)
    throw new RecordRefusal('too_late', 'the waiting time is over: the record is recovered');
}
