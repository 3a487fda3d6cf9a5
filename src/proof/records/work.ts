import {
  arrayOf,
  boolean,
  country,
  date,
  document,
  integer,
  key,
  MAX_DOCUMENTS,
  name,
  nullOr,
  object,
  recordId,
  recovery,
  remark,
  time,
  title,
  WHOLE,
} from './body.js';
import { assertCondition, judge, NO_PARTIES, readCondition, watchesOf } from './conditions.js';
import { heldBy, same } from './holder.js';
import { RecordRefusal } from './refusal.js';
import { assertStatus, rule, step, type KindRules, type Rule } from './rule.js';
import type {
  Automatic,
  AutomaticFacts,
  BlockFacts,
  HolderKey,
  Licence,
  NextStep,
  WorkState,
} from './state.js';

// A work, its author, and whoever holds the rights.

const MAX_AUTHORS = 100;
/** So that states stay small: of licences that have begun the last, and all that wait. */
const LATEST_LICENCES = 32;
const MAX_PROMISED = 32;
const MAX_CONTESTS = 64;

const documents = arrayOf(document, 1, MAX_DOCUMENTS);

export const claimWork: Rule<null, WorkState> = rule(
  (o) => ({
    title: o.get('title', title),
    kind: o.get('kind', name),
    authors: o.get(
      'authors',
      arrayOf(
        object((a) => ({
          name: a.get('name', name),
          role: a.get('role', name),
          nationality: a.optional('nationality', country),
        })),
        1,
        MAX_AUTHORS,
      ),
    ),
    createdOn: o.optional('createdOn', date),
    published: o.get('published', nullOr(object((p) => ({ on: p.get('on', date), in: p.get('in', name) })))),
    madeForHire: o.get('madeForHire', boolean),
    basis: o.get('basis', remark),
    licence: o.optional('licence', remark),
    documents: o.get('documents', documents),
    holder: o.get('holder', key),
    recovery: o.optional('recovery', recovery),
  }),
  (body) => [body.holder],
  (body): WorkState => ({
    kind: 'work',
    status: 'claimed',
    versions: 1,
    assignment: null,
    licences: { granted: 0, latest: [] },
    promised: [],
    contests: [],
    ...heldBy(body.holder, body.recovery),
  }),
);

const version = rule(
  (o) => ({ documents: o.get('documents', documents), note: o.optional('note', remark) }),
  (_, state: WorkState) => [state.holder],
  (_, state): WorkState => {
    assertClaimed(state);
    return { ...state, versions: state.versions + 1 };
  },
);

const license = rule(
  (o) => ({
    to: o.get(
      'to',
      object((to) => ({ name: to.get('name', name), key: to.optional('key', key) })),
    ),
    terms: o.get('terms', remark),
    exclusive: o.get('exclusive', boolean),
    from: o.optional('from', time),
    until: o.optional('until', time),
    territory: o.optional('territory', name),
    document: o.optional('document', document),
    on: o.optional('on', readCondition),
  }),
  (_, state: WorkState) => [state.holder],
  ({ to, exclusive, from, until, on }, state, { id, sealedAt }, { sequence }): WorkState => {
    assertClaimed(state);
    if (from !== null && until !== null && from >= until)
      throw new RecordRefusal('malformed_body', 'a licence must begin before it ends');
    if (until !== null && sealedAt >= until)
      throw new RecordRefusal('too_late', 'the time until which the licence holds has come');
    const licence: Licence = { sequence, to: to.key, exclusive, until };
    if (on === null) return granted(state, licence);
    assertCondition(on, id, { parties: 0, names: [] });
    if (state.promised.length === MAX_PROMISED)
      throw new RecordRefusal('too_large', `${MAX_PROMISED} licences wait already`);
    return { ...state, promised: [...state.promised, { ...licence, on }] };
  },
);

const assign = rule(
  (o) => ({ to: o.get('to', key) }),
  (_, state: WorkState) => [state.holder],
  ({ to }, state): WorkState => {
    assertClaimed(state);
    if (state.assignment !== null)
      throw new RecordRefusal('wrong_status', 'the work is assigned already; retract that first');
    if (to === state.holder) throw same('the work is held by this key');
    return { ...state, assignment: { to } };
  },
);

const accept = rule(
  (o) => ({ recovery: o.optional('recovery', recovery) }),
  (_, state: WorkState) => [assigneeOf(state)],
  (body, state): WorkState => ({
    ...state,
    ...heldBy(assigneeOf(state), body.recovery),
    assignment: null,
  }),
);

const retract = rule(
  () => null,
  (_, state: WorkState) => [state.holder],
  (_, state): WorkState => {
    assigneeOf(state);
    return { ...state, assignment: null };
  },
);

