import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { isOpen, SIGNING_KINDS, type SigningKind, type SigningStatus } from '../../../messages/signing.js';
import { Button } from '../../components/button.js';
import { Copyable } from '../../components/copy.js';
import { Form, Select } from '../../components/fields.js';
import { Load } from '../../components/load.js';
import { Confirm } from '../../components/modal.js';
import { Panel } from '../../components/panel.js';
import { Problem } from '../../components/problem.js';
import { Time } from '../../components/time.js';
import { Action } from '../../lib/action.js';
import { announce } from '../../lib/announce.js';
import { language } from '../../lib/language.js';
import { localProblem } from '../../lib/request.js';
import { Resource } from '../../lib/resource.js';
import { messages } from '../../messages/records-asks.js';
import { messages as pageMessages } from '../../messages/records-page.js';
import {
  askByLink,
  type AskLink,
  askForSignature,
  askLink,
  type NewRequest,
  remind,
  type SigningRequest,
  signingRequests,
  withdraw,
} from './asked.js';
import { ASKS } from './forms.js';
import { KeyGiven } from './given-keys.js';
import { Parts } from './part-views.js';
import { fieldsOf, fillParts, membersOf, namesIn, partsOf } from './parts.js';
import { EVERYTHING, type Place, placeAddress } from './place.js';
import { refusalSentences } from './sign-view.js';

interface AsksProps {
  /** What the form begins with. */
  readonly ask: SigningKind;
  /** The item or work that it is about; null: it is chosen in the form. */
  readonly record: string | null;
}

/** Asks people without an account: first for a key, then, when a record names it, for the signature. */
export function AsksView({ ask, record }: AsksProps) {
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
        <NewAsk ask={ask} record={record} onMade={() => void requests.load()} />
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

function NewAsk({ ask, record, onMade }: AsksProps & { readonly onMade: () => void }) {
  const t = messages();
  const round = useSignal(0);
  const kind = useSignal(ask);
  const { about, whom } = useMemo(() => {
    const { about: aboutIt, whom: aboutThem } = ASKS[kind.value];
    const made = { about: partsOf(aboutIt), whom: partsOf(aboutThem) };
    if (record !== null) fillParts(made.about, { record }, namesIn([]));
    return made;
  }, [kind.value, round.value]);
  const made = useSignal<{ readonly name: string; readonly link: AskLink } | null>(null);
  const send = async () => {
    const stated = membersOf(about);
    const { until, note, ...given } = membersOf(whom);
    const { request, link } = await askByLink({
      kind: kind.value,
      ...(kind.value === 'claim' ? { claim: stated } : stated),
      ...(given as unknown as Pick<NewRequest, 'name' | 'email'>),
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
        fields={fieldsOf([...about, ...whom])}
        submit={t.ask}
        send={send}
        own={refusalSentences}
      >
        <Select<SigningKind>
          name="ask-kind"
          label={t.askKind}
          options={SIGNING_KINDS.map((each) => [each, t.askFor[each]] as const)}
          value={kind.value}
          onChange={(each) => {
            kind.value = each;
            made.value = null;
          }}
        />
        <p class="hint">{t.explained[kind.value]}</p>
        <Parts
          key={`about ${kind.value} ${round.value}`}
          type={kind.value === 'claim' ? 'work.claim' : 'ask'}
          of={about}
          names={namesIn(about)}
        />
        <Parts key={`whom ${round.value}`} type="ask" of={whom} names={namesIn(whom)} />
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

/** Where the holder names the key that was given. Whether an item or a work is transferred, its own page knows. */
function givingPlace(kind: SigningKind, id: string): Place {
  const step = kind === 'licence' ? { type: 'work.license', party: null, condition: null } : null;
  return { kind: 'one', id, step };
}

/** Nobody signs an item: they accept it. */
function statusWords(kind: SigningKind, status: SigningStatus): string {
  const { statuses, transferStatuses } = messages();
  return (kind === 'transfer' ? transferStatuses[status] : undefined) ?? statuses[status];
}

function Made({ request, onChange }: MadeProps) {
  const t = messages();
  const action = useMemo(() => new Action(), []);
  const link = useSignal<AskLink | null>(null);
  const asking = useSignal(false);
  const { id, kind, status, closedBy, name, title, key, record, expiresAt, reason, mailFailedAt } = request;
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
        <strong data-status={status}>{statusWords(kind, status)}</strong> ({t.askFor[kind]}){' '}
        {isOpen(status) || status === 'expired' ? t.until(<Time at={expiresAt} />) : null}
      </p>
      {key === null ? null : (
        <p class="key-note">
          <KeyGiven of={request} />
        </p>
      )}
      {reason === null ? null : <p>{t.reason(reason)}</p>}
      {mailFailedAt === null ? null : <p class="problem">{t.mailFailed}</p>}
      {closedBy === null ? null : <p>{t.closedBy[closedBy]}</p>}
      {record === null || status === 'key_given' ? null : (
        <p>
          <a href={placeAddress({ kind: 'one', id: record, step: null })}>{t.open[kind]}</a>
        </p>
      )}
      {!isOpen(status) ? null : (
        <div class="record-actions">
          {status === 'key_given' && record !== null && kind !== 'contract' ? (
            <a class="button is-primary" href={placeAddress(givingPlace(kind, record))}>
              {kind === 'licence' ? t.grant : t.offer}
            </a>
          ) : null}
          {status === 'key_given' && kind === 'contract' ? (
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
