import { button, element, present } from '../dom.js';
import { words } from '../messages/account.js';
import { youWords } from '../messages/account-you.js';
import { ownProblem } from '../resources.js';
import { chooseAccount, session, sessionChanged, type Session, type User } from '../session/index.js';
import { changePassword, signOut } from './calls.js';
import { Field } from '../parts/field.js';
import { form } from '../parts/form.js';
import { currentPassword, newPassword } from './password.js';
import { announce, focusHeading, panel, type Section } from '../parts/section.js';
import { sessionsPanel } from './sessions-view.js';
import { tag } from '../parts/tag.js';

/** Who one is, for whom one acts, one's password, and where one is signed in. */
export function youSection(): Section {
  const own = element('div', { class: 'panels' });
  const sessions = sessionsPanel();
  const show = () => {
    const { current } = session;
    if (current?.user == null) return;
    sessions.show();
    own.replaceChildren(
      ...present([
        identity(current.user),
        accountsPanel(current, current.user),
        // People of another issuer have their password and their sessions there.
        current.user.email === null ? null : passwordPanel(current.user.email, sessions.reload),
        sessions.element,
      ]),
    );
  };
  return { element: own, show };
}

function identity({ name, email, operator }: User): HTMLElement {
  const t = words();
  const leave = button(youWords().signOut, () => {
    leave.setAttribute('aria-disabled', 'true');
    // Whatever the service answers: the page shows what it finds afterwards.
    signOut()
      .catch(() => undefined)
      .then(sessionChanged)
      .catch(() => undefined)
      .finally(() => {
        leave.removeAttribute('aria-disabled');
      });
  });
  return element(
    'section',
    { class: 'panel identity' },
    element(
      'div',
      {},
      element(
        'h3',
        { tabindex: -1 },
        element('bdi', {}, name),
        operator ? ' ' : null,
        operator ? tag(t.operator) : null,
      ),
      email === null ? null : element('p', { class: 'hint' }, email),
    ),
    leave,
  );
}

function accountsPanel({ memberships }: Session, user: User): HTMLElement {
  const t = youWords();
  const { roles } = words();
  const [only] = memberships;
  if (only === undefined) {
    return panel(t.accountsHeading, element('p', {}, user.operator ? t.noAccountsOperator : t.noAccounts));
  }
  if (memberships.length === 1 && user.account?.id === only.account.id) {
    return panel(t.accountsHeading, element('p', {}, t.onlyAccount(only.account.name, roles[only.role])));
  }
  const choices = memberships.map(({ account, role }) => choice(account.id, account.name, roles[role], user));
  const chosen = () => choices.find(({ input }) => input.checked)?.input.value ?? '';
  const chooser = form({
    name: 'account',
    fields: [],
    content: [
      element(
        'fieldset',
        { class: 'choices' },
        element('legend', { class: 'visually-hidden' }, t.accountsHeading),
        ...choices.map((each) => each.element),
      ),
    ],
    submit: t.choose,
    send: async () => {
      if (chosen() === '') throw ownProblem('no_choice');
      const { user: now } = await chooseAccount(chosen());
      announce(t.acts(now?.account?.name ?? ''));
    },
  });
  return panel(t.accountsHeading, element('p', { class: 'hint' }, t.accountsLead), chooser);
}

function choice(id: string, name: string, role: string, user: User) {
  const input = element('input', { type: 'radio', name: 'account', value: id, id: `account-${id}` });
  input.checked = user.account?.id === id;
  const label = element('label', { for: input.id }, element('bdi', {}, name));
  return { input, element: element('div', { class: 'choice' }, input, label, element('p', {}, role)) };
}

function passwordPanel(email: string, reloadSessions: () => void): HTMLElement {
  const t = youWords();
  const body = element('div', {});
  // Password managers want to know whose password it is.
  const whose = new Field({
    name: 'email',
    label: t.email,
    type: 'email',
    autocomplete: 'username',
    readonly: true,
    value: email,
  });
  const fill = () => {
    const current = currentPassword(t.currentPassword);
    const next = newPassword();
    const change = form({
      name: 'password',
      fields: [current, ...next.fields],
      content: [element('div', { hidden: true }, whose.element), current.element, next.element],
      submit: t.changePassword,
      blame: { invalid_password: next.fields[0], invalid_credentials: current },
      sentences: { invalid_credentials: t.wrongPassword },
      send: async () => {
        await changePassword(current.value, next.value);
        await sessionChanged();
        announce(t.passwordChanged);
        reloadSessions();
        fill();
        body.prepend(element('p', { class: 'done' }, t.passwordChanged));
        const section = body.closest<HTMLElement>('section');
        if (section !== null) focusHeading(section);
      },
    });
    body.replaceChildren(change);
  };
  fill();
  return panel(
    t.passwordHeading,
    element('p', { class: 'hint' }, t.passwordLead),
    disclosure(t.changePassword, body),
  );
}

function disclosure(summary: string, body: HTMLElement): HTMLElement {
  return element('details', {}, element('summary', {}, summary), body);
}
