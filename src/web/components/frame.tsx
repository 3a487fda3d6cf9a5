import { effect, signal } from '@preact/signals';
import { type ComponentChildren, render } from 'preact';
import { announcement } from '../lib/announce.js';
import * as account from '../lib/account-api.js';
import * as api from '../lib/api.js';
import { Action } from '../lib/action.js';
import { guardFocus } from '../lib/focus.js';
import { counted } from '../lib/format.js';
import { language } from '../lib/language.js';
import { connection } from '../lib/request.js';
import { chooseOrganization, followOtherTabs, session, sessionChanged, type User } from '../lib/session.js';
import { followTheme } from '../lib/theme.js';
import { common } from '../messages/common.js';
import { Brand, LanguageSwitch, SkipLink, ThemeSwitch } from './brand.js';
import { Button } from './button.js';
import { Menu } from './menu.js';
import { Problem } from './problem.js';

export type PageName =
  | 'notarize'
  | 'verify'
  | 'register'
  | 'records'
  | 'explorer'
  | 'how'
  | 'account'
  | 'docs'
  | 'sign'
  | 'record';

/** How often the page checks whether an unreachable service is back. */
const LOOK_EVERY_MS = 5000;

/** The state of the chain, for the footer. */
const chain = signal<api.Chain | null>(null);

/** Reloads the state of the chain in the footer. */
export function refreshChain(): void {
  api.chain().then(
    (answer) => {
      chain.value = answer;
    },
    // The footer says that the service cannot be reached.
    () => undefined,
  );
}

/**
 * Mounts a page: header, content and footer.
 * @param title of the document, without the product's name, in the current language
 */
export function mountPage(page: PageName, title: () => string, content: ComponentChildren): void {
  const root = document.body;
  root.replaceChildren();
  followTheme();
  effect(() => {
    document.title = common().pageTitle(title());
  });
  effect(() => {
    document.documentElement.lang = language();
    // It was in another language.
    announcement.value = '';
  });
  render(<Frame page={page}>{content}</Frame>, root);
  guardFocus(root);
  let away = connection.offline;
  effect(() => {
    if (away && !connection.offline) {
      refreshChain();
      if (session.current === null) session.load().catch(() => undefined);
    }
    away = connection.offline;
  });
  window.addEventListener('online', refreshChain);
  window.addEventListener('offline', () => {
    connection.lost();
  });
  setInterval(() => {
    if (connection.offline) refreshChain();
  }, LOOK_EVERY_MS);
  refreshChain();
  followOtherTabs();
  session.load().catch(() => undefined);
}

interface FrameProps {
  readonly page: PageName;
  readonly children: ComponentChildren;
}

function Frame({ page, children }: FrameProps) {
  return (
    <>
      <header class="site-header">
        <SkipLink />
        <div class="site-header-inner">
          <a class="brand" href="./">
            <Brand />
          </a>
          <Navigation page={page} />
          <Visitor page={page} />
          <LanguageSwitch />
        </div>
      </header>
      <div class="notice-slot" role="status">
        {connection.offline ? <Away /> : null}
      </div>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
      <Footer page={page} />
      <span class="visually-hidden" role="status">
        {announcement.value}
      </span>
    </>
  );
}

function Navigation({ page }: { readonly page: PageName }) {
  const t = common();
  // Signed-in users have a register and records; on the pages themselves the links are always shown.
  const hasRegister = page === 'register' || session.seemsSignedIn;
  const hasRecords = page === 'records' || session.seemsSignedIn;
  const links = [
    ['notarize', './'],
    ['verify', './verify.html'],
    ...(hasRegister ? [['register', './register.html'] as const] : []),
    ...(hasRecords ? [['records', './records.html'] as const] : []),
    ['explorer', './explorer.html'],
    ['how', './how.html'],
  ] as const;
  return (
    <nav aria-label={t.mainNavigation} data-links={links.length}>
      {links.map(([name, address]) => (
        <a key={name} href={address} aria-current={name === page ? 'page' : undefined}>
          {t[name]}
        </a>
      ))}
      {links.length < CROWDED ? null : <MoreLinks page={page} of={links.slice(BEHIND)} />}
    </nav>
  );
}

