import type { ComponentChildren } from 'preact';
import { recordMessages } from '../messages/records.js';
import { Copyable } from './copy.js';
import { Panel } from './panel.js';

/** The name of a record's history file. */
export function historyName(id: string): string {
  return `${id.slice(0, 16)}.ingam-history.json`;
}

interface HistoryCheckProps {
  /** Of the record. */
  readonly id: string;
  /** The way to download the file. */
  readonly children: ComponentChildren;
}

/** How anybody checks a record's history without this service. */
export function HistoryCheck({ id, children }: HistoryCheckProps) {
  const t = recordMessages();
  return (
    <Panel heading={t.checkHeading} prose={[t.checkExplained]}>
      {children}
      <ol class="record-checks">
        <li>{t.checkPage(<a href="./verify.html">{t.checkPageName}</a>)}</li>
        <li>
          {t.checkOffline(
            <a href="./verify-offline.html" download="">
              {t.checkOfflineName}
            </a>,
          )}
        </li>
        <li>
          {t.checkCommand}{' '}
          <Copyable as="code" label={t.checkCommand} value={`ingam verify ${historyName(id)}`} />
        </li>
      </ol>
    </Panel>
  );
}
