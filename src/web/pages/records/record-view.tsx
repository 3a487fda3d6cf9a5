import { useEffect, useMemo } from 'preact/hooks';
import type { Json, JsonObject } from '../../../proof/canonical-json.js';
import { isObject } from '../../../proof/canonical-json.js';
import { toHex } from '../../../proof/bytes.js';
import { parseNote } from '../../../proof/note.js';
import { parseAutomatic } from '../../../proof/records/automatic.js';
import type { ContractState, NextStep } from '../../../proof/records/state.js';
import { conditionName, textsAfter } from '../../../proof/records/texts.js';
import { Button } from '../../components/button.js';
import { Copyable } from '../../components/copy.js';
import { Load } from '../../components/load.js';
import { Panel } from '../../components/panel.js';
import { Problem } from '../../components/problem.js';
import { type ShownEvent, Timeline } from '../../components/record-timeline.js';
import { named, shortKey } from '../../components/record-values.js';
import { Time } from '../../components/time.js';
import { type Row, Values } from '../../components/values.js';
import { Action } from '../../lib/action.js';
import { saveBlob } from '../../lib/files.js';
import { formatNumber, groupHex } from '../../lib/format.js';
import { address } from '../../lib/request.js';
import { Resource } from '../../lib/resource.js';
import { session } from '../../lib/session.js';
import { recordMessages } from '../../messages/records.js';
import { messages } from '../../messages/records-page.js';
import { conditionSentence } from './conditions.js';
import { isOwn, KeyName, keyProves, keysIn } from './key-words.js';
import { EVERYTHING, go, placeAddress, type Step } from './place.js';
import { eventsOf, historyFile, record, type RecordEvent, type RecordView } from './service.js';
import { StatePicture } from './states.js';
import { StepView } from './step-view.js';

interface Loaded {
  readonly record: RecordView;
  readonly events: readonly RecordEvent[];
}

interface OneProps {
  readonly id: string;
  readonly step: Step | null;
  /** Called with what the record is called. */
  readonly onTitle: (title: string) => void;
}

/** One record: where it stands, what can come next, its history, and how to check that. */
export function OneRecord({ id, step, onTitle }: OneProps) {
  const t = messages();
  const resource = useMemo(
    () =>
      new Resource<Loaded>(async () => {
        const [found, events] = await Promise.all([record(id), eventsOf(id)]);
        onTitle(titleOf(found));
        return { record: found, events };
      }),
    [id],
  );
  useEffect(() => follow(id, resource), [resource]);
  const here = { kind: 'one', id, step: null } as const;
  return (
    <div class="page records">
      <p>
        <a href={placeAddress({ kind: 'list', query: EVERYTHING })}>{t.backToList}</a>
      </p>
      <Load of={resource} own={t.problems}>
        {(loaded) =>
          step === null ? (
            <Whole of={loaded} />
          ) : (
            <>
              <h1 tabIndex={-1}>{titleOf(loaded.record)}</h1>
              <StepView
                key={`${step.type} ${step.party ?? ''} ${step.condition ?? ''}`}
                step={step}
                record={loaded.record}
                onCancel={() => {
                  go(here);
                }}
                onDone={() => {
                  void resource.load();
                  go(here);
                }}
              />
            </>
          )
        }
      </Load>
    </div>
  );
}

/** Loads the record, and again when a block has changed it. @returns stops it */
function follow(id: string, resource: Resource<Loaded>): () => void {
  let applied = -1;
  const look = () => {
    const { value } = resource;
    if (value !== null && applied > (value.record.sealed?.sequence ?? -1)) void resource.load();
  };
  const stream = new EventSource(address(`v1/records/${id}/events`));
  stream.addEventListener('applied', ({ lastEventId }) => {
    applied = Number(lastEventId);
    look();
  });
  // The stream can be faster than the first answer.
  void resource.load().then(look);
  return () => {
    stream.close();
  };
}

export function titleOf({ title, kind, id }: Pick<RecordView, 'title' | 'kind' | 'id'>): string {
  return title ?? `${recordMessages().kinds[kind]} ${id.slice(0, 12)}`;
}

function Whole({ of: { record: found, events } }: { readonly of: Loaded }) {
  const t = messages();
  const bodies = events.flatMap(({ body }) => (body === undefined ? [] : [body]));
  return (
    <>
      <h1 tabIndex={-1}>{titleOf(found)}</h1>
      <div class="panels">
        <Panel heading={t.where} prose={[t.whereSource]}>
          <Values of={factsOf(found, bodies)} />
          <StatePicture kind={found.kind} status={found.status} />
          {found.waiting === 0 ? null : (
            <p class="hint" role="status">
              {t.waiting}
            </p>
          )}
        </Panel>
        <NextSteps of={found} />
        <Panel heading={recordMessages().timeline}>
          <Timeline heading="h3" of={shownEvents(events)} />
          <p class="key-note">{recordMessages().keyNote}</p>
        </Panel>
        <CheckIt of={found} />
      </div>
    </>
  );
}

