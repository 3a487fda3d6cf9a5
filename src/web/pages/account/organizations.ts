import { confirmFirst, openDialog } from '../../components/dialog.js';
import { Field, form } from '../../components/form.js';
import { Loaded, problemLine, type ProblemLine } from '../../components/loaded.js';
import { announce, focusHeading, type Section, tag } from '../../components/section.js';
import {
  addUser,
  createOrganization,
  inviteAgain,
  type Organization,
  organizations,
  type Page,
  updateOrganization,
  users,
} from '../../lib/api.js';
import { button, element } from '../../lib/dom.js';
import { formatDate } from '../../lib/format.js';
import { emailField, invitationPanel, type Issued, limitSentences, limitsFields } from './fields.js';
import { messages } from '../../messages/account.js';
import { common } from '../../messages/common.js';

/** The administrator's forms for organizations. */

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

/** Invites the first owner of an organization, or creates a new link for an invited one. */
function ownerForm(
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
      own.append(button(common().close, cancel, { class: 'button is-quiet' }));
  };
  const invited = new Loaded(() => users(organization.id), show);
  const invitedRow = ({ id, name, email, createdAt }: Awaited<ReturnType<typeof users>>[number]) => {
    const t = messages().users;
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
      if (invitation !== null) onIssued({ name: user.name, invitation });
    },
  });
}

/** What the head of the section shows. */
type Doing =
  | { readonly kind: 'nothing' | 'creating' }
  | {
      readonly kind: 'inviting';
      readonly organization: Organization;
      readonly isNew: boolean;
      readonly form: Section;
    }
  | { readonly kind: 'issued'; readonly issued: Issued };

/** All organizations of the service, for administrators. */
export function organizationsSection(): Section {
  const own = element('div', { class: 'panels' });
  const problem = problemLine();
  let doing: Doing = { kind: 'nothing' };
  const head = element('div', { class: 'panels' });
  const body = element('div', { class: 'panels' });
  own.append(head, body, problem.element);
  /** Separate from the list, which may be rebuilt while the user types here. */
  const showHead = () => {
    head.replaceChildren(element('p', { class: 'hint' }, messages().organizations.lead), headOf(doing));
  };
  const showBody = () => {
    body.replaceChildren(list.view(organizationList));
  };
  const show = () => {
    showHead();
    showBody();
  };
  const list = new Loaded(() => organizations(null), showBody);
  void list.load();
  const become = (now: Doing) => {
    doing = now;
    showHead();
    const first = { nothing: '.add', creating: 'form input', inviting: '.panel h3', issued: '.is-once h3' };
    own.querySelector<HTMLElement>(first[now.kind])?.focus();
  };
  const rest = () => {
    become({ kind: 'nothing' });
  };
  const issued = (found: Issued) => {
    become({ kind: 'issued', issued: found });
  };
  const refresh = async (done: string) => {
    await list.load();
    announce(done);
    focusHeading(document.body);
  };

  const headOf = (now: Doing) => {
    const t = messages().organizations;
    switch (now.kind) {
      case 'nothing':
        return button(
          t.create,
          () => {
            become({ kind: 'creating' });
          },
          { class: 'button is-primary add' },
        );
      case 'creating':
        return headPanel(t.create, null, creationForm(created, rest));
      case 'inviting': {
        const { organization, isNew, form } = now;
        form.show();
        const said = isNew ? t.created(organization.name) : t.ownerLead;
        return headPanel(t.ownerHeading(organization.name), said, form.element);
      }
      case 'issued':
        return invitationPanel(now.issued, rest);
    }
  };
  const invite = (organization: Organization, isNew: boolean) => {
    become({ kind: 'inviting', organization, isNew, form: ownerForm(organization, issued, rest) });
  };
  const created = async (organization: Organization) => {
    invite(organization, true);
    announce(messages().organizations.created(organization.name));
    await list.load();
  };

  const organizationList = ({ items, next }: Page<Organization>) => {
    const t = messages().organizations;
    if (items.length === 0) return element('p', { class: 'panel is-empty' }, t.none);
    const more = async () => {
      await problem.during(async () => {
        const page = await organizations(next);
        list.change({ items: [...items, ...page.items], next: page.next });
      });
    };
    return element(
      'div',
      { class: 'panels' },
      element(
        'ul',
        { class: 'entries panel is-list' },
        ...items.map((organization) =>
          organizationRow(organization, [
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
                openChangeDialog(organization, () =>
                  refresh(messages().organizations.changed(organization.name)),
                );
              },
              { 'aria-label': t.changeNamed(organization.name) },
            ),
            ableButton(organization, problem, refresh),
          ]),
        ),
      ),
      next === null
        ? null
        : element(
            'div',
            {},
            button(t.more, () => void more()),
          ),
    );
  };
  return { element: own, show };
}

function headPanel(heading: string, said: string | null, body: HTMLElement): HTMLElement {
  return element(
    'section',
    { class: 'panel' },
    element('h3', { tabindex: -1 }, heading),
    said === null ? null : element('p', { class: 'hint' }, said),
    body,
  );
}

function organizationRow(organization: Organization, actions: readonly HTMLElement[]): HTMLElement {
  const t = messages().organizations;
  const limits = limitSentences(organization.limits);
  const facts = [
    t.since(formatDate(Date.parse(organization.createdAt))),
    ...(limits.length === 0 ? [t.noLimits] : limits),
  ];
  return element(
    'li',
    { class: 'entry' },
    element(
      'div',
      { class: 'entry-main' },
      element(
        'p',
        { class: 'entry-name' },
        element('bdi', {}, organization.name),
        organization.disabledAt === null ? null : tag(t.disabled, 'bad'),
      ),
      element('p', { class: 'hint' }, element('code', {}, organization.id)),
      element('ul', { class: 'entry-facts hint' }, ...facts.map((fact) => element('li', {}, fact))),
    ),
    element('div', { class: 'entry-actions' }, ...actions),
  );
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
