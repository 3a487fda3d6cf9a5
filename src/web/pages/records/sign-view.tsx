import { useMemo } from 'preact/hooks';
import { HISTORY } from '../../../messages/history.js';
import { RecordRefusal } from '../../../proof/records/refusal.js';
import { Button } from '../../components/button.js';
import { FileButton } from '../../components/drop-area.js';
import { Panel } from '../../components/panel.js';
import { Problem } from '../../components/problem.js';
import { Values } from '../../components/values.js';
import { Action } from '../../lib/action.js';
import { announce } from '../../lib/announce.js';
import { saveBlob } from '../../lib/files.js';
import { language } from '../../lib/language.js';
import { localProblem } from '../../lib/request.js';
import { recordMessages } from '../../messages/records.js';
import { messages } from '../../messages/records-page.js';
import { factsOf, statedValues, titleOf } from './facts.js';
import { FINAL } from './forms.js';
import { KeyName, keyProves } from './key-words.js';
import { type Draft, meansOf, openKeyFile } from './signing.js';
import { type Loaded, submit } from './service.js';

/** Sentences for what the rules refuse, here and in the service. */
export function refusalSentences(): Readonly<Record<string, string>> {
  return { ...HISTORY[language()].failures, ...messages().problems };
}

/** What the rules refuse on this page, as a problem with the same code. */
export function refused(error: unknown): unknown {
  return error instanceof RecordRefusal ? localProblem(error.code) : error;
}

interface SignProps {
  readonly draft: Draft;
  /** The record as it is now; null: the event begins it. */
  readonly about: Loaded | null;
  readonly onBack: () => void;
  /** @param id of the record */
  readonly onDone: (id: string) => void;
}

/** What is signed, with which keys, and what they prove; then the signatures themselves. */
export function SignView({ draft, about, onBack, onDone }: SignProps) {
  const t = messages();
  const action = useMemo(() => new Action(), []);
  const { type, body } = draft.event;
  const needsOthers = draft.missing.some((key) => meansOf(key).kind === 'other');
  const needsFile = draft.missing.some((key) => meansOf(key).kind === 'file');
  const canSign = draft.missing.some((key) => meansOf(key).kind === 'ready');
  const run = (work: () => Promise<void>) =>
    action.run(() =>
      work().catch((error: unknown) => {
        throw refused(error);
      }),
    );
  const finish = async () => {
    const id = await submit(about?.record.id ?? null, draft.complete(), draft.idempotencyKey);
    announce(messages().done);
    onDone(id);
  };
  const sign = async () => {
    await draft.sign();
    if (draft.missing.length === 0) await finish();
  };
  const save = () => {
    const name = `${type}.ingam-event.json`;
    saveBlob(name, new Blob([`${JSON.stringify(draft.sent, null, 2)}\n`], { type: 'application/json' }));
  };
  return (
    <Panel heading={t.signHeading(t.actions[type] ?? recordMessages().types[type] ?? type)} focusable>
      <p class="prose">{FINAL.has(type) ? t.signFinal : t.signExplained}</p>
      <h3>{recordMessages().states}</h3>
      <Values of={statedValues(body, about)} />
      {about === null ? null : (
        <>
          <h3>{t.signAbout}</h3>
          <Values
            of={[[t.title, <bdi>{titleOf(about.record)}</bdi>], ...factsOf(about.record, about.events)]}
          />
        </>
      )}
      <h3>{t.keysThatSign}</h3>
      <ul class="signing-keys">
        {draft.needed.map((key) => (
          <li key={key}>
            <p>
              <KeyName of={key} />: {draft.has(key) ? t.hasSigned : t.means[meansOf(key).kind]}
            </p>
            <p class="key-note">{keyProves(key)}</p>
          </li>
        ))}
      </ul>
      <p class="key-note">{t.keyNote}</p>
      {needsFile ? (
        <FileButton
          label={t.openKeyFile}
          single
          accept=".key,.txt,text/plain"
          onFiles={([chosen]) =>
            void run(async () => {
              if (chosen === undefined) return;
              const opened = await openKeyFile(chosen.file);
              if (!draft.needed.includes(opened)) throw localProblem('wrong_key_file');
            })
          }
        />
      ) : null}
      {needsOthers ? <p class="hint">{t.othersSign}</p> : null}
      <Problem error={action.error.value} own={refusalSentences()} />
      <div class="form-actions">
        {draft.missing.length === 0 ? (
          <Button tone="primary" held={action.busy} onPress={() => void run(finish)}>
            {t.submit}
          </Button>
        ) : (
          <Button tone="primary" held={action.busy || !canSign} onPress={() => void run(sign)}>
            {needsOthers || needsFile ? t.signMine : t.signNow}
          </Button>
        )}
        {needsOthers ? <Button onPress={save}>{t.saveForOthers}</Button> : null}
        <Button tone="quiet" onPress={onBack}>
          {t.back}
        </Button>
      </div>
      <p class="hint" role="status">
        {action.busy ? t.signing : ''}
      </p>
    </Panel>
  );
}
