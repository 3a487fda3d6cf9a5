import { useMemo } from 'preact/hooks';
import { isOpen } from '../../../messages/signing.js';
import { type JsonObject } from '../../../proof/canonical-json.js';
import type { Condition } from '../../../proof/records/state.js';
import { Button } from '../../components/button.js';
import { conditionSentence } from '../../components/condition-sentence.js';
import { Panel } from '../../components/panel.js';
import { Problem } from '../../components/problem.js';
import { statedRows } from '../../components/record-about.js';
import { bodyValues } from '../../components/record-values.js';
import { Time } from '../../components/time.js';
import { type Row, Values } from '../../components/values.js';
import { Action } from '../../lib/action.js';
import { saveBlob } from '../../lib/files.js';
import { kindOfKey, shownEventKey } from '../../lib/record-keys.js';
import { recordMessages } from '../../messages/records.js';
import { messages, type Stage } from '../../messages/sign.js';
import * as api from './asked.js';
import { SignWith } from './key.js';

/** Items, works, licences and claims under a link: everything that is no contract. */

/** The sentences for what is asked; null: a contract. */
export function wordsOf({ kind }: Pick<api.Asked, 'kind'>) {
  return kind === 'contract' ? null : messages().kinds[kind];
}

/** What is true of the request now. */
export function stageOf({ status, subject }: Pick<api.Asked, 'status' | 'subject'>): Stage {
  if (status === 'signed' || status === 'granted') return 'done';
  if (!isOpen(status)) return 'over';
  return subject?.offer == null ? 'open' : 'ready';
}

const onlyIf = (on: JsonObject | null): Row | null =>
  on === null
    ? null
    : [
        messages().effectOnlyIf,
        conditionSentence(on as unknown as Condition, { parties: [], conditions: [] }),
      ];

/** What it is, as its first event states it, and what the licence states. */
export function SubjectView({ asked }: { readonly asked: api.Asked }) {
  const t = messages();
  const words = wordsOf(asked);
  const { subject } = asked;
  if (words === null || subject === null) return null;
  const { record, body, licence } = subject;
  const isClaimed = asked.kind === 'claim' && stageOf(asked) === 'done';
  return (
    <>
      <Panel heading={words.aboutHeading} prose={[isClaimed ? t.kinds.claim.aboutSigned : words.aboutSource]}>
        {body === null ? (
          <p class="caution">{t.bodyErased}</p>
        ) : (
          <Values of={statedRows(record === null ? body : withoutHolder(body))} />
        )}
        {record === null ? null : (
          <Values
            of={[
              [recordMessages().status, statusText(record.status)],
              [recordMessages().holder, <code key="holder">{shownEventKey(record.holder)}</code>],
            ]}
          />
        )}
      </Panel>
      {licence === null ? null : <Licence of={licence} />}
    </>
  );
}

/** Who holds it now is said below. */
function withoutHolder({ holder: _first, ...rest }: JsonObject): JsonObject {
  return rest;
}

function Licence({ of: { on = null, ...stated } }: { readonly of: JsonObject }) {
  return (
    <Panel heading={messages().licenceHeading}>
      <Values of={[...bodyValues(stated), onlyIf(on as JsonObject | null)]} />
    </Panel>
  );
}

export function statusText(status: string): string {
  const statuses: Readonly<Record<string, string>> = recordMessages().statuses;
  return statuses[status] ?? status;
}

interface SaveHistoryProps {
  readonly token: string;
  /** Of the record. */
  readonly id: string;
  readonly tone?: 'primary';
}

/** Saves the history with its proofs. */
export function SaveHistory({ token, id, tone }: SaveHistoryProps) {
  const t = messages();
  const action = useMemo(() => new Action(), []);
  return (
    <>
      <Button
        tone={tone}
        held={action.busy}
        onPress={() =>
          void action.run(async () => {
            saveBlob(`${id.slice(0, 16)}.ingam-history.json`, await api.historyFile(token));
          })
        }
      >
        {t.history}
      </Button>
      <Problem error={action.error.value} own={t.problems} />
    </>
  );
}

interface TakeProps {
  readonly token: string;
  readonly asked: api.Asked;
  readonly onChange: (asked: api.Asked) => void;
}

/** What will be so after the signature, and the signature itself. */
export function Take({ token, asked, onChange }: TakeProps) {
  const t = messages();
  const action = useMemo(() => new Action(), []);
  const { key, subject, kind } = asked;
  if (kind !== 'transfer' && kind !== 'claim') return null;
  const words = t.kinds[kind];
  const [offer, record] = [subject?.offer ?? null, subject?.record ?? null];
  const isPasskey = key !== null && kindOfKey(key) === 'passkey';
  return (
    <Panel heading={t.signHeading} focusable>
      <p class="prose">{offer !== null && offer.on !== null ? t.afterPromise : words.after}</p>
      {offer === null || (offer.until === null && offer.on === null) ? null : (
        <Values
          of={[
            offer.until === null ? null : [t.offerUntil, <Time key="until" at={offer.until} />],
            onlyIf(offer.on),
          ]}
        />
      )}
      {offer === null || record === null ? null : (
        <>
          <p class="hint">{t.historyFirst}</p>
          <SaveHistory token={token} id={record.id} />
        </>
      )}
      <SignWith
        asked={asked}
        label={isPasskey ? words.sign : words.signWithFile}
        tone="primary"
        action={action}
        onSign={async (signer) => {
          const send = kind === 'claim' ? api.claim : api.accept;
          onChange(await send(token, asked, signer));
        }}
      />
      <Problem error={action.error.value} own={t.problems} />
    </Panel>
  );
}
