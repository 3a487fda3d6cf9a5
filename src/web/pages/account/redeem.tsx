import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Choice, Field, FieldState, Form } from '../../components/fields.js';
import { Load } from '../../components/load.js';
import * as api from '../../lib/account-api.js';
import { ProblemError } from '../../lib/request.js';
import { Resource } from '../../lib/resource.js';
import { isOfProvider, session, sessionChanged } from '../../lib/session.js';
import { messages } from '../../messages/account.js';
import {
  CurrentPassword,
  currentPasswordState,
  EmailField,
  emailState,
  nameState,
  NewPassword,
  NewPasswordState,
} from './fields.js';
import { PasskeyButton } from './passkey-button.js';

interface RedeemProps {
  readonly token: string;
  /** The link was used. @param organization whether the person now owns a new organization */
  readonly onDone: (organization: boolean) => void;
  /** To sign in instead. */
  readonly onLeave: () => void;
}

/** The page of a set-up or invitation link. */
export function Redeem(props: RedeemProps) {
  const { token, onLeave } = props;
  const invitation = useMemo(
    () =>
      new Resource(async () => {
        // Who is signed in decides what the page asks for.
        const [found] = await Promise.all([api.inspectInvitation(token), session.load()]);
        return found;
      }),
    [token],
  );
  useEffect(() => void invitation.load(), [invitation]);
  const { state } = invitation;
  if (state.kind === 'failed' && state.error instanceof ProblemError && !state.error.temporary) {
    return <BadLink onLeave={onLeave} />;
  }
  return (
    <div class="page is-narrow">
      <Load of={invitation}>{(found) => <Welcome {...props} invitation={found} />}</Load>
    </div>
  );
}

function BadLink({ onLeave }: { readonly onLeave: () => void }) {
  const t = messages();
  return (
    <div class="page is-narrow">
      <h1 tabIndex={-1}>{t.badLinkHeading}</h1>
      <p class="lead">{t.badLinkExplained}</p>
      <p>
        <a class="button" href="#" onClick={onLeave}>
          {t.toSignIn}
        </a>
      </p>
    </div>
  );
}

type WelcomeProps = RedeemProps & { readonly invitation: api.Invitation };

function Welcome(props: WelcomeProps) {
  const t = messages();
  const { invitation } = props;
  /** Whether the person has chosen to replace the password of this address. */
  const replacing = useSignal(false);
  const signedIn = session.current?.user ?? null;
  // People of an identity provider are nobody who is invited, also with the same address.
  const isSelf = signedIn !== null && !isOfProvider(signedIn) && signedIn.email === invitation.email;
  const caution = signedIn === null || isSelf ? null : <p class="caution">{t.otherPerson(signedIn.name)}</p>;
  if (invitation.firstOperator) {
    return (
      <>
        <h1 tabIndex={-1}>{t.setUpHeading}</h1>
        <p class="lead">{t.setUpLead}</p>
        {caution}
        <SetUpForm {...props} />
      </>
    );
  }
  const heading = <h1 tabIndex={-1}>{headingOf(invitation)}</h1>;
  if (invitation.password === 'new' || replacing.value) {
    return (
      <>
        {heading}
        <p class="lead">{replacing.value ? t.replaceLead : t.inviteLead}</p>
        <Memberships of={invitation} />
        {caution}
        <NewPasswordForm key="new" {...props} replacing={replacing.value} />
      </>
    );
  }
  return (
    <>
      {heading}
      <p class="lead">{isSelf ? t.joinSignedInLead : t.joinLead}</p>
      {caution}
      <JoinForm key="join" {...props} isSelf={isSelf} />
      {isSelf ? null : invitation.password === 'either' ? (
        <p>
          <Button tone="quiet" onPress={() => (replacing.value = true)}>
            {t.replaceOffer}
          </Button>
        </p>
      ) : (
        <p class="fine-print">{t.notMine}</p>
      )}
    </>
  );
}

function headingOf({ operator, organization }: api.Invitation): string {
  const t = messages();
  if (organization !== null) return t.inviteHeading(organization.name);
  return operator ? t.operatorHeading : t.inviteHeadingPlain;
}

