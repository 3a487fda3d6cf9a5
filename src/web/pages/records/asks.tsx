import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Copyable } from '../../components/copy.js';
import { Form } from '../../components/fields.js';
import { Load } from '../../components/load.js';
import { Confirm } from '../../components/modal.js';
import { Panel } from '../../components/panel.js';
import { Problem } from '../../components/problem.js';
import { Time } from '../../components/time.js';
import { Action } from '../../lib/action.js';
import { announce } from '../../lib/announce.js';
import { language } from '../../lib/language.js';
import { shownEventKey } from '../../lib/record-keys.js';
import { localProblem } from '../../lib/request.js';
import { Resource } from '../../lib/resource.js';
import { messages } from '../../messages/records-asks.js';
import { messages as pageMessages } from '../../messages/records-page.js';
import {
  type AskLink,
  askForSignature,
  askLink,
  askToSign,
  type NewRequest,
  remind,
  type SigningRequest,
  signingRequests,
  withdraw,
} from './asked.js';
import type { Spec } from './forms.js';
import { Parts } from './part-views.js';
import { fieldsOf, membersOf, namesIn, partsOf } from './parts.js';
import { EVERYTHING, placeAddress } from './place.js';

/** Asks people without an account to sign: first for a key, then, when a contract names it, for the signature. */
export function AsksView() {
  const t = messages();
  const requests = useMemo(() => new Resource(signingRequests), []);
  useEffect(() => void requests.load(), [requests]);
  return (
    <div class="page records">
      <p>
        <a href={placeAddress({ kind: 'list', query: EVERYTHING })}>{pageMessages().backToList}</a>
      </p>
      <h1 tabIndex={-1}>{t.heading}</h1>
      <p class="lead">{t.lead}</p>
      <div class="panels">
        <NewAsk onMade={() => void requests.load()} />
        <Panel heading={t.made}>
          <Load of={requests}>
            {(all) =>
              all.length === 0 ? (
                <p>{t.none}</p>
              ) : (
                <ul class="own-keys">
                  {all.map((request) => (
                    <Made key={request.id} request={request} onChange={() => void requests.load()} />
                  ))}
                </ul>
              )
            }
          </Load>
        </Panel>
      </div>
    </div>
  );
}

const ASK: readonly Spec[] = [
  { kind: 'file', member: 'document' },
  { kind: 'text', member: 'title', most: 300 },
  { kind: 'text', member: 'name', most: 200 },
  { kind: 'text', member: 'email', most: 254, optional: true },
  { kind: 'text', member: 'note', most: 2000, lines: 3, optional: true },
  { kind: 'day', member: 'until', end: true },
];

function NewAsk({ onMade }: { readonly onMade: () => void }) {
  const t = messages();
  const round = useSignal(0);
  const parts = useMemo(() => partsOf(ASK), [round.value]);
  const made = useSignal<{ readonly name: string; readonly link: AskLink } | null>(null);
  const send = async () => {
    const { until, note, ...given } = membersOf(parts);
    const { request, link } = await askToSign({
      ...(given as unknown as Pick<NewRequest, 'title' | 'document' | 'name' | 'email'>),
      ...(typeof note === 'string' ? { message: note } : {}),
      language: language(),
      expiresAt: new Date(Number(until)).toISOString(),
    });
    made.value = { name: request.name ?? '', link };
    round.value += 1;
    onMade();
  };
  return (
    <Panel heading={t.newHeading} prose={[t.vouches]}>
      <Form
        name="ask"
        fields={fieldsOf(parts)}
        submit={t.ask}
        send={send}
        own={() => pageMessages().problems}
      >
        <Parts type="ask" of={parts} names={namesIn(parts)} />
      </Form>
      {made.value === null ? null : <LinkShown name={made.value.name} link={made.value.link} />}
    </Panel>
  );
}

function LinkShown({ name, link }: { readonly name: string; readonly link: AskLink }) {
  const t = messages();
  return (
    <div role="status">
      <p>{link.mailed ? t.mailed(name) : t.deliver(name)}</p>
      <Copyable label={t.linkFor(name)} value={askLink(document.baseURI, link)} />
    </div>
  );
}

interface MadeProps {
  readonly request: SigningRequest;
  readonly onChange: () => void;
}

const ENDED: readonly string[] = [
  'signed',
  'declined',
  'delegated',
  'closed',
  'withdrawn',
  'expired',
  'erased',
];

function Made({ request, onChange }: MadeProps) {
  const t = messages();
  const action = useMemo(() => new Action(), []);
  const link = useSignal<AskLink | null>(null);
  const asking = useSignal(false);
  const { id, status, name, title, key, keyGivenAt, record, expiresAt, reason, mailFailedAt } = request;
  const shownName = name ?? t.erasedName;
  const sign = () =>
    action.run(async () => {
      if ((await askForSignature(request)) === null) throw localProblem('no_contract');
      announce(messages().asked);
      onChange();
    });
  return (
    <li>
      <h3>
        <bdi>{shownName}</bdi>: <bdi>{title ?? t.erasedName}</bdi>
      </h3>
      <p>
        <strong data-status={status}>{t.statuses[status]}</strong> {t.until(<Time at={expiresAt} />)}
      </p>
      {key === null || keyGivenAt === null ? null : (
        <p class="key-note">{t.keyGiven(shownEventKey(key), <Time at={keyGivenAt} />)}</p>
      )}
      {reason === null ? null : <p>{t.reason(reason)}</p>}
      {mailFailedAt === null ? null : <p class="problem">{t.mailFailed}</p>}
      {record === null ? null : (
        <p>
          <a href={placeAddress({ kind: 'one', id: record, step: null })}>{t.openContract}</a>
        </p>
      )}
      {ENDED.includes(status) ? null : (
        <div class="record-actions">
          {status === 'key_given' ? (
            <Button tone="primary" held={action.busy} onPress={() => void sign()}>
              {t.askSignature}
            </Button>
          ) : null}
          <Button
            held={action.busy}
            onPress={() =>
              void action.run(async () => {
                link.value = await remind(id);
              })
            }
          >
            {t.remind}
          </Button>
          <Button tone="quiet" onPress={() => (asking.value = true)}>
            {t.withdraw}
          </Button>
        </div>
      )}
      <Problem error={action.error.value} own={t.problems} />
      {link.value === null ? null : <LinkShown name={shownName} link={link.value} />}
      {asking.value ? (
        <Confirm
          heading={t.withdrawHeading}
          yes={t.withdraw}
          run={async () => {
            await withdraw(id);
            onChange();
          }}
          onClose={() => (asking.value = false)}
        >
          <p>{t.withdrawExplained}</p>
        </Confirm>
      ) : null}
    </li>
  );
}
