import { copyable } from '../../components/copyable.js';
import { Loaded, type ProblemLine, problemLine } from '../../components/loaded.js';
import { panel, type Section } from '../../components/section.js';
import type { IssuedInvitation } from '../../lib/api.js';
import { button, type Child, element } from '../../lib/dom.js';
import { formatTime } from '../../lib/format.js';
import { invitationLink } from '../../lib/links.js';
import { messages } from '../../messages/account.js';
import { common } from '../../messages/common.js';

/** A panel above a list. @param close returns to the button */
type HeadPanel = (close: () => void) => HTMLElement;

interface ManagedList<T> {
  readonly load: () => Promise<T>;
  readonly lead: () => string;
  /** Label of the button that opens the form. */
  readonly add: () => string;
  readonly form: HeadPanel;
  readonly list: (value: T) => HTMLElement;
  /** Messages for problem codes that mean something specific here. */
  readonly sentences?: () => Readonly<Record<string, string>>;
}

interface ManagedSection<T> extends Section {
  readonly loaded: Loaded<T>;
  /** For actions of the list's rows. */
  readonly problem: ProblemLine;
  /** Shows a panel in place of the button, and moves the focus to the panel's heading. */
  readonly open: (shown: HeadPanel) => void;
  readonly close: () => void;
}

/** A list with one thing above it: the button to add to the list, its form, or another panel. */
export function managedSection<T>(options: ManagedList<T>): ManagedSection<T> {
  const problem = problemLine(options.sentences);
  const head = element('div', { class: 'panels' });
  const body = element('div', { class: 'panels' });
  const own = element('div', { class: 'panels' }, head, body, problem.element);
  let opened: HeadPanel | null = null;
  /** Separate from the list, which may be rebuilt while the user types here. */
  const showHead = () => {
    head.replaceChildren(
      element('p', { class: 'hint' }, options.lead()),
      opened?.(close) ?? button(options.add(), add, { class: 'button is-primary add' }),
    );
  };
  const showBody = () => {
    body.replaceChildren(loaded.view(options.list));
  };
  const become = (now: HeadPanel | null, focused: string) => {
    opened = now;
    showHead();
    head.querySelector<HTMLElement>(focused)?.focus();
  };
  const add = () => {
    become(options.form, 'form input');
  };
  const close = () => {
    become(null, '.add');
  };
  const loaded = new Loaded(options.load, showBody);
  void loaded.load();
  return {
    element: own,
    loaded,
    problem,
    show: () => {
      showHead();
      showBody();
    },
    open: (shown) => {
      become(shown, 'h3');
    },
    close,
  };
}

/** A list of entries in a card. */
export function entryList(entries: readonly HTMLElement[]): HTMLElement {
  return element('ul', { class: 'entries panel is-list' }, ...entries);
}

interface Entry {
  readonly name: string;
  /** Tooltip of the name. */
  readonly title?: string;
  readonly tags?: readonly Child[];
  readonly lines?: readonly Child[];
  readonly facts?: readonly string[];
  readonly actions?: readonly HTMLElement[];
}

/** A list item: name with tags, lines, facts, and buttons. */
export function entry({ name, title, tags = [], lines = [], facts = [], actions = [] }: Entry): HTMLElement {
  return element(
    'li',
    { class: 'entry' },
    element(
      'div',
      { class: 'entry-main' },
      element(
        'p',
        { class: 'entry-name', ...(title === undefined ? {} : { title }) },
        element('bdi', {}, name),
        ...tags,
      ),
      ...lines.map((line) => element('p', { class: 'hint' }, line)),
      facts.length === 0
        ? null
        : element('ul', { class: 'entry-facts hint' }, ...facts.map((fact) => element('li', {}, fact))),
    ),
    actions.length === 0 ? null : element('div', { class: 'entry-actions' }, ...actions),
  );
}

/** A panel with a secret that cannot be shown again. */
export function secretPanel(
  heading: string,
  secret: { readonly label: string; readonly text: string; readonly explained: string },
  close: () => void,
): HTMLElement {
  const shown = panel(
    heading,
    copyable(secret.label, secret.text),
    element('p', {}, secret.explained),
    element('div', { class: 'form-actions' }, button(common().done, close)),
  );
  shown.classList.add('is-once');
  return shown;
}

/** A panel with a new invitation link. @param name the person invited */
export function invitationPanel(
  name: string,
  { token, expiresAt }: IssuedInvitation,
  close: () => void,
): HTMLElement {
  const t = messages().users;
  const link = invitationLink(document.baseURI, token);
  const explained = t.invitationExplained(formatTime(Date.parse(expiresAt)));
  return secretPanel(t.invitationHeading(name), { label: t.invitationLink, text: link, explained }, close);
}
