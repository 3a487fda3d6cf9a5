import type { SchemaComparison, SchemaDifference, ServerFacts } from '../store/index.js';
import { type AuditNote, finding, type Findings } from './finding.js';

// What keeps the rows as they are: the schema's own rules, and who could set them aside.

/** Adds a finding for whatever is not as the migrations make it. */
export function checkSchema(
  { differences, worker }: SchemaComparison,
  findings: Findings,
  notes: AuditNote[],
): void {
  for (const difference of differences) findings.add(schemaFinding(difference));
  if (worker !== null)
    notes.push({ about: `role ${worker}`, message: 'It reads and writes the tables for the service.' });
}

/** Tables and columns that a reader of rows cannot do without. */
export function missingParts({ differences }: SchemaComparison): SchemaDifference[] {
  return differences.filter(({ kind, found }) => found === null && (kind === 'table' || kind === 'column'));
}

function schemaFinding({ kind, name, expected, found }: SchemaDifference) {
  const what = `The ${kind} ${name}`;
  const [problem, message] =
    found === null
      ? (['missing', `${what} is missing.`] as const)
      : expected === null
        ? (['extra', `${what} is not one that the service makes.`] as const)
        : (['schema_mismatch', `${what} is not as the service makes it.`] as const);
  return finding('schema', { kind, name }, null, problem, message, differing(expected, found));
}

const SHOWN = 160;

/** Both texts, from shortly before the first difference on. */
function differing(expected: string | null, found: string | null): { expected?: string; found?: string } {
  if (expected === null) return found === null ? {} : { found: cut(found, 0) };
  if (found === null) return { expected: cut(expected, 0) };
  let same = 0;
  while (same < expected.length && expected[same] === found[same]) same++;
  const from = Math.max(0, same - 40);
  return { expected: cut(expected, from), found: cut(found, from) };
}

function cut(text: string, from: number): string {
  const part = text.slice(from, from + SHOWN).replaceAll(/\s+/g, ' ');
  return `${from > 0 ? '… ' : ''}${part}${from + SHOWN < text.length ? ' …' : ''}`;
}

/** Settings that change what a statement does, or whether it lasts. */
const DECISIVE = new Set([
  'allow_system_table_mods',
  'check_function_bodies',
  'default_transaction_isolation',
  'default_transaction_read_only',
  'dynamic_library_path',
  'event_triggers',
  'fsync',
  'full_page_writes',
  'ignore_checksum_failure',
  'local_preload_libraries',
  'role',
  'row_security',
  'search_path',
  'session_preload_libraries',
  'session_replication_role',
  'synchronous_commit',
  'transform_null_equals',
  'zero_damaged_pages',
]);

/** What a session must have, whoever set it. */
const REQUIRED: Readonly<Record<string, string>> = {
  session_replication_role: 'origin',
  zero_damaged_pages: 'off',
  ignore_checksum_failure: 'off',
  allow_system_table_mods: 'off',
};

/** What a server may do without, at its owner's risk. */
const ADVISED: Readonly<Record<string, string>> = { fsync: 'on', full_page_writes: 'on' };

export interface ExpectedRoles {
  /** Superusers that the server is set up with, who cannot connect; null: it is somebody else's server. */
  readonly superusers: readonly string[] | null;
}

/** Adds a finding for each setting and role that sets the schema's rules aside. */
export function checkServer(
  facts: ServerFacts,
  owner: string | null,
  expected: ExpectedRoles,
  findings: Findings,
  notes: AuditNote[],
): void {
  const { session, settings, roles, superusers, powerful } = facts;
  for (const [name, value] of Object.entries(REQUIRED)) {
    const found = session[name] ?? value;
    if (found === value) continue;
    const message = `The setting ${name} is ${found} for every session.`;
    findings.add(finding('setting', { name }, null, 'unsafe', message, { expected: value, found }));
  }
  for (const [name, value] of Object.entries(ADVISED)) {
    const found = session[name] ?? value;
    if (found !== value) {
      const message = `${name} is ${found}: a crash of the server's machine can lose or damage acknowledged documents.`;
      notes.push({ about: `setting ${name}`, message });
    }
  }
  for (const { scope, name, value } of settings) {
    const message = `The setting ${name} is ${value} for ${scope}; the service sets nothing there.`;
    if (DECISIVE.has(name))
      findings.add(finding('setting', { scope, name }, null, 'unsafe', message, { found: value }));
    else notes.push({ about: `setting ${name}`, message });
  }
  for (const { name, superuser, powers, memberOf, members } of roles) {
    const add = (message: string) => {
      findings.add(finding('role', { name }, null, 'unsafe', message));
    };
    const who = name === owner ? `The role ${name}, which owns the tables,` : `The role ${name}`;
    if (superuser) {
      const message = `${who} is a superuser: whoever works as it can set every rule of the schema aside, and read files of the server.`;
      // On a server of our own, it is named below.
      if (expected.superusers === null) notes.push({ about: `role ${name}`, message });
    }
    // A superuser has these anyway.
    if (!superuser && powers.length > 0) add(`${who} has ${powers.join(', ')}.`);
    if (!superuser && memberOf.length > 0) add(`${who} has the rights of ${memberOf.join(', ')}.`);
    if (members.length > 0) add(`${members.join(', ')} can act as ${name}.`);
  }
  for (const { name, through } of powerful) {
    if (roles.some((role) => role.name === name) || name === 'pg_monitor') continue;
    const message = `The role ${name} has the rights of ${through}.`;
    findings.add(finding('role', { name }, null, 'unsafe', message));
  }
  if (expected.superusers === null) {
    const names = superusers.map(({ name }) => name).join(', ');
    notes.push({ about: 'roles', message: `Superusers of this server: ${names}.` });
    return;
  }
  for (const { name, login } of superusers) {
    if (expected.superusers.includes(name) && !login) continue;
    const message = `The role ${name} is a superuser${login ? ' that can connect' : ''}.`;
    findings.add(finding('role', { name }, null, 'unsafe', message));
  }
}