/** So many links do not fit beside each other on a phone: those from the fifth on are behind a menu there. */
const CROWDED = 6;
const BEHIND = 4;

interface MoreLinksProps {
  readonly page: PageName;
  readonly of: readonly (readonly [name: Exclude<PageName, 'sign' | 'record'>, address: string])[];
}

/** Shown on narrow screens only, where the same links beside it are not. */
function MoreLinks({ page, of }: MoreLinksProps) {
  const t = common();
  const isHere = of.some(([name]) => name === page);
  return (
    <Menu class={isHere ? 'more-links is-here' : 'more-links'} tone="quiet" label={t.more}>
      {() =>
        of.map(([name, address]) => (
          <a key={name} href={address} aria-current={name === page ? 'page' : undefined}>
            {t[name]}
          </a>
        ))
      }
    </Menu>
  );
}

/** The way to sign in, or who is signed in. Empty until that is known, so that it does not change. */
function Visitor({ page }: { readonly page: PageName }) {
  const { current } = session;
  const user = current?.user ?? null;
  if (user !== null) return <AccountMenu user={user} />;
  if (current === null && page !== 'account') return null;
  return (
    <a class="account-link" href="./account.html" aria-current={page === 'account' ? 'page' : undefined}>
      {common().signIn}
    </a>
  );
}

const leaving = new Action();

async function signOut(): Promise<void> {
  const done = await leaving.run(async () => {
    await account.signOut();
    await sessionChanged();
  });
  if (done) document.querySelector<HTMLElement>('.account-link')?.focus();
}

function AccountMenu({ user }: { readonly user: User }) {
  const t = common();
  const memberships = session.current?.memberships ?? [];
  return (
    <Menu class="account-menu" tone="quiet" icon="person" label={user.name} name={t.accountOf(user.name)}>
      {(close) => (
        <>
          <a href="./account.html">{t.account}</a>
          {memberships.length < 2 ? null : (
            <div role="group" aria-label={t.organization}>
              {memberships.map(({ organization: { id, name } }) => (
                <Button
                  key={id}
                  tone="quiet"
                  aria-pressed={id === user.organization?.id}
                  onPress={() => {
                    void leaving.run(() => chooseOrganization(id));
                    close();
                  }}
                >
                  {name}
                </Button>
              ))}
            </div>
          )}
          <Button tone="quiet" held={leaving.busy} onPress={() => void signOut()}>
            {t.signOut}
          </Button>
          <Problem error={leaving.error.value} />
        </>
      )}
    </Menu>
  );
}

function Away() {
  const t = common();
  return (
    <div class="notice">
      <p>
        <strong>{t.serviceAway}</strong> {t.serviceAwayExplained}
      </p>
      <Button
        onPress={() => {
          connection.retryNow();
          refreshChain();
        }}
      >
        {t.tryNow}
      </Button>
    </div>
  );
}

function Footer({ page }: { readonly page: PageName }) {
  const t = common();
  return (
    <footer class={connection.offline ? 'site-footer is-away' : 'site-footer'}>
      <p class="fine-print">{t.notANotary}</p>
      <p class="chain-status">{connection.offline ? t.offline : chainSentence(chain.value)}</p>
      <div class="footer-links">
        <a href="./docs" aria-current={page === 'docs' ? 'page' : undefined}>
          {t.docs}
        </a>
        <ThemeSwitch />
      </div>
    </footer>
  );
}

function chainSentence(chain: api.Chain | null): string {
  if (chain === null) return '';
  const { origin, height, size } = chain;
  return height === null
    ? common().emptyChain(origin)
    : common().chain(origin, counted(height + 1), counted(size));
}
