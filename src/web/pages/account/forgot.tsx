import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { Form } from '../../components/fields.js';
import * as api from '../../lib/account-api.js';
import { ProblemError } from '../../lib/request.js';
import { session, sessionChanged } from '../../lib/session.js';
import { messages } from '../../messages/account.js';
import { EmailField, emailState, NewPassword, NewPasswordState } from './fields.js';

/** For a link for a new password. */
export function Forgot() {
  const t = messages().forgot;
  const email = useMemo(() => emailState(), []);
  const sent = useSignal<string | null>(null);
  const place = useFocusOn(sent.value);
  const available = session.current?.signIn.reset !== false;
  return (
    <div class="page is-narrow" ref={place}>
      <h1 tabIndex={-1}>{sent.value === null ? t.heading : t.sentHeading}</h1>
      {!available ? (
        <p class="lead">{messages().noPassword}</p>
      ) : sent.value === null ? (
        <>
          <p class="lead">{t.lead}</p>
          <Form
            name="forgot"
            fields={[email]}
            submit={t.send}
            blame={{ invalid_email: email }}
            own={() => ({ no_mail_server: messages().noPassword })}
            send={async () => {
              await api.askForPasswordReset(email.value);
              sent.value = email.value;
            }}
          >
            <EmailField of={email} own />
          </Form>
        </>
      ) : (
        <>
          <p class="lead">{t.sent(<bdi>{sent.value}</bdi>)}</p>
          <p>{t.nothingCame}</p>
        </>
      )}
      <p>
        <a href="#">{messages().toSignIn}</a>
      </p>
    </div>
  );
}

interface ResetProps {
  readonly token: string;
  /** To sign in, or to ask for a new link. */
  readonly onLeave: () => void;
}

/** The page of a link for a new password. */
export function Reset({ token, onLeave }: ResetProps) {
  const t = messages();
  const password = useMemo(() => new NewPasswordState(), []);
  const shown = useSignal<'form' | 'done' | 'bad'>('form');
  const place = useFocusOn(shown.value);
  if (shown.value === 'bad') {
    return (
      <div class="page is-narrow" ref={place}>
        <h1 tabIndex={-1}>{t.badLinkHeading}</h1>
        <p class="lead">{t.forgot.badLink}</p>
        <p>
          <a class="button" href="#forgot" onClick={onLeave}>
            {t.forgot.again}
          </a>
        </p>
      </div>
    );
  }
  if (shown.value === 'done') {
    return (
      <div class="page is-narrow" ref={place}>
        <h1 tabIndex={-1}>{t.forgot.doneHeading}</h1>
        <p class="lead">{t.forgot.done}</p>
        <p>
          <a class="button is-primary" href="#" onClick={onLeave}>
            {t.toSignIn}
          </a>
        </p>
      </div>
    );
  }
  return (
    <div class="page is-narrow" ref={place}>
      <h1 tabIndex={-1}>{t.forgot.resetHeading}</h1>
      <p class="lead">{t.forgot.resetLead}</p>
      <Form
        name="reset"
        fields={password.fields}
        submit={t.forgot.set}
        blame={{ invalid_password: password.first }}
        send={async () => {
          try {
            await api.redeemPasswordReset(token, password.value);
          } catch (error) {
            if (!(error instanceof ProblemError) || error.problem.code !== 'invalid_reset_link') throw error;
            shown.value = 'bad';
            return;
          }
          shown.value = 'done';
          // Whoever was signed in here with that account is not any more.
          await sessionChanged().catch(() => undefined);
        }}
      >
        <NewPassword of={password} />
      </Form>
    </div>
  );
}

/** Moves the focus to the heading when something else is shown. */
function useFocusOn(shown: string | null) {
  const place = useRef<HTMLDivElement>(null);
  const before = useRef(shown);
  useEffect(() => {
    if (before.current !== shown) place.current?.querySelector('h1')?.focus();
    before.current = shown;
  }, [shown]);
  return place;
}
