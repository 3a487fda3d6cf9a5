import { createHash } from 'node:crypto';
import { equal, isObject, type Json } from '../proof/index.js';
import { type AccessState, EVENT_KINDS, eventMac, type EventRow, type RecordRows } from '../store/index.js';
import { type AuditNote, type AuditTable, finding, type Findings, type Key, show } from './finding.js';

const PAGE = 1024;
/** Ids that are listed as missing. */
const LISTED = 20;

type Detail = Readonly<Record<string, Json>>;

interface OrganizationTold {
  readonly createdAt: bigint;
  name: string | null;
  disabledAt: bigint | null;
  readonly limits: Map<string, Json>;
  requiresPasskey: boolean;
}

interface KeyTold {
  readonly at: bigint;
  readonly detail: Detail;
  readonly organization: string | null;
  revokedAt: bigint | null;
}

interface RequestTold {
  readonly organization: string | null;
  /** SHA-256 of the key that the person gave last, in hexadecimal. */
  key: Json;
  /** The contract that was named last. */
  record: Json;
  isErased: boolean;
}

const LIMITS = [
  ['requestsPerMinute', 'requests_per_minute'],
  ['digestsPerDay', 'digests_per_day'],
  ['bytesPerDay', 'bytes_per_day'],
] as const;

/** What the access log says about accounts, as far as it has been read. */
class Told {
  readonly organizations = new Map<string, OrganizationTold>();
  readonly keys = new Map<string, KeyTold>();
  readonly requests = new Map<string, RequestTold>();
  /** By record: who has published it last, with a note of which time; null: it was withdrawn. */
  readonly published = new Map<
    string,
    { readonly organization: string | null; readonly signedAt: Json } | null
  >();
  /** Role, by organization and person. */
  readonly users = new Map<string, string>();
  readonly operators = new Map<string, boolean>();
  readonly disabled = new Map<string, bigint>();
  /** People who have set a password. */
  readonly passwords = new Set<string>();

  add(row: EventRow, detail: Detail): void {
    const { at, kind, organization_id: organization, person_id: by, key_id: key } = row;
    const person = typeof detail['person'] === 'string' ? detail['person'] : null;
    const known = organization === null ? undefined : this.organizations.get(organization);
    switch (kind) {
      case 'organization_created':
        if (organization !== null) {
          const none = { name: null, disabledAt: null, requiresPasskey: false };
          const told = { createdAt: at, ...none, limits: new Map<string, Json>() };
          this.organizations.set(organization, told);
          change(told, detail);
        }
        break;
      case 'organization_changed':
      case 'organization_disabled':
      case 'organization_enabled':
        if (known === undefined) break;
        change(known, detail);
        if (kind !== 'organization_changed') known.disabledAt = kind === 'organization_disabled' ? at : null;
        break;
      case 'key_created':
        if (key !== null) this.keys.set(key, { at, detail, organization, revokedAt: null });
        break;
      case 'key_revoked': {
        const told = key === null ? undefined : this.keys.get(key);
        if (told !== undefined) told.revokedAt ??= at;
        break;
      }
      case 'signing_requested':
        if (typeof detail['request'] === 'string') {
          const { record = null } = detail;
          this.requests.set(detail['request'], { organization, key: null, record, isErased: false });
        }
        break;
      case 'signing_key_given':
      case 'signing_record_named':
      case 'signing_erased': {
        const told = this.requests.get(typeof detail['request'] === 'string' ? detail['request'] : '');
        if (told === undefined) break;
        if (kind === 'signing_erased') told.isErased = true;
        else if (kind === 'signing_key_given') told.key = detail['key'] ?? null;
        else told.record = detail['record'] ?? null;
        break;
      }
      case 'record_published':
      case 'record_withdrawn':
        if (typeof detail['record'] === 'string') {
          const { record, signedAt = null } = detail;
          this.published.set(record, kind === 'record_published' ? { organization, signedAt } : null);
        }
        break;
      case 'user_added':
      case 'role_changed':
        if (organization !== null && person !== null && typeof detail['role'] === 'string')
          this.users.set(`${organization} ${person}`, detail['role']);
        break;
      case 'user_removed':
        this.users.delete(`${organization ?? ''} ${person ?? ''}`);
        break;
      case 'operator_created':
        if (by !== null) this.operators.set(by, true);
        if (by !== null) this.passwords.add(by);
        break;
      case 'operator_changed':
        if (person !== null) this.operators.set(person, detail['operator'] === true);
        // By accepting the invitation, with a password.
        if (person !== null && person === by) this.passwords.add(person);
        break;
      case 'person_disabled':
        if (person !== null) this.disabled.set(person, at);
        break;
      case 'person_enabled':
        if (person !== null) this.disabled.delete(person);
        break;
      case 'invitation_accepted':
      case 'password_set':
        if (by !== null) this.passwords.add(by);
        break;
      default:
    }
  }
}

function change(told: OrganizationTold, detail: Detail): void {
  const name = detail['name'];
  if (typeof name === 'string') told.name = name;
  const requires = detail['requiresPasskey'];
  if (typeof requires === 'boolean') told.requiresPasskey = requires;
  for (const [limit] of LIMITS) {
    const value = detail[limit];
    if (value !== undefined) told.limits.set(limit, value);
  }
}

