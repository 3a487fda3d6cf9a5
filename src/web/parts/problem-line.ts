import { element, setText } from '../dom.js';
import { partWords } from '../messages/parts.js';
import { errorSentence } from '../problem-view.js';

/** Where it is said that something did not come to pass. */
export interface ProblemLine {
  readonly element: HTMLElement;
  /** Runs one thing at a time. @returns whether it came to pass; if not, the line says why */
  readonly during: (run: () => Promise<unknown>) => Promise<boolean>;
}

/** @param own what a code means here, when that is not what it means elsewhere */
export function problemLine(own: () => Readonly<Record<string, string>> = () => ({})): ProblemLine {
  const line = element('p', { class: 'problem form-problem', role: 'alert' });
  let busy = false;
  return {
    element: line,
    async during(run) {
      if (busy) return false;
      busy = true;
      setText(line, '');
      try {
        await run();
        return true;
      } catch (error) {
        setText(line, errorSentence(error, { ...partWords().problems, ...own() }));
        return false;
      } finally {
        busy = false;
      }
    },
  };
}
