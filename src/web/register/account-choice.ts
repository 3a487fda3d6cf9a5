import { element, uniqueId } from '../dom.js';
import { words } from '../messages/register.js';
import { form } from '../parts/form.js';
import { announce } from '../parts/section.js';
import { chooseAccount, type Session } from '../session/index.js';

/** For people of several accounts: whose register they see is whom they act for, on every page. */
export function accountChoice({ memberships, user }: Session): HTMLElement | null {
  const others = memberships.some(({ account }) => account.id !== user?.account?.id);
  if (!others) return null;
  const t = words();
  const select = element(
    'select',
    { class: 'input', id: uniqueId('account'), name: 'account' },
    ...memberships.map(({ account }) => element('option', { value: account.id }, account.name)),
  );
  if (user?.account != null) select.value = user.account.id;
  return element(
    'div',
    { class: 'account-choice' },
    form({
      name: 'account',
      fields: [],
      content: [element('div', { class: 'field' }, element('label', { for: select.id }, t.account), select)],
      submit: t.chooseAccount,
      secondary: user?.account != null,
      send: async () => {
        const { user: now } = await chooseAccount(select.value);
        announce(words().actsFor(now?.account?.name ?? ''));
      },
    }),
  );
}