/** What is there now. @param bodies of the events, as far as they are not erased */
export function factsOf(
  { kind, status, holder, id, state }: RecordView,
  bodies: readonly JsonObject[],
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
    ...(state.kind === 'contract' ? contractFacts(state, bodies) : []),
    ...(state.kind === 'document'
      ? [
          [t.version, formatNumber(state.versions)] as const,
          [t.fingerprint, <code class="digest">{groupHex(state.document)}</code>] as const,
        ]
      : []),
    ...(state.kind === 'item' && state.offer !== null ? offerFacts(state.offer) : []),
    ...(state.kind === 'work' && state.assignment !== null
      ? [[t.offeredTo, <KeyName of={state.assignment.to} />] as const]
      : []),
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

function contractFacts(state: ContractState, bodies: readonly JsonObject[]): Row[] {
  const t = messages();
  const names = partyNames(bodies);
  const nameOf = (index: number) => names[index] ?? t.sentences.party(formatNumber(index + 1));
  const terms = bodies.findLast((body) => Array.isArray(body['parties'])) ?? null;
  const texts = textsAfter([{ type: null, sequence: 0, body: terms }]);
  return [
    [t.fingerprint, <code class="digest">{groupHex(state.document)}</code>],
    [
      t.parties,
      <ol class="record-parties">
        {state.parties.map(({ key, order, answer }, i) => (
          <li key={key} data-answer={answer ?? 'none'}>
            <bdi>{nameOf(i)}</bdi>: {t.answers[answer ?? 'none']} ({t.turn(formatNumber(order))},{' '}
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
  texts: ReturnType<typeof textsAfter>,
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

/** The names that the last terms give the parties. */
function partyNames(bodies: readonly JsonObject[]): readonly string[] {
  const parties = bodies.findLast((body) => Array.isArray(body['parties']))?.['parties'];
  const list = Array.isArray(parties) ? (parties as readonly Json[]) : [];
  return list.map((party) => {
    const name = isObject(party) ? party['name'] : null;
    return typeof name === 'string' ? name : '';
  });
}

/** Steps that the rules allow to whoever has the key, and that follow from no state. */
function otherSteps({ state }: RecordView): readonly Step[] {
  if (state.kind !== 'work' || state.status === 'withdrawn') return [];
  const step = (type: string): Step => ({ type, party: null, condition: null });
  return [step('work.contest'), ...(state.contests.length === 0 ? [] : [step('work.settle')])];
}

function NextSteps({ of }: { readonly of: RecordView }) {
  const t = messages();
  const canSubmit = session.current?.user?.role !== 'auditor';
  const own = of.next.filter(({ signers }) => canSubmit && signers.some(isOwn));
  const others = of.next.filter((step) => !own.includes(step));
  const linkTo = (step: Step) => placeAddress({ kind: 'one', id: of.id, step });
  return (
    <Panel heading={recordMessages().next}>
      {of.next.length === 0 ? <p>{recordMessages().nothingNext}</p> : null}
      {own.length === 0 ? null : (
        <>
          <h3>{t.byYou}</h3>
          <ul class="record-steps">
            {own.map((step) => (
              <li key={keyOf(step)}>
                <a class="button" href={linkTo(step)}>
                  {stepText(step)}
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
      {others.length === 0 ? null : (
        <>
          <h3>{t.byOthers}</h3>
          <ul>
            {others.map((step) => (
              <li key={keyOf(step)}>
                {recordMessages().nextStep(stepText(step), step.signers.map(shortKey).join(', '))}
              </li>
            ))}
          </ul>
        </>
      )}
      {!canSubmit || otherSteps(of).length === 0 ? null : (
        <>
          <h3>{t.byAnybody}</h3>
          <ul class="record-steps">
            {otherSteps(of).map((step) => (
              <li key={step.type}>
                <a class="button" href={linkTo(step)}>
                  {t.actions[step.type]}
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

const keyOf = ({ type, party, condition, signers }: NextStep) =>
  `${type} ${party ?? ''} ${condition ?? ''} ${signers.join(' ')}`;

export function stepText({ type, condition }: Pick<NextStep, 'type' | 'condition'>): string {
  return named(messages().actions[type] ?? recordMessages().types[type] ?? type, condition);
}

/** The events with the keys that signed them, whole where a body names them. */
export function shownEvents(events: readonly RecordEvent[]): readonly ShownEvent[] {
  const keys = keysIn(events.flatMap(({ body }) => (body === undefined ? [] : [body])));
  return events.map(({ sequence, type, status, note, automatic, body, height, sealedAt }) => ({
    sequence,
    type,
    mark: markOf(status, automatic !== undefined),
    automatic: automatic !== undefined,
    facts: automatic === undefined ? [] : parseAutomatic(automatic).facts,
    signers:
      note === undefined
        ? null
        : parseNote(note).signatures.map((line) => {
            const shown = `${line.name}+${toHex(line.keyId)}`;
            return keys.get(shown) ?? shown;
          }),
    body: body ?? null,
    height: height ?? null,
    sealedAt: sealedAt ?? null,
  }));
}

function markOf(status: RecordEvent['status'], isAutomatic: boolean): ShownEvent['mark'] {
  if (status === 'void') return 'void';
  if (status === 'accepted') return 'waiting';
  return isAutomatic ? 'automatic' : 'applied';
}

function CheckIt({ of: { id } }: { readonly of: RecordView }) {
  const t = messages();
  const action = useMemo(() => new Action(), []);
  const name = `${id.slice(0, 16)}.ingam-history.json`;
  const download = () =>
    action.run(async () => {
      saveBlob(name, await historyFile(id));
    });
  return (
    <Panel heading={t.checkHeading} prose={[t.checkExplained]}>
      <div class="form-actions">
        <Button tone="primary" icon="download" held={action.busy} onPress={() => void download()}>
          {t.download}
        </Button>
      </div>
      <Problem error={action.error.value} own={t.problems} />
      <ol class="record-checks">
        <li>{t.checkPage(<a href="./verify.html">{t.checkPageName}</a>)}</li>
        <li>
          {t.checkOffline(
            <a href="./verifier.html" download="ingam-verifier.html">
              {t.checkOfflineName}
            </a>,
          )}
        </li>
        <li>
          {t.checkCommand} <Copyable as="code" label={t.checkCommand} value={`ingam verify ${name}`} />
        </li>
      </ol>
    </Panel>
  );
}
