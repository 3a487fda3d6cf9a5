import { describe, toHex } from '../bytes.js';
import { CONTRACT_RULES, proposeContract } from './contract.js';
import { createDocument, DOCUMENT_RULES } from './document.js';
import { HOLDER_RULES, holderSteps, recovered } from './holder.js';
import { ITEM_RULES, registerItem } from './item.js';
import { RecordRefusal } from './refusal.js';
import type { KindRules, Rule } from './rule.js';
import type {
  Automatic,
  AutomaticFacts,
  BlockFacts,
  HolderKey,
  NextStep,
  RecordState,
  RuledEvent,
  Watches,
} from './state.js';
import { conditionName, NO_TEXTS } from './texts.js';
import { claimWork, WORK_RULES } from './work.js';

/**
 * The rules of records (docs/records.md): what an event makes of its record. Pure: the same in the service, in
 * members and in verifiers. They do not check signatures, nor that the event names the present value.
 */

/** The events that begin a record. */
const FIRST_RULES: ReadonlyMap<string, Rule<null, RecordState>> = new Map<string, Rule<null, RecordState>>([
  ['document.create', createDocument],
  ['work.claim', claimWork],
  ['item.register', registerItem],
  ['contract.propose', proposeContract],
]);

/** The events of records that have begun. */
const LATER_TYPES: ReadonlySet<string> = new Set(
  [DOCUMENT_RULES, WORK_RULES, ITEM_RULES, CONTRACT_RULES].flatMap(({ rules }) => [...rules.keys()]),
);

/** Calls `use` with the state and the rules of its kind. */
function byKind<R>(state: RecordState, use: <S extends RecordState>(state: S, rules: KindRules<S>) => R): R {
  switch (state.kind) {
    case 'document':
      return use(state, DOCUMENT_RULES);
    case 'work':
      return use(state, WORK_RULES);
    case 'item':
      return use(state, ITEM_RULES);
    case 'contract':
      return use(state, CONTRACT_RULES);
  }
}

/**
 * The keys whose signatures an event must have: these, each once, and no others. They follow from the state and
 * the event alone.
 * @param state before the event; null: the event begins a record
 * @throws {RecordRefusal} unknown_type, wrong_kind, wrong_record, unknown_record, malformed_body and others
 */
export function signersOf(state: RecordState | null, event: RuledEvent): readonly HolderKey[] {
  const signers =
    state === null
      ? firstRule(event).signers(null, event)
      : byKind(state, (own, { rules }) => ruleOf(own, event, rules).signers(own, event));
  return [...new Set(signers)];
}

/**
 * The state after an event.
 * @param state before it; null: the event begins a record
 * @throws {RecordRefusal} when the record does not take the event in this block
 */
export function apply(state: RecordState | null, event: RuledEvent, facts: BlockFacts): RecordState {
  if (state === null) return firstRule(event).apply(null, event, facts);
  if (event.record !== null && toHex(event.record) !== facts.id)
    throw new RecordRefusal('wrong_record', 'the event is for another record');
  return byKind(state, (own, { rules }): RecordState => ruleOf(own, event, rules).apply(own, event, facts));
}

/**
 * The event that happens to a record by itself in this block, after the block's signed events; null: none. Of
 * several that are due, one after the other: ask again with the state after it.
 */
export function automatic(state: RecordState, facts: AutomaticFacts): Automatic | null {
  return byKind(state, (own, rules) => rules.automatic(own, facts)) ?? recovered(state, facts);
}

/**
 * When `automatic` must be asked again though the record has not changed.
 * @param sealedAt the time of sealing of the last block in which it was asked: what was due then has happened
 */
export function watches(state: RecordState, sealedAt: number): Watches {
  const { times, digests, records } = byKind(state, (own, rules) => rules.watches(own));
  const all = [...times, ...(state.recovering === null ? [] : [state.recovering.at])];
  return {
    times: [...new Set(all.filter((time) => time > sealedAt))].sort((a, b) => a - b),
    digests: [...new Set(digests)].sort(),
    records: [...new Set(records)].sort(),
  };
}

/** The keys that have a role in the record: they may read it. */
export function partiesOf(state: RecordState): readonly HolderKey[] {
  const own = [state.holder, state.recovery?.key, state.recovering?.holder];
  const others = byKind(state, (each, rules) => rules.parties(each));
  return [...new Set([...own.flatMap((each) => each ?? []), ...others])];
}

/** What can happen next by an event, and who signs it. @param texts without them conditions are named by digests */
export function nextSteps(state: RecordState, texts = NO_TEXTS): readonly NextStep[] {
  const steps = [...byKind(state, (own, rules) => rules.nextSteps(own)), ...holderSteps(state)];
  return steps.map(({ condition, ...step }) => ({
    ...step,
    condition: condition === null ? null : conditionName(condition, texts),
  }));
}

function firstRule({ type, record }: RuledEvent): Rule<null, RecordState> {
  if (record !== null) throw new RecordRefusal('unknown_record', 'there is no record with this id');
  const found = FIRST_RULES.get(type);
  if (found !== undefined) return found;
  throw new RecordRefusal(
    'unknown_type',
    `${describe(type)} begins no record; ${[...FIRST_RULES.keys()].join(', ')} do`,
  );
}

function ruleOf<S extends RecordState>(
  state: S,
  { type, record }: RuledEvent,
  rules: ReadonlyMap<string, Rule<S, S>>,
): {
  signers: Rule<S, S>['signers'];
  apply: (state: S, event: RuledEvent, facts: BlockFacts) => RecordState;
} {
  if (record === null) throw new RecordRefusal('wrong_record', 'the event begins a record of its own');
  const found = rules.get(type) ?? HOLDER_RULES.get(type);
  if (found !== undefined) return found;
  if (FIRST_RULES.has(type)) throw new RecordRefusal('wrong_sequence', 'this event begins a record');
  if (LATER_TYPES.has(type))
    throw new RecordRefusal(
      'wrong_kind',
      `the record is of kind ${state.kind}: ${describe(type)} is not for it`,
    );
  throw new RecordRefusal(
    'unknown_type',
    `a record of kind ${state.kind} takes no event of type ${describe(type)}`,
  );
}
