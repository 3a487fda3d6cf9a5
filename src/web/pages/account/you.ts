import { confirmFirst } from '../../components/dialog.js';
import { choice, choices, Field, form } from '../../components/form.js';
import { Loaded, problemLine } from '../../components/loaded.js';
import { announce, focusHeading, panel, type Section, tag } from '../../components/section.js';
import {
  changePassword,
  endOtherSessions,
  endSession,
  leaveOrganization,
  type OwnSession,
  ownSessions,
  signOut,
} from '../../lib/api.js';
import { button, element, present } from '../../lib/dom.js';
import { formatTime } from '../../lib/format.js';
import { localProblem } from '../../lib/request.js';
import {
  chooseOrganization,
  type Membership,
  session,
  type Session,
  sessionChanged,
  type User,
} from '../../lib/session.js';
import { currentPassword, newPassword } from './fields.js';
import { entry } from './lists.js';
import { messages } from '../../messages/account.js';

/** The first match decides: most browsers also name the browsers that they are compatible with. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bWhale\//, 'Whale'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bVersion\/.*\bSafari\//, 'Safari'],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\bWindows\b/, 'Windows'],
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];

/** A readable name for a User-Agent. The client chooses it, so it proves nothing. */
export function deviceName(agent: string): string {
  const t = messages().you;
  const browser = BROWSERS.find(([pattern]) => pattern.test(agent))?.[1];
  const system = SYSTEMS.find(([pattern]) => pattern.test(agent))?.[1];
  if (browser !== undefined && system !== undefined) return t.device(browser, system);
  // Programs start with their name and version: curl/8.5.0.
  const program = /^(?!Mozilla)[\w.-]{1,40}(\/[\w.-]{1,20})?/.exec(agent)?.[0];
  return browser ?? program ?? t.unknownDevice;
}

/** The user's sessions, with buttons to end them. */
function sessionsPanel(): Section & { readonly reload: () => void } {
  const own = element('div', {});
  const show = () => {
    const t = messages().you;
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
  const t = messages().you;
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
  const t = messages().you;
  const name = deviceName(agent);
  const begun = formatTime(Date.parse(createdAt));
  return entry({
    name,
    title: agent,
    tags: [current ? tag(t.thisSession, 'good') : null],
    lines: [t.sessionTimes(begun, formatTime(Date.parse(lastUsedAt)), address)],
    actions: current
      ? []
      : [
          button(
            t.endSession,
            () => {
              end(() => endSession(id), t.sessionEnded);
            },
            { 'aria-label': t.endSessionNamed(name, begun) },
          ),
        ],
  });
}

/** The user's name, organizations, password and sessions. */
export function youSection(): Section {
  const own = element('div', { class: 'panels' });
  const sessions = sessionsPanel();
  const show = () => {
    const { current } = session;
    if (current?.user == null) return;
    sessions.show();
    own.replaceChildren(
      ...present([
        identity(current.user),
        organizationsPanel(current, current.user),
        // Users of another issuer have their password and sessions there.
        current.user.email === null ? null : passwordPanel(current.user.email, sessions.reload),
        sessions.element,
      ]),
    );
  };
  return { element: own, show };
}

function identity({ name, email, operator }: User): HTMLElement {
  const t = messages();
  const leave = button(messages().you.signOut, () => {
    leave.setAttribute('aria-disabled', 'true');
    // Whatever the response, the page shows the session as it is afterwards.
    signOut()
      .catch(() => undefined)
      .then(sessionChanged)
      .catch(() => undefined)
      .finally(() => {
        leave.removeAttribute('aria-disabled');
      });
  });
  return element(
    'section',
    { class: 'panel identity' },
    element(
      'div',
      {},
      element(
        'h3',
        { tabindex: -1 },
        element('bdi', {}, name),
        operator ? ' ' : null,
        operator ? tag(t.administrator) : null,
      ),
      email === null ? null : element('p', { class: 'hint' }, email),
    ),
    leave,
  );
}

function organizationsPanel({ memberships }: Session, user: User): HTMLElement {
  const t = messages().you;
  const { roles } = messages();
  const [only] = memberships;
  if (only === undefined) {
    return panel(
      t.organizationsHeading,
      element('p', {}, user.operator ? t.noOrganizationsAdministrator : t.noOrganizations),
    );
  }
  if (memberships.length === 1 && user.organization?.id === only.organization.id) {
    return panel(
      t.organizationsHeading,
      element('p', {}, t.onlyOrganization(only.organization.name, roles[only.role])),
    );
  }
  const offered = memberships.map(({ organization: { id, name }, role }) =>
    choice({
      type: 'radio',
      name: 'organization',
      value: id,
      label: element('bdi', {}, name),
      explained: roles[role],
      checked: user.organization?.id === id,
    }),
  );
  const chosen = () => offered.find(({ input }) => input.checked)?.input.value ?? '';
  const chooser = form({
    name: 'organization',
    fields: [],
    content: [
      choices(
        element('span', { class: 'visually-hidden' }, t.organizationsHeading),
        ...offered.map((each) => each.element),
      ),
    ],
    submit: t.choose,
    send: async () => {
      if (chosen() === '') throw localProblem('no_choice');
      const { user: now } = await chooseOrganization(chosen());
      announce(t.chosen(now?.organization?.name ?? ''));
    },
  });
  return panel(
    t.organizationsHeading,
    element('p', { class: 'hint' }, t.organizationsLead),
    chooser,
    element('p', { class: 'hint' }, t.leaveLead),
    element('div', { class: 'form-actions' }, ...memberships.map(leaveButton)),
  );
}

/** Somebody else may have joined it with the user's address, who does not want to stay. */
function leaveButton({ organization: { id, name } }: Membership): HTMLElement {
  const t = messages().users;
  const ask = () => {
    confirmFirst({
      heading: t.leaveHeading(name),
      message: t.leaveExplained,
      yes: t.leave,
      run: async () => {
        await leaveOrganization(id);
        await sessionChanged();
        announce(messages().you.left(name));
      },
    });
  };
  return button(messages().you.leaveNamed(name), ask, { class: 'button is-quiet' });
}

function passwordPanel(email: string, reloadSessions: () => void): HTMLElement {
  const t = messages().you;
  const body = element('div', {});
  // Password managers need the user name.
  const account = new Field({
    name: 'email',
    label: messages().email,
    type: 'email',
    autocomplete: 'username',
    readonly: true,
    value: email,
  });
  const fill = () => {
    const current = currentPassword(t.currentPassword);
    const next = newPassword();
    const change = form({
      name: 'password',
      fields: [current, ...next.fields],
      content: [element('div', { hidden: true }, account.element), current.element, next.element],
      submit: t.changePassword,
      blame: { invalid_password: next.fields[0], invalid_credentials: current },
      sentences: { invalid_credentials: t.wrongPassword },
      send: async () => {
        await changePassword(current.value, next.value);
        await sessionChanged();
        announce(t.passwordChanged);
        reloadSessions();
        fill();
        body.prepend(element('p', { class: 'done' }, t.passwordChanged));
        const section = body.closest<HTMLElement>('section');
        if (section !== null) focusHeading(section);
      },
    });
    body.replaceChildren(change);
  };
  fill();
  return panel(
    t.passwordHeading,
    element('p', { class: 'hint' }, t.passwordLead),
    element('details', {}, element('summary', {}, t.changePassword), body),
  );
}
