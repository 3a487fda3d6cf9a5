import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Choice, Choices, Field, FieldState, Form } from '../../components/fields.js';
import { Load } from '../../components/load.js';
import { Confirm } from '../../components/modal.js';
import { ShowMore } from '../../components/show-more.js';
import { Time } from '../../components/time.js';
import { Action } from '../../lib/action.js';
import { announce } from '../../lib/announce.js';
import * as api from '../../lib/webhooks-api.js';
import { formatDate, formatNumber, midnight } from '../../lib/format.js';
import { localProblem } from '../../lib/request.js';
import { Resource } from '../../lib/resource.js';
import { messages } from '../../messages/account.js';
import { common } from '../../messages/common.js';
import { Entries, Entry, Once, Panel, Tag } from './entries.js';
import { nameState } from './fields.js';
import { Managed } from './managed.js';

interface Secret {
  readonly webhook: api.Webhook;
  readonly secret: string;
  readonly isNew: boolean;
}

type Opened =
  | 'add'
  | Secret
  | { readonly change: api.Webhook }
  | { readonly attemptsOf: api.Webhook }
  | { readonly replay: api.Webhook };
type Asked = { readonly kind: 'rotate' | 'remove'; readonly webhook: api.Webhook };

/** Where the organization has its systems told what happens. */
export function Webhooks() {
  const webhooks = useMemo(() => new Resource(api.webhooks), []);
  const action = useMemo(() => new Action(), []);
  const opened = useSignal<Opened | null>(null);
  const asked = useSignal<Asked | null>(null);
  const t = messages().webhooks;
  const close = () => (opened.value = null);
  const shown = async (secret: Secret) => {
    // Shown before anything else can fail: it cannot be shown again.
    opened.value = secret;
    if (secret.isNew) announce(messages().webhooks.created(secret.webhook.name));
    await webhooks.load();
  };
  const changed = async (sentence: string) => {
    announce(sentence);
    await webhooks.load();
  };
  return (
    <>
      <Managed
        lead={t.lead}
        add={t.create}
        onAdd={() => (opened.value = 'add')}
        panel={panelOf(opened.value, {
          onClose: close,
          onOpen: (next) => (opened.value = next),
          onMade: shown,
          onChanged: async (sentence) => {
            close();
            await changed(sentence);
          },
        })}
        of={webhooks}
        action={action}
        own={t.problems}
      >
        {(list) =>
          list.length === 0 ? (
            <p class="panel is-empty">{t.none}</p>
          ) : (
            <Entries>
              {list.map((webhook) => (
                <One
                  key={webhook.id}
                  of={webhook}
                  action={action}
                  onOpen={(next) => (opened.value = next)}
                  onAsk={(kind) => (asked.value = { kind, webhook })}
                  onChanged={changed}
                />
              ))}
            </Entries>
          )
        }
      </Managed>
      {asked.value === null ? null : (
        <Ask of={asked.value} onSecret={shown} onChanged={changed} onClose={() => (asked.value = null)} />
      )}
    </>
  );
}

interface PanelCalls {
  readonly onClose: () => void;
  readonly onOpen: (opened: Opened) => void;
  readonly onMade: (secret: Secret) => Promise<void>;
  readonly onChanged: (sentence: string) => Promise<void>;
}

function panelOf(opened: Opened | null, { onClose, onOpen, onMade, onChanged }: PanelCalls) {
  const t = messages().webhooks;
  if (opened === null) return null;
  if (opened === 'add') {
    const send = async (input: api.NewWebhook) => {
      await onMade({ ...(await api.createWebhook(input)), isNew: true });
    };
    return { key: 'add', content: <Fields of={null} send={send} onCancel={onClose} /> };
  }
  if ('change' in opened) {
    const { id, name } = opened.change;
    const send = async (input: api.NewWebhook) => {
      await api.changeWebhook(id, input);
      await onChanged(messages().webhooks.changed(input.name));
    };
    return {
      key: `change ${id}`,
      content: <Fields key={name} of={opened.change} send={send} onCancel={onClose} />,
    };
  }
  if ('attemptsOf' in opened) {
    const { attemptsOf: of } = opened;
    const replay = () => {
      onOpen({ replay: of });
    };
    return { key: `attempts ${of.id}`, content: <Attempts of={of} onReplay={replay} onClose={onClose} /> };
  }
  if ('replay' in opened) {
    const { id, name } = opened.replay;
    const send = async (day: string) => {
      const { status } = await api.replayWebhook(id, midnight(day, 0));
      const now = messages().webhooks;
      await onChanged(status === 'disabled' ? now.replayedLater(name) : now.replayed(name));
    };
    return {
      key: `replay ${id}`,
      content: <Replay of={opened.replay} send={send} onCancel={onClose} />,
    };
  }
  const { webhook, secret, isNew } = opened;
  return {
    key: `secret ${webhook.id}`,
    content: (
      <Once heading={t.secretHeading(webhook.name)} label={t.secret} secret={secret} onDone={onClose}>
        {isNew ? t.secretExplained : t.rotatedExplained}
      </Once>
    ),
  };
}

