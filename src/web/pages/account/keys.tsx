import { useSignal } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Choice, Choices, Field, FieldState, Form, Select } from '../../components/fields.js';
import { Confirm } from '../../components/modal.js';
import { Time } from '../../components/time.js';
import { Action } from '../../lib/action.js';
import { announce } from '../../lib/announce.js';
import * as api from '../../lib/account-api.js';
import { counted, formatDate } from '../../lib/format.js';
import { localProblem } from '../../lib/request.js';
import { Resource } from '../../lib/resource.js';
import { messages } from '../../messages/account.js';
import { Entries, Entry, Once, Panel, Tag } from './entries.js';
import { LimitsFields, limitSentences, nameState, useLimits } from './fields.js';
import { Managed } from './managed.js';

const DAY_MS = 86_400_000;
const EXPIRIES = { never: null, month: 30, quarter: 90, year: 365 } as const;
type Expiry = keyof typeof EXPIRIES;
const SCOPES: readonly api.Scope[] = ['notarize', 'read'];

interface Created {
  readonly key: api.ApiKey;
  readonly secret: string;
}

/** The organization's API keys. */
export function Keys() {
  const keys = useMemo(() => new Resource(api.apiKeys), []);
  const action = useMemo(() => new Action(), []);
  const opened = useSignal<'add' | Created | null>(null);
  const revoking = useSignal<api.ApiKey | null>(null);
  const t = messages().keys;
  const close = () => (opened.value = null);
  const created = async (made: Created) => {
    // Shown before anything else can fail: it cannot be shown again.
    opened.value = made;
    announce(messages().keys.created(made.key.name));
    await keys.load();
  };
  const panel =
    opened.value === null
      ? null
      : opened.value === 'add'
        ? { key: 'add', content: <NewKey onCreated={created} onCancel={close} /> }
        : {
            key: opened.value.key.id,
            content: (
              <Once
                heading={t.secretHeading(opened.value.key.name)}
                label={t.secret}
                secret={opened.value.secret}
                onDone={close}
              >
                {t.secretExplained}
              </Once>
            ),
          };
  return (
    <>
      <Managed
        lead={t.lead}
        add={t.create}
        onAdd={() => (opened.value = 'add')}
        panel={panel}
        of={keys}
        action={action}
      >
        {(list) => <KeyLists keys={list} onRevoke={(key) => (revoking.value = key)} />}
      </Managed>
      {revoking.value === null ? null : (
        <Revoke of={revoking.value} onRevoked={() => keys.load()} onClose={() => (revoking.value = null)} />
      )}
    </>
  );
}

interface RevokeProps {
  readonly of: api.ApiKey;
  readonly onRevoked: () => Promise<void>;
  readonly onClose: () => void;
}

function Revoke({ of: { id, name }, onRevoked, onClose }: RevokeProps) {
  const t = messages().keys;
  return (
    <Confirm
      heading={t.revokeHeading(name)}
      yes={t.revokeYes}
      run={async () => {
        await api.revokeKey(id);
        announce(t.revokedNow(name));
        await onRevoked();
      }}
      onClose={onClose}
    >
      <p>{t.revokeExplained}</p>
    </Confirm>
  );
}

interface NewKeyProps {
  /** The secret cannot be shown again. */
  readonly onCreated: (created: Created) => Promise<void>;
  readonly onCancel: () => void;
}

