import { effect } from '@preact/signals';
import { mountPage, refreshChain } from '../../components/frame.js';
import { takeOver } from '../../lib/handover.js';
import { session } from '../../lib/session.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/notarize.js';
import { hasRegister } from './bar.js';
import { documents } from './documents.js';
import { Entrance } from './entrance.js';
import { List } from './list.js';
import { past } from './past.js';
import { PastList } from './past-list.js';
import { summaryOf } from './summary.js';

function Page() {
  const t = messages();
  const empty = documents.items.length === 0;
  return (
    <div class={empty ? 'page' : 'page has-documents'}>
      <h1 class={empty ? '' : 'visually-hidden'}>{t.heading}</h1>
      {empty ? <p class="lead">{t.lead}</p> : null}
      <Entrance />
      {empty ? null : <List />}
      {empty && session.current?.user === null ? <PastList /> : null}
    </div>
  );
}

mountPage('notarize', () => common().notarize, <Page />);
void past.load();
// From the page that verifies.
void takeOver().then((files) => {
  if (files.length > 0) documents.add(files);
});

let sealed = 0;
effect(() => {
  const now = documents.summary.sealed;
  if (now > sealed) refreshChain();
  sealed = now;
});

/** Nothing that was typed, is being sent, or was not downloaded is lost without a question. */
window.addEventListener('beforeunload', (event) => {
  // The summary that is shown can be older than the documents.
  const { working, unsubmitted, unsaved } = summaryOf(documents.items, null);
  if (working || unsubmitted > 0 || (unsaved > 0 && !hasRegister())) event.preventDefault();
});
