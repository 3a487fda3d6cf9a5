import { problemParagraph } from '../../components/loaded.js';
import { type Definition, definitions } from '../../components/section.js';
import * as api from '../../lib/api.js';
import type { Cosigned, Details } from '../../lib/api.js';
import { button, type Child, element, icon, type IconName, present, setText } from '../../lib/dom.js';
import { saveCertificate, saveProof } from '../../lib/files.js';
import {
  formatBytes,
  formatDuration,
  formatNumber,
  formatPercent,
  formatSpeed,
  formatTime,
  groupHex,
} from '../../lib/format.js';
import { entryLink } from '../../lib/links.js';
import { connection, type Problem, ProblemError } from '../../lib/request.js';
import type { Seal } from '../../lib/watch.js';
import type { Documents } from './documents.js';
import { isCancellableAlone, isUnsubmitted, type Item, type Known, type Phase } from './item.js';
import { Meter } from './progress.js';
import { common } from '../../messages/common.js';
import { messages } from '../../messages/notarize.js';

/** The status of one document as a sentence, with speed and time left if known. */
function statusText(item: Item, meter: Meter): string {
  const t = messages();
  const { state, notarization } = item;
  switch (state.phase) {
    case 'hashing':
      return [t.hashing(formatPercent(fraction(item))), ...pace(item, meter)].join(' · ');
    case 'uploading':
      return [t.uploading(formatPercent(fraction(item))), ...pace(item, meter)].join(' · ');
    case 'checking':
      return state.retrying ? t.checkingOffline : t.checking;
    case 'known':
      return knownText(state.known);
    case 'kept':
      return `${t.keptExisting} · ${knownText(state.known)}`;
    case 'accepted':
      return t.accepted(formatTime(Date.parse(notarization?.acceptedAt ?? '')));
    case 'sealed':
      return t.sealedIn
        .replace('{block}', t.sealedBlock(formatNumber(state.seal.height)))
        .replace('{time}', formatTime(state.seal.sealedAt));
    case 'failed':
      // After an internal error, the request may have been processed.
      return state.problem !== 'unreadable' && (state.problem.status >= 500 || state.problem.status === 0)
        ? t.failedUnsure
        : t.failed;
    case 'cancelled':
      return state.sent ? t.cancelledLate : t.cancelled;
    case 'retrying':
      return connection.offline ? t.offline : t.busy;
    default:
      return t[state.phase];
  }
}

/** The status of a sealed document, with a link to its entry in the explorer. */
function sealLine({ height, index, sealedAt }: Seal): Child[] {
  const t = messages();
  const link = element('a', { href: entryLink({ height, index }) }, t.sealedBlock(formatNumber(height)));
  const [before = '', after = ''] = t.sealedIn.replace('{time}', formatTime(sealedAt)).split('{block}');
  return [before, link, after];
}

function cosignedText({ signed, of, needed }: Cosigned): string {
  const t = common();
  return signed >= needed
    ? t.cosigned(formatNumber(signed), formatNumber(of))
    : t.cosignedSoFar(formatNumber(signed), formatNumber(of), formatNumber(needed));
}

function fraction(item: Item): number {
  return item.file.size === 0 ? 1 : item.bytesDone / item.file.size;
}

function pace(item: Item, meter: Meter): string[] {
  const t = messages();
  meter.add(performance.now(), item.bytesDone);
  const { speed } = meter;
  const left = meter.timeLeft(item.file.size - item.bytesDone);
  return [
    ...(speed === null ? [] : [formatSpeed(speed)]),
    ...(left === null ? [] : [t.timeLeft(formatDuration(left))]),
  ];
}

function knownText({ notarization, count, more }: Known): string {
  const t = messages();
  const { block, sealedAt, acceptedAt } = notarization;
  if (block === undefined) return t.knownAccepted(formatTime(Date.parse(acceptedAt)));
  const height = formatNumber(block.height);
  const time = formatTime(Date.parse(sealedAt ?? acceptedAt));
  if (more) return t.knownSealedMoreThan(formatNumber(count), height, time);
  return count === 1 ? t.knownSealed(height, time) : t.knownSealedOften(formatNumber(count), height, time);
}