/**
 * Reads the access log, and compares accounts, users and keys with what it says about them. That the service
 * wrote the events only their MACs prove, which need its secret.
 */
export async function checkAccess({
  rows,
  rowKeys,
  findings,
  notes,
  onPage,
}: {
  readonly rows: RecordRows;
  readonly rowKeys: readonly Uint8Array[] | null;
  readonly findings: Findings;
  readonly notes: AuditNote[];
  readonly onPage: () => void;
}): Promise<void> {
  const sequence = rowKeys === null ? null : new EventSequence(rowKeys, findings);
  const told = new Told();
  const missing: bigint[] = [];
  let missingCount = 0n;
  let last = 0n;
  for (let page = await rows.events(last, PAGE); ; page = await rows.events(last, PAGE)) {
    for (const row of page) {
      for (let id = last + 1n; id < row.id && missing.length < LISTED; id++) missing.push(id);
      missingCount += row.id - last - 1n;
      last = row.id;
      sequence?.check(row);
      const detail = detailOf(row, findings);
      if (detail !== null) told.add(row, detail);
    }
    onPage();
    if (page.length < PAGE) break;
  }
  const given = await rows.lastEventId();
  if (given !== null && given < last) {
    const message = `The events go up to number ${last}, but the database has given numbers up to ${given} only.`;
    findings.add(finding('access_event', { id: last }, 'id', 'extra', message));
  }
  if (given !== null && given > last) {
    for (let id = last + 1n; id <= given && missing.length < LISTED; id++) missing.push(id);
    missingCount += given - last;
  }
  if (missingCount > 0n) {
    const more = missingCount > BigInt(missing.length) ? ' …' : '';
    notes.push({
      about: 'access log',
      message: `${missingCount} event numbers are missing: ${missing.join(', ')}${more}. A change that failed leaves such a gap; so does an event that was removed.`,
    });
  }
  if (sequence !== null && sequence.unproven > 0) {
    const message = `The first ${sequence.unproven} events were written without the service's secret, by commands before the first start of the service: nothing proves them.`;
    notes.push({ about: 'access log', message });
  }
  compare(told, await rows.accessState(), findings);
}

/** Each event's MAC is over the one before it. */
class EventSequence {
  readonly #keys: readonly Uint8Array[];
  readonly #findings: Findings;
  #last: Uint8Array | null = null;
  /** Events before the first that has a MAC. */
  unproven = 0;

  constructor(keys: readonly Uint8Array[], findings: Findings) {
    this.#keys = keys;
    this.#findings = findings;
  }

