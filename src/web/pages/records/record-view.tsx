import { useEffect, useMemo } from 'preact/hooks';
import { toHex } from '../../../proof/bytes.js';
import { parseNote } from '../../../proof/note.js';
import { parseAutomatic } from '../../../proof/records/automatic.js';
import { isPublishable } from '../../../proof/records/publishable.js';
import type { NextStep } from '../../../proof/records/state.js';
import { Button } from '../../components/button.js';
import { useDrops } from '../../components/drop-area.js';
import { HistoryCheck, historyName } from '../../components/history-check.js';
import { Load } from '../../components/load.js';
import { Panel } from '../../components/panel.js';
import { Problem } from '../../components/problem.js';
import { keySentence } from '../../components/key-sentence.js';
import { type ShownEvent, Timeline } from '../../components/record-timeline.js';
import { named, shortKey } from '../../components/record-values.js';
import { Values } from '../../components/values.js';
import { Action } from '../../lib/action.js';
import { saveBlob } from '../../lib/files.js';
import { address } from '../../lib/request.js';
import { Resource } from '../../lib/resource.js';
import { session } from '../../lib/session.js';
import { recordMessages } from '../../messages/records.js';
import { messages as asksMessages } from '../../messages/records-asks.js';
import { messages } from '../../messages/records-page.js';
import { factsOf, titleOf } from './facts.js';
import { AWAITED } from './forms.js';
import { carry } from './carried.js';
import { KeysByLink } from './given-keys.js';
import { isOwn, keysIn } from './key-words.js';
import { EVERYTHING, go, placeAddress, type Step } from './place.js';
import { Publication } from './publication.js';
import {
  historyFile,
  type Loaded,
  loadRecord,
  recordCertificate,
  type RecordEvent,
  type RecordView,
} from './service.js';
import { StatePicture } from './states.js';
import { StepView } from './step-view.js';

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
        const loaded = await loadRecord(id);
        onTitle(titleOf(loaded.record));
        return loaded;
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
                about={loaded}
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

function Whole({ of: { record: found, events } }: { readonly of: Loaded }) {
  const t = messages();
  return (
    <>
      <h1 tabIndex={-1}>{titleOf(found)}</h1>
      <div class="panels">
        <Panel heading={t.where} prose={[t.whereSource]}>
          <Values of={factsOf(found, events)} />
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
        <KeysByLink id={found.id} />
        <CheckIt of={found} />
        {isPublishable(found.kind) && found.sealed !== null ? (
          <Publication
            id={found.id}
            kind={found.kind}
            holder={found.holder}
            canPublish={session.current?.user?.role !== 'auditor'}
          />
        ) : null}
      </div>
    </>
  );
}

/** Steps that the rules allow to whoever has the key, and that follow from no state. */
function otherSteps({ state }: RecordView): readonly Step[] {
  if (state.kind !== 'work' || state.status === 'withdrawn') return [];
  const step = (type: string): Step => ({ type, party: null, condition: null });
  return [step('work.contest'), ...(state.contests.length === 0 ? [] : [step('work.settle')])];
}

/** With these the holder gives something to a key: of somebody who has none, it is asked by link. */
const GIVES: ReadonlySet<string> = new Set(['item.offer', 'work.assign', 'work.license']);

const asksFor = ({ kind }: RecordView): readonly ('transfer' | 'licence')[] =>
  kind === 'work' ? ['licence', 'transfer'] : ['transfer'];

function NextSteps({ of }: { readonly of: RecordView }) {
  const t = messages();
  const canSubmit = session.current?.user?.role !== 'auditor';
  const own = of.next.filter(({ signers }) => canSubmit && signers.some(isOwn));
  const others = of.next.filter((step) => !own.includes(step));
  const version = own.find(({ type }) => VERSIONS.has(type));
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
                <a class={AWAITED.has(step.type) ? 'button is-primary' : 'button'} href={linkTo(step)}>
                  {stepText(step)}
                </a>
              </li>
            ))}
          </ul>
          {version === undefined ? null : <DropVersion id={of.id} step={version} />}
        </>
      )}
      {!own.some(({ type }) => GIVES.has(type)) ? null : (
        <>
          <h3>{t.byLink}</h3>
          <ul class="record-steps">
            {asksFor(of).map((ask) => (
              <li key={ask}>
                <a class="button" href={placeAddress({ kind: 'asks', ask, record: of.id })}>
                  {asksMessages().askFor[ask]}
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
      {others.length === 0 ? null : (
        <>
          <h3>{t.byOthers}</h3>
          <ul class="record-others">
            {[...bySigners(others)].map(([signers, steps]) => (
              <li key={signers}>
                <bdi>{signers}</bdi>
                <ul>
                  {steps.map((step) => (
                    <li key={keyOf(step)}>{stepText(step)}</li>
                  ))}
                </ul>
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

const VERSIONS: ReadonlySet<string> = new Set(['document.version', 'work.version']);

/** What is dropped on a document or a work is its new version. */
function DropVersion({ id, step }: { readonly id: string; readonly step: NextStep }) {
  useDrops((files) => {
    carry(files);
    go({ kind: 'one', id, step });
  });
  return <p class="hint">{messages().dropVersion}</p>;
}

/** By the keys that sign them, in words. */
function bySigners(steps: readonly NextStep[]): ReadonlyMap<string, readonly NextStep[]> {
  const found = new Map<string, readonly NextStep[]>();
  for (const step of steps) {
    const signers = step.signers.map(shortKey).join(', ');
    found.set(signers, [...(found.get(signers) ?? []), step]);
  }
  return found;
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
            return keySentence(keys.get(shown) ?? shown);
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
  const download = () =>
    action.run(async () => {
      saveBlob(historyName(id), await historyFile(id));
    });
  const downloadCertificate = () =>
    action.run(async () => {
      saveBlob(`${id.slice(0, 16)}.certificate.pdf`, await recordCertificate(id));
    });
  return (
    <HistoryCheck id={id}>
      <div class="form-actions">
        <Button tone="primary" icon="download" held={action.busy} onPress={() => void download()}>
          {recordMessages().downloadHistory}
        </Button>
        <Button icon="download" held={action.busy} onPress={() => void downloadCertificate()}>
          {t.downloadCertificate}
        </Button>
      </div>
      <Problem error={action.error.value} own={t.problems} />
    </HistoryCheck>
  );
}