function NewKey({ onCreated, onCancel }: NewKeyProps) {
  const t = messages().keys;
  const name = useMemo(() => nameState(), []);
  const networks = useMemo(() => new FieldState({ name: 'networks', optional: true }), []);
  const limits = useLimits(null);
  const scopes = useSignal<readonly api.Scope[]>(['notarize']);
  const expiry = useSignal<Expiry>('never');
  const more = useRef<HTMLDetailsElement>(null);
  return (
    <Panel heading={t.createHeading}>
      <Form
        name="key"
        fields={[name, networks, ...limits.fields]}
        submit={t.create}
        onCancel={onCancel}
        blame={{ invalid_network: networks }}
        own={() => ({ no_scope: messages().keys.noScope })}
        onWrong={(field) => {
          // The part with the invalid field is expanded, or the field could not take the focus.
          if (field !== name && more.current !== null) more.current.open = true;
        }}
        send={async () => {
          if (scopes.value.length === 0) throw localProblem('no_scope');
          const days = EXPIRIES[expiry.value];
          const created = await api.createKey({
            name: name.value,
            scopes: scopes.value,
            networks: networks.value.split(/\s+/).filter((network) => network !== ''),
            expiresAt: days === null ? null : new Date(Date.now() + days * DAY_MS).toISOString(),
            limits: limits.value,
          });
          await onCreated(created);
        }}
      >
        <Field of={name} label={messages().name} hint={t.nameHint} />
        <Choices legend={t.scopes}>
          {SCOPES.map((scope) => (
            <Choice
              key={scope}
              type="checkbox"
              name={scope}
              label={t.scopeNames[scope]}
              explained={t.scopesExplained[scope]}
              checked={scopes.value.includes(scope)}
              onChange={(on) =>
                (scopes.value = SCOPES.filter((each) => (each === scope ? on : scopes.value.includes(each))))
              }
            />
          ))}
        </Choices>
        <Select
          name="expiry"
          label={t.expiry}
          options={(Object.keys(EXPIRIES) as Expiry[]).map((each) => [each, t.expiries[each]] as const)}
          value={expiry.value}
          onChange={(chosen) => (expiry.value = chosen)}
        />
        <details class="more" ref={more}>
          <summary>{t.more}</summary>
          <div class="field-group">
            <Field of={networks} label={t.networks} hint={t.networksHint} lines={3} />
            <LimitsFields of={limits} />
          </div>
        </details>
      </Form>
    </Panel>
  );
}

interface KeyListsProps {
  readonly keys: readonly api.ApiKey[];
  readonly onRevoke: (key: api.ApiKey) => void;
}

function KeyLists({ keys, onRevoke }: KeyListsProps) {
  const t = messages().keys;
  const good = keys.filter(isGood);
  const over = keys.filter((key) => !isGood(key));
  const list = (some: readonly api.ApiKey[]) => (
    <Entries>
      {some.map((key) => (
        <Key key={key.id} of={key} onRevoke={onRevoke} />
      ))}
    </Entries>
  );
  return (
    <>
      {good.length === 0 ? <p class="panel is-empty">{t.none}</p> : list(good)}
      {over.length === 0 ? null : (
        <details>
          <summary>{t.others(counted(over.length))}</summary>
          {list(over)}
        </details>
      )}
    </>
  );
}

function isGood({ revokedAt, expiresAt }: api.ApiKey): boolean {
  return revokedAt === null && (expiresAt === null || Date.parse(expiresAt) > Date.now());
}

function Key({ of: key, onRevoke }: { readonly of: api.ApiKey } & Pick<KeyListsProps, 'onRevoke'>) {
  const t = messages().keys;
  const { name, revokedAt, expiresAt, lastUsedAt } = key;
  const good = isGood(key);
  const facts = [
    t.createdOn(formatDate(Date.parse(key.createdAt))),
    lastUsedAt === null ? t.neverUsed : t.lastUsed(<Time at={lastUsedAt} />),
    ...(revokedAt !== null
      ? [t.revokedAt(<Time at={revokedAt} />)]
      : expiresAt === null
        ? []
        : [t.expires(<Time at={expiresAt} />)]),
    ...(key.networks.length === 0 ? [] : [t.from(key.networks.join(', '))]),
    ...limitSentences(key.limits),
  ];
  return (
    <Entry
      name={name}
      tags={
        <>
          {revokedAt !== null ? (
            <Tag>{t.revoked}</Tag>
          ) : good ? (
            <Tag tone="good">{t.active}</Tag>
          ) : (
            <Tag tone="doubt">{t.expired}</Tag>
          )}
          {key.scopes.map((scope) => (
            <Tag key={scope}>{t.scopeNames[scope]}</Tag>
          ))}
        </>
      }
      lines={[<code key="prefix">{`${key.prefix}…`}</code>]}
      facts={facts}
    >
      {good ? (
        <Button
          aria-label={t.revokeNamed(name)}
          onPress={() => {
            onRevoke(key);
          }}
        >
          {t.revoke}
        </Button>
      ) : null}
    </Entry>
  );
}
