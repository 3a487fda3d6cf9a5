import { element } from '../dom.js';
import { words } from '../messages/account.js';
import { sessionChanged } from '../session/index.js';
import { signIn } from './calls.js';
import { emailField } from './email-field.js';
import { form } from '../parts/form.js';
import { currentPassword } from './password.js';

/** The page itself notices who has come in. */
export function signInView(): HTMLElement {
  const t = words();
  const email = emailField();
  const password = currentPassword(t.password);
  return element(
    'div',
    { class: 'page is-narrow' },
    element('h1', { tabindex: -1 }, t.signInHeading),
    element('p', { class: 'lead' }, t.signInLead),
    form({
      name: 'sign-in',
      fields: [email, password],
      content: [email.element, password.element],
      submit: t.signIn,
      // Which of the two is wrong is not said; the password is what one types anew.
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
