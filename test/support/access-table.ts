import { decide, type Principal, type Rule } from '../../src/auth/index.js';
import type { HttpDeps } from '../../src/http/index.js';
import { openApiPath, type Route } from '../../src/http/route.js';
import { allRoutes } from '../../src/http/server/app.js';
import type { Organization, Role, Scope } from '../../src/store/index.js';

/** Who may make which call, as the code has it: docs/access.md holds this table, and a test compares. */

const LIMITS = { requestsPerMinute: null, digestsPerDay: null, bytesPerDay: null };
const ORGANIZATION: Organization = {
  id: 'org_x',
  number: 1,
  name: 'x',
  createdAt: 0,
  disabledAt: null,
  limits: LIMITS,
  requiresPasskey: false,
};

const key = (scope: Scope): Principal => ({
  kind: 'key',
  keyId: 'x',
  organization: ORGANIZATION,
  scopes: [scope],
  limits: LIMITS,
});
const user = (role: Role | null): Principal => ({
  kind: 'user',
  personId: 'psn_x',
  sessionId: 'ses_x',
  email: 'x@example.com',
  name: 'x',
  organization: role === null ? null : ORGANIZATION,
  role,
  operator: role === null,
  withPasskey: true,
  lacksPasskey: false,
});

const KINDS: readonly (readonly [heading: string, principal: Principal])[] = [
  ['nobody', { kind: 'anonymous' }],
  ['key `notarize`', key('notarize')],
  ['key `read`', key('read')],
  ['auditor', user('auditor')],
  ['notary', user('notary')],
  ['owner', user('owner')],
  ['operator', user(null)],
];

const POLICIES = [true, false].flatMap((anonymousSubmission) =>
  [true, false].map((privateVerification) => ({ anonymousSubmission, privateVerification })),
);

/** Every call, without what it would need to be made. */
export function everyRoute(): readonly Route[] {
  return allRoutes({} as HttpDeps);
}

export function accessTable(routes: readonly Route[]): string {
  const rows = routes.map(({ method, path, access }) => [
    `\`${method.toUpperCase()} ${openApiPath(path)}\``,
    ...KINDS.map(([, principal]) => cell(access, principal)),
  ]);
  const lines = [['call', ...KINDS.map(([heading]) => heading)], ['---', ...KINDS.map(() => '---')], ...rows];
  return `${lines.map((line) => `| ${line.join(' | ')} |`).join('\n')}\n`;
}

function cell(rule: Rule, principal: Principal): string {
  const decisions = new Set(POLICIES.map((policy) => decide(rule, principal, policy)));
  if (decisions.size > 1) return 'setting';
  return decisions.has('allowed') ? 'yes' : '–';
}
