import { computed, signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { EmptyState } from '../../components/empty-state.js';
import { mountPage } from '../../components/frame.js';
import { signInLink } from '../../lib/links.js';
import { session } from '../../lib/session.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/records-page.js';
import { AsksView } from './asks.js';
import { EventFileView } from './file-view.js';
import { FIRST } from './forms.js';
import { KeysView } from './keys.js';
import { ListView } from './list.js';
import { EVERYTHING, go, parsePlace, type Place, placeAddress } from './place.js';
import { OneRecord } from './record-view.js';
import { StepView } from './step-view.js';

const place = signal<Place>(parsePlace(location.hash));
/** What the record that is shown is called, for the title of the page. */
const shownName = signal<string | null>(null);

/** Who looks at whose records; another person or organization begins anew. */
const visitor = computed(() => {
  const user = session.current?.user ?? null;
  return user?.organization == null ? null : `${user.id} ${user.organization.id} ${user.role ?? ''}`;
});

function Page() {
  const { current } = session;
  const t = messages();
  if (current === null)
    return (
      <Headed>
        <p class="hint">{common().loading}</p>
      </Headed>
    );
  if (current.user === null)
    return (
      <Headed>
        <EmptyState heading={t.signInFirst} message={t.signInExplained} icon="person">
          <a class="button is-primary" href={signInLink('records', placeAddress(place.value).slice(1))}>
            {common().signIn}
          </a>
        </EmptyState>
      </Headed>
    );
  if (visitor.value === null)
    return (
      <Headed>
        <EmptyState heading={t.noOrganization} message={t.noOrganizationExplained} icon="person">
          <a class="button is-primary" href="./account.html">
            {common().openAccount}
          </a>
        </EmptyState>
      </Headed>
    );
  return <Shown key={visitor.value} place={place.value} />;
}

function Headed({ children }: { readonly children: ComponentChildren }) {
  return (
    <div class="page">
      <h1 tabIndex={-1}>{common().records}</h1>
      {children}
    </div>
  );
}

function Shown({ place: here }: { readonly place: Place }) {
  const root = useRef<HTMLDivElement>(null);
  const last = useRef<Place | null>(null);
  useLayoutEffect(() => {
    const from = last.current;
    last.current = here;
    if (here.kind !== 'one') shownName.value = null;
    if (from === null || (from.kind === 'list' && here.kind === 'list')) return;
    window.scrollTo(0, 0);
    root.current?.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
  }, [here]);
  return <div ref={root}>{viewOf(here)}</div>;
}

function viewOf(here: Place) {
  const t = messages();
  switch (here.kind) {
    case 'list':
      return <ListView query={here.query} />;
    case 'keys':
      return <KeysView />;
    case 'asks':
      return <AsksView key={`${here.ask} ${here.record ?? ''}`} ask={here.ask} record={here.record} />;
    case 'file':
      return <EventFileView />;
    case 'one':
      return (
        <OneRecord
          key={here.id}
          id={here.id}
          step={here.step}
          onTitle={(title) => (shownName.value = title)}
        />
      );
    case 'new':
      return (
        <div class="page records">
          <p>
            <a href={placeAddress({ kind: 'list', query: EVERYTHING })}>{t.backToList}</a>
          </p>
          <h1 tabIndex={-1}>{t.begin[here.of]}</h1>
          <StepView
            key={here.of}
            step={{ type: FIRST[here.of], party: null, condition: null }}
            about={null}
            onCancel={() => {
              go({ kind: 'list', query: EVERYTHING });
            }}
            onDone={(id) => {
              go({ kind: 'one', id, step: null });
            }}
          />
        </div>
      );
  }
}

mountPage('records', () => shownName.value ?? common().records, <Page />);
window.addEventListener('hashchange', () => {
  place.value = parsePlace(location.hash);
});
