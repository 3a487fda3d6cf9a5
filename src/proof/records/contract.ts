import {
  arrayOf,
  document,
  integer,
  key,
  name,
  object,
  recordId,
  recovery,
  remark,
  text,
  time,
  title,
  type Members,
} from './body.js';
import {
  assertCondition,
  conditionDigest,
  judge,
  MAX_CONDITION_NAME,
  readCondition,
  recordFact,
  sorted,
  watchesOf,
  withDigests,
  type Answers,
} from './conditions.js';
import { heldBy, same } from './holder.js';
import { RecordRefusal } from './refusal.js';
import { assertStatus, rule, step, type KindRules, type Rule } from './rule.js';
import type {
  Automatic,
  AutomaticFacts,
  BlockFacts,
  Condition,
  ContractState,
  HolderKey,
  NextStep,
  Party,
} from './state.js';

// A contract and its parties.

/** With the holder as many as one note can have signatures. */
const MAX_PARTIES = 99;
const MAX_CONDITIONS = 32;
const MAX_EFFECTS = 32;

const party = integer(0, MAX_PARTIES - 1);

const terms = (o: Members) => ({
  title: o.get('title', title),
  document: o.get('document', document),
  parties: o.get(
    'parties',
    arrayOf(
      object((p) => ({
        name: p.get('name', name),
        key: p.get('key', key),
        order: p.get('order', integer(1, MAX_PARTIES)),
      })),
      1,
      MAX_PARTIES,
    ),
  ),
  quorum: o.optional('quorum', integer(1, MAX_PARTIES)),
  deadline: o.optional('deadline', time),
  conditions:
    o.optional(
      'conditions',
      arrayOf(
        object((c) => ({ name: c.get('name', text(MAX_CONDITION_NAME)), by: c.get('by', party) })),
        0,
        MAX_CONDITIONS,
      ),
    ) ?? [],
  when: o.optional('when', readCondition),
  effects:
    o.optional(
      'effects',
      arrayOf(
        object((e) => ({ item: e.get('item', recordId), to: e.get('to', party) })),
        0,
        MAX_EFFECTS,
      ),
    ) ?? [],
});

export const proposeContract: Rule<null, ContractState> = rule(
  (o) => ({ ...terms(o), holder: o.get('holder', key), recovery: o.optional('recovery', recovery) }),
  (body) => [body.holder],
  (body, _, facts): ContractState => ({
    ...open(body, facts),
    amendments: 0,
    ...heldBy(body.holder, body.recovery),
  }),
);

const amend = rule(
  terms,
  (_, state: ContractState) => bound(state),
  (body, state, facts): ContractState => {
    assertOpen(state, facts);
    return { ...state, ...open(body, facts), amendments: state.amendments + 1 };
  },
);

const sign = rule(
  (o) => ({ party: o.get('party', party) }),
  (body, state: ContractState) => [partyOf(state, body.party).key],
  (body, state, facts): ContractState => {
    assertOpen(state, facts);
    const own = partyOf(state, body.party);
    assertUnanswered(own);
    if (!isTurnOf(own, state))
      throw new RecordRefusal('not_your_turn', 'a party of a lower order has not answered yet');
    return withParty(state, body.party, { ...own, answer: 'signed' });
  },
);

const decline = rule(
  (o) => ({ party: o.get('party', party), reason: o.optional('reason', remark) }),
  (body, state: ContractState) => [partyOf(state, body.party).key],
  (body, state, facts): ContractState => {
    assertOpen(state, facts);
    const own = partyOf(state, body.party);
    assertUnanswered(own);
    const next = withParty(state, body.party, { ...own, answer: 'declined' });
    const willing = next.parties.filter(({ answer }) => answer !== 'declined').length;
    const possible = next.when === null || judge(next.when, answersOf(next), null).answer !== 'no';
    return willing >= next.quorum && possible ? next : { ...next, status: 'declined' };
  },
);

const delegate = rule(
  (o) => ({ party: o.get('party', party), to: o.get('to', key) }),
  (body, state: ContractState) => [partyOf(state, body.party).key, body.to],
  (body, state, facts): ContractState => {
    assertOpen(state, facts);
    const own = partyOf(state, body.party);
    assertUnanswered(own);
    if (own.key === body.to) throw same('this is the key of the party');
    if (state.parties.some((each) => each.key === body.to)) throw duplicate();
    return withParty(state, body.party, { ...own, key: body.to });
  },
);

