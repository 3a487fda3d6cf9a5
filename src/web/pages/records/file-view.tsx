import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { toHex } from '../../../proof/bytes.js';
import { DropArea, useDrops } from '../../components/drop-area.js';
import { Problem } from '../../components/problem.js';
import { Action } from '../../lib/action.js';
import { chain } from '../../lib/api.js';
import type { ChosenFile } from '../../lib/files.js';
import { localProblem } from '../../lib/request.js';
import { messages } from '../../messages/records-page.js';
import { EVERYTHING, go, placeAddress } from './place.js';
import { type Loaded, loadRecord } from './service.js';
import { type Draft, draftOf, readEventFile } from './signing.js';
import { refused, refusalSentences, SignView } from './sign-view.js';

/** An event that somebody else has begun to sign: the rest of its keys sign it here, and it is submitted. */
export function EventFileView() {
  const t = messages();
  const action = useMemo(() => new Action(), []);
  const opened = useSignal<Opened | null>(null);
  const open = (files: readonly ChosenFile[]) =>
    action.run(async () => {
      const [only, ...others] = files;
      if (only === undefined || others.length > 0) throw localProblem('one_file');
      opened.value = await readDraft(only.file);
    });
  useDrops((files) => void open(files));
  return (
    <div class="page records">
      <p>
        <a href={placeAddress({ kind: 'list', query: EVERYTHING })}>{t.backToList}</a>
      </p>
      <h1 tabIndex={-1}>{t.openEvent}</h1>
      <p class="lead">{t.openEventLead}</p>
      {opened.value === null ? (
        <DropArea
          heading={t.dropEvent}
          icon="drop"
          choose={[{ label: t.chooseFile, single: true }]}
          onFiles={(files) => void open(files)}
          accept=".json,application/json"
        />
      ) : (
        <SignView
          draft={opened.value.draft}
          about={opened.value.about}
          onBack={() => (opened.value = null)}
          onDone={(id) => {
            go({ kind: 'one', id, step: null });
          }}
        />
      )}
      <Problem error={action.error.value} own={refusalSentences()} />
    </div>
  );
}

/** In bytes: more than the largest note and body, with every character escaped. */
const MOST = 3_000_000;

interface Opened {
  readonly draft: Draft;
  /** The record as it is now; null: the event begins it. */
  readonly about: Loaded | null;
}

async function readDraft(file: File): Promise<Opened> {
  if (file.size > MOST) throw localProblem('not_an_event_file');
  const given = readEventFile(await file.text());
  const { event } = given;
  const { origin } = await chain();
  if (event.origin !== origin) throw localProblem('wrong_log');
  const id = event.record === null ? null : toHex(event.record);
  const about = id === null ? null : await loadRecord(id);
  const now = about?.record ?? null;
  // Nobody signs in vain what the service refuses.
  if (now !== null && (event.sequence !== now.sequence + 1 || toHex(event.before) !== now.value))
    throw localProblem('stale_value');
  try {
    return { draft: draftOf(given, now), about };
  } catch (error) {
    throw refused(error);
  }
}
