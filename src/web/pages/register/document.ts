import { copyableCode } from '../../components/copyable.js';
import { confirmFirst } from '../../components/dialog.js';
import { Loaded, problemLine } from '../../components/loaded.js';
import { keepFocus } from '../../components/picture.js';
import { announce, namedPanel, tag } from '../../components/section.js';
import { certificate, type Notarization, proofText } from '../../lib/api.js';
import { button, type Child, element } from '../../lib/dom.js';
import { saveCertificate, saveProof } from '../../lib/files.js';
import { formatBytes, formatNumber, formatTime, groupHex } from '../../lib/format.js';
import { entryLink } from '../../lib/links.js';
import { session } from '../../lib/session.js';
import { follow, SealWatch } from '../../lib/watch.js';
import {
  bareProofText,
  type Names,
  type Registered,
  submitterNames,
  registered,
  setPublished,
  awaitsQuorum,
  QUORUM_PATIENCE_MS,
} from './results.js';
import { EVERYTHING, placeAddress, type Query } from './search.js';
import { documentName, isNamed, statusView, submitterText } from './list.js';
import { messages } from '../../messages/register.js';

/** All values of a notarization. */
function valuesView(row: Registered, names: Names): HTMLElement {
  const t = messages();
  const { details = {}, block } = row;
  const submitter = submitterText(row.submittedBy, names);
  const text = (name: string, value: string | undefined): [string, Child] => [
    name,
    value === undefined ? null : element('bdi', {}, value),
  ];
  return namedPanel(
    'document',
    t.documentHeading,
    list(
      text(t.fileName, details.name),
      text(t.docTitle, details.title),
      text(t.author, details.author),
      text(t.reference, details.reference),
      [t.tags, details.tags === undefined ? null : tagLinks(details.tags)],
      [
        t.note,
        details.note === undefined ? null : element('p', { class: 'own-lines', dir: 'auto' }, details.note),
      ],
      [t.digest, copyableCode(t.digest, groupHex(row.sha256), row.sha256)],
      text(t.size, row.size === null ? t.sizeUnknown : formatBytes(row.size)),
      text(t.kind, kindText(row.entry)),
    ),
    row.details === undefined ? element('p', { class: 'hint' }, t.noDetails) : null,
    list(
      [t.status, statusView(row)],
      text(t.accepted, formatTime(Date.parse(row.acceptedAt))),
      text(t.sealedAt, row.sealedAt === undefined ? undefined : formatTime(Date.parse(row.sealedAt))),
      text(t.submittedBy, submitter ?? undefined),
      text(t.position, formatNumber(row.position)),
      [t.id, copyableCode(t.id, row.id, row.id)],
    ),
    block === undefined
      ? null
      : element(
          'p',
          {},
          element(
            'a',
            { href: entryLink(block) },
            t.seeInChain(formatNumber(block.index + 1), formatNumber(block.height)),
          ),
        ),
  );
}

function list(...pairs: readonly (readonly [string, Child])[]): HTMLElement {
  const rows = pairs
    .filter(([, value]) => value !== null)
    .map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value)));
  return element('dl', { class: 'values' }, ...rows);
}

function tagLinks(tags: readonly string[]): HTMLElement {
  return element(
    'ul',
    { class: 'tags' },
    ...tags.map((tag) =>
      element(
        'li',
        {},
        element(
          'a',
          { class: 'tag', href: placeAddress({ kind: 'list', query: { ...EVERYTHING, tag } }) },
          element('bdi', {}, tag),
        ),
      ),
    ),
  );
}

/** The second byte of the entry is its type. */
function kindText(entry: string): string {
  const t = messages();
  const kind = atob(entry).charCodeAt(1);
  return kind === 0 ? t.kindDocument : t.otherKind(formatNumber(kind));
}

/** Downloads of the proof and the certificate, once sealed. */
function downloadsView(row: Registered): HTMLElement {
  const t = messages();
  if (row.block === undefined) return namedPanel('proof', t.proofHeading, element('p', {}, t.proofPending));
  const problem = problemLine(() => messages().problems);
  const name = documentName(row);
  const download = (label: string, primary: boolean, run: () => Promise<string>) => {
    const act = async () => {
      press.setAttribute('aria-busy', 'true');
      press.setAttribute('aria-disabled', 'true');
      let saved = '';
      const done = await problem.during(async () => {
        saved = await run();
      });
      press.removeAttribute('aria-busy');
      press.removeAttribute('aria-disabled');
      if (done) announce(messages().downloaded(saved));
    };
    const press = button(label, () => void act(), { class: primary ? 'button is-primary' : 'button' });
    return press;
  };
  const proof = (text: (id: string) => Promise<string>) => async () => {
    return saveProof(name, await text(row.id));
  };
  return namedPanel(
    'proof',
    t.proofHeading,
    element('p', {}, t.proofLead),
    element(
      'div',
      { class: 'form-actions' },
      download(t.downloadProof, true, proof(proofText)),
      download(t.downloadCertificate, false, async () => {
        return saveCertificate(name, await certificate(row.id));
      }),
      row.details === undefined ? null : download(t.downloadBareProof, false, proof(bareProofText)),
    ),
    problem.element,
    row.details === undefined ? null : element('p', { class: 'hint' }, t.disclosed),
  );
}

