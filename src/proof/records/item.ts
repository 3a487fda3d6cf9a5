import {
  amount,
  arrayOf,
  currency,
  date,
  document,
  key,
  MAX_DOCUMENTS,
  name,
  object,
  oneOf,
  recovery,
  text,
  time,
  title,
} from './body.js';
import { assertCondition, judge, NO_PARTIES, readCondition, watchesOf } from './conditions.js';
import { heldBy, same } from './holder.js';
import { RecordRefusal } from './refusal.js';
import { assertStatus, rule, step, type KindRules, type Rule } from './rule.js';
import type { Automatic, AutomaticFacts, ItemOffer, ItemState, NextStep } from './state.js';

// An item and its owner.

const MAX_FEATURES = 64;

export const registerItem: Rule<null, ItemState> = rule(
  (o) => ({
    title: o.get('title', title),
    serial: o.get('serial', text(100)),
    features: o.get(
      'features',
      arrayOf(
        object((f) => ({ name: f.get('name', name), value: f.get('value', name) })),
        0,
        MAX_FEATURES,
      ),
    ),
    documents: o.get('documents', arrayOf(document, 0, MAX_DOCUMENTS)),
    issuer: o.get('issuer', key),
    holder: o.get('holder', key),
    recovery: o.optional('recovery', recovery),
  }),
  (body) => [body.issuer, body.holder],
  (body): ItemState => ({
    kind: 'item',
    status: 'held',
    issuer: body.issuer,
    offer: null,
    report: null,
    transfers: 0,
    appraisals: 0,
    ...heldBy(body.holder, body.recovery),
  }),
);

const appraise = rule(
  (o) => ({
    value: o.get('value', amount),
    currency: o.get('currency', currency),
    on: o.optional('on', date),
    document: o.optional('document', document),
    appraiser: o.get('appraiser', key),
  }),
  (body, state: ItemState) => [body.appraiser, state.holder],
  (_, state): ItemState => {
    assertStatus(state, 'held', 'offered', 'promised', 'lost', 'stolen');
    return { ...state, appraisals: state.appraisals + 1 };
  },
);

const offer = rule(
  (o) => ({
    to: o.get('to', key),
    until: o.optional('until', time),
    on: o.optional('on', readCondition),
  }),
  (_, state: ItemState) => [state.holder],
  ({ to, until, on }, state, { id, sealedAt }): ItemState => {
    assertStatus(state, 'held');
    if (to === state.holder) throw same('the item is held by this key');
    if (until !== null && sealedAt >= until) throw tooLate();
    if (on !== null) assertCondition(on, id, { parties: 0, names: [] });
    return withStatus({ ...state, offer: { to, until, on, accepted: false, recovery: null } });
  },
);

const accept = rule(
  (o) => ({ recovery: o.optional('recovery', recovery) }),
  (_, state: ItemState) => [offerOf(state).to],
  (body, state, { sealedAt }): ItemState => {
    const { to, until, on } = offerOf(state);
    assertStatus(state, 'offered');
    if (until !== null && sealedAt >= until) throw tooLate();
    const accepted = { ...state, offer: { to, until, on, accepted: true, recovery: body.recovery } };
    const transferred = transfer(accepted, accepted.offer);
    return on === null ? transferred : withStatus(accepted);
  },
);

const retract = rule(
  () => null,
  (_, state: ItemState) => [state.holder],
  (_, state): ItemState => {
    if (offerOf(state).accepted)
      throw new RecordRefusal('wrong_status', 'the offer is accepted: the item is promised');
    return withStatus({ ...state, offer: null });
  },
);

const report = rule(
  (o) => ({ what: o.get('what', oneOf(['lost', 'stolen', 'recovered', 'destroyed'] as const)) }),
  (_, state: ItemState) => [state.holder],
  ({ what }, state): ItemState => {
    if (state.report === 'destroyed') throw new RecordRefusal('wrong_status', 'the item is destroyed');
    const next = what === 'recovered' ? null : what;
    if (next === state.report) throw same('the item is reported so already');
    return withStatus({ ...state, report: next });
  },
);

export const ITEM_RULES: KindRules<ItemState> = {
  rules: new Map([
    ['item.appraise', appraise],
    ['item.offer', offer],
    ['item.accept', accept],
    ['item.retract', retract],
    ['item.report', report],
  ]),
  automatic: transferredOrLapsed,
  watches: ({ offer }) => {
    const { times, digests, records } = watchesOf(offer?.on ?? null);
    return { times: offer?.until == null ? times : [...times, offer.until], digests, records };
  },
  parties: ({ issuer, offer }) => (offer === null ? [issuer] : [issuer, offer.to]),
  nextSteps: (state): readonly NextStep[] => {
    const { status, holder, offer } = state;
    if (status === 'destroyed') return [];
    const steps = [step('item.report', holder), step('item.appraise', holder)];
    if (status === 'held') steps.push(step('item.offer', holder));
    if (offer?.accepted === false) {
      steps.push(step('item.retract', holder));
      if (status === 'offered') steps.push(step('item.accept', offer.to));
    }
    return steps;
  },
};

/** An offer that is over lapses, accepted or not; one that is accepted waits for its condition. */
function transferredOrLapsed(state: ItemState, chain: AutomaticFacts): Automatic | null {
  const { offer } = state;
  if (offer === null) return null;
  const lapsed = (facts: readonly string[]): Automatic => ({
    type: 'item.lapsed',
    state: withStatus({ ...state, offer: null }),
    facts,
  });
  if (offer.until !== null && chain.sealedAt >= offer.until) return lapsed([]);
  if (offer.on === null) return null;
  const { answer, facts } = judge(offer.on, NO_PARTIES, chain);
  if (answer === 'no') return lapsed(facts);
  if (answer === 'maybe' || !offer.accepted) return null;
  return { type: 'item.transferred', state: transfer(state, offer), facts };
}

/** The recovery key of the holder before goes with that holder. */
function transfer(state: ItemState, { to, recovery }: ItemOffer): ItemState {
  return withStatus({ ...state, ...heldBy(to, recovery), offer: null, transfers: state.transfers + 1 });
}

function withStatus(state: ItemState): ItemState {
  const { report, offer } = state;
  return { ...state, status: report ?? (offer === null ? 'held' : offer.accepted ? 'promised' : 'offered') };
}

function offerOf({ offer }: ItemState): ItemOffer {
  if (offer !== null) return offer;
  throw new RecordRefusal('no_offer', 'the item is not offered to anybody');
}

function tooLate(): RecordRefusal {
  return new RecordRefusal('too_late', 'the time until which the offer holds has come');
}
