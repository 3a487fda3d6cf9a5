import { button, element, present } from '../../lib/dom.js';
import { formatDate } from '../../lib/format.js';
import { session, sessionChanged } from '../../lib/session.js';
import { addUser, inviteAgain, removeUser, setRole, users, type OrganizationUser } from '../../lib/api.js';
import { confirmFirst, openDialog } from '../../components/dialog.js';
import { Field, form } from '../../components/form.js';
import { emailField, invitationPanel, type Issued, roleChoice } from './fields.js';
import { Loaded, problemLine } from '../../components/loaded.js';
import { announce, focusHeading, type Section, tag } from '../../components/section.js';
import { messages } from '../../messages/account.js';

/** The users of the organization. */
export function usersSection(): Section {
  const own = element('div', { class: 'panels' });
  const problem = problemLine(() => ({ forbidden: messages().users.notYours }));
  let issued: Issued | null = null;
  let adding = false;
  const head = element('div', { class: 'panels' });
  const body = element('div', { class: 'panels' });
  own.append(head, body, problem.element);
  /** Separate from the list, which may be rebuilt while the user types here. */
  const showHead = () => {
    const t = messages().users;
    const organization = session.current?.user?.organization?.name ?? '';
    const done = () => {
      set(null, false);
    };
    head.replaceChildren(
      ...present([
        element('p', { class: 'hint' }, t.lead(organization)),
        issued === null ? null : invitationPanel(issued, done),
        adding ? addForm() : issued === null ? addButton() : null,
      ]),
    );
  };
  const showBody = () => {
    body.replaceChildren(
      list.view((found) => element('ul', { class: 'entries panel is-list' }, ...found.map(row))),
    );
  };
  const show = () => {
    showHead();
    showBody();
  };
  const set = (now: Issued | null, add: boolean) => {
    issued = now;
    adding = add;
    showHead();
    const first = own.querySelector<HTMLElement>(add ? 'form input' : '.is-once h3');
    (first ?? own.querySelector<HTMLElement>('.add'))?.focus();
  };
  const list = new Loaded(users, showBody);
  void list.load();

  const addButton = () =>
    button(
      messages().users.add,
      () => {
        set(null, true);
      },
      { class: 'button is-primary add' },
    );

  const addForm = () => {
    const t = messages().users;
    const email = emailField({ autocomplete: 'off' });
    const name = new Field({ name: 'name', label: messages().name });
    const role = roleChoice('notary');
    return element(
      'section',
      { class: 'panel' },
      element('h3', {}, t.add),
      form({
        name: 'add-user',
        fields: [name, email],
        content: [name.element, email.element, role.element],
        submit: t.addSubmit,
        cancel: () => {
          set(null, false);
        },
        blame: { invalid_email: email, user_exists: email },
        send: async () => {
          const { user, invitation } = await addUser({
            email: email.value,
            name: name.value,
            role: role.value,
          });
          await list.load();
          set(invitation === null ? null : { name: user.name, invitation }, false);
          announce(t.added(user.name));
        },
      }),
    );
  };

  const row = (user: OrganizationUser) => {
    const t = messages().users;
    const self = user.id === session.current?.user?.id;
    const date = formatDate(Date.parse(user.acceptedAt ?? user.createdAt));
    return element(
      'li',
      { class: 'entry' },
      element(
        'div',
        { class: 'entry-main' },
        element(
          'p',
          { class: 'entry-name' },
          element('bdi', {}, user.name),
          tag(messages().roles[user.role]),
          self ? tag(t.you, 'good') : null,
          user.acceptedAt === null ? tag(t.invited, 'doubt') : null,
          user.disabledAt === null ? null : tag(t.disabled, 'bad'),
        ),
        element('p', { class: 'hint' }, element('bdi', {}, user.email)),
        element('p', { class: 'hint' }, user.acceptedAt === null ? t.invitedOn(date) : t.since(date)),
      ),
      element('div', { class: 'entry-actions' }, ...actions(user, self)),
    );
  };

  const actions = (user: OrganizationUser, self: boolean) => {
    const t = messages().users;
    const again = async () => {
      const done = await problem.during(async () => {
        set({ name: user.name, invitation: (await inviteAgain(user.id)).invitation }, false);
      });
      if (done) announce(t.linkCreated(user.name));
    };
    return [
      ...(self ? [] : [linkButton(user, () => void again())]),
      button(
        t.changeRole,
        () => {
          changeRole(user, self, refresh);
        },
        { 'aria-label': t.changeRoleOf(user.name) },
      ),
      button(
        t.remove,
        () => {
          confirmRemoval(user, self, refresh);
        },
        { class: 'button is-quiet', 'aria-label': t.removeNamed(user.name) },
      ),
    ];
  };

  const refresh = async (self: boolean, done: string) => {
    // Users who change their own role may lose access to this section.
    if (self) await sessionChanged();
    if (own.isConnected) await list.load();
    announce(done);
    if (own.isConnected) focusHeading(document.body);
  };
  return { element: own, show };
}

/** A new invitation link, or a link to reset the password. */
function linkButton({ name, acceptedAt }: OrganizationUser, make: () => void): HTMLElement {
  const t = messages().users;
  return acceptedAt === null
    ? button(t.inviteAgain, make, { 'aria-label': t.inviteAgainNamed(name) })
    : button(t.resetPassword, make, { class: 'button is-quiet', 'aria-label': t.resetPasswordNamed(name) });
}

type Refresh = (self: boolean, done: string) => Promise<void>;

function changeRole(user: OrganizationUser, self: boolean, refresh: Refresh): void {
  const t = messages().users;
  openDialog(t.changeRoleHeading(user.name), (close) => {
    const role = roleChoice(user.role);
    return [
      form({
        name: 'role',
        fields: [],
        content: [role.element],
        submit: t.saveRole,
        cancel: close,
        send: async () => {
          await setRole(user.id, role.value);
          close();
          await refresh(self, t.roleChanged(user.name, messages().roles[role.value]));
        },
      }),
    ];
  });
}

function confirmRemoval(user: OrganizationUser, self: boolean, refresh: Refresh): void {
  const t = messages().users;
  const organization = session.current?.user?.organization?.name ?? '';
  confirmFirst({
    heading: self ? t.leaveHeading(organization) : t.removeHeading(user.name),
    message: self ? t.leaveExplained : t.removeExplained(organization),
    yes: self ? t.leave : t.remove,
    run: async () => {
      await removeUser(user.id);
      await refresh(self, t.removed(user.name));
    },
  });
}
