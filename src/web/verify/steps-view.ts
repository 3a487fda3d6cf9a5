import { printable } from '../../proof/errors.js';
import type { PendingProof, ProofFile } from '../../proof/proof-file.js';
import type { Step } from '../../proof/verdict.js';
import type { Verification } from '../../proof/verify.js';
import { definitions } from '../definitions.js';
import { element, hiddenText, icon } from '../dom.js';
import { formatNumber, formatTime } from '../format.js';
import { stepWords, type Facts } from '../messages/steps.js';
import { words } from '../messages/verify.js';
import { isPending } from './check.js';
import type { Quorum } from './quorum.js';
import { signerLines } from './signers-view.js';

const ICONS = { held: 'check', failed: 'cross', skipped: 'dash' } as const;

/** The steps of a verification with what each proves, in the reader's language. */
export function stepList(
  { steps, cosignatures }: Verification,
  proof: ProofFile | PendingProof,
  quorum: Quorum | null,
): HTMLElement {
  const facts = factsOf(proof, cosignatures);
  return element('ol', { class: 'steps' }, ...steps.map((step) => stepItem(step, facts, quorum)));
}

function stepItem(step: Step, facts: Facts, quorum: Quorum | null): HTMLElement {
  const t = stepWords();
  const { title, held, skipped } = t.steps[step.name];
  const says = step.code !== null ? t.failures[step.code] : step.outcome === 'held' ? held(facts) : skipped;
  return element(
    'li',
    {
      class: 'step',
      value: step.number,
      'data-step': step.name,
      'data-outcome': step.outcome,
      ...(step.code === null ? {} : { 'data-code': step.code }),
    },
    element('span', { class: 'step-icon' }, icon(ICONS[step.outcome])),
    element(
      'div',
      {},
      element(
        'h4',
        {},
        element('span', { class: 'step-number' }, `${formatNumber(step.number)} `),
        title,
        hiddenText(`: ${t.outcome[step.outcome]}`),
      ),
      element('p', {}, says),
      step.expected === undefined || step.computed === undefined
        ? null
        : definitions([
            [words().expected, printable(step.expected), 'code'],
            [words().computed, printable(step.computed), 'code'],
          ]),
      ...(step.name === 'cosignatures' && quorum !== null ? signerLines(quorum) : []),
    ),
  );
}

function factsOf(proof: ProofFile | PendingProof, cosignatures: Verification['cosignatures']): Facts {
  const header = isPending(proof) ? null : proof.block.header;
  const number = (value: number | undefined) => (value === undefined ? '' : formatNumber(value));
  return {
    origin: printable(isPending(proof) ? proof.receipt.origin : proof.log.checkpoint.origin),
    height: number(header?.height),
    number: isPending(proof) ? '' : formatNumber(proof.block.index + 1),
    count: number(header?.entryCount),
    zeroBits: number(header?.difficulty),
    accepted: formatTime(proof.entry.acceptedAt, 'UTC'),
    sealed: header === null ? '' : formatTime(header.sealedAt, 'UTC'),
    blocks: isPending(proof) ? '' : formatNumber(proof.log.checkpoint.size),
    witnesses: cosignatures.map(({ witness }) => printable(witness)).join(', '),
    deadline: isPending(proof) ? formatTime(proof.receipt.deadline, 'UTC') : '',
  };
}
