import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Choice, Choices, Form } from '../../components/fields.js';
import { Load } from '../../components/load.js';
import { Confirm } from '../../components/modal.js';
import { Problem } from '../../components/problem.js';
import { Time } from '../../components/time.js';
import { Action } from '../../lib/action.js';
import { announce } from '../../lib/announce.js';
import * as api from '../../lib/api.js';
import { formatTime } from '../../lib/format.js';
import { localProblem } from '../../lib/request.js';
import { Resource } from '../../lib/resource.js';
import { chooseOrganization, type Membership, sessionChanged, type User } from '../../lib/session.js';
import { messages } from '../../messages/account.js';
import { deviceName } from './device.js';
import { Entry, Panel, Tag } from './entries.js';
import {
  CurrentPassword,
  currentPasswordState,
  EmailField,
  emailState,
  NewPassword,
  NewPasswordState,
} from './fields.js';

interface YouProps {
  readonly memberships: readonly Membership[];
  readonly user: User;
}

/** The user's name, organizations, password and sessions. */
export function You({ memberships, user }: YouProps) {
  const sessions = useMemo(() => new Resource(api.ownSessions), []);
  return (
    <div class="panels">
      <Identity of={user} />
      <Organizations memberships={memberships} user={user} />
      {/* Users of another issuer have their password and sessions there. */}
      {user.email === null ? null : <Password email={user.email} onChanged={() => void sessions.load()} />}
      <Sessions of={sessions} />
    </div>
  );
}

function Identity({ of: { name, email, operator } }: { readonly of: User }) {
  const t = messages();
  const leaving = useMemo(() => new Action(), []);
  const leave = async () => {
    await leaving.run(api.signOut);
    // Whatever the response, the page shows the session as it is afterwards.
    await sessionChanged().catch(() => undefined);
  };
  return (
    <Panel
      class="identity-panel"
      heading={
        <>
          <bdi>{name}</bdi> {operator ? <Tag>{t.administrator}</Tag> : null}
        </>
      }
    >
      <div class="identity">
        {email === null ? null : <p class="hint">{email}</p>}
        <Button held={leaving.busy} onPress={() => void leave()}>
          {t.you.signOut}
        </Button>
      </div>
      <Problem error={leaving.error.value} />
    </Panel>
  );
}

function Organizations({ memberships, user }: YouProps) {
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

function Chooser({ memberships, user }: YouProps) {
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

interface PasswordProps {
  readonly email: string;
  readonly onChanged: () => void;
}

function Password({ email, onChanged }: PasswordProps) {
  const t = messages().you;
  /** How often it was changed: each time the form begins anew. */
  const changes = useSignal(0);
  return (
    <Panel heading={t.passwordHeading}>
      <p class="hint">{t.passwordLead}</p>
      <details>
        <summary>{t.changePassword}</summary>
        {changes.value === 0 ? null : <p class="done">{t.passwordChanged}</p>}
        <PasswordForm
          key={changes.value}
          email={email}
          onChanged={() => {
            changes.value += 1;
            onChanged();
          }}
        />
      </details>
    </Panel>
  );
}

function PasswordForm({ email, onChanged }: PasswordProps) {
  const t = messages().you;
  const account = useMemo(() => emailState(email), []);
  const current = useMemo(currentPasswordState, []);
  const next = useMemo(() => new NewPasswordState(), []);
  return (
    <Form
      name="password"
      fields={[current, ...next.fields]}
      submit={t.changePassword}
      blame={{ invalid_password: next.first, invalid_credentials: current }}
      own={() => ({ invalid_credentials: messages().you.wrongPassword })}
      send={async () => {
        await api.changePassword(current.value, next.value);
        await sessionChanged();
        announce(messages().you.passwordChanged);
        onChanged();
      }}
    >
      {/* Password managers need the user name. */}
      <div hidden>
        <EmailField of={account} own readOnly />
      </div>
      <CurrentPassword of={current} label={t.currentPassword} />
      <NewPassword of={next} />
    </Form>
  );
}

/** The user's sessions, with buttons to end them. */
function Sessions({ of: sessions }: { readonly of: Resource<readonly api.OwnSession[]> }) {
  const t = messages().you;
  const action = useMemo(() => new Action(), []);
  useEffect(() => void sessions.load(), [sessions]);
  const end = (run: () => Promise<void>, done: string) => {
    void action.run(async () => {
      await run();
      await sessions.load();
      announce(done);
    });
  };
  return (
    <Panel heading={t.sessionsHeading}>
      <p class="hint">{t.sessionsLead}</p>
      <Load of={sessions}>
        {(list) => (
          <>
            <ul class="entries">
              {[...list]
                .sort((a, b) => Number(b.current) - Number(a.current))
                .map((each) => (
                  <OwnSession
                    key={each.id}
                    of={each}
                    onEnd={() => {
                      end(() => api.endSession(each.id), t.sessionEnded);
                    }}
                  />
                ))}
            </ul>
            {list.every(({ current }) => current) ? (
              <p class="hint">{t.onlyThis}</p>
            ) : (
              <div class="form-actions">
                <Button
                  onPress={() => {
                    end(api.endOtherSessions, t.othersEnded);
                  }}
                >
                  {t.endOthers}
                </Button>
              </div>
            )}
          </>
        )}
      </Load>
      <Problem error={action.error.value} />
    </Panel>
  );
}

interface OwnSessionProps {
  readonly of: api.OwnSession;
  readonly onEnd: () => void;
}

function OwnSession({ of: { current, createdAt, lastUsedAt, address, agent }, onEnd }: OwnSessionProps) {
  const t = messages().you;
  const name = deviceName(agent);
  return (
    <Entry
      name={name}
      title={agent}
      tags={current ? <Tag tone="good">{t.thisSession}</Tag> : null}
      lines={[t.sessionTimes(<Time at={createdAt} />, <Time at={lastUsedAt} />, address)]}
    >
      {current ? null : (
        <Button aria-label={t.endSessionNamed(name, formatTime(Date.parse(createdAt)))} onPress={onEnd}>
          {t.endSession}
        </Button>
      )}
    </Entry>
  );
}
