import { element, present, setText } from '../dom.js';
import { catchDrops, dropZone } from '../drop-zone.js';
import type { ChosenFile } from '../dropped-files.js';
import { formatNumber } from '../format.js';
import { announcer, mountFrame } from '../frame.js';
import { common } from '../messages/common.js';
import { words } from '../messages/notarize.js';
import { session } from '../session/index.js';
import { Desk } from './desk.js';
import { isUnderWay, type Item } from './item.js';
import { ListView } from './list-view.js';
import { modeChoice } from './mode-view.js';
import type { Place } from './pager-view.js';
import { ProofsDownload } from './proofs-download.js';
import { Speaker } from './speaker.js';
import { barredView, behalfView } from './standing-view.js';

/** The summary follows the work at this pace. */
const PACE_MS = 250;

/** Named before it is said that there are more. */
const NAMED = 3;

/** Until the service has said who may notarize. Beyond that the page does not wait to be told. */
const UNDECIDED_MS = 1000;

let list: ListView | null = null;
let drop: HTMLElement | null = null;
let undecided = true;
/** The place for documents, or what stands there instead. */
const entrance = element('div', { class: 'entrance' });
const place: Place = { view: 'all', page: 0 };
/** Paths of what was dropped last and could not be read; empty: there was no file in it; null: all is well. */
let missed: readonly string[] | null = null;
const missedText = element('p', { class: 'problem unread', role: 'alert' });
let due = false;
let sealed = 0;
const { node: live, say } = announcer();
const speaker = new Speaker(say);
const proofs = new ProofsDownload(() => {
  list?.updateProofs();
});

const desk = new Desk({
  onItem(item) {
    list?.updateItem(item);
    soon();
  },
  onList() {
    list?.updateList();
    soon();
    const compact = desk.items.length > 0;
    if (drop?.classList.contains('is-compact') !== compact) drop?.replaceWith((drop = zone()));
  },
});

function soon(): void {
  if (due) return;
  due = true;
  setTimeout(() => {
    due = false;
    list?.updateSummary();
    speaker.update(desk.items);
    const count = desk.items.filter(({ state }) => state.phase === 'sealed').length;
    if (count > sealed) refreshChain();
    sealed = count;
  }, PACE_MS);
}

function edit(item: Item | null): void {
  import('./details-form.js').then(
    ({ openDetails }) => {
      openDetails(desk, item);
    },
    () => {
      say(common().serviceAway);
    },
  );
}

function add(files: readonly ChosenFile[], unread: readonly string[] = []): void {
  missed = files.length > 0 && unread.length === 0 ? null : unread;
  showMissed();
  if (files.length === 0) return;
  desk.add(files);
  // It must be here before the service goes away: writing needs nobody.
  import('./details-form.js').catch(() => undefined);
}

/** Whoever drops a folder must not believe that all of it is on the list. */
function showMissed(): void {
  const t = words();
  const names = (missed ?? []).slice(0, NAMED).join(', ');
  const count = missed?.length ?? 0;
  const text = count === 0 ? t.noFiles : t.unread(formatNumber(count), count > NAMED ? `${names} …` : names);
  setText(missedText, missed === null ? '' : text);
}

function zone(): HTMLElement {
  const t = words();
  const compact = desk.items.length > 0;
  return dropZone({
    heading: compact ? t.dropMore : t.dropHeading,
    icon: 'drop',
    compact,
    choose: [
      { label: t.chooseFiles, folder: false, multiple: true },
      { label: t.chooseFolder, folder: true, multiple: true },
    ],
    onFiles: add,
  });
}

function showEntrance(): void {
  drop = null;
  const { current } = session;
  entrance.toggleAttribute('aria-busy', undecided && current === null);
  if (undecided && current === null) {
    entrance.replaceChildren();
    return;
  }
  const barred = barredView(current);
  if (barred === null) drop = zone();
  const hadFocus = entrance.contains(document.activeElement);
  const parts = [behalfView(current), barred ?? drop, barred === null ? modeChoice(desk) : null];
  entrance.replaceChildren(...present(parts));
  if (hadFocus) entrance.querySelector<HTMLElement>('button, a')?.focus();
}

const { refreshChain } = mountFrame('notarize', () => {
  const t = words();
  list = new ListView({ desk, place, proofs, onEdit: edit });
  showEntrance();
  showMissed();
  const content = element(
    'div',
    { class: 'page' },
    element('h1', {}, t.heading),
    element('p', { class: 'lead' }, t.lead),
    entrance,
    missedText,
    list.element,
    live,
  );
  return { title: t.title, content };
});

catchDrops((files, unread) => {
  if (drop !== null) add(files, unread);
  else say(entrance.querySelector('h2')?.textContent ?? '');
});
session.onChange(showEntrance);
// Without an answer (the service is away) documents can still be gathered and hashed.
const decide = () => {
  if (!undecided) return;
  undecided = false;
  if (session.current === null) showEntrance();
};
session.look().then(decide, decide);
setTimeout(decide, UNDECIDED_MS);
window.addEventListener('beforeunload', (event) => {
  if (desk.items.some((item) => item.wanted !== null && isUnderWay(item))) event.preventDefault();
});