/** The technical details of one document; null if there are none yet. */
function technicalDetails(item: Item, documents: Documents): HTMLElement | null {
  const { sha256, notarization, state } = item;
  if (sha256 === null) return null;
  const t = messages();
  const values: Definition[] = [[t.digest, groupHex(sha256), 'code']];
  if (notarization !== null) {
    values.push(
      [t.id, notarization.id, 'code'],
      [t.position, formatNumber(notarization.position), 'text'],
      [t.acceptedAt, formatTime(Date.parse(notarization.acceptedAt)), 'text'],
    );
  }
  if (state.phase === 'sealed') {
    values.push(
      [t.sealedAt, formatTime(state.seal.sealedAt), 'text'],
      [t.block, formatNumber(state.seal.height), 'text'],
    );
  }
  // The stored details if it was notarized, otherwise what would be sent.
  const details = notarization === null ? documents.describe(item).details : notarization.details;
  return element(
    'details',
    {},
    element('summary', { 'aria-label': t.recordOf(item.path) }, t.record),
    definitions([...values, ...written(details ?? {})]),
  );
}

function written({ name, title, author, reference, note, tags }: Details): Definition[] {
  const t = messages();
  const lines: (readonly [string, string | undefined])[] = [
    [t.detailName, name],
    [t.detailTitle, title],
    [t.detailAuthor, author],
    [t.detailReference, reference],
    [t.detailNote, note],
    [t.detailTags, tags?.join(', ')],
  ];
  return lines.flatMap(([label, text]): Definition[] => (text === undefined ? [] : [[label, text, 'text']]));
}

interface RowListener {
  readonly onProblem: (error: unknown) => void;
  readonly onEdit: (item: Item) => void;
}

/** The buttons of one document, by its state. */
function rowActions(item: Item, documents: Documents, { onProblem, onEdit }: RowListener): HTMLElement[] {
  const t = messages();
  const { state, path, notarization } = item;
  const act = (action: string, label: string, named: string, run: () => void, kind = '') =>
    button(label, run, { class: `button ${kind}`, 'aria-label': named, 'data-action': action });
  const edit = () => {
    const has = item.details !== null;
    const label = has ? t.editDetails : t.addDetails;
    const named = has ? t.editDetailsOf(path) : t.addDetailsTo(path);
    const run = () => {
      onEdit(item);
    };
    return act('details', label, named, run, 'is-quiet');
  };
  const retry = () => {
    const again = () => {
      documents.retry(item);
    };
    return button(common().tryAgain, again, { 'data-action': 'retry' });
  };
  const notarizeAgain = () =>
    act('again', t.notarizeAgain, t.notarizeAgainNamed(path), () => {
      documents.submitAgain([item]);
    });
  const cancel = () => {
    const run = () => {
      documents.cancel([item]);
    };
    return act('cancel', common().cancel, t.cancelNamed(path), run, 'is-quiet');
  };
  const target = (id: string): DownloadTarget => ({ id, path, name: item.file.name, onProblem });
  switch (state.phase) {
    case 'sealed':
      return notarization === null
        ? []
        : [proofButton(target(notarization.id)), certificateButton(target(notarization.id))];
    case 'known': {
      const keep = () => {
        documents.keepExisting([item]);
      };
      return [act('keep', t.keepExisting, t.keepExistingNamed(path), keep), notarizeAgain()];
    }
    case 'kept':
      return [
        ...(state.known.notarization.block === undefined
          ? []
          : [proofButton(target(state.known.notarization.id))]),
        notarizeAgain(),
        removeButton(item, documents),
      ];
    case 'failed':
    case 'cancelled':
      return [...(isForDetails(item) ? [edit()] : []), retry(), removeButton(item, documents)];
    case 'hashing':
      return [...(isUnsubmitted(item) ? [edit()] : []), cancel()];
    default:
      if (isUnsubmitted(item)) return [edit(), removeButton(item, documents)];
      return isCancellableAlone(item) ? [cancel()] : [];
  }
}

