import { signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { mountPage } from '../../components/frame.js';
import { Gate } from '../../components/gate.js';
import { announce } from '../../lib/announce.js';
import type { Session } from '../../lib/session.js';
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

function Page() {
  const t = messages();
  return (
    <Gate
      heading={common().register}
      signInFirst={t.signInFirst}
      signInExplained={t.signInExplained}
      back={{ page: 'register', fragment: placeAddress(place.value).slice(1) }}
    >
      {(current) => <Register session={current} />}
    </Gate>
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
