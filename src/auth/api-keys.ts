import { randomBytes } from 'node:crypto';
import DataLoader from 'dataloader';
import type { BackgroundTask } from '../background/index.js';
import type { AccessStore, ApiKey, KeyFacts } from '../store/index.js';
import { AccessError, type AccessParts, type Client } from './context.js';
import { eventOf } from './access-log.js';
import {
  isWithin,
  parseNetworks,
  allLimits,
  hashSecret,
  isId,
  type LimitsInput,
  newSecret,
  parseName,
  parseScopes,
  parseExpiry,
  sameBytes,
} from './values.js';
import { type Actor, assertMayIn, type KeyPrincipal, noOrganization } from './policy.js';

/** Lets people, and scanners for leaked secrets, recognise a key. */
export const API_KEY_PREFIX = 'ingam_';
const TEXT = /^ingam_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
const ID = /^[0-9a-f]{16}$/;

export interface NewKey {
  readonly name: string;
  readonly scopes: readonly string[];
  /** Addresses and CIDR networks; none: any. */
  readonly networks?: readonly string[] | undefined;
  /** Milliseconds; null: it does not expire. */
  readonly expiresAt?: number | null | undefined;
  readonly limits?: LimitsInput | undefined;
}

export interface CreatedKey {
  readonly key: ApiKey;
  /** The complete key. It is shown only now: only its hash is stored. */
  readonly secret: string;
}

/** API keys for programs: `ingam_<id>_<secret>`. */
export class ApiKeys {
  readonly #parts: AccessParts;
  readonly #facts: (id: string) => Promise<KeyFacts | null>;
  readonly #use: KeyUse;

  constructor(parts: AccessParts) {
    this.#parts = parts;
    this.#facts = batched((ids) => parts.store.keyFacts(ids));
    this.#use = new KeyUse(parts);
  }

  /**
   * The principal of an API key, by what is committed now.
   * @throws {AccessError} invalid_token; to whoever holds the secret also token_expired, address_not_allowed
   */
  async principal(text: string, client: Client): Promise<KeyPrincipal> {
    const [, id, secret] = TEXT.exec(text) ?? [];
    const facts = id === undefined ? null : await this.#facts(id);
    if (facts === null || secret === undefined || !sameBytes(facts.key.secretHash, hashSecret(secret))) {
      throw invalid();
    }
    const { key, organization } = facts;
    if (key.revokedAt !== null || organization.disabledAt !== null) throw invalid();
    if (key.expiresAt !== null && key.expiresAt <= this.#parts.clock()) {
      throw new AccessError('token_expired', 'the API key has expired');
    }
    if (!isWithin(client.address, key.networks)) {
      throw new AccessError('address_not_allowed', `the API key may not be used from ${client.address}`);
    }
    this.#use.mark(key.id, key.lastUsedAt);
    return { kind: 'key', keyId: key.id, organization, scopes: key.scopes, limits: key.limits };
  }

  async create(by: Actor, organizationId: string, input: NewKey, client: Client): Promise<CreatedKey> {
    assertMayIn(by, organizationId, 'keys');
    const { store, clock } = this.#parts;
    await assertOrganization(store, organizationId);
    const secret = newSecret();
    const now = clock();
    const key = {
      id: randomBytes(8).toString('hex'),
      organizationId,
      name: parseName(input.name),
      secretHash: hashSecret(secret),
      scopes: parseScopes(input.scopes),
      networks: parseNetworks(input.networks ?? []),
      createdAt: now,
      createdBy: by.kind === 'user' ? by.personId : 'cli',
      expiresAt: parseExpiry(input.expiresAt ?? null, now),
      limits: allLimits(input.limits),
    };
    const detail = { name: key.name, scopes: key.scopes.join(' '), networks: key.networks.join(' ') };
    await store.createKey(
      key,
      eventOf(by, client, now, 'key_created', { organizationId, keyId: key.id, detail }),
    );
    return {
      key: { ...key, revokedAt: null, lastUsedAt: null },
      secret: `${API_KEY_PREFIX}${key.id}_${secret}`,
    };
  }

  async list(by: Actor, organizationId: string): Promise<ApiKey[]> {
    assertMayIn(by, organizationId, 'keys');
    await assertOrganization(this.#parts.store, organizationId);
    return this.#parts.store.keys(organizationId);
  }

  /** @throws {AccessError} key_not_found: the organization has no such active key */
  async revoke(by: Actor, organizationId: string, keyId: string, client: Client): Promise<void> {
    assertMayIn(by, organizationId, 'keys');
    const { store, clock } = this.#parts;
    const now = clock();
    const event = eventOf(by, client, now, 'key_revoked', { organizationId, keyId });
    const known = isId('org', organizationId) && ID.test(keyId);
    if (!known || !(await store.revokeKey({ organizationId, id: keyId }, now, event))) {
      throw new AccessError('key_not_found', 'there is no such active API key');
    }
  }

  async close(): Promise<void> {
    await this.#use.close();
  }
}

async function assertOrganization(store: AccessStore, organizationId: string): Promise<void> {
  if (!isId('org', organizationId) || (await store.organization(organizationId)) === null)
    throw noOrganization();
}

function invalid(): AccessError {
  return new AccessError('invalid_token', 'the API key is invalid or has been revoked');
}

const MINUTE_MS = 60_000;
const FLUSH_MS = 5000;

/**
 * Records when API keys were last used, to the minute: a little later and together, so that requests do not
 * wait.
 */
class KeyUse {
  readonly #parts: AccessParts;
  readonly #task: BackgroundTask;
  readonly #used = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(parts: AccessParts) {
    this.#parts = parts;
    this.#task = parts.background.task('recording the use of API keys');
  }

  /** @param lastUsedAt as stored now */
  mark(id: string, lastUsedAt: number | null): void {
    if (lastUsedAt !== null && this.#parts.clock() - lastUsedAt < MINUTE_MS) return;
    this.#used.add(id);
    this.#timer ??= setTimeout(() => {
      this.#write();
    }, FLUSH_MS).unref();
  }

  /** Writes what is pending. */
  async close(): Promise<void> {
    this.#write();
    await this.#writing;
  }

  #write(): void {
    clearTimeout(this.#timer ?? undefined);
    this.#timer = null;
    const ids = [...this.#used];
    if (ids.length === 0) return;
    this.#used.clear();
    const { store, clock } = this.#parts;
    // Not repeated after a failure: the next use will be recorded.
    const written = this.#task.run(() => store.recordKeyUse(ids, clock()));
    this.#writing = Promise.all([this.#writing, written]);
  }
}

/** Ids in one query, at most. */
const MAX_BATCH = 1000;

/**
 * Combines lookups that arrive together, or while a query runs, into one query. Nothing is cached: each
 * result was read after its lookup began.
 */
export function batched<V>(
  load: (ids: readonly string[]) => Promise<readonly (V | null)[]>,
): (id: string) => Promise<V | null> {
  let running: Promise<unknown> = Promise.resolve();
  const loader = new DataLoader<string, V | null>(
    async (ids) => {
      const unique = [...new Set(ids)];
      const query = load(unique);
      running = query.catch(() => undefined);
      const found = new Map((await query).map((value, i) => [unique[i], value]));
      return ids.map((id) => found.get(id) ?? null);
    },
    {
      cache: false,
      maxBatchSize: MAX_BATCH,
      batchScheduleFn: (dispatch) => {
        setImmediate(() => void running.then(dispatch));
      },
    },
  );
  return (id) => loader.load(id);
}
