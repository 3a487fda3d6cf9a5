import { useSignal } from '@preact/signals';
import { Button } from '../../components/button.js';
import { Choice, Choices, Form } from '../../components/fields.js';
import { Confirm } from '../../components/modal.js';
import { announce } from '../../lib/announce.js';
import * as api from '../../lib/account-api.js';
import { localProblem } from '../../lib/request.js';
import { chooseOrganization, type Membership, sessionChanged, type User } from '../../lib/session.js';
import { messages } from '../../messages/account.js';
import { Panel } from './entries.js';

interface OwnProps {
  readonly memberships: readonly Membership[];
  readonly user: User;
}

/** The organizations that the user can act for. */
export function OwnOrganizations({ memberships, user }: OwnProps) {
  const t = messages().you;
  const { roles } = messages();
  const leaving = useSignal<Membership['organization'] | null>(null);
  const [only] = memberships;
  if (only === undefined) {
    return (
      <Panel heading={t.organizationsHeading}>
        <p>{user.operator ? t.noOrganizationsAdministrator : t.noOrganizations}</p>
        {user.operator ? (
          <p>
            <a class="button is-primary" href="#organizations">
              {messages().organizations.create}
            </a>
          </p>
        ) : null}
      </Panel>
    );
  }
  if (memberships.length === 1 && user.organization?.id === only.organization.id) {
    return (
      <Panel heading={t.organizationsHeading}>
        <p>{t.onlyOrganization(only.organization.name, roles[only.role])}</p>
      </Panel>
    );
  }
  return (
    <Panel heading={t.organizationsHeading}>
      <p class="hint">{t.organizationsLead}</p>
      <Chooser key={user.organization?.id ?? ''} memberships={memberships} user={user} />
      <p class="hint">{t.leaveLead}</p>
      <div class="form-actions">
        {memberships.map(({ organization }) => (
          <Button key={organization.id} tone="quiet" onPress={() => (leaving.value = organization)}>
            {t.leaveNamed(organization.name)}
          </Button>
        ))}
      </div>
      {leaving.value === null ? null : <Leave of={leaving.value} onClose={() => (leaving.value = null)} />}
    </Panel>
  );
}

function Chooser({ memberships, user }: OwnProps) {
  const t = messages().you;
  const chosen = useSignal(user.organization?.id ?? '');
  return (
    <Form
      name="organization"
      fields={[]}
      submit={t.choose}
      send={async () => {
        if (chosen.value === '') throw localProblem('no_choice');
        const { user: now } = await chooseOrganization(chosen.value);
        announce(messages().you.chosen(now?.organization?.name ?? ''));
      }}
    >
      <Choices legend={t.organizationsHeading}>
        {memberships.map(({ organization: { id, name }, role }) => (
          <Choice
            key={id}
            type="radio"
            name="organization"
            label={<bdi>{name}</bdi>}
            explained={messages().roles[role]}
            checked={chosen.value === id}
            onChange={() => (chosen.value = id)}
          />
        ))}
      </Choices>
    </Form>
  );
}

interface LeaveProps {
  readonly of: Membership['organization'];
  readonly onClose: () => void;
}

/** Somebody else may have joined it with the user's address, who does not want to stay. */
function Leave({ of: { id, name }, onClose }: LeaveProps) {
  const t = messages().users;
  return (
    <Confirm
      heading={t.leaveHeading(name)}
      yes={t.leave}
      run={async () => {
        await api.leaveOrganization(id);
        await sessionChanged();
        announce(messages().you.left(name));
      }}
      onClose={onClose}
    >
      <p>{t.leaveExplained}</p>
    </Confirm>
  );
}