const cancel = rule(
  (o) => ({ reason: o.optional('reason', remark) }),
  (_, state: ContractState) => bound(state),
  (_, state, facts): ContractState => {
    assertOpen(state, facts);
    return { ...state, status: 'cancelled' };
  },
);

const fulfil = rule(
  (o) => ({ name: o.get('name', text(MAX_CONDITION_NAME)), evidence: o.get('evidence', document) }),
  (body, state: ContractState) => [partyOf(state, named(state, body.name).by).key],
  (body, state, facts): ContractState => {
    assertOpen(state, facts);
    const condition = named(state, body.name);
    if (condition.fulfilled)
      throw new RecordRefusal('already_fulfilled', 'the condition is already fulfilled');
    if (partyOf(state, condition.by).answer === 'declined')
      throw new RecordRefusal('already_declined', 'the party has declined');
    return {
      ...state,
      conditions: state.conditions.map((each) => (each === condition ? { ...each, fulfilled: true } : each)),
    };
  },
);

export const CONTRACT_RULES: KindRules<ContractState> = {
  rules: new Map([
    ['contract.sign', sign],
    ['contract.decline', decline],
    ['contract.delegate', delegate],
    ['contract.amend', amend],
    ['contract.cancel', cancel],
    ['contract.fulfil', fulfil],
  ]),
  automatic: executedOrExpired,
  watches: ({ status, when, deadline, effects }) => {
    if (status !== 'open') return watchesOf(null);
    const { times, digests, records } = watchesOf(when);
    return {
      times: deadline === null ? times : [...times, deadline],
      digests,
      records: [...records, ...effects.map(({ item }) => item)],
    };
  },
  parties: ({ parties }) => parties.map(({ key }) => key),
  nextSteps,
};

/** The state of new terms: nobody has signed them. */
function open(body: ReturnType<typeof terms>, { id, sealedAt }: BlockFacts) {
  const { parties, conditions, effects, deadline } = body;
  const names = conditions.map((each) => each.name);
  if (!areDifferent(parties.map((each) => each.key)) || !areDifferent(parties.map((each) => each.name)))
    throw duplicate();
  if (!areDifferent(names)) throw malformed('conditions must have different names');
  if (!areDifferent(effects.map(({ item }) => item))) throw malformed('an item may be in one effect at most');
  for (const index of [...conditions.map(({ by }) => by), ...effects.map(({ to }) => to)]) {
    if (index >= parties.length) throw unknownParty(index);
  }
  if (body.quorum !== null && body.quorum > parties.length)
    throw new RecordRefusal('unknown_party', 'the quorum is larger than the number of parties');
  if (body.when !== null) assertCondition(body.when, id, { parties: parties.length, names });
  if (effects.some(({ item }) => item === id))
    throw new RecordRefusal('cyclic_effect', 'an effect must not name its own record');
  if (deadline !== null && sealedAt >= deadline) throw tooLate();
  const allFulfilled = names.length === 0 ? null : { all: names.map((fulfilled) => ({ fulfilled })) };
  const when: Condition | null = body.when ?? allFulfilled;
  return {
    kind: 'contract' as const,
    status: 'open' as const,
    document: body.document,
    parties: parties.map(({ key: own, order }) => ({ key: own, order, answer: null })),
    quorum: body.quorum ?? parties.length,
    deadline,
    conditions: conditions.map(({ name: own, by }) => ({
      digest: conditionDigest(own),
      by,
      fulfilled: false,
    })),
    when: when === null ? null : withDigests(when),
    effects,
  };
}

function executedOrExpired(state: ContractState, chain: AutomaticFacts): Automatic | null {
  if (state.status !== 'open') return null;
  if (state.deadline !== null && chain.sealedAt >= state.deadline)
    return { type: 'contract.expired', state: { ...state, status: 'expired' }, facts: [] };
  const { answer, facts } =
    state.when === null ? { answer: 'yes' as const, facts: [] } : judge(state.when, answersOf(state), chain);
  if (answer === 'no') return { type: 'contract.expired', state: { ...state, status: 'expired' }, facts };
  const signed = state.parties.filter((each) => each.answer === 'signed').length;
  if (answer === 'maybe' || signed < state.quorum) return null;
  if (!state.effects.every(({ item, to }) => isReady(item, partyOf(state, to).key, chain))) return null;
  return {
    type: 'contract.executed',
    state: { ...state, status: 'executed' },
    facts: sorted([...facts, ...state.effects.map(({ item }) => recordFact(item, chain))]),
  };
}

