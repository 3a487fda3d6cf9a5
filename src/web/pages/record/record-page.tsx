import { useEffect, useMemo } from 'preact/hooks';
import { isShowable } from '../../../proof/records/publishable.js';
import { Copyable } from '../../components/copy.js';
import { EmptyState } from '../../components/empty-state.js';
import { HistoryCheck, historyName } from '../../components/history-check.js';
import { Load } from '../../components/load.js';
import { Panel } from '../../components/panel.js';
import { type ShownEvent, Timeline } from '../../components/record-timeline.js';
import { aboutRows } from '../../components/record-about.js';
import { bodyValues } from '../../components/record-values.js';
import { Time } from '../../components/time.js';
import { Values } from '../../components/values.js';
import { formatNumber, groupHex } from '../../lib/format.js';
import {
  type PublishedEvent,
  publishedHistory,
  type PublishedKey,
  type PublishedRecord,
  publishedRecord,
} from '../../lib/published-records.js';
import { Resource } from '../../lib/resource.js';
import { messages } from '../../messages/published.js';
import { recordMessages } from '../../messages/records.js';

interface RecordPageProps {
  /** null: the address has none. */
  readonly id: string | null;
  /** Called with what the record is called. */
  readonly onTitle: (title: string) => void;
}

/** A work or an item as everybody sees it. */
export function RecordPage({ id, onTitle }: RecordPageProps) {
  const t = messages();
  const resource = useMemo(
    () =>
      new Resource(async () => {
        const found = id === null ? null : await publishedRecord(id);
        if (found !== null) onTitle(titleOf(found));
        return found;
      }),
    [id],
  );
  useEffect(() => void resource.load(), [resource]);
  return (
    <div class="page records is-narrow">
      <Load of={resource}>
        {(found) => (found === null ? <Missing isBadLink={id === null} /> : <Whole of={found} />)}
      </Load>
      {resource.value === null && resource.state.kind !== 'here' ? (
        <h1 class="visually-hidden">{t.heading}</h1>
      ) : null}
    </div>
  );
}

function titleOf({ title, kind, record }: PublishedRecord): string {
  return title ?? `${recordMessages().kinds[kind]} ${record.slice(0, 12)}`;
}

function Missing({ isBadLink }: { readonly isBadLink: boolean }) {
  const t = messages();
  return (
    <>
      <h1 tabIndex={-1}>{t.heading}</h1>
      <EmptyState heading={t.missingHeading} message={isBadLink ? t.badLink : t.missing} icon="question">
        <a class="button" href="./verify.html">
          {t.toVerify}
        </a>
      </EmptyState>
    </>
  );
}

/** The parts of the page that have events of one kind each. */
const SECTIONS = [
  ['licences', ['work.license']],
  ['disputes', ['work.contest', 'work.settle']],
  ['appraisals', ['item.appraise']],
  ['reports', ['item.report']],
] as const;

function Whole({ of }: { readonly of: PublishedRecord }) {
  const t = messages();
  const shared = recordMessages();
  const statuses: Readonly<Record<string, string>> = shared.statuses;
  const { record, kind, status, holder, asOf, events, signedAt, shows } = of;
  const about = aboutRows(events.find(({ sequence }) => sequence === 0)?.body ?? {});
  const keys = [holder, ...events.flatMap(({ signers }) => signers)];
  return (
    <>
      <h1 tabIndex={-1}>{titleOf(of)}</h1>
      <p class="lead">{t.lead}</p>
      <div class="panels">
        <Panel heading={t.where} prose={[t.whereSource]}>
          <Values
            of={[
              [shared.kind, shared.kinds[kind]],
              [shared.status, <strong data-status={status}>{statuses[status] ?? status}</strong>],
              [shared.holder, <bdi>{keyWords(holder)}</bdi>],
              [t.asOf, t.asOfBlock(formatNumber(asOf.height), <Time at={asOf.sealedAt} />)],
              [
                shared.record,
                <Copyable as="code" label={shared.record} value={record} shown={groupHex(record)} />,
              ],
            ]}
          />
        </Panel>
        {about.length === 0 ? null : (
          <Panel heading={t.shows}>
            <Values of={about} />
          </Panel>
        )}
        {SECTIONS.map(([name, types]) => (
          <Section
            key={name}
            heading={t[name]}
            of={events.filter(({ type }) => (types as readonly string[]).includes(type))}
          />
        ))}
        <Panel heading={shared.timeline}>
          <Timeline heading="h3" of={events.map(shownEvent)} />
        </Panel>
        <Panel heading={t.keysHeading} prose={[t.keysLead]}>
          <ul class="record-proves">
            {[...new Set(keys.flatMap((key) => key.kind ?? []))].map((each) => (
              <li key={each}>{shared.proves[each]}</li>
            ))}
          </ul>
          <p class="key-note">{shows.includes('keys') ? t.keyNote : t.namesHidden}</p>
          <p class="key-note">{t.chosenAt(<Time at={signedAt} />)}</p>
        </Panel>
        {shows.includes('history') ? (
          <HistoryCheck id={record}>
            <p>
              <a class="button is-primary" href={publishedHistory(record)} download={historyName(record)}>
                {shared.downloadHistory}
              </a>
            </p>
          </HistoryCheck>
        ) : (
          <Panel heading={shared.checkHeading}>
            <p>{t.noHistory}</p>
          </Panel>
        )}
      </div>
    </>
  );
}

/** Nothing of it is shown: no part of the page. */
function Section({ heading, of }: { readonly heading: string; readonly of: readonly PublishedEvent[] }) {
  const t = messages();
  const shown = of.filter(({ body }) => body !== undefined);
  if (shown.length === 0) return null;
  return (
    <Panel heading={heading}>
      {shown.map(({ sequence, sealedAt, body = {} }) => (
        <div key={sequence} class="record-event">
          <h3>{t.eventAt(formatNumber(sequence), <Time at={sealedAt} />)}</h3>
          <Values of={bodyValues(body)} />
        </div>
      ))}
    </Panel>
  );
}

function keyWords({ id, kind, name }: PublishedKey): string {
  const { keyById, keyKinds, unknownKey } = recordMessages();
  const how = kind === null ? unknownKey : keyKinds[kind];
  return name === null ? keyById(id, how) : `${name}+${id}, ${how}`;
}

function shownEvent({ sequence, type, automatic, signers, ...event }: PublishedEvent): ShownEvent {
  const isHidden = event.erased !== true;
  return {
    ...{ sequence, type, automatic },
    mark: automatic ? 'automatic' : 'applied',
    facts: [],
    signers: signers.map(keyWords),
    // Of what no holder can show, nothing is held back.
    body: event.body ?? (isHidden && !isShowable(type) ? {} : null),
    hidden: isHidden,
    height: event.height,
    sealedAt: event.sealedAt,
  };
}
