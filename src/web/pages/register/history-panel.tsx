import { useEffect, useMemo, useRef } from 'preact/hooks';
import { Load } from '../../components/load.js';
import { Panel } from '../../components/panel.js';
import { ShowMore } from '../../components/show-more.js';
import { Time } from '../../components/time.js';
import { formatNumber } from '../../lib/format.js';
import { blockLink } from '../../lib/links.js';
import { Resource } from '../../lib/resource.js';
import { session } from '../../lib/session.js';
import type { Shown } from '../../lib/text.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/register.js';
import { type Happened, history, type HistoryPage } from './history.js';
import type { Registered } from './results.js';
import { cosignedText } from './row.js';

interface HistoryProps {
  readonly id: string;
  /** null: it was erased. */
  readonly row: Registered | null;
  /** Changes when something has happened on this page. */
  readonly version: number;
}

/** What happened to a document, the newest at the top. */
export function History({ id, row, version }: HistoryProps) {
  const t = messages();
  const loaded = useMemo(() => new Resource(() => history(id, null)), [id]);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => void loaded.load(), [loaded, version, row?.status, row?.published, row?.held]);
  const older = async ({ events, names }: HistoryPage, next: string) => {
    const page = await history(id, next);
    return { events: [...events, ...page.events], names: { ...names, ...page.names }, next: page.next };
  };
  const waiting = row !== null && row.block === undefined;
  const cosigned = row?.status === 'sealed' ? cosignedText(row) : null;
  return (
    <Panel heading={t.history} class="history">
      <Load of={loaded} own={t.problems}>
        {(page) => (
          <>
            <ol ref={list}>
              {waiting ? <li>{t.sealing}</li> : null}
              {cosigned === null ? null : <li>{cosigned}</li>}
              {page.events.map((event, i) => (
                <li key={`${event.at} ${event.kind} ${i}`} data-kind={event.kind} tabIndex={-1}>
                  <p>{happenedText(event, page.names)}</p>
                  <p class="hint">
                    <Time at={event.at} />
                  </p>
                </li>
              ))}
            </ol>
            <ShowMore of={loaded} list={list} label={common().showOlder} read={older} own={t.problems} />
            <p class="hint">{t.historyRule}</p>
          </>
        )}
      </Load>
    </Panel>
  );
}

function happenedText({ kind, by, block, source }: Happened, names: HistoryPage['names']): Shown {
  const { happened } = messages();
  switch (kind) {
    case 'sealed':
      return happened.sealed(
        block === undefined ? null : <a href={`./explorer.html${blockLink(block)}`}>{formatNumber(block)}</a>,
      );
    case 'cosigned':
      return happened.cosigned(null);
    case 'anchored':
      return happened.anchored(<bdi>{source}</bdi>);
    default:
      return happened[kind](<bdi>{actorText(by, names)}</bdi>);
  }
}

/** Within a sentence. */
function actorText(by: string | null, names: HistoryPage['names']): string {
  const t = messages();
  const { within } = t;
  if (by === null) return within.nobody;
  if (by === `person:${session.current?.user?.id ?? ''}`) return within.you;
  if (by === 'service:tsa') return within.timeStamps;
  if (by.startsWith('request:')) return within.byLink;
  const name = names[by];
  if (by.startsWith('key:')) return name === undefined ? within.someKey : t.keyNamed(name);
  return name ?? within.someone;
}