  check(row: EventRow): void {
    const add = (message: string) => {
      this.#findings.add(finding('access_event', { id: row.id }, null, 'not_authentic', message));
    };
    if (row.mac === null) {
      if (this.#last === null) this.unproven++;
      else
        add(
          `Event ${row.id} was written without the service's secret: by a command that was given only --database, or by somebody else.`,
        );
      return;
    }
    const facts = {
      at: Number(row.at),
      kind: row.kind,
      organizationId: row.organization_id,
      personId: row.person_id,
      keyId: row.key_id,
      address: row.address,
      detail: row.detail,
    };
    const { mac } = row;
    if (!this.#keys.some((key) => equal(mac, eventMac(key, this.#last, facts)))) {
      add(
        `Event ${row.id} is not as the service wrote it, or is not in its place: an event before it was changed, added or removed. Or it was written with another secret than those given.`,
      );
    }
    this.#last = mac;
  }
}

function detailOf(row: EventRow, findings: Findings): Detail | null {
  const add = (column: string, message: string) => {
    const found = { found: show(row.detail) };
    findings.add(finding('access_event', { id: row.id }, column, 'implausible', message, found));
  };
  if (!(EVENT_KINDS as readonly string[]).includes(row.kind)) {
    add('kind', `Event ${row.id} is of a kind that the service does not write: ${row.kind}.`);
    return null;
  }
  try {
    const detail = JSON.parse(row.detail) as Json;
    // As the service writes it: one spelling.
    if (isObject(detail) && JSON.stringify(detail) === row.detail) return detail;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  add('detail', `The detail of event ${row.id} is not as the service writes it.`);
  return null;
}

function compare(told: Told, state: AccessState, findings: Findings): void {
  const report = (
    table: AuditTable,
    key: Key,
    column: string | null,
    message: string,
    values: { readonly expected?: string; readonly found?: string } = {},
  ) => {
    findings.add(finding(table, key, column, 'unexplained', message, values));
  };
  for (const row of state.organizations) {
    const { id } = row;
    const known = told.organizations.get(id);
    const differs = (column: string, expected: unknown, found: unknown) => {
      if (expected === found) return;
      const message = `The ${column} of organization ${id} is not the one that the access log tells of.`;
      report('organization', { id }, column, message, { expected: show(expected), found: show(found) });
    };
    if (known === undefined) {
      report('organization', { id }, null, `No event tells of the creation of organization ${id}.`);
      continue;
    }
    if (known.name !== null) differs('name', known.name, row.name);
    differs('created_at', known.createdAt, row.created_at);
    differs('disabled_at', known.disabledAt, row.disabled_at);
    differs('requires_passkey', known.requiresPasskey, row.requires_passkey);
    for (const [limit, column] of LIMITS) {
      const value = known.limits.get(limit);
      const found = row[column];
      if (value !== undefined) differs(column, value, found === null ? null : Number(found));
    }
  }
  nameMissing(
    told.organizations.keys(),
    state.organizations,
    ({ id }) => id,
    (id) => {
      report(
        'organization',
        { id },
        null,
        `The access log tells of organization ${id}, but there is no such row.`,
      );
    },
  );
  for (const row of state.keys) {
    const { id } = row;
    const known = told.keys.get(id);
    if (known === undefined) {
      report('api_key', { id }, null, `No event tells of the creation of API key ${id}.`);
      continue;
    }
    const differs = (column: string, expected: unknown, found: unknown) => {
      if (expected === found) return;
      const message = `The ${column} of API key ${id} is not the one that the access log tells of.`;
      report('api_key', { id }, column, message, { expected: show(expected), found: show(found) });
    };
    differs('organization_id', known.organization, row.organization_id);
    differs('name', known.detail['name'], row.name);
    differs('scopes', known.detail['scopes'], row.scopes.join(' '));
    differs('networks', known.detail['networks'], row.networks.join(' '));
    differs('revoked_at', known.revokedAt, row.revoked_at);
  }
  nameMissing(
    told.keys.keys(),
    state.keys,
    ({ id }) => id,
    (id) => {
      report('api_key', { id }, null, `The access log tells of API key ${id}, but there is no such row.`);
    },
  );
  for (const row of state.requests) {
    const { id } = row;
    const known = told.requests.get(id);
    if (known === undefined) {
      report('signing_request', { id }, null, `No event tells that request to sign ${id} was made.`);
      continue;
    }
    const differs = (column: string, expected: unknown, found: unknown) => {
      if (expected === found) return;
      const message = `The ${column} of request to sign ${id} is not the one that the access log tells of.`;
      report('signing_request', { id }, column, message, { expected: show(expected), found: show(found) });
    };
    differs('organization_number', known.organization, row.organization_id);
    differs('record', known.record, row.record);
    differs('erased_at', known.isErased, row.erased_at !== null);
    if (row.erased_at === null) differs('key', known.key, row.key === null ? null : sha256(row.key));
  }
  nameMissing(
    told.requests.keys(),
    state.requests,
    ({ id }) => id,
    (id) => {
      const message = `The access log tells of request to sign ${id}, but there is no such row.`;
      report('signing_request', { id }, null, message);
    },
  );
  for (const { record, organization_id: organization, signed_at: signedAt } of state.published) {
    const known = told.published.get(record) ?? null;
    if (known?.organization === organization && known.signedAt === Number(signedAt)) continue;
    const message = `The access log does not tell that record ${record} is published like this: by this organization, with a note of this time.`;
    report('record_publication', { record }, null, message);
  }
  for (const { organization_id: organization, person_id: person, role } of state.users) {
    const expected = told.users.get(`${organization} ${person}`);
    if (expected === role) continue;
    const message =
      expected === undefined
        ? `No event tells that ${person} was added to organization ${organization}.`
        : `The role of ${person} in organization ${organization} is not the one that the access log tells of.`;
    const key = { organization_id: organization, person_id: person };
    report('organization_user', key, 'role', message, {
      expected: show(expected ?? null),
      found: show(role),
    });
  }
  nameMissing(
    told.users.keys(),
    state.users,
    (row) => `${row.organization_id} ${row.person_id}`,
    (place) => {
      const [organization = '', person = ''] = place.split(' ');
      const message = `The access log tells that ${person} belongs to organization ${organization}, but there is no such row.`;
      report('organization_user', { organization_id: organization, person_id: person }, null, message);
    },
  );
  for (const { id, operator, disabled_at, password_hash } of state.people) {
    if (operator !== (told.operators.get(id) ?? false)) {
      const message = operator
        ? `No event tells that ${id} was made an operator.`
        : `The access log tells that ${id} is an operator, but the row does not.`;
      report('person', { id }, 'operator', message);
    }
    if ((told.disabled.get(id) ?? null) !== disabled_at) {
      report('person', { id }, 'disabled_at', `The access log does not tell the same of disabling ${id}.`);
    }
    if (password_hash !== null && !told.passwords.has(id)) {
      report('person', { id }, 'password_hash', `No event tells that ${id} has set a password.`);
    }
    if (password_hash !== null && !password_hash.startsWith('$argon2id$')) {
      const message = `The password of ${id} is not stored as the service stores it.`;
      findings.add(finding('person', { id }, 'password_hash', 'implausible', message));
    }
  }
}

function nameMissing<T>(
  names: Iterable<string>,
  rows: readonly T[],
  nameOf: (row: T) => string,
  report: (name: string) => void,
): void {
  const present = new Set(rows.map(nameOf));
  for (const name of names) if (!present.has(name)) report(name);
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
