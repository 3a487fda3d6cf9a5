import { button, element } from '../dom.js';
import { partWords } from '../messages/parts.js';
import { formatDate } from '../format.js';
import { organizationsWords } from '../messages/account-accounts.js';
import { usersWords } from '../messages/account-users.js';
import {
  addUser,
  createOrganization,
  inviteAgain,
  updateOrganization,
  users,
  type Organization,
} from './calls.js';
import { openDialog } from '../parts/dialog.js';
import { Field } from '../parts/field.js';
import { emailField } from './email-field.js';
import { form } from '../parts/form.js';
import type { Issued } from './invitation-panel.js';
import { limitsFields } from './limits-fields.js';
import { Loaded } from '../parts/loaded.js';
import { problemLine } from '../parts/problem-line.js';
import type { Section } from '../parts/section.js';

/** The forms in which an operator makes and changes organizations. */

export function creationForm(
  onCreated: (organization: Organization) => Promise<void>,
  cancel: () => void,
): HTMLElement {
  const t = organizationsWords();
  const name = new Field({ name: 'name', label: t.name, hint: t.nameHint });
  const limits = limitsFields(null);
  return form({
    name: 'organization',
    fields: [name, ...limits.fields],
    content: [name.element, limits.element],
    submit: t.createSubmit,
    cancel,
    send: async () => {
      await onCreated(await createOrganization({ name: name.value, limits: limits.value }));
    },
  });
}

export function openChangeDialog(organization: Organization, onChanged: () => Promise<void>): void {
  const t = organizationsWords();
  openDialog(t.changeHeading(organization.name), (close) => {
    const name = new Field({ name: 'name', label: t.name, value: organization.name });
    const limits = limitsFields(organization.limits);
    return [
      form({
        name: 'change-organization',
        fields: [name, ...limits.fields],
        content: [name.element, limits.element],
        submit: t.save,
        cancel: close,
        send: async () => {
          await updateOrganization(organization.id, { name: name.value, limits: limits.value });
          close();
          await onChanged();
        },
      }),
    ];
  });
}

/** Invites an organization's first owner; those who were invited and have not come can be sent a new link. */
export function ownerForm(
  organization: Organization,
  onIssued: (issued: Issued) => void,
  cancel: () => void,
): Section {
  const own = element('div', {});
  const problem = problemLine();
  const show = () => {
    own.replaceChildren(
      invited.view((list) =>
        element(
          'div',
          { class: 'panels' },
          list.length === 0 ? null : element('ul', { class: 'entries' }, ...list.map(invitedRow)),
          problem.element,
          newOwner(organization, onIssued, cancel),
        ),
      ),
    );
    if (invited.state.kind === 'failed')
      own.append(button(partWords().close, cancel, { class: 'button is-quiet' }));
  };
  const invited = new Loaded(() => users(organization.id), show);
  const invitedRow = ({ id, name, email, createdAt }: Awaited<ReturnType<typeof users>>[number]) => {
    const t = usersWords();
    const again = async () => {
      await problem.during(async () => {
        onIssued({ name, invitation: (await inviteAgain(id, organization.id)).invitation });
      });
    };
    return element(
      'li',
      { class: 'entry' },
      element(
        'div',
        { class: 'entry-main' },
        element('p', { class: 'entry-name' }, element('bdi', {}, name)),
        element('p', { class: 'hint' }, element('bdi', {}, email)),
        element('p', { class: 'hint' }, t.invitedOn(formatDate(Date.parse(createdAt)))),
      ),
      button(t.inviteAgain, () => void again(), { 'aria-label': t.inviteAgainNamed(name) }),
    );
  };
  void invited.load();
  return { element: own, show };
}

function newOwner(
  organization: Organization,
  onIssued: (issued: Issued) => void,
  cancel: () => void,
): HTMLElement {
  const t = organizationsWords();
  const name = new Field({ name: 'name', label: t.ownerName });
  const email = emailField({ autocomplete: 'off' });
  return form({
    name: 'owner',
    fields: [name, email],
    content: [name.element, email.element],
    submit: t.ownerSubmit,
    cancel,
    blame: { invalid_email: email, user_exists: email },
    send: async () => {
      const owner = { name: name.value, email: email.value, role: 'owner' } as const;
      const { user, invitation } = await addUser(owner, organization.id);
      if (invitation !== null) onIssued({ name: user.name, invitation });
    },
  });
}
