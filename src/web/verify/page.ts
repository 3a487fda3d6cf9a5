import { button, element, icon, present, setText } from '../dom.js';
import { catchDrops, dropZone } from '../drop-zone.js';
import type { ChosenFile } from '../dropped-files.js';
import { formatBytes, formatPercent } from '../format.js';
import { announcer, mountFrame } from '../frame.js';
import { words } from '../messages/verify.js';
import { recall, remember } from '../language.js';
import { Examination } from './examination.js';
import { isProof, PROOF_ENDING } from './given.js';
import { resultView } from './result-view.js';
import { trustView, type TrustChoice } from './trust-view.js';

const TRUST_KEY = 'ingam.trust';
/** A key that is being typed is not asked about at every stroke. */
const TYPING_MS = 250;

const { node: live, say } = announcer();
const inputs = element('div', { class: 'slots' });
const progress = element('div', { class: 'working' });
const answer = element('div', { class: 'answer' });
let trust: TrustChoice = rememberedTrust();
let typing: ReturnType<typeof setTimeout> | undefined;

const examination = new Examination({
  onGiven: showInputs,
  onWork: showWork,
  onOutcome: showOutcome,
});

/** Of several files the first document and the first proof are taken: an answer is about one document. */
async function take(files: readonly ChosenFile[]): Promise<void> {
  const kinds = await Promise.all(files.map(isProof));
  const document = files.find((_, i) => kinds[i] === false);
  const proof = files.find((_, i) => kinds[i] === true);
  examination.give({
    ...(document === undefined ? {} : { document }),
    ...(proof === undefined ? {} : { proof }),
  });
  const documents = kinds.filter((kind) => !kind).length;
  if (document !== undefined && documents > 1) say(words().oneAtATime(document.file.name));
}

function showInputs(): void {
  const t = words();
  const { document, proof } = examination;
  const slot = (given: ChosenFile | null, empty: HTMLElement, label: string, remove: () => void) =>
    given === null ? empty : filledSlot(given, label, remove);
  inputs.replaceChildren(
    slot(
      document,
      dropZone({
        heading: t.document,
        explained: t.documentExplained,
        icon: 'file',
        id: 'document-slot',
        choose: [{ label: t.chooseDocument, folder: false, multiple: false }],
        onFiles: ([file]) => {
          if (file !== undefined) examination.give({ document: file });
        },
      }),
      t.document,
      () => {
        examination.take('document');
      },
    ),
    slot(
      proof,
      dropZone({
        heading: t.proof,
        explained: t.proofExplained,
        icon: 'proof',
        id: 'proof-slot',
        accept: `.json,${PROOF_ENDING}`,
        choose: [{ label: t.chooseProof, folder: false, multiple: false }],
        onFiles: ([file]) => {
          if (file !== undefined) examination.give({ proof: file });
        },
      }),
      t.proof,
      () => {
        examination.take('proof');
      },
    ),
  );
}

function filledSlot({ file, path }: ChosenFile, label: string, remove: () => void): HTMLElement {
  const clear = button('', remove, { class: 'button is-quiet is-icon', 'aria-label': words().remove(path) });
  clear.append(icon('cross'));
  return element(
    'div',
    { class: 'slot is-filled' },
    element('span', { class: 'slot-label' }, label),
    element('bdi', { class: 'slot-name' }, path),
    element('span', { class: 'slot-size' }, formatBytes(file.size)),
    clear,
  );
}

function showWork(): void {
  const t = words();
  const { work } = examination;
  if (work === null) progress.replaceChildren();
  else if (work.kind === 'looking') progress.replaceChildren(element('p', {}, t.lookingUp));
  else if (work.kind === 'unreadable')
    progress.replaceChildren(element('p', { class: 'problem' }, t.unreadableDocument));
  else {
    const fraction = work.size === 0 ? 1 : work.bytes / work.size;
    const text = t.hashing(formatPercent(fraction), work.name);
    const shown = progress.querySelector('progress');
    if (shown === null) {
      const bar = element('progress', { max: 1, 'aria-label': text });
      const cancel = button(t.cancel, () => {
        examination.take('document');
      });
      progress.replaceChildren(element('p', {}, text), bar, cancel);
    }
    const bar = progress.querySelector('progress');
    if (bar !== null) bar.value = fraction;
    const line = progress.querySelector('p');
    if (line !== null) setText(line, text);
  }
}

function showOutcome(): void {
  const { outcome } = examination;
  const actions = {
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
  const { title, says } = words().statements[outcome.statement];
  say(`${title}. ${says}`);
  // On a small screen the answer may come below what is seen.
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

/** What a reader trusts is theirs: it is kept in this browser and nowhere else. */
function rememberedTrust(): TrustChoice {
  try {
    const { source, pasted } = JSON.parse(recall(TRUST_KEY) ?? '{}') as Partial<Record<string, unknown>>;
    if (source === 'own' && typeof pasted === 'string') return { source, pasted };
  } catch {
    // Not what this page wrote.
  }
  return { source: 'service', pasted: '' };
}

examination.trust = trust;
mountFrame('verify', () => {
  const t = words();
  showInputs();
  showWork();
  showOutcome();
  const content = element(
    'div',
    { class: 'page' },
    element('h1', {}, t.heading),
    element('p', { class: 'lead' }, t.lead),
    inputs,
    progress,
    answer,
    trustView(trust, changeTrust),
    live,
  );
  return { title: t.title, content };
});
catchDrops((files) => void take(files));
