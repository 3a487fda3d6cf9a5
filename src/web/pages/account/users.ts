import { button, element } from '../../lib/dom.js';
import { formatDate } from '../../lib/format.js';
import { session, sessionChanged } from '../../lib/session.js';
import { addUser, inviteAgain, removeUser, setRole, users, type OrganizationUser } from '../../lib/api.js';
import { confirmFirst, openDialog } from '../../components/dialog.js';
import { Field, form } from '../../components/form.js';
import { emailField, roleChoice } from './fields.js';
import { entry, entryList, invitationPanel, managedSection } from './lists.js';
import { announce, focusHeading, panel, type Section, tag } from '../../components/section.js';
import { messages } from '../../messages/account.js';

const organizationName = () => session.current?.user?.organization?.name ?? '';

/** The users of the organization. */
export function usersSection(): Section {
  const section = managedSection({
    load: users,
    lead: () => messages().users.lead(organizationName()),
    add: () => messages().users.add,
    form: (close) => addPanel(close),
    list: (found) => entryList(found.map(row)),
    sentences: () => ({ forbidden: messages().users.notYours }),
  });

  const addPanel = (close: () => void) => {
    const t = messages().users;
    const email = emailField({ autocomplete: 'off' });
    const name = new Field({ name: 'name', label: messages().name });
    const role = roleChoice('notary');
    return panel(
      t.add,
      form({
        name: 'add-user',
        fields: [name, email],
        content: [name.element, email.element, role.element],
        submit: t.addSubmit,
        cancel: close,
        blame: { invalid_email: email, user_exists: email },
        send: async () => {
          const { user, invitation } = await addUser({
            email: email.value,
            name: name.value,
            role: role.value,
          });
          await section.loaded.load();
          if (invitation === null) close();
          else section.open((done) => invitationPanel(user.name, invitation, done));
          announce(t.added(user.name));
        },
      }),
    );
  };

  const row = (user: OrganizationUser) => {
    const t = messages().users;
    const self = user.id === session.current?.user?.id;
    const date = formatDate(Date.parse(user.acceptedAt ?? user.createdAt));
    return entry({
      name: user.name,
      tags: [
        tag(messages().roles[user.role]),
        self ? tag(t.you, 'good') : null,
        user.acceptedAt === null ? tag(t.invited, 'doubt') : null,
        user.disabledAt === null ? null : tag(t.disabled, 'bad'),
      ],
      lines: [element('bdi', {}, user.email), user.acceptedAt === null ? t.invitedOn(date) : t.since(date)],
      actions: actions(user, self),
    });
  };

  const actions = (user: OrganizationUser, self: boolean) => {
    const t = messages().users;
    const again = async () => {
      const done = await section.problem.during(async () => {
        const { invitation } = await inviteAgain(user.id);
        section.open((close) => invitationPanel(user.name, invitation, close));
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
    if (section.element.isConnected) await section.loaded.load();
    announce(done);
    if (section.element.isConnected) focusHeading(document.body);
  };
  return section;
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
  const organization = organizationName();
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
