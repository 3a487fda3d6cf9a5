import { useSignal } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Choice, Field, type FieldState, Form } from '../../components/fields.js';
import { Confirm, Modal } from '../../components/modal.js';
import { ShowMore } from '../../components/show-more.js';
import { Action } from '../../lib/action.js';
import { announce } from '../../lib/announce.js';
import * as api from '../../lib/account-api.js';
import { formatDate } from '../../lib/format.js';
import { Resource } from '../../lib/resource.js';
import { chooseOrganization, session } from '../../lib/session.js';
import { messages } from '../../messages/account.js';
import { common } from '../../messages/common.js';
import { Entry, Entries, InvitationOnce, type Invited, Panel, Tag } from './entries.js';
import { LimitsFields, limitSentences, nameState, useLimits } from './fields.js';
import { Managed } from './managed.js';
import { Owner } from './owner.js';

type Opened =
  | 'add'
  | { readonly organization: api.Organization; readonly isNew: boolean }
  | { readonly invited: Invited };

interface Asked {
  readonly what: 'change' | 'disable';
  readonly organization: api.Organization;
}

/** All organizations of the service, for administrators. */
export function Organizations() {
  const list = useMemo(() => new Resource(() => api.organizations(null)), []);
  const action = useMemo(() => new Action(), []);
  const opened = useSignal<Opened | null>(null);
  const asked = useSignal<Asked | null>(null);
  const shown = useRef<HTMLUListElement>(null);
  const t = messages().organizations;
  const close = () => (opened.value = null);
  const changed = async (done: string) => {
    asked.value = null;
    announce(done);
    await list.load();
  };
  const created = async (organization: api.Organization, owned: boolean) => {
    announce(messages().organizations.created(organization.name));
    opened.value = owned ? null : { organization, isNew: true };
    if (owned) await chooseOrganization(organization.id);
    await list.load();
  };
  const more = async ({ items }: api.Page<api.Organization>, next: string) => {
    const page = await api.organizations(next);
    return { items: [...items, ...page.items], next: page.next };
  };
  const enable = (organization: api.Organization) => {
    void action.run(async () => {
      await api.updateOrganization(organization.id, { disabled: false });
      await changed(messages().organizations.enabledNow(organization.name));
    });
  };
  return (
    <>
      <Managed
        lead={t.lead}
        add={t.create}
        onAdd={() => (opened.value = 'add')}
        panel={panelOf(opened.value, created, (invited) => (opened.value = { invited }), close)}
        of={list}
        action={action}
      >
        {(page) =>
          page.items.length === 0 ? (
            <p class="panel is-empty">{t.none}</p>
          ) : (
            <>
              <Entries list={shown}>
                {page.items.map((organization) => (
                  <Organization
                    key={organization.id}
                    of={organization}
                    onInvite={() => (opened.value = { organization, isNew: false })}
                    onAsk={(what) => (asked.value = { what, organization })}
                    onEnable={() => {
                      enable(organization);
                    }}
                  />
                ))}
              </Entries>
              <ShowMore of={list} list={shown} label={common().showMore} read={more} />
            </>
          )
        }
      </Managed>
      {asked.value === null ? null : asked.value.what === 'change' ? (
        <Change of={asked.value.organization} onChanged={changed} onClose={() => (asked.value = null)} />
      ) : (
        <Disable of={asked.value.organization} onChanged={changed} onClose={() => (asked.value = null)} />
      )}
    </>
  );
}

function panelOf(
  opened: Opened | null,
  created: NewOrganizationProps['onCreated'],
  onInvited: (invited: Invited) => void,
  close: () => void,
) {
  if (opened === null) return null;
  if (opened === 'add') {
    return { key: 'add', content: <NewOrganization onCreated={created} onCancel={close} /> };
  }
  if ('invited' in opened) {
    const { invited } = opened;
    return { key: invited.invitation.token, content: <InvitationOnce {...invited} onDone={close} /> };
  }
  const { organization, isNew } = opened;
  return {
    key: organization.id,
    content: <Owner of={organization} isNew={isNew} onInvited={onInvited} onCancel={close} />,
  };
}

