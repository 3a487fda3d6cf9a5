import { announce } from '../../components/section.js';
import { button, element, icon, present, setText } from '../../lib/dom.js';
import { catchDrops, type ChosenFile, dropZone, type DropZoneOptions } from '../../lib/files.js';
import { formatBytes, formatPercent } from '../../lib/format.js';
import { recall, remember } from '../../lib/language.js';
import { Examination, type Outcome, type VerifyContext, type Work } from './examination.js';
import { PROOF_ENDING, sortFiles } from './files.js';
import { messageOf, resultView } from './result.js';
import { extendButton } from './extend.js';
import { packButton } from './pack.js';
import { type TrustChoice, trustView } from './trust.js';
import { messages } from '../../messages/verify.js';
import { common } from '../../messages/common.js';

/** Shows the work in progress in `place`. An existing progress bar is updated, not rebuilt. */
function showWork(place: HTMLElement, work: Work | null, cancel: () => void): void {
  const t = messages();
  if (work === null) place.replaceChildren();
  else if (work.kind === 'looking') place.replaceChildren(element('p', {}, t.lookingUp));
  else if (work.kind === 'unreadable')
    place.replaceChildren(element('p', { class: 'problem' }, t.unreadableDocument));
  else showHashing(place, work, cancel);
}

function showHashing(
  place: HTMLElement,
  { bytes, size, name }: Extract<Work, { kind: 'hashing' }>,
  cancel: () => void,
): void {
  const t = messages();
  const fraction = size === 0 ? 1 : bytes / size;
  const text = t.hashing(formatPercent(fraction), name);
  if (place.querySelector('progress') === null) {
    const bar = element('progress', { max: 1, 'aria-label': text });
    place.replaceChildren(element('p', {}, text), bar, button(common().cancel, cancel));
  }
  const bar = place.querySelector('progress');
  if (bar !== null) bar.value = fraction;
  const line = place.querySelector('p');
  if (line !== null) setText(line, text);
}

/** The inputs for document and proof: each asks for its file or shows the chosen one. */
function fileInputs(
  examination: Examination,
  take: (files: readonly ChosenFile[]) => void,
): ReturnType<typeof present> {
  const t = messages();
  return present([
    fileInput(examination, 'document', t.chooseDocument, take, {
      heading: t.document,
      explained: t.documentExplained,
      icon: 'file',
    }),
    fileInput(examination, 'proof', t.chooseProof, take, {
      heading: t.proof,
      explained: t.proofExplained,
      icon: 'proof',
      accept: `.json,${PROOF_ENDING},.pdf`,
    }),
    examination.receipt === null
      ? null
      : chosenFileView(examination.receipt, t.receipt, () => {
          examination.take('receipt');
        }),
  ]);
}

function fileInput(
  examination: Examination,
  what: 'document' | 'proof',
  label: string,
  take: (files: readonly ChosenFile[]) => void,
  options: Omit<DropZoneOptions, 'id' | 'choose' | 'onFiles'>,
): HTMLElement {
  const given = examination[what];
  if (given !== null) {
    return chosenFileView(given, options.heading, () => {
      examination.take(what);
    });
  }
  return dropZone({
    ...options,
    id: `${what}-input`,
    // A proof can be chosen with a kept receipt.
    choose: [{ label, folder: false, multiple: what === 'proof' }],
    onFiles: (files) => {
      const [file, ...more] = files;
      if (more.length > 0) take(files);
      else if (file !== undefined)
        examination.give(what === 'document' ? { document: file } : { proof: file });
    },
  });
}

function chosenFileView({ file, path }: ChosenFile, label: string, remove: () => void): HTMLElement {
  const clear = button('', remove, {
    class: 'button is-quiet is-icon',
    'aria-label': messages().remove(path),
  });
  clear.append(icon('cross'));
  return element(
    'div',
    { class: 'chosen-file' },
    element('span', { class: 'chosen-file-label' }, label),
    element('bdi', { class: 'chosen-file-name' }, path),
    element('span', { class: 'chosen-file-size' }, formatBytes(file.size)),
    clear,
  );
}

const TRUST_KEY = 'ingam.trust';
/** A key is checked after a pause in typing. */
const TYPING_MS = 250;

/** Mounts the page, served or offline. */
export function mountVerify(context: VerifyContext): void {
  const inputs = element('div', { class: 'file-inputs' });
  const progress = element('div', { class: 'working' });
  const answer = element('div', { class: 'answer' });
  const ignored = element('p', { class: 'caution', role: 'status' });
  /** The document that was checked if several were dropped; null otherwise. */
  let chosenOf: string | null = null;
  let trust: TrustChoice = rememberedTrust();
  let typing: ReturnType<typeof setTimeout> | undefined;

  const examination = new Examination(context, {
    onGiven: showInputs,
    onWork: showProgress,
    onOutcome: showOutcome,
  });

  async function take(files: readonly ChosenFile[]): Promise<void> {
    const { documents, ...given } = await sortFiles(files, examination.proof);
    chosenOf = documents > 1 ? (given.document?.path ?? null) : null;
    examination.give(given);
  }

  function showInputs(): void {
    inputs.replaceChildren(...fileInputs(examination, (files) => void take(files)));
    setText(ignored, chosenOf === null ? '' : messages().oneAtATime(chosenOf));
    ignored.hidden = chosenOf === null;
  }

  function showProgress(): void {
    showWork(progress, examination.work, () => {
      examination.take('document');
    });
  }

  function showOutcome(): void {
    const { outcome } = examination;
    const actions = {
      entryLink: context.entryLink,
      directory: context.directory,
      more: (shown: Outcome) => [
        ...extendButton(shown, context.directory, (directory) => examination.extend(directory)),
        ...packButton(shown, examination.document, context),
      ],
      again: () => {
        examination.ask();
      },
      choose: (id: string) => {
        examination.choose(id);
      },
    };
    answer.replaceChildren(...present([outcome === null ? null : resultView(outcome, actions)]));
    answer.toggleAttribute('aria-busy', false);
    if (outcome === null) return;
    announce(`${messages().statements[outcome.statement].title}. ${messageOf(outcome)}`);
    // On a small screen the result may be below the visible part.
    const top = answer.getBoundingClientRect().top;
    if (top > window.innerHeight * 0.75) answer.scrollIntoView();
  }

  function changeTrust(chosen: TrustChoice): void {
    trust = chosen;
    remember(TRUST_KEY, JSON.stringify(chosen));
    clearTimeout(typing);
    typing = setTimeout(() => {
      examination.trust = chosen;
    }, TYPING_MS);
  }

  examination.trust = trust;
  context.frame(() => {
    const t = messages();
    showInputs();
    showProgress();
    showOutcome();
    const content = element(
      'div',
      { class: 'page' },
      element('h1', {}, t.heading),
      element('p', { class: 'lead' }, t.lead),
      inputs,
      ignored,
      progress,
      answer,
      trustView(trust, changeTrust),
      context.about(),
    );
    return { title: common().verify, content };
  });
  catchDrops((files) => void take(files));
}

/** The choice is remembered in this browser only. */
function rememberedTrust(): TrustChoice {
  try {
    const { source, pasted } = JSON.parse(recall(TRUST_KEY) ?? '{}') as Partial<Record<string, unknown>>;
    if (source === 'own' && typeof pasted === 'string') return { source, pasted };
  } catch {
    // Not written by this page.
  }
  return { source: 'service', pasted: '' };
}
