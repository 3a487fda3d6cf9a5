import { Field, form } from '../../components/form.js';
import { Loaded } from '../../components/loaded.js';
import { focusHeading, type Section } from '../../components/section.js';
import {
  inspectInvitation,
  type Invitation,
  redeemInvitation,
  redeemInvitationSignedIn,
  signIn,
} from '../../lib/api.js';
import { button, type Child, element, present } from '../../lib/dom.js';
import { ProblemError } from '../../lib/request.js';
import { session, type Session, sessionChanged } from '../../lib/session.js';
import { currentPassword, emailField, newPassword } from './fields.js';
import { messages } from '../../messages/account.js';
import { common } from '../../messages/common.js';

/** The page rebuilds itself when the session changes. */
export function signInView(): HTMLElement {
  const t = messages();
  const email = emailField();
  const password = currentPassword(t.password);
  return element(
    'div',
    { class: 'page is-narrow' },
    element('h1', { tabindex: -1 }, common().signIn),
    element('p', { class: 'lead' }, t.signInLead),
    form({
      name: 'sign-in',
      fields: [email, password],
      content: [email.element, password.element],
      submit: common().signIn,
      // The service does not say which of the two is wrong; users usually retype the password.
      blame: { invalid_credentials: password, invalid_email: email },
      sentences: { forbidden: t.noOpenOrganization },
      send: async () => {
        await signIn(email.value, password.value);
        await sessionChanged();
      },
    }),
    element('p', { class: 'fine-print' }, t.noPassword),
  );
}

/**
 * The page of a set-up or invitation link.
 * @param onDone called after the link was redeemed and the session loaded
 * @param onLeave called to go to sign-in instead
 */
export function redeemSection(
  token: string,
  { onDone, onLeave }: { readonly onDone: (session: Session) => void; readonly onLeave: () => void },
): Section {
  const own = element('div', { class: 'page is-narrow' });
  let replacing = false;
  const show = () => {
    const { state } = invitation;
    const bad = state.kind === 'failed' && state.error instanceof ProblemError && !state.error.temporary;
    const replace = () => {
      replacing = true;
      show();
      focusHeading(own);
    };
    own.replaceChildren(
      ...present(
        bad
          ? badLink(onLeave)
          : [
              invitation.view((found) =>
                element(
                  'div',
                  { class: 'page' },
                  ...welcome({ token, ...found, replacing, replace, onDone }),
                ),
              ),
            ],
      ),
    );
  };
  const invitation = new Loaded(async () => {
    // Who is signed in decides what the page asks for.
    const [found] = await Promise.all([inspectInvitation(token), session.load()]);
    return found;
  }, show);
  void invitation.load();
  return { element: own, show };
}

function badLink(onLeave: () => void): Child[] {
  const t = messages();
  return [
    element('h1', { tabindex: -1 }, t.badLinkHeading),
    element('p', { class: 'lead' }, t.badLinkExplained),
    element('p', {}, element('a', { class: 'button', href: '#', onclick: onLeave }, t.toSignIn)),
  ];
}

interface Welcome extends Invitation {
  readonly token: string;
  /** Whether the person has chosen to replace the password of this address. */
  readonly replacing: boolean;
  readonly replace: () => void;
  readonly onDone: (session: Session) => void;
}

function welcome(given: Welcome): Child[] {
  const t = messages();
  const { email, password } = given;
  const signedIn = session.current?.user ?? null;
  const isSelf = signedIn !== null && signedIn.email === email;
  const heading = element('h1', { tabindex: -1 }, headingOf(given));
  const lead = (text: string) => element('p', { class: 'lead' }, text);
  const caution =
    signedIn === null || isSelf ? null : element('p', { class: 'caution' }, t.otherPerson(signedIn.name));
  if (password === 'new' || given.replacing) {
    return [heading, lead(leadOf(given)), ...membershipsOf(given), caution, newPasswordForm(given)];
  }
  if (isSelf) return [heading, lead(t.joinSignedInLead), signedInForm(given)];
  const other =
    password === 'either'
      ? element('p', {}, button(t.replaceOffer, given.replace, { class: 'button is-quiet' }))
      : element('p', { class: 'fine-print' }, t.notMine);
  return [heading, lead(t.joinLead), caution, joinForm(given), other];
}

function headingOf({ firstOperator, operator, organization }: Invitation): string {
  const t = messages();
  if (firstOperator) return t.setUpHeading;
  if (organization !== null) return t.inviteHeading(organization.name);
  return operator ? t.operatorHeading : t.inviteHeadingPlain;
}

function leadOf({ firstOperator, replacing }: Welcome): string {
  const t = messages();
  if (firstOperator) return t.setUpLead;
  return replacing ? t.replaceLead : t.inviteLead;
}

/** What else the new password opens. */
function membershipsOf({ memberships }: Invitation): Child[] {
  if (memberships.length === 0) return [];
  const names = memberships.map(({ name }) => element('li', {}, element('bdi', {}, name)));
  return [element('p', {}, messages().replaceMemberships), element('ul', {}, ...names)];
}

/** For a person who has a password here. */
function joinForm({ token, email: invited, onDone }: Welcome): HTMLElement {
  const t = messages();
  const email = emailField({ value: invited ?? '', readonly: true });
  const password = currentPassword(t.password);
  return form({
    name: 'join',
    fields: [password],
    content: [email.element, password.element],
    submit: t.accept,
    blame: { invalid_credentials: password },
    send: async () => {
      await redeemInvitation(token, { password: password.value });
      onDone(await sessionChanged());
    },
  });
}

/** For the person who is signed in. */
function signedInForm({ token, email, onDone }: Welcome): HTMLElement {
  return form({
    name: 'join',
    fields: [],
    content: [emailField({ value: email ?? '', readonly: true }).element],
    submit: messages().accept,
    send: async () => {
      await redeemInvitationSignedIn(token);
      onDone(await sessionChanged());
    },
  });
}

/** For a newcomer, or a person who replaces their password. */
function newPasswordForm(given: Welcome): HTMLElement {
  const t = messages();
  const { token, firstOperator, replacing, onDone } = given;
  const email = emailField(firstOperator ? {} : { value: given.email ?? '', readonly: true });
  const name = new Field({
    name: 'name',
    label: t.name,
    autocomplete: 'name',
    value: given.name ?? '',
  });
  const password = newPassword();
  return form({
    name: 'redeem',
    fields: [...(firstOperator ? [email] : []), ...(replacing ? [] : [name]), ...password.fields],
    content: [email.element, ...(replacing ? [] : [name.element]), password.element],
    submit: firstOperator ? t.setUp : t.accept,
    blame: { invalid_email: email, invalid_password: password.fields[0], invalid_credentials: email },
    sentences: { invalid_credentials: t.addressTaken },
    send: async () => {
      await redeemInvitation(token, {
        ...(firstOperator ? { email: email.value } : {}),
        ...(replacing ? { replacesPassword: true } : { name: name.value }),
        password: password.value,
      });
      onDone(await sessionChanged());
    },
  });
}
