import { button, element } from '../dom.js';
import { formatDate } from '../format.js';
import { accountsWords } from '../messages/account-accounts.js';
import { creationForm, openChangeDialog, ownerForm } from './account-forms.js';
import { accounts, updateAccount, type Account, type Page } from './calls.js';
import { confirmFirst } from '../parts/dialog.js';
import { invitationPanel, type Issued } from './invitation-panel.js';
import { limitSentences } from './limits-fields.js';
import { Loaded } from '../parts/loaded.js';
import { problemLine, type ProblemLine } from '../parts/problem-line.js';
import { announce, focusHeading, type Section } from '../parts/section.js';
import { tag } from '../parts/tag.js';

/** What is being done at the head of the section. */
type Doing =
  | { readonly kind: 'nothing' | 'creating' }
  | { readonly kind: 'inviting'; readonly account: Account; readonly isNew: boolean; readonly form: Section }
  | { readonly kind: 'issued'; readonly issued: Issued };

/** All accounts of the service, for its operators. */
export function accountsSection(): Section {
  const own = element('div', { class: 'panels' });
  const problem = problemLine();
  let doing: Doing = { kind: 'nothing' };
  const head = element('div', { class: 'panels' });
  const body = element('div', { class: 'panels' });
  own.append(head, body, problem.element);
  /** Apart from the list, which may arrive while somebody types here. */
  const showHead = () => {
    head.replaceChildren(element('p', { class: 'hint' }, accountsWords().lead), headOf(doing));
  };
  const showBody = () => {
    body.replaceChildren(list.view(accountList));
  };
  const show = () => {
    showHead();
    showBody();
  };
  const list = new Loaded(() => accounts(null), showBody);
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
    const t = accountsWords();
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
        return headPanel(t.createHeading, null, creationForm(created, rest));
      case 'inviting': {
        const { account, isNew, form } = now;
        form.show();
        const said = isNew ? t.created(account.name) : t.ownerLead;
        return headPanel(t.ownerHeading(account.name), said, form.element);
      }
      case 'issued':
        return invitationPanel(now.issued, rest);
    }
  };
  const invite = (account: Account, isNew: boolean) => {
    become({ kind: 'inviting', account, isNew, form: ownerForm(account, issued, rest) });
  };
  const created = async (account: Account) => {
    invite(account, true);
    announce(accountsWords().created(account.name));
    await list.load();
  };

  const accountList = ({ items, next }: Page<Account>) => {
    const t = accountsWords();
    if (items.length === 0) return element('p', { class: 'panel is-empty' }, t.none);
    const more = async () => {
      await problem.during(async () => {
        const page = await accounts(next);
        list.change({ items: [...items, ...page.items], next: page.next });
      });
    };
    return element(
      'div',
      { class: 'panels' },
      element(
        'ul',
        { class: 'entries panel is-list' },
        ...items.map((account) =>
          accountRow(account, [
            button(
              t.owner,
              () => {
                invite(account, false);
              },
              { 'aria-label': t.ownerNamed(account.name) },
            ),
            button(
              t.change,
              () => {
                openChangeDialog(account, () => refresh(accountsWords().changed(account.name)));
              },
              { 'aria-label': t.changeNamed(account.name) },
            ),
            ableButton(account, problem, refresh),
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

function accountRow(account: Account, actions: readonly HTMLElement[]): HTMLElement {
  const t = accountsWords();
  const limits = limitSentences(account.limits);
  const facts = [
    t.since(formatDate(Date.parse(account.createdAt))),
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
        element('bdi', {}, account.name),
        account.disabledAt === null ? null : tag(t.disabled, 'bad'),
      ),
      element('p', { class: 'hint' }, element('code', {}, account.id)),
      element('ul', { class: 'entry-facts hint' }, ...facts.map((fact) => element('li', {}, fact))),
    ),
    element('div', { class: 'entry-actions' }, ...actions),
  );
}

function ableButton(
  { id, name, disabledAt }: Account,
  problem: ProblemLine,
  refresh: (done: string) => Promise<void>,
): HTMLElement {
  const t = accountsWords();
  const enable = async () => {
    if (await problem.during(() => updateAccount(id, { disabled: false }))) await refresh(t.enabledNow(name));
  };
  if (disabledAt !== null) {
    return button(t.enable, () => void enable(), { 'aria-label': t.enableNamed(name) });
  }
  const ask = () => {
    confirmFirst({
      heading: t.disableHeading(name),
      says: t.disableExplained,
      yes: t.disable,
      run: async () => {
        await updateAccount(id, { disabled: true });
        await refresh(t.disabledNow(name));
      },
    });
  };
  return button(t.disable, ask, { class: 'button is-quiet', 'aria-label': t.disableNamed(name) });
}
