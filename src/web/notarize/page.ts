import { element, present } from '../dom.js';
import { catchDrops, dropZone } from '../drop-zone.js';
import type { ChosenFile } from '../dropped-files.js';
import { formatNumber } from '../format.js';
import { announcer, mountFrame } from '../frame.js';
import { words } from '../messages/notarize.js';
import { session } from '../session/index.js';
import { Desk } from './desk.js';
import { isFinal, type Phase } from './item.js';
import { ListView } from './list-view.js';
import { modeChoice } from './mode-view.js';
import { barredView, behalfView } from './standing-view.js';

/** The summary, and what is spoken, follow the work at this pace. */
const PACE_MS = 250;

/** Until the service has said who may notarize. Beyond that the page does not wait to be told. */
const UNDECIDED_MS = 1000;

let list: ListView | null = null;
let drop: HTMLElement | null = null;
let undecided = true;
/** The place for documents, or what stands there instead. */
const entrance = element('div', { class: 'entrance' });
let due = false;
const { node: live, say } = announcer();
const spoken = new Map<Phase, number>();

const desk = new Desk({
  onItem(item) {
    list?.updateItem(item);
    soon();
  },
  onList() {
    list?.updateList();
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
    speak();
  }, PACE_MS);
}

/** Only what was reached: a count that changes four times a second would drown everything else. */
function speak(): void {
  const t = words();
  const phases: [Phase, (n: number, count: string) => string][] = [
    ['failed', t.announceFailed],
    ['sealed', t.announceSealed],
    ['accepted', t.announceAccepted],
  ];
  for (const [phase, sentence] of phases) {
    const count = desk.items.filter(({ state }) => state.phase === phase).length;
    if (count > 0 && count !== spoken.get(phase)) {
      say(sentence(count, formatNumber(count)));
      if (phase === 'sealed') refreshChain();
    }
    spoken.set(phase, count);
  }
}

function add(files: readonly ChosenFile[]): void {
  if (files.length === 0) say(words().noFiles);
  else desk.add(files);
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
  list = new ListView(desk);
  showEntrance();
  const content = element(
    'div',
    { class: 'page' },
    element('h1', {}, t.heading),
    element('p', { class: 'lead' }, t.lead),
    entrance,
    list.element,
    live,
  );
  return { title: t.title, content };
});

catchDrops((files) => {
  if (drop !== null) add(files);
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
  if (desk.items.some((item) => item.wanted && !isFinal(item))) event.preventDefault();
});