/** Whether an item goes to this key by itself as soon as this contract is executed. */
function isReady(item: string, to: HolderKey, chain: AutomaticFacts): boolean {
  const state = chain.record(item)?.state;
  if (state?.kind !== 'item' || state.offer?.accepted !== true) return false;
  const { until, on } = state.offer;
  return (
    state.offer.to === to &&
    (until === null || chain.sealedAt < until) &&
    on !== null &&
    'record' in on &&
    on.record === chain.id &&
    on.is === 'executed'
  );
}

function answersOf(state: ContractState): Answers {
  return {
    signed: (index) => answerOf(partyOf(state, index)),
    fulfilled: (condition) => {
      const { fulfilled, by } = conditionOf(state, condition);
      if (fulfilled) return 'yes';
      return partyOf(state, by).answer === 'declined' ? 'no' : 'maybe';
    },
  };
}

function answerOf({ answer }: Party): 'yes' | 'maybe' | 'no' {
  if (answer === null) return 'maybe';
  return answer === 'signed' ? 'yes' : 'no';
}

/** The holder, and whoever has signed. */
function bound({ holder, parties }: ContractState): readonly HolderKey[] {
  return [holder, ...parties.filter(({ answer }) => answer === 'signed').map((each) => each.key)];
}

function isTurnOf(own: Party, { parties }: ContractState): boolean {
  return parties.every(({ order, answer }) => order >= own.order || answer !== null);
}

function nextSteps(state: ContractState): readonly NextStep[] {
  if (state.status !== 'open') return [];
  const ofParties = state.parties.flatMap((own, index): NextStep[] => {
    const at = (type: string): NextStep => ({ ...step(type, own.key), party: index });
    if (own.answer !== null) return [];
    const steps = [at('contract.decline'), at('contract.delegate')];
    return isTurnOf(own, state) ? [at('contract.sign'), ...steps] : steps;
  });
  const toFulfil = state.conditions.flatMap(({ digest: condition, by, fulfilled }): NextStep[] => {
    const own = partyOf(state, by);
    if (fulfilled || own.answer === 'declined') return [];
    return [{ ...step('contract.fulfil', own.key), party: by, condition }];
  });
  const all = bound(state);
  return [...ofParties, ...toFulfil, step('contract.amend', ...all), step('contract.cancel', ...all)];
}

function partyOf({ parties }: ContractState, index: number): Party {
  const found = parties[index];
  if (found !== undefined) return found;
  throw unknownParty(index);
}

function named(state: ContractState, condition: string) {
  return conditionOf(state, conditionDigest(condition));
}

function conditionOf({ conditions }: ContractState, digest: string) {
  const found = conditions.find((each) => each.digest === digest);
  if (found !== undefined) return found;
  throw new RecordRefusal('unknown_condition', 'the contract has no condition of this name');
}

function withParty(state: ContractState, index: number, next: Party): ContractState {
  return { ...state, parties: state.parties.map((each, i) => (i === index ? next : each)) };
}

/** @throws {RecordRefusal} wrong_status, or too_late when the deadline has come */
function assertOpen(state: ContractState, { sealedAt }: BlockFacts): void {
  assertStatus(state, 'open');
  if (state.deadline !== null && sealedAt >= state.deadline) throw tooLate();
}

function assertUnanswered({ answer }: Party): void {
  if (answer === 'signed') throw new RecordRefusal('already_signed', 'the party has already signed');
  if (answer === 'declined') throw new RecordRefusal('already_declined', 'the party has already declined');
}

function areDifferent(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}

function duplicate(): RecordRefusal {
  return new RecordRefusal('duplicate_party', 'each party must have a name and a key of its own');
}

function unknownParty(index: number): RecordRefusal {
  return new RecordRefusal('unknown_party', `there is no party ${index}; the first is party 0`);
}

function tooLate(): RecordRefusal {
  return new RecordRefusal('too_late', 'the deadline of the contract has come');
}

function malformed(message: string): RecordRefusal {
  return new RecordRefusal('malformed_body', message);
}
