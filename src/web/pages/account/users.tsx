import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Field, Form } from '../../components/fields.js';
import { Confirm, Modal } from '../../components/modal.js';
import { Action } from '../../lib/action.js';
import { announce } from '../../lib/announce.js';
import * as api from '../../lib/account-api.js';
import { formatDate } from '../../lib/format.js';
import { Resource } from '../../lib/resource.js';
import { type Role, session, sessionChanged } from '../../lib/session.js';
import { messages } from '../../messages/account.js';
import { Entries, Entry, InvitationOnce, type Invited, Panel, Tag } from './entries.js';
import { EmailField, emailState, nameState, RoleChoice } from './fields.js';
import { Managed } from './managed.js';
import { PasskeyRequirement } from './passkey-requirement.js';

interface Asked {
  readonly what: 'role' | 'remove';
  readonly user: api.OrganizationUser;
}

/** The users of the organization. */
export function Users() {
  const users = useMemo(() => new Resource(() => api.users()), []);
  const action = useMemo(() => new Action(), []);
  const opened = useSignal<'add' | Invited | null>(null);
  const asked = useSignal<Asked | null>(null);
  const t = messages().users;
  const organization = session.current?.user?.organization ?? null;
  const close = () => (opened.value = null);
  const changed = async (user: api.OrganizationUser, done: string) => {
    asked.value = null;
    announce(done);
    // Users who change their own role may lose access to this section.
    if (isSelf(user)) await sessionChanged();
    if (session.current?.user?.role === 'owner') await users.load();
  };
  const again = (user: api.OrganizationUser) => {
    void action.run(async () => {
      const { invitation } = await api.inviteAgain(user.id);
      opened.value = { name: user.name, invitation };
      announce(messages().users.linkCreated(user.name));
    });
  };
  const added = async ({ user, invitation }: Awaited<ReturnType<typeof api.addUser>>) => {
    opened.value = invitation === null ? null : { name: user.name, invitation };
    announce(messages().users.added(user.name));
    await users.load();
  };
  const panel =
    opened.value === null
      ? null
      : opened.value === 'add'
        ? { key: 'add', content: <AddUser onAdded={added} onCancel={close} /> }
        : {
            key: opened.value.invitation.token,
            content: <InvitationOnce {...opened.value} onDone={close} />,
          };
  return (
    <>
      <Managed
        lead={t.lead(organizationName())}
        add={t.add}
        onAdd={() => (opened.value = 'add')}
        panel={panel}
        of={users}
        action={action}
        own={{ forbidden: t.notYours }}
      >
        {(list) => (
          <Entries>
            {list.map((user) => (
              <User
                key={user.id}
                user={user}
                onLink={again}
                onAsk={(what) => (asked.value = { what, user })}
              />
            ))}
          </Entries>
        )}
      </Managed>
      {organization === null ? null : <PasskeyRequirement id={organization.id} name={organization.name} />}
      {asked.value === null ? null : (
        <Ask asked={asked.value} onChanged={changed} onClose={() => (asked.value = null)} />
      )}
    </>
  );
}

function organizationName(): string {
  return session.current?.user?.organization?.name ?? '';
}

function isSelf({ id }: api.OrganizationUser): boolean {
  return id === session.current?.user?.id;
}

interface UserProps {
  readonly user: api.OrganizationUser;
  readonly onLink: (user: api.OrganizationUser) => void;
  readonly onAsk: (what: Asked['what']) => void;
}

function User({ user, onLink, onAsk }: UserProps) {
  const t = messages().users;
  const { name, acceptedAt } = user;
  const self = isSelf(user);
  const date = formatDate(Date.parse(acceptedAt ?? user.createdAt));
  const pending = acceptedAt === null;
  return (
    <Entry
      name={name}
      tags={
        <>
          <Tag>{messages().roles[user.role]}</Tag>
          {self ? <Tag tone="good">{t.you}</Tag> : null}
          {pending ? <Tag tone="doubt">{t.invited}</Tag> : null}
          {user.disabledAt === null ? null : <Tag tone="bad">{t.disabled}</Tag>}
        </>
      }
      lines={[<bdi key="email">{user.email}</bdi>, pending ? t.invitedOn(date) : t.since(date)]}
    >
      {self ? null : (
        // A new invitation link, or a link to set a new password.
        <Button
          tone={pending ? undefined : 'quiet'}
          aria-label={pending ? t.inviteAgainNamed(name) : t.resetPasswordNamed(name)}
          onPress={() => {
            onLink(user);
          }}
        >
          {pending ? t.inviteAgain : t.resetPassword}
        </Button>
      )}
      <Button
        aria-label={t.changeRoleOf(name)}
        onPress={() => {
          onAsk('role');
        }}
      >
        {t.changeRole}
      </Button>
      <Button
        tone="quiet"
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

interface AddUserProps {
  readonly onAdded: (added: Awaited<ReturnType<typeof api.addUser>>) => Promise<void>;
  readonly onCancel: () => void;
}

function AddUser({ onAdded, onCancel }: AddUserProps) {
  const t = messages();
  const name = useMemo(() => nameState(), []);
  const email = useMemo(() => emailState(), []);
  const role = useSignal<Role>('notary');
  return (
    <Panel heading={t.users.add}>
      <Form
        name="add-user"
        fields={[name, email]}
        submit={t.users.addSubmit}
        onCancel={onCancel}
        blame={{ invalid_email: email, user_exists: email }}
        send={async () => {
          await onAdded(await api.addUser({ email: email.value, name: name.value, role: role.value }));
        }}
      >
        <Field of={name} label={t.name} />
        <EmailField of={email} />
        <RoleChoice role={role.value} onChange={(chosen) => (role.value = chosen)} />
      </Form>
    </Panel>
  );
}

interface AskProps {
  readonly asked: Asked;
  readonly onChanged: (user: api.OrganizationUser, done: string) => Promise<void>;
  readonly onClose: () => void;
}

function Ask({ asked: { what, user }, onChanged, onClose }: AskProps) {
  return what === 'role' ? (
    <ChangeRole user={user} onChanged={onChanged} onClose={onClose} />
  ) : (
    <Remove user={user} onChanged={onChanged} onClose={onClose} />
  );
}

type AskUserProps = Omit<AskProps, 'asked'> & Pick<Asked, 'user'>;

function ChangeRole({ user, onChanged, onClose }: AskUserProps) {
  const t = messages().users;
  const role = useSignal(user.role);
  return (
    <Modal heading={t.changeRoleHeading(user.name)} onClose={onClose}>
      {(close) => (
        <Form
          name="role"
          fields={[]}
          submit={t.saveRole}
          onCancel={close}
          send={async () => {
            await api.setRole(user.id, role.value);
            await onChanged(user, t.roleChanged(user.name, messages().roles[role.value]));
          }}
        >
          <RoleChoice role={role.value} onChange={(chosen) => (role.value = chosen)} />
        </Form>
      )}
    </Modal>
  );
}

function Remove({ user, onChanged, onClose }: AskUserProps) {
  const t = messages().users;
  const organization = organizationName();
  const self = isSelf(user);
  return (
    <Confirm
      heading={self ? t.leaveHeading(organization) : t.removeHeading(user.name)}
      yes={self ? t.leave : t.remove}
      run={async () => {
        await api.removeUser(user.id);
        await onChanged(user, t.removed(user.name));
      }}
      onClose={onClose}
    >
      <p>{self ? t.leaveExplained : t.removeExplained(organization)}</p>
    </Confirm>
  );
}
