import { button, element } from '../dom.js';
import { words } from '../messages/register.js';
import { confirmFirst } from '../parts/dialog.js';
import { problemLine } from '../parts/problem-line.js';
import { announce, mainPanel } from '../parts/section.js';
import { tag } from '../parts/tag.js';
import { session } from '../session/index.js';
import { setPublished, type Registered } from './calls.js';

/** What strangers see of a notarization, and, for those who may, what they decide about it. */
export function visibilityView(row: Registered, changed: (row: Registered) => void): HTMLElement {
  const t = words();
  const { user, policy } = session.current ?? { user: null, policy: null };
  const says = policy?.privateVerification === true ? t.isClosed : sentence(row);
  const own = row.published !== undefined && row.details !== undefined;
  if (!own) return mainPanel(t.visibilityHeading, element('p', {}, says));
  const problem = problemLine(() => words().problems);
  const told = (published: boolean) => {
    changed({ ...row, published });
    announce(published ? words().publishedNow : words().privateNow);
  };
  const withdraw = async () => {
    if (await problem.during(() => setPublished(row.id, false))) told(false);
  };
  const ask = () => {
    confirmFirst({
      heading: words().publishHeading,
      says: words().publishExplained,
      yes: words().publishYes,
      run: () => setPublished(row.id, true),
      done: () => {
        told(true);
      },
    });
  };
  const act = row.published
    ? button(t.keepPrivate, () => void withdraw(), { id: 'visibility' })
    : button(t.publish, ask, { id: 'visibility' });
  return mainPanel(
    t.visibilityHeading,
    element('p', {}, row.published ? tag(t.published) : null, row.published ? ' ' : null, says),
    user?.role === 'auditor'
      ? element('p', { class: 'hint' }, t.notYours)
      : element('div', { class: 'form-actions' }, act),
    problem.element,
  );
}

function sentence({ details, published }: Registered): string {
  const t = words();
  if (details === undefined) return t.isBare;
  return published === true ? t.isPublished : t.isPrivate;
}
