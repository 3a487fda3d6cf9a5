import { isObject, type JsonObject } from '../../../proof/canonical-json.js';
import type { ContractState, Licence, WorkState } from '../../../proof/records/state.js';
import { conditionName, type RecordTexts, textsOf } from '../../../proof/records/texts.js';
import { Copyable } from '../../components/copy.js';
import { bodyValues } from '../../components/record-values.js';
import { Time } from '../../components/time.js';
import { type Row } from '../../components/values.js';
import { formatNumber, groupHex } from '../../lib/format.js';
import { conditionSentence } from '../../components/condition-sentence.js';
import { recordMessages } from '../../messages/records.js';
import { messages } from '../../messages/records-page.js';
import { partyName } from './conditions.js';
import { KeyName, keyProves } from './key-words.js';
import { placeAddress } from './place.js';
import type { Loaded, RecordEvent, RecordView } from './service.js';
import { partyNames, termsBody } from './terms.js';

/** What a record is now, in words. */

export function titleOf({ title, kind, id }: Pick<RecordView, 'title' | 'kind' | 'id'>): string {
  return title ?? `${recordMessages().kinds[kind]} ${id.slice(0, 12)}`;
}

/** What is there now. */
export function factsOf(
  { kind, status, holder, id, state }: RecordView,
  events: readonly RecordEvent[],
): readonly Row[] {
  const t = messages();
  const shared = recordMessages();
  return [
    [shared.kind, shared.kinds[kind]],
    [shared.status, <strong data-status={status}>{shared.statuses[status]}</strong>],
    [
      shared.holder,
      <>
        <KeyName of={holder} />
        <p class="key-note">{keyProves(holder)}</p>
      </>,
    ],
    ...(state.kind === 'contract' ? contractFacts(state, termsBody(events)) : []),
    ...(state.kind === 'document'
      ? [
          [t.version, formatNumber(state.versions)] as const,
          [t.fingerprint, <code class="digest">{groupHex(state.document)}</code>] as const,
        ]
      : []),
    ...(state.kind === 'item' && state.offer !== null ? offerFacts(state.offer) : []),
    ...(state.kind === 'work' ? workFacts(state, events) : []),
    ...(state.recovering === null
      ? []
      : [
          [
            t.recovering,
            t.recoveringBy(<KeyName of={state.recovering.holder} />, <Time at={state.recovering.at} />),
          ] as const,
        ]),
    [shared.record, <Copyable as="code" label={shared.record} value={id} shown={groupHex(id)} />],
  ];
}

function offerFacts({
  to,
  until,
  on,
}: NonNullable<Extract<RecordView['state'], { kind: 'item' }>['offer']>): Row[] {
  const t = messages();
  return [
    [t.offeredTo, <KeyName of={to} />],
    ...(until === null ? [] : [[t.until, <Time at={until} />] as const]),
    ...(on === null ? [] : [[t.onlyIf, conditionSentence(on, { parties: [], conditions: [] })] as const]),
  ];
}

function workFacts(state: WorkState, events: readonly RecordEvent[]): Row[] {
  const t = messages();
  const { granted, latest } = state.licences;
  const bodyAt = (at: number) =>
    events.find(({ sequence, status }) => sequence === at && status !== 'void')?.body ?? {};
  const licensee = (at: number) => {
    const { to } = bodyAt(at);
    const name = isObject(to ?? null) ? (to as JsonObject)['name'] : null;
    return typeof name === 'string' ? name : t.eventNumber(formatNumber(at));
  };
  const licence = ({ sequence, exclusive, until }: Licence) => (
    <li key={sequence}>
      <bdi>{licensee(sequence)}</bdi>: {exclusive ? t.exclusive : t.notExclusive}
      {until === null ? '' : <>, {t.untilTime(<Time at={until} />)}</>}
    </li>
  );
  return [
    ...(state.assignment === null ? [] : [[t.offeredTo, <KeyName of={state.assignment.to} />] as const]),
    ...(granted === 0
      ? []
      : [[t.licences(formatNumber(granted)), <ul>{latest.toReversed().map(licence)}</ul>] as const]),
    ...(state.promised.length === 0 ? [] : [[t.promised, <ul>{state.promised.map(licence)}</ul>] as const]),
    ...state.contests.map(
      ({ sequence, by }) =>
        [
          t.contestedBy,
          t.contest(<RecordLink id={by} />, <bdi>{reasonOf(bodyAt(sequence))}</bdi>, formatNumber(sequence)),
        ] as const,
    ),
  ];
}

