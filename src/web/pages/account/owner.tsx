import { useEffect, useMemo } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Field, Form } from '../../components/fields.js';
import { Load } from '../../components/load.js';
import { Problem } from '../../components/problem.js';
import { Action } from '../../lib/action.js';
import * as api from '../../lib/account-api.js';
import { formatDate } from '../../lib/format.js';
import { Resource } from '../../lib/resource.js';
import { messages } from '../../messages/account.js';
import { common } from '../../messages/common.js';
import { Entry, type Invited, Panel } from './entries.js';
import { EmailField, emailState, nameState } from './fields.js';

interface OwnerProps {
  readonly of: api.Organization;
  readonly isNew: boolean;
  readonly onInvited: (invited: Invited) => void;
  readonly onCancel: () => void;
}

/** Invites the first owner of an organization, or creates a new link for an invited one. */
export function Owner({ of: organization, isNew, onInvited, onCancel }: OwnerProps) {
  const t = messages().organizations;
  const invited = useMemo(() => new Resource(() => api.users(organization.id)), []);
  const action = useMemo(() => new Action(), []);
  useEffect(() => void invited.load(), [invited]);
  const again = ({ id, name }: api.OrganizationUser) => {
    void action.run(async () => {
      onInvited({ name, invitation: (await api.inviteAgain(id, organization.id)).invitation });
    });
  };
  return (
    <Panel heading={t.ownerHeading(organization.name)}>
      <p class="hint">{isNew ? t.inviteNow : t.ownerLead}</p>
      <Load of={invited}>
        {(list) => (
          <div class="panels">
            {list.length === 0 ? null : (
              <ul class="entries">
                {list.map((user) => (
                  <InvitedOwner key={user.id} user={user} onAgain={again} />
                ))}
              </ul>
            )}
            <Problem error={action.error.value} />
            <NewOwner of={organization} onInvited={onInvited} onCancel={onCancel} />
          </div>
        )}
      </Load>
      {invited.state.kind === 'failed' ? (
        <Button tone="quiet" onPress={onCancel}>
          {common().close}
        </Button>
      ) : null}
    </Panel>
  );
}

interface InvitedOwnerProps {
  readonly user: api.OrganizationUser;
  readonly onAgain: (user: api.OrganizationUser) => void;
}

function InvitedOwner({ user, onAgain }: InvitedOwnerProps) {
  const t = messages().users;
  return (
    <Entry
      name={user.name}
      lines={[<bdi key="email">{user.email}</bdi>, t.invitedOn(formatDate(Date.parse(user.createdAt)))]}
    >
      <Button
        aria-label={t.inviteAgainNamed(user.name)}
        onPress={() => {
          onAgain(user);
        }}
      >
        {t.inviteAgain}
      </Button>
    </Entry>
  );
}

function NewOwner({ of: organization, onInvited, onCancel }: Omit<OwnerProps, 'isNew'>) {
  const name = useMemo(() => nameState(), []);
  const email = useMemo(() => emailState(), []);
  return (
    <Form
      name="owner"
      fields={[name, email]}
      submit={messages().organizations.ownerSubmit}
      onCancel={onCancel}
      blame={{ invalid_email: email, user_exists: email }}
      send={async () => {
        const owner = { name: name.value, email: email.value, role: 'owner' } as const;
        const { user, invitation } = await api.addUser(owner, organization.id);
        if (invitation !== null) onInvited({ name: user.name, invitation });
      }}
    >
      <Field of={name} label={messages().name} />
      <EmailField of={email} />
    </Form>
  );
}
