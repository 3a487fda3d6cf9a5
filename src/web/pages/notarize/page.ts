import { choice, choices } from '../../components/form.js';
import { mountFrame } from '../../components/dom-page.js';
import { announce, emptyState } from '../../components/section.js';
import { element, icon, present, setText } from '../../lib/dom.js';
import { catchDrops, type ChosenFile, dropZone } from '../../lib/files.js';
import { firstNames, formatNumber } from '../../lib/format.js';
import { type Session, session, submissionAccess } from '../../lib/session.js';
import { Documents } from './documents.js';
import { isInProgress, type Item, type Mode } from './item.js';
import { ListView, type ListPosition } from './list.js';
import { Announcer } from './progress.js';
import { ProofsDownload } from './proofs.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/notarize.js';
import { signInLink } from '../../lib/links.js';

/** The choice of what is sent. The default sends the least. */
function modeChoice(documents: Documents): HTMLElement {
  const t = messages();
  const mode = (value: Mode, label: string, explained: string) =>
    choice({
      type: 'radio',
      name: 'mode',
      value,
      label,
      explained,
      checked: documents.mode === value,
      onchange: () => {
        documents.mode = value;
      },
    }).element;
  return choices(
    t.modeLegend,
    mode('digest', t.digestOnly, t.digestOnlyExplained),
    mode('upload', t.upload, t.uploadExplained),
  );
}

/** The organization for which documents are notarized; null without one. */
function organizationLine(session: Session | null): HTMLElement | null {
  const organization = session?.user?.organization ?? null;
  if (session === null || organization === null || submissionAccess(session) !== 'on_behalf') return null;
  const t = messages();
  return element(
    'p',
    { class: 'behalf' },
    icon('person'),
    element(
      'span',
      {},
      t.onBehalf(organization.name),
      session.memberships.length < 2 ? null : ' ',
      session.memberships.length < 2 ? null : element('a', { href: './account.html' }, t.otherOrganization),
    ),
  );
}

function isLoneAdministrator({ user, memberships }: Session): boolean {
  return user?.operator === true && memberships.length === 0;
}

/** Shown instead of the drop zone to those who cannot notarize; null for all others. */
function accessNotice(session: Session | null): HTMLElement | null {
  const access = session === null ? 'open' : submissionAccess(session);
  if (session === null || access === 'open' || access === 'on_behalf') return null;
  const t = messages();
  const organization = session.user?.organization?.name ?? '';
  const { heading, message } = {
    sign_in_first: {
      heading: t.signInFirst,
      message: session.policy.privateVerification ? t.signInFirstPrivate : t.signInFirstExplained,
    },
    no_organization: {
      heading: t.noOrganization,
      message: isLoneAdministrator(session) ? t.noOrganizationAdministrator : t.noOrganizationExplained,
    },
    reads_only: { heading: t.auditorsOnlyRead(organization), message: t.auditorsOnlyReadExplained },
  }[access];
  return emptyState(
    heading,
    message,
    'person',
    access === 'sign_in_first'
      ? element('a', { class: 'button is-primary', href: signInLink('notarize') }, common().signIn)
      : element('a', { class: 'button is-primary', href: './account.html' }, common().openAccount),
    element('a', { class: 'button', href: './verify.html' }, t.verifyLink),
  );
}

/** The summary is updated at this interval. */
const PACE_MS = 250;

/** The page waits this long for the service to say who may notarize. */
const UNDECIDED_MS = 1000;

let list: ListView | null = null;
let drop: HTMLElement | null = null;
let undecided = true;
/** The drop zone, or what is shown instead. */
const entrance = element('div', { class: 'entrance' });
const place: ListPosition = { view: 'all', page: 0 };
/** Paths that could not be read in the last drop; empty: it contained no files; null: no problem. */
let missed: readonly string[] | null = null;
const missedText = element('p', { class: 'problem unread', role: 'alert' });
let due = false;
let sealed = 0;
const announcer = new Announcer();
const proofs = new ProofsDownload(() => {
  list?.updateProofs();
});

const documents = new Documents({
  onItem(item) {
    list?.updateItem(item);
    soon();
  },
  onList() {
    list?.updateList();
    soon();
    const compact = documents.items.length > 0;
    if (drop?.classList.contains('is-compact') !== compact) drop?.replaceWith((drop = zone()));
  },
});

function soon(): void {
  if (due) return;
  due = true;
  setTimeout(() => {
    due = false;
    list?.updateSummary();
    announcer.update(documents.items);
    const count = documents.items.filter(({ state }) => state.phase === 'sealed').length;
    if (count > sealed) refreshChain();
    sealed = count;
  }, PACE_MS);
}

function edit(item: Item | null): void {
  import('./details-form.js').then(
    ({ openDetails }) => {
      openDetails(documents, item);
    },
    () => {
      announce(common().serviceAway);
    },
  );
}

function add(files: readonly ChosenFile[], unread: readonly string[] = []): void {
  missed = files.length > 0 && unread.length === 0 ? null : unread;
  showMissed();
  if (files.length === 0) return;
  documents.add(files);
  // Load it early: editing details must also work when the service becomes unreachable.
  import('./details-form.js').catch(() => undefined);
}

/** Users must see if not all of a dropped folder is on the list. */
function showMissed(): void {
  const t = messages();
  const count = missed?.length ?? 0;
  const text = count === 0 ? t.noFiles : t.unread(formatNumber(count), firstNames(missed ?? []));
  setText(missedText, missed === null ? '' : text);
}

function zone(): HTMLElement {
  const t = messages();
  const compact = documents.items.length > 0;
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
  const notice = accessNotice(current);
  if (notice === null) drop = zone();
  const hadFocus = entrance.contains(document.activeElement);
  const parts = [organizationLine(current), notice ?? drop, notice === null ? modeChoice(documents) : null];
  entrance.replaceChildren(...present(parts));
  if (hadFocus) entrance.querySelector<HTMLElement>('button, a')?.focus();
}

const { refreshChain } = mountFrame('notarize', () => {
  const t = messages();
  list = new ListView({ documents, place, proofs, onEdit: edit });
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
  );
  return { title: common().notarize, content };
});

catchDrops((files, unread) => {
  if (drop !== null) add(files, unread);
  else announce(entrance.querySelector('h2')?.textContent ?? '');
});
session.onChange(showEntrance);
// If the service is unreachable, documents can still be added and hashed.
const decide = () => {
  if (!undecided) return;
  undecided = false;
  if (session.current === null) showEntrance();
};
session.load().then(decide, decide);
setTimeout(decide, UNDECIDED_MS);
window.addEventListener('beforeunload', (event) => {
  if (documents.items.some((item) => item.wanted !== null && isInProgress(item))) event.preventDefault();
});