/** What else the new password opens. */
function Memberships({ of: { memberships } }: { readonly of: api.Invitation }) {
  if (memberships.length === 0) return null;
  return (
    <>
      <p>{messages().replaceMemberships}</p>
      <ul>
        {memberships.map(({ id, name }) => (
          <li key={id}>
            <bdi>{name}</bdi>
          </li>
        ))}
      </ul>
    </>
  );
}

/** The first administrator, and their organization. */
function SetUpForm({ token, onDone }: WelcomeProps) {
  const t = messages();
  const email = useMemo(() => emailState(), []);
  const name = useMemo(() => nameState(), []);
  const password = useMemo(() => new NewPasswordState(), []);
  const organization = useMemo(() => new FieldState({ name: 'organization' }), []);
  const joins = useSignal(true);
  return (
    <Form
      name="redeem"
      fields={[email, name, ...password.fields, ...(joins.value ? [organization] : [])]}
      submit={t.setUp}
      blame={{ invalid_email: email, invalid_password: password.first, invalid_credentials: email }}
      own={() => ({ invalid_credentials: messages().addressTaken })}
      send={async () => {
        await api.redeemInvitation(token, {
          email: email.value,
          name: name.value,
          password: password.value,
          ...(joins.value ? { organization: organization.value } : {}),
        });
        await sessionChanged();
        onDone(joins.value);
      }}
    >
      <fieldset class="field-set is-part">
        <legend>{t.setUpYou}</legend>
        <EmailField of={email} own />
        <Field of={name} label={t.yourName} autocomplete="name" />
        <NewPassword of={password} />
      </fieldset>
      <fieldset class="field-set is-part">
        <legend>{t.setUpOrganization}</legend>
        {joins.value ? (
          <Field
            of={organization}
            label={t.organizationName}
            hint={t.organizationHint}
            autocomplete="organization"
          />
        ) : null}
        <Choice
          type="checkbox"
          name="joins"
          label={t.notarizeForIt}
          explained={joins.value ? undefined : t.organizationLater}
          checked={joins.value}
          onChange={(on) => (joins.value = on)}
        />
      </fieldset>
    </Form>
  );
}

/** For a person who has a password here, or is signed in. */
function JoinForm({
  token,
  invitation,
  isSelf,
  onDone,
  onLeave,
}: WelcomeProps & { readonly isSelf: boolean }) {
  const t = messages();
  const email = useMemo(() => emailState(invitation.email ?? ''), []);
  const password = useMemo(currentPasswordState, []);
  return (
    <>
      <Form
        name="join"
        fields={isSelf ? [] : [password]}
        submit={t.accept}
        onCancel={onLeave}
        blame={{ invalid_credentials: password }}
        send={async () => {
          await (isSelf
            ? api.redeemInvitationSignedIn(token)
            : api.redeemInvitation(token, { password: password.value }));
          await sessionChanged();
          onDone(false);
        }}
      >
        <EmailField of={email} own readOnly />
        {isSelf ? null : <CurrentPassword of={password} label={t.password} />}
      </Form>
      {isSelf ? null : (
        <PasskeyButton
          tone="quiet"
          onAnswer={async (passkey) => {
            await api.redeemInvitation(token, { passkey });
            await sessionChanged();
            onDone(false);
          }}
        >
          {t.passkeys.instead}
        </PasskeyButton>
      )}
    </>
  );
}

/** For a newcomer, or a person who replaces their password. */
function NewPasswordForm({
  token,
  invitation,
  replacing,
  onDone,
  onLeave,
}: WelcomeProps & { readonly replacing: boolean }) {
  const t = messages();
  const email = useMemo(() => emailState(invitation.email ?? ''), []);
  const name = useMemo(() => nameState(invitation.name ?? ''), []);
  const password = useMemo(() => new NewPasswordState(), []);
  return (
    <Form
      name="redeem"
      fields={[...(replacing ? [] : [name]), ...password.fields]}
      submit={t.accept}
      onCancel={onLeave}
      blame={{ invalid_password: password.first }}
      send={async () => {
        await api.redeemInvitation(token, {
          ...(replacing ? { replacesPassword: true } : { name: name.value }),
          password: password.value,
        });
        await sessionChanged();
        onDone(false);
      }}
    >
      <EmailField of={email} own readOnly />
      {replacing ? null : <Field of={name} label={t.name} autocomplete="name" />}
      <NewPassword of={password} />
    </Form>
  );
}
