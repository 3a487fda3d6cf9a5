import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { Form } from '../../components/fields.js';
import { type Assertion, signIn } from '../../lib/account-api.js';
import { signInWithPasskey } from '../../lib/passkeys.js';
import { ProblemError } from '../../lib/request.js';
import { session, sessionChanged } from '../../lib/session.js';
import { messages } from '../../messages/account.js';
import { common } from '../../messages/common.js';
import { CurrentPassword, currentPasswordState, EmailField, emailState } from './fields.js';
import { NoPasskeys, PasskeyButton } from './passkey-button.js';
import { keepPlace, link } from './place.js';

export function SignIn() {
  const t = messages();
  /** Whether the password was right, and the account needs a passkey. */
  const needed = useSignal(false);
  const email = useMemo(() => emailState(), []);
  const password = useMemo(currentPasswordState, []);
  const withPasskey = async (passkey: Assertion) => {
    await signInWithPasskey(passkey);
    await sessionChanged();
  };
  if (needed.value) return <PasskeyNeeded onAnswer={withPasskey} />;
  return (
    <div class="page is-narrow">
      <h1 tabIndex={-1}>{common().signIn}</h1>
      <p class="lead">{t.signInLead}</p>
      <Provider />
      <Form
        name="sign-in"
        fields={[email, password]}
        submit={common().signIn}
        // The service does not say which of the two is wrong; users usually retype the password.
        blame={{ invalid_credentials: password, invalid_email: email }}
        own={() => ({ forbidden: messages().noOpenOrganization })}
        send={async () => {
          try {
            await signIn(email.value, password.value);
          } catch (error) {
            if (!(error instanceof ProblemError) || error.problem.code !== 'passkey_needed') throw error;
            needed.value = true;
            return;
          }
          await sessionChanged();
        }}
      >
        <EmailField of={email} own />
        <CurrentPassword of={password} label={t.password} />
      </Form>
      <PasskeyButton onAnswer={withPasskey} own={{ forbidden: t.noOpenOrganization }}>
        {t.passkeys.signIn}
      </PasskeyButton>
      {session.current?.signIn.reset === true ? (
        <>
          <p>
            <a href="#forgot">{t.forgot.link}</a>
          </p>
          <p class="fine-print">{t.forgot.noPasswordYet}</p>
        </>
      ) : (
        <p class="fine-print">{t.noPassword}</p>
      )}
    </div>
  );
}

/** The way to the company's identity provider, and why it has signed nobody in. */
function Provider() {
  const t = messages().provider;
  const name = session.current?.signIn.provider ?? null;
  const { value: from } = link;
  const problems: Readonly<Record<string, (name: string) => string>> = t.problems;
  if (name === null) return null;
  return (
    <div class="provider">
      {from.kind === 'provider' ? (
        <p class="problem" role="alert">
          {(problems[from.problem] ?? t.problems.failed)(name)}
        </p>
      ) : null}
      <a class="button is-primary" href="./sign-in" onClick={keepPlace}>
        {t.signIn(name)}
      </a>
      <p class="hint">{t.or}</p>
    </div>
  );
}

/** After the password of an account that needs a passkey too. */
function PasskeyNeeded({ onAnswer }: { readonly onAnswer: (passkey: Assertion) => Promise<void> }) {
  const t = messages().passkeys;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.querySelector('h1')?.focus(), []);
  return (
    <div class="page is-narrow" ref={place}>
      <h1 tabIndex={-1}>{common().signIn}</h1>
      <p class="lead">{t.neededLead}</p>
      <NoPasskeys />
      <PasskeyButton tone="primary" onAnswer={onAnswer} own={{ forbidden: messages().noOpenOrganization }}>
        {t.continue}
      </PasskeyButton>
      <p class="fine-print">{t.lost}</p>
    </div>
  );
}
