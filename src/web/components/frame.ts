import { liveRegion, type Render } from './section.js';
import * as api from '../lib/api.js';
import type { Chain } from '../lib/api.js';
import { button, element, icon, setText } from '../lib/dom.js';
import { counted } from '../lib/format.js';
import { language, onLanguageChange } from '../lib/language.js';
import { connection } from '../lib/request.js';
import { followOtherTabs, session } from '../lib/session.js';
import { brandParts, languageSwitch, skipLink } from './frame-parts.js';
import { common } from '../messages/common.js';

type PageName = 'notarize' | 'verify' | 'register' | 'explorer' | 'how' | 'account' | 'docs';

/** How often the page checks whether an unreachable service is back. */
const LOOK_EVERY_MS = 5000;

interface Frame {
  /** Rebuilds the content. */
  readonly show: () => void;
  /** Reloads the state of the chain in the footer. */
  readonly refreshChain: () => void;
}

/** Mounts header, footer and content of a page. `render` is called again whenever the language changes. */
export function mountFrame(page: PageName, render: Render): Frame {
  const main = element('main', { id: 'content', tabindex: -1 });
  const header = element('header', { class: 'site-header' });
  const notice = element('div', { class: 'notice-slot', role: 'status' });
  const footer = element('footer', { class: 'site-footer' });
  const status = element('p', { class: 'chain-status' });
  let chain: Chain | null = null;

  const showStatus = () => {
    footer.classList.toggle('is-away', connection.offline);
    setText(status, connection.offline ? common().offline : chain === null ? '' : chainSentence(chain));
    notice.replaceChildren(...(connection.offline ? [awayNotice()] : []));
  };
  const show = () => {
    const { title, content } = render();
    document.title = common().pageTitle(title);
    document.documentElement.lang = language();
    header.replaceChildren(...headerParts(page));
    main.replaceChildren(content);
    footer.replaceChildren(
      element('p', { class: 'fine-print' }, common().notANotary),
      status,
      element(
        'p',
        { class: 'footer-links' },
        element(
          'a',
          { href: './docs', ...(page === 'docs' ? { 'aria-current': 'page' } : {}) },
          common().docs,
        ),
      ),
    );
    showStatus();
  };
  const look = () => {
    api.chain().then(
      (answer) => {
        chain = answer;
        showStatus();
      },
      () => {
        showStatus();
      },
    );
  };

  document.body.append(header, notice, main, footer, liveRegion());
  onLanguageChange(show);
  connection.onChange(() => {
    showStatus();
    if (connection.offline) return;
    look();
    if (session.current === null) session.load().catch(() => undefined);
  });
  window.addEventListener('online', look);
  window.addEventListener('offline', () => {
    connection.lost();
  });
  setInterval(() => {
    if (connection.offline) look();
  }, LOOK_EVERY_MS);
  session.onChange(() => {
    showVisitor(page);
  });
  show();
  look();
  followOtherTabs();
  session.load().catch(() => undefined);
  return { show, refreshChain: look };
}

function headerParts(page: PageName): HTMLElement[] {
  const t = common();
  const link = (name: Exclude<PageName, 'account'>, address: string) =>
    element('a', { href: address, ...(name === page ? { 'aria-current': 'page' } : {}) }, t[name]);
  const registerLink = link('register', './register.html');
  registerLink.classList.add('register-link');
  registerLink.hidden = !hasRegister(page);
  return [
    skipLink(),
    element(
      'div',
      { class: 'site-header-inner' },
      element('a', { class: 'brand', href: './' }, ...brandParts()),
      element(
        'nav',
        { 'aria-label': t.mainNavigation },
        link('notarize', './'),
        link('verify', './verify.html'),
        registerLink,
        link('explorer', './explorer.html'),
        link('how', './how.html'),
      ),
      accountLink(page),
      languageSwitch(),
    ),
  ];
}

/** The link to sign-in or to the account. Hidden until the session is loaded, so that it does not change. */
function accountLink(page: PageName): HTMLElement {
  const t = common();
  const { current } = session;
  const name = current?.user?.name ?? null;
  const link = element('a', {
    class: 'account-link',
    href: './account.html',
    ...(page === 'account' ? { 'aria-current': 'page' } : {}),
    ...(name === null ? {} : { 'aria-label': t.accountOf(name) }),
  });
  if (name !== null) link.append(icon('person'), element('span', {}, name));
  else if (current !== null || page === 'account') link.append(t.signIn);
  else link.hidden = true;
  return link;
}

/** Signed-in users have a register; on its own page the link is always shown. */
function hasRegister(page: PageName): boolean {
  return page === 'register' || session.seemsSignedIn;
}

/** Updates only the links, so that the focus in the header is kept. */
function showVisitor(page: PageName): void {
  const register = document.querySelector<HTMLElement>('.register-link');
  if (register !== null) register.hidden = !hasRegister(page);
  const shown = document.querySelector('.account-link');
  const hadFocus = shown !== null && shown === document.activeElement;
  const link = accountLink(page);
  shown?.replaceWith(link);
  if (hadFocus) link.focus();
}

function awayNotice(): HTMLElement {
  const t = common();
  return element(
    'div',
    { class: 'notice' },
    element('p', {}, element('strong', {}, t.serviceAway), ' ', t.serviceAwayExplained),
    button(t.tryNow, () => {
      connection.retryNow();
      void api.chain().catch(() => undefined);
    }),
  );
}

function chainSentence({ origin, height, size }: Chain): string {
  const t = common();
  return height === null ? t.emptyChain(origin) : t.chain(origin, counted(height + 1), counted(size));
}
