import { button, element, present } from '../dom.js';
import { words } from '../messages/account.js';
import { youWords } from '../messages/account-you.js';
import { ownProblem } from '../resources.js';
import { chooseOrganization, session, sessionChanged, type Session, type User } from '../session/index.js';
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
        organizationsPanel(current, current.user),
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

function organizationsPanel({ memberships }: Session, user: User): HTMLElement {
  const t = youWords();
  const { roles } = words();
  const [only] = memberships;
  if (only === undefined) {
    return panel(
      t.organizationsHeading,
      element('p', {}, user.operator ? t.noOrganizationsOperator : t.noOrganizations),
    );
  }
  if (memberships.length === 1 && user.organization?.id === only.organization.id) {
    return panel(
      t.organizationsHeading,
      element('p', {}, t.onlyOrganization(only.organization.name, roles[only.role])),
    );
  }
  const choices = memberships.map(({ organization, role }) =>
    choice(organization.id, organization.name, roles[role], user),
  );
  const chosen = () => choices.find(({ input }) => input.checked)?.input.value ?? '';
  const chooser = form({
    name: 'organization',
    fields: [],
    content: [
      element(
        'fieldset',
        { class: 'choices' },
        element('legend', { class: 'visually-hidden' }, t.organizationsHeading),
        ...choices.map((each) => each.element),
      ),
    ],
    submit: t.choose,
    send: async () => {
      if (chosen() === '') throw ownProblem('no_choice');
      const { user: now } = await chooseOrganization(chosen());
      announce(t.acts(now?.organization?.name ?? ''));
    },
  });
  return panel(t.organizationsHeading, element('p', { class: 'hint' }, t.organizationsLead), chooser);
}

function choice(id: string, name: string, role: string, user: User) {
  const input = element('input', {
    type: 'radio',
    name: 'organization',
    value: id,
    id: `organization-${id}`,
  });
  input.checked = user.organization?.id === id;
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