/** What others see of a notarization, and the button to change that. */
function visibilityView(row: Registered, changed: (row: Registered) => void): HTMLElement {
  const t = messages();
  const { user, policy } = session.current ?? { user: null, policy: null };
  const message = policy?.privateVerification === true ? t.isClosed : sentence(row);
  const own = row.published !== undefined && row.details !== undefined;
  if (!own) return namedPanel('visibility', t.visibilityHeading, element('p', {}, message));
  const problem = problemLine(() => messages().problems);
  const changedTo = (published: boolean) => {
    changed({ ...row, published });
    announce(published ? messages().publishedNow : messages().privateNow);
  };
  const withdraw = async () => {
    if (await problem.during(() => setPublished(row.id, false))) changedTo(false);
  };
  const ask = () => {
    confirmFirst({
      heading: messages().publishHeading,
      message: messages().publishExplained,
      yes: messages().publishYes,
      run: () => setPublished(row.id, true),
      done: () => {
        changedTo(true);
      },
    });
  };
  const act = row.published
    ? button(t.makePrivate, () => void withdraw(), { id: 'visibility' })
    : button(t.publish, ask, { id: 'visibility' });
  return namedPanel(
    'visibility',
    t.visibilityHeading,
    element('p', {}, row.published ? tag(t.published) : null, row.published ? ' ' : null, message),
    user?.role === 'auditor'
      ? element('p', { class: 'hint' }, t.notYours)
      : element('div', { class: 'form-actions' }, act),
    problem.element,
  );
}

function sentence({ details, published }: Registered): string {
  const t = messages();
  if (details === undefined) return t.isBare;
  return published === true ? t.isPublished : t.isPrivate;
}

interface Shown {
  readonly row: Registered;
  readonly names: Names;
}

/** The page of one notarization. */
export class DocumentSection {
  readonly element = element('div', { class: 'page' });
  readonly id: string;
  readonly #query: Query;
  readonly #loaded: Loaded<Shown>;
  readonly #watch = new SealWatch();
  readonly #stop = new AbortController();
  #waiting = false;
  /** Key of what was last shown. */
  #shown = '';

  /**
   * @param known from the list
   * @param onChange receives newer data than the list may have
   */
  constructor(id: string, query: Query, known: Shown | null, onChange: (row: Registered) => void) {
    this.id = id;
    this.#query = query;
    this.#loaded = new Loaded<Shown>(
      async () => {
        const [row, names] = await Promise.all([registered(id), submitterNames()]);
        this.#follow(row);
        return { row, names };
      },
      () => {
        const { state } = this.#loaded;
        if (state.kind === 'here') onChange(state.value.row);
        // Unchanged data must not rebuild the page: messages and the focus would be lost.
        if (this.#key !== this.#shown) this.show();
      },
      () => messages().problems,
    );
    if (known !== null) this.#loaded.state = { kind: 'here', value: known };
    void this.#loaded.load();
  }

  get heading(): string {
    const { state } = this.#loaded;
    return state.kind === 'here' ? documentName(state.value.row) : messages().unknownHeading;
  }

  show(): void {
    const { state } = this.#loaded;
    this.#shown = this.#key;
    const named = state.kind === 'here' && isNamed(state.value.row);
    const back = placeAddress({ kind: 'list', query: this.#query });
    keepFocus(this.element, () => {
      this.element.replaceChildren(
        element('p', {}, element('a', { class: 'button', href: back }, messages().back)),
        element(
          'h1',
          { id: 'one-heading', tabindex: -1, class: named ? '' : 'is-code' },
          element('bdi', {}, named || state.kind !== 'here' ? this.heading : `${this.heading}…`),
        ),
        this.#loaded.view((shown) => this.#body(shown)),
      );
    });
  }

  get #key(): string {
    const { state } = this.#loaded;
    return state.kind === 'here' ? JSON.stringify([state.value.row, ...state.value.names]) : state.kind;
  }

  async again(): Promise<void> {
    if (this.#loaded.state.kind === 'failed') await this.#loaded.load();
  }

  leave(): void {
    this.#watch.stop();
    this.#stop.abort();
  }

  #body({ row, names }: Shown): HTMLElement {
    const changed = (now: Registered) => {
      this.#loaded.change({ row: now, names });
    };
    return element(
      'div',
      { class: 'panels' },
      valuesView(row, names),
      downloadsView(row),
      visibilityView(row, changed),
    );
  }

  /** Reloads when it is sealed and when its quorum is met. */
  #follow(row: Registered): void {
    if (this.#waiting || (row.status !== 'accepted' && !awaitsQuorum(row))) return;
    this.#waiting = true;
    const again = (said: string | null) => () => {
      this.#waiting = false;
      if (said !== null) announce(said);
      void this.#loaded.load();
    };
    if (row.status === 'accepted') {
      this.#watch.add(row, again(messages().updated));
      return;
    }
    const until = (now: Notarization) => !awaitsQuorum(now);
    const { signal } = this.#stop;
    follow({ id: row.id, event: 'cosigned', patienceMs: QUORUM_PATIENCE_MS, until, signal }).then(
      again(null),
      () => undefined,
    );
  }
}
