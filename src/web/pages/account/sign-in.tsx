import { useMemo } from 'preact/hooks';
import { Form } from '../../components/fields.js';
import { signIn } from '../../lib/api.js';
import { sessionChanged } from '../../lib/session.js';
import { messages } from '../../messages/account.js';
import { common } from '../../messages/common.js';
import { CurrentPassword, currentPasswordState, EmailField, emailState } from './fields.js';

export function SignIn() {
  const t = messages();
  const email = useMemo(() => emailState(), []);
  const password = useMemo(currentPasswordState, []);
  return (
    <div class="page is-narrow">
      <h1 tabIndex={-1}>{common().signIn}</h1>
      <p class="lead">{t.signInLead}</p>
      <Form
        name="sign-in"
        fields={[email, password]}
        submit={common().signIn}
        // The service does not say which of the two is wrong; users usually retype the password.
        blame={{ invalid_credentials: password, invalid_email: email }}
        own={() => ({ forbidden: messages().noOpenOrganization })}
        send={async () => {
          await signIn(email.value, password.value);
          await sessionChanged();
        }}
      >
        <EmailField of={email} own />
        <CurrentPassword of={password} label={t.password} />
      </Form>
      <p class="fine-print">{t.noPassword}</p>
    </div>
  );
}