interface FieldsProps {
  /** null: a new one. */
  readonly of: api.Webhook | null;
  readonly send: (input: api.NewWebhook) => Promise<void>;
  readonly onCancel: () => void;
}

function Fields({ of, send, onCancel }: FieldsProps) {
  const t = messages().webhooks;
  const name = useMemo(() => nameState(of?.name), []);
  const url = useMemo(() => new FieldState({ name: 'url', value: of?.url ?? 'https://' }), []);
  const types = useSignal<readonly api.WebhookType[]>(of?.types ?? ['notarization.sealed']);
  return (
    <Panel heading={of === null ? t.createHeading : t.changeHeading(of.name)}>
      <Form
        name="webhook"
        fields={[name, url]}
        submit={of === null ? t.create : t.save}
        onCancel={onCancel}
        blame={{ invalid_webhook_url: url }}
        own={() => ({ ...messages().webhooks.problems, no_types: messages().webhooks.noTypes })}
        send={async () => {
          if (types.value.length === 0) throw localProblem('no_types');
          await send({ name: name.value, url: url.value, types: types.value });
        }}
      >
        <Field of={name} label={messages().name} hint={t.nameHint} />
        <Field of={url} label={t.url} hint={t.urlHint} />
        <Choices legend={t.types}>
          {api.WEBHOOK_TYPES.map((type) => (
            <Choice
              key={type}
              type="checkbox"
              name={type}
              label={t.typeNames[type]}
              checked={types.value.includes(type)}
              onChange={(on) =>
                (types.value = api.WEBHOOK_TYPES.filter((each) =>
                  each === type ? on : types.value.includes(each),
                ))
              }
            />
          ))}
        </Choices>
      </Form>
    </Panel>
  );
}

interface OneProps {
  readonly of: api.Webhook;
  readonly action: Action;
  readonly onOpen: (opened: Opened) => void;
  readonly onAsk: (kind: Asked['kind']) => void;
  readonly onChanged: (sentence: string) => Promise<void>;
}

function One({ of: webhook, action, onOpen, onAsk, onChanged }: OneProps) {
  const t = messages().webhooks;
  const { id, name, status, disabledBecause, nextAttemptAt, formerSecretUntil } = webhook;
  const isDisabled = status === 'disabled';
  const tested = useSignal<api.WebhookAttempt | null>(null);
  const facts = [
    t.createdOn(formatDate(Date.parse(webhook.createdAt))),
    ...(nextAttemptAt === null ? [] : [t.retryingAt(<Time at={nextAttemptAt} />)]),
    ...(disabledBecause === null ? [] : [t.because[disabledBecause]]),
    ...(formerSecretUntil === null ? [] : [t.formerUntil(<Time at={formerSecretUntil} />)]),
    ...(tested.value === null
      ? []
      : [
          <span key="tested" class={tested.value.outcome === 'delivered' ? 'is-good' : 'is-bad'}>
            {testSentence(name, tested.value)}
          </span>,
        ]),
  ];
  return (
    <Entry
      name={name}
      tags={
        <Tag tone={status === 'enabled' ? 'good' : status === 'retrying' ? 'doubt' : 'bad'}>
          {t.states[status]}
        </Tag>
      }
      lines={[
        <code key="url">{webhook.url}</code>,
        webhook.types.map((type) => t.typeNames[type]).join(' · '),
      ]}
      facts={facts}
    >
      <Button
        held={action.busy}
        aria-label={t.testNamed(name)}
        onPress={() =>
          void action.run(async () => {
            const attempt = await api.testWebhook(id);
            tested.value = attempt;
            announce(testSentence(name, attempt));
          })
        }
      >
        {t.test}
      </Button>
      <Button
        aria-label={t.attemptsOf(name)}
        onPress={() => {
          onOpen({ attemptsOf: webhook });
        }}
      >
        {t.attempts}
      </Button>
      <Button
        aria-label={t.changeNamed(name)}
        onPress={() => {
          onOpen({ change: webhook });
        }}
      >
        {t.change}
      </Button>
      <Button
        held={action.busy}
        aria-label={isDisabled ? t.enableNamed(name) : t.disableNamed(name)}
        onPress={() =>
          void action.run(async () => {
            await api.changeWebhook(id, { enabled: isDisabled });
            const now = messages().webhooks;
            await onChanged(isDisabled ? now.enabledNow(name) : now.disabledNow(name));
          })
        }
      >
        {isDisabled ? t.enable : t.disable}
      </Button>
      <Button
        aria-label={t.rotateNamed(name)}
        onPress={() => {
          onAsk('rotate');
        }}
      >
        {t.rotate}
      </Button>
      <Button
        aria-label={t.removeNamed(name)}
        onPress={() => {
          onAsk('remove');
        }}
      >
        {t.remove}
      </Button>
    </Entry>
  );
}

