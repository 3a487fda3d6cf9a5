import { button, element } from '../dom.js';
import { formatShortTime } from '../format.js';
import { youWords } from '../messages/account-you.js';
import { endOtherSessions, endSession, ownSessions, type OwnSession } from './calls.js';
import { deviceName } from './device.js';
import { Loaded } from '../parts/loaded.js';
import { announce, focusHeading, panel, type Section } from '../parts/section.js';
import { problemLine } from '../parts/problem-line.js';
import { tag } from '../parts/tag.js';

/** Where one is signed in, so that what one does not recognise can be ended. */
export function sessionsPanel(): Section & { readonly reload: () => void } {
  const own = element('div', {});
  const show = () => {
    const t = youWords();
    own.replaceChildren(
      panel(
        t.sessionsHeading,
        element('p', { class: 'hint' }, t.sessionsLead),
        sessions.view((list) => sessionList(list, (run, done) => void end(run, done))),
        problem.element,
      ),
    );
  };
  const sessions = new Loaded(ownSessions, show);
  const problem = problemLine();
  const end = async (run: () => Promise<void>, done: string) => {
    if (!(await problem.during(run))) return;
    await sessions.load();
    announce(done);
    focusHeading(own);
  };
  void sessions.load();
  return { element: own, show, reload: () => void sessions.load() };
}

function sessionList(
  list: readonly OwnSession[],
  end: (run: () => Promise<void>, done: string) => void,
): HTMLElement {
  const t = youWords();
  const others = list.filter(({ current }) => !current);
  const rows = [...list]
    .sort((a, b) => Number(b.current) - Number(a.current))
    .map((each) => sessionRow(each, end));
  const endAll = button(t.endOthers, () => {
    end(endOtherSessions, t.othersEnded);
  });
  return element(
    'div',
    {},
    element('ul', { class: 'entries' }, ...rows),
    others.length === 0
      ? element('p', { class: 'hint' }, t.onlyThis)
      : element('div', { class: 'form-actions' }, endAll),
  );
}

function sessionRow(
  { id, current, createdAt, lastUsedAt, address, agent }: OwnSession,
  end: (run: () => Promise<void>, done: string) => void,
): HTMLElement {
  const t = youWords();
  const name = deviceName(agent);
  const begun = formatShortTime(Date.parse(createdAt));
  return element(
    'li',
    { class: 'entry' },
    element(
      'div',
      { class: 'entry-main' },
      element(
        'p',
        { class: 'entry-name', title: agent },
        element('bdi', {}, name),
        current ? tag(t.thisSession, 'good') : null,
      ),
      element(
        'p',
        { class: 'hint' },
        t.sessionTimes(begun, formatShortTime(Date.parse(lastUsedAt)), address),
      ),
    ),
    current
      ? null
      : button(
          t.endSession,
          () => {
            end(() => endSession(id), t.sessionEnded);
          },
          { 'aria-label': t.endSessionNamed(name, begun) },
        ),
  );
}
