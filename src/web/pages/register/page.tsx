import { computed, signal, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { EmptyState } from '../../components/empty-state.js';
import { Form, Select } from '../../components/fields.js';
import { mountPage } from '../../components/frame.js';
import { announce } from '../../lib/announce.js';
import { signInLink } from '../../lib/links.js';
import { chooseOrganization, session, type Session } from '../../lib/session.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/register.js';
import { DocumentView } from './document.js';
import { HoldsView } from './holds.js';
import { ListView } from './list.js';
import { parsePlace, type Place, placeAddress } from './query.js';
import { Results } from './results.js';
import { documentName } from './row.js';

const place = signal<Place>(parsePlace(location.hash));
/** The name of the document that is shown, for the title of the page. */
const shownName = signal<string | null>(null);

/** Who looks at which register; another person or organization begins anew. */
const visitor = computed(() => {
  const user = session.current?.user ?? null;
  return user?.organization == null ? null : `${user.id} ${user.organization.id} ${user.role ?? ''}`;
});

function Page() {
  const { current } = session;
  if (current === null)
    return (
      <Headed>
        <p class="hint">{common().loading}</p>
      </Headed>
    );
  if (current.user === null) return <SignedOut />;
  if (visitor.value === null) return <NoOrganization of={current} />;
  return <Register key={visitor.value} session={current} />;
}

function Headed({ children }: { readonly children: ComponentChildren }) {
  return (
    <div class="page">
      <h1 tabIndex={-1}>{common().register}</h1>
      {children}
    </div>
  );
}

/** Signing in leads back to the requested place. */
function SignedOut() {
  const t = messages();
  return (
    <Headed>
      <EmptyState heading={t.signInFirst} message={t.signInExplained} icon="person">
        <a class="button is-primary" href={signInLink('register', placeAddress(place.value).slice(1))}>
          {common().signIn}
        </a>
      </EmptyState>
    </Headed>
  );
}

function NoOrganization({ of }: { readonly of: Session }) {
  const t = messages();
  const several = of.memberships.length > 0;
  return (
    <Headed>
      <EmptyState
        heading={t.noOrganization}
        message={several ? t.noOrganizationChoose : t.noOrganizationExplained}
        icon="person"
      >
        {several ? (
          <OrganizationChoice of={of} />
        ) : (
          <a class="button is-primary" href="./account.html">
            {common().openAccount}
          </a>
        )}
      </EmptyState>
    </Headed>
  );
}

/** For people without a current organization; others choose it in the header. */
function OrganizationChoice({ of }: { readonly of: Session }) {
  const t = messages();
  const names = of.memberships.map(({ organization: { id, name } }) => [id, name] as const);
  const chosen = useSignal(names[0]?.[0] ?? '');
  return (
    <Form
      name="organization"
      fields={[]}
      submit={t.chooseOrganization}
      send={async () => {
        const { user } = await chooseOrganization(chosen.value);
        announce(messages().chosen(user?.organization?.name ?? ''));
      }}
    >
      <Select
        name="organization"
        label={common().organization}
        options={names}
        value={chosen.value}
        onChange={(id) => (chosen.value = id)}
      />
    </Form>
  );
}

/** The list or one document. The list stays as it was while a document is shown. */
function Register({ session: { user } }: { readonly session: Session }) {
  const here = place.value;
  const results = useMemo(
    () =>
      new Results(here.query, () => {
        announce(messages().updated);
      }),
    [],
  );
  const root = useRef<HTMLDivElement>(null);
  const last = useRef<Place | null>(null);
  const scrolled = useRef(0);
  useEffect(
    () => () => {
      results.leave();
    },
    [results],
  );
  useLayoutEffect(() => {
    const from = last.current;
    last.current = here;
    shownName.value = null;
    if (from === null || (from.kind === 'list' && here.kind === 'list')) return;
    const back = here.kind === 'list' && from.kind === 'one';
    // Return to the same row of the list.
    const link = back ? root.current?.querySelector<HTMLElement>(`[data-key="${from.id}"] a`) : null;
    window.scrollTo(0, link == null ? 0 : scrolled.current);
    (link ?? root.current?.querySelector<HTMLElement>('h1'))?.focus({ preventScroll: true });
  }, [here]);
  useEffect(() => {
    const keep = () => {
      if (place.peek().kind === 'list') scrolled.current = window.scrollY;
    };
    window.addEventListener('scroll', keep, { passive: true });
    return () => {
      window.removeEventListener('scroll', keep);
    };
  }, []);
  return (
    <div ref={root}>
      {here.kind === 'list' ? (
        <ListView results={results} query={here.query} organization={user?.organization?.name ?? ''} />
      ) : here.kind === 'holds' ? (
        <HoldsView query={here.query} />
      ) : (
        <DocumentView
          key={here.id}
          id={here.id}
          query={here.query}
          results={results}
          onRow={(row) => (shownName.value = documentName(row))}
        />
      )}
    </div>
  );
}

mountPage('register', () => shownName.value ?? common().register, <Page />);
window.addEventListener('hashchange', () => {
  place.value = parsePlace(location.hash);
});
