import { signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { mountPage } from '../../components/frame.js';
import { Gate } from '../../components/gate.js';
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

function Page() {
  const t = messages();
  return (
    <Gate
      heading={common().records}
      signInFirst={t.signInFirst}
      signInExplained={t.signInExplained}
      back={{ page: 'records', fragment: placeAddress(place.value).slice(1) }}
    >
      {() => <Shown place={place.value} />}
    </Gate>
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
