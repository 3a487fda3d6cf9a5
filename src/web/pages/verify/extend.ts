import { ProofError } from '../../../proof/errors.js';
import { problemLine } from '../../components/loaded.js';
import { button, type Child, element, setText } from '../../lib/dom.js';
import { localProblem } from '../../lib/request.js';
import type { Directory, Outcome } from './examination.js';
import { isHere } from './result.js';
import { messages, type StatementName } from '../../messages/verify.js';

/** Statements of a proof to which evidence can be added. */
const EXTENDED: readonly StatementName[] = ['verified', 'holds', 'uncosigned', 'untimed'];

/** Offers to add newer evidence to a proof of this service that the user gave. */
export function extendButton(
  { statement, checked }: Outcome,
  directory: Directory | null,
  extend: (directory: Directory) => Promise<boolean>,
): { readonly button: Child; readonly line: Child }[] {
  if (directory === null || checked === null || !EXTENDED.includes(statement)) return [];
  if (checked.source === 'service' || !isHere(checked)) return [];
  const t = messages();
  const problem = problemLine(() => ({ notarization_not_found: messages().noEvidenceHere }));
  const said = element('p', { class: 'hint', role: 'status' }, checked.text === null ? '' : t.extended);
  const add = async () => {
    press.setAttribute('aria-busy', 'true');
    setText(said, '');
    await problem.during(async () => {
      try {
        // What was added shows in a new result.
        if (!(await extend(directory))) setText(said, messages().nothingNewer);
      } catch (error) {
        if (error instanceof ProofError) throw localProblem('not_understood');
        throw error;
      }
    });
    press.removeAttribute('aria-busy');
  };
  const press = button(t.extend, () => void add(), { class: 'button', 'data-action': 'extend' });
  return [{ button: press, line: element('div', {}, said, problem.element) }];
}
