import { textArray } from '../binary.js';
import { EXACT_TYPES } from '../column-types.js';
import type { Connections } from '../connections.js';
import type {
  ApiKey as ApiKeyRow,
  Organization as OrganizationRow,
  Person as PersonRow,
  Session as SessionRow,
} from '../prisma/client.js';
import type { ApiKey, Membership, Organization, Person, Session } from './model.js';
import { toApiKey, toOrganization, toPerson, toRole, toSession } from './rows.js';

/** Everything that decides about one request with a session, as of one moment. */
export interface SessionFacts {
  readonly session: Session;
  /** null: the session is one of an identity provider. */
  readonly person: Person | null;
  /**
   * The session's organization and the person's accepted role in it, or the one that the identity provider gave
   * them. null: the session acts for no organization, the person is no longer in it, or it is disabled.
   */
  readonly membership: Membership | null;
}

/** Everything that decides about one request with an API key, as of one moment. */
export interface KeyFacts {
  readonly key: ApiKey;
  readonly organization: Organization;
}

export interface CredentialStore {
  /** One query for all. In the order of the ids; null where there is no such session. */
  sessionFacts(ids: readonly string[]): Promise<(SessionFacts | null)[]>;
  /** One query for all. In the order of the ids; null where there is no such key. */
  keyFacts(ids: readonly string[]): Promise<(KeyFacts | null)[]>;
}

/**
 * Every request asks for one of these, so both are prepared statements, which cost far less than what Prisma
 * does. They give the rows that Prisma would give: each model's columns, by the names of its fields.
 */
type Columns<Model> = Readonly<Record<keyof Model & string, string>>;

const SESSION: Columns<SessionRow> = {
  id: 'id',
  personId: 'person_id',
  organizationId: 'organization_id',
  createdAt: 'created_at',
  lastUsedAt: 'last_used_at',
  expiresAt: 'expires_at',
  endedAt: 'ended_at',
  address: 'address',
  network: 'network',
  agent: 'agent',
  providerIssuer: 'provider_issuer',
  providerSubject: 'provider_subject',
  providerName: 'provider_name',
  providerEmail: 'provider_email',
  providerRole: 'provider_role',
  withPasskey: 'with_passkey',
};

const PERSON: Columns<PersonRow> = {
  id: 'id',
  email: 'email',
  name: 'name',
  passwordHash: 'password_hash',
  needsPasskey: 'needs_passkey',
  operator: 'operator',
  createdAt: 'created_at',
  disabledAt: 'disabled_at',
};

const ORGANIZATION: Columns<OrganizationRow> = {
  id: 'id',
  number: 'number',
  name: 'name',
  createdAt: 'created_at',
  disabledAt: 'disabled_at',
  requestsPerMinute: 'requests_per_minute',
  digestsPerDay: 'digests_per_day',
  bytesPerDay: 'bytes_per_day',
  requiresPasskey: 'requires_passkey',
};

const API_KEY: Columns<ApiKeyRow> = {
  id: 'id',
  organizationId: 'organization_id',
  name: 'name',
  secretHash: 'secret_hash',
  scopes: 'scopes',
  networks: 'networks',
  createdAt: 'created_at',
  createdBy: 'created_by',
  expiresAt: 'expires_at',
  revokedAt: 'revoked_at',
  lastUsedAt: 'last_used_at',
  requestsPerMinute: 'requests_per_minute',
  digestsPerDay: 'digests_per_day',
  bytesPerDay: 'bytes_per_day',
};

function columnsOf<Model>(table: string, columns: Columns<Model>): string {
  return Object.values<string>(columns)
    .map((column) => `${table}.${column}`)
    .join(', ');
}

const SESSION_FACTS = `
SELECT ${columnsOf('session', SESSION)}, ${columnsOf('person', PERSON)}, ${columnsOf('organization', ORGANIZATION)},
  coalesce(organization_user.role, session.provider_role)
FROM session
LEFT JOIN person ON person.id = session.person_id
LEFT JOIN organization_user ON organization_user.organization_id = session.organization_id
  AND organization_user.person_id = session.person_id AND organization_user.accepted_at IS NOT NULL
LEFT JOIN organization ON organization.id = session.organization_id AND organization.disabled_at IS NULL
  AND (organization_user.role IS NOT NULL OR session.provider_role IS NOT NULL)
WHERE session.id = ANY ($1::text[])`;

const KEY_FACTS = `
SELECT ${columnsOf('api_key', API_KEY)}, ${columnsOf('organization', ORGANIZATION)}
FROM api_key
JOIN organization ON organization.id = api_key.organization_id
WHERE api_key.id = ANY ($1::text[])`;

/** Takes the values of a row in the order of its columns. */
class RowReader {
  readonly #values: readonly unknown[];
  #at = 0;

  constructor(values: readonly unknown[]) {
    this.#values = values;
  }

  next(): unknown {
    return this.#values[this.#at++];
  }

  /** null: an outer join found no row. */
  model<Model extends { readonly id: string }>(columns: Columns<Model>): Model | null {
    const row = Object.fromEntries(Object.keys(columns).map((field) => [field, this.next()])) as Model;
    return (row.id as string | null) === null ? null : row;
  }
}

export function credentialRows(connections: Connections): CredentialStore {
  const rows = async (name: string, text: string, ids: readonly string[]): Promise<RowReader[]> => {
    const query = { name, text, values: [textArray(ids)], types: EXACT_TYPES };
    return (await connections.readArrays(query)).map((values) => new RowReader(values));
  };
  return {
    sessionFacts: async (ids) => {
      const facts = new Map(
        (await rows('session_facts', SESSION_FACTS, ids)).map((row) => {
          const session = row.model(SESSION);
          const person = row.model(PERSON);
          const organization = row.model(ORGANIZATION);
          const role = row.next() as string | null;
          if (session === null) throw new TypeError('every row is one of a session');
          const membership =
            organization === null || role === null
              ? null
              : { organization: toOrganization(organization), role: toRole(role) };
          return [
            session.id,
            {
              session: toSession(session),
              person: person === null ? null : toPerson(person),
              membership,
            },
          ];
        }),
      );
      return ids.map((id) => facts.get(id) ?? null);
    },

    keyFacts: async (ids) => {
      const facts = new Map(
        (await rows('key_facts', KEY_FACTS, ids)).map((row) => {
          const key = row.model(API_KEY);
          const organization = row.model(ORGANIZATION);
          if (key === null || organization === null) throw new TypeError('an inner join gives both rows');
          return [key.id, { key: toApiKey(key), organization: toOrganization(organization) }];
        }),
      );
      return ids.map((id) => facts.get(id) ?? null);
    },
  };
}
