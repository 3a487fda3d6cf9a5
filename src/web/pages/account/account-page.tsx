import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { Load } from '../../components/load.js';
import { announce } from '../../lib/announce.js';
import type { SectionName } from '../../lib/links.js';
import { Resource } from '../../lib/resource.js';
import { type Session, session, type User } from '../../lib/session.js';
import { messages } from '../../messages/account.js';
import { common } from '../../messages/common.js';
import { Forgot, Reset } from './forgot.js';
import { Keys } from './keys.js';
import { Log } from './log.js';
import { Organizations } from './organizations.js';
import { leaveLink, link } from './place.js';
import { Redeem } from './redeem.js';
import { SignIn } from './sign-in.js';
import { Unsubscribe } from './unsubscribe.js';
import { Users } from './users.js';
import { Webhooks } from './webhooks.js';
import { You } from './you.js';

/** The sections that the user may see, in order. */
function sectionsOf({ role, operator }: User): readonly SectionName[] {
  const owner = role === 'owner';
  return [
    'you',
    ...(owner ? (['users', 'keys', 'webhooks'] as const) : []),
    ...(owner || role === 'auditor' || operator ? (['log'] as const) : []),
    ...(operator ? (['organizations'] as const) : []),
  ];
}

/** The section of the address, if the user may see it. */
function sectionOf(user: User): SectionName {
  const wanted = link.value.kind === 'section' ? link.value.name : 'you';
  return sectionsOf(user).includes(wanted) ? wanted : 'you';
}

/** The title of the page. */
export function titleOf(): string {
  const t = messages();
  const { kind } = link.value;
  if (kind === 'setup') return t.setUpHeading;
  if (kind === 'invitation') return t.inviteHeadingPlain;
  if (kind === 'reset') return t.forgot.resetHeading;
  if (kind === 'unsubscribe') return t.digest.endHeading;
  if (session.current === null) return t.heading;
  const { user } = session.current;
  if (user !== null) return t.sections[sectionOf(user)];
  return kind === 'forgot' ? t.forgot.heading : common().signIn;
}

export function AccountPage() {
  const place = useRef<HTMLDivElement>(null);
  const { current } = session;
  const from = link.value;
  const user = current?.user ?? null;
  const hasLink = 'token' in from;
  const signedOut = from.kind === 'forgot' ? 'forgot' : 'sign-in';
  const shown = hasLink ? from.token : current === null ? null : (user?.id ?? signedOut);
  useFollowed(place, shown, user, hasLink || user === null ? '' : sectionOf(user));
  return (
    <div class="organization" ref={place}>
      {from.kind === 'reset' ? (
        <Reset key={from.token} token={from.token} onLeave={leaveLink} />
      ) : from.kind === 'unsubscribe' ? (
        <Unsubscribe key={from.token} token={from.token} onLeave={leaveLink} />
      ) : hasLink ? (
        <Redeem
          key={from.token}
          token={from.token}
          onDone={(organization) => {
            leaveLink();
            if (organization) location.assign('./#welcome');
          }}
          onLeave={leaveLink}
        />
      ) : current === null ? (
        <Unknown />
      ) : user === null ? (
        from.kind === 'forgot' ? (
          <Forgot />
        ) : (
          <SignIn />
        )
      ) : (
        <SignedIn key={`${user.id} ${user.organization?.id ?? ''}`} session={current} user={user} />
      )}
    </div>
  );
}

/** Moves the focus to the heading when something else is shown, and says who has signed in or out. */
function useFollowed(
  place: { readonly current: HTMLElement | null },
  shown: string | null,
  user: User | null,
  section: string,
): void {
  const before = useRef<{
    readonly shown: string;
    readonly section: string;
    readonly who: string | null;
  } | null>(null);
  useLayoutEffect(() => {
    if (shown === null) return;
    const last = before.current;
    const who = user?.id ?? null;
    before.current = { shown, section, who };
    if (last === null || (last.shown === shown && last.section === section)) return;
    const heading =
      place.current?.querySelector<HTMLElement>('h2[tabindex]') ??
      place.current?.querySelector<HTMLElement>('h1');
    heading?.focus();
    if (last.who === who) return;
    announce(user === null ? messages().signedOut : messages().signedIn(user.name));
  }, [shown, section]);
}

/** Until the session is loaded. */
function Unknown() {
  const loaded = useMemo(() => new Resource(() => session.load()), []);
  useEffect(() => void loaded.load(), [loaded]);
  return <Load of={loaded}>{() => null}</Load>;
}

function SignedIn({ session: { memberships }, user }: { readonly session: Session; readonly user: User }) {
  const t = messages();
  const sections = sectionsOf(user);
  const name = sectionOf(user);
  const content: Readonly<Record<SectionName, () => ComponentChildren>> = {
    you: () => <You memberships={memberships} user={user} />,
    users: () => <Users />,
    keys: () => <Keys />,
    webhooks: () => <Webhooks />,
    log: () => <Log />,
    organizations: () => <Organizations />,
  };
  return (
    <div class="page">
      <h1 tabIndex={-1}>{t.heading}</h1>
      {sections.length < 2 ? null : (
        <nav class="section-links" aria-label={t.sectionNavigation}>
          {sections.map((each) => (
            <a key={each} href={`#${each}`} aria-current={each === name ? 'page' : undefined}>
              {t.sections[each]}
            </a>
          ))}
        </nav>
      )}
      <h2 class={name === 'you' ? 'visually-hidden' : ''} tabIndex={-1}>
        {t.sections[name]}
      </h2>
      {content[name]()}
    </div>
  );
}
