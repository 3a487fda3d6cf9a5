import { useMemo } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Problem } from '../../components/problem.js';
import { Action } from '../../lib/action.js';
import * as api from '../../lib/account-api.js';
import { Resource } from '../../lib/resource.js';
import { isOfProvider, type Membership, session, sessionChanged, type User } from '../../lib/session.js';
import { messages } from '../../messages/account.js';
import { Digest } from './digest.js';
import { Panel, Tag } from './entries.js';
import { OwnOrganizations } from './own-organizations.js';
import { Passkeys } from './passkeys.js';
import { Password } from './password.js';
import { Sessions } from './sessions.js';

interface YouProps {
  readonly memberships: readonly Membership[];
  readonly user: User;
}

/** The user's name, organizations, password, passkeys, e-mails and sessions. */
export function You({ memberships, user }: YouProps) {
  const sessions = useMemo(() => new Resource(api.ownSessions), []);
  return (
    <div class="panels">
      <Identity of={user} />
      {user.lacksPasskey === true ? (
        <Panel heading={messages().passkeys.requiredHeading}>
          <p class="caution">{messages().passkeys.requiredExplained}</p>
        </Panel>
      ) : (
        <OwnOrganizations memberships={memberships} user={user} />
      )}
      {user.email === null || isOfProvider(user) ? null : (
        <>
          <Password email={user.email} onChanged={() => void sessions.load()} />
          <Passkeys />
          {user.organization === null || session.current?.signIn.reset !== true ? null : (
            <Digest key={user.organization.id} organization={user.organization.name} />
          )}
        </>
      )}
      <Sessions of={sessions} provider={providerOf(user)} />
    </div>
  );
}

function Identity({ of: user }: { readonly of: User }) {
  const t = messages();
  const { name, email, operator } = user;
  const provider = providerOf(user);
  const leaving = useMemo(() => new Action(), []);
  const leave = async () => {
    const left = await leaving.run(api.signOut);
    // Whatever the response, the page shows the session as it is afterwards.
    await sessionChanged().catch(() => undefined);
    return left;
  };
  const leaveProvider = async () => {
    if (await leave()) location.assign('./sign-out');
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
      {provider === null ? null : (
        <>
          <p class="hint">{t.provider.decides(provider)}</p>
          <Button tone="quiet" held={leaving.busy} onPress={() => void leaveProvider()}>
            {t.provider.signOut(provider)}
          </Button>
        </>
      )}
      <Problem error={leaving.error.value} />
    </Panel>
  );
}

/** The name of the identity provider that has signed the user in; null: none has. */
function providerOf(user: User): string | null {
  return isOfProvider(user) ? (session.current?.signIn.provider ?? null) : null;
}