/** Whether it was rejected because of its details. */
function isForDetails({ state }: Item): boolean {
  if (state.phase !== 'failed' || state.problem === 'unreadable') return false;
  return ['invalid_body', 'invalid_details'].includes(state.problem.code);
}

function removeButton(item: Item, documents: Documents): HTMLElement {
  const t = messages();
  const run = () => {
    documents.remove(item);
  };
  const remove = button('', run, {
    class: 'button is-quiet is-icon',
    'aria-label': t.removeNamed(item.path),
    title: t.remove,
    'data-action': 'remove',
  });
  remove.append(icon('cross'));
  return remove;
}

interface DownloadTarget {
  readonly id: string;
  /** For the names of the buttons. */
  readonly path: string;
  /** File name of the document. */
  readonly name: string;
  /** Receives errors, and null when a download starts. */
  readonly onProblem: (error: unknown) => void;
}

function proofButton(target: DownloadTarget): HTMLElement {
  const t = messages();
  return downloadButton('proof', t.downloadProof, t.downloadProofOf(target.path), target, async () => {
    saveProof(target.name, await api.proofText(target.id));
  });
}

function certificateButton(target: DownloadTarget): HTMLElement {
  const t = messages();
  const named = t.downloadCertificateOf(target.path);
  return downloadButton('certificate', t.downloadCertificate, named, target, async () => {
    saveCertificate(target.name, await api.certificate(target.id));
  });
}

function downloadButton(
  action: string,
  label: string,
  named: string,
  { onProblem }: DownloadTarget,
  run: () => Promise<void>,
): HTMLElement {
  const text = element('span', {}, label);
  let busy = false;
  const download = async () => {
    if (busy) return;
    busy = true;
    // Not `disabled`, which would lose the focus.
    pressed.setAttribute('aria-disabled', 'true');
    text.replaceChildren(messages().downloading);
    onProblem(null);
    try {
      await run();
    } catch (error) {
      onProblem(error);
    }
    busy = false;
    pressed.setAttribute('aria-disabled', 'false');
    text.replaceChildren(label);
  };
  const pressed = button('', () => void download(), { 'aria-label': named, 'data-action': action });
  pressed.append(icon(action === 'proof' ? 'download' : 'file'), text);
  return pressed;
}

const ICONS: Readonly<Record<Phase, IconName>> = {
  waiting: 'file',
  hashing: 'file',
  checking: 'file',
  ready: 'file',
  known: 'question',
  kept: 'dash',
  sending: 'clock',
  uploading: 'clock',
  uploaded: 'clock',
  retrying: 'clock',
  accepted: 'clock',
  sealed: 'check',
  cancelled: 'dash',
  failed: 'warning',
};

/** One row of the list. It is updated in place, so that focus and expanded parts stay. */
export class RowView {
  readonly element: HTMLLIElement;
  readonly #item: Item;
  readonly #documents: Documents;
  readonly #listener: RowListener;
  readonly #icon = element('span', { class: 'row-icon' });
  readonly #status = element('p', { class: 'row-status' });
  readonly #cosigned = element('p', { class: 'row-cosigned' });
  readonly #extra = element('div', { class: 'row-extra' });
  readonly #actions = element('div', { class: 'row-actions' });
  readonly #meter = new Meter();
  #bar: HTMLProgressElement | null = null;
  #shown = '';