/** Signed by the holder of another work: the body names the key, so that whoever signs is known from it. */
const contest = rule(
  (o) => ({ by: o.get('by', recordId), holder: o.get('holder', key), reason: o.get('reason', remark) }),
  (body) => [body.holder],
  (body, state: WorkState, facts, { sequence }): WorkState => {
    assertClaimed(state);
    if (body.by === facts.id) throw new RecordRefusal('wrong_record', 'a work cannot contest itself');
    if (state.contests.some(({ by }) => by === body.by))
      throw new RecordRefusal('already_contested', 'this work contests already');
    assertStatus(assertHolder(body, facts), 'claimed', 'contested');
    if (state.contests.length === MAX_CONTESTS)
      throw new RecordRefusal('too_large', `${MAX_CONTESTS} works contest already`);
    return withStatus({ ...state, contests: [...state.contests, { sequence, by: body.by }] });
  },
);

const settle = rule(
  (o) => ({ contest: o.get('contest', integer(0, WHOLE)), holder: o.get('holder', key) }),
  (body) => [body.holder],
  (body, state: WorkState, facts): WorkState => {
    const found = state.contests.find(({ sequence }) => sequence === body.contest);
    if (found === undefined)
      throw new RecordRefusal('unknown_contest', 'the work is not contested by an event of this sequence');
    assertHolder({ by: found.by, holder: body.holder }, facts);
    return withStatus({ ...state, contests: state.contests.filter((each) => each !== found) });
  },
);

const withdraw = rule(
  (o) => ({ reason: o.optional('reason', remark) }),
  (_, state: WorkState) => [state.holder],
  (_, state): WorkState => {
    assertClaimed(state);
    return { ...state, status: 'withdrawn', assignment: null };
  },
);

export const WORK_RULES: KindRules<WorkState> = {
  rules: new Map([
    ['work.version', version],
    ['work.license', license],
    ['work.assign', assign],
    ['work.accept', accept],
    ['work.retract', retract],
    ['work.contest', contest],
    ['work.settle', settle],
    ['work.withdraw', withdraw],
  ]),
  automatic: licensedOrLapsed,
  watches: ({ promised }) => {
    const all = promised.map(({ on }) => watchesOf(on));
    return {
      times: [...all.flatMap(({ times }) => times), ...promised.flatMap(({ until }) => until ?? [])],
      digests: all.flatMap(({ digests }) => digests),
      records: all.flatMap(({ records }) => records),
    };
  },
  parties: ({ assignment, licences, promised }) =>
    [assignment?.to, ...[...licences.latest, ...promised].map(({ to }) => to)].flatMap((each) => each ?? []),
  nextSteps: (state): readonly NextStep[] => {
    if (state.status === 'withdrawn') return [];
    const types = ['work.version', 'work.license', 'work.withdraw'];
    const { assignment, holder } = state;
    if (assignment === null) return [...types, 'work.assign'].map((type) => step(type, holder));
    return [
      ...[...types, 'work.retract'].map((type) => step(type, holder)),
      step('work.accept', assignment.to),
    ];
  },
};

/** Licences whose condition holds begin, and those that cannot begin any more lapse: the first one first. */
function licensedOrLapsed(state: WorkState, chain: AutomaticFacts): Automatic | null {
  for (const waiting of state.promised) {
    const { on, ...licence } = waiting;
    const rest = { ...state, promised: state.promised.filter((each) => each !== waiting) };
    if (licence.until !== null && chain.sealedAt >= licence.until)
      return { type: 'work.lapsed', state: rest, facts: [] };
    const { answer, facts } = judge(on, NO_PARTIES, chain);
    if (answer === 'no') return { type: 'work.lapsed', state: rest, facts };
    if (answer === 'yes') return { type: 'work.licensed', state: granted(rest, licence), facts };
  }
  return null;
}

function granted(state: WorkState, licence: Licence): WorkState {
  const { granted: count, latest } = state.licences;
  return {
    ...state,
    licences: { granted: count + 1, latest: [...latest, licence].slice(-LATEST_LICENCES) },
  };
}

function withStatus(state: WorkState): WorkState {
  if (state.status === 'withdrawn') return state;
  return { ...state, status: state.contests.length === 0 ? 'claimed' : 'contested' };
}

function assertClaimed(state: WorkState): void {
  assertStatus(state, 'claimed', 'contested');
}

function assigneeOf({ assignment }: WorkState): HolderKey {
  if (assignment !== null) return assignment.to;
  throw new RecordRefusal('no_offer', 'the work is not assigned to anybody');
}

/** The other work, after checking that `holder` holds it. */
function assertHolder({ by, holder }: { by: string; holder: HolderKey }, facts: BlockFacts): WorkState {
  const other = facts.record(by);
  if (other === null) throw new RecordRefusal('unknown_record', `there is no record ${by}`);
  if (other.kind !== 'work') throw new RecordRefusal('wrong_kind', 'only a work can contest a work');
  if (other.holder !== holder)
    throw new RecordRefusal('not_holder', 'the key is not that of the holder of the other work');
  return other;
}
