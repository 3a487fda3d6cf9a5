import { announcer } from '../announcer.js';
import { element, present } from '../dom.js';
import { catchDrops } from '../drop-zone.js';
import type { ChosenFile } from '../dropped-files.js';
import { recall, remember } from '../language.js';
import { words } from '../messages/verify.js';
import { Examination } from './examination.js';
import { sortGiven } from './given.js';
import { resultView } from './result-view.js';
import { slotsView } from './slots-view.js';
import type { Surroundings } from './surroundings.js';
import { trustView, type TrustChoice } from './trust-view.js';
import { showWork } from './work-view.js';

const TRUST_KEY = 'ingam.trust';
/** A key that is being typed is not asked about at every stroke. */
const TYPING_MS = 250;

/** The page that verifies, wherever it stands. */
export function mountVerify(surroundings: Surroundings): void {
  const { node: live, say } = announcer();
  const inputs = element('div', { class: 'slots' });
  const progress = element('div', { class: 'working' });
  const answer = element('div', { class: 'answer' });
  let trust: TrustChoice = rememberedTrust();
  let typing: ReturnType<typeof setTimeout> | undefined;

  const examination = new Examination(surroundings, {
    onGiven: showInputs,
    onWork: showProgress,
    onOutcome: showOutcome,
  });

  async function take(files: readonly ChosenFile[]): Promise<void> {
    const { documents, ...given } = await sortGiven(files, examination.proof);
    examination.give(given);
    const { document } = given;
    if (document !== undefined && documents > 1) say(words().oneAtATime(document.file.name));
  }

  function showInputs(): void {
    inputs.replaceChildren(...slotsView(examination));
  }

  function showProgress(): void {
    showWork(progress, examination.work, () => {
      examination.take('document');
    });
  }

  function showOutcome(): void {
    const { outcome } = examination;
    const actions = {
      entryAddress: surroundings.entryAddress,
      directory: surroundings.directory,
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

  examination.trust = trust;
  surroundings.frame(() => {
    const t = words();
    showInputs();
    showProgress();
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
      surroundings.about(),
      live,
    );
    return { title: t.title, content };
  });
  catchDrops((files) => void take(files));
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