  constructor(item: Item, documents: Documents, onEdit: (item: Item) => void) {
    this.#item = item;
    this.#documents = documents;
    this.#listener = {
      onEdit,
      onProblem: (error) => {
        this.#extra.querySelector('.problem, .row-note')?.remove();
        if (error !== null) this.#extra.prepend(errorText(error));
      },
    };
    const name = element('p', { class: 'row-name' }, element('bdi', {}, item.path));
    const size = element('span', { class: 'row-size' }, formatBytes(item.file.size));
    const head = element('div', { class: 'row-head' }, name, size);
    this.element = element(
      'li',
      { class: 'row', tabindex: -1 },
      this.#icon,
      element('div', { class: 'row-main' }, head, this.#status, this.#cosigned),
      this.#actions,
      this.#extra,
    );
    this.update();
  }

  update(): void {
    const { state, wanted, details } = this.#item;
    this.#updateStatus();
    if (this.#bar !== null) this.#bar.value = fraction(this.#item);
    // All kinds of waiting for the service look the same.
    const looks = state.phase === 'checking' && state.retrying ? 'retrying' : state.phase;
    const shown = JSON.stringify([looks, wanted, details, this.#documents.common]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    if (state.phase !== 'hashing' && state.phase !== 'uploading') this.#meter.reset();
    this.element.dataset['phase'] = looks;
    this.#icon.replaceChildren(icon(ICONS[looks]));
    this.#bar = this.#progressBar();
    const record = technicalDetails(this.#item, this.#documents);
    record?.toggleAttribute('open', this.#extra.querySelector('details[open]') !== null);
    const hadSummary = this.#extra.querySelector('summary') === document.activeElement;
    this.#extra.replaceChildren(...present([this.#bar, this.#problem(), record]));
    if (hadSummary) this.#extra.querySelector('summary')?.focus();
    this.#updateActions();
  }

  #updateStatus(): void {
    const { state } = this.#item;
    const text = statusText(this.#item, this.#meter);
    if (this.#status.textContent !== text) {
      if (state.phase === 'sealed') this.#status.replaceChildren(...present(sealLine(state.seal)));
      else this.#status.textContent = text;
    }
    const cosigned = state.phase === 'sealed' ? state.cosigned : null;
    const confirmed = [
      ...(cosigned === null ? [] : [cosignedText(cosigned)]),
      ...(state.phase === 'sealed' && state.anchored ? [common().anchored] : []),
    ];
    setText(this.#cosigned, confirmed.join(' · '));
    if (cosigned !== null) {
      this.element.dataset['cosigned'] = cosigned.signed >= cosigned.needed ? 'met' : 'waiting';
    }
  }

  /** Removing a focused button would move the focus to the top of the page. */
  #updateActions(): void {
    const focused = this.#actions.contains(document.activeElement)
      ? ((document.activeElement as HTMLElement).dataset['action'] ?? '')
      : null;
    this.#actions.replaceChildren(...rowActions(this.#item, this.#documents, this.#listener));
    if (focused === null) return;
    const same = this.#actions.querySelector<HTMLElement>(`[data-action="${focused}"]`);
    (same ?? this.#actions.querySelector('button') ?? this.element).focus();
  }

  #progressBar(): HTMLProgressElement | null {
    const { phase } = this.#item.state;
    if (phase !== 'hashing' && phase !== 'uploading') return null;
    const bar = element('progress', { max: 1, 'aria-label': messages().progressOf(this.#item.path) });
    bar.value = fraction(this.#item);
    return bar;
  }

  #problem(): HTMLElement | null {
    const { state } = this.#item;
    return state.phase === 'failed' ? problemText(state.problem) : null;
  }
}

function problemText(problem: Problem | 'unreadable'): HTMLElement {
  return problem === 'unreadable'
    ? element('p', { class: 'problem' }, messages().unreadable)
    : problemParagraph(problem, messages().problems);
}

/** The error of a download. */
function errorText(error: unknown): HTMLElement {
  if (error instanceof ProblemError) {
    const { problem } = error;
    // Cosignatures may still follow; this is not an error.
    return problem.code === 'quorum_missing'
      ? element('p', { class: 'row-note', role: 'status' }, common().problems.quorum_missing)
      : problemText(problem);
  }
  return element('p', { class: 'problem', role: 'alert' }, common().serviceAway);
}
