import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { Form } from '../../components/fields.js';
import { announce } from '../../lib/announce.js';
import * as api from '../../lib/account-api.js';
import { sessionChanged } from '../../lib/session.js';
import { messages } from '../../messages/account.js';
import { Panel } from './entries.js';
import {
  CurrentPassword,
  currentPasswordState,
  EmailField,
  emailState,
  NewPassword,
  NewPasswordState,
} from './fields.js';

interface PasswordProps {
  readonly email: string;
  readonly onChanged: () => void;
}

export function Password({ email, onChanged }: PasswordProps) {
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