function reasonOf({ reason }: JsonObject): string {
  return typeof reason === 'string' ? reason : messages().reasonErased;
}

/** @param terms null: they were erased */
function contractFacts(state: ContractState, terms: JsonObject | null): Row[] {
  const t = messages();
  const names = partyNames(terms);
  const nameOf = (index: number) => names[index] ?? recordMessages().sentences.party(formatNumber(index + 1));
  const texts = textsOf(terms);
  return [
    [t.fingerprint, <code class="digest">{groupHex(state.document)}</code>],
    [
      t.parties,
      <ol class="record-parties">
        {state.parties.map(({ key, order, answer }, i) => (
          <li key={key} data-answer={answer ?? 'none'}>
            <bdi>{nameOf(i)}</bdi>: {t.answers[answer ?? 'none']} ({t.order(formatNumber(order))},{' '}
            <KeyName of={key} />)
          </li>
        ))}
      </ol>,
    ],
    [t.quorum, t.ofParties(formatNumber(state.quorum), formatNumber(state.parties.length))],
    ...(state.deadline === null ? [] : [[t.deadline, <Time at={state.deadline} />] as const]),
    ...(state.conditions.length === 0
      ? []
      : [
          [
            t.conditions,
            <ul>
              {state.conditions.map(({ digest, by, fulfilled }) => (
                <li key={digest}>
                  <bdi>{conditionName(digest, texts)}</bdi> ({nameOf(by)}):{' '}
                  {fulfilled ? t.fulfilled : t.notFulfilled}
                </li>
              ))}
            </ul>,
          ] as const,
        ]),
    ...(state.when === null
      ? []
      : [
          [
            t.onlyIf,
            conditionSentence(readable(state.when, texts), { parties: names, conditions: [] }),
          ] as const,
        ]),
    ...state.effects.map(
      ({ item, to }, i) =>
        [t.effect(formatNumber(i + 1)), t.effectGoes(<RecordLink id={item} />, nameOf(to))] as const,
    ),
  ];
}

/** The condition with the names of its parts, which a state does not have. */
function readable(
  condition: NonNullable<ContractState['when']>,
  texts: RecordTexts,
): NonNullable<ContractState['when']> {
  if ('all' in condition) return { all: condition.all.map((each) => readable(each, texts)) };
  if ('any' in condition) return { any: condition.any.map((each) => readable(each, texts)) };
  if ('of' in condition)
    return { atLeast: condition.atLeast, of: condition.of.map((each) => readable(each, texts)) };
  return 'fulfilled' in condition ? { fulfilled: conditionName(condition.fulfilled, texts) } : condition;
}

function RecordLink({ id }: { readonly id: string }) {
  return <a href={placeAddress({ kind: 'one', id, step: null })}>{id.slice(0, 16)}…</a>;
}

/**
 * What an event states, with the names of a contract's parties instead of their numbers.
 * @param about the record as it is now; null: the event begins it
 */
export function statedValues(body: JsonObject, about: Loaded | null): readonly Row[] {
  const { party, ...rest } = body;
  if (typeof party !== 'number' || about === null) return bodyValues(body);
  const name = partyNames(termsBody(about.events))[party] ?? '';
  return [
    [recordMessages().members['party'] ?? 'party', <bdi>{partyName(name, party)}</bdi>],
    ...bodyValues(rest),
  ];
}
