import { confirmFirst, openDialog } from '../../components/dialog.js';
import { Field, form } from '../../components/form.js';
import { Loaded, problemLine, type ProblemLine } from '../../components/loaded.js';
import { announce, focusHeading, panel, type Section, tag } from '../../components/section.js';
import {
  addUser,
  createOrganization,
  inviteAgain,
  type IssuedInvitation,
  type Organization,
  organizations,
  type OrganizationUser,
  type Page,
  updateOrganization,
  users,
} from '../../lib/api.js';
import { button, element } from '../../lib/dom.js';
import { formatDate } from '../../lib/format.js';
import { emailField, limitSentences, limitsFields } from './fields.js';
import { entry, entryList, invitationPanel, managedSection } from './lists.js';
import { messages } from '../../messages/account.js';
import { common } from '../../messages/common.js';

function creationForm(
  onCreated: (organization: Organization) => Promise<void>,
  cancel: () => void,
): HTMLElement {
  const t = messages().organizations;
  const name = new Field({ name: 'name', label: messages().name, hint: t.nameHint });
  const limits = limitsFields(null);
  return form({
    name: 'organization',
    fields: [name, ...limits.fields],
    content: [name.element, limits.element],
    submit: t.create,
    cancel,
    send: async () => {
      await onCreated(await createOrganization({ name: name.value, limits: limits.value }));
    },
  });
}

function openChangeDialog(organization: Organization, onChanged: () => Promise<void>): void {
  const t = messages().organizations;
  openDialog(t.changeNamed(organization.name), (close) => {
    const name = new Field({ name: 'name', label: messages().name, value: organization.name });
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

type OnInvited = (name: string, invitation: IssuedInvitation) => void;

/** Invites the first owner of an organization, or creates a new link for an invited one. */
function ownerForm(organization: Organization, onInvited: OnInvited, cancel: () => void): Section {
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
          newOwner(organization, onInvited, cancel),
        ),
      ),
    );
    if (invited.state.kind === 'failed')
      own.append(button(common().close, cancel, { class: 'button is-quiet' }));
  };
  const invited = new Loaded(() => users(organization.id), show);
  const invitedRow = ({ id, name, email, createdAt }: OrganizationUser) => {
    const t = messages().users;
    const again = async () => {
      await problem.during(async () => {
        onInvited(name, (await inviteAgain(id, organization.id)).invitation);
      });
    };
    return entry({
      name,
      lines: [element('bdi', {}, email), t.invitedOn(formatDate(Date.parse(createdAt)))],
      actions: [button(t.inviteAgain, () => void again(), { 'aria-label': t.inviteAgainNamed(name) })],
    });
  };
  void invited.load();
  return { element: own, show };
}

function newOwner(organization: Organization, onInvited: OnInvited, cancel: () => void): HTMLElement {
  const t = messages().organizations;
  const name = new Field({ name: 'name', label: messages().name });
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
      if (invitation !== null) onInvited(user.name, invitation);
    },
  });
}

/** All organizations of the service, for administrators. */
export function organizationsSection(): Section {
  const section = managedSection({
    load: () => organizations(null),
    lead: () => messages().organizations.lead,
    add: () => messages().organizations.create,
    form: (close) => panel(messages().organizations.create, creationForm(created, close)),
    list: (page) => organizationList(page),
  });
  const refresh = async (done: string): Promise<void> => {
    await section.loaded.load();
    announce(done);
    focusHeading(document.body);
  };
  const showInvitation: OnInvited = (name, invitation) => {
    section.open((close) => invitationPanel(name, invitation, close));
  };
  const invite = (organization: Organization, isNew: boolean) => {
    const owner = ownerForm(organization, showInvitation, section.close);
    section.open(() => {
      const t = messages().organizations;
      owner.show();
      return panel(
        t.ownerHeading(organization.name),
        element('p', { class: 'hint' }, isNew ? t.created(organization.name) : t.ownerLead),
        owner.element,
      );
    });
  };
  const created = async (organization: Organization) => {
    invite(organization, true);
    announce(messages().organizations.created(organization.name));
    await section.loaded.load();
  };

  const organizationList = ({ items, next }: Page<Organization>): HTMLElement => {
    const t = messages().organizations;
    if (items.length === 0) return element('p', { class: 'panel is-empty' }, t.none);
    const more = async () => {
      await section.problem.during(async () => {
        const page = await organizations(next);
        section.loaded.change({ items: [...items, ...page.items], next: page.next });
      });
    };
    const actions = (organization: Organization) => [
      button(
        t.owner,
        () => {
          invite(organization, false);
        },
        { 'aria-label': t.ownerNamed(organization.name) },
      ),
      button(
        t.change,
        () => {
          openChangeDialog(organization, () => refresh(messages().organizations.changed(organization.name)));
        },
        { 'aria-label': t.changeNamed(organization.name) },
      ),
      ableButton(organization, section.problem, refresh),
    ];
    return element(
      'div',
      { class: 'panels' },
      entryList(items.map((organization) => organizationRow(organization, actions(organization)))),
      next === null
        ? null
        : element(
            'div',
            {},
            button(t.more, () => void more()),
          ),
    );
  };
  return section;
}

function organizationRow(organization: Organization, actions: readonly HTMLElement[]): HTMLElement {
  const t = messages().organizations;
  const limits = limitSentences(organization.limits);
  const facts = [
    t.since(formatDate(Date.parse(organization.createdAt))),
    ...(limits.length === 0 ? [t.noLimits] : limits),
  ];
  return entry({
    name: organization.name,
    tags: [organization.disabledAt === null ? null : tag(t.disabled, 'bad')],
    lines: [element('code', {}, organization.id)],
    facts,
    actions,
  });
}

function ableButton(
  { id, name, disabledAt }: Organization,
  problem: ProblemLine,
  refresh: (done: string) => Promise<void>,
): HTMLElement {
  const t = messages().organizations;
  const enable = async () => {
    if (await problem.during(() => updateOrganization(id, { disabled: false })))
      await refresh(t.enabledNow(name));
  };
  if (disabledAt !== null) {
    return button(t.enable, () => void enable(), { 'aria-label': t.enableNamed(name) });
  }
  const ask = () => {
    confirmFirst({
      heading: t.disableHeading(name),
      message: t.disableExplained,
      yes: t.disable,
      run: async () => {
        await updateOrganization(id, { disabled: true });
        await refresh(t.disabledNow(name));
      },
    });
  };
  return button(t.disable, ask, { class: 'button is-quiet', 'aria-label': t.disableNamed(name) });
}