function testSentence(name: string, attempt: api.WebhookAttempt): string {
  const t = messages().webhooks;
  return attempt.outcome === 'delivered' ? t.tested(name) : t.notTested(name, outcomeOf(attempt));
}

function outcomeOf({ outcome, status }: api.WebhookAttempt): string {
  const t = messages().webhooks;
  return outcome === 'status' && status !== null ? t.refusedWith(status) : t.outcomes[outcome];
}

interface AskProps {
  readonly of: Asked;
  readonly onSecret: (secret: Secret) => Promise<void>;
  readonly onChanged: (sentence: string) => Promise<void>;
  readonly onClose: () => void;
}

function Ask({ of: { kind, webhook }, onSecret, onChanged, onClose }: AskProps) {
  const t = messages().webhooks;
  const { id, name } = webhook;
  return kind === 'rotate' ? (
    <Confirm
      heading={t.rotateHeading(name)}
      yes={t.rotateYes}
      run={async () => {
        await onSecret({ ...(await api.rotateWebhookSecret(id)), isNew: false });
      }}
      onClose={onClose}
    >
      <p>{t.rotateExplained}</p>
    </Confirm>
  ) : (
    <Confirm
      heading={t.removeHeading(name)}
      yes={t.removeYes}
      run={async () => {
        await api.deleteWebhook(id);
        await onChanged(messages().webhooks.removed(name));
      }}
      onClose={onClose}
    >
      <p>{t.removeExplained}</p>
    </Confirm>
  );
}

interface AttemptsProps {
  readonly of: api.Webhook;
  readonly onReplay: () => void;
  readonly onClose: () => void;
}

function Attempts({ of: { id, name }, onReplay, onClose }: AttemptsProps) {
  const t = messages().webhooks;
  const attempts = useMemo(() => new Resource(() => api.webhookAttempts(id)), [id]);
  useEffect(() => void attempts.load(), [attempts]);
  const list = useRef<HTMLOListElement>(null);
  const older = async (shown: api.WebhookAttemptsPage, next: string) => {
    const page = await api.webhookAttempts(id, next);
    return { ...page, attempts: [...shown.attempts, ...page.attempts] };
  };
  return (
    <Panel heading={t.attemptsOf(name)}>
      <Load of={attempts}>
        {(page) =>
          page.attempts.length === 0 ? (
            <p>{t.noAttempts}</p>
          ) : (
            <>
              <ol class="events is-list" ref={list}>
                {page.attempts.map((attempt) => (
                  <AttemptLine key={`${attempt.message} ${attempt.attempt} ${attempt.at}`} of={attempt} />
                ))}
              </ol>
              <ShowMore of={attempts} list={list} label={common().showOlder} read={older} own={t.problems} />
            </>
          )
        }
      </Load>
      <div class="form-actions">
        <Button onPress={onReplay}>{t.replay}</Button>
        <Button tone="quiet" onPress={onClose}>
          {common().close}
        </Button>
      </div>
    </Panel>
  );
}

function AttemptLine({ of }: { readonly of: api.WebhookAttempt }) {
  const { attemptFacts: f } = messages().webhooks;
  const { at, type, attempt, ms, message, outcome } = of;
  return (
    <li class={outcome === 'delivered' ? 'event' : 'event is-alarming'} tabIndex={-1}>
      <span class="event-time">
        <Time at={at} />
      </span>
      <div>
        <p class="event-kind">{outcomeOf(of)}</p>
        <dl class="event-facts">
          {[
            [f.type, <code key="type">{type}</code>] as const,
            [f.attempt, formatNumber(attempt)] as const,
            [f.ms, f.milliseconds(formatNumber(ms))] as const,
            [f.message, <code key="message">{message}</code>] as const,
          ].map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </div>
    </li>
  );
}

interface ReplayProps {
  readonly of: api.Webhook;
  /** @param day `2026-01-31` */
  readonly send: (day: string) => Promise<void>;
  readonly onCancel: () => void;
}

function Replay({ of: { name }, send, onCancel }: ReplayProps) {
  const t = messages().webhooks;
  const isToCome = (day: string) => Date.parse(midnight(day, 0)) > Date.now();
  const day = useMemo(
    () =>
      new FieldState({
        name: 'since',
        check: (value) => (isToCome(value) ? messages().webhooks.replayTooLate : null),
      }),
    [],
  );
  return (
    <Panel heading={t.replayHeading(name)}>
      <p>{t.replayExplained}</p>
      <Form
        name="replay"
        fields={[day]}
        submit={t.replay}
        onCancel={onCancel}
        own={() => messages().webhooks.problems}
        send={() => send(day.value)}
      >
        <Field of={day} label={t.replaySince} type="date" />
      </Form>
    </Panel>
  );
}
