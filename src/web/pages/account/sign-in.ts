import { Field, form } from '../../components/form.js';
import { Loaded } from '../../components/loaded.js';
import type { Section } from '../../components/section.js';
import { inspectInvitation, type Invitation, redeemInvitation, signIn } from '../../lib/api.js';
import { type Child, element, present } from '../../lib/dom.js';
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
  const show = () => {
    const { state } = invitation;
    const bad = state.kind === 'failed' && state.error instanceof ProblemError && !state.error.temporary;
    own.replaceChildren(
      ...present(
        bad
          ? badLink(onLeave)
          : [invitation.view((found) => element('div', { class: 'page' }, ...welcome(token, found, onDone)))],
      ),
    );
  };
  const invitation = new Loaded(() => inspectInvitation(token), show);
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

function welcome(token: string, invitation: Invitation, onDone: (session: Session) => void): Child[] {
  const t = messages();
  const { firstOperator, hasPassword, organization } = invitation;
  const signedIn = session.current?.user ?? null;
  const heading = firstOperator
    ? t.setUpHeading
    : organization === null
      ? t.inviteHeadingPlain
      : t.inviteHeading(organization.name);
  const lead = firstOperator ? t.setUpLead : hasPassword ? t.joinLead : t.inviteLead;
  return [
    element('h1', { tabindex: -1 }, heading),
    element('p', { class: 'lead' }, lead),
    signedIn === null || signedIn.email === invitation.email
      ? null
      : element('p', { class: 'caution' }, t.otherPerson(signedIn.name)),
    hasPassword ? joinForm(token, invitation, onDone) : newcomerForm(token, invitation, onDone),
  ];
}

/** For a person who already has a password here. */
function joinForm(token: string, invitation: Invitation, onDone: (session: Session) => void): HTMLElement {
  const t = messages();
  const email = emailField({ value: invitation.email ?? '', readonly: true });
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

function newcomerForm(
  token: string,
  { firstOperator, email: invited, name: invitedName }: Invitation,
  onDone: (session: Session) => void,
): HTMLElement {
  const t = messages();
  const email = emailField(firstOperator ? {} : { value: invited ?? '', readonly: true });
  const name = new Field({
    name: 'name',
    label: t.name,
    autocomplete: 'name',
    value: invitedName ?? '',
  });
  const password = newPassword();
  return form({
    name: 'redeem',
    fields: [...(firstOperator ? [email] : []), name, ...password.fields],
    content: [email.element, name.element, password.element],
    submit: firstOperator ? t.setUp : t.accept,
    blame: { invalid_email: email, invalid_password: password.fields[0] },
    send: async () => {
      await redeemInvitation(token, {
        ...(firstOperator ? { email: email.value } : {}),
        name: name.value,
        password: password.value,
      });
      onDone(await sessionChanged());
    },
  });
}