interface NewOrganizationProps {
  readonly onCreated: (organization: api.Organization, owned: boolean) => Promise<void>;
  readonly onCancel: () => void;
}

function NewOrganization({ onCreated, onCancel }: NewOrganizationProps) {
  const t = messages().organizations;
  const name = useMemo(() => nameState(), []);
  const limits = useLimits(null);
  const owned = useSignal(session.current?.user?.organization == null);
  return (
    <Panel heading={t.create}>
      <Form
        name="organization"
        fields={[name, ...limits.fields]}
        submit={t.create}
        onCancel={onCancel}
        send={async () => {
          const given = { name: name.value, limits: limits.value, owned: owned.value };
          await onCreated(await api.createOrganization(given), owned.value);
        }}
      >
        <Field of={name} label={messages().name} hint={t.nameHint} />
        <Choice
          type="checkbox"
          name="owned"
          label={messages().notarizeForIt}
          explained={t.ownedExplained}
          checked={owned.value}
          onChange={(on) => (owned.value = on)}
        />
        <LimitsFields of={limits} />
      </Form>
    </Panel>
  );
}

interface OrganizationProps {
  readonly of: api.Organization;
  readonly onInvite: () => void;
  readonly onAsk: (what: Asked['what']) => void;
  readonly onEnable: () => void;
}

function Organization({ of: organization, onInvite, onAsk, onEnable }: OrganizationProps) {
  const t = messages().organizations;
  const { id, name, disabledAt } = organization;
  const limits = limitSentences(organization.limits);
  return (
    <Entry
      name={name}
      tags={disabledAt === null ? null : <Tag tone="bad">{t.disabled}</Tag>}
      lines={[<code key="id">{id}</code>]}
      facts={[
        t.since(formatDate(Date.parse(organization.createdAt))),
        ...(limits.length === 0 ? [t.noLimits] : limits),
      ]}
    >
      <Button aria-label={t.ownerNamed(name)} onPress={onInvite}>
        {t.owner}
      </Button>
      <Button
        aria-label={t.changeNamed(name)}
        onPress={() => {
          onAsk('change');
        }}
      >
        {t.change}
      </Button>
      {disabledAt === null ? (
        <Button
          key="disable"
          tone="quiet"
          aria-label={t.disableNamed(name)}
          onPress={() => {
            onAsk('disable');
          }}
        >
          {t.disable}
        </Button>
      ) : (
        <Button key="enable" aria-label={t.enableNamed(name)} onPress={onEnable}>
          {t.enable}
        </Button>
      )}
    </Entry>
  );
}

interface AskProps {
  readonly of: api.Organization;
  readonly onChanged: (done: string) => Promise<void>;
  readonly onClose: () => void;
}

function Change({ of: organization, onChanged, onClose }: AskProps) {
  const t = messages().organizations;
  const name = useMemo(() => nameState(organization.name), []);
  const limits = useLimits(organization.limits);
  const fields: readonly FieldState[] = [name, ...limits.fields];
  return (
    <Modal
      heading={t.changeNamed(organization.name)}
      onClose={onClose}
      dirty={() => fields.some(({ changed }) => changed)}
    >
      {(close) => (
        <Form
          name="change-organization"
          fields={fields}
          submit={t.save}
          onCancel={close}
          send={async () => {
            const given = { name: name.value, limits: limits.value };
            await api.updateOrganization(organization.id, given);
            await onChanged(t.changed(organization.name));
          }}
        >
          <Field of={name} label={messages().name} />
          <LimitsFields of={limits} />
        </Form>
      )}
    </Modal>
  );
}

function Disable({ of: { id, name }, onChanged, onClose }: AskProps) {
  const t = messages().organizations;
  return (
    <Confirm
      heading={t.disableHeading(name)}
      yes={t.disable}
      run={async () => {
        await api.updateOrganization(id, { disabled: true });
        await onChanged(t.disabledNow(name));
      }}
      onClose={onClose}
    >
      <p>{t.disableExplained}</p>
    </Confirm>
  );
}
